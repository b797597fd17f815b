/** Packets as the server says them. Amounts are integers of fen; times are ISO 8601 in UTC. */
import type { PersonId, PersonView } from '@/shared/contract'

export type PacketKind = 'lucky' | 'equal' | 'one' | 'fission'
export type PacketState = 'open' | 'finished' | 'returned'

export interface Opening {
  place: number
  person: PersonView
  minor: number
  at: string
  luckiest: boolean
}

export interface Luckiest {
  person: PersonView
  minor: number
  place: number
}

export interface PacketView {
  id: string
  from: PersonView
  to: 'friend' | 'group' | 'link'
  only: PersonView | null
  conversation: string | null
  split: 'lucky' | 'equal'
  kind: PacketKind
  message: string
  cover: string
  merchant: boolean
  needs_password: boolean
  shares: number
  state: PacketState
  sent_at: string
  ends_at: string
  ended_at: string | null
  commitment: string | null
  can_open: boolean
  /** The refusal that opening would meet, the password aside. */
  why: string | null
  mine: { place: number; minor: number; at: string; luckiest: boolean } | null
  /** From here on null until this person sent it, opened it, or it has ended in their group. */
  minor: number | null
  opened: number | null
  left_minor: number | null
  openings: Opening[] | null
  next: number | null
  luckiest: Luckiest | null
  seconds: number | null
  refund_minor: number | null
  token: string | null
  password: string | null
  proof: boolean
}

export interface PacketLimits {
  share_minor: number
  shares: number
  day_minor: number
  day_left_minor: number
  lives_seconds: number
}

export interface PacketSettings {
  allow_asking: boolean
  limits: PacketLimits
  merchant: boolean
}

export interface SendPacket {
  to: 'friend' | 'group' | 'link'
  whom?: PersonId
  conversation?: string
  split: 'lucky' | 'equal'
  minor: number
  shares: number
  message: string
  cover: string
  password?: string
  fission?: boolean
  merchant?: boolean
  request?: string
}

export interface SentPacket {
  id: string
  balance_minor: number
  ends_at: string
  commitment: string | null
  token: string | null
  conversation: string | null
}

export interface OpenedPacket {
  place: number
  minor: number
  opened: number
  shares: number
  state: PacketState
  again?: boolean
  token?: string | null
}

export interface SentEntry {
  id: string
  to: 'friend' | 'group' | 'link'
  kind: PacketKind
  minor: number
  shares: number
  opened: number
  state: PacketState
  refund_minor: number | null
  sent_at: string
  message: string
}

export interface ReceivedEntry {
  id: string
  from: PersonView
  kind: PacketKind
  minor: number
  luckiest: boolean
  at: string
  message: string
}

export type Side = 'sent' | 'received'

export interface PacketHistory {
  side: Side
  year: number
  years: number[]
  total_minor: number
  count: number
  luckiest: number
  entries: (SentEntry | ReceivedEntry)[]
  next: string | number | null
}

export interface AskOfMe {
  id: string
  from: PersonView
  minor: number | null
  message: string
  at: string
}

export interface MyAsk {
  id: string
  to: PersonView
  minor: number | null
  message: string
  at: string
  state: 'asked' | 'answered'
  packet: string | null
}

/** What a card in a thread shows before anything was asked for. */
export interface PacketCard {
  packet: string
  kind: PacketKind
  message: string
  cover: string
  state: PacketState
  sender: PersonId
  only: PersonId | null
  needs_password: boolean
  shares: number
  opened: number
}
