/** What may be sent, and how sizes are said. The server has the last word on all of it. */

export const most_picture = 20 * 1024 * 1024
export const most_voice = 2 * 1024 * 1024
export const most_video = 40 * 1024 * 1024
export const most_file = 40 * 1024 * 1024
export const most_seconds = 60

/** "812 B", "1.4 MB": powers of 1,000, as phones count. */
export function sizeWords(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`
  const units = ['kB', 'MB', 'GB']
  let value = bytes / 1000
  let unit = 0
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000
    unit += 1
  }
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`
}

export type FileSort = 'document' | 'sheet' | 'slides' | 'archive' | 'sound' | 'picture' | 'video' | 'plain'

const sorts: [RegExp, FileSort][] = [
  [/^(pdf|docx?|odt|rtf|pages|md|epub)$/, 'document'],
  [/^(xlsx?|ods|csv|numbers)$/, 'sheet'],
  [/^(pptx?|odp|key)$/, 'slides'],
  [/^(zip|rar|7z|gz|tar|xz|zst)$/, 'archive'],
  [/^(mp3|m4a|ogg|opus|wav|flac)$/, 'sound'],
  [/^(jpe?g|png|gif|webp|heic|avif|tiff?)$/, 'picture'],
  [/^(mp4|webm|mov|mkv|avi)$/, 'video'],
]

export const endingOf = (name: string): string => /\.([a-z0-9]{1,8})$/i.exec(name)?.[1]?.toLowerCase() ?? ''

export const sortOf = (name: string): FileSort => sorts.find(([ending]) => ending.test(endingOf(name)))?.[1] ?? 'plain'

/** Endings that run something when opened; refused here before they travel. */
const dangerous =
  /^(exe|msi|bat|cmd|com|scr|pif|ps1|vbs?|js|mjs|jse|wsf|hta|jar|apk|ipa|app|dmg|pkg|deb|rpm|sh|bash|run|html?|xhtml|svg|lnk|url|reg|dll|iso)$/

export const isDangerous = (name: string): boolean => dangerous.test(endingOf(name))

/** Width and height that fit in `most` on the long side; never larger than they are. */
export function fitted(width: number, height: number, most: number): { width: number; height: number } {
  const scale = Math.min(1, most / Math.max(width, height, 1))
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) }
}

/** The size of a picture in a thread: within 240 by 300, nothing thinner than 80. In sixteenths of the letter size. */
export function bubbleSize(width: number, height: number): { width: number; height: number } {
  const [w, h] = [width || 4, height || 3]
  const scale = Math.min(240 / w, 300 / h)
  return { width: Math.max(80, Math.round(w * scale)), height: Math.max(80, Math.round(h * scale)) }
}
