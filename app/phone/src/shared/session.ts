/**
 * The life of a signed-in phone: snapshot, pass, facts; a gap, a reconnect or half a minute fetches what is missing.
 */
import { markRaw } from 'vue'
import { get, post, Refused } from './api'
import type { CampaignView, Fact, Me, MineView, RoundState, Snapshot, Ties } from './contract'
import { connect, disconnect, follow } from './live'
import { hasChosen, speak } from './language'
import { applyCampaign, applyFact, applyPulse, applySnapshot, remember, setRound } from './reduce'
import { emptyWorld, tick_ms, world } from './world'

const look_again_ms = 30_000
/** In a demo somebody else may start the next eve at any moment. */
const look_ms = 5_000
/** How many facts back the strip and the threads reach when the page is opened. */
const history = 200

type FactListener = (fact: Fact) => void
const listeners = new Set<FactListener>()

/** Hear every fact as it is applied; returns how to stop. */
export function onFact(listener: FactListener): () => void {
  listeners.add(listener)
  return () => void listeners.delete(listener)
}

let looking: ReturnType<typeof setInterval> | undefined
let ticking: ReturnType<typeof setInterval> | undefined
let fetching: Promise<void> | null = null
let again = false
let looked_ms = 0
let ended: () => void = () => undefined

/** Who is signed in, or null. Throws Unreachable while nobody can tell. */
export async function whoAmI(): Promise<Me | null> {
  try {
    return await get<Me>('/api/me')
  } catch (error) {
    if (error instanceof Refused && error.status === 401) return null
    throw error
  }
}

const place = 'wufu/me'

/** Nobody can be asked: whoever used this phone last sees what it has kept. True when there is somebody. */
export function startOffline(): boolean {
  if (world.me) return true
  try {
    const kept = JSON.parse(localStorage.getItem(place) ?? 'null') as Me | null
    if (typeof kept?.person !== 'number') return false
    world.me = kept
  } catch {
    return false
  }
  world.online = false
  return true
}

export async function start(whenEnded: () => void): Promise<void> {
  ended = whenEnded
  await takeSnapshot()
  localStorage.setItem(place, JSON.stringify(world.me))
  adoptLanguage(world.me)
  clearInterval(looking)
  clearInterval(ticking)
  looking = setInterval(() => void lookAgain(), look_ms)
  ticking = setInterval(() => (tick_ms.value = performance.now()), 250)
  void connect({ fact: hearFact, pulse: hearPulse, up: lineUp, down: () => (world.online = false) })
  void loadFriends()
  void loadHistory()
}

/** A new phone speaks the language of the account; a persona has none of its own. */
function adoptLanguage(me: Me | null): void {
  const spoken = me?.language
  if (me?.login && !hasChosen() && (spoken === 'zh' || spoken === 'en')) speak(spoken)
}

export async function stop(): Promise<void> {
  clearInterval(looking)
  clearInterval(ticking)
  localStorage.removeItem(place)
  Object.assign(world, emptyWorld())
  await disconnect()
}

/** Half a minute has passed: missing facts, and whether another campaign has begun since this one ended. */
async function lookAgain(): Promise<void> {
  const state = world.campaign?.state
  const wait_ms = world.me?.demo && state === 'settled' ? look_ms : look_again_ms
  if (performance.now() - looked_ms < wait_ms) return
  looked_ms = performance.now()
  if (state === 'running' || state === 'announced' || state === 'settling') await catchUp()
  else await quietly(takeSnapshot)
}

async function takeSnapshot(): Promise<void> {
  const snapshot = await get<Snapshot>('/api/snapshot')
  applySnapshot(world, snapshot, performance.now())
  if (snapshot.campaign) follow(snapshot.campaign.id)
}

function lineUp(): void {
  world.online = true
  void catchUp()
  void refreshCampaign()
}

/** Fetch every fact after the cursor. Calls while one is under way are folded into one more. */
export function catchUp(): Promise<void> {
  again = true
  fetching ??= run().finally(() => (fetching = null))
  return fetching
}

