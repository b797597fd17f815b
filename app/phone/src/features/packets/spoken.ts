/**
 * A packet that opens by words, in a chat: who answers its card with the words has opened it. Only an answer to the
 * card is taken for the words, so that talking in the thread uses up nobody's tries.
 */
import type { Message } from '@/features/chat/model'
import { feelMoney, feelNothing } from '@/shared/feel'
import { money } from '@/shared/format'
import { sayError } from '@/shared/refusals'
import { say } from '@/shared/say'
import { world } from '@/shared/world'
import { keepView } from './desk'
import { openPacket, seePacket } from './verbs'
import { card } from './words'

/** The cards on screen that wait for words, by conversation and number. */
const waiting = new Map<string, string>()

/** Answers taken already: a message comes again whenever something about it changes. */
const heard = new Set<string>()

const place = (conversation: string, number: number) => `${conversation}/${number}`

/** A card waits for its words while it is on screen; returns how it stops. */
export function awaitWords(message: Message, packet: string): () => void {
  const at = place(message.conversation, message.number)
  waiting.set(at, packet)
  return () => void waiting.delete(at)
}

/** A message as it is applied: perhaps it says the words. */
export async function hearWords(message: Message): Promise<void> {
  if (message.sender !== world.me?.person || message.kind !== 'text' || message.reply_to === null) return
  const packet = waiting.get(place(message.conversation, message.reply_to))
  const words = message.body['text']
  if (!packet || typeof words !== 'string' || heard.has(message.id)) return
  heard.add(message.id)
  try {
    const { minor } = await openPacket(packet, null, words)
    keepView(await seePacket(packet))
    feelMoney()
    say(card('words_right', { money: money(minor) }))
  } catch (error) {
    feelNothing()
    say(sayError(error))
  }
}
