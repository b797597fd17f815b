/** Photo packets as the server says them. Amounts in fen; places in thousandths of the picture. */
import type { PersonView } from '@/shared/contract'
import type { Window } from './window'

export type Audience = 'friends' | 'conversation' | 'link'

export interface PhotoView {
  id: string
  author: PersonView
  mine: boolean
  message: string
  audience: Audience
  conversation?: string | null
  posted_at: string
  dies_at: string
  /** Null: the author is credited at once. */
  credit_at: string | null
  ended: 'died' | 'removed' | 'taken_down' | null
  /** Waits for a review: nobody can pay or see. */
  held: boolean
  width: number
  height: number
  /** Everything the others see: a data URL of a few hundred bytes; null once it has ended. */
  blur: string | null
  detail: ({ url: string } & Window) | null
  least_minor: number
  most_minor: number
  commitment: string
  visible_mark: boolean
  my: { asked: { minor: number } | null; paid_at: string | null; refunded_at: string | null; liked: boolean }
  payers: number
  likes: number
  comments: number
  earned_minor: number | null
  secret: string | null
}

export interface PhotoComment {
  id: string
  author: PersonView
  text: string
  at: string
  mine: boolean
}

export interface PhotoPayer extends PersonView {
  minor: number
  at: string
}

export interface PhotoPageView {
  photo: PhotoView
  comments: PhotoComment[]
  payers: PhotoPayer[]
}

export interface PhotoSettings {
  most_minor: number
  posts_day: number
  posts_left: number
  paid_day_minor: number
  credit_minute: number
  dies_at: string
  largest_bytes: number
  most_pixels: number
  message_length: number
  comment_length: number
}

export interface PhotoPreview {
  blur: string
  detail: string | null
  width: number
  height: number
}

export interface NewPhoto {
  least_minor: number
  most_minor: number
  audience: Audience
  conversation: string | null
  message: string
  credit: 'now' | 'evening'
  visible_mark: boolean
  window: Window | null
}

export type ReportReason = 'indecent' | 'violence' | 'fraud' | 'other'

/** What a card in a thread shows before anything was asked for. */
export interface PhotoCard {
  photo: string
  blur: string | null
  message: string
  least_minor: number
  most_minor: number
  dies_at: string
  state: 'open' | 'ended'
  payers: number
}
