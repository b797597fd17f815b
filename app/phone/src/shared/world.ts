/** What this phone knows: one reactive object, changed only by the reducers in reduce.ts and by session.ts. */
import { computed, reactive, ref } from 'vue'
import { phaseOf, type Anchor } from './clock'
import type {
  CampaignView,
  CardId,
  Fact,
  Friend,
  FriendGroup,
  Me,
  MineView,
  PersonId,
  PersonRef,
  PersonView,
  TieRequest,
} from './contract'

export interface World {
  me: Me | null
  /** The number of the last fact that is part of this state. */
  cursor: number
  balance_minor: number
  campaign: CampaignView | null
  clock: Anchor | null
  mine: MineView | null
  requests: TieRequest[]
  friends_count: number
  /** Replaced as a whole, never changed in place: up to 5,000 of them are looked through at every letter typed. */
  friends: Friend[] | null
  /** Whom I asked without an answer, whom I blocked, my groups of friends: known once the list was loaded. */
  asked: TieRequest[]
  blocked: PersonView[]
  groups: FriendGroup[]
  /** Facts this phone has seen, oldest first: the live strip and the threads are read from them. */
  news: Fact[]
  online: boolean
}

export const emptyWorld = (): World => ({
  me: null,
  cursor: 0,
  balance_minor: 0,
  campaign: null,
  clock: null,
  mine: null,
  requests: [],
  friends_count: 0,
  friends: null,
  asked: [],
  blocked: [],
  groups: [],
  news: [],
  online: true,
})

export const world = reactive<World>(emptyWorld())

/** How many messages wait to be read: the chat says so, the tab shows it. */
export const unread = ref(0)

/** `performance.now()`, kept going four times a second while the page is looked at. */
export const tick_ms = ref(typeof performance === 'undefined' ? 0 : performance.now())

/** Cards can be given, asked for and swapped; before and after, nothing waits for an answer. */
export const trading = computed(() => world.campaign?.state === 'running')

export const phase = computed(() => phaseOf(world.campaign))

const cards2016: { id: CardId; zh: string; en: string; scarce: boolean }[] = [
  { id: 'aiguo', zh: '爱国福', en: 'Patriotism', scarce: false },
  { id: 'fuqiang', zh: '富强福', en: 'Prosperity', scarce: false },
  { id: 'hexie', zh: '和谐福', en: 'Harmony', scarce: false },
  { id: 'youshan', zh: '友善福', en: 'Friendliness', scarce: false },
  { id: 'jingye', zh: '敬业福', en: 'Dedication', scarce: true },
]

export const cards = computed(() => (world.campaign?.cards.length ? world.campaign.cards : cards2016))

export const held = (card: CardId): number => world.mine?.cards[card] ?? 0

export const missing = computed(() => cards.value.filter((card) => held(card.id) === 0))

/** The number in a reference to a person, however it was sent. */
export const numberOf = (who: PersonRef | null | undefined): PersonId | null =>
  who === null || who === undefined ? null : typeof who === 'number' ? who : who.person

const friendsByNumber = computed(() => new Map((world.friends ?? []).map((one) => [one.person, one])))

export const friendOf = (person: PersonId): Friend | null => friendsByNumber.value.get(person) ?? null

/** What a person is called in my lists: as I call them, else as they call themselves. */
export const shownName = (one: PersonView & { remark?: string }): string => one.remark || one.name

/** The best name this phone has for a person. */
export function nameOf(who: PersonRef | null | undefined): string {
  const remark = friendOf(numberOf(who) ?? 0)?.remark
  if (remark) return remark
  if (who && typeof who === 'object' && who.name) return who.name
  const person = numberOf(who)
  if (person === null) return ''
  if (person === world.me?.person) return world.me.name
  return known(person)?.name ?? `#${person}`
}

export function known(person: PersonId): { person: PersonId; name: string; avatar?: number | null } | null {
  const friend = friendOf(person)
  if (friend) return { ...friend, name: shownName(friend) }
  const request = world.requests.find((one) => one.person === person)
  if (request) return request
  for (let index = world.news.length - 1; index >= 0; index -= 1) {
    for (const value of Object.values(world.news[index]!.body)) {
      if (value && typeof value === 'object' && (value as { person?: unknown }).person === person) {
        const found = value as { person: PersonId; name?: string; avatar?: number | null }
        if (found.name) return { person, name: found.name, avatar: found.avatar ?? null }
      }
    }
  }
  return null
}
