/** Which timer a conversation's secrets have, the operator's policy, and what is told and heard about both. */
import { reactive, ref } from 'vue'
import { get, post } from '@/shared/api'
import { timers_seconds } from './countdown'

export interface Policy {
  retention_seconds: number
  unread_seconds: number
  most_readers: number
}

const place = 'wufu/secret-timers'
const usual_seconds = 10

export const policy = ref<Policy>({ retention_seconds: 0, unread_seconds: 604_800, most_readers: 50 })
/** Conversations that are always secret, with their timer. */
export const always = reactive(new Map<string, number>())
const chosen = reactive(new Map<string, number>(kept()))

function kept(): [string, number][] {
  try {
    return Object.entries(JSON.parse(localStorage.getItem(place) ?? '{}') as Record<string, number>)
  } catch {
    return []
  }
}

const isTimer = (seconds: number) => (timers_seconds as readonly number[]).includes(seconds)

export function timerOf(conversation: string): number {
  const seconds = chosen.get(conversation) ?? always.get(conversation) ?? usual_seconds
  return isTimer(seconds) ? seconds : usual_seconds
}

export function chooseTimer(conversation: string, seconds: number): void {
  chosen.set(conversation, seconds)
  localStorage.setItem(place, JSON.stringify(Object.fromEntries([...chosen].slice(-200))))
}

export async function loadModes(): Promise<void> {
  const answer = await get<{ modes: { conversation: string; timer_seconds: number }[]; policy: Policy }>(
    '/api/secrets/modes',
  )
  policy.value = answer.policy
  always.clear()
  for (const one of answer.modes) if (one.timer_seconds) always.set(one.conversation, one.timer_seconds)
}

export async function setAlways(conversation: string, timer_seconds: number | null): Promise<void> {
  hearMode(
    await post<{ conversation: string; timer_seconds: number | null }>('/api/secrets/mode', {
      conversation,
      timer_seconds,
    }),
  )
}

export function hearMode(body: { conversation?: string; timer_seconds?: number | null }): void {
  if (!body.conversation) return
  chosen.delete(body.conversation)
  if (body.timer_seconds) always.set(body.conversation, body.timer_seconds)
  else always.delete(body.conversation)
}
