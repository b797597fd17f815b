/**
 * The live line: one NATS connection over WebSocket, whose pass allows only this person's own subjects.
 *
 * Facts come in on `me.<person>.fact`, the campaign's pulse on `all.fortune.<campaign>`; hot verbs go out on
 * `do.<person>.<verb>`. While the line is down the same verbs go over HTTP, so callers only know `ask`.
 */
import { jwtAuthenticator, wsconnect, type NatsConnection, type Subscription } from '@nats-io/nats-core'
import { post, refusalIn, Refused, serverTime, Unreachable } from './api'
import type { LivePass, PersonId, Room } from './contract'

export interface Heard {
  fact: (message: unknown) => void
  pulse: (message: unknown) => void
  /** The line came up (again): whatever happened meanwhile has to be fetched. */
  up: () => void
  down: () => void
}

const reply_ms = 3_000
const retry_ms = 1_500
/** A pass is renewed when this part of its life is over. */
const renew_after = 0.7

let connection: NatsConnection | null = null
let pass: LivePass | null = null
let heard: Heard | null = null
let pulseOf: Subscription | null = null
let campaign: string | null = null
let renewal: ReturnType<typeof setTimeout> | undefined
let retry: ReturnType<typeof setTimeout> | undefined
let isUp = false
/** Subjects that other parts listen to, on this connection and on every later one. */
const ears = new Map<string, { hear: (message: unknown) => void; on: Subscription | null }>()
const lineListeners = new Set<(up: boolean) => void>()
/** Grows with every connect and disconnect, so that a slow attempt notices it is stale. */
let attempt = 0

export const lineIsUp = () => isUp

export async function connect(listeners: Heard): Promise<void> {
  heard = listeners
  attempt += 1
  const mine = attempt
  clearTimeout(retry)
  try {
    pass = await post<LivePass>('/api/live/pass')
    if (mine !== attempt) return
    const opened = await wsconnect({
      servers: pass.websocket_url,
      authenticator: jwtAuthenticator(
        () => pass!.jwt,
        () => new TextEncoder().encode(pass!.seed),
      ),
      inboxPrefix: `me.${pass.person}.inbox`,
      name: 'wufu phone',
      timeout: 5_000,
      maxReconnectAttempts: -1,
      reconnectTimeWait: 800,
      reconnectJitter: 700,
      pingInterval: 20_000,
      maxPingOut: 2,
      ignoreAuthErrorAbort: true,
      ignoreClusterUpdates: true,
    })
    if (mine !== attempt) return void opened.close()
    connection = opened
    setUp(true)
    listen(opened, `me.${pass.person}.fact`, listeners.fact)
    if (campaign) follow(campaign)
    for (const [subject, ear] of ears) ear.on = listen(opened, subject, ear.hear)
    void watch(opened, mine)
    renewLater(mine)
    tellUp(listeners)
  } catch (error) {
    if (mine !== attempt) return
    setUp(false)
    if (error instanceof Refused && error.status === 401) return
    retry = setTimeout(() => void connect(listeners), retry_ms + Math.random() * retry_ms)
  }
}

export async function disconnect(): Promise<void> {
  attempt += 1
  clearTimeout(renewal)
  clearTimeout(retry)
  const open = connection
  connection = null
  pass = null
  pulseOf = null
  campaign = null
  heard = null
  isUp = false
  ears.clear()
  await open?.close()
}

/** Listen to a subject of this person's pass for as long as they are signed in; returns how to stop. */
export function hear(subject: string, callback: (message: unknown) => void): () => void {
  ears.get(subject)?.on?.unsubscribe()
  const ear = { hear: callback, on: connection ? listen(connection, subject, callback) : null }
  ears.set(subject, ear)
  return () => {
    if (ears.get(subject) !== ear) return
    ears.delete(subject)
    ear.on?.unsubscribe()
  }
}

/** Hear whether the line is up; whoever asks is told of every change from now on. */
export function onLine(listener: (up: boolean) => void): () => void {
  lineListeners.add(listener)
  return () => void lineListeners.delete(listener)
}

