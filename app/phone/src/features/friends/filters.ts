/** Which friends the list shows: all, one group, or those with one tag. It stays while the app is open. */
import { computed, ref } from 'vue'
import type { Friend } from '@/shared/contract'
import { world } from '@/shared/world'
import { friends } from './words'

const everybody = 'all'

export const filter = ref(everybody)
/** Where the list stood when somebody left it. */
export const place = { top: 0 }

export const filters = computed(() => {
  const all = world.friends ?? []
  const numbers = new Set(all.map((one) => one.person))
  const tags = new Map<string, number>()
  for (const one of all) for (const tag of one.tags ?? []) tags.set(tag, (tags.get(tag) ?? 0) + 1)
  return [
    { key: everybody, name: friends('everybody'), count: all.length },
    ...world.groups.map((one) => ({
      key: `group-${one.id}`,
      name: one.name,
      count: one.people.filter((person) => numbers.has(person)).length,
    })),
    ...[...tags]
      .sort(([, a], [, b]) => b - a)
      .map(([tag, many]) => ({ key: `tag-${tag}`, name: `#${tag}`, count: many })),
  ]
})

/** Those of these friends whom the chosen filter shows; a filter that is gone hides nobody. */
export function inFilter(people: readonly Friend[]): readonly Friend[] {
  const key = filter.value
  if (key === everybody || !filters.value.some((one) => one.key === key)) return people
  if (key.startsWith('tag-')) return people.filter((one) => one.tags?.includes(key.slice(4)))
  const members = new Set(world.groups.find((one) => `group-${one.id}` === key)?.people)
  return people.filter((one) => members.has(one.person))
}
