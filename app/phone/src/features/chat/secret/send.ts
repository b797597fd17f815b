/** From a draft to a sealed one, and from a sealed one to the server; and back, from the server to what it says. */
import { post, Refused } from '@/shared/api'
import type { PersonId } from '@/shared/contract'
import { uuid7 } from '@/shared/ids'
import { ask } from '@/shared/live'
import { Spoken } from '@/shared/refusals'
import { nameOf, world } from '@/shared/world'
import { getBytes, postBytes } from '../media/raw'
import type { Conversation, Message } from '../model'
import type { Delivered, Draft, Pending } from '../slots'
import { largest_bytes, packed, unpacked, type SecretContent, type SecretHead } from './content'
import { timers_seconds } from './countdown'
import { open, seal, Unopened, type Bytes, type Envelope } from './crypto'
import { changedKeys, hearKeys, keysIn, ownDevice, pinned, type ListedKey } from './device'
import { keysOfDevice } from './pins'
import { secret } from './words'

/** The server's envelope beside ours: devices that were left out on purpose. */
type Sealed = Envelope & { left_out: string[] }

/**
 * Content of drafts that are on their way, so that they can be sealed anew when somebody's devices changed meanwhile.
 * In memory only: after a reload such a draft is refused instead.
 */
const onTheirWay = new Map<string, { content: Bytes; resealed: Blob | null }>()

export async function sealDraft(draft: Draft, conversation: Conversation, timer_seconds: number): Promise<Draft> {
  const id = draft.id ?? uuid7()
  const content = await contentOf(draft)
  const timer = longEnough(timer_seconds, content.head)
  const bytes = packed(content)
  // A direct conversation is born with its first message; a secret needs it before, to ask for its readers' keys.
  if (conversation.kind === 'direct' && conversation.last_number === 0 && conversation.with)
    await post('/api/chat/direct', { person: conversation.with })
  if (bytes.length > largest_bytes) throw new Spoken(secret('too_large'))
  const place = { conversation: conversation.id, message: id, timer_seconds: timer }
  const sealed = await sealTo(await keysIn(conversation.id), bytes, place)
  onTheirWay.set(id, { content: bytes, resealed: null })
  return {
    id,
    kind: 'secret',
    body: { timer_seconds: timer },
    files: { sealed },
    ...(draft.reply_to ? { reply_to: draft.reply_to } : {}),
  }
}

/** A voice must be able to be heard once: the next timer that is longer than it. */
export function longEnough(timer_seconds: number, head: SecretHead): number {
  if (head.kind !== 'voice' || timer_seconds * 1000 >= head.duration_ms + 1000) return timer_seconds
  return timers_seconds.find((timer) => timer * 1000 >= head.duration_ms + 1000) ?? timer_seconds
}

async function contentOf(draft: Draft): Promise<SecretContent> {
  const file = Object.values(draft.files ?? {})[0]
  const bytes = file ? new Uint8Array(await file.arrayBuffer()) : new Uint8Array()
  if (draft.kind === 'text') return { head: { kind: 'text', text: String(draft.body['text'] ?? '') }, bytes }
  if (draft.kind === 'picture' && file) {
    const { width, height } = draft.body as { width: number; height: number }
    return { head: { kind: 'picture', type: file.type, width, height }, bytes }
  }
  if (draft.kind === 'voice' && file) {
    const { duration_ms, waveform } = draft.body as { duration_ms: number; waveform: number[] }
    return { head: { kind: 'voice', type: file.type, duration_ms: Math.round(duration_ms), waveform }, bytes }
  }
  throw new Spoken(secret('not_secret'))
}

