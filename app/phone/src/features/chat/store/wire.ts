/** What the chat asks of the server, one function a call. Shapes as the server says them, made whole by model.ts. */
import { call, get, post } from '@/shared/api'
import type { PersonId, PersonView } from '@/shared/contract'
import { ask } from '@/shared/live'
import {
  conversationOf,
  messageOf,
  type Conversation,
  type JoinRequest,
  type Member,
  type Message,
  type MessageBody,
  type Notify,
  type WireConversation,
  type WireMessage,
} from '../model'
import { me } from './desk'

export interface Sent {
  conversation: string
  id: string
  number: number
  change: number
  sent_at: string
}

interface Changes {
  messages: Message[]
  through: number
  more: boolean
}

/** What this phone holds of a conversation, as the server compares it. */
export interface Have {
  change: number
  read: number
  peer: number | null
  mark: string
}

/** Where a page of `sync` ended. */
export interface Place {
  at: string
  conversation: string
}

export interface Synced {
  conversations: Conversation[]
  gone: string[]
  changes: Map<string, Changes>
  people: PersonView[]
  next: Place | null
}

type WireChanges = Omit<Changes, 'messages'> & { messages: WireMessage[] }

/** The drawers in which this phone does not hold what there is, by their digests. */
export const compare = async (drawers: Record<string, string>): Promise<string> =>
  (await post<{ differ: string }>('/api/chat/compare', { drawers })).differ

/** What this phone lacks of these drawers: the page after `below`. */
export async function sync(have: Record<string, Have>, within: string, below: Place | null): Promise<Synced> {
  const answer = await post<{
    conversations: WireConversation[]
    gone: string[]
    changes: Record<string, WireChanges>
    people: Record<string, PersonView>
    next: Place | null
  }>('/api/chat/sync', { have, within, ...(below ? { below } : {}) })
  return {
    conversations: answer.conversations.map(conversationOf),
    gone: answer.gone,
    changes: new Map(
      Object.entries(answer.changes).map(([id, one]) => [id, { ...one, messages: one.messages.map(messageOf) }]),
    ),
    people: Object.values(answer.people),
    next: answer.next,
  }
}

const at = (id: string, rest = '') => `/api/chat/conversations/${id}${rest}`

export async function changesAfter(id: string, after: number): Promise<Changes> {
  const answer = await get<WireChanges>(at(id, `/changes?after=${after}&limit=200`))
  return { ...answer, messages: answer.messages.map(messageOf) }
}

/** A page of messages by number, oldest first. */
export async function page(
  id: string,
  where: { before: number } | { after: number } | { around: number },
  limit: number,
): Promise<Message[]> {
  const [[name, number]] = Object.entries(where) as [[string, number]]
  const answer = await get<{ messages: WireMessage[] }>(at(id, `/messages?${name}=${number}&limit=${limit}`))
  return answer.messages.map(messageOf).sort((a, b) => a.number - b.number)
}

export async function look(id: string): Promise<{ view: Conversation; members: Member[]; joins: JoinRequest[] }> {
  const answer = await get<{ conversation: WireConversation; members: Member[]; joins?: JoinRequest[] }>(at(id))
  return { view: conversationOf(answer.conversation), members: answer.members, joins: answer.joins ?? [] }
}

export interface SendBody {
  id: string
  conversation?: string
  to?: PersonId
  kind: string
  body: MessageBody
  reply_to?: number
  mentions?: PersonId[]
}

export const send = (body: SendBody) => ask<Sent>(me(), 'send_message', body)
export const read = (conversation: string, through: number) => ask(me(), 'read_chat', { conversation, through })
export const react = (conversation: string, number: number, emoji: string, on: boolean) =>
  ask<{ change: number; reactions: Record<string, PersonId[]> }>(me(), 'react', { conversation, number, emoji, on })
export const edit = (conversation: string, number: number, text: string, mentions: PersonId[]) =>
  ask(me(), 'edit_message', { conversation, number, text, mentions })
export const recall = (conversation: string, number: number) => ask(me(), 'recall_message', { conversation, number })
export const isTyping = (conversation: string) => ask(me(), 'typing', { conversation })
export const isLooking = (conversation: string, on: boolean) =>
  ask<{ people: PersonId[]; count: number }>(me(), 'look', { conversation, on })

type Answered = { conversation: WireConversation }
const asked = async (work: Promise<Answered>) => conversationOf((await work).conversation)

export const direct = (person: PersonId) => asked(post<Answered>('/api/chat/direct', { person }))
export const group = (id: string, title: string, people: PersonId[]) =>
  asked(post<Answered>('/api/chat/groups', { id, title, people }))

export type GroupAct =
  'title' | 'announcement' | 'approval' | 'all-muted' | 'people' | 'remove' | 'mute' | 'role' | 'transfer' | 'settings'

export async function change(
  id: string,
  act: GroupAct,
  body: Record<string, unknown>,
): Promise<{ view: Conversation | null; waiting: PersonId[] }> {
  const answer = await post<Partial<Answered> & { waiting?: PersonId[] }>(at(id, `/${act}`), body)
  return { view: answer.conversation ? conversationOf(answer.conversation) : null, waiting: answer.waiting ?? [] }
}

export const leave = (id: string) => post(at(id, '/leave'))
export const answerJoin = (id: string, person: PersonId, accept: boolean) =>
  post(at(id, `/joins/${person}`), { accept })
export const invite = (id: string, expires_seconds: number, uses: number) =>
  post<{ token: string; link: string; expires_at: string }>(at(id, '/invites'), { expires_seconds, uses })
export const endInvites = (id: string) => call('DELETE', at(id, '/invites'))

export interface InviteView {
  title: string
  people_count: number
  inviter: PersonView
  approval: boolean
  member: boolean
}

export const seeInvite = (token: string) => get<InviteView>(`/api/chat/invites/${encodeURIComponent(token)}`)
export const join = (token: string) =>
  post<{ state: 'joined' | 'waiting'; conversation_id?: string }>(`/api/chat/invites/${encodeURIComponent(token)}/join`)

export interface Readers {
  readers: (PersonView & { at: string | null })[]
  unread: PersonView[]
  hidden: number
}

export const readers = (id: string, number: number) => get<Readers>(at(id, `/readers/${number}`))

export async function search(text: string, conversation: string | null, before: string | null) {
  const query = new URLSearchParams({ q: text })
  if (conversation) query.set('conversation', conversation)
  if (before) query.set('before', before)
  const answer = await get<{ found: WireMessage[]; people: Record<string, PersonView> }>(`/api/chat/search?${query}`)
  return { found: answer.found.map(messageOf), people: Object.values(answer.people) }
}

export interface ChatSettings {
  receipts: boolean
  presence: boolean
  strangers: boolean
}

export const seeSettings = () => get<ChatSettings>('/api/chat/settings')
export const setSettings = (changes: Partial<ChatSettings>) => post<ChatSettings>('/api/chat/settings', changes)

export type ReportReason = 'spam' | 'fraud' | 'abuse' | 'nudity' | 'other'
export const report = (body: {
  id: string
  conversation: string
  numbers: number[]
  reason: ReportReason
  note: string
  /** Of secrets, by number: the words that this phone shows, if its owner chose so. */
  shown?: Record<string, string>
}) => post('/api/chat/reports', body)

export interface MyReport {
  id: string
  conversation: string
  reason: ReportReason
  at: string
  state: 'waiting' | 'dismissed' | 'acted'
}
export const myReports = async () => (await get<{ reports: MyReport[] }>('/api/chat/reports')).reports

export type { Notify }
