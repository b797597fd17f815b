/**
 * The part of a conversation that an open thread has in memory: a run of messages without holes, from the newest
 * backwards, longer as the reader goes up; or, after a jump far back, a run around that place.
 */
import { computed, onScopeDispose, ref, shallowRef, type Ref } from 'vue'
import { Refused } from '@/shared/api'
import type { Message } from '../model'
import { merged } from './changes'
import { onMessages, talks } from './desk'
import * as keep from './keep'
import * as wire from './wire'

const first_page = 80
const next_page = 200
const far = 2_000
const wire_page = 50

export interface Reel {
  messages: Ref<readonly Message[]>
  /** The newest message is part of it. */
  atNewest: Ref<boolean>
  /** There is nothing older that I may see. */
  atOldest: Ref<boolean>
  loaded: Ref<boolean>
  loading: Ref<boolean>
  older: () => Promise<void>
  newer: () => Promise<void>
  /** Have this message in memory; false when it cannot be seen. */
  reach: (number: number) => Promise<boolean>
  toNewest: () => Promise<void>
}

export function useReel(id: string): Reel {
  const messages = shallowRef<readonly Message[]>([])
  const atNewest = ref(true)
  const loaded = ref(false)
  const loading = ref(false)
  const ended = ref(false)

  const held = () => talks.get(id)
  const floor = () => Math.max(held()?.view.joined_number ?? 0, held()?.view.hidden_through ?? 0)
  const low = () => messages.value[0]?.number ?? (held()?.view.last_number ?? 0) + 1
  const high = () => messages.value.at(-1)?.number ?? 0
  const atOldest = computed(() => (void messages.value, ended.value || (loaded.value && low() <= floor() + 1)))

  const put = (fresh: readonly Message[]) => {
    messages.value = merged(
      messages.value,
      fresh.filter((one) => one.number > floor()),
    )
  }

  /** What came in while the kept ones were still being read. */
  const early: Message[] = []
  onScopeDispose(
    onMessages((conversation, fresh) => {
      if (conversation !== id) return
      if (!loaded.value) return void early.push(...fresh)
      if (messages.value.length === 0 && atNewest.value) return put(fresh)
      const known = fresh.filter((one) => one.number >= low() && (atNewest.value || one.number <= high()))
      // A run has no holes: what would leave one is fetched with the rest.
      const lowest = Math.min(...known.map((one) => one.number))
      if (known.length > 0 && messages.value.length > 0 && lowest > high() + 1) return void toNewest()
      if (known.length > 0) put(known)
    }),
  )

  let busy: Promise<void> = Promise.resolve()
  /** One thing at a time, in order. */
  const inTurn = (work: () => Promise<void>): Promise<void> => {
    busy = busy.then(async () => {
      loading.value = true
      try {
        await work()
      } catch (error) {
        // Without a line the reader sees what this phone has; the next touch of the end tries again.
        if (error instanceof Refused) ended.value = true
      } finally {
        loading.value = false
      }
    })
    return busy
  }
  /** Nothing where something is under way: the end of the list will be touched again. */
  const alone = (work: () => Promise<void>): Promise<void> => (loading.value ? busy : inTurn(work))

  async function toNewest(): Promise<void> {
    const now = held()
    if (now) {
      const newest = await keep.readMessages(
        id,
        Math.max(now.low, now.view.last_number - first_page + 1),
        now.view.last_number,
      )
      if (!atNewest.value || !loaded.value) messages.value = []
      atNewest.value = true
      put(newest.length === 0 && now.view.last ? [now.view.last] : newest)
    }
    put(early.splice(0))
    loaded.value = true
    if (messages.value.length < wire_page / 2) await older()
  }

  const older = () =>
    alone(async () => {
      if (!loaded.value || atOldest.value || !held()) return
      put(await before(low(), next_page))
    })

  /** Messages before this number: kept ones first, else the server's, which are kept from then on. */
  async function before(number: number, many: number): Promise<Message[]> {
    const now = held()!
    if (number > now.low) {
      const kept = await keep.readMessages(id, Math.max(now.low, number - many), number - 1)
      if (kept.length > 0) return kept
    }
    const page = await wire.page(id, { before: number }, wire_page)
    if (page.length === 0) ended.value = true
    const mine = talks.get(id)
    if (mine && page.length > 0 && number === mine.low) {
      const after = { ...mine, low: page[0]!.number }
      talks.set(id, after)
      void keep.write([after], page)
    }
    return page
  }

  const newer = () =>
    alone(async () => {
      if (atNewest.value || !held()) return
      const from = high() + 1
      const kept = from >= held()!.low ? await keep.readMessages(id, from, from + next_page) : []
      const page = kept.length > 0 ? kept : await wire.page(id, { after: high() }, wire_page)
      put(page)
      if (page.length === 0 || high() >= held()!.view.last_number) atNewest.value = true
    })

  async function reach(number: number): Promise<boolean> {
    const has = () => messages.value.some((one) => one.number === number)
    if (number <= floor()) return false
    if (has()) return true
    const now = held()
    if (!now) return false
    if (low() - number <= far && atNewest.value && number < low()) {
      while (!has() && !atOldest.value) {
        const was = low()
        await inTurn(async () => put(await before(low(), Math.max(next_page, low() - number + 20))))
        if (low() === was) break
      }
      if (has()) return true
    }
    return island(number)
  }

  /** A run around a place far back. */
  async function island(number: number): Promise<boolean> {
    let page = await keep.readMessages(id, number - wire_page, number + wire_page)
    if (!page.some((one) => one.number === number) || page[0]!.number < (held()?.low ?? 0)) {
      try {
        page = await wire.page(id, { around: number }, wire_page)
      } catch {
        return false
      }
    }
    if (!page.some((one) => one.number === number)) return false
    atNewest.value = false
    ended.value = false
    messages.value = []
    put(page)
    return true
  }

  return { messages, atNewest, atOldest, loaded, loading, older, newer, reach, toNewest }
}
