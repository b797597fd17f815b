/**
 * How names sound: every character with its syllable, so that 单雄信 stands under S and is found by "sxx", "shanxx" and
 * "雄信". The dictionary is large and comes by itself when somebody looks for a name (`loadSounds`); until then names
 * are read by their own letters only.
 */
import { computed, shallowRef } from 'vue'

/** One character of a name with its syllable, without tones; or a word in Latin letters, which sounds as it is spelled. */
export interface Sound {
  text: string
  sound: string
}

type Read = (name: string) => readonly Sound[]

const asSpelled = (text: string): Sound => ({ text, sound: text.toLowerCase() })

const spelled: Read = (name) => (name.match(/[a-z0-9]+|./gisu) ?? []).map(asSpelled)

/** How to read a name; another function once the dictionary is here, so what was computed with it is computed again. */
export const read = shallowRef<Read>(spelled)

export const soundsAreHere = computed(() => read.value !== spelled)

let loading: Promise<void> | null = null

/** Fetch the dictionary, once. Without a line the next call tries again. */
export function loadSounds(): Promise<void> {
  loading ??= fetchSounds().catch(() => void (loading = null))
  return loading
}

async function fetchSounds(): Promise<void> {
  const { pinyin } = await import('pinyin-pro')
  const known = new Map<string, readonly Sound[]>()
  read.value = (name) => {
    const found = known.get(name)
    if (found) return found
    // 曾 is a Zēng and 单 a Shàn where they begin a name.
    const said = pinyin(name, { type: 'array', toneType: 'none', surname: 'head', v: true, nonZh: 'spaced' })
    let at = 0
    const sounds = spelled(name).map((one) => {
      const syllable = said[at]
      at += Array.from(one.text).length
      return syllable && /\p{Script=Han}/u.test(one.text) ? { text: one.text, sound: syllable } : one
    })
    known.set(name, sounds)
    return sounds
  }
}

export interface Match {
  /** 0 is the whole name, 1 its beginning, 2 its beginning by sound, 3 anywhere, 4 anywhere by sound. */
  rank: number
  /** The characters that match: from this one up to, but without, that one. */
  from: number
  to: number
}

/** Whether and where a name is what somebody looks for: its characters, its pinyin, its initials or a mixture. */
export function matchName(name: string, wanted: string, sounds: readonly Sound[]): Match | null {
  const looked = tidy(wanted)
  if (!looked) return null
  const plain = Array.from(name)
  const letters = Array.from(looked)
  for (let from = 0; from + letters.length <= plain.length; from += 1) {
    if (!letters.every((letter, index) => plain[from + index]!.toLowerCase() === letter)) continue
    const whole = from === 0 && letters.length === plain.length
    return { rank: whole ? 0 : from === 0 ? 1 : 3, from, to: from + letters.length }
  }
  const squeezed = looked.replace(/[\s'’]/g, '').replaceAll('ü', 'v')
  if (!/^[a-z0-9]+$/.test(squeezed)) return null
  for (let from = 0; from < sounds.length; from += 1) {
    const to = soundsTo(sounds, from, squeezed, 0)
    if (to !== null) return { rank: from === 0 ? 2 : 4, from: lengthOf(sounds, from), to: lengthOf(sounds, to) }
  }
  return null
}

/** How many characters the first so many sounds are. */
const lengthOf = (sounds: readonly Sound[], count: number) =>
  sounds.slice(0, count).reduce((sum, one) => sum + Array.from(one.text).length, 0)

const tidy = (text: string) => text.trim().toLowerCase().normalize('NFC')

/** Spend the letters from `at` on the sounds from `from`, a beginning of each; where they are all spent, or null. */
function soundsTo(sounds: readonly Sound[], from: number, wanted: string, at: number): number | null {
  if (at === wanted.length) return from
  if (from >= sounds.length) return null
  const sound = sounds[from]!.sound
  // A space or a dot inside a name is skipped, never the place to begin.
  if (at > 0 && !/[a-z0-9]/.test(sound)) return soundsTo(sounds, from + 1, wanted, at)
  let most = 0
  while (most < sound.length && at + most < wanted.length && alike(sound[most]!, wanted[at + most]!)) most += 1
  // The longest first: "xian" is 先 rather than 西安 where both fit.
  for (let length = most; length > 0; length -= 1) {
    const to = soundsTo(sounds, from + 1, wanted, at + length)
    if (to !== null) return to
  }
  return null
}

/** ü is written v in the dictionary; people type v or u. */
const alike = (sound: string, typed: string) => sound === typed || (sound === 'v' && typed === 'u')
