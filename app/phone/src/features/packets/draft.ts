/** A packet while it is being filled: what it costs, and the first thing that is not possible. Pure. */

export type PacketKind = 'lucky' | 'equal' | 'one'

export interface Draft {
  kind: PacketKind
  /** How many people may open one share each; always 1 for one person. */
  shares: number | null
  /** Typed: the whole of a lucky packet, one share of an equal one; null while it is not an amount. */
  minor: number | null
  message: string
  /** The words that open it, where it is opened by words. */
  password: string | null
}

/** What the server allows this person now. */
export interface Limits {
  least_share_minor: number
  most_share_minor: number
  most_shares: number
  most_message: number
  least_password: number
  most_password: number
  /** What may still be sent today; null where nobody counts. */
  left_today_minor: number | null
  balance_minor: number
}

export type ProblemCode =
  | 'no_amount'
  | 'no_shares'
  | 'too_many_shares'
  | 'share_too_small'
  | 'share_too_large'
  | 'long_message'
  | 'bad_password'
  | 'over_day'
  | 'not_enough'

export interface Problem {
  code: ProblemCode
  facts: { minor?: number; n?: number; m?: number }
  /** Not a mistake yet, only not finished: nothing is said about it. */
  unfinished: boolean
}

/** Characters as people count them: code points, so that an emoji is one. */
export const characters = (text: string): number => Array.from(text).length

export function totalOf(draft: Draft): number {
  if (draft.minor === null) return 0
  return draft.kind === 'equal' ? draft.minor * (draft.shares ?? 0) : draft.minor
}

export function problemOf(draft: Draft, limits: Limits): Problem | null {
  const no = (code: ProblemCode, facts: Problem['facts'] = {}, unfinished = false): Problem => ({
    code,
    facts,
    unfinished,
  })
  const shares = draft.kind === 'one' ? 1 : draft.shares
  if (shares !== null && shares > limits.most_shares) return no('too_many_shares', { n: limits.most_shares })
  if (characters(draft.message) > limits.most_message) return no('long_message', { n: limits.most_message })
  if (draft.minor !== null && shares !== null && shares > 0) {
    // A lucky share is at least one fen and on average at most the limit; an equal one is what was typed.
    const total = draft.kind === 'equal' ? draft.minor * shares : draft.minor
    if (total < shares * limits.least_share_minor) return no('share_too_small', { minor: limits.least_share_minor })
    if (total > shares * limits.most_share_minor) return no('share_too_large', { minor: limits.most_share_minor })
    if (limits.left_today_minor !== null && total > limits.left_today_minor)
      return no('over_day', { minor: limits.left_today_minor })
    if (total > limits.balance_minor) return no('not_enough', { minor: limits.balance_minor })
  }
  if (draft.password !== null) {
    const length = characters(draft.password.trim())
    if (length < limits.least_password || length > limits.most_password)
      return no('bad_password', { n: limits.least_password, m: limits.most_password }, length < limits.least_password)
  }
  if (shares === null || shares < 1) return no('no_shares', {}, true)
  if (draft.minor === null) return no('no_amount', {}, true)
  return null
}
