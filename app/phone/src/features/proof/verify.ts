/**
 * Checking a proof file from nothing but the file: the twin of wufu/fortune/proof.py, with WebCrypto.
 *
 * It trusts nothing: the secret must match its commitment, the rules their hash, the seed must lead to the root, the
 * key is rebuilt from these, and every tap is drawn again. A win that the draw does not give fails, and so does a win
 * left out. What a file alone cannot show is listed in docs/fairness.md.
 */
import { count, money } from '@/shared/format'
import { toHex } from '@/shared/ids'
import {
  amountBetween,
  drawWords,
  keystreamOf,
  merkleCheck,
  merkleIndex,
  numberedLeaf,
  roundKey,
  same,
  sha256,
  utf8,
  type Bytes,
  type Keystream,
} from './crypto'
import { Field, FieldError, readRound, readSettlement, type Prize, type Round, type Settlement, type Win } from './file'
import type { FindingCode } from './words'

export interface Finding {
  ok: boolean
  /** A round's name, "settlement" or "". */
  of: string
  code: FindingCode
  facts: Record<string, unknown>
}

export interface Draw {
  tap: number
  prize: Prize
  minor: number | null
}

interface Player {
  number: number
  seed: Bytes
}

const most_faults = 20
const short = (bytes: Bytes) => `${toHex(bytes).slice(0, 16)}…`
const finding = (ok: boolean, of: string, code: FindingCode, facts: Record<string, unknown> = {}): Finding => ({
  ok,
  of,
  code,
  facts,
})

/**
 * What holds and what does not; the proof holds when every finding is ok. Never throws at a bad file. `keptSeed`: the
 * seed this phone handed in, where it still knows it.
 */
export async function checkProof(file: unknown, keptSeed: string | null = null): Promise<Finding[]> {
  const found: Finding[] = []
  try {
    await checkFile(new Field(file, ''), found, keptSeed)
  } catch (error) {
    if (!(error instanceof FieldError)) throw error
    found.push(wrongField(error))
  }
  return found
}

const wrongField = (error: FieldError) => finding(false, '', 'field', { place: error.place, problem: error.problem })

async function checkFile(file: Field, found: Finding[], keptSeed: string | null): Promise<void> {
  const format = file.at('wufu').value
  if (format !== 'proof/1') return void found.push(finding(false, '', 'format', { found: String(format) }))
  const campaign = file.at('campaign').text()
  const player: Player = { number: file.at('player').at('number').whole(), seed: file.at('player').at('seed').hex() }
  if (keptSeed)
    found.push(keptSeed === toHex(player.seed) ? finding(true, '', 'kept_ok') : finding(false, '', 'kept_bad'))
  const rounds: Round[] = []
  let unread = false
  for (const field of file.at('rounds').items()) {
    try {
      rounds.push(readRound(field))
    } catch (error) {
      if (!(error instanceof FieldError)) throw error
      unread = true
      found.push(wrongField(error))
    }
  }
  if (!unread) found.push(checkEntropy(file.at('entropy').text(), rounds))
  const seen = new Set<string>()
  for (const round of rounds) {
    if (!round.id.startsWith(`${campaign}/`)) found.push(finding(false, round.name, 'foreign', { id: round.id }))
    if (seen.has(round.id)) found.push(finding(false, round.name, 'twice', { id: round.id }))
    seen.add(round.id)
  }
  let seedCounts = false
  for (const round of rounds) {
    await checkRound(round, player, seedCounts, found)
    seedCounts ||= round.seed_path !== null
  }
  const settlement = file.at('settlement')
  if (!settlement.isNull) await checkSettlement(readSettlement(settlement), player, found)
  else if (rounds.length === 0 && !unread) found.push(finding(false, '', 'nothing'))
}

function checkEntropy(label: string, rounds: Round[]): Finding {
  const without = rounds.filter((round) => round.beacon === null).length
  const deserved = without > 0 ? 'operator-trusted entropy' : 'drand'
  if (rounds.length > 0 ? label !== deserved : !['drand', 'operator-trusted entropy'].includes(label))
    return finding(false, '', 'entropy_label', { label })
  return label === 'drand' ? finding(true, '', 'entropy_drand') : finding(true, '', 'entropy_trusted', { n: without })
}

async function checkRound(round: Round, player: Player, seedCounts: boolean, found: Finding[]): Promise<void> {
  const tell = (ok: boolean, code: FindingCode, facts: Record<string, unknown> = {}) =>
    void found.push(finding(ok, round.name, code, facts))
  const rules = await sha256(utf8(round.canonical))
  if (same(rules, round.spec_hash)) tell(true, 'spec_ok', { hash: short(rules) })
  else tell(false, 'spec_bad', { found: short(rules), hash: short(round.spec_hash) })

  const wrongPrize = round.prizes.find((prize, index) => prize.upto <= (round.prizes[index - 1]?.upto ?? 0n))
  const last = round.prizes.at(-1)
  if (wrongPrize) tell(false, 'odds_bad', { prize: wrongPrize.name })
  else if (last) tell(true, 'odds_ok', { n: round.prizes.length, one_in: count(Number((1n << 64n) / last.upto)) })
  else tell(true, 'odds_none')

  await checkSeed(round, player, seedCounts, tell)
  let beaconHolds = true
  if (!round.beacon && round.beacon_value) tell((beaconHolds = false), 'beacon_extra')
  if (round.beacon && !round.beacon_value) tell((beaconHolds = false), 'beacon_missing', { ...round.beacon })
  if (!round.secret) return tell(false, 'secret_hidden')
  const hash = await sha256(round.secret)
  if (same(hash, round.commitment)) tell(true, 'secret_ok', { hash: short(hash) })
  else tell(false, 'secret_bad', { found: short(hash), hash: short(round.commitment) })
  if (!beaconHolds) return
  const key = await roundKey(round.secret, round.seeds_root, round.beacon_value ?? new Uint8Array(), round.id)
  tell(true, 'key', { key: toHex(key), beacon: round.beacon ? { ...round.beacon } : null })
  if (!wrongPrize) checkWins(round, await draws(await keystreamOf(key), round, player.number), tell)
}

