/** Conversations, read from what happened between me and each friend: requests, swaps and facts. */
import type { CardRequest, Fact, MineView, PersonId, SwapView } from '@/shared/contract'
import { newsOf, type News } from '@/shared/news'
import { numberOf } from '@/shared/world'

export type Entry =
  | { kind: 'request'; key: string; at: string; request: CardRequest; mine: boolean }
  | { kind: 'swap'; key: string; at: string; swap: SwapView; mine: boolean }
  | { kind: 'news'; key: string; at: string; news: News; mine: boolean }

export interface Thread {
  person: PersonId
  entries: Entry[]
  last: Entry
  /** How many entries wait for my answer. */
  waiting: number
}

/** Facts that say the same as a request's or a swap's own card. */
const told = new Set(['fortune.asked', 'fortune.swap_offered', 'fortune.swap_ended', 'ties.asked', 'packet.came'])

export const waits = (entry: Entry) =>
  !entry.mine &&
  ((entry.kind === 'request' && entry.request.state === 'open') ||
    (entry.kind === 'swap' && entry.swap.state === 'offered'))

/** Threads by friend (`trading`: the campaign still takes answers), the latest first; the entries of each oldest first. */
export function threadsOf(news: Fact[], mine: MineView | null, me: PersonId, trading: boolean): Thread[] {
  const byPerson = new Map<PersonId, Entry[]>()
  const add = (person: PersonId | null, entry: Entry) => {
    if (person === null || person === me) return
    const entries = byPerson.get(person)
    if (entries) entries.push(entry)
    else byPerson.set(person, [entry])
  }
  for (const request of mine?.requests ?? []) {
    const from = numberOf(request.from)
    const own = from === me
    add(own ? numberOf(request.to) : from, {
      kind: 'request',
      key: `r${request.id}`,
      at: request.at ?? '',
      request,
      mine: own,
    })
  }
  for (const swap of mine?.swaps ?? []) {
    const own = numberOf(swap.from) === me
    add(own ? numberOf(swap.to) : numberOf(swap.from), {
      kind: 'swap',
      key: `s${swap.id}`,
      at: swap.at ?? '',
      swap,
      mine: own,
    })
  }
  for (const fact of news) {
    if (told.has(fact.kind) || fact.body['cause'] === 'swap') continue
    const line = newsOf(fact)
    if (line)
      add(line.person, {
        kind: 'news',
        key: `f${fact.number}`,
        at: fact.at,
        news: line,
        mine: fact.kind === 'fortune.card_left',
      })
  }
  const threads = [...byPerson].map(([person, entries]): Thread => {
    entries.sort((a, b) => Date.parse(a.at || '1970-01-01') - Date.parse(b.at || '1970-01-01'))
    return { person, entries, last: entries.at(-1)!, waiting: trading ? entries.filter(waits).length : 0 }
  })
  return threads.sort(
    (a, b) =>
      Number(b.waiting > 0) - Number(a.waiting > 0) || Date.parse(b.last.at || '0') - Date.parse(a.last.at || '0'),
  )
}
