/** Any proof file there is, a campaign's, a packet's or a photo's, checked into lines that can be read. */
import { checkPhoto } from '@/features/photos/draw'
import { draw } from '@/features/photos/words'
import { checkPacket } from '@/features/packets/split'
import { split } from '@/features/packets/words'
import { sentence } from './say'
import { checkProof } from './verify'

export interface Line {
  ok: boolean
  /** The heading it stands under; "" for the file itself. */
  of: string
  text: string
}

/** `seed`: the campaign seed this phone kept; `person`: who asks. */
export async function checkAny(file: unknown, seed: string | null, person: number): Promise<Line[]> {
  const kind = typeof file === 'object' && file !== null ? String((file as { wufu?: unknown }).wufu ?? '') : ''
  if (kind.startsWith('packet/'))
    return (await checkPacket(file)).map(({ ok, code, facts }) => ({ ok, of: '', text: split(code, facts) }))
  if (kind.startsWith('photo/'))
    return (await checkPhoto(file, person, null)).map(({ ok, code, facts }) => ({
      ok,
      of: '',
      text: draw(code, facts),
    }))
  return (await checkProof(file, seed)).map((found) => ({ ok: found.ok, of: found.of, text: sentence(found) }))
}
