/**
 * How a fact changes what the phone knows. Pure: a world and a fact in, the world changed, no I/O.
 *
 * The law: snapshot + facts = fresh snapshot. Facts carry resulting states (`held`, `balance_minor`) and not
 * differences, so applying one twice does no harm; the cursor makes sure of it anyway.
 */
import { markRaw } from 'vue'
import { anchor } from './clock'
import type { CampaignView, Fact, MineView, PersonRef, RoundState, Snapshot } from './contract'
import { numberOf, type World } from './world'

export const most_news = 400

export function applySnapshot(world: World, snapshot: Snapshot, heard_ms: number): void {
  world.me = snapshot.me
  world.cursor = snapshot.cursor
  world.balance_minor = snapshot.wallet.balance_minor
  world.requests = snapshot.requests
  world.friends_count = snapshot.friends_count
  world.mine = snapshot.mine
  applyCampaign(world, snapshot.campaign, heard_ms)
}

export function applyCampaign(world: World, campaign: CampaignView | null, heard_ms: number): void {
  world.campaign = campaign
  world.clock = campaign ? anchor(campaign.clock, heard_ms) : null
}

/** The part of a campaign that moves, sent to everybody about once a second. It is not numbered. */
export function applyPulse(world: World, pulse: Record<string, unknown>, heard_ms: number): void {
  if (!world.campaign) return
  const { kind, id, campaign, ...changes } = pulse as Record<string, unknown> & Partial<CampaignView>
  if (kind !== 'pulse') return
  if ((id ?? campaign ?? world.campaign.id) !== world.campaign.id) return
  const { rounds, ...rest } = changes as Partial<CampaignView>
  Object.assign(world.campaign, rest)
  for (const round of rounds ?? []) {
    const known = world.campaign.rounds.find((one) => one.number === round.number)
    if (known) Object.assign(known, round)
    else world.campaign.rounds.push(round)
  }
  if (rest.clock) world.clock = anchor(rest.clock, heard_ms)
}

export type Applied = 'applied' | 'old' | 'gap'

/** Take in one numbered fact. On a gap nothing changes: the caller fetches what is missing. */
export function applyFact(world: World, fact: Fact): Applied {
  if (fact.number <= world.cursor) return 'old'
  if (fact.number > world.cursor + 1) return 'gap'
  world.cursor = fact.number
  remember(world, [fact])
  change(world, fact)
  return 'applied'
}

/** Keep facts for the strip and the threads, in order and once each. */
export function remember(world: World, facts: Fact[]): void {
  const seen = new Set(world.news.map((fact) => fact.number))
  const fresh = facts.filter((fact) => !seen.has(fact.number))
  if (fresh.length === 0) return
  world.news = [...world.news, ...fresh].sort((a, b) => a.number - b.number).slice(-most_news)
}

interface Body {
  campaign?: string
  card?: string
  held?: number
  from?: PersonRef
  to?: PersonRef
  person?: number
  name?: string
  avatar?: number | null
  request?: string
  swap?: string
  gives?: string
  wants?: string
  state?: string
  id?: string
  minor?: number
  round?: number
  number?: number
  winners?: number
  balance_minor?: number
}

function change(world: World, fact: Fact): void {
  const body = fact.body as Body
  if (fact.kind.startsWith('ties.')) return changeTies(world, fact, body)
  if (fact.kind === 'wallet.moved') {
    if (typeof body.balance_minor === 'number') world.balance_minor = body.balance_minor
    return
  }
  if (!world.campaign || body.campaign !== world.campaign.id) return
  if (fact.kind === 'fortune.round') return setRound(world, body.number ?? 0, body.state as RoundState)
  // Cash that was won or passed on is in the purse already.
  if (fact.kind === 'fortune.cash_came' && typeof body.balance_minor === 'number')
    world.balance_minor = body.balance_minor
  if (world.mine) changeMine(world.mine, fact, body, world.me?.person ?? null)
}

function changeTies(world: World, fact: Fact, body: Body): void {
  if (fact.kind === 'ties.asked') {
    const from = body.from
    if (!from || typeof from === 'number') return
    world.requests = [{ ...from, asked_at: fact.at }, ...world.requests.filter((one) => one.person !== from.person)]
    return
  }
  const person = body.person
  if (person === undefined) return
  world.requests = world.requests.filter((one) => one.person !== person)
  if (fact.kind === 'ties.accepted') world.asked = world.asked.filter((one) => one.person !== person)
  if (!world.friends) return
  const others = world.friends.filter((one) => one.person !== person)
  if (fact.kind === 'ties.accepted') {
    const came = { person, name: body.name ?? '', avatar: body.avatar ?? null, mutual: 0, since: fact.at, new: true }
    others.push(came)
  }
  world.friends_count += others.length - world.friends.length
  world.friends = markRaw(others)
}

export function setRound(world: World, number: number, state: RoundState): void {
  const round = world.campaign?.rounds.find((one) => one.number === number)
  if (round) round.state = state
}

function changeMine(mine: MineView, fact: Fact, body: Body, me: number | null): void {
  switch (fact.kind) {
    case 'fortune.card_came':
    case 'fortune.card_left':
      if (body.card && typeof body.held === 'number') mine.cards[body.card] = body.held
      return
    case 'fortune.asked':
      if (!body.request || mine.requests.some((one) => one.id === body.request)) return
      mine.requests.push({
        id: body.request,
        card: body.card ?? '',
        from: body.from ?? 0,
        to: me,
        state: 'open',
        at: fact.at,
      })
      return
    case 'fortune.swap_offered':
      if (!body.swap || mine.swaps.some((one) => one.id === body.swap)) return
      mine.swaps.push({
        id: body.swap,
        from: body.from ?? 0,
        to: body.to ?? me ?? 0,
        gives: body.gives ?? '',
        wants: body.wants ?? '',
        state: 'offered',
        at: fact.at,
      })
      return
    case 'fortune.swap_ended': {
      const swap = mine.swaps.find((one) => one.id === body.swap)
      if (swap) swap.state = body.state ?? 'done'
      return
    }
    case 'fortune.cash_came':
      // One that a friend passed on is money, not a packet to pass on again.
      if (!body.id || body.from !== undefined || mine.cash.some((one) => one.id === body.id)) return
      mine.cash.push({ id: body.id, minor: body.minor ?? 0, round: body.round ?? 0, passed_to: null })
      return
    case 'fortune.won':
      mine.won = { minor: body.minor ?? 0 }
  }
}

/** Requests that wait for this person's answer. */
export const asksOfMe = (mine: MineView | null, me: number | null) =>
  (mine?.requests ?? []).filter((one) => one.state === 'open' && numberOf(one.from) !== me)

/** Swaps that wait for this person's answer. */
export const offersToMe = (mine: MineView | null, me: number | null) =>
  (mine?.swaps ?? []).filter((one) => one.state === 'offered' && numberOf(one.to) === me)