type Tell = (ok: boolean, code: FindingCode, facts?: Record<string, unknown>) => void

async function checkSeed(round: Round, player: Player, seedCounts: boolean, tell: Tell): Promise<void> {
  const root = short(round.seeds_root)
  const players = count(round.players)
  if (round.players === 0 && !same(round.seeds_root, await sha256(new Uint8Array())))
    return tell(false, 'seed_empty', { root })
  if (!round.seed_path) return seedCounts ? tell(false, 'seed_gone') : tell(true, 'seed_late', { players })
  if (!(await merkleCheck(numberedLeaf(player.number, player.seed), round.seed_path, round.seeds_root)))
    return tell(false, 'seed_bad', { root })
  const place = merkleIndex(
    round.seed_path.map(([side]) => side),
    round.players,
  )
  if (place === null) return tell(false, 'seed_shape', { players })
  tell(true, 'seed_ok', { place: count(place + 1), players, root })
}

/** Every winning tap from 0 to `taps` - 1, drawn again. */
export async function draws(stream: Keystream, round: Pick<Round, 'prizes' | 'taps'>, player: number): Promise<Draw[]> {
  const words = await drawWords(stream, player, round.taps)
  const found: Draw[] = []
  for (let tap = 0; tap < words.length; tap += 1) {
    const prize = round.prizes.find((one) => words[tap]! < one.upto)
    if (!prize) continue
    const minor = prize.kind === 'cash' ? await amountBetween(stream, player, tap, prize.least, prize.most) : null
    found.push({ tap, prize, minor })
  }
  return found
}

function checkWins(round: Round, drawn: Draw[], tell: Tell): void {
  const faults = [...faultsOf(round, drawn)]
  for (const [code, facts] of faults.slice(0, most_faults)) tell(false, code, facts)
  const taps = count(round.taps)
  if (faults.length > 0) return tell(false, 'taps_bad', { taps, n: faults.length })
  const sold = round.wins.filter((win) => win.outcome === 'sold out').length
  const cash = round.wins.reduce((sum, win) => sum + (win.minor ?? 0), 0)
  tell(true, 'taps_ok', { taps, prizes: count(drawn.length), sold, cash })
}

function* faultsOf(round: Round, drawn: Draw[]): Generator<[FindingCode, Record<string, unknown>]> {
  const claimed = new Map<number, Win>()
  for (const win of round.wins) {
    if (claimed.has(win.tap)) yield ['win_twice', { tap: win.tap }]
    claimed.set(win.tap, win)
  }
  for (const draw of drawn) {
    const claim = claimed.get(draw.tap)
    claimed.delete(draw.tap)
    const facts = { tap: draw.tap, prize: draw.prize.name }
    if (!claim) yield ['win_withheld', facts]
    else if (claim.prize !== draw.prize.name) yield ['win_prize', { ...facts, claimed: claim.prize }]
    else if (claim.outcome === 'sold out' ? !draw.prize.stocked : claim.outcome !== draw.prize.kind)
      yield ['win_outcome', { ...facts, claimed: claim.outcome }]
    else if (claim.outcome !== 'sold out' && claim.minor !== draw.minor)
      yield ['win_minor', { tap: draw.tap, claimed: money(claim.minor ?? 0), money: money(draw.minor ?? 0) }]
  }
  for (const win of claimed.values()) {
    yield win.tap >= round.taps
      ? ['win_beyond', { tap: win.tap, taps: round.taps }]
      : ['win_invented', { tap: win.tap, prize: win.prize }]
  }
}

async function checkSettlement(split: Settlement, player: Player, found: Finding[]): Promise<void> {
  const tell: Tell = (ok, code, facts = {}) => void found.push(finding(ok, 'settlement', code, facts))
  const each = split.winners > 0 ? Number(BigInt(split.pool_minor) / BigInt(split.winners)) : 0
  const paid = each * split.winners
  const winners = count(split.winners)
  const amount = (name: string, said: number, right: number, code: FindingCode, facts: Record<string, unknown> = {}) =>
    said === right
      ? tell(true, code, { ...facts, found: money(right) })
      : tell(false, 'split_bad', { name, found: money(right), said: money(said) })
  amount('each_minor', split.each_minor, each, 'split_each', { pool: money(split.pool_minor), winners })
  amount('paid_minor', split.paid_minor, paid, 'split_paid', { winners })
  amount('remainder_minor', split.remainder_minor, split.pool_minor - paid, 'split_left')
  const root = short(split.winners_root)
  if (split.winners === 0 && !same(split.winners_root, await sha256(new Uint8Array())))
    return tell(false, 'winner_empty', { root })
  if (!split.winner) return tell(true, 'winner_none', { root })
  if (split.winner.number !== player.number) return tell(false, 'winner_other', { number: split.winner.number })
  if (!(await merkleCheck(numberedLeaf(split.winner.number), split.winner.path, split.winners_root)))
    return tell(false, 'winner_bad', { root })
  const place = merkleIndex(
    split.winner.path.map(([side]) => side),
    split.winners,
  )
  if (place === null) return tell(false, 'winner_shape', { winners })
  tell(true, 'winner_ok', { place: count(place + 1), winners, root })
}
