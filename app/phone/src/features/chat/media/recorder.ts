/** A voice from the microphone: Opus where the browser has it, levels while it is spoken. */
import { most_seconds } from './sizes'
import { waveformFromLevels } from './waveform'

export interface Recorded {
  voice: Blob
  duration_ms: number
  waveform: number[]
}

export const canRecord = () =>
  typeof MediaRecorder !== 'undefined' && Boolean(globalThis.navigator?.mediaDevices?.getUserMedia)

const wanted = ['audio/webm;codecs=opus', 'audio/ogg;codecs=opus', 'audio/mp4']
const level_ms = 50
const bits_per_second = 24_000

export class Recording {
  private readonly chunks: Blob[] = []
  private readonly levels: number[] = []
  private readonly recorder: MediaRecorder
  private readonly context = new AudioContext()
  private readonly metering: ReturnType<typeof setInterval>
  private readonly limit: ReturnType<typeof setTimeout>
  private readonly began_ms = performance.now()
  private ended_ms = 0

  private constructor(
    private readonly stream: MediaStream,
    heard: (level: number, elapsed_ms: number) => void,
    full: () => void,
  ) {
    const type = wanted.find((one) => MediaRecorder.isTypeSupported(one))
    this.recorder = new MediaRecorder(stream, {
      audioBitsPerSecond: bits_per_second,
      ...(type ? { mimeType: type } : {}),
    })
    this.recorder.ondataavailable = (event) => event.data.size > 0 && this.chunks.push(event.data)
    const analyser = this.context.createAnalyser()
    analyser.fftSize = 1024
    this.context.createMediaStreamSource(stream).connect(analyser)
    const samples = new Float32Array(analyser.fftSize)
    this.metering = setInterval(() => {
      analyser.getFloatTimeDomainData(samples)
      const level = Math.sqrt(samples.reduce((sum, one) => sum + one * one, 0) / samples.length)
      this.levels.push(level)
      heard(level, performance.now() - this.began_ms)
    }, level_ms)
    this.limit = setTimeout(full, most_seconds * 1000)
    this.recorder.start(1_000)
  }

  /** Throws the browser's own error where the microphone is not given. */
  static async begin(heard: (level: number, elapsed_ms: number) => void, full: () => void): Promise<Recording> {
    const stream = await navigator.mediaDevices.getUserMedia({
      audio: { echoCancellation: true, noiseSuppression: true, autoGainControl: true },
    })
    return new Recording(stream, heard, full)
  }

  async end(): Promise<Recorded> {
    this.ended_ms = performance.now()
    await new Promise<void>((done) => {
      this.recorder.onstop = () => done()
      if (this.recorder.state === 'inactive') done()
      else this.recorder.stop()
    })
    this.release()
    return {
      voice: new Blob(this.chunks, { type: this.recorder.mimeType.replace(/\s/g, '') || 'audio/webm' }),
      duration_ms: Math.round(this.ended_ms - this.began_ms),
      waveform: waveformFromLevels(this.levels),
    }
  }

  cancel(): void {
    if (this.recorder.state !== 'inactive') this.recorder.stop()
    this.chunks.length = 0
    this.release()
  }

  private release(): void {
    clearInterval(this.metering)
    clearTimeout(this.limit)
    this.stream.getTracks().forEach((track) => track.stop())
    void this.context.close()
  }
}
