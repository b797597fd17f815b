/** Short words over the page: what was done, or why not. */
import { showToast } from 'vant/es/toast'
import { sayError } from './refusals'

/** Above every sheet, however many were opened. */
const uppermost = 9_000

export function say(message: string): void {
  showToast({
    message,
    teleport: '#column',
    position: 'top',
    duration: 2400,
    zIndex: uppermost,
    wordBreak: 'break-word',
  })
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
