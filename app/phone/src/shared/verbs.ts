/**
 * What a person can do to others, one function a verb. An id is made once for one wish: until an answer comes,
 * wishing the same again asks with the same id, so nothing is ever given or paid twice.
 */
import { post, Refused } from './api'
import type { CardId, PersonId, TieState } from './contract'
import { uuid7 } from './ids'
import { ask } from './live'
import { loadFriends, refreshMine } from './session'
import { known, world } from './world'

const wishes = new Map<string, string>()

export async function once<Answer>(wish: string, work: (id: string) => Promise<Answer>): Promise<Answer> {
  const id = wishes.get(wish) ?? uuid7()
  wishes.set(wish, id)
  try {
    const answer = await work(id)
    wishes.delete(wish)
    return answer
  } catch (error) {
    if (error instanceof Refused) wishes.delete(wish)
    throw error
  }
}

const me = () => world.me!.person
const campaign = () => world.campaign!.id

export async function join(seed: string): Promise<void> {
  const { number } = await ask<{ number: number }>(me(), 'join', { campaign: campaign(), seed })
  if (world.mine) Object.assign(world.mine, { joined: true, number })
  await refreshMine()
}

export async function gift(to: PersonId, card: CardId, request?: string): Promise<void> {
  const body = { campaign: campaign(), to, card, ...(request ? { request } : {}) }
  const answer = await once(`gift ${JSON.stringify(body)}`, (id) =>
    ask<{ held: number }>(me(), 'gift', { id, ...body }),
  )
  if (!world.mine) return
  world.mine.cards[card] = answer.held
  const answered = world.mine.requests.find((one) => one.id === request)
  if (answered) answered.state = 'given'
}

/** Ask one friend for a card, or whoever gets the token: its text is the answer. */
export async function askFor(card: CardId, to?: PersonId): Promise<{ id: string; token: string }> {
  const body = { campaign: campaign(), card, ...(to === undefined ? {} : { to }) }
  const answer = await once(`ask ${JSON.stringify(body)}`, (id) =>
    ask<{ id: string; token: string }>(me(), 'ask', { id, ...body }),
  )
  world.mine?.requests.push({
    id: answer.id,
    card,
    from: me(),
    to: to ?? null,
    state: 'open',
    token: answer.token,
    at: new Date().toISOString(),
  })
  return answer
}

export async function offerSwap(to: PersonId, gives: CardId, wants: CardId): Promise<void> {
  const body = { campaign: campaign(), to, gives, wants }
  const answer = await once(`swap ${JSON.stringify(body)}`, (id) =>
    ask<{ id: string; state: string }>(me(), 'swap', { id, ...body }),
  )
  if (world.mine?.swaps.some((one) => one.id === answer.id)) return
  const at = new Date().toISOString()
  world.mine?.swaps.push({
    id: answer.id,
    from: { person: me(), name: world.me!.name },
    to: known(to) ?? to,
    gives,
    wants,
    state: answer.state,
    at,
  })
}

export async function answerSwap(id: string, accept: boolean): Promise<string> {
  const { state } = await ask<{ state: string }>(me(), 'answer_swap', { id, campaign: campaign(), accept })
  const swap = world.mine?.swaps.find((one) => one.id === id)
  if (swap) swap.state = state
  await refreshMine()
  return state
}

export async function passCash(id: string, to: PersonId): Promise<void> {
  await ask(me(), 'pass_cash', { id, campaign: campaign(), to })
  const cash = world.mine?.cash.find((one) => one.id === id)
  if (cash) cash.passed_to = known(to) ?? to
}

export async function transfer(to: PersonId, minor: number, note: string, pin: string): Promise<void> {
  const body = { to, minor, ...(note ? { note } : {}) }
  const answer = await once(`transfer ${JSON.stringify(body)}`, (id) =>
    ask<{ balance_minor: number }>(me(), 'transfer', { id, ...body, pin }),
  )
  world.balance_minor = answer.balance_minor
}

export async function topUp(minor: number): Promise<void> {
  await once(`top-up ${minor}`, (id) => post('/api/wallet/top-up', { id, minor }))
}

export async function withdraw(minor: number, pin: string): Promise<void> {
  await once(`withdraw ${minor}`, (id) => post('/api/wallet/withdraw', { id, minor, pin }))
}

export async function tie(
  verb: 'ask' | 'accept' | 'refuse' | 'remove' | 'block' | 'unblock',
  person: PersonId,
): Promise<TieState> {
  const answer = await post<{ tie: TieState }>(`/api/ties/${verb}`, { person })
  await loadFriends()
  return answer.tie
}
