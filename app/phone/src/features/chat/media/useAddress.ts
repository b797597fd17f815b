/** The address of a picture of a message: the file on its way, or what is fetched, with a way to try again. */
import { computed, onBeforeUnmount, ref, shallowRef, watch } from 'vue'
import { Refused } from '@/shared/api'
import { world } from '@/shared/world'
import type { Message } from '../model'
import { addressOf, readyAddress, type Part } from './keep'

export function useAddress(of: () => { message: Message; file: string; media: string | null; part: Part }) {
  const url = ref<string | null>(null)
  const failed = ref<'retry' | 'gone' | null>(null)
  const local = shallowRef<string | null>(null)
  const blob = computed(() => of().message.pending?.files[of().file] ?? null)

  watch(
    blob,
    (file) => {
      const old = local.value
      local.value = file ? URL.createObjectURL(file) : null
      if (old) URL.revokeObjectURL(old)
    },
    { immediate: true },
  )

  async function load(): Promise<void> {
    const { message, media, part } = of()
    failed.value = null
    if (!media || !world.me) return
    url.value = readyAddress(media, part)
    if (url.value) return
    try {
      const found = await addressOf(world.me.person, media, part, message.id)
      if (of().media === media) url.value = found
    } catch (error) {
      failed.value = error instanceof Refused ? 'gone' : 'retry'
    }
  }

  watch(() => of().media, load, { immediate: true })
  onBeforeUnmount(() => local.value && URL.revokeObjectURL(local.value))

  return { url: computed(() => local.value ?? url.value), failed, load }
}
