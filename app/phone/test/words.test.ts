/** Both languages say everything, and say it with the same facts. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { fill, tables } from '@/shared/language'
import { refusalWords } from '@/shared/refusals'
import refusals from '@/shared/refusals.json'

const modules = import.meta.glob(['../src/**/*.{ts,vue}', '../../console/src/**/*.{ts,vue}'])
const sources = import.meta.glob(['../src/**/*.{ts,vue}', '../../console/src/**/*.{ts,vue}'], { query: '?raw', import: 'default', eager: true }) as Record<
  string,
  string
>

const factsIn = (sentence: string) => [...new Set([...sentence.matchAll(/\{(\w+)/g)].map((found) => found[1]))].sort()

describe('words', () => {
  it('are complete in every table', async () => {
    for (const [path, load] of Object.entries(modules)) if (/words\.ts$|news\.ts$/.test(path)) await load()
    expect(tables.length).toBeGreaterThan(8)
    for (const table of tables) {
      for (const [key, { zh, en }] of Object.entries(table)) {
        // A counter word that one language does not have may be empty there.
        if (key !== 'my_taps_after') expect([key, zh.trim() && en.trim()]).not.toContainEqual('')
        expect([key, factsIn(en)]).toEqual([key, factsIn(zh)])
      }
    }
  })

  it('never stand in a page outside a table', () => {
    for (const [path, text] of Object.entries(sources)) {
      const template = /<template>[\s\S]*<\/template>/.exec(text)?.[0].replace(/<!--[\s\S]*?-->/g, '') ?? ''
      expect([path, template.replace(/>福<\/text>|>五福<|'五福'|'中文'/g, '').match(/\p{Script=Han}+/u)?.[0]]).toEqual([
        path,
        undefined,
      ])
    }
  })

  it('choose one or many', () => {
    expect(fill('{n} {n|friend|friends}', { n: 1 })).toBe('1 friend')
    expect(fill('{n} {n|friend|friends}', { n: '1,204' })).toBe('1,204 friends')
  })
})

describe('refusals', () => {
  it('have words in both languages, with the same facts or fewer', () => {
    for (const [code, { zh, en }] of Object.entries(refusals)) {
      expect(code).toMatch(/^[a-z][a-z0-9_]*$/)
      expect(zh).toMatch(/\p{Script=Han}/u)
      expect(en).not.toMatch(/\p{Script=Han}/u)
      expect([code, factsIn(en)]).toEqual([code, factsIn(zh)])
    }
  })

  it('fall back to a sentence for a code nobody knows', () => {
    expect(refusalWords('brand_new')).toContain('brand_new')
    expect(refusalWords('not_enough', { balance_minor: 1250 })).toContain('¥12.50')
  })
})

describe('colours', () => {
  const css = readFileSync(new URL('../src/shared/styles/tokens.css', import.meta.url), 'utf8')
  const [light, dark] = css
    .split('@media (prefers-color-scheme: dark)')
    .map((part) => new Map([...part.matchAll(/--([\w-]+):\s*(#[0-9a-f]{6})/g)].map((found) => [found[1]!, found[2]!])))
  const luminance = (hex: string) => {
    const [r, g, b] = [1, 3, 5]
      .map((at) => Number.parseInt(hex.slice(at, at + 2), 16) / 255)
      .map((part) => (part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
    return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!
  }
  const contrast = (a: string, b: string) => {
    const [high, low] = [luminance(a), luminance(b)].sort((x, y) => y - x)
    return (high! + 0.05) / (low! + 0.05)
  }
  const pairs = [
    ...['ink', 'ink-soft', 'cinnabar-text', 'jade-text', 'indigo'].flatMap((text) =>
      ['paper', 'sheet'].map((ground) => [text, ground] as const),
    ),
    ['ink', 'wash'],
    ['ink-soft', 'wash'],
    ['gold-text', 'gold-soft'],
    ['gold-text', 'sheet'],
    ['on-cinnabar', 'cinnabar'],
    ['on-cinnabar-soft', 'cinnabar'],
    ['ink', 'raised'],
    ...['ink', 'ink-soft', 'indigo', 'cinnabar-text'].flatMap((text) =>
      ['mine', 'theirs'].map((ground) => [text, ground] as const),
    ),
  ] as const
  it.each(pairs)('%s on %s can be read, by day and by night', (text, ground) => {
    for (const theme of [light!, new Map([...light!, ...dark!])]) {
      expect(contrast(theme.get(text)!, theme.get(ground)!)).toBeGreaterThanOrEqual(4.5)
    }
  })
})
