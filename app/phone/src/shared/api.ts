/** The one door to the server over HTTP: JSON in, JSON out, and a refusal is an exception with a code and facts. */

import { deviceId } from './ids'

export type Facts = Record<string, unknown>

/** The server (or the way to it) said no. `code` has words in refusals.json. */
export class Refused extends Error {
  constructor(
    readonly code: string,
    readonly facts: Facts = {},
    readonly status = 0,
  ) {
    super(code)
    this.name = 'Refused'
  }
}

/** The answer never came: there is no telling whether the request was done. */
export class Unreachable extends Error {
  constructor() {
    super('unreachable')
    this.name = 'Unreachable'
  }
}

type Method = 'GET' | 'POST' | 'DELETE'

const patience_ms = 10_000

let skew_ms = 0

/** The server's clock in milliseconds, as far as its `Date` headers tell: a phone's own clock may be wrong. */
export const serverTime = () => Date.now() + skew_ms

export async function call<Answer>(method: Method, path: string, body?: unknown): Promise<Answer> {
  const headers: Record<string, string> = { Accept: 'application/json', 'X-Wufu': '1' }
  if (method === 'POST') headers['Content-Type'] = 'application/json'
  // Many accounts made in one browser are looked at; only a keyed hash of this is kept, for 30 days.
  if (method === 'POST' && path.startsWith('/api/people/')) headers['X-Wufu-Device'] = deviceId()
  let response: Response
  try {
    response = await fetch(path, {
      method,
      headers,
      credentials: 'same-origin',
      signal: AbortSignal.timeout(patience_ms),
      ...(method === 'POST' ? { body: JSON.stringify(body ?? {}) } : {}),
    })
  } catch {
    throw new Unreachable()
  }
  hearDate(response.headers.get('Date'))
  const answer = await readJson(response)
  if (response.ok) return answer as Answer
  const said = refusalIn(answer)
  if (said) throw new Refused(said.code, said.facts, response.status)
  if (response.status >= 500) throw new Unreachable()
  throw new Refused(response.status === 404 ? 'not_found' : 'malformed_body', {}, response.status)
}

export const get = <Answer>(path: string) => call<Answer>('GET', path)
export const post = <Answer>(path: string, body?: unknown) => call<Answer>('POST', path, body)

/** The refusal inside an answer of either edge, or null where the answer is a good one. */
export function refusalIn(answer: unknown): { code: string; facts: Facts } | null {
  if (typeof answer !== 'object' || answer === null) return null
  const said = (answer as { refusal?: { code?: unknown; facts?: unknown } }).refusal
  if (!said || typeof said.code !== 'string') return null
  return { code: said.code, facts: (said.facts ?? {}) as Facts }
}

/** The header has whole seconds, so a skew within two of them is none. */
export function hearDate(header: string | null): void {
  const said = header ? Date.parse(header) : NaN
  if (Number.isNaN(said)) return
  const apart = said - Date.now()
  skew_ms = Math.abs(apart) > 2_000 ? apart : 0
}

async function readJson(response: Response): Promise<unknown> {
  try {
    return await response.json()
  } catch {
    return null
  }
}
