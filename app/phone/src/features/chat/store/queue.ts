/**
 * What waits to be sent. Pure decisions over the items of the queue; store/sending.ts acts on them.
 *
 * An item's id is the message's id for ever, so asking twice sends once. Within a conversation items go out in the
 * order they were written, one at a time; a refused one steps aside for those behind it and waits for the person.
 */
import type { PersonId } from '@/shared/contract'
import type { Message, MessageBody } from '../model'

export interface QueueItem {
  id: string
  /** The order of writing on this phone. */
  order: number
  conversation: string
  /** Whom it goes to, where the conversation may not be born yet. */
  to: PersonId | null
  kind: string
  body: MessageBody
  files: Record<string, Blob>
  reply_to: number | null
  mentions: PersonId[]
  at: string
  state: 'waiting' | 'sending' | 'failed'
  /** Whether `body` is final: its files were uploaded. */
  prepared: boolean
  tries: number
  /** Not before this instant (milliseconds): the server asked for patience, or the line is bad. */
  not_before_ms: number
  code?: string
  facts?: Record<string, unknown>
}

/** The items that may be sent now: the first of each conversation that is neither failed nor under way. */
export function ready(items: readonly QueueItem[], now_ms: number): QueueItem[] {
  const seen = new Set<string>()
  const found: QueueItem[] = []
  for (const item of [...items].sort((a, b) => a.order - b.order)) {
    if (item.state === 'failed' || seen.has(item.conversation)) continue
    seen.add(item.conversation)
    if (item.state === 'waiting' && item.not_before_ms <= now_ms) found.push(item)
  }
  return found
}

/** When to look again: the earliest instant somebody waits for, or null. */
export function nextLook(items: readonly QueueItem[], now_ms: number): number | null {
  const waits = items.filter((item) => item.state === 'waiting' && item.not_before_ms > now_ms)
  return waits.length === 0 ? null : Math.min(...waits.map((item) => item.not_before_ms))
}

/** After a restart nothing is under way: what was being sent may or may not have arrived, its id will tell. */
export const restarted = (items: QueueItem[]): QueueItem[] =>
  items.map((item) => (item.state === 'sending' ? { ...item, state: 'waiting', not_before_ms: 0 } : item))

const first_wait_ms = 1_000
const longest_wait_ms = 30_000

/** The line did not answer: the same again a little later. */
export function postponed(item: QueueItem, now_ms: number): QueueItem {
  const wait_ms = Math.min(longest_wait_ms, first_wait_ms * 2 ** Math.min(item.tries, 10))
  return { ...item, state: 'waiting', tries: item.tries + 1, not_before_ms: now_ms + wait_ms }
}

/** So often a message is sent again to a server that fails over it; then the person decides. */
const most_server_errors = 5

/**
 * The server said no. "Too fast" and a server that cannot work just now (it may be restarting) are matters of
 * patience, everything else one for the person.
 */
export function refused(item: QueueItem, code: string, facts: Record<string, unknown>, now_ms: number): QueueItem {
  if (code === 'server_busy') return postponed(item, now_ms)
  if (code === 'server_error' && item.tries < most_server_errors) return postponed(item, now_ms)
  if (code === 'too_fast') {
    const seconds = Number(facts['seconds'] ?? 1)
    return { ...item, state: 'waiting', tries: item.tries + 1, not_before_ms: now_ms + Math.max(0.2, seconds) * 1000 }
  }
  return { ...item, state: 'failed', code, facts }
}

/** The person asked for it again. */
export function retried(item: QueueItem): QueueItem {
  const { code: _code, facts: _facts, ...rest } = item
  return { ...rest, state: 'waiting', tries: 0, not_before_ms: 0 }
}

/** The line is back: nobody waits any longer than the server asked for. */
export const awake = (items: QueueItem[], now_ms: number): QueueItem[] =>
  items.map((item) =>
    item.state === 'waiting' && item.tries > 0 && item.not_before_ms > now_ms
      ? { ...item, not_before_ms: now_ms }
      : item,
  )

/** How it is shown at the end of the thread until the server has it. */
export function asMessage(item: QueueItem, me: PersonId, progress: number): Message {
  return {
    conversation: item.conversation,
    id: item.id,
    number: 0,
    change: 0,
    sender: me,
    kind: item.kind,
    body: item.body,
    reply_to: item.reply_to,
    mentions: item.mentions,
    sent_at: item.at,
    edited_at: null,
    recalled_by: null,
    reactions: {},
    pending: {
      state: item.state,
      progress,
      files: item.files,
      ...(item.code === undefined ? {} : { code: item.code }),
      ...(item.facts === undefined ? {} : { facts: item.facts }),
    },
  }
}
