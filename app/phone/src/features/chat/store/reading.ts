/** How far I have read: known here at once, told to the server soon, told again until it has heard. */
import { Refused } from '@/shared/api'
import { onLine } from '@/shared/live'
import { readLocally, talks } from './desk'
import * as keep from './keep'
import * as wire from './wire'

const gather_ms = 700
const place = 'untold'

let untold = new Map<string, number>()
let timer: ReturnType<typeof setTimeout> | undefined
let stop: () => void = () => undefined

export function startReading(): void {
  stop()
  void keep.readFact<[string, number][]>(place).then((kept) => {
    untold = new Map([...(kept ?? []), ...untold])
    if (untold.size > 0) soon()
  })
  stop = onLine((up) => up && untold.size > 0 && soon())
}

export function stopReading(): void {
  stop()
  clearTimeout(timer)
  untold = new Map()
}

/** Everything up to this number has been on screen. */
export function readThrough(conversation: string, through: number): void {
  const view = talks.get(conversation)?.view
  if (!view || through <= view.read_through) return
  readLocally(conversation, through)
  untold.set(conversation, through)
  soon()
}

function soon(): void {
  clearTimeout(timer)
  timer = setTimeout(() => void say(), gather_ms)
}

async function say(): Promise<void> {
  for (const [conversation, through] of [...untold]) {
    try {
      await wire.read(conversation, through)
    } catch (error) {
      // No line: it is said when there is one. A refusal is final, the conversation is gone.
      if (!(error instanceof Refused)) continue
    }
    if (untold.get(conversation) === through) untold.delete(conversation)
  }
  void keep.keepFact(place, [...untold])
}
