/** The badge follows what is unread; while the page is looked at nothing rings. */
import { watch } from 'vue'
import { world } from '@/shared/world'
import { onUnread } from '..'
import { followLooking } from './push'
import { setBadge } from './worker'

onUnread(setBadge)

let stop: Promise<() => void> | null = null

watch(
  () => world.me?.person ?? null,
  (person) => {
    void stop?.then((end) => end())
    stop = person === null ? null : followLooking()
    if (person === null) setBadge(0)
  },
  { immediate: true },
)
