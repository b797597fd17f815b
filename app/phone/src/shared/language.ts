/** Which language the page speaks, and how a table of words becomes a function. */
import { ref } from 'vue'

export type Language = 'zh' | 'en'

const place = 'wufu/language'

/** What the person chose on this phone, else what their browser says. */
function firstLanguage(): Language {
  if (typeof localStorage !== 'undefined') {
    const kept = localStorage.getItem(place)
    if (kept === 'zh' || kept === 'en') return kept
  }
  return typeof navigator !== 'undefined' && !navigator.language.toLowerCase().startsWith('zh') ? 'en' : 'zh'
}

export const language = ref<Language>(firstLanguage())

/** Whether the person chose a language on this phone. */
export const hasChosen = () => localStorage.getItem(place) !== null

export function choose(chosen: Language): void {
  localStorage.setItem(place, chosen)
  speak(chosen)
}

export function speak(chosen: Language): void {
  language.value = chosen
  document.documentElement.lang = chosen === 'zh' ? 'zh-CN' : 'en'
}

export type Words = Record<string, { zh: string; en: string }>

export type Say<Table extends Words> = (key: keyof Table & string, facts?: Record<string, unknown>) => string

/** Every table there is, for the test that holds both languages complete. */
export const tables: Words[] = []

export function words<Table extends Words>(table: Table): Say<Table> {
  tables.push(table)
  return (key, facts) => fill(table[key]![language.value], facts)
}

/** `{name}` becomes the fact; `{n|friend|friends}` the first word for one and the second for any other number. */
export function fill(pattern: string, facts: Record<string, unknown> = {}): string {
  return pattern.replace(/\{(\w+)(?:\|([^|}]*)\|([^|}]*))?\}/g, (_, name: string, one?: string, many?: string) => {
    if (one === undefined) return String(facts[name] ?? '')
    return (Number(String(facts[name]).replaceAll(',', '')) === 1 ? one : many) ?? ''
  })
}