/** Say something that needs no answer. Nothing is said while the line is down. */
export function publish(subject: string, body: unknown): void {
  if (connection && isUp) connection.publish(subject, JSON.stringify(body))
}

/** The rooms that the pass in use opens. */
export const rooms = (): readonly Room[] => pass?.rooms ?? []

/** What this person may hear has changed: a new pass, and the line again with it. */
export async function renewPass(): Promise<void> {
  const mine = attempt
  const renewed = await post<LivePass>('/api/live/pass')
  if (mine !== attempt || !pass) return
  pass = renewed
  const open = new Set(renewed.rooms?.map((room) => room.subject))
  for (const [subject, ear] of ears) {
    if (!subject.startsWith('room.') || open.has(subject)) continue
    ears.delete(subject)
    ear.on?.unsubscribe()
  }
  await connection?.reconnect()
}

/** Hear one campaign's pulse, instead of the one before. */
export function follow(id: string): void {
  if (id === campaign && pulseOf && !pulseOf.isClosed()) return
  campaign = id
  if (!connection) return
  pulseOf?.unsubscribe()
  pulseOf = listen(connection, `all.fortune.${id}`, (message) => heard?.pulse(message))
}

/** Ask for a verb: over the line, or over HTTP where the line is down. Throws Refused or Unreachable. */
export async function ask<Answer>(person: PersonId, verb: string, body: unknown): Promise<Answer> {
  if (!connection || !isUp) return askByHttp<Answer>(verb, body)
  let answer: { ok?: Answer }
  try {
    const reply = await connection.request(`do.${person}.${verb}`, JSON.stringify(body), { timeout: reply_ms })
    answer = reply.json<{ ok?: Answer }>()
  } catch {
    // No answer does not mean not done. Every verb may be asked again with the same id: HTTP decides.
    return askByHttp<Answer>(verb, body)
  }
  const said = refusalIn(answer)
  if (said) throw new Refused(said.code, said.facts)
  if (answer.ok === undefined) throw new Unreachable()
  return answer.ok
}

async function askByHttp<Answer>(verb: string, body: unknown): Promise<Answer> {
  return (await post<{ ok: Answer }>(`/api/do/${verb}`, body)).ok
}

function listen(on: NatsConnection, subject: string, hear: (message: unknown) => void): Subscription {
  return on.subscribe(subject, {
    callback: (error, message) => {
      if (error) return
      try {
        hear(message.json())
      } catch {
        // A message that is not JSON is not for us; facts are numbered, so a lost one is fetched.
      }
    },
  })
}

async function watch(on: NatsConnection, mine: number): Promise<void> {
  for await (const change of on.status()) {
    if (mine !== attempt) return
    if (change.type === 'disconnect') setUp(false)
    if (change.type === 'reconnect') {
      setUp(true)
      if (heard) tellUp(heard)
    }
  }
  if (mine !== attempt || !heard) return
  setUp(false)
  retry = setTimeout(() => heard && void connect(heard), retry_ms)
}

function setUp(up: boolean): void {
  isUp = up
  if (up) return
  // Told each time: the very first try may fail, when nobody has been told of a line that was up.
  heard?.down()
  for (const listener of lineListeners) listener(false)
}

function tellUp(listeners: Heard): void {
  listeners.up()
  for (const listener of lineListeners) listener(true)
}

function renewLater(mine: number): void {
  clearTimeout(renewal)
  if (!pass) return
  const life_ms = Date.parse(pass.expires_at) - serverTime()
  const wait_ms = Math.min(Math.max(life_ms * renew_after, 5_000), 2 ** 31 - 1)
  renewal = setTimeout(async () => {
    try {
      await renewPass()
      if (mine !== attempt) return
    } catch {
      // The next try is soon; until then the old pass still holds.
    }
    if (mine === attempt) renewLater(mine)
  }, wait_ms)
}
