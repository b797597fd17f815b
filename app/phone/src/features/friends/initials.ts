/**
 * The letter a name stands under before the dictionary of sounds is here: its own for Latin, for Chinese the first of
 * its pinyin by the browser's own order of characters, else #.
 */

/** The first characters of each letter in pinyin order; no syllable begins with i, u or v. */
const bounds: [string, string][] = Object.entries({
  A: '阿',
  B: '八',
  C: '嚓',
  D: '哒',
  E: '妸',
  F: '发',
  G: '旮',
  H: '哈',
  J: '讥',
  K: '咔',
  L: '垃',
  M: '痳',
  N: '拏',
  O: '噢',
  P: '妑',
  Q: '七',
  R: '呥',
  S: '扨',
  T: '它',
  W: '穵',
  X: '夕',
  Y: '丫',
  Z: '帀',
})

const pinyin = new Intl.Collator('zh-Hans-CN-u-co-pinyin')

export function initialOf(name: string): string {
  const first = Array.from(name.trim())[0] ?? ''
  if (/[a-z]/i.test(first)) return first.toUpperCase()
  if (!/\p{Script=Han}/u.test(first)) return '#'
  let letter = '#'
  for (const [candidate, bound] of bounds) {
    if (pinyin.compare(first, bound) < 0) break
    letter = candidate
  }
  return letter
}
