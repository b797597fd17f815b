/** Sound and vibration are each one switch, and off means off for everything a finger or a packet does. */
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { feelMoney, feelNothing, feelPaper, feelPress, feelTap, feelWin } from '@/shared/feel'
import { settings } from '@/shared/settings'

const everything = [feelTap, feelPress, feelWin, feelPaper, feelMoney, feelNothing]
const vibrate = vi.fn()
const start = vi.fn()

class Tone {
  type = ''
  frequency = this
  gain = this
  currentTime = 0
  setValueAtTime() {}
  exponentialRampToValueAtTime() {}
  connect(next: unknown) {
    return next
  }
  start = start
  stop() {}
  destination = {}
  createOscillator() {
    return new Tone()
  }
  createGain() {
    return new Tone()
  }
}

let touched = true
let still = false

beforeEach(() => {
  touched = true
  still = false
  vibrate.mockClear()
  start.mockClear()
  vi.stubGlobal('AudioContext', Tone)
  vi.stubGlobal('matchMedia', () => ({ matches: still }))
  vi.stubGlobal('navigator', {
    vibrate,
    get userActivation() {
      return { hasBeenActive: touched }
    },
  })
})

describe('what is felt and heard', () => {
  it('is nothing at all with both switches off', () => {
    Object.assign(settings, { sound: false, vibration: false })
    everything.forEach((feel) => feel())
    expect(vibrate).not.toHaveBeenCalled()
    expect(start).not.toHaveBeenCalled()
  })

  it('is a shake each with vibration alone', () => {
    Object.assign(settings, { sound: false, vibration: true })
    everything.forEach((feel) => feel())
    expect(vibrate).toHaveBeenCalledTimes(everything.length)
    expect(start).not.toHaveBeenCalled()
  })

  it('is heard with sound alone, coins one after the other', () => {
    Object.assign(settings, { sound: true, vibration: false })
    feelMoney()
    expect(start.mock.calls.length).toBe(4)
    expect(vibrate).not.toHaveBeenCalled()
  })

  it('waits until somebody has touched the page, as browsers want it', () => {
    Object.assign(settings, { sound: true, vibration: true })
    touched = false
    everything.forEach((feel) => feel())
    expect(vibrate).not.toHaveBeenCalled()
    expect(start).not.toHaveBeenCalled()
  })

  it('leaves out the packet for whoever wants less motion', () => {
    Object.assign(settings, { sound: true, vibration: true })
    still = true
    for (const feel of [feelPaper, feelMoney, feelNothing]) feel()
    expect(vibrate).not.toHaveBeenCalled()
    expect(start).not.toHaveBeenCalled()
  })
})
