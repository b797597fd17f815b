/** What the console's routes say. Amounts are integers of fen; times are ISO 8601 in UTC. */
import type { CampaignView, PersonView } from '@/shared/contract'

export interface BrokenLaw {
  law: string
  violations: number
  rows: Record<string, string>[]
}

export interface LawCheck {
  at: string
  took_seconds: number
  laws: number
  broken: BrokenLaw[]
}

export interface JobRun {
  name: string
  ran_at: string
  took_seconds: number
  failure: string | null
}

export interface Act {
  person: number
  name: string
  verb: string
  facts: Record<string, unknown>
  at: string
}

/** A fact that a listener could not hear. */
export interface Parked {
  id: number
  kind: string
  listener: string
  error: string
  parked_at: string
}

export interface Overview {
  me: PersonView
  role: 'watch' | 'act'
  laws: LawCheck | null
  campaigns: { id: string; state: string; title: string; title_en?: string }[]
  jobs: JobRun[]
  acts: Act[]
  parked: Parked[]
  now: string
}

export interface Band {
  low: number
  median: number
  high: number
}

export interface Forecast {
  runs: number
  simulated_people: number
  winners: Band
  each_fen: Band
  cash_fen: Band
  new_ties: Band
  peak_batches_per_second: Band
  servers: Band
  cards: Record<string, Band>
  completion: Record<string, Band>
  sensitivity: Record<string, { band: number; winners_low: number; winners_high: number; swing: number }>
}

export interface Sample {
  at: string
  holders: number
  players: number
  taps: number
}

export interface NightAnswer {
  campaign: CampaignView
  night: {
    campaign: string
    curve: Sample[]
    forecast: { made_at: string; people: number; forecast: Forecast } | null
    forecasting: [string, number, number] | null
  }
  expected: { people: number; taps_each: number } | null
}

export interface WaitingPhoto {
  photo: string
  reports: number
  payers: number
  reasons: string[]
  since: string
}

export interface ReportLine {
  id: string
  reporter: number
  kind: string
  kinds: string[]
  reason: string
  note: string
  others: number
  at: string
}

export interface ReportCase {
  title: string
  evidence: { number: number; name: string; kind: string; seen: Record<string, unknown>; shown: string | null; now: string }[]
}

export interface CaseLine {
  case: string
  kind: string
  people: number
  asked: number
  opened_at: string
}

export interface CaseFile {
  id: string
  explained: string[]
  suspects: { person: number; name: string; asked_at?: string | null; words?: string | null }[]
}

export interface Interval {
  estimate: number
  low: number
  high: number
}

export interface TiesReport {
  until: string
  facts: number
  born: { day: string; cause: string; ties: number }[]
  alive: { days: number; group: 'all' | 'rewarded' | 'others'; ties: number; alive: number; share: number | null }[]
  reciprocity: { ties: number; both_ways: number; share: number | null }
  differences: {
    days: number
    rewarded_people: number
    held_out_people: number
    ties_each: Interval | null
    share: Interval | null
  }[]
}
