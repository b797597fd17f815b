/**
 * Open sheets and the back button: each open sheet has an entry in the browser's history, so that "back" closes
 * the uppermost sheet instead of leaving the page. A sheet closed by hand takes its entry back.
 */

import { nextTick } from 'vue'

type Close = () => void

const stack: Close[] = []
/** Entries to take back, gathered over one turn of the event loop: two traversals at once would be lost. */
let toDrop = 0
/** A traversal of our own is under way; its popstate closes nothing. */
let travelling = false
let arrived: Close[] = []

function mark(): void {
  history.pushState({ ...history.state, sheet: stack.length }, '')
}

export function sheetOpened(close: Close): void {
  stack.push(close)
  if (toDrop > 0 && !travelling) toDrop -= 1
  else if (travelling) arrived.push(mark)
  else mark()
}

export function sheetClosed(close: Close): void {
  const place = stack.indexOf(close)
  if (place < 0) return
  stack.splice(place, 1)
  toDrop += 1
  queueMicrotask(travel)
}

/** The page below went away: forget its sheets, their entries lead nowhere and do no harm. */
export function sheetGone(close: Close): void {
  const place = stack.indexOf(close)
  if (place >= 0) stack.splice(place, 1)
}

/** When every closed sheet has taken its entry back: only then may the page change. */
export async function sheetsSettled(): Promise<void> {
  // A sheet told to close takes its entry back when Vue has rendered that.
  await nextTick()
  if (toDrop === 0 && !travelling) return
  await new Promise<void>((settled) => arrived.push(settled))
}

function travel(): void {
  if (toDrop === 0 || travelling) return
  travelling = true
  const steps = toDrop
  toDrop = 0
  history.go(-steps)
}

function onPop(): void {
  if (!travelling) return void stack.pop()?.()
  // The router hears this event too, and takes it for a wish to go there: let it finish first.
  setTimeout(() => {
    travelling = false
    const waiting = arrived
    arrived = []
    for (const go of waiting) go()
    travel()
  })
}

if (typeof window !== 'undefined') window.addEventListener('popstate', onPop)
