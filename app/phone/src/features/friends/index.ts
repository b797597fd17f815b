/** The front door of the friends' pages for the rest of the app: the list is kept on the phone while somebody is signed in. */
import { toRaw, watch } from 'vue'
import type { PersonId } from '@/shared/contract'
import { takeTies } from '@/shared/session'
import { world } from '@/shared/world'
import { forgetEverybody, forgetTies, keepTies, keptTies } from './keep'

const kept_codes = 'wufu/invitations/'
const soon_ms = 1_000

export function runFriends(): void {
  let saving: ReturnType<typeof setTimeout> | undefined
  let opened: PersonId | null = null
  watch(
    () => world.me?.person ?? null,
    async (person) => {
      clearTimeout(saving)
      const before = opened
      opened = person
      if (before !== null && before !== person) forget(before)
      if (person === null) return
      const ties = await keptTies(person)
      // What the server said in the meantime is newer.
      if (ties && opened === person && world.friends === null) takeTies(ties)
    },
    { immediate: true },
  )
  watch(
    () => [world.friends, world.asked, world.blocked, world.groups] as const,
    ([friends, asked, blocked, groups]) => {
      clearTimeout(saving)
      const person = world.me?.person
      if (!friends || person === undefined) return
      const ties = { friends, requests: world.requests, asked, blocked, groups }
      saving = setTimeout(() => void keepTies(person, plain(ties)), soon_ms)
    },
  )
}

/** Without Vue's proxies, which no store takes. */
function plain<Value>(value: Value): Value {
  const raw = toRaw(value)
  if (Array.isArray(raw)) return raw.map(plain) as Value
  if (raw === null || typeof raw !== 'object') return raw
  return Object.fromEntries(Object.entries(raw).map(([key, inner]) => [key, plain(inner)])) as Value
}

function forget(person: PersonId): void {
  localStorage.removeItem(`${kept_codes}${person}`)
  void forgetTies(person)
}

/** Nobody is signed in on this phone. */
export async function nobodyHere(): Promise<void> {
  for (const key of Object.keys(localStorage)) if (key.startsWith(kept_codes)) localStorage.removeItem(key)
  await forgetEverybody()
}
