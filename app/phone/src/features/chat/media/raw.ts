/** Bytes to the server and back, with progress. A refusal is `Refused`, no answer is `Unreachable`, as in shared/api. */
import { Refused, refusalIn, Unreachable } from '@/shared/api'

/** Without a byte moving for so long the line is taken for dead. */
const silence_ms = 30_000

export function postBytes<Answer>(path: string, bytes: Blob, progress?: (part: number) => void): Promise<Answer> {
  return new Promise((done, failed) => {
    const request = new XMLHttpRequest()
    let silence = setTimeout(() => request.abort(), silence_ms)
    const alive = () => {
      clearTimeout(silence)
      silence = setTimeout(() => request.abort(), silence_ms)
    }
    const end = (error: Refused | Unreachable) => (clearTimeout(silence), failed(error))
    request.open('POST', path)
    request.setRequestHeader('X-Wufu', '1')
    request.setRequestHeader('Accept', 'application/json')
    request.setRequestHeader('Content-Type', bytes.type || 'application/octet-stream')
    request.upload.onprogress = (event) => {
      alive()
      if (event.lengthComputable) progress?.(event.loaded / event.total)
    }
    request.onprogress = alive
    request.onerror = request.onabort = () => end(new Unreachable())
    request.onload = () => {
      clearTimeout(silence)
      const answer = parsed(request.responseText)
      const said = refusalIn(answer)
      if (said) return end(new Refused(said.code, said.facts, request.status))
      if (request.status >= 500 || answer === null) return end(new Unreachable())
      if (request.status >= 400) return end(new Refused('malformed_body', {}, request.status))
      progress?.(1)
      done(answer as Answer)
    }
    request.send(bytes)
  })
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

export async function getBytes(path: string): Promise<Blob> {
  let response: Response
  try {
    response = await fetch(path, {
      headers: { 'X-Wufu': '1' },
      credentials: 'same-origin',
      signal: AbortSignal.timeout(4 * silence_ms),
    })
    if (response.ok) return await response.blob()
  } catch {
    throw new Unreachable()
  }
  const said = refusalIn(await response.json().catch(() => null))
  if (said) throw new Refused(said.code, said.facts, response.status)
  throw response.status >= 500 ? new Unreachable() : new Refused('not_found', {}, response.status)
}
