/** A finding as a sentence in the language of the page. */
import { money } from '@/shared/format'
import { cardName } from '@/shared/news'
import type { Finding } from './verify'
import { findings } from './words'

export function sentence({ code, facts }: Finding): string {
  const said: Record<string, unknown> = { ...facts }
  if (typeof facts['prize'] === 'string') said['prize'] = cardName(facts['prize'])
  if (code === 'win_prize') said['claimed'] = cardName(String(facts['claimed']))
  if (code === 'taps_ok') {
    const { sold, cash } = facts as { sold: number; cash: number }
    said['sold'] = sold > 0 ? findings('taps_sold', { n: sold }) : ''
    said['cash'] = cash > 0 ? findings('taps_cash', { money: money(cash) }) : ''
  }
  if (code === 'key')
    said['beacon'] = facts['beacon'] ? findings('key_beacon', facts['beacon'] as Record<string, unknown>) : ''
  return findings(code, said)
}
