/** From a file that somebody chose to a draft: pictures made smaller, videos given a poster, the rest checked. */
import { uuid7 } from '@/shared/ids'
import { Spoken } from '@/shared/refusals'
import type { Draft } from '../slots'
import { fitted, isDangerous, most_file, most_picture, most_seconds, most_video, sizeWords } from './sizes'
import { media } from './words'

const long_side = 2560
const poster_side = 1280
const quality = 0.86
/** Small enough to go as it is, if it is of a kind that every browser shows. */
const light_bytes = 400_000

export async function pictureDraft(file: File): Promise<Draft> {
  if (file.size > most_picture) throw new Spoken(media('too_large', { most: sizeWords(most_picture) }))
  const bitmap = await decoded(file)
  const { width, height } = fitted(bitmap.width, bitmap.height, long_side)
  // A moving picture stays as it is: a canvas would stop it.
  const keep = file.type === 'image/gif' && file.size <= 4 * light_bytes
  const original = keep ? file : await drawn(bitmap, width, height)
  bitmap.close()
  return { kind: 'picture', body: { width, height }, files: { original } }
}

/** With the camera's turn applied. Drawing it anew also leaves the place where it was taken behind. */
async function decoded(file: Blob): Promise<ImageBitmap> {
  try {
    return await createImageBitmap(file, { imageOrientation: 'from-image' })
  } catch {
    throw new Spoken(media('unreadable'))
  }
}

async function drawn(source: ImageBitmap | HTMLVideoElement, width: number, height: number): Promise<Blob> {
  const canvas = document.createElement('canvas')
  canvas.width = width
  canvas.height = height
  const context = canvas.getContext('2d')
  if (!context) throw new Spoken(media('unreadable'))
  // JPEG has no glass: what was transparent becomes white, not black.
  context.fillStyle = '#fff'
  context.fillRect(0, 0, width, height)
  context.imageSmoothingQuality = 'high'
  context.drawImage(source, 0, 0, width, height)
  const blob = await new Promise<Blob | null>((done) => canvas.toBlob(done, 'image/jpeg', quality))
  canvas.width = 0
  if (!blob) throw new Spoken(media('unreadable'))
  return blob
}

export async function videoDraft(file: File): Promise<Draft> {
  if (file.size > most_video) throw new Spoken(media('too_large', { most: sizeWords(most_video) }))
  const url = URL.createObjectURL(file)
  const video = document.createElement('video')
  try {
    video.muted = true
    video.playsInline = true
    video.preload = 'auto'
    video.src = url
    await happened(video, 'loadeddata')
    const seconds = Number.isFinite(video.duration) ? video.duration : 0
    if (seconds > most_seconds + 1) throw new Spoken(media('too_long'))
    // The very first frame is often black.
    video.currentTime = Math.min(0.4, seconds / 2)
    await happened(video, 'seeked')
    const size = fitted(video.videoWidth, video.videoHeight, poster_side)
    const poster = video.videoWidth > 0 ? await drawn(video, size.width, size.height) : null
    return {
      kind: 'video',
      body: { ...size, seconds: Math.round(seconds), poster: uuid7() },
      files: { original: file, ...(poster ? { poster } : {}) },
    }
  } finally {
    video.removeAttribute('src')
    video.load()
    URL.revokeObjectURL(url)
  }
}

const patience_ms = 15_000

function happened(video: HTMLVideoElement, event: 'loadeddata' | 'seeked'): Promise<void> {
  return new Promise((done, failed) => {
    const no = () => failed(new Spoken(media('unreadable')))
    const late = setTimeout(no, patience_ms)
    video.addEventListener(event, () => (clearTimeout(late), done()), { once: true })
    video.addEventListener('error', () => (clearTimeout(late), no()), { once: true })
  })
}

export function fileDraft(file: File): Draft {
  if (file.size > most_file) throw new Spoken(media('too_large', { most: sizeWords(most_file) }))
  if (isDangerous(file.name)) throw new Spoken(media('refused_type'))
  if (file.size === 0) throw new Spoken(media('unreadable'))
  return { kind: 'file', body: { name: file.name, bytes: file.size }, files: { original: file } }
}

/** The sort of message that a chosen file becomes. */
export async function draftOf(file: File): Promise<Draft> {
  if (/^image\/(jpeg|png|webp|gif|heic|heif|avif|bmp)$/.test(file.type)) return pictureDraft(file)
  if (/^video\/(mp4|webm|quicktime)$/.test(file.type)) return videoDraft(file)
  return fileDraft(file)
}

/** Ask for files. Resolves with none where the person changed their mind. */
export function choose(accept: string, how: { camera?: boolean; many?: boolean } = {}): Promise<File[]> {
  return new Promise((done) => {
    const input = document.createElement('input')
    input.type = 'file'
    input.accept = accept
    input.multiple = how.many ?? false
    input.dataset['testid'] = 'choose-file'
    if (how.camera) input.setAttribute('capture', 'environment')
    input.hidden = true
    const end = (files: File[]) => (input.remove(), done(files))
    input.addEventListener('change', () => end([...(input.files ?? [])]), { once: true })
    input.addEventListener('cancel', () => end([]), { once: true })
    document.body.append(input)
    input.click()
  })
}
