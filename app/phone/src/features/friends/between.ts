/** What two people did together, in the few kinds a page shows. Both sides are one number: nobody counts who owes whom. */

export const kinds = ['message', 'packet', 'card', 'transfer', 'photo', 'purchase'] as const
export type Kind = (typeof kinds)[number]

const kindOf: Record<string, Kind> = {
  message: 'message',
  packet: 'packet',
  cash: 'packet',
  gift: 'card',
  swap: 'card',
  transfer: 'transfer',
  photo: 'photo',
  purchase: 'purchase',
}

export function dealings(
  shared: readonly { kind: string; mine: number; theirs: number }[],
): { kind: Kind; count: number }[] {
  const counts = new Map<Kind, number>()
  for (const { kind, mine, theirs } of shared) {
    const shown = kindOf[kind]
    if (shown) counts.set(shown, (counts.get(shown) ?? 0) + Math.floor(mine) + Math.floor(theirs))
  }
  return kinds.map((kind) => ({ kind, count: counts.get(kind) ?? 0 })).filter((one) => one.count > 0)
}
