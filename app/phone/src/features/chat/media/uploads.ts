/** Before a message with files is sent: its files go up, and the body becomes what the server takes. */
import { Spoken } from '@/shared/refusals'
import type { Message, MessageBody } from '../model'
import type { Pending } from '../slots'
import { postBytes } from './raw'
import { safeBars } from './waveform'
import { media } from './words'

interface Uploaded {
  id: string
}

/** Of the whole progress, the poster's part. */
const poster_part = 0.1

const path = (id: string, kind: string, more: Record<string, string> = {}) =>
  `/api/upload/media/${id}?${new URLSearchParams({ kind, ...more }).toString()}`

/** What this phone knows of what it sent, until the server's own words about it arrive. */
const known = new Map<string, MessageBody>()
const most_known = 200

export const bodyOf = (message: Message): MessageBody => ({ ...known.get(message.id), ...message.body })

function remember(id: string, body: MessageBody): void {
  known.set(id, { ...known.get(id), ...body })
  for (const old of known.keys()) {
    if (known.size <= most_known) break
    known.delete(old)
  }
}

/** The file's own id is the message's, so that an upload that is repeated after a crash is the same upload. */
export async function upload(pending: Pending): Promise<MessageBody> {
  const { id, kind, files, body, progress } = pending
  const [name, original] = Object.entries(files).find(([key]) => key !== 'poster') ?? []
  if (!name || !original) throw new Spoken(media('unreadable'))
  remember(id, body)
  const more: Record<string, string> = {}
  const sent: MessageBody = { media: id }
  if (kind === 'file') more['name'] = String(body['name'] ?? '').slice(0, 200)
  if (kind === 'voice') sent['waveform'] = safeBars(body['waveform'])
  if (kind === 'video' && files['poster'] && typeof body['poster'] === 'string') {
    await postBytes<Uploaded>(path(body['poster'], 'picture'), files['poster'], (part) => progress(part * poster_part))
    sent['poster'] = body['poster']
  }
  const begin = sent['poster'] ? poster_part : 0
  await postBytes<Uploaded>(path(id, kind, more), original, (part) => progress(begin + part * (1 - begin)))
  return sent
}
