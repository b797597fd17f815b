/** Links into this app, and what a scanned or pasted text leads to. */

export const linkOf = (path: string) => `${location.origin}${location.pathname}#${path}`

/** The system's own sheet for sending something on; closing it is no error. */
export async function share(text: string): Promise<void> {
  try {
    await navigator.share({ text })
  } catch {
    // Thought better of it.
  }
}

/** Pages that a code or a link may open: they ask before they do anything. */
const open_paths = [
  /^\/i\/[\w-]{3,80}$/,
  /^\/add\/\d{1,16}$/,
  /^\/k\/[^/?#\s]{1,200}$/,
  /^\/p\/[\w-]{1,200}$/,
  /^\/photos\/l\/[\w-]{1,200}$/,
  /^\/chat\/join\/[\w-]{1,200}$/,
]

const invitation = /(?:^|[^\w-])(\d{1,16}-[0-9a-z]{16})(?![\w-])/i

/**
 * The page of this app that a text leads to: one of our links, or an invitation's code anywhere in it. Null for anything
 * else, links to other places among them: those are shown, never followed.
 */
export function pathIn(text: string, home: string): string | null {
  const tidy = text.trim()
  for (const found of tidy.match(/https?:\/\/[^\s，。）」"'<>]+/gi) ?? []) {
    const path = ownPath(found, home)
    if (path) return path
  }
  if (/https?:\/\//i.test(tidy)) return null
  const code = invitation.exec(tidy)
  return code ? `/i/${code[1]!.toLowerCase()}` : null
}

function ownPath(link: string, home: string): string | null {
  let url: URL
  try {
    url = new URL(link)
  } catch {
    return null
  }
  if (url.origin !== home || !url.hash.startsWith('#/')) return null
  const path = url.hash.slice(1)
  return open_paths.some((one) => one.test(path)) ? path : null
}

/** What was pasted beside any field, if it leads somewhere. Inside a field it belongs to the field. */
export function pastedPath(event: ClipboardEvent): string | null {
  const target = event.target as HTMLElement | null
  if (target?.closest('input, textarea, [contenteditable]')) return null
  return pathIn(event.clipboardData?.getData('text/plain').slice(0, 1_000) ?? '', location.origin)
}
