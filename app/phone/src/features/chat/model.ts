/** What the chat knows: the server's own shapes, with the fields it leaves out filled in. */
import type { PersonId, PersonView } from '@/shared/contract'

export type ConversationId = string
export type MessageId = string
export type MessageBody = Record<string, unknown>

/** A message on its way: waiting for the line, being sent, or refused. */
export interface PendingView {
  state: 'waiting' | 'sending' | 'failed'
  /** Of an upload, 0 to 1. */
  progress: number
  files: Record<string, Blob>
  code?: string
  facts?: Record<string, unknown>
}

export interface Message {
  conversation: ConversationId
  id: MessageId
  /** Its place in the conversation, from 1 without holes; 0 while it is on its way. */
  number: number
  /** The number of the newest change that touched it. */
  change: number
  /** 0: the system. */
  sender: PersonId
  kind: string
  body: MessageBody
  reply_to: number | null
  /** 0: everyone. */
  mentions: PersonId[]
  sent_at: string
  edited_at: string | null
  recalled_by: PersonId | null
  reactions: Record<string, PersonId[]>
  pending?: PendingView
}

/** As it comes over the wire: what has its default value is left out. */
export type WireMessage = Pick<Message, 'conversation' | 'id' | 'number' | 'change' | 'kind' | 'sent_at'> &
  Partial<Omit<Message, 'pending'>>

export type Role = 'owner' | 'admin' | 'member'
export type ConversationKind = 'direct' | 'group' | 'self'
export type Notify = 'all' | 'mentions' | 'none'

export interface Announcement {
  text: string
  by: PersonId
  at: string
}

export interface Conversation {
  id: ConversationId
  kind: ConversationKind
  last_number: number
  last_change: number
  version: number
  title: string
  with: PersonId | null
  people_count: number
  role: Role
  joined_number: number
  room: string | null
  announcement: Announcement | null
  approval: boolean
  all_muted: boolean
  /** Moderators closed it: it can be read and left. */
  closed: boolean
  muted_until: string | null
  burn_seconds: number | null
  read_through: number
  notify: Notify
  pinned: boolean
  hidden_through: number
  unread: number
  mentions: number[]
  peer_read_through: number | null
  peer_read_at: string | null
  stranger: boolean
  last: Message | null
  created_at: string
  /** Another one when anything of this changed but the messages and both cursors. */
  mark: string
}

export type WireConversation = Pick<Conversation, 'id' | 'kind'> &
  Partial<Omit<Conversation, 'last'>> & { last?: WireMessage | null }

export interface Member extends PersonView {
  role: Role
  joined_at: string
  muted_until: string | null
}

export interface JoinRequest extends PersonView {
  inviter: PersonId | null
  at: string
}

export function messageOf(wire: WireMessage): Message {
  return {
    conversation: wire.conversation,
    id: wire.id,
    number: wire.number,
    change: wire.change,
    sender: wire.sender ?? 0,
    kind: wire.kind,
    body: wire.body ?? {},
    reply_to: wire.reply_to ?? null,
    mentions: wire.mentions ?? [],
    sent_at: wire.sent_at,
    edited_at: wire.edited_at ?? null,
    recalled_by: wire.recalled_by ?? null,
    reactions: wire.reactions ?? {},
  }
}

export function conversationOf(wire: WireConversation): Conversation {
  return {
    last_number: 0,
    last_change: 0,
    version: 0,
    title: '',
    with: null,
    people_count: 0,
    role: 'member',
    joined_number: 0,
    room: null,
    announcement: null,
    approval: false,
    all_muted: false,
    closed: false,
    muted_until: null,
    burn_seconds: null,
    read_through: 0,
    notify: 'all',
    pinned: false,
    hidden_through: 0,
    unread: 0,
    mentions: [],
    peer_read_through: null,
    peer_read_at: null,
    stranger: false,
    created_at: '',
    mark: '',
    ...wire,
    last: wire.last ? messageOf(wire.last) : null,
  }
}

/** Whether a message names this person, or everyone. */
export const mentions = (message: Message, person: PersonId) =>
  message.mentions.includes(person) || message.mentions.includes(0)

/** What counts as unread: what somebody else said, not what the system noted. */
export const counts = (message: Message, me: PersonId) =>
  message.sender !== me && message.sender !== 0 && message.kind !== 'notice' && message.recalled_by === null

export const isLeader = (conversation: Conversation) =>
  conversation.kind === 'group' && (conversation.role === 'owner' || conversation.role === 'admin')
