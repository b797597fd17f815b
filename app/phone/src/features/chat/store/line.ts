/**
 * Keeping in step with the server: pushes are applied in order, a gap or a new line pulls what is missing, and every
 * minute the heads are compared, so nothing is missed whatever was lost.
 */
import { Refused } from '@/shared/api'
import type { PersonId } from '@/shared/contract'
import { hear, onLine, renewPass, rooms } from '@/shared/live'
import { messageOf, type Conversation, type Message, type WireMessage } from '../model'
import { afterView, Lobby } from './changes'
import {
  apply,
  changeView,
  dropTalk,
  learn,
  me,
  members,
  present,
  readLocally,
  setHeld,
  state,
  talks,
  tell,
  typing,
} from './desk'
import { digestsOf, drawerOf, haveOf, runsOf } from './drawers'
import * as keep from './keep'
import * as wire from './wire'

const look_ms = 60_000
/** Pushes of two servers may overtake each other by so much. */
const overtaken_ms = 300
/** So far behind, fetching the newest anew is cheaper than every change since. */
const too_far = 1_000

const lobby = new Lobby()
const pulls = new Map<string, ReturnType<typeof setTimeout>>()
let stops: (() => void)[] = []
let roomStops = new Map<string, () => void>()
let looking: ReturnType<typeof setInterval> | undefined
let syncing: Promise<void> | null = null
let again = false
let planned: ReturnType<typeof setTimeout> | undefined

export function startLine(): void {
  stopLine()
  stops = [
    onLine((up) => up && lineUp()),
    hear(`me.${me()}.chat`, onPush),
    hear('all.chat', () => syncSoon(Math.random() * 20_000)),
  ]
  looking = setInterval(() => void sync(), look_ms)
  lineUp()
}

export function stopLine(): void {
  for (const stop of [...stops, ...roomStops.values()]) stop()
  stops = []
  roomStops = new Map()
  lobby.clear()
  for (const timer of pulls.values()) clearTimeout(timer)
  pulls.clear()
  clearInterval(looking)
  clearTimeout(planned)
}

function lineUp(): void {
  const wanted = new Set(rooms().map((room) => room.subject))
  for (const [subject, stop] of roomStops) {
    if (wanted.has(subject)) continue
    stop()
    roomStops.delete(subject)
  }
  for (const subject of wanted) if (!roomStops.has(subject)) roomStops.set(subject, hear(subject, onPush))
  void sync()
}

export function syncSoon(wait_ms: number): void {
  clearTimeout(planned)
  planned = setTimeout(() => void sync(), wait_ms)
}

type Pushed =
  | { kind: 'changes'; conversation: string; last_change: number; messages: WireMessage[] }
  | { kind: 'read'; conversation: string; person: PersonId; through: number; at: string }
  | { kind: 'typing'; conversation: string; person: PersonId }
  | { kind: 'present'; conversation: string; person: PersonId; on: boolean }
  | { kind: 'conversation'; conversation: string; version: number }
  | { kind: 'rooms'; conversation: string }
  | { kind: 'settings' }

const typing_ms = 5_000
const longest_later_ms = 3_000
const later_each_ms = 30

function onPush(said: unknown): void {
  const push = said as Pushed
  if (push.kind === 'changes') return onChanges(push.conversation, push.last_change, push.messages.map(messageOf))
  if (push.kind === 'read') return onRead(push)
  if (push.kind === 'typing') return onTyping(push.conversation, push.person)
  if (push.kind === 'present') return onPresent(push.conversation, push.person, push.on)
  if (push.kind === 'conversation') return later(push.conversation, () => refresh(push.conversation))
  if (push.kind === 'rooms') return later(push.conversation, rejoin)
  if (push.kind === 'settings') syncSoon(0)
}

/** A moment later, by chance and longer in a large group: its phones do not all ask at once. */
function later(id: string, work: () => Promise<void>): void {
  const people = talks.get(id)?.view.people_count ?? 0
  setTimeout(() => void work(), Math.random() * Math.min(longest_later_ms, 100 + people * later_each_ms))
}

async function rejoin(): Promise<void> {
  try {
    await renewPass()
  } catch {
    syncSoon(2_000)
  }
}

function onChanges(id: string, last_change: number, messages: Message[]): void {
  const held = talks.get(id)
  if (!held) return syncSoon(50)
  const taken = lobby.take(id, held.through, { last_change, messages })
  if (taken.messages.length > 0) apply(id, taken.messages, taken.through, true)
  if (taken.gap) pullSoon(id)
}

function pullSoon(id: string): void {
  if (pulls.has(id)) return
  pulls.set(
    id,
    setTimeout(() => {
      pulls.delete(id)
      void pull(id)
    }, overtaken_ms),
  )
}

async function pull(id: string): Promise<void> {
  for (;;) {
    const held = talks.get(id)
    // What waited in the lobby may have been completed meanwhile: then there is nothing to fetch.
    if (!held || !lobby.pulled(id, held.through).gap) return
    try {
      const { messages, through, more } = await wire.changesAfter(id, held.through)
      pulled(id, messages, through)
      if (!more) return
    } catch (error) {
      if (error instanceof Refused) syncSoon(0)
      return
    }
  }
}

function pulled(id: string, messages: Message[], through: number): void {
  const rest = lobby.pulled(id, through)
  apply(id, [...messages, ...rest.messages], rest.through, false)
}

