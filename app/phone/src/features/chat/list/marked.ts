/** Where in a line the words of a search stand; a long line is cut so that the first of them can be seen. Pure. */

export interface Part {
  text: string
  hit: boolean
}

const lead = 12

export function marked(line: string, wanted: string): Part[] {
  const words = wanted.toLowerCase().split(/\s+/).filter(Boolean)
  const low = line.toLowerCase()
  // Letters whose small form has another length would shift every place behind them.
  if (words.length === 0 || low.length !== line.length) return [{ text: line, hit: false }]
  const hits = new Uint8Array(line.length)
  let first = -1
  for (const word of words) {
    for (let at = low.indexOf(word); at >= 0; at = low.indexOf(word, at + 1)) {
      hits.fill(1, at, at + word.length)
      if (first < 0 || at < first) first = at
    }
  }
  const parts: Part[] = []
  let from = 0
  if (first > lead * 2) {
    from = first - lead
    parts.push({ text: '…', hit: false })
  }
  for (let at = from + 1; at <= line.length; at += 1) {
    if (at < line.length && hits[at] === hits[from]) continue
    parts.push({ text: line.slice(from, at), hit: hits[from] === 1 })
    from = at
  }
  return parts
}
