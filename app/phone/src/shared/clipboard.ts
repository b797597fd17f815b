/** Out to the clipboard and in from it, also where the page is not on HTTPS. */
import { shared } from './components/words'
import { say } from './say'

export async function copy(text: string): Promise<void> {
  say(shared((await put(text)) ? 'copied' : 'copy_failed'))
}

async function put(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    return putByHand(text)
  }
}

function putByHand(text: string): boolean {
  const area = document.createElement('textarea')
  area.value = text
  area.style.position = 'fixed'
  area.style.opacity = '0'
  document.body.append(area)
  area.select()
  try {
    return document.execCommand('copy')
  } catch {
    return false
  } finally {
    area.remove()
  }
}

/** What is on the clipboard, or null where the browser will not say. */
export async function clipboardText(): Promise<string | null> {
  try {
    return await navigator.clipboard.readText()
  } catch {
    return null
  }
}
