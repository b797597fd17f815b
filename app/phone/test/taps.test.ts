import { describe, expect, it } from 'vitest'
import { Refused, Unreachable } from '@/shared/api'
import { Bucket, pace, TapLine, type Batch, type TapAnswer } from '@/features/fu/taps'

/** A server that accepts every batch in order, until told otherwise. */
function setUp(next = 0) {
  const sent: Batch[] = []
  const refused: string[] = []
  const wins: number[] = []
  let fail: Error[] = []
  const line = new TapLine({
    next,
    send: async (batch): Promise<TapAnswer> => {
      sent.push({ ...batch })
      const error = fail.shift()
      if (error) throw error
      return {
        next: batch.first + batch.count,
        wins: batch.first === 0 ? [{ tap: 0, prize: 'aiguo', outcome: 'card' }] : [],
      }
    },
    onWins: (won) => wins.push(...won.map((win) => win.tap)),
    onRefused: (code) => refused.push(code),
  })
  const tap = (times: number, at_ms = 0) => Array.from({ length: times }, () => line.tap(at_ms)).filter(Boolean).length
  return { line, sent, refused, wins, tap, failWith: (...errors: Error[]) => (fail = errors) }
}

describe('the tap line', () => {
  it('counts a touch at once and sends a batch about once a second', async () => {
    const { line, sent, tap, wins } = setUp()
    tap(5)
    expect(line.count).toBe(5)
    await line.pump(0)
    tap(3, 100)
    await line.pump(400)
    expect(sent).toEqual([{ first: 0, count: 5 }])
    await line.pump(1000)
    expect(sent).toEqual([
      { first: 0, count: 5 },
      { first: 5, count: 3 },
    ])
    expect([line.count, line.unsent, wins]).toEqual([8, 0, [0]])
  })

  it('counts no faster than a person may tap', () => {
    const { tap } = setUp()
    expect(tap(100, 0)).toBe(pace.burst)
    expect(tap(100, 1000)).toBe(pace.a_second)
  })

  it('sends the very same batch again when no answer came', async () => {
    const { line, sent, tap, failWith } = setUp()
    failWith(new Unreachable())
    tap(4)
    await line.pump(0)
    tap(2, 50)
    await line.pump(100)
    expect(sent).toHaveLength(1)
    await line.pump(2000)
    expect(sent).toEqual([
      { first: 0, count: 4 },
      { first: 0, count: 4 },
    ])
    await line.pump(4000)
    expect(sent[2]).toEqual({ first: 4, count: 2 })
    expect(line.count).toBe(6)
  })

  it('takes the server’s number when it is out of step, and loses no tap that never arrived', async () => {
    const { line, tap, sent, failWith } = setUp(10)
    failWith(new Refused('tap_out_of_order', { next: 6 }))
    tap(5)
    await line.pump(0)
    await line.pump(1000)
    expect(sent).toEqual([
      { first: 10, count: 5 },
      { first: 6, count: 5 },
    ])
    expect(line.count).toBe(11)
  })

  it('counts a batch once when only its answer was lost', async () => {
    const { line, tap, failWith } = setUp()
    failWith(new Refused('tap_out_of_order', { next: 5 }))
    tap(5)
    await line.pump(0)
    expect([line.count, line.unsent]).toEqual([5, 0])
  })

  it('keeps its taps through a pause and a haste refusal', async () => {
    const { line, tap, sent, refused, failWith } = setUp()
    failWith(new Refused('round_paused'), new Refused('too_many_taps', { next: 0 }))
    tap(6)
    await line.pump(0)
    await line.pump(2000)
    expect(refused).toEqual(['round_paused', 'too_many_taps'])
    expect(line.count).toBe(6)
    await line.pump(4000)
    expect(sent.at(-1)).toEqual({ first: 0, count: 6 })
    expect(line.unsent).toBe(0)
  })

  it('gives up what a closed round did not take', async () => {
    const { line, tap, refused, failWith } = setUp(20)
    failWith(new Refused('round_not_open', { state: 'closed' }))
    tap(3)
    await line.pump(0)
    expect([line.count, line.unsent, refused]).toEqual([20, 0, ['round_not_open']])
    expect(line.tap(100)).toBe(false)
  })

  it('never has two batches on the way', async () => {
    let answer: (given: TapAnswer) => void = () => undefined
    const sent: Batch[] = []
    const line = new TapLine({
      next: 0,
      send: (batch) => (sent.push(batch), new Promise((resolve) => (answer = resolve))),
      onWins: () => undefined,
      onRefused: () => undefined,
    })
    line.tap(0)
    const first = line.pump(0)
    line.tap(10)
    await line.pump(5000)
    expect(sent).toHaveLength(1)
    answer({ next: 1, wins: [] })
    await first
    void line.pump(6000)
    expect(sent).toHaveLength(2)
  })

  it('sends a long backlog in portions that no limit refuses', async () => {
    const { line, tap, sent, failWith } = setUp()
    for (let second = 0; second < 10; second += 1) tap(14, second * 1000)
    failWith()
    for (let second = 10; second < 25; second += 1) await line.pump(second * 1000)
    expect(Math.max(...sent.map((batch) => batch.count))).toBeLessThanOrEqual(pace.most_in_batch)
    expect(line.unsent).toBe(0)
    for (const [index, batch] of sent.entries()) if (index > 1) expect(batch.count).toBeLessThanOrEqual(15)
  })
})

describe('the bucket', () => {
  it('fills up to its burst and no further', () => {
    const bucket = new Bucket(10, 20)
    expect(bucket.take(50, 0)).toBe(20)
    expect(bucket.take(50, 500)).toBe(5)
    expect(bucket.take(50, 60_000)).toBe(20)
  })
})
