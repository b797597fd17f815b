/** A line of the statement in words. */
import type { StatementEntry } from '@/shared/contract'
import { nameOf } from '@/shared/world'
import { reasons } from './words'

export function reasonWords(entry: StatementEntry): string {
  const { reason } = entry
  const holder = entry.with?.holder ?? ''
  const person = /^person\/(\d+)$/.exec(holder)?.[1]
  const name = entry.with?.name || (person ? nameOf(Number(person)) : '')
  // The ledger's reason is one word; of a packet the second one says which way it went.
  const packet = /^packet (sent|opened|returned)$/.exec(`${reason} ${entry.note ?? ''}`)?.[1]
  if (packet) return reasons(`packet_${packet as 'sent' | 'opened' | 'returned'}`)
  if (reason.startsWith('photo'))
    return reasons(/return|refund/.test(reason) ? 'photo_returned' : entry.minor > 0 ? 'photo_earned' : 'photo_paid')
  if (/return|refund/.test(reason)) return reasons('returned')
  if (reason === 'funded') return reasons('funded')
  if (/top.?up/.test(reason)) return reasons('top_up')
  if (/withdraw/.test(reason)) return reasons('withdraw')
  if (/pass/.test(reason)) return reasons('passed')
  if (/cash|packet|round/.test(reason)) return reasons('cash')
  if (/share|settle|payout/.test(reason)) return reasons('share')
  if (person) return reasons(entry.minor > 0 ? 'transfer_in' : 'transfer_out', { name })
  if (holder.startsWith('bank/')) return reasons(entry.minor > 0 ? 'top_up' : 'withdraw')
  return reasons(entry.minor > 0 ? 'in' : 'out')
}
