/**
 * What a change of somebody's keys means. The first keys that this phone sees are believed (trust on first use);
 * later ones are reported. Pure: what is kept and what was heard in, what is to be kept out.
 */
import type { KnownKey, Pin } from './store'

const most_former = 40

const has = (keys: KnownKey[], one: KnownKey) => keys.some((key) => key.device === one.device && key.key === one.key)

/** The pin after hearing that these are somebody's keys now. */
export function heard(id: string, before: Pin | undefined, keys: KnownKey[]): Pin {
  const now = keys.map(({ device, key }) => ({ device, key }))
  if (!before) return { id, keys: now, former: [], changed: false, verified: null }
  const left = before.keys.filter((key) => !has(now, key))
  // A device that went away harms nobody; one that came may be somebody else's.
  const came = now.some((key) => !has(before.keys, key) && !has(before.former, key))
  const first = before.keys.length === 0 && before.former.length === 0
  return {
    ...before,
    keys: now,
    former: [...left, ...before.former.filter((key) => !has(now, key))].slice(0, most_former),
    changed: before.changed || (came && !first),
    verified: came ? null : before.verified,
  }
}

/** The person has looked at the change. */
export const accepted = (pin: Pin): Pin => ({ ...pin, changed: false })

/** Both have compared the number. */
export const confirmed = (pin: Pin, number: string): Pin => ({ ...pin, changed: false, verified: number })

/** All keys that a device of theirs ever had here, newest first: one of them opens what it sealed. */
export const keysOfDevice = (pin: Pin | undefined, device: string): KnownKey[] =>
  pin ? [...pin.keys, ...pin.former].filter((key) => key.device === device) : []
