/**
 * What this phone holds, told in sixteen digests: the server says which of them differ, and only these are talked
 * about. Pure. The server's half, line by line the same, is `wufu/chat/syncing.py`.
 */
import type { Held } from './changes'
import { plainSha256 } from './sha256'
import type { Have } from './wire'

export const drawers = '0123456789abcdef'
const digest_digits = 24
/** The server takes no more conversations at once. */
const most_have = 900

export const drawerOf = (id: string): string => id.at(-1)!

export const haveOf = ({ view, through }: Held): Have => ({
  change: through,
  read: view.read_through,
  peer: view.peer_read_through,
  mark: view.mark,
})

function lineOf(held: Held): string {
  const { change, read, peer, mark } = haveOf(held)
  return `${held.view.id} ${change} ${read} ${peer ?? '-'} ${mark}`
}

/** Conversations of two are listed from their first message on; until then the server does not count them. */
const isListed = ({ view, through }: Held): boolean => view.kind === 'group' || through > 0

export function digestOf(lines: string[]): string {
  const told = plainSha256(new TextEncoder().encode([...lines].sort().join('\n')))
  return [...told]
    .map((byte) => byte.toString(16).padStart(2, '0'))
    .join('')
    .slice(0, digest_digits)
}

export function digestsOf(all: Iterable<Held>): Record<string, string> {
  const lines = new Map<string, string[]>([...drawers].map((drawer) => [drawer, []]))
  for (const held of all) if (isListed(held)) lines.get(drawerOf(held.view.id))?.push(lineOf(held))
  return Object.fromEntries([...lines].map(([drawer, its]) => [drawer, digestOf(its)]))
}

/** These drawers in runs of which the server can be told in one go. */
export function runsOf(differ: string, all: Iterable<Held>): string[] {
  const sizes = new Map<string, number>()
  for (const { view } of all) sizes.set(drawerOf(view.id), (sizes.get(drawerOf(view.id)) ?? 0) + 1)
  const runs: string[] = []
  let room = 0
  for (const drawer of differ) {
    const size = sizes.get(drawer) ?? 0
    if (runs.length === 0 || size > room) {
      runs.push(drawer)
      room = most_have - size
    } else {
      runs[runs.length - 1] += drawer
      room -= size
    }
  }
  return runs
}
