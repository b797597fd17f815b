/** Sound and touch: a wood block for a tap, bells for a card, coins for money. Made here, nothing is loaded. */
import { settings } from './settings'

let context: AudioContext | null = null

function strike(frequency: number, delay_s: number, length_s: number, loudness: number): void {
  if (!navigator.userActivation?.hasBeenActive) return
  context ??= new AudioContext()
  const begin = context.currentTime + delay_s
  const tone = context.createOscillator()
  const volume = context.createGain()
  tone.type = 'sine'
  tone.frequency.setValueAtTime(frequency, begin)
  tone.frequency.exponentialRampToValueAtTime(frequency * 0.82, begin + length_s)
  volume.gain.setValueAtTime(loudness, begin)
  volume.gain.exponentialRampToValueAtTime(0.001, begin + length_s)
  tone.connect(volume).connect(context.destination)
  tone.start(begin)
  tone.stop(begin + length_s)
}

const still = () => matchMedia('(prefers-reduced-motion: reduce)').matches

/** Browsers allow it only after the person has touched the page. */
function shake(pattern: number | number[]): void {
  if (settings.vibration && navigator.userActivation?.hasBeenActive) navigator.vibrate?.(pattern)
}

export function feelTap(): void {
  shake(6)
  if (settings.sound) strike(820, 0, 0.05, 0.06)
}

/** A finger that stayed long enough. */
export const feelPress = () => shake(8)

export function feelWin(): void {
  shake([18, 40, 18])
  if (!settings.sound) return
  strike(1046, 0, 0.5, 0.09)
  strike(1568, 0.09, 0.7, 0.07)
}

/** A packet is touched: paper, then nothing until the answer. */
export function feelPaper(): void {
  if (still()) return
  shake(12)
  if (settings.sound) strike(320, 0, 0.09, 0.05)
}

/** Money falls out: four small coins, the last one rings. */
export function feelMoney(): void {
  if (still()) return
  shake([14, 36, 14, 36, 24])
  if (!settings.sound) return
  const coins = [1318, 1760, 1568, 2093]
  coins.forEach((frequency, index) => strike(frequency, 0.07 * index, index === 3 ? 0.7 : 0.18, 0.05))
}

/** Nothing left, or not allowed: one low, soft beat. */
export function feelNothing(): void {
  if (still()) return
  shake(30)
  if (settings.sound) strike(196, 0, 0.22, 0.06)
}
