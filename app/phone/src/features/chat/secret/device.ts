/** This phone as a reader: its pair, registered with the server once a sign-in, and the keys of others, pinned. */
import { reactive, ref } from 'vue'
import { get, post, Refused } from '@/shared/api'
import type { PersonId } from '@/shared/contract'
import { uuid7 } from '@/shared/ids'
import { world } from '@/shared/world'
import { base64url, canSeal, fromBase64url, importPublic, makePair, publicBytes } from './crypto'
import { accepted, confirmed, heard } from './pins'
import { dropDevice, keepDevice, keepPin, keptDevice, pinOf, type KeptDevice, type Pin } from './store'

export interface ListedKey {
  person: PersonId
  device: string
  key: string
  since: string
}

/** Why this phone can or cannot read secrets: `no_x25519` needs a newer browser, `no_storage` a page that may keep. */
export type Ability = 'unknown' | 'ready' | 'no_x25519' | 'no_storage' | 'waiting'
export const ability = ref<Ability>('unknown')

/** People whose keys changed since this phone last looked. */
export const changedKeys = reactive(new Set<PersonId>())

let own: { person: PersonId; device: Promise<KeptDevice> } | null = null

const me = () => world.me!.person

async function makeDevice(person: PersonId): Promise<KeptDevice> {
  if (!(await canSeal())) {
    ability.value = 'no_x25519'
    throw new Error('no X25519')
  }
  let kept: KeptDevice
  try {
    kept = (await keptDevice(person)) ?? (await keepDevice({ person, device: uuid7(), pair: await makePair() }))
  } catch {
    ability.value = 'no_storage'
    throw new Error('no storage')
  }
  ability.value = 'waiting'
  await register(kept)
  ability.value = 'ready'
  return kept
}

async function register(kept: KeptDevice): Promise<void> {
  await post('/api/secrets/device', {
    device: kept.device,
    key: base64url(await publicBytes(kept.pair.publicKey)),
  })
}

/** This phone's pair, made at the first call and registered. Throws where the browser cannot, or nobody answers. */
export function ownDevice(): Promise<KeptDevice> {
  const person = me()
  if (own?.person !== person) {
    const device = makeDevice(person).catch(async (error: unknown) => {
      own = null
      if (!(error instanceof Refused) || error.code !== 'id_conflict') throw error
      // The name belongs to a sign-in that still lives elsewhere: this one is a device of its own.
      await dropDevice(person)
      return makeDevice(person)
    })
    own = { person, device }
  }
  return own.device
}

/** After signing in: be a reader as soon as possible, quietly. */
export async function becomeReader(): Promise<void> {
  try {
    await ownDevice()
  } catch {
    // `ability` says why; the next use tries again.
  }
}

export function forgetOwn(): void {
  own = null
  changedKeys.clear()
  ability.value = 'unknown'
}

/** Compare what the server lists with what this phone has pinned, person by person, and keep the outcome. */
export async function hearKeys(keys: ListedKey[], whole: PersonId[]): Promise<Map<PersonId, Pin>> {
  const pins = new Map<PersonId, Pin>()
  for (const person of new Set(whole)) {
    const theirs = keys.filter((one) => one.person === person)
    const pin = heard(`${me()}/${person}`, await pinOf(me(), person), theirs)
    await keepPin(pin)
    if (pin.changed && person !== me()) changedKeys.add(person)
    else changedKeys.delete(person)
    pins.set(person, pin)
  }
  return pins
}

export async function keysIn(conversation: string): Promise<ListedKey[]> {
  const { keys } = await get<{ keys: ListedKey[] }>(`/api/secrets/keys?conversation=${conversation}`)
  await hearKeys(
    keys,
    keys.map((one) => one.person),
  )
  return keys
}

/** The keys of one person and my own, for the safety number. */
export async function keysOf(person: PersonId): Promise<ListedKey[]> {
  const { keys } = await get<{ keys: ListedKey[] }>(`/api/secrets/keys/of/${person}`)
  await hearKeys(keys, [person, me()])
  return keys
}

export async function acceptKeys(person: PersonId): Promise<void> {
  const pin = await pinOf(me(), person)
  if (pin) await keepPin(accepted(pin))
  changedKeys.delete(person)
}

export async function confirmNumber(person: PersonId, number: string): Promise<void> {
  const pin = await pinOf(me(), person)
  if (pin) await keepPin(confirmed(pin, number))
  changedKeys.delete(person)
}

export const pinned = (person: PersonId) => pinOf(me(), person)

/** A fact `secret.keys_changed`: one device came or went. */
export async function hearChange(body: {
  person?: PersonId
  device?: string
  key?: string | null
  since?: string | null
}): Promise<void> {
  const { person, device, key } = body
  if (person === undefined || device === undefined || person === me()) return
  const before = await pinOf(me(), person)
  if (!before) return
  const others = before.keys.filter((one) => one.device !== device)
  const keys = key ? [...others, { device, key }] : others
  await hearKeys(
    keys.map((one) => ({ person, since: '', ...one })),
    [person],
  )
}

/** Whether a listed key is one that X25519 takes. */
export async function isKey(text: string): Promise<boolean> {
  try {
    await importPublic(fromBase64url(text))
    return true
  } catch {
    return false
  }
}