function onRead({ conversation, person, through, at }: Extract<Pushed, { kind: 'read' }>): void {
  if (person === me()) return readLocally(conversation, through)
  changeView(conversation, (view) =>
    (view.peer_read_through ?? 0) >= through ? view : { ...view, peer_read_through: through, peer_read_at: at },
  )
}

function onTyping(id: string, person: PersonId): void {
  if (person === me()) return
  const now = new Map(typing.get(id))
  now.set(person, performance.now() + typing_ms)
  typing.set(id, now)
  setTimeout(() => {
    const left = new Map([...(typing.get(id) ?? [])].filter(([, until]) => until > performance.now() + 50))
    typing.set(id, left)
  }, typing_ms)
}

function onPresent(id: string, person: PersonId, on: boolean): void {
  const now = new Set(present.get(id))
  if (on) now.add(person)
  else now.delete(person)
  present.set(id, now)
}

/** One conversation's settings and people, anew. */
export async function refresh(id: string): Promise<void> {
  if (!talks.has(id)) return syncSoon(0)
  try {
    const { view, members: all } = await wire.look(id)
    members.set(id, all)
    const fresh = learn(all)
    takeView(view, null)
    void keep.write([], [], fresh)
  } catch (error) {
    if (error instanceof Refused && error.code === 'no_such_conversation') syncSoon(0)
  }
}

/** A view the server has just answered with; conversations we did not know are fetched with their messages. */
export function takeView(view: Conversation, low: number | null): void {
  const held = talks.get(view.id)
  if (!held && low === null) return void sync()
  setHeld(afterView(held, view, low ?? held!.low, held?.through ?? view.last_change))
  void keep.write([talks.get(view.id)!], [])
}

/** Compare heads with the server and fetch what differs. Calls while one is under way are folded into one more. */
export function sync(): Promise<void> {
  again = true
  syncing ??= run().finally(() => (syncing = null))
  return syncing
}

async function run(): Promise<void> {
  while (again) {
    again = false
    const asked = me()
    try {
      const differ = await wire.compare(digestsOf(talks.values()))
      for (const drawers of runsOf(differ, talks.values())) await fetchAll(drawers, asked)
      if (asked !== me()) return
      state.value = 'fresh'
    } catch {
      // The next comparison is a minute away, or as soon as the line is back.
      return
    }
  }
}

/** Everything that differs in these drawers, page by page, what was used last first. */
async function fetchAll(drawers: string, asked: PersonId): Promise<void> {
  const have: Record<string, wire.Have> = {}
  for (const held of talks.values()) {
    if (drawers.includes(drawerOf(held.view.id))) have[held.view.id] = haveOf(held)
  }
  let below: wire.Place | null = null
  do {
    const synced: wire.Synced = await wire.sync(have, drawers, below)
    if (asked !== me()) return
    const behind = take(synced, have)
    // What the page shows is there: a long way to the end must not keep it waiting.
    state.value = 'fresh'
    for (const id of behind) await catchUp(id)
    for (const id of [...synced.gone, ...synced.conversations.map((view) => view.id)]) delete have[id]
    below = synced.next
  } while (below)
}

/** Takes in a page; the conversations of which there is more to fetch. */
function take(synced: wire.Synced, have: Record<string, wire.Have>): string[] {
  const behind: string[] = []
  const fresh = learn(synced.people)
  if (fresh.length > 0) void keep.write([], [], fresh)
  for (const id of synced.gone) dropTalk(id)
  for (const view of synced.conversations) {
    const changes = synced.changes.get(view.id)
    const held = have[view.id]
    // The server knows less than we do: its database was restored, and what we hold is of another history.
    const restored = held !== undefined && held.change > view.last_change
    if (restored) startOver(view.id)
    const before = talks.get(view.id)
    if (held && !restored && !before) {
      // Let go of while we asked: what came is only the end of it.
      again = true
      continue
    }
    if (before && held) {
      if (before.view.version !== view.version) members.delete(view.id)
      setHeld(afterView(before, view, before.low, before.through))
      if (view.hidden_through > before.view.hidden_through) void keep.dropMessages(view.id, 0, view.hidden_through)
      void keep.write([talks.get(view.id)!], [])
      if (!changes) continue
      pulled(view.id, changes.messages, changes.through)
      if (changes.more) behind.push(view.id)
    } else {
      const messages = changes?.messages ?? []
      const low = messages.length > 0 ? Math.min(...messages.map((one) => one.number)) : view.last_number + 1
      setHeld({ view, low, through: changes?.through ?? view.last_change })
      void keep.write([talks.get(view.id)!], messages)
      tell(view.id, messages, false)
    }
  }
  return behind
}

/** The rest of the changes of one conversation; if they are very many, the newest messages anew instead. */
async function catchUp(id: string): Promise<void> {
  for (;;) {
    const held = talks.get(id)
    if (!held) return
    if (held.view.last_change - held.through > too_far) {
      startOver(id)
      again = true
      return
    }
    const { messages, through, more } = await wire.changesAfter(id, held.through)
    pulled(id, messages, through)
    if (!more) return
  }
}

/** Let go of what is held, the next comparison brings the newest. */
function startOver(id: string): void {
  void keep.dropConversation(id)
  talks.delete(id)
}

/** A conversation that may be new to this phone: its view, once it is known. */
export async function known(id: string): Promise<Conversation | null> {
  if (talks.has(id)) return talks.get(id)!.view
  await sync()
  return talks.get(id)?.view ?? null
}
