/**
 * A picture on its way out of the phone: made smaller and without its place and camera data where the browser can read
 * it; as it is where it cannot (HEIC), for the server reads more kinds.
 */
import type { Size } from './window'

export interface Picture {
  content: Blob
  /** Null where this browser cannot show it. */
  url: string | null
  size: Size | null
}

const longest_px = 2_560
const quality = 0.9

export async function readPicture(file: Blob): Promise<Picture> {
  let bitmap: ImageBitmap
  try {
    bitmap = await createImageBitmap(file)
  } catch {
    return { content: file, url: null, size: null }
  }
  const scale = Math.min(1, longest_px / Math.max(bitmap.width, bitmap.height))
  const size = { width: Math.round(bitmap.width * scale), height: Math.round(bitmap.height * scale) }
  const content = await encode(bitmap, size)
  bitmap.close()
  return { content: content ?? file, url: URL.createObjectURL(content ?? file), size }
}

async function encode(bitmap: ImageBitmap, size: Size): Promise<Blob | null> {
  const canvas = document.createElement('canvas')
  canvas.width = size.width
  canvas.height = size.height
  const context = canvas.getContext('2d')
  if (!context) return null
  context.fillStyle = '#ffffff'
  context.fillRect(0, 0, size.width, size.height)
  context.imageSmoothingQuality = 'high'
  context.drawImage(bitmap, 0, 0, size.width, size.height)
  return new Promise((done) => canvas.toBlob(done, 'image/jpeg', quality))
}

export function dropPicture(picture: Picture | null): void {
  if (picture?.url) URL.revokeObjectURL(picture.url)
}
