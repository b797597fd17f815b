/** One's own data, out as a file; and leaving for good. */
import { get, post, Refused, refusalIn, Unreachable } from '@/shared/api'

/** A password, or the PIN of somebody who has none. */
export type Secret = { password: string } | { pin: string }

export interface Leaving {
  asked_at: string | null
  leaves_at: string | null
  /** What has to be settled first, in fen, and when it settles itself. */
  unsettled: { what: string; count: number; minor: number; until: string | null }[]
  days: number
}

export const seeLeaving = () => get<Leaving>('/api/privacy/leaving')
export const leave = (secret: Secret, at_once: boolean) => post<Leaving>('/api/privacy/leave', { ...secret, at_once })
export const stay = () => post<Leaving>('/api/privacy/stay')

/** Years of somebody's life may take a while. */
const patience_ms = 300_000

export async function exportData(secret: Secret): Promise<void> {
  let response: Response
  try {
    response = await fetch('/api/privacy/export', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'X-Wufu': '1' },
      credentials: 'same-origin',
      body: JSON.stringify(secret),
      signal: AbortSignal.timeout(patience_ms),
    })
    if (response.ok) return keep(await response.blob(), nameIn(response.headers.get('Content-Disposition')))
  } catch {
    throw new Unreachable()
  }
  const said = refusalIn(await response.json().catch(() => null))
  if (said) throw new Refused(said.code, said.facts, response.status)
  throw new Unreachable()
}

const nameIn = (header: string | null) => /filename="([\w.-]+)"/.exec(header ?? '')?.[1] ?? 'wufu.json'

function keep(file: Blob, name: string): void {
  const url = URL.createObjectURL(file)
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(url), 10_000)
}
