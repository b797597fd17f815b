/**
 * The proof file as values: every field read once and its form checked; a wrong one is named by its place. Reading
 * decides about form only, verify.ts about truth. The same reading as `wufu verify FILE` does.
 */
import { canonicalJson, fromHex, type Bytes, type Path, type Side } from './crypto'

export class FieldError extends Error {
  constructor(
    readonly place: string,
    readonly problem: string,
  ) {
    super(`${place}: ${problem}`)
  }
}

export interface Prize {
  name: string
  kind: 'card' | 'cash'
  upto: bigint
  least: number
  most: number
  stocked: boolean
}

export interface Win {
  tap: number
  prize: string
  outcome: 'card' | 'cash' | 'sold out'
  minor: number | null
}

export interface Round {
  id: string
  /** What people call it: 3 for gala-2016/3. */
  name: string
  canonical: string
  beacon: { chain: string; round: number } | null
  prizes: Prize[]
  spec_hash: Bytes
  commitment: Bytes
  secret: Bytes | null
  seeds_root: Bytes
  players: number
  seed_path: Path | null
  beacon_value: Bytes | null
  taps: number
  wins: Win[]
}

export interface Settlement {
  pool_minor: number
  winners: number
  each_minor: number
  paid_minor: number
  remainder_minor: number
  winners_root: Bytes
  winner: { number: number; path: Path } | null
}

const most_taps = 1_000_000
const most_items = 1_000
const most_steps = 64
const most_text = 200

/** A place in the file: the value found there, and its path. */
export class Field {
  constructor(
    readonly value: unknown,
    readonly place: string,
  ) {}

  malformed(problem: string): FieldError {
    return new FieldError(this.place || 'the file', problem)
  }

  get isNull(): boolean {
    return this.value === null
  }

  at(key: string): Field {
    const place = this.place ? `${this.place}.${key}` : key
    const object = this.object()
    if (!Object.hasOwn(object, key)) throw new FieldError(place, 'is missing')
    return new Field(object[key], place)
  }

  maybe(key: string): Field | null {
    const object = this.object()
    return Object.hasOwn(object, key) && object[key] !== null ? this.at(key) : null
  }

  items(most = most_items): Field[] {
    if (!Array.isArray(this.value)) throw this.malformed('must be a list')
    if (this.value.length > most) throw this.malformed(`must hold at most ${most} entries`)
    return this.value.map((item, index) => new Field(item, `${this.place}[${index}]`))
  }

  whole(least = 0, most = Number.MAX_SAFE_INTEGER): number {
    if (typeof this.value !== 'number' || !Number.isSafeInteger(this.value))
      throw this.malformed('must be a whole number')
    if (this.value < least || this.value > most) throw this.malformed(`must be from ${least} to ${most}`)
    return this.value
  }

  uint64(): bigint {
    if (typeof this.value === 'string' && /^(0|[1-9]\d{0,19})$/.test(this.value)) {
      const value = BigInt(this.value)
      if (value < 1n << 64n) return value
    }
    throw this.malformed('must be an unsigned 64-bit number as a decimal string')
  }

  text(): string {
    const { value } = this
    if (
      typeof value === 'string' &&
      value.length > 0 &&
      value.length <= most_text &&
      !/[\p{C}\p{Zl}\p{Zp}]/u.test(value)
    )
      return value
    throw this.malformed(`must be a text of 1 to ${most_text} printable characters`)
  }

  hex(size = 32): Bytes {
    if (typeof this.value === 'string' && this.value.length === 2 * size && /^[0-9a-f]*$/.test(this.value))
      return fromHex(this.value)
    throw this.malformed(`must be ${2 * size} lowercase hexadecimal digits`)
  }

  instant(): number {
    const { value } = this
    if (
      typeof value === 'string' &&
      /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z$/.test(value) &&
      !Number.isNaN(Date.parse(value))
    )
      return Date.parse(value)
    throw this.malformed('must be an instant in UTC such as 2016-02-07T12:36:00Z')
  }

  private object(): Record<string, unknown> {
    if (typeof this.value !== 'object' || this.value === null || Array.isArray(this.value))
      throw this.malformed('must be a JSON object')
    return this.value as Record<string, unknown>
  }
}

export function readRound(field: Field): Round {
  const spec = field.at('spec')
  const id = spec.at('id').text()
  if (spec.at('closes_at').instant() <= spec.at('opens_at').instant())
    throw spec.at('closes_at').malformed('must be after opens_at')
  const beacon = spec.at('beacon')
  const [secret, value, path] = [field.at('secret'), field.at('beacon_value'), field.at('seed_path')]
  return {
    id,
    name: id.slice(id.lastIndexOf('/') + 1) || id,
    canonical: canonical(spec),
    beacon: beacon.isNull ? null : { chain: beacon.at('chain').text(), round: beacon.at('round').whole(1) },
    prizes: spec.at('odds').items().map(readPrize),
    spec_hash: field.at('spec_hash').hex(),
    commitment: field.at('commitment').hex(),
    secret: secret.isNull ? null : secret.hex(),
    seeds_root: field.at('seeds_root').hex(),
    players: field.at('players').whole(),
    seed_path: path.isNull ? null : readPath(path),
    beacon_value: value.isNull ? null : value.hex(),
    taps: field.at('taps').whole(0, most_taps),
    wins: field.at('wins').items(most_taps).map(readWin),
  }
}

export function readSettlement(field: Field): Settlement {
  const winner = field.at('winner')
  return {
    pool_minor: field.at('pool_minor').whole(),
    winners: field.at('winners').whole(),
    each_minor: field.at('each_minor').whole(),
    paid_minor: field.at('paid_minor').whole(),
    remainder_minor: field.at('remainder_minor').whole(),
    winners_root: field.at('winners_root').hex(),
    winner: winner.isNull ? null : { number: winner.at('number').whole(), path: readPath(winner.at('path')) },
  }
}

function canonical(spec: Field): string {
  try {
    return canonicalJson(spec.value)
  } catch (error) {
    throw spec.malformed(error instanceof Error ? error.message : 'has no canonical form')
  }
}

function readPrize(field: Field): Prize {
  const kind = field.at('kind').value
  if (kind !== 'card' && kind !== 'cash') throw field.at('kind').malformed('must be card or cash')
  const least = kind === 'cash' ? field.at('least').whole(1) : 0
  const stock = field.maybe('stock')
  if (field.maybe('release') && !stock) throw field.at('release').malformed('needs a stock to release')
  stock?.whole()
  return {
    name: field.at('prize').text(),
    kind,
    upto: field.at('upto').uint64(),
    least,
    most: kind === 'cash' ? field.at('most').whole(least) : 0,
    stocked: stock !== null,
  }
}

function readWin(field: Field): Win {
  const outcome = field.at('outcome').value
  if (outcome !== 'card' && outcome !== 'cash' && outcome !== 'sold out')
    throw field.at('outcome').malformed('must be card, cash or sold out')
  const minor = field.maybe('minor')
  if (minor && outcome !== 'cash') throw minor.malformed('belongs to a cash win only')
  return {
    tap: field.at('tap').whole(),
    prize: field.at('prize').text(),
    outcome,
    minor: outcome === 'cash' ? field.at('minor').whole() : null,
  }
}

function readPath(field: Field): Path {
  return field.items(most_steps).map((step): [Side, Bytes] => {
    const [side, beside] = step.items()
    if (!side || !beside || step.items().length !== 2) throw step.malformed('must hold 2 entries')
    if (side.value !== 'left' && side.value !== 'right') throw side.malformed('must be left or right')
    return [side.value, beside.hex()]
  })
}
