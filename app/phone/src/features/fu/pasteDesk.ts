/** A 口令 pasted anywhere, or come in by a link, opens the paste sheet (mounted once, in App.vue). */
import { reactive } from 'vue'

export const pasteDesk = reactive({ open: false, text: '' })

export function openPaste(text = ''): void {
  pasteDesk.text = text
  pasteDesk.open = true
}

/** Text pasted beside any field. Inside a field it belongs to the field. */
export function onPaste(event: ClipboardEvent): void {
  const target = event.target as HTMLElement | null
  if (target?.closest('input, textarea, [contenteditable]')) return
  const text = event.clipboardData?.getData('text/plain').trim() ?? ''
  if (text.length >= 6 && text.length <= 1000) openPaste(text)
}
