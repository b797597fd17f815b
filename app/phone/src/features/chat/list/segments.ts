/** A text as pieces: plain words, links as the server found them, people who are named. Pure. */

export interface LinkView {
  url: string
  host: string
  risky: boolean
}

export type Segment =
  | { kind: 'plain'; text: string }
  | { kind: 'link'; text: string; link: LinkView }
  | { kind: 'mention'; text: string; mine: boolean }

export interface Named {
  name: string
  mine: boolean
}

export function segmentsOf(text: string, links: readonly LinkView[], named: readonly Named[]): Segment[] {
  const found: { from: number; to: number; segment: Segment }[] = []
  const free = (from: number, to: number) => found.every((one) => to <= one.from || from >= one.to)
  // Longer ones first, so that no link or name is cut by a shorter one inside it.
  for (const link of [...links].sort((a, b) => b.url.length - a.url.length)) {
    each(text, link.url, (from, to) => {
      if (free(from, to)) found.push({ from, to, segment: { kind: 'link', text: link.url, link } })
    })
  }
  for (const { name, mine } of [...named].sort((a, b) => b.name.length - a.name.length)) {
    if (!name) continue
    each(text, `@${name}`, (from, to) => {
      if (free(from, to)) found.push({ from, to, segment: { kind: 'mention', text: `@${name}`, mine } })
    })
  }
  found.sort((a, b) => a.from - b.from)
  const segments: Segment[] = []
  let at = 0
  for (const { from, to, segment } of found) {
    if (from > at) segments.push({ kind: 'plain', text: text.slice(at, from) })
    segments.push(segment)
    at = to
  }
  if (at < text.length) segments.push({ kind: 'plain', text: text.slice(at) })
  return segments
}

function each(text: string, part: string, take: (from: number, to: number) => void): void {
  if (!part) return
  for (let from = text.indexOf(part); from >= 0; from = text.indexOf(part, from + part.length)) {
    take(from, from + part.length)
  }
}

const signs =
  /^(?:\p{Extended_Pictographic}(?:\ufe0f|\u200d\p{Extended_Pictographic}|[\u{1f3fb}-\u{1f3ff}])*|\p{Regional_Indicator}{2})$/u

/** One to three emoji and nothing else: shown large. */
export function onlySigns(text: string): boolean {
  const trimmed = text.trim()
  if (!trimmed || trimmed.length > 40) return false
  const parts = [...new Intl.Segmenter(undefined, { granularity: 'grapheme' }).segment(trimmed)].map(
    (one) => one.segment,
  )
  return parts.length <= 3 && parts.every((part) => signs.test(part))
}
