/** The covers a packet may have: our own paper-cuts, one motif each. */
import bloom from './bloom.svg?raw'
import cloud from './cloud.svg?raw'
import fish from './fish.svg?raw'
import fu from './fu.svg?raw'
import lantern from './lantern.svg?raw'
import plum from './plum.svg?raw'

const art = { fu, plum, fish, lantern, cloud, bloom } as const

export type CoverName = keyof typeof art

export const coverNames = Object.keys(art) as CoverName[]

export const coverArt = (name: string): string => (Object.hasOwn(art, name) ? art[name as CoverName] : art.fu)
