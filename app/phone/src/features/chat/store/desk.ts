/** The chat in memory: what the pages show. Changed only by the functions here; every value inside is replaced whole. */
import { computed, shallowReactive, shallowRef } from 'vue'
import type { PersonId, PersonView } from '@/shared/contract'
import { known, nameOf, world } from '@/shared/world'
import type { Conversation, ConversationId, Member, Message } from '../model'
import { afterMessages, afterReading, badgeOf, inOrder, type Held } from './changes'
import * as keep from './keep'
import type { DraftText } from './keep'
import type { QueueItem } from './queue'

export const talks = shallowReactive(new Map<ConversationId, Held>())
export const people = shallowReactive(new Map<PersonId, PersonView>())
export const members = shallowReactive(new Map<ConversationId, Member[]>())
export const drafts = shallowReactive(new Map<ConversationId, DraftText>())
export const queue = shallowRef<QueueItem[]>([])
/** Uploads under way, by message id, 0 to 1. */
export const progress = shallowReactive(new Map<string, number>())
/** Who is typing where, and until when that holds (performance.now). */
export const typing = shallowReactive(new Map<ConversationId, Map<PersonId, number>>())
export const present = shallowReactive(new Map<ConversationId, Set<PersonId>>())
/** `loading` until this phone's own store was read, then `kept`; `fresh` once the server was asked. */
export const state = shallowRef<'closed' | 'loading' | 'kept' | 'fresh'>('closed')

export const me = (): PersonId => world.me?.person ?? 0

type Listener = (conversation: ConversationId, messages: Message[], fresh: boolean) => void
const listeners = new Set<Listener>()

/** Hear every message that is applied; `fresh`: pushed this moment, not caught up. */
export function onMessages(listener: Listener): () => void {
  listeners.add(listener)
  return () => void listeners.delete(listener)
}

/** Tell those who listen; what of it waited in the queue has arrived. */
export function tell(conversation: ConversationId, messages: Message[], fresh: boolean): void {
  if (messages.length === 0) return
  for (const listener of listeners) listener(conversation, messages, fresh)
  const arrived = new Set(messages.map((message) => message.id))
  const left = queue.value.filter((item) => !arrived.has(item.id))
  if (left.length === queue.value.length) return
  for (const item of queue.value) if (arrived.has(item.id)) void keep.dropItem(item.id)
  queue.value = left
}

export const viewOf = (id: ConversationId): Conversation | undefined => talks.get(id)?.view

/** When something last happened in it: its newest message, or what is about to be sent or is being written. */
function touched(view: Conversation): string {
  const draft = drafts.get(view.id)?.at ?? ''
  const last = view.last?.sent_at ?? view.created_at
  return draft > last ? draft : last
}

export const conversations = computed(() =>
  inOrder(
    [...talks.values()].map((held) => held.view),
    touched,
  ),
)
export const badge = computed(() => badgeOf(conversations.value))

export function setHeld(held: Held): void {
  talks.set(held.view.id, held)
}

/** Messages came in: memory first, so that the page is quick; then the store. */
export function apply(id: ConversationId, messages: Message[], through: number, fresh: boolean): void {
  const held = talks.get(id)
  if (!held) return
  const after = afterMessages(held, messages, through, me())
  setHeld(after)
  void keep.write(
    [after],
    messages.filter((message) => message.number >= after.low),
  )
  quietTyping(id, messages)
  tell(id, messages, fresh)
}

function quietTyping(id: ConversationId, messages: Message[]): void {
  const now = typing.get(id)
  if (!now || !messages.some((message) => now.has(message.sender))) return
  const left = new Map(now)
  for (const message of messages) left.delete(message.sender)
  typing.set(id, left)
}

export function changeView(id: ConversationId, change: (view: Conversation) => Conversation): void {
  const held = talks.get(id)
  if (!held) return
  const view = change(held.view)
  if (view === held.view) return
  setHeld({ ...held, view })
  void keep.write([{ ...held, view }], [])
}

export const readLocally = (id: ConversationId, through: number) =>
  changeView(id, (view) => afterReading(view, through))

export function learn(views: Iterable<PersonView>): PersonView[] {
  const fresh: PersonView[] = []
  for (const { person, name, avatar } of views) {
    const before = people.get(person)
    if (before?.name === name && before.avatar === avatar) continue
    const view = { person, name, avatar: avatar ?? null }
    people.set(person, view)
    fresh.push(view)
  }
  return fresh
}

/** The best view this phone has of a person. */
export function personOf(person: PersonId): PersonView {
  if (person === world.me?.person) return world.me
  return known(person) ?? people.get(person) ?? { person, name: nameOf(person), avatar: null }
}

export const memberName = (_conversation: Conversation | ConversationId, person: PersonId): string =>
  personOf(person).name

/** What the conversation is called here. */
export function titleOf(view: Conversation, self: string): string {
  if (view.kind === 'self') return self
  if (view.kind === 'direct') return personOf(view.with ?? 0).name
  return view.title
}

export function setDraft(id: ConversationId, draft: DraftText | null): void {
  if (draft) drafts.set(id, draft)
  else drafts.delete(id)
  void keep.keepDraft(id, draft)
}

export function dropTalk(id: ConversationId): void {
  talks.delete(id)
  members.delete(id)
  drafts.delete(id)
  void keep.dropConversation(id)
}

/** Everything goes: somebody signed out. */
export function clearDesk(): void {
  for (const map of [talks, people, members, drafts, progress, typing, present]) map.clear()
  queue.value = []
  state.value = 'closed'
}
