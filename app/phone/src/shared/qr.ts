/** Drawing QR codes. Always dark on light, also in the dark: cameras read them so. */
import { encodeQR } from 'qr'

const ink = '#2a1a15'
const paper = '#fffaf2'
/** Light modules around the code; the page's own margin adds to it. */
const border = 2

export function drawCode(text: string): string {
  const rows = encodeQR(text, 'raw', { ecc: 'medium', border })
  // One stroke a run of dark modules: a fifth of the length of one square a module.
  const runs = rows.flatMap((row, y) => {
    const line = row.map((dark) => (dark ? '1' : '0')).join('')
    return [...line.matchAll(/1+/g)].map((run) => `M${run.index} ${y}h${run[0].length}v1h-${run[0].length}z`)
  })
  const size = rows.length
  const ground = `<rect width="${size}" height="${size}" fill="${paper}"/>`
  const dark = `<path d="${runs.join('')}" fill="${ink}"/>`
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size} ${size}" shape-rendering="crispEdges">${ground}${dark}</svg>`
}
