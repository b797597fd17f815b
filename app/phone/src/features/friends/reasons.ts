/** Why somebody is suggested, in words: "3 位共同好友，2 个共同群". */
import type { Suggestion } from '@/shared/contract'
import { friends } from './words'

const kinds = ['shared_groups', 'past_dealings'] as const

export function reasonOf(one: Suggestion): string {
  const reasons = one.reasons ?? [{ kind: 'mutual_friends', count: one.mutual, names: [] }]
  const said = reasons.map(({ kind, count, names }) => {
    if (count < 1) return ''
    if (kind === 'mutual_friends') {
      if (names.length === 0) return friends('mutual', { n: count })
      return friends('mutual_named', { n: count, names: names.join(friends('name_join')) })
    }
    const known = kinds.find((each) => each === kind)
    return known ? friends(known, { n: count }) : ''
  })
  return said.filter(Boolean).join(friends('reason_join'))
}
