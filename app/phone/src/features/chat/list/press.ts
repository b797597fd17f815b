/** A long press: a finger (or a mouse) that stays; also the right button and the menu key. */
import { feelPress } from '@/shared/feel'

const long_ms = 420
const slack_px = 10
/** Phones tell of a long touch in their own way too: that is the same press. */
const same_ms = 800

export interface Press {
  onPointerdown: (event: PointerEvent) => void
  onPointermove: (event: PointerEvent) => void
  onPointerup: () => void
  onPointercancel: () => void
  onContextmenu: (event: Event) => void
  onClickCapture: (event: Event) => void
}

export function longPress(act: () => void): Press {
  let timer: ReturnType<typeof setTimeout> | undefined
  let from = { x: 0, y: 0 }
  /** The touch that ends a long press is no touch of what lies below. */
  let done = false
  let fired_ms = -same_ms
  const stop = () => clearTimeout(timer)
  const fire = () => {
    stop()
    done = true
    fired_ms = performance.now()
    feelPress()
    act()
  }
  return {
    onPointerdown: (event) => {
      stop()
      done = false
      fired_ms = -same_ms
      if (event.button !== 0) return
      from = { x: event.clientX, y: event.clientY }
      timer = setTimeout(fire, long_ms)
    },
    onPointermove: (event) => {
      if (Math.hypot(event.clientX - from.x, event.clientY - from.y) > slack_px) stop()
    },
    onPointerup: stop,
    onPointercancel: stop,
    onContextmenu: (event) => {
      event.preventDefault()
      if (performance.now() - fired_ms > same_ms) fire()
    },
    onClickCapture: (event) => {
      if (!done) return
      done = false
      event.preventDefault()
      event.stopPropagation()
    },
  }
}
