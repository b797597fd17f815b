/** Asking for the payment PIN from anywhere: a promise that the pin sheet (mounted once) answers. */
import { reactive } from 'vue'

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

/** Set or change the PIN; true when it is set. */
export function setPin(): Promise<boolean> {
  return new Promise((answer) => {
    pinDesk.setting = (done) => ((pinDesk.setting = null), answer(done))
  })
}
