/**
 * Campaign time. A campaign's clock may run faster than ours (a demo plays a whole eve in minutes), so every
 * instant of a campaign is compared with this clock and never with the phone's own.
 */
import type { CampaignView, ClockView, RoundView } from './contract'

export interface Anchor {
  campaign_ms: number
  real_ms: number
  /** `performance.now()` when the server's words arrived: it does not jump when the phone's clock is set. */
  heard_ms: number
  speed: number
}

export function anchor(view: ClockView, heard_ms: number): Anchor {
  return { campaign_ms: Date.parse(view.campaign_now), real_ms: Date.parse(view.real_now), heard_ms, speed: view.speed }
}

/** Campaign time in milliseconds since 1970, `now_ms` being `performance.now()`. */
export function campaignNow(clock: Anchor, now_ms: number): number {
  return clock.campaign_ms + (now_ms - clock.heard_ms) * clock.speed
}

/** The server's real time, for "3 minutes ago" on a phone whose own clock is wrong. */
export function serverNow(clock: Anchor, now_ms: number): number {
  return clock.real_ms + (now_ms - clock.heard_ms)
}

/** Real milliseconds until a campaign instant: what a person has to wait. Infinity while the clock stands still. */
export function realUntil(clock: Anchor, at: string, now_ms: number): number {
  const left = Date.parse(at) - campaignNow(clock, now_ms)
  if (left <= 0) return 0
  return clock.speed > 0 ? left / clock.speed : Infinity
}

export type Phase =
  | { kind: 'none' }
  | { kind: 'open'; round: RoundView }
  | { kind: 'paused'; round: RoundView }
  | { kind: 'waiting'; round: RoundView }
  | { kind: 'last_wait' }
  | { kind: 'settling' }
  | { kind: 'settled' }
  | { kind: 'cancelled' }

/** What the eve is doing now. The server's word on a round's state comes first; the clock only fills the gap. */
export function phaseOf(campaign: CampaignView | null): Phase {
  if (!campaign || campaign.state === 'draft') return { kind: 'none' }
  if (campaign.state === 'settled') return { kind: 'settled' }
  if (campaign.state === 'cancelling' || campaign.state === 'cancelled') return { kind: 'cancelled' }
  if (campaign.state === 'settling') return { kind: 'settling' }
  const open = campaign.rounds.find((round) => round.state === 'open')
  if (open) return { kind: 'open', round: open }
  const paused = campaign.rounds.find((round) => round.state === 'paused')
  if (paused) return { kind: 'paused', round: paused }
  const next = campaign.rounds.find((round) => round.state === 'planned')
  return next ? { kind: 'waiting', round: next } : { kind: 'last_wait' }
}
