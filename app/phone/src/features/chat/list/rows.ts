/** Messages as rows: where a time stands, who speaks on, where what is new begins. Pure. */
import type { Entry } from '../threads'
import { counts, type Message } from '../model'

export type Stamp = 'day' | 'time' | null

export interface MessageRow {
  key: string
  at: string
  stamp: Stamp
  message: Message
  story: null
  /** The first of several by the same person: the face and the name stand here. */
  head: boolean
  tail: boolean
  /** What is new begins here. */
  fresh: boolean
}

export interface StoryRow {
  key: string
  at: string
  stamp: Stamp
  message: null
  story: Entry
  head: boolean
  tail: boolean
  fresh: boolean
}

export type Row = MessageRow | StoryRow

const stamp_after_ms = 10 * 60_000
const group_within_ms = 3 * 60_000

const dayOf = (ms: number) => new Date(ms).toDateString()

function stampAt(before: string | null, at: string): Stamp {
  const now = Date.parse(at)
  if (!Number.isFinite(now)) return null
  const last = before === null ? NaN : Date.parse(before)
  if (!Number.isFinite(last) || dayOf(last) !== dayOf(now)) return 'day'
  return now - last > stamp_after_ms ? 'time' : null
}

const isQuiet = (message: Message) => message.kind === 'notice' || message.recalled_by !== null

const together = (a: Message | null, b: Message | null) =>
  a !== null &&
  b !== null &&
  a.sender === b.sender &&
  !isQuiet(a) &&
  !isQuiet(b) &&
  Math.abs(Date.parse(b.sent_at) - Date.parse(a.sent_at)) < group_within_ms

type Item = { at: string; message: Message; story: null } | { at: string; message: null; story: Entry }

/**
 * Messages by number, what is on its way after them, and stories (what happened between two people outside of the
 * chat) where their time puts them. `fresh_after`: the last number I had read when the thread was opened.
 */
export function rowsOf(
  messages: readonly Message[],
  pending: readonly Message[],
  stories: readonly Entry[],
  fresh_after: number | null,
  me: number,
): Row[] {
  const items: Item[] = messages.map((message) => ({ at: message.sent_at, message, story: null }))
  for (const story of stories) insert(items, { at: story.at, message: null, story })
  for (const message of pending) items.push({ at: message.sent_at, message, story: null })
  let freshSeen = false
  const stamps = items.map((item, index) => stampAt(items[index - 1]?.at ?? null, item.at))
  return items.map((item, index): Row => {
    const stamp = stamps[index]!
    if (item.story)
      return {
        key: item.story.key,
        at: item.at,
        stamp,
        message: null,
        story: item.story,
        head: true,
        tail: true,
        fresh: false,
      }
    const { message } = item
    const isFresh = !freshSeen && fresh_after !== null && message.number > fresh_after && counts(message, me)
    if (isFresh) freshSeen = true
    const next = items[index + 1]
    return {
      key: message.id,
      at: item.at,
      stamp,
      message,
      story: null,
      head: stamp !== null || isFresh || !together(items[index - 1]?.message ?? null, message),
      tail: !next || stamps[index + 1] !== null || !together(message, next.message),
      fresh: isFresh,
    }
  })
}

/** Before the first item that is later; messages keep their order whatever their times say. */
function insert(items: Item[], item: Item): void {
  const at = Date.parse(item.at || '1970-01-01')
  let place = items.length
  while (place > 0 && Date.parse(items[place - 1]!.at || '1970-01-01') > at) place -= 1
  items.splice(place, 0, item)
}

const line_px = 24
const letters_a_line = 17

/** About how high a row is before it was measured, in pixels at the common letter size. */
export function estimate(row: Row, height: (message: Message) => number | undefined): number {
  const around = (row.stamp ? 40 : 0) + (row.fresh ? 36 : 0) + (row.head ? 12 : 2)
  if (row.story) return around + (row.story.kind === 'news' ? 40 : 150)
  const { message } = row
  if (isQuiet(message)) return around + 32
  const extra = (message.reply_to === null ? 0 : 48) + (Object.keys(message.reactions).length === 0 ? 0 : 34)
  if (message.kind !== 'text') return around + extra + (height(message) ?? 72)
  const text = String(message.body['text'] ?? '')
  const lines = text.split('\n').reduce((sum, line) => sum + Math.max(1, Math.ceil(widthOf(line) / letters_a_line)), 0)
  return around + extra + 20 + lines * line_px
}

/** In letters of full width: Latin ones are about half as wide. */
function widthOf(line: string): number {
  let width = 0
  for (const letter of line) width += letter.codePointAt(0)! > 0x2e7f ? 1 : 0.55
  return width
}
