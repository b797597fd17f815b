/** Others see for five seconds that somebody types: it is told at the first letter, and again every 3.5 s. Pure. */

const every_ms = 3_500

export class Telling {
  /** Never: the first letter is told at once, however young the page is. */
  private told_ms = -Infinity

  /** Whether it is told now; then it counts as told. */
  due(now_ms: number): boolean {
    if (now_ms - this.told_ms < every_ms) return false
    this.told_ms = now_ms
    return true
  }
}
