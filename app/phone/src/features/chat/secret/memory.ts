/**
 * Opened secrets. Their content lives here, in memory, from the moment they are opened until their time is up, and
 * nowhere else. What outlives a reload is only when each began to burn, so that leaving the page gains nothing.
 */
import { shallowReactive } from 'vue'
import { serverTime } from '@/shared/api'
import type { SecretContent } from './content'
import { leftOf, partLeft, type Started } from './countdown'

export interface Opened {
  text: string | null
  /** A picture or a voice, as an address inside this page. */
  url: string | null
  content: SecretContent | null
  /** Null until it has come on the screen. */
  started: Started | null
}

interface Kept extends Started {
  conversation: string
}

const place = 'wufu/burning'
const told_place = 'wufu/ashes'
const step_ms = 100
const keep_ms = 1_000

/** By message id. */
export const opened = shallowReactive(new Map<string, Opened>())
/** Milliseconds left and part left, by message id, of those that burn. */
export const left = shallowReactive(new Map<string, { ms: number; part: number }>())
/** Burnt on this phone; the server may not know yet. */
export const ashes = shallowReactive(new Set<string>())

type Burnt = (message: string, conversation: string) => void
let whenBurnt: Burnt = () => undefined

const burning = new Map<string, Kept>()
let ticking: ReturnType<typeof setInterval> | undefined
let kept_at = 0
/** The server's clock when this page first asked, and this page's own steady clock at that moment. */
let base = { server_ms: 0, steady_ms: 0 }

/** The later of two clocks: the wall clock may be put back, the steady one may sleep with the phone. */
function now(): number {
  if (base.server_ms === 0) base = { server_ms: serverTime(), steady_ms: performance.now() }
  return Math.max(serverTime(), base.server_ms + (performance.now() - base.steady_ms))
}

function keep(): void {
  try {
    if (burning.size > 0) localStorage.setItem(place, JSON.stringify(Object.fromEntries(burning)))
    else localStorage.removeItem(place)
  } catch {
    // A full store loses only the instants; the server has its own.
  }
}

/** What was burning when the page was left goes on burning. Call once, before anything is shown. */
export function recall(burnt: Burnt): void {
  whenBurnt = burnt
  try {
    const kept = JSON.parse(localStorage.getItem(place) ?? '{}') as Record<string, Kept>
    for (const [message, one] of Object.entries(kept)) if (Number.isFinite(one.started_ms)) burning.set(message, one)
    for (const message of JSON.parse(localStorage.getItem(told_place) ?? '[]') as string[]) ashes.add(message)
  } catch {
    localStorage.removeItem(place)
  }
  if (burning.size > 0) {
    tick()
    run()
  }
}

export const isBurning = (message: string) => burning.has(message)
export const startedOf = (message: string): Started | null => burning.get(message) ?? null

export function hold(message: string, content: SecretContent): Opened {
  const { head, bytes } = content
  const one: Opened = {
    text: head.kind === 'text' ? head.text : null,
    url: head.kind === 'text' ? null : URL.createObjectURL(new Blob([bytes], { type: head.type })),
    content,
    started: startedOf(message),
  }
  opened.set(message, one)
  return one
}

/** It is on the screen now. `seen_at`: when another of my phones showed it first. */
export function begin(message: string, conversation: string, timer_seconds: number, seen_at?: string | null): void {
  const before = burning.get(message)
  const other = seen_at ? Date.parse(seen_at) : Infinity
  const started_ms = Math.min(before?.started_ms ?? now(), other)
  burning.set(message, { started_ms, timer_seconds, seen_ms: Math.max(before?.seen_ms ?? 0, now()), conversation })
  const one = opened.get(message)
  if (one) opened.set(message, { ...one, started: burning.get(message)! })
  keep()
  tick()
  run()
}

function run(): void {
  ticking ??= setInterval(tick, step_ms)
}

function tick(): void {
  const now_ms = now()
  for (const [message, one] of burning) {
    const ms = leftOf(one, now_ms)
    one.seen_ms = Math.max(one.seen_ms, now_ms)
    if (ms === 0) burn(message)
    else left.set(message, { ms, part: partLeft(one, now_ms) })
  }
  if (now_ms - kept_at >= keep_ms) {
    kept_at = now_ms
    keep()
  }
  if (burning.size === 0) {
    clearInterval(ticking)
    ticking = undefined
  }
}

/** Take the content out of memory and out of the page. */
export function wipe(message: string): void {
  const one = opened.get(message)
  if (!one) return
  one.content?.bytes.fill(0)
  if (one.url) URL.revokeObjectURL(one.url)
  Object.assign(one, { text: null, url: null, content: null })
  opened.delete(message)
}

export function burn(message: string): void {
  const conversation = burning.get(message)?.conversation
  wipe(message)
  burning.delete(message)
  left.delete(message)
  ashes.add(message)
  keepAshes()
  keep()
  if (conversation) whenBurnt(message, conversation)
}

const most_ashes = 400

function keepAshes(): void {
  try {
    localStorage.setItem(told_place, JSON.stringify([...ashes].slice(-most_ashes)))
  } catch {
    // They are burnt anyway; the server says so too.
  }
}

/** Somebody signed out, or the page goes: nothing stays readable. */
export function wipeAll(): void {
  for (const message of [...opened.keys()]) wipe(message)
}
