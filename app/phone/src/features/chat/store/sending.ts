/** The queue at work: what was written goes out as soon as the line allows, once each, in order. */
import { watch } from 'vue'
import { Refused, serverTime } from '@/shared/api'
import type { PersonId } from '@/shared/contract'
import { uuid7 } from '@/shared/ids'
import { onLine } from '@/shared/live'
import type { Conversation, Message } from '../model'
import { slots, type Draft, type Pending } from '../slots'
import { apply, me, progress, queue, talks } from './desk'
import * as keep from './keep'
import { syncSoon } from './line'
import { asMessage, awake, nextLook, postponed, ready, refused, restarted, retried, type QueueItem } from './queue'
import * as wire from './wire'

let order = 0
let running = new Set<string>()
let alarm: ReturnType<typeof setTimeout> | undefined
let stop: () => void = () => undefined

export function startSending(items: QueueItem[]): void {
  queue.value = restarted(items).sort((a, b) => a.order - b.order)
  order = Math.max(0, ...queue.value.map((item) => item.order))
  running = new Set()
  stop()
  const deaf = onLine((up) => {
    if (!up) return
    queue.value = awake(queue.value, Date.now())
    pump()
  })
  // One that came back over the line leaves the queue by itself: whatever stood behind it goes now.
  const blind = watch(() => queue.value.length, pump)
  stop = () => (deaf(), blind())
  pump()
}

export function stopSending(): void {
  stop()
  clearTimeout(alarm)
}

/** Put a draft into the queue and show it; it is sent when it can be. */
export async function sendTo(
  target: { conversation: string; to?: PersonId | null },
  draft: Draft & { mentions?: PersonId[] },
): Promise<string> {
  order += 1
  const item: QueueItem = {
    id: draft.id ?? uuid7(serverTime()),
    order,
    conversation: target.conversation,
    to: target.to ?? null,
    kind: draft.kind,
    body: draft.body,
    files: draft.files ?? {},
    reply_to: draft.reply_to ?? null,
    mentions: draft.mentions ?? [],
    at: new Date(serverTime()).toISOString(),
    state: 'waiting',
    prepared: false,
    tries: 0,
    not_before_ms: 0,
  }
  queue.value = [...queue.value, item]
  await keep.keepItem(item)
  pump()
  return item.id
}

export function retrySend(id: string): void {
  change(id, retried)
  pump()
}

export function discardSend(id: string): void {
  queue.value = queue.value.filter((item) => item.id !== id)
  progress.delete(id)
  void keep.dropItem(id)
}

/** What this conversation's thread shows below its newest message. */
export const pendingOf = (conversation: string): Message[] =>
  queue.value
    .filter((item) => item.conversation === conversation)
    .map((item) => asMessage(item, me(), progress.get(item.id) ?? 0))

function change(id: string, how: (item: QueueItem) => QueueItem): void {
  const before = queue.value.find((item) => item.id === id)
  if (!before) return
  const after = how(before)
  queue.value = queue.value.map((item) => (item.id === id ? after : item))
  void keep.keepItem(after)
}

function pump(): void {
  clearTimeout(alarm)
  for (const item of ready(queue.value, Date.now())) {
    if (running.has(item.id)) continue
    running.add(item.id)
    void deliver(item).finally(() => {
      running.delete(item.id)
      pump()
    })
  }
  const next = nextLook(queue.value, Date.now())
  if (next !== null) alarm = setTimeout(pump, Math.max(50, next - Date.now()))
}

async function deliver(first: QueueItem): Promise<void> {
  change(first.id, (one) => ({ ...one, state: 'sending' }))
  try {
    const item = await prepared(first)
    const slot = slots.bodies.get(item.kind)
    const sent = slot?.deliver
      ? { ...(await slot.deliver(pendingFor(item))), conversation: item.conversation, id: item.id, sent_at: item.at }
      : await wire.send(bodyOf(item))
    settled(item, sent)
  } catch (error) {
    // A message that came back to us over the line meanwhile has left the queue: then there is nothing to change.
    if (error instanceof Refused) change(first.id, (one) => refused(one, error.code, error.facts, Date.now()))
    else change(first.id, (one) => postponed(one, Date.now()))
  }
}

const pendingFor = (item: QueueItem): Pending => ({
  id: item.id,
  conversation: item.conversation,
  kind: item.kind,
  body: item.body,
  files: item.files,
  ...(item.reply_to === null ? {} : { reply_to: item.reply_to }),
  progress: (part) => void progress.set(item.id, part),
})

async function prepared(item: QueueItem): Promise<QueueItem> {
  const prepare = slots.bodies.get(item.kind)?.prepare
  if (!prepare || item.prepared) return item
  const body = await prepare(pendingFor(item))
  const after: QueueItem = { ...item, body, prepared: true }
  change(item.id, (one) => ({ ...one, body, prepared: true }))
  return after
}

const bodyOf = (item: QueueItem): wire.SendBody => ({
  id: item.id,
  ...(item.to === null ? { conversation: item.conversation } : { to: item.to }),
  kind: item.kind,
  body: item.body,
  ...(item.reply_to === null ? {} : { reply_to: item.reply_to }),
  ...(item.mentions.length === 0 ? {} : { mentions: item.mentions }),
})

/** The server has it. Shown with its number at once; the push that follows brings the server's own words. */
function settled(item: QueueItem, sent: wire.Sent): void {
  progress.delete(item.id)
  const held = talks.get(item.conversation)
  if (!queue.value.some((one) => one.id === item.id)) return
  // In order, whatever the pushes do: one beyond a gap stays in the queue until the gap is filled.
  if (!held || sent.number > held.view.last_number + 1) return syncSoon(0)
  const { pending: _pending, ...echo } = asMessage(item, me(), 1)
  apply(item.conversation, [{ ...echo, number: sent.number, sent_at: sent.sent_at, change: 0 }], held.through, false)
}

/** Whom a message to this conversation is sent to: by the person while a direct one is not born. */
export const targetOf = (view: Conversation): { conversation: string; to: PersonId | null } => ({
  conversation: view.id,
  to: view.kind === 'group' ? null : view.with,
})
