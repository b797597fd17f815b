/**
 * Reading QR codes from a camera or a picture: by the browser's own BarcodeDetector where it has one, else by a decoder
 * that comes when it is needed.
 */

interface Detector {
  detect(source: CanvasImageSource): Promise<{ rawValue: string }[]>
}
interface DetectorKind {
  new (options: { formats: string[] }): Detector
  getSupportedFormats(): Promise<string[]>
}

type Read = (source: HTMLVideoElement | ImageBitmap, patient: boolean) => Promise<string | null>

/** A camera's picture is read many times a second; a code fills a good part of it. */
const camera_px = 640
/** A photo is looked at once, and the code may be small in it. */
const photo_px = [1_600, 800]
const photo_ms = 1_500

let reader: Promise<Read> | null = null

/** The way codes are read here, chosen once. */
export function loadReader(): Promise<Read> {
  reader ??= chooseReader().catch((error: unknown) => {
    reader = null
    throw error
  })
  return reader
}

async function chooseReader(): Promise<Read> {
  const kind = (globalThis as { BarcodeDetector?: DetectorKind }).BarcodeDetector
  const formats = kind ? await kind.getSupportedFormats().catch(() => [] as string[]) : []
  if (!kind || !formats.includes('qr_code')) return readByOwn()
  const detector = new kind({ formats: ['qr_code'] })
  return async (source) => (await detector.detect(source))[0]?.rawValue ?? null
}

async function readByOwn(): Promise<Read> {
  const { decodeQR } = await import('qr/decode.js')
  const canvas = document.createElement('canvas')
  const pen = canvas.getContext('2d', { willReadFrequently: true })!
  return async (source, patient) => {
    const [width, height] =
      source instanceof HTMLVideoElement ? [source.videoWidth, source.videoHeight] : [source.width, source.height]
    if (!width || !height) return null
    for (const most of patient ? photo_px : [camera_px]) {
      const part = Math.min(1, most / Math.max(width, height))
      canvas.width = Math.round(width * part)
      canvas.height = Math.round(height * part)
      // What is see-through in a picture is paper.
      pen.fillStyle = '#fff'
      pen.fillRect(0, 0, canvas.width, canvas.height)
      pen.drawImage(source, 0, 0, canvas.width, canvas.height)
      try {
        const image = pen.getImageData(0, 0, canvas.width, canvas.height)
        return decodeQR(image, patient ? { timeLimit: photo_ms } : {})
      } catch {
        // No code at this size.
      }
    }
    return null
  }
}

/** The text of the code in a picture; null where there is none. Throws where the file is no picture. */
export async function readPicture(file: Blob): Promise<string | null> {
  const picture = await createImageBitmap(file)
  try {
    const read = await loadReader()
    return await read(picture, true)
  } finally {
    picture.close()
  }
}

const look_ms = 120

/** Look through a camera until a code is seen; `stop` ends it and lets the camera go. */
export class Camera {
  private stream: MediaStream | null = null
  private looking: ReturnType<typeof setTimeout> | undefined
  private stopped = false

  static readonly isHere = () => typeof navigator.mediaDevices?.getUserMedia === 'function'

  /** Throws where there is no camera or nobody may use it. */
  async start(video: HTMLVideoElement, found: (text: string) => void): Promise<void> {
    const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' }, audio: false })
    if (this.stopped) return stream.getTracks().forEach((track) => track.stop())
    this.stream = stream
    video.srcObject = stream
    await video.play()
    const read = await loadReader()
    const look = async () => {
      if (this.stopped) return
      const text = await read(video, false).catch(() => null)
      if (this.stopped) return
      if (text) return found(text)
      this.looking = setTimeout(look, look_ms)
    }
    void look()
  }

  stop(): void {
    this.stopped = true
    clearTimeout(this.looking)
    this.stream?.getTracks().forEach((track) => track.stop())
    this.stream = null
  }
}
