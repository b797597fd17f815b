/**
 * The tap line of one round: every touch is counted here at once, and batches (first, count) go to the server
 * about once a second, in order and one at a time.
 *
 * | the server says                  | then                                                               |
 * | -------------------------------- | ------------------------------------------------------------------ |
 * | ok, next                         | the batch is done                                                  |
 * | nothing (timeout, line down)     | the same batch again: a repeat gets the same answer                |
 * | tap_out_of_order, next           | at or past the batch's end: it was done; else its taps wait again  |
 * | too_many_taps                    | its taps wait again, a little longer                               |
 * | round_paused                     | its taps wait until the round goes on                              |
 * | round_not_open                   | the round is over; taps that never arrived are given up            |
 *
 * A person may tap 15 times a second with a burst of 30. The line counts a little below that, so that nothing
 * is refused for haste.
 */
import { Refused, Unreachable } from '@/shared/api'
import type { TapWin } from '@/shared/contract'

export interface Batch {
  first: number
  count: number
}

export interface TapAnswer {
  next: number
  wins: TapWin[]
}

export interface TapLineOptions {
  /** How many of this round's taps the server has. */
  next: number
  send: (batch: Batch) => Promise<TapAnswer>
  onWins: (wins: TapWin[]) => void
  onRefused: (code: string) => void
}

export const pace = { a_second: 14, burst: 26, most_in_batch: 28 } as const

const beat_ms = 950
/** Close to the end of a round taps go out at once, so that the last ones are not late. */
const hurry_beat_ms = 200

/** A token bucket: may one more happen now? */
export class Bucket {
  private filled: number
  private at_ms: number | null = null

  constructor(
    private readonly a_second: number,
    private readonly burst: number,
  ) {
    this.filled = burst
  }

  take(wanted: number, now_ms: number): number {
    if (this.at_ms !== null) {
      this.filled = Math.min(this.burst, this.filled + ((now_ms - this.at_ms) / 1000) * this.a_second)
    }
    this.at_ms = now_ms
    const taken = Math.max(0, Math.min(wanted, Math.floor(this.filled)))
    this.filled -= taken
    return taken
  }

  /** Give back what was taken and not used. */
  putBack(unused: number): void {
    this.filled = Math.min(this.burst, this.filled + unused)
  }

  drain(): void {
    this.filled = 0
  }
}

export class TapLine {
  private next: number
  /** Counted, but not in a batch yet. */
  private waiting = 0
  private batch: Batch | null = null
  private sending = false
  private over = false
  private sent_ms = -Infinity
  private not_before_ms = 0
  private failures = 0
  private readonly hand = new Bucket(pace.a_second, pace.burst)
  private readonly post = new Bucket(pace.a_second, pace.burst)

  constructor(private readonly options: TapLineOptions) {
    this.next = options.next
  }

  /** My taps in this round, those on the way included. */
  get count(): number {
    return this.next + (this.batch?.count ?? 0) + this.waiting
  }

  /** Taps the server does not have yet. */
  get unsent(): number {
    return (this.batch?.count ?? 0) + this.waiting
  }

  /** One touch; true when it counts. */
  tap(now_ms: number): boolean {
    if (this.over || this.hand.take(1, now_ms) === 0) return false
    this.waiting += 1
    return true
  }

  /** The server's own count, heard some other way (this person taps on another device too). */
  heard(next: number): void {
    if (!this.batch && next > this.next) this.next = next
  }

  /** Send what is due. Called often; `hurry` near the end of the round. */
  async pump(now_ms: number, hurry = false): Promise<void> {
    if (this.sending || this.over || now_ms < this.not_before_ms) return
    if (!this.batch) {
      if (this.waiting === 0 || now_ms - this.sent_ms < (hurry ? hurry_beat_ms : beat_ms)) return
      const count = this.post.take(Math.min(this.waiting, pace.most_in_batch), now_ms)
      if (count === 0) return
      this.batch = { first: this.next, count }
      this.waiting -= count
    }
    this.sending = true
    this.sent_ms = now_ms
    try {
      this.done(await this.options.send(this.batch))
    } catch (error) {
      this.refused(error, now_ms)
    } finally {
      this.sending = false
    }
  }

  private done(answer: TapAnswer): void {
    this.batch = null
    this.failures = 0
    this.next = Math.max(this.next, answer.next)
    if (answer.wins.length > 0) this.options.onWins(answer.wins)
  }

  private refused(error: unknown, now_ms: number): void {
    const batch = this.batch!
    if (!(error instanceof Refused) || error.code === 'server_busy' || error.code === 'server_error') {
      if (!(error instanceof Refused || error instanceof Unreachable)) console.warn(error)
      this.failures += 1
      this.not_before_ms = now_ms + Math.min(4_000, 500 * 2 ** this.failures)
      return
    }
    this.batch = null
    this.failures = 0
    switch (error.code) {
      case 'tap_out_of_order': {
        const next = Number(error.facts['next'] ?? batch.first)
        this.waiting += Math.max(0, Math.min(batch.count, batch.first + batch.count - next))
        this.next = next
        return
      }
      case 'too_many_taps':
        this.waiting += batch.count
        this.post.drain()
        this.not_before_ms = now_ms + 1_000
        break
      case 'round_paused':
        this.waiting += batch.count
        this.post.putBack(batch.count)
        this.not_before_ms = now_ms + 1_500
        break
      default:
        this.over = true
        this.waiting = 0
    }
    this.options.onRefused(error.code)
  }
}
