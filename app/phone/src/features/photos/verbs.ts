/** What a person can do with photo packets, one function a verb. */
import { get, hearDate, post, Refused, refusalIn, Unreachable } from '@/shared/api'
import { ask } from '@/shared/live'
import { uuid7 } from '@/shared/ids'
import { once } from '@/shared/verbs'
import { world } from '@/shared/world'
import type { NewPhoto, PhotoPageView, PhotoPreview, PhotoSettings, PhotoView, ReportReason } from './contract'
import { photoSeed } from './draw'
import type { Window } from './window'

const me = () => world.me!.person
const upload_ms = 90_000

export const seePhotos = (before: string | null) =>
  get<{ photos: PhotoView[]; next: string | null }>(
    `/api/photos${before ? `?before=${encodeURIComponent(before)}` : ''}`,
  )

export const seePhoto = (id: string) => get<PhotoPageView>(`/api/photos/${id}`)
export const seePhotoSettings = () => get<PhotoSettings>('/api/photos/settings')
export const seePhotoProof = (id: string) => get<unknown>(`/api/photos/${id}/proof`)
export const openPhotoLink = (token: string) => post<{ photo: PhotoView }>('/api/photos/open-link', { token })

/** Raw bytes up, JSON back: refusals as everywhere. */
async function upload<Answer>(path: string, content: Blob): Promise<Answer> {
  let response: Response
  try {
    response = await fetch(path, {
      method: 'POST',
      headers: {
        Accept: 'application/json',
        'X-Wufu': '1',
        'Content-Type': content.type || 'application/octet-stream',
      },
      credentials: 'same-origin',
      body: content,
      signal: AbortSignal.timeout(upload_ms),
    })
  } catch {
    throw new Unreachable()
  }
  hearDate(response.headers.get('Date'))
  const answer: unknown = await response.json().catch(() => null)
  if (response.ok) return answer as Answer
  const said = refusalIn(answer)
  if (said) throw new Refused(said.code, said.facts, response.status)
  throw response.status >= 500 ? new Unreachable() : new Refused('malformed_body', {}, response.status)
}

const windowQuery = (window: Window | null): Record<string, string> =>
  window ? { x: `${window.x}`, y: `${window.y}`, width: `${window.width}`, height: `${window.height}` } : {}

export const previewPhoto = (content: Blob, window: Window | null) =>
  upload<PhotoPreview>(`/api/upload/photo-preview?${new URLSearchParams(windowQuery(window))}`, content)

export const freshPhotoId = (): string => uuid7()

/** `id` is made once for one wish: posting again with it posts once. */
export function postPhoto(id: string, photo: NewPhoto, content: Blob) {
  const query = new URLSearchParams({
    id,
    least_minor: `${photo.least_minor}`,
    most_minor: `${photo.most_minor}`,
    audience: photo.audience,
    ...(photo.conversation ? { conversation: photo.conversation } : {}),
    message: photo.message,
    credit: photo.credit,
    visible_mark: photo.visible_mark ? '1' : '0',
    ...windowQuery(photo.window),
  })
  return upload<{ photo: PhotoView; link?: { token: string } | null }>(`/api/upload/photo?${query}`, content)
}

/** The system draws what this person pays; asking again answers the same. */
export const askPhoto = (photo: string) =>
  ask<{ photo: string; minor: number }>(me(), 'ask_photo', { photo, seed: photoSeed(photo, me()) })

export async function payPhoto(photo: string, minor: number, pin: string): Promise<void> {
  const answer = await ask<{ balance_minor: number }>(me(), 'pay_photo', { photo, minor, pin })
  world.balance_minor = answer.balance_minor
}

/** The clear picture as a blob. It is asked for anew each time it is shown, and kept nowhere. */
export async function fetchClear(photo: string): Promise<Blob> {
  const { url } = await get<{ url: string }>(`/api/photos/${photo}/clear`)
  let response: Response
  try {
    response = await fetch(url, { cache: 'no-store', credentials: 'same-origin' })
  } catch {
    throw new Unreachable()
  }
  if (!response.ok) throw new Refused('photo_gone', {}, response.status)
  return response.blob()
}

export const likePhoto = (photo: string, on: boolean) => ask<{ likes: number }>(me(), 'like_photo', { photo, on })

export const commentPhoto = (photo: string, text: string) =>
  once(`comment ${photo} ${text}`, (id) => ask<{ id: string; at: string }>(me(), 'comment_photo', { id, photo, text }))

export const removeComment = (photo: string, id: string) => ask(me(), 'remove_comment', { photo, id })

export const reportPhoto = (photo: string, reason: ReportReason, note: string) =>
  ask(me(), 'report_photo', { photo, reason, note })

export const removePhoto = (photo: string) => ask<{ refunded_minor: number }>(me(), 'remove_photo', { photo })
