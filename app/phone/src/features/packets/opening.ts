/** Opening one packet: what the envelope shows, and the touch that opens it. */
import { computed, ref, shallowRef } from 'vue'
import { Refused } from '@/shared/api'
import { feelMoney, feelNothing, feelPaper } from '@/shared/feel'
import { say } from '@/shared/say'
import { refusalWords, sayError } from '@/shared/refusals'
import { refreshBalance } from '@/shared/session'
import { world } from '@/shared/world'
import type { PacketView } from './contract'
import { keepView } from './desk'
import { openPacket, seePacket } from './verbs'
import { look } from './words'

/** One turn of the seal is seen even where the answer comes at once. */
const turn_ms = 620
const pause = (ms: number) => new Promise((done) => setTimeout(done, ms))
const still = () => matchMedia('(prefers-reduced-motion: reduce)').matches

/** Refusals that end it: they stand on the envelope instead of the wish. */
const verdicts = {
  packet_finished: 'gone',
  packet_over: 'over',
  not_for_you: 'not_for_you',
  packet_tries_used: 'tries_used',
  unknown_packet: 'unknown',
} as const

export const endsIt = (code: string | null): code is keyof typeof verdicts => code !== null && code in verdicts

/** Why a packet cannot be opened, in the words of the envelope; null where it can. */
export function verdictOf(view: PacketView, code: string | null): string | null {
  if (code === null) return null
  if (code === 'not_for_you' && view.only && view.only.person !== world.me?.person)
    return look('only', { name: view.only.name })
  if (code === 'not_for_you' && view.from.person === world.me?.person) return look('own')
  return endsIt(code) ? look(verdicts[code]) : refusalWords(code)
}

export function useOpening(opened: (view: PacketView) => void) {
  const view = shallowRef<PacketView | null>(null)
  const token = ref<string | null>(null)
  const spinning = ref(false)
  const words = ref('')
  const needsWords = computed(() => view.value?.needs_password === true && view.value.mine === null)
  const refusal = ref<string | null>(null)
  const verdict = computed(() =>
    view.value
      ? verdictOf(view.value, refusal.value ?? (view.value.can_open || view.value.mine ? null : view.value.why))
      : null,
  )
  const sealed = computed(() => view.value !== null && verdict.value === null && view.value.mine === null)
  /** Whether the list may be seen although nothing could be opened. */
  const readable = computed(() => view.value?.openings !== null && view.value !== null)

  function take(seen: PacketView, through: string | null): void {
    view.value = keepView(seen)
    token.value = through
    refusal.value = null
    spinning.value = false
    words.value = ''
  }

  async function press(): Promise<void> {
    const seen = view.value
    if (!seen || spinning.value || (needsWords.value && !words.value.trim())) return
    spinning.value = true
    feelPaper()
    try {
      const password = seen.needs_password ? words.value : null
      const [answer] = await Promise.all([openPacket(seen.id, token.value, password), pause(still() ? 0 : turn_ms)])
      token.value = answer.token ?? token.value
      const now = keepView(await seePacket(seen.id, token.value))
      view.value = now
      feelMoney()
      // Openings of very large packets are told by nothing but their answer.
      if (seen.shares > 100) void refreshBalance()
      opened(now)
    } catch (error) {
      spinning.value = false
      feelNothing()
      if (error instanceof Refused && endsIt(error.code)) await end(seen, error.code)
      else say(sayError(error))
    }
  }

  /** It cannot be opened any more; perhaps the list may be read now. */
  async function end(seen: PacketView, code: string): Promise<void> {
    refusal.value = code
    try {
      view.value = keepView(await seePacket(seen.id, token.value))
    } catch {
      // What was seen before still stands.
    }
  }

  return { view, token, spinning, words, needsWords, verdict, sealed, readable, take, press }
}
