/** Presence and typing of one open thread: I am here while it is on screen, and see who else is. */
import { computed, onBeforeUnmount, onMounted } from 'vue'
import { onLine } from '@/shared/live'
import { world } from '@/shared/world'
import type { Conversation } from '../model'
import { me, personOf, present, typing } from '../store/desk'
import * as wire from '../store/wire'
import { chat } from '../words'

const again_ms = 30_000

export function useLook(conversation: () => Conversation) {
  const { id, kind } = conversation()
  let timer: ReturnType<typeof setInterval> | undefined
  let isOn = false

  async function look(on: boolean): Promise<void> {
    if (kind === 'self' || conversation().last_number === 0) return
    if (!on && !isOn) return
    isOn = on
    try {
      const { people } = await wire.isLooking(id, on)
      if (on) present.set(id, new Set(people))
    } catch {
      // A courtesy: without it the thread is whole.
    }
  }

  const onVisible = () => void look(document.visibilityState === 'visible')
  const stopLine = onLine((up) => up && onVisible())
  onMounted(() => {
    onVisible()
    timer = setInterval(() => document.visibilityState === 'visible' && void look(true), again_ms)
    document.addEventListener('visibilitychange', onVisible)
  })
  onBeforeUnmount(() => {
    clearInterval(timer)
    stopLine()
    document.removeEventListener('visibilitychange', onVisible)
    present.delete(id)
    if (world.me) void look(false)
  })

  const others = computed(() => [...(present.get(id) ?? [])].filter((person) => person !== me()))
  const here = computed(() => {
    if (others.value.length === 0) return ''
    return kind === 'direct' ? chat('present') : chat('present_many', { n: others.value.length })
  })
  const typist = computed(() => {
    const [first, ...rest] = typing.get(id)?.keys() ?? []
    if (first === undefined) return ''
    if (kind === 'direct') return chat('typing')
    return rest.length > 0
      ? chat('typing_many', { n: rest.length + 1 })
      : chat('typing_one', { name: personOf(first).name })
  })
  return { here, typist }
}
