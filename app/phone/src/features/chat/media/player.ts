/** One voice at a time: the player that every voice of the page shares, its speed, and which have been heard. */
import { reactive } from 'vue'

export const speeds = [1, 1.5, 2] as const
const speed_place = 'wufu/voice-speed'
const heard_place = 'wufu/voices-heard'
const most_heard = 2_000

function list(): string[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(heard_place) ?? '[]')
    return Array.isArray(kept) ? kept.filter((one): one is string => typeof one === 'string') : []
  } catch {
    return []
  }
}

const kept_speed = typeof localStorage === 'undefined' ? 1 : Number(localStorage.getItem(speed_place))

export const player = reactive({
  /** The message that is being played or paused. */
  id: null as string | null,
  playing: false,
  /** 0 to 1. */
  part: 0,
  speed: (speeds as readonly number[]).includes(kept_speed) ? kept_speed : 1,
})

export const heard = reactive(new Set<string>(typeof localStorage === 'undefined' ? [] : list()))

let audio: HTMLAudioElement | null = null
let length_ms = 0

function element(): HTMLAudioElement {
  if (audio) return audio
  audio = new Audio()
  audio.preload = 'auto'
  audio.addEventListener('timeupdate', follow)
  audio.addEventListener('ended', () => ((player.playing = false), (player.part = 0), (player.id = null)))
  audio.addEventListener('pause', () => (player.playing = false))
  audio.addEventListener('play', () => (player.playing = true))
  return audio
}

/** What browsers record says no length of its own, so the message's word counts. */
function follow(): void {
  if (audio && length_ms > 0) player.part = Math.min(1, (audio.currentTime * 1000) / length_ms)
}

/** Play from where it was left, or from the start. Rejects where the browser cannot. */
export async function play(id: string, url: string, duration_ms: number): Promise<void> {
  const sound = element()
  if (player.id !== id) {
    sound.src = url
    player.id = id
    player.part = 0
    length_ms = duration_ms
  }
  sound.playbackRate = player.speed
  await sound.play()
  markHeard(id)
}

export function pause(): void {
  audio?.pause()
}

/** Stop, and let go of what was being played. */
export function stopPlaying(id?: string): void {
  if (!audio || (id !== undefined && player.id !== id)) return
  audio.pause()
  audio.removeAttribute('src')
  audio.load()
  player.id = null
  player.part = 0
}

export function seek(part: number): void {
  if (!audio || length_ms === 0) return
  audio.currentTime = (Math.min(1, Math.max(0, part)) * length_ms) / 1000
  follow()
}

export function nextSpeed(): void {
  const place = (speeds as readonly number[]).indexOf(player.speed)
  player.speed = speeds[(place + 1) % speeds.length]!
  localStorage.setItem(speed_place, String(player.speed))
  if (audio) audio.playbackRate = player.speed
}

function markHeard(id: string): void {
  if (heard.has(id)) return
  heard.add(id)
  try {
    localStorage.setItem(heard_place, JSON.stringify([...heard].slice(-most_heard)))
  } catch {
    // A dot more or less.
  }
}
