/** Short words over the page: what was done, or why not. */
import { showToast } from 'vant/es/toast'
import { sayError } from './refusals'

export function say(message: string): void {
  showToast({ message, teleport: '#column', position: 'bottom', duration: 2400, wordBreak: 'break-word' })
}

/** Do something that may be refused; say so if it was. True when it was done. */
export async function attempt(work: () => Promise<unknown>): Promise<boolean> {
  try {
    await work()
    return true
  } catch (error) {
    say(sayError(error))
    return false
  }
}
