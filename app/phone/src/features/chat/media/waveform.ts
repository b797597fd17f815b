/** The picture of a voice: how loud it was, in a few bars. Pure, so that what is sent and what is drawn agree. */

/** Bars of a recorded voice, each 0 to 31. */
export const bars_count = 48
export const loudest = 31

/**
 * `samples` (−1 to 1) as `count` bars of root mean square, the loudest being full. A whisper is drawn as a
 * whisper: below a tenth of full scale the loudest bar is not stretched further.
 */
export function waveformOf(samples: Float32Array, count = bars_count): number[] {
  if (samples.length === 0) return new Array<number>(count).fill(0)
  const levels: number[] = []
  for (let bar = 0; bar < count; bar += 1) {
    const from = Math.floor((bar * samples.length) / count)
    const to = Math.max(from + 1, Math.floor(((bar + 1) * samples.length) / count))
    let sum = 0
    for (let at = from; at < to && at < samples.length; at += 1) sum += samples[at]! * samples[at]!
    levels.push(Math.sqrt(sum / (to - from)))
  }
  return scaled(levels)
}

/** Levels that were measured while recording (0 to 1), however many, as `count` bars. */
export function waveformFromLevels(levels: number[], count = bars_count): number[] {
  if (levels.length === 0) return new Array<number>(count).fill(0)
  const gathered: number[] = []
  for (let bar = 0; bar < count; bar += 1) {
    const from = Math.floor((bar * levels.length) / count)
    const to = Math.max(from + 1, Math.floor(((bar + 1) * levels.length) / count))
    gathered.push(Math.max(...levels.slice(from, to)))
  }
  return scaled(gathered)
}

const quiet = 0.1

function scaled(levels: number[]): number[] {
  const top = Math.max(quiet, ...levels)
  return levels.map((level) => Math.round((Math.min(1, level / top) || 0) * loudest))
}

/** Bars as they came over the wire: whatever the sender's phone wrote, only numbers in range are drawn. */
export function safeBars(value: unknown, count = bars_count): number[] {
  const bars = Array.isArray(value) ? value.slice(0, 2 * count) : []
  const safe = bars.map((bar) => (typeof bar === 'number' && Number.isFinite(bar) ? Math.trunc(bar) : 0))
  return safe.length > 0 ? safe.map((bar) => Math.min(loudest, Math.max(0, bar))) : new Array<number>(count).fill(2)
}

/** Seconds as 0:07. */
export function clock(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000))
  return `${Math.floor(seconds / 60)}:${(seconds % 60).toString().padStart(2, '0')}`
}
