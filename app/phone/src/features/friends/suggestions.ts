/** Whom one may know, as the server last said; a dismissal can be taken back while the page is open. */
import { computed, reactive, ref } from 'vue'
import type { PersonId, Suggestion } from '@/shared/contract'
import { attempt } from '@/shared/say'
import { tie } from '@/shared/verbs'
import { friendOf, world } from '@/shared/world'
import { dismiss, restore, seeSuggestions } from './verbs'

const most = 50
const said = ref<Suggestion[]>([])

/** What became of a suggestion on this page. */
export const became = reactive(new Map<PersonId, 'asked' | 'dismissed'>())

/** Without those who became friends, ask themselves or were blocked since. */
export const suggested = computed(() => {
  const asking = new Set(world.requests.map((one) => one.person))
  const blocked = new Set(world.blocked.map((one) => one.person))
  return said.value.filter((one) => !friendOf(one.person) && !asking.has(one.person) && !blocked.has(one.person))
})

export async function loadSuggestions(): Promise<void> {
  try {
    said.value = await seeSuggestions(most)
    became.clear()
  } catch {
    // Suggestions are a courtesy: without them the page is whole.
  }
}

export async function askSuggested(person: PersonId): Promise<void> {
  if (await attempt(() => tie('ask', person))) became.set(person, 'asked')
}

export async function withdrawSuggested(person: PersonId): Promise<void> {
  if (await attempt(() => tie('remove', person))) became.delete(person)
}

export async function dismissSuggested(person: PersonId): Promise<void> {
  if (await attempt(() => dismiss(person))) became.set(person, 'dismissed')
}

export async function restoreSuggested(person: PersonId): Promise<void> {
  if (await attempt(() => restore(person))) became.delete(person)
}