async function run(): Promise<void> {
  while (again) {
    again = false
    try {
      const { facts, reset } = await get<{ facts: Fact[]; reset?: boolean }>(`/api/facts?after=${world.cursor}`)
      // The server keeps facts for a while only.
      if (reset) return await takeSnapshot()
      for (const fact of facts) {
        if (take(fact) === 'gap') return await takeSnapshot()
      }
      if (facts.length > 0) again = true
    } catch (error) {
      if (error instanceof Refused && error.status === 401) ended()
      return
    }
  }
}

function hearFact(message: unknown): void {
  if (take(message as Fact) === 'gap') void catchUp()
}

function take(fact: Fact) {
  const applied = applyFact(world, fact)
  if (applied === 'applied') {
    for (const listener of listeners) listener(fact)
    if (fact.kind === 'ties.accepted' || fact.kind === 'ties.removed') soon('friends', loadFriends)
    if (fact.kind === 'ties.accepted' || fact.kind.startsWith('fortune.')) soon('mine', refreshMine)
    if (fact.kind === 'fortune.won') {
      soon('campaign', refreshCampaign)
      // This fact is the same for all winners, so it cannot say what one has now.
      soon('balance', refreshBalance)
    }
  }
  return applied
}

/** What everybody hears: the pulse of a campaign, or that a round or the campaign itself has turned. */
function hearPulse(message: unknown): void {
  const heard = message as Record<string, unknown>
  const before = world.campaign?.state
  if (heard['kind'] === 'pulse') applyPulse(world, heard, performance.now())
  else if (heard['kind'] === 'fortune.round') {
    const { number, state } = (heard['body'] ?? heard) as { number: number; state: RoundState }
    setRound(world, number, state)
  }
  if (heard['kind'] === 'pulse' && before === world.campaign?.state) return
  soon('mine', refreshMine)
  soon('campaign', refreshCampaign)
}

const planned = new Map<string, ReturnType<typeof setTimeout>>()

/** Once shortly, however many facts ask for it. */
function soon(name: string, work: () => Promise<void>): void {
  if (planned.has(name)) return
  const wait_ms = 300 + Math.random() * 400
  planned.set(
    name,
    setTimeout(() => (planned.delete(name), void work()), wait_ms),
  )
}

async function quietly(work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    if (error instanceof Refused && error.status === 401) ended()
  }
}

export const refreshMine = () =>
  quietly(async () => {
    const id = world.campaign?.id
    if (!id) return
    const mine = await get<MineView>(`/api/fortune/${id}/mine`)
    if (world.campaign?.id === id) world.mine = mine
  })

export const refreshBalance = () =>
  quietly(async () => {
    world.balance_minor = (await get<{ balance_minor: number }>('/api/wallet')).balance_minor
  })

export const refreshCampaign = () =>
  quietly(async () => {
    const id = world.campaign?.id
    if (!id) return
    const campaign = await get<CampaignView>(`/api/fortune/${id}`)
    if (world.campaign?.id === id) applyCampaign(world, campaign, performance.now())
  })

/** Only the newest load counts, and none that was asked for before something here was changed. */
let loads = 0
let edits = 0

export const tiesEdited = () => void (edits += 1)

export const loadFriends = () =>
  quietly(async () => {
    const load = (loads += 1)
    for (;;) {
      const before = edits
      const ties = await get<Ties>('/api/ties')
      if (load !== loads) return
      if (edits === before) return takeTies(ties)
    }
  })

/** Also from what this phone has kept, while nobody can be asked. */
export function takeTies(ties: Ties): void {
  world.friends = markRaw(ties.friends)
  world.requests = ties.requests
  world.asked = ties.asked
  world.blocked = ties.blocked
  world.groups = ties.groups ?? []
  world.friends_count = ties.friends.length
}

const loadHistory = () =>
  quietly(async () => {
    const after = Math.max(0, world.cursor - history)
    if (after === world.cursor) return
    const { facts } = await get<{ facts: Fact[] }>(`/api/facts?after=${after}`)
    remember(
      world,
      facts.filter((fact) => fact.number <= world.cursor),
    )
  })

export const refreshAll = () => quietly(takeSnapshot)

/** Demo only: a fresh eve for everybody. */
export async function runAgain(): Promise<void> {
  await post('/api/demo/again')
  await takeSnapshot()
}
