/** What the server says, as it says it. Amounts are integers of fen; times are ISO 8601 in UTC. */

export type PersonId = number
export type CardId = string

export interface PersonView {
  person: PersonId
  name: string
  avatar?: number | null
}

/** A person where a list may carry only the number. */
export type PersonRef = PersonView | PersonId

export interface Me extends PersonView {
  login?: string | null
  has_pin: boolean
  language?: string | null
  findable?: boolean
  demo?: boolean
}

export interface ClockView {
  campaign_now: string
  real_now: string
  /** Campaign seconds that pass in one real second. */
  speed: number
}

export interface CardView {
  id: CardId
  zh: string
  en: string
  scarce: boolean
}

export type CampaignState = 'draft' | 'announced' | 'running' | 'settling' | 'settled' | 'cancelling' | 'cancelled'
export type RoundState = 'planned' | 'open' | 'paused' | 'closed'

export interface RoundView {
  number: number
  opens_at: string
  closes_at: string
  state: RoundState
  commitment?: string | null
  spec_hash?: string | null
  seeds_root?: string | null
  players?: number | null
  secret?: string | null
  entropy?: string | null
}

export interface SettlementView {
  winners: number
  each_minor: number
  paid_minor: number
  remainder_minor: number
  winners_root?: string | null
  settled_at?: string | null
}

export interface CampaignView {
  id: string
  title: string
  title_en?: string
  template?: string
  state: CampaignState
  clock: ClockView
  cards: CardView[]
  rounds: RoundView[]
  opens_at?: string | null
  settles_at?: string | null
  pool_minor: number
  holders: number
  players: number
  taps: number
  friends_for_cards?: FriendsForCards | null
  settlement: SettlementView | null
}

/** How new friends bring cards; what is left out has its default: threshold, no bonus, both sides, no hold-out. */
export interface FriendsForCards {
  friends: number
  cards: number
  design?: 'threshold' | 'each'
  bonus?: number
  reward?: 'both' | 'invited'
  holdout_permille?: number
}

export interface MyRound {
  number: number
  next: number
  wins: number
}

export interface CashView {
  id: string
  minor: number
  round: number
  passed_to: PersonRef | null
  /** Not passed on in time: the sponsor has it back. */
  returned?: boolean
}

export interface CardRequest {
  id: string
  card: CardId
  from: PersonRef
  to: PersonRef | null
  state: string
  token?: string | null
  at?: string | null
}

export interface SwapView {
  id: string
  from: PersonRef
  to: PersonRef
  gives: CardId
  wants: CardId
  state: string
  at?: string | null
}

export interface MineView {
  joined: boolean
  number: number | null
  seed_known?: boolean
  cards: Record<CardId, number>
  rounds: MyRound[]
  new_friends: number
  friend_cards_given: number
  friends_reward?: { state: 'on' | 'holdout'; counted: number; cards_held: number }
  cash: CashView[]
  requests: CardRequest[]
  swaps: SwapView[]
  won: { minor: number } | null
}

/** What I call a friend and where I put them: only I see it. */
export interface Label {
  remark: string
  starred: boolean
  tags: string[]
}

export interface Friend extends PersonView, Partial<Label> {
  mutual?: number
  since?: string
  new?: boolean
}

export interface FriendGroup {
  id: string
  name: string
  people: PersonId[]
}

/** One's ties as a whole. */
export interface Ties {
  friends: Friend[]
  requests: TieRequest[]
  asked: TieRequest[]
  blocked: PersonView[]
  groups?: FriendGroup[]
}

export interface TieRequest extends PersonView {
  asked_at?: string
  mutual?: number
}

export type TieState = 'none' | 'asked' | 'asking' | 'friend' | 'blocked'

export interface FoundPerson extends PersonView {
  tie: TieState
}

export interface Reason {
  kind: string
  count: number
  /** At most two names of friends or groups. */
  names: string[]
}

export interface Suggestion extends PersonView {
  mutual: number
  reasons?: Reason[]
}

export interface Fact {
  number: number
  kind: string
  at: string
  body: Record<string, unknown>
}

export interface Snapshot {
  cursor: number
  me: Me
  wallet: { balance_minor: number }
  campaign: CampaignView | null
  mine: MineView | null
  requests: TieRequest[]
  friends_count: number
}

/** Where the pushes of one group come. */
export interface Room {
  conversation: string
  subject: string
}

export interface LivePass {
  jwt: string
  seed: string
  websocket_url: string
  person: PersonId
  expires_at: string
  rooms?: Room[]
}

export type TapOutcome = 'card' | 'cash' | 'sold out'

export interface TapWin {
  tap: number
  prize: string
  outcome: TapOutcome
  minor?: number
  held?: number
}

export interface StatementEntry {
  seq: number
  at: string
  minor: number
  reason: string
  with?: { holder: string; name?: string | null } | null
  balance_minor?: number | null
  note?: string
}

/** A top-up or withdrawal on its way through the bank. */
export interface BankOrder {
  id: string
  kind: 'top_up' | 'withdrawal'
  minor: number
  state: string
}

export interface WalletView {
  balance_minor: number
  has_pin: boolean
  orders?: BankOrder[]
}

export interface Persona extends PersonView {
  line?: string | null
}

export interface Device {
  id: string
  name: string
  seen_at: string
  current: boolean
}
