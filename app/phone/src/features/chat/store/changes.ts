/**
 * How changes of a conversation come in, in order and without loss. Pure.
 *
 * Every conversation counts its visible changes 1, 2, 3… A phone holds everything up to change `through`; what is
 * pushed beyond the next number waits in the lobby until the missing change overtakes it or a pull brings it.
 * Applying is idempotent: a message replaces the one of its number if its change is newer.
 */
import { counts, mentions, type Conversation, type Message } from '../model'

/** What this phone holds of a conversation. */
export interface Held {
  view: Conversation
  /** Every change up to this one is part of what is held. */
  through: number
  /** Messages from this number on are kept without holes. */
  low: number
}

export interface Push {
  last_change: number
  messages: Message[]
}

export type Taken = { state: 'old' } | { state: 'applied'; messages: Message[]; through: number } | { state: 'gap' }

/** One push against what is held: what of it is new, or that something before it is missing. */
export function takePush(through: number, push: Push): Taken {
  const fresh = push.messages.filter((one) => one.change > through).sort((a, b) => a.change - b.change)
  if (fresh.length === 0) return push.last_change > through ? { state: 'gap' } : { state: 'old' }
  if (fresh.some((one, index) => one.change !== through + 1 + index)) return { state: 'gap' }
  const last = fresh.at(-1)!.change
  if (push.last_change > last) return { state: 'gap' }
  return { state: 'applied', messages: fresh, through: last }
}

/** Pushes that came too early, by conversation. */
export class Lobby {
  private waiting = new Map<string, Push[]>()

  /** What can be applied now, in order: this push and those that waited for it. `gap`: some still wait. */
  take(conversation: string, through: number, push: Push): { messages: Message[]; through: number; gap: boolean } {
    return this.drain(conversation, through, [...(this.waiting.get(conversation) ?? []), push])
  }

  /** A pull has brought everything up to `through`. */
  pulled(conversation: string, through: number): { messages: Message[]; through: number; gap: boolean } {
    return this.drain(conversation, through, this.waiting.get(conversation) ?? [])
  }

  clear(): void {
    this.waiting.clear()
  }

  private drain(conversation: string, from: number, pushes: Push[]) {
    const messages: Message[] = []
    let through = from
    let rest = pushes
    for (let moved = true; moved;) {
      moved = false
      const left: Push[] = []
      for (const push of rest) {
        const taken = takePush(through, push)
        if (taken.state === 'gap') left.push(push)
        if (taken.state !== 'applied') continue
        messages.push(...taken.messages)
        through = taken.through
        moved = true
      }
      rest = left
    }
    if (rest.length > 0) this.waiting.set(conversation, rest)
    else this.waiting.delete(conversation)
    return { messages, through, gap: rest.length > 0 }
  }
}

/** The conversation's own line in the list after messages were applied: newest message, unread, mentions. */
export function afterMessages(held: Held, messages: Message[], through: number, me: number): Held {
  const view = { ...held.view, mentions: [...held.view.mentions] }
  for (const message of messages) {
    const isNew = message.number > view.last_number
    if (isNew) {
      view.last_number = message.number
      if (message.number > view.read_through && counts(message, me)) {
        view.unread += 1
        if (mentions(message, me)) view.mentions.push(message.number)
      }
    }
    if (message.recalled_by !== null) view.mentions = view.mentions.filter((number) => number !== message.number)
    if (!view.last || message.number >= view.last.number) {
      if (!view.last || message.number > view.last.number || message.change > view.last.change) view.last = message
    }
  }
  view.last_change = Math.max(view.last_change, through)
  return { ...held, view, through: Math.max(held.through, through) }
}

/** I have read up to here. */
export function afterReading(view: Conversation, through: number): Conversation {
  if (through <= view.read_through) return view
  const mentions = view.mentions.filter((number) => number > through)
  const unread =
    through >= view.last_number ? 0 : Math.max(mentions.length, view.unread - (through - view.read_through))
  return { ...view, read_through: through, unread, mentions }
}

/**
 * The server's own view, put over what this phone knows. What was read here and not told yet stays read; what was
 * pushed since the server looked stays.
 */
export function afterView(held: Held | undefined, view: Conversation, low: number, through: number): Held {
  if (!held) return { view, low, through }
  const merged: Conversation =
    held.view.last_change > view.last_change
      ? { ...view, last: held.view.last, last_number: held.view.last_number, last_change: held.view.last_change }
      : { ...view }
  const read = afterReading({ ...merged }, Math.min(held.view.read_through, merged.last_number))
  return { view: read, low: Math.min(held.low, low), through: Math.max(held.through, through) }
}

/** Put messages into a sorted list by number; the newer change wins. The same list where nothing changed. */
export function merged(list: readonly Message[], fresh: readonly Message[]): Message[] {
  if (fresh.length === 0) return list as Message[]
  const byNumber = new Map<number, Message>()
  for (const message of list) byNumber.set(message.number, message)
  let changed = false
  for (const message of fresh) {
    const known = byNumber.get(message.number)
    if (known && known.change >= message.change) continue
    byNumber.set(message.number, message)
    changed = true
  }
  if (!changed) return list as Message[]
  return [...byNumber.values()].sort((a, b) => a.number - b.number)
}

/** How much the badge shows: all of a talk I hear, only mentions of one I hear less, nothing of a silent one. */
export function badgeOf(views: Iterable<Conversation>): number {
  let sum = 0
  for (const view of views) {
    if (view.notify === 'all') sum += view.unread
    else if (view.notify === 'mentions') sum += view.mentions.length
  }
  return sum
}

/** Conversations as the list shows them: pinned first, then by the newest message. */
export function inOrder(views: Conversation[], touched: (view: Conversation) => string): Conversation[] {
  return [...views].sort(
    (a, b) => Number(b.pinned) - Number(a.pinned) || Date.parse(touched(b) || '0') - Date.parse(touched(a) || '0'),
  )
}
