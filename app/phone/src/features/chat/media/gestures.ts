/** Two fingers, one finger, two taps: what they do to a picture. Pure: positions in, a view out. */

export interface View {
  scale: number
  x: number
  y: number
}

export const whole: View = { scale: 1, x: 0, y: 0 }
export const most_scale = 5

interface Point {
  x: number
  y: number
}

/** Keep the picture's edge from leaving the middle of the stage. */
export function held(view: View, width: number, height: number): View {
  const scale = Math.min(most_scale, Math.max(1, view.scale))
  const [most_x, most_y] = [((scale - 1) * width) / 2, ((scale - 1) * height) / 2]
  return {
    scale,
    x: Math.min(most_x, Math.max(-most_x, view.x)) + 0,
    y: Math.min(most_y, Math.max(-most_y, view.y)) + 0,
  }
}

/** Zoom so that what is under the point stays under it. The point is measured from the stage's middle. */
export function zoomed(view: View, factor: number, at: Point): View {
  const scale = Math.min(most_scale, Math.max(1, view.scale * factor))
  const part = scale / view.scale
  return { scale, x: at.x - (at.x - view.x) * part, y: at.y - (at.y - view.y) * part }
}

/** Two fingers moved: from a pair of points to another. */
export function pinched(view: View, before: [Point, Point], after: [Point, Point]): View {
  const spread = ([a, b]: [Point, Point]) => Math.hypot(a.x - b.x, a.y - b.y) || 1
  const middle = ([a, b]: [Point, Point]): Point => ({ x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 })
  const [from, to] = [middle(before), middle(after)]
  const wide = zoomed(view, spread(after) / spread(before), from)
  return { ...wide, x: wide.x + to.x - from.x, y: wide.y + to.y - from.y }
}

export type Swipe = 'previous' | 'next' | 'close' | null

/** What a drag of a whole picture meant when the finger left. */
export function swipeOf(dx: number, dy: number, width: number): Swipe {
  if (dy > 110 && dy > 1.4 * Math.abs(dx)) return 'close'
  if (Math.abs(dx) < Math.min(90, width / 4) || Math.abs(dx) < 1.2 * Math.abs(dy)) return null
  return dx > 0 ? 'previous' : 'next'
}
