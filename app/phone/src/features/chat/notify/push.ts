/** Web Push: asking the browser, telling the server, and saying "I am looking" so that nothing rings meanwhile. */
import { call, get, post, Refused } from '@/shared/api'
import { hear } from '@/shared/live'
import { fromBase64url } from '../secret/crypto'

export type PushState = 'off' | 'on' | 'denied' | 'unsupported' | 'install_first'

interface Subscribed {
  subscribed: boolean
  preview: boolean
  here?: string
}

const isApple = () => /iphone|ipad|ipod/i.test(navigator.userAgent)
const isInstalled = () => matchMedia('(display-mode: standalone)').matches

/** What can be had here at all. */
export function able(): PushState | null {
  if (isApple() && !isInstalled()) return 'install_first'
  if (!('serviceWorker' in navigator) || !('PushManager' in globalThis) || !('Notification' in globalThis))
    return 'unsupported'
  return Notification.permission === 'denied' ? 'denied' : null
}

export async function readPush(): Promise<{ state: PushState; preview: boolean }> {
  const told = await get<Subscribed>('/api/push/subscription')
  const cannot = able()
  if (cannot) return { state: cannot, preview: told.preview }
  const here = await navigator.serviceWorker.getRegistration()
  const made = await here?.pushManager.getSubscription()
  return { state: told.subscribed && made ? 'on' : 'off', preview: told.subscribed ? told.preview : true }
}

/** Ask the person, then the push service, then tell the server. Must be called from a touch. */
export async function switchOn(preview: boolean): Promise<PushState> {
  const cannot = able()
  if (cannot) return cannot
  if ((await Notification.requestPermission()) !== 'granted') return 'denied'
  const { key } = await get<{ key: string }>('/api/push/key')
  const worker = await navigator.serviceWorker.ready
  const made = await worker.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: fromBase64url(key) })
  await tell(made, preview)
  return 'on'
}

async function tell(made: PushSubscription, preview: boolean): Promise<void> {
  const { endpoint, keys } = made.toJSON()
  await post('/api/push/subscription', { endpoint, keys, preview })
}

export async function switchOff(): Promise<void> {
  await call('DELETE', '/api/push/subscription')
  const worker = await navigator.serviceWorker.getRegistration()
  await (await worker?.pushManager.getSubscription())?.unsubscribe()
}

export async function setPreview(preview: boolean): Promise<void> {
  const worker = await navigator.serviceWorker.getRegistration()
  const made = await worker?.pushManager.getSubscription()
  if (made) await tell(made, preview)
}

let here: string | null = null
let stopHere: (() => void) | null = null

/** While the page is looked at, this phone listens on a subject of its own: who is heard there is not pushed to. */
export async function followLooking(): Promise<() => void> {
  try {
    here = (await get<Subscribed>('/api/push/subscription')).here ?? null
  } catch (error) {
    if (!(error instanceof Refused)) here = null
  }
  look()
  document.addEventListener('visibilitychange', look)
  return () => {
    document.removeEventListener('visibilitychange', look)
    stopHere?.()
    stopHere = here = null
  }
}

function look(): void {
  const visible = document.visibilityState === 'visible'
  if (visible && here && !stopHere) stopHere = hear(here, () => undefined)
  if (!visible && stopHere) {
    stopHere()
    stopHere = null
  }
}
