/** To whom a packet goes, and how it can be split there. */
import type { PersonView } from '@/shared/contract'
import type { PacketLimits, SendPacket } from './contract'
import { totalOf, type Draft, type Limits } from './draft'
import type { Group } from './groups'

export type Target =
  { to: 'friend'; person: number } | { to: 'group'; group: Group; members: PersonView[] } | { to: 'link' }

export type Way = 'simple' | 'fission' | 'lucky' | 'equal' | 'one'

/** The ways of a target; the first is the one people mean most often. */
export function waysOf(target: Target | null): Way[] {
  if (target?.to === 'friend') return ['simple', 'fission']
  if (target?.to === 'link') return ['lucky', 'equal']
  return ['lucky', 'equal', 'one']
}

export const hasShares = (way: Way): boolean => way !== 'simple' && way !== 'one'

/** What is typed, as the pure rules of draft.ts see it. */
export const draftOf = (
  way: Way,
  shares: number | null,
  minor: number | null,
  message: string,
  password: string | null,
): Draft => ({
  kind: way === 'equal' ? 'equal' : hasShares(way) ? 'lucky' : 'one',
  shares: hasShares(way) ? shares : 1,
  minor,
  message,
  password,
})

const most_merchant_shares = 1_000_000

export const limitsOf = (limits: PacketLimits, merchant: boolean, balance_minor: number): Limits => ({
  least_share_minor: 1,
  most_share_minor: limits.share_minor,
  most_shares: merchant ? most_merchant_shares : limits.shares,
  most_message: 25,
  least_password: 1,
  most_password: 40,
  left_today_minor: limits.day_left_minor,
  balance_minor,
})

/** The request, once the draft has no problem. */
export function requestOf(
  target: Target,
  way: Way,
  draft: Draft,
  more: { cover: string; message: string; only: number | null; request: string | null; merchant: boolean },
): SendPacket {
  return {
    to: target.to,
    ...(target.to === 'friend' ? { whom: target.person } : {}),
    ...(target.to === 'group' ? { conversation: target.group.id } : {}),
    ...(target.to === 'group' && way === 'one' && more.only !== null ? { whom: more.only } : {}),
    split: way === 'lucky' || way === 'fission' ? 'lucky' : 'equal',
    minor: totalOf(draft),
    shares: draft.shares ?? 1,
    message: more.message,
    cover: more.cover,
    ...(draft.password === null ? {} : { password: draft.password.trim() }),
    ...(way === 'fission' ? { fission: true } : {}),
    ...(more.merchant ? { merchant: true } : {}),
    ...(more.request === null ? {} : { request: more.request }),
  }
}
