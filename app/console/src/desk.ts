/** What the console knows, asked anew every few seconds; what was said last; and how an act is done. */
import { reactive, ref } from 'vue'
import { get, post, Refused } from '@/shared/api'
import { uuid7 } from '@/shared/ids'
import { sayError } from '@/shared/refusals'
import type { Overview } from './contract'
import { t } from './words'

const look_ms = 3_000
const said_ms = 4_000

export type Standing = 'unknown' | 'stranger' | 'not_operator' | 'operator'

export const desk = reactive<{ standing: Standing; overview: Overview | null; name: string }>({
  standing: 'unknown',
  overview: null,
  name: '',
})
export const said = ref('')
/** Real milliseconds of the server, for "5 minutes ago". */
export const now_ms = () => (desk.overview ? Date.parse(desk.overview.now) : Date.now())

let quiet: ReturnType<typeof setTimeout> | undefined

export function say(sentence: string): void {
  said.value = sentence
  clearTimeout(quiet)
  quiet = setTimeout(() => (said.value = ''), said_ms)
}

export async function look(): Promise<void> {
  try {
    desk.overview = await get<Overview>('/api/console')
    desk.standing = 'operator'
    desk.name = desk.overview.me.name
  } catch (error) {
    if (error instanceof Refused && error.status === 401) desk.standing = 'stranger'
    else if (error instanceof Refused && error.status === 403) {
      desk.name = (await get<{ name: string }>('/api/me')).name
      desk.standing = 'not_operator'
    } else say(sayError(error))
  }
}

/** Ask again and again while a page is open; the answer says how to stop. */
export function keepLooking(work: () => Promise<void>): () => void {
  let timer: ReturnType<typeof setTimeout>
  let over = false
  const turn = async () => {
    await work()
    if (!over) timer = setTimeout(turn, look_ms)
  }
  void turn()
  return () => {
    over = true
    clearTimeout(timer)
  }
}

/** Do something, and say whether it was done. */
export async function attempt(work: () => Promise<unknown>, done = t('done')): Promise<boolean> {
  try {
    await work()
    say(done)
    return true
  } catch (error) {
    say(sayError(error))
    return false
  }
}

/** An act has one id however often it is sent. */
export function act(path: string, body: Record<string, unknown> = {}): Promise<boolean> {
  const id = uuid7()
  return attempt(async () => {
    await post(path, { id, ...body })
    await look()
  })
}
