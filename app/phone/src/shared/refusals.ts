/** What is said when something is refused. The words are data: refusals.json, one entry a code. */
import { Refused, Unreachable, type Facts } from './api'
import { money } from './format'
import { fill, language } from './language'
import sentences from './refusals.json'

const known: Record<string, { zh: string; en: string }> = sentences

export function refusalWords(code: string, facts: Facts = {}): string {
  const sentence = known[code] ?? known['other']!
  return fill(sentence[language.value], { code, ...readable(facts) })
}

/** A no of the phone's own, in words already. */
export class Spoken extends Error {}

/** The sentence for anything that was thrown. */
export function sayError(error: unknown): string {
  if (error instanceof Spoken) return error.message
  if (error instanceof Refused) return refusalWords(error.code, error.facts)
  if (error instanceof Unreachable) return refusalWords('unreachable')
  return refusalWords('other', { code: error instanceof Error ? error.name : 'error' })
}

/** Amounts as money and instants as a time of day; everything else as it is. */
function readable(facts: Facts): Facts {
  const entries = Object.entries(facts).map(([name, value]): [string, unknown] => {
    if (typeof value === 'number' && (name === 'minor' || name.endsWith('_minor'))) return [name, money(value)]
    if (typeof value === 'string' && /^\d{4}-\d\d-\d\dT/.test(value)) {
      return [name, new Date(value).toTimeString().slice(0, 5)]
    }
    return [name, value]
  })
  return Object.fromEntries(entries)
}
