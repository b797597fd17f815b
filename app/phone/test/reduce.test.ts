import { beforeEach, describe, expect, it } from 'vitest'
import type { Fact, Snapshot } from '@/shared/contract'
import { applyFact, applyPulse, applySnapshot, asksOfMe, offersToMe } from '@/shared/reduce'
import { threadsOf } from '@/features/chat/threads'
import { emptyWorld, type World } from '@/shared/world'

const grandma = { person: 9, name: '外婆', avatar: 3 }
const snapshot = (): Snapshot => ({
  cursor: 10,
  me: { person: 7, name: '小满', has_pin: false },
  wallet: { balance_minor: 500 },
  requests: [],
  friends_count: 1,
  campaign: {
    id: 'gala',
    title: '集五福',
    state: 'running',
    clock: { campaign_now: '2016-02-07T12:00:00Z', real_now: '2026-01-01T00:00:00Z', speed: 1 },
    cards: [],
    rounds: [{ number: 1, opens_at: '', closes_at: '', state: 'planned' }],
    pool_minor: 1,
    holders: 0,
    players: 1,
    taps: 0,
    settlement: null,
  },
  mine: {
    joined: true,
    number: 1,
    cards: { aiguo: 1 },
    rounds: [],
    new_friends: 0,
    friend_cards_given: 0,
    cash: [],
    requests: [],
    swaps: [],
    won: null,
  },
})
const fact = (number: number, kind: string, body: Record<string, unknown>): Fact => ({
  number,
  kind,
  at: '2026-01-01T00:00:00Z',
  body: { campaign: 'gala', ...body },
})

let world: World
beforeEach(() => {
  world = emptyWorld()
  applySnapshot(world, snapshot(), 0)
})

describe('facts', () => {
  it('are applied in order, once, and a gap changes nothing', () => {
    const came = fact(11, 'fortune.card_came', { card: 'aiguo', held: 2, cause: 'gift', from: grandma })
    expect(applyFact(world, came)).toBe('applied')
    expect(applyFact(world, came)).toBe('old')
    expect(applyFact(world, fact(13, 'fortune.card_left', { card: 'aiguo', held: 0 }))).toBe('gap')
    expect([world.cursor, world.mine?.cards['aiguo'], world.news.length]).toEqual([11, 2, 1])
  })

  it('of another campaign leave this one alone', () => {
    applyFact(world, {
      ...fact(11, 'fortune.card_came', { card: 'aiguo', held: 9 }),
      body: { campaign: 'other', card: 'aiguo', held: 9 },
    })
    expect(world.mine?.cards['aiguo']).toBe(1)
  })

  it('bring requests and swaps that wait for me, and end them', () => {
    applyFact(world, fact(11, 'fortune.asked', { request: 'r', card: 'aiguo', from: grandma }))
    applyFact(world, fact(12, 'fortune.swap_offered', { swap: 's', gives: 'jingye', wants: 'aiguo', from: grandma }))
    expect([asksOfMe(world.mine, 7).length, offersToMe(world.mine, 7).length]).toEqual([1, 1])
    applyFact(world, fact(13, 'fortune.swap_ended', { swap: 's', state: 'done' }))
    expect(offersToMe(world.mine, 7)).toEqual([])
    const threads = threadsOf(world.news, world.mine, 7, true)
    expect(threads.map((thread) => [thread.person, thread.entries.length, thread.waiting])).toEqual([[9, 2, 1]])
  })

  it('move money, ties and the share', () => {
    applyFact(world, fact(11, 'wallet.moved', { balance_minor: 900, minor: 400, reason: 'transfer' }))
    applyFact(world, fact(12, 'ties.asked', { from: grandma }))
    expect([world.balance_minor, world.requests.length]).toEqual([900, 1])
    world.friends = []
    applyFact(world, fact(13, 'ties.accepted', { ...grandma }))
    expect([world.requests.length, world.friends.length]).toEqual([0, 1])
    applyFact(world, fact(14, 'fortune.won', { minor: 27_166, winners: 791_405 }))
    expect(world.mine?.won).toEqual({ minor: 27_166 })
  })
})

describe('the pulse', () => {
  it('changes what it carries and nothing else', () => {
    applyPulse(world, { kind: 'pulse', id: 'gala', holders: 12, rounds: [{ number: 1, state: 'open' }] }, 5)
    expect([world.campaign?.holders, world.campaign?.rounds[0]?.state, world.campaign?.pool_minor]).toEqual([
      12,
      'open',
      1,
    ])
    applyPulse(world, { kind: 'pulse', id: 'other', holders: 99 }, 6)
    expect(world.campaign?.holders).toBe(12)
  })
})
