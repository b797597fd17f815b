/** The page's side of the service worker: it is started, says where to go, and the badge follows what is unread. */
import type { Router } from 'vue-router'

/** Development pages change under a worker's feet: only a built page has one. */
export function startWorker(router: Router): void {
  if (!import.meta.env.PROD || !('serviceWorker' in navigator)) return
  navigator.serviceWorker.addEventListener('message', (event: MessageEvent<{ kind?: string; place?: string }>) => {
    const { kind, place } = event.data ?? {}
    if (kind === 'wufu/open' && place?.startsWith('/chat')) void router.push(place)
  })
  const begin = () => void navigator.serviceWorker.register('./sw.js').catch(() => undefined)
  if (document.readyState === 'complete') begin()
  else addEventListener('load', begin, { once: true })
}

type Badged = Navigator & { setAppBadge?: (count: number) => Promise<void>; clearAppBadge?: () => Promise<void> }

/** On the installed page's icon, where the system has badges. */
export function setBadge(unread: number): void {
  const on = navigator as Badged
  const done = unread > 0 ? on.setAppBadge?.(unread) : on.clearAppBadge?.()
  done?.catch(() => undefined)
  if (unread === 0) void closeNotes()
}

/** What was read need not be announced any more. */
export async function closeNotes(conversation?: string): Promise<void> {
  try {
    const worker = await navigator.serviceWorker?.getRegistration()
    const shown = await worker?.getNotifications(conversation ? { tag: conversation } : {})
    shown?.forEach((one) => one.close())
  } catch {
    // Nothing shown, nothing to close.
  }
}
