/** The promise of a picture while it comes: 4 by 3 colours that the server took from it, painted soft. */

/** 72 hex digits, row by row; anything else is no blur. */
export const isBlur = (text: unknown): text is string => typeof text === 'string' && /^[0-9a-f]{72}$/.test(text)

/** As CSS: rows of colours that run into each other. */
export function blurGround(text: string): string {
  const colour = (at: number) => `#${text.slice(6 * at, 6 * at + 6)}`
  const rows = [0, 1, 2].map((row) => {
    const stops = [0, 1, 2, 3].map((column) => `${colour(4 * row + column)} ${Math.round((column * 100) / 3)}%`)
    return `linear-gradient(90deg, ${stops.join(', ')})`
  })
  const [top, middle, bottom] = rows
  return `${top} 0 0 / 100% 34% no-repeat, ${bottom} 0 100% / 100% 34% no-repeat, ${middle}`
}