async function sealTo(
  keys: ListedKey[],
  content: Bytes,
  place: { conversation: string; message: string; timer_seconds: number },
): Promise<Blob> {
  const own = await ownDevice()
  const mine = world.me!.person
  for (const person of changedKeys) {
    // Who compared the number once is not sealed to under another one before they have looked again.
    if (keys.some((one) => one.person === person) && (await needsLook(person)))
      throw new Spoken(secret('look_first', { name: nameOf(person) }))
  }
  const readers = keys.filter((one) => one.person !== mine)
  if (readers.length === 0) throw new Spoken(secret('no_reader'))
  const { envelope, ciphertext } = await seal(content, place, own, readers)
  // What I send I do not keep: my own devices are left out.
  const left_out = keys.filter((one) => one.person === mine).map((one) => one.device)
  const sealed: Sealed = { ...envelope, left_out }
  const head = new TextEncoder().encode(JSON.stringify(sealed))
  const length = new Uint8Array(4)
  new DataView(length.buffer).setUint32(0, head.length)
  return new Blob([length, head, ciphertext], { type: 'application/octet-stream' })
}

async function needsLook(person: PersonId): Promise<boolean> {
  return (await pinned(person))?.changed === true
}

export async function deliver(pending: Pending): Promise<Delivered> {
  const timer_seconds = Number(pending.body['timer_seconds'])
  const path =
    `/api/upload/secrets/${pending.id}?conversation=${pending.conversation}&timer_seconds=${timer_seconds}` +
    (pending.reply_to ? `&reply_to=${pending.reply_to}` : '')
  const way = onTheirWay.get(pending.id)
  const first = way?.resealed ?? pending.files['sealed']!
  try {
    return done(pending.id, await postBytes<Delivered>(path, first, pending.progress))
  } catch (error) {
    if (!(error instanceof Refused) || error.code !== 'keys_changed' || !way) throw error
    const keys = (error.facts['keys'] ?? []) as ListedKey[]
    await hearKeys(
      keys,
      keys.map((one) => one.person),
    )
    const place = { conversation: pending.conversation, message: pending.id, timer_seconds }
    way.resealed = await sealTo(keys, way.content, place)
    return done(pending.id, await postBytes<Delivered>(path, way.resealed, pending.progress))
  }
}

function done(id: string, answer: Delivered): Delivered {
  onTheirWay.get(id)?.content.fill(0)
  onTheirWay.delete(id)
  return answer
}

/** Fetch a secret and open it with this phone's key. Fetching starts nothing. */
export async function fetchSecret(message: Message): Promise<SecretContent> {
  const own = await ownDevice()
  const blob = await getBytes(`/api/secrets/message/${message.id}?conversation=${message.conversation}`)
  const whole = new Uint8Array(await blob.arrayBuffer())
  const size = whole.length >= 4 ? new DataView(whole.buffer).getUint32(0) : whole.length
  if (size > whole.length - 4) throw new Unopened()
  const envelope = JSON.parse(new TextDecoder().decode(whole.subarray(4, 4 + size))) as Envelope
  const ciphertext = whole.slice(4 + size)
  const place = {
    conversation: message.conversation,
    message: message.id,
    timer_seconds: Number(message.body['timer_seconds']),
  }
  for (const sender of await keysOfSender(message, envelope.from)) {
    const content = await open(envelope, ciphertext, place, own, sender).then(unpacked, () => null)
    if (content) return content
  }
  throw new Unopened()
}

/** Keys that this phone has pinned for the sender's device first, then what the server lists. */
async function keysOfSender(message: Message, device: string) {
  const sender = message.sender ?? 0
  const known = keysOfDevice(await pinned(sender), device)
  if (known.length > 0) return known
  return (await keysIn(message.conversation)).filter((one) => one.person === sender && one.device === device)
}

export const tellSeen = (message: string, conversation: string) =>
  ask<{ seen_at: string; burns_at: string }>(world.me!.person, 'see_secret', { conversation, message })

export const tellBurnt = (message: string, conversation: string) =>
  ask<unknown>(world.me!.person, 'burn_secret', { conversation, message })

export const tellScreenshot = (message: string, conversation: string) =>
  ask<unknown>(world.me!.person, 'tell_screenshot', { conversation, message })
