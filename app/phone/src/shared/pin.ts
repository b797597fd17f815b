/** Asking for the payment PIN from anywhere: a promise that the pin sheet (mounted once) answers. */
import { reactive } from 'vue'
import { Refused } from './api'
import { sayError } from './refusals'
import { say } from './say'

interface Asking {
  /** What the money is for, said above the dots. */
  line: string
  answer: (pin: string | null) => void
}

export const pinDesk = reactive<{ asking: Asking | null; setting: ((done: boolean) => void) | null }>({
  asking: null,
  setting: null,
})

/** The six digits, or null when the person thought better of it. */
export function askPin(line: string): Promise<string | null> {
  return new Promise((answer) => {
    pinDesk.asking = { line, answer: (pin) => ((pinDesk.asking = null), answer(pin)) }
  })
}

/**
 * Do something that takes the PIN, setting one first where there is none. A wrong PIN is said and asked for again;
 * any other refusal is thrown. False when the person thought better of it.
 */
export async function withPin(
  hasPin: boolean,
  line: string,
  work: (pin: string) => Promise<unknown>,
): Promise<boolean> {
  if (!hasPin && !(await setPin())) return false
  for (;;) {
    const pin = await askPin(line)
    if (pin === null) return false
    try {
      await work(pin)
      return true
    } catch (error) {
      if (!(error instanceof Refused) || error.code !== 'wrong_pin') throw error
      say(sayError(error))
    }
  }
}

/** Set or change the PIN; true when it is set. */
export function setPin(): Promise<boolean> {
  return new Promise((answer) => {
    pinDesk.setting = (done) => ((pinDesk.setting = null), answer(done))
  })
}
