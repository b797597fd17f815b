/**
 * The service worker: the page starts without a line, and the phone is told of messages while the page is closed.
 *
 * It keeps the built shell and nothing else: no answer of the API is ever stored here. What a push says is what the
 * server was willing to say (nothing of a secret), shown once, under its conversation.
 */
export {}

interface Waiting extends Event {
  waitUntil(work: Promise<unknown>): void
}
interface Fetching extends Waiting {
  request: Request
  respondWith(answer: Promise<Response>): void
}
interface Pushed extends Waiting {
  data: { json(): unknown } | null
}
interface Clicked extends Waiting {
  notification: Notification
}
interface Client {
  url: string
  visibilityState: string
  focus(): Promise<Client>
  postMessage(message: unknown): void
}
interface Scope {
  addEventListener(kind: string, hear: (event: never) => void): void
  clients: { matchAll(how: object): Promise<Client[]>; openWindow(url: string): Promise<Client | null> }
  registration: ServiceWorkerRegistration
  navigator: Navigator & { setAppBadge?: (count?: number) => Promise<void>; clearAppBadge?: () => Promise<void> }
  location: Location
}

/** Filled in by the build: every file of the shell, and a name that changes when any of them does. */
declare const __SHELL__: { version: string; files: string[] }

const scope = globalThis as unknown as Scope
const shell = `wufu-shell-${__SHELL__.version}`
const patience_ms = 3_000

scope.addEventListener('install', (event: Waiting) => {
  event.waitUntil(caches.open(shell).then((cache) => cache.addAll(__SHELL__.files)))
})

/** The old shell goes only now, when no page that was built with it is open any more. */
scope.addEventListener('activate', (event: Waiting) => {
  event.waitUntil(
    caches
      .keys()
      .then((names) =>
        Promise.all(names.filter((name) => name.startsWith('wufu-shell-') && name !== shell).map((name) => caches.delete(name))),
      ),
  )
})

scope.addEventListener('fetch', (event: Fetching) => {
  const { request } = event
  const url = new URL(request.url)
  if (request.method !== 'GET' || url.origin !== scope.location.origin || url.pathname.startsWith('/api/')) return
  // The operator's console is another page; it is not kept for when there is no net.
  if (url.pathname.startsWith(new URL('console/', scope.registration.scope).pathname)) return
  if (request.mode === 'navigate') event.respondWith(freshPage(request))
  else if (url.pathname.includes('/assets/')) event.respondWith(keptFirst(request))
  else event.respondWith(netFirst(request))
})

/** The page as the server has it now; as it was last, where the server does not answer in time. */
async function freshPage(request: Request): Promise<Response> {
  const kept = await caches.match('./', { cacheName: shell })
  if (!kept) return fetch(request)
  const late = new Promise<Response>((done) => setTimeout(() => done(kept), patience_ms))
  return Promise.race([fetch(request).then((answer) => (answer.ok ? answer : kept)), late]).catch(() => kept)
}

/** A built file's name changes with its content: what is kept is right. */
async function keptFirst(request: Request): Promise<Response> {
  return (await caches.match(request, { cacheName: shell })) ?? fetch(request)
}

async function netFirst(request: Request): Promise<Response> {
  try {
    return await fetch(request)
  } catch (error) {
    const kept = await caches.match(request, { cacheName: shell })
    if (kept) return kept
    throw error
  }
}

interface Told {
  v?: unknown
  conversation?: unknown
  number?: unknown
  title?: unknown
  body?: unknown
  badge?: unknown
  tag?: unknown
  secret?: unknown
  at?: unknown
}

const text = (value: unknown, most: number) => (typeof value === 'string' ? value.slice(0, most) : '')

scope.addEventListener('push', (event: Pushed) => event.waitUntil(hear(event)))

async function hear(event: Pushed): Promise<void> {
  let told: Told = {}
  try {
    told = (event.data?.json() ?? {}) as Told
  } catch {
    // A push that is no JSON still is a push: say that there is something.
  }
  if (typeof told.badge === 'number') await badge(told.badge)
  const pages = await scope.clients.matchAll({ type: 'window', includeUncontrolled: true })
  if (pages.some((page) => page.visibilityState === 'visible')) return
  const zh = /\p{Script=Han}/u.test(text(told.body, 200)) || scope.navigator.language.startsWith('zh')
  const plain = zh ? '你有一条新消息' : 'You have a new message'
  // Whatever came along, a secret is announced as a message and no more.
  const secret = told.secret === true
  const conversation = text(told.conversation, 64)
  const options: NotificationOptions & { renotify?: boolean; timestamp?: number } = {
    body: secret ? plain : text(told.body, 200) || plain,
    tag: text(told.tag, 64) || conversation || 'wufu',
    renotify: true,
    icon: './icon-192.png',
    badge: './badge.png',
    data: { conversation },
    timestamp: Date.parse(text(told.at, 40)) || Date.now(),
  }
  await scope.registration.showNotification(secret ? '五福' : text(told.title, 80) || '五福', options)
}

async function badge(count: number): Promise<void> {
  try {
    if (count > 0) await scope.navigator.setAppBadge?.(count)
    else await scope.navigator.clearAppBadge?.()
  } catch {
    // Only an installed page has a badge.
  }
}

scope.addEventListener('notificationclick', (event: Clicked) => {
  event.notification.close()
  const { conversation } = (event.notification.data ?? {}) as { conversation?: string }
  event.waitUntil(openAt(/^[0-9a-f-]{36}$/.test(conversation ?? '') ? conversation! : ''))
})

async function openAt(conversation: string): Promise<void> {
  const place = conversation ? `/chat/c/${conversation}` : '/chat'
  const [page] = await scope.clients.matchAll({ type: 'window', includeUncontrolled: true })
  if (!page) return void (await scope.clients.openWindow(`./#${place}`))
  page.postMessage({ kind: 'wufu/open', place })
  await page.focus()
}

/** The push service has given this browser another address: the server has to know it. */
scope.addEventListener('pushsubscriptionchange', (event: Waiting & { oldSubscription?: PushSubscription }) => {
  event.waitUntil(renew(event.oldSubscription))
})

async function renew(old: PushSubscription | undefined): Promise<void> {
  const headers = { 'X-Wufu': '1', 'Content-Type': 'application/json' }
  const [key, mine] = await Promise.all(
    ['/api/push/key', '/api/push/subscription'].map(async (path) => (await fetch(path, { headers })).json()),
  )
  const made = await scope.registration.pushManager.subscribe(
    old?.options ?? { userVisibleOnly: true, applicationServerKey: key.key },
  )
  const { endpoint, keys } = made.toJSON()
  const body = JSON.stringify({ endpoint, keys, preview: mine.preview === true })
  await fetch('/api/push/subscription', { method: 'POST', headers, body })
}
