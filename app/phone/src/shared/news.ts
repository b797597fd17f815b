/** A fact as a sentence, for the live strip and the threads. */
import type { CardId, Fact, PersonRef } from './contract'
import { money } from './format'
import { language, words } from './language'
import { cards, nameOf, numberOf } from './world'

const say = words({
  came_tap: { zh: '你咻到了{card}', en: 'You tapped out a {card} card' },
  came_gift: { zh: '{name}送你{card}', en: '{name} gave you a {card} card' },
  came_swap: { zh: '和{name}换来{card}', en: 'Swapped with {name} for a {card} card' },
  came_friends: { zh: '交了新朋友，得到{card}', en: 'New friends brought you a {card} card' },
  came_other: { zh: '得到{card}', en: 'You got a {card} card' },
  left_gift: { zh: '你送给{name}{card}', en: 'You gave {name} a {card} card' },
  left_swap: { zh: '{card}换给了{name}', en: 'Your {card} card went to {name} in a swap' },
  left_other: { zh: '{card}出手了', en: 'A {card} card left your hands' },
  asked: { zh: '{name}想要一张{card}', en: '{name} asks for a {card} card' },
  swap_offered: { zh: '{name}想用{gives}换你的{wants}', en: '{name} offers {gives} for your {wants}' },
  swap_done: { zh: '换卡成功', en: 'A swap was made' },
  swap_refused: { zh: '这次没有换成', en: 'A swap was not made' },
  cash_tap: { zh: '咻到红包 {money}', en: 'You tapped out a packet of {money}' },
  cash_from: { zh: '{name}传给你一个红包 {money}', en: '{name} passed you a packet of {money}' },
  round_open: { zh: '第 {n} 轮开始了', en: 'Round {n} is on' },
  round_closed: { zh: '第 {n} 轮结束了', en: 'Round {n} is over' },
  round_paused: { zh: '第 {n} 轮暂停', en: 'Round {n} is paused' },
  won: { zh: '你分到 {money}', en: 'Your share is {money}' },
  tie_asked: { zh: '{name}想加你为朋友', en: '{name} would like to be your friend' },
  tie_accepted: { zh: '你和{name}成了朋友', en: 'You and {name} are friends now' },
  paid: { zh: '{name}转给你 {money}', en: '{name} sent you {money}' },
  packet_came: { zh: '{name}给你发了红包', en: '{name} sent you a packet' },
  packet_asked: { zh: '{name}向你讨红包', en: '{name} asks you for a packet' },
  packet_returned: { zh: '红包没领完，{money} 退回来了', en: '{money} of a packet came back' },
  photo_paid: { zh: '{name}付了 {money} 看你的照片', en: '{name} paid {money} to see your photo' },
  photo_refunded: { zh: '照片的 {money} 退回来了', en: '{money} for a photo came back' },
  paid_out: { zh: '你转给{name} {money}', en: 'You sent {name} {money}' },
})

export interface News {
  number: number
  at: string
  text: string
  card: CardId | null
  person: number | null
  kind: string
}

export function cardName(card: CardId): string {
  const found = cards.value.find((one) => one.id === card)
  if (!found) return card
  return language.value === 'zh' ? found.zh : found.en
}

interface Body {
  card?: CardId
  cause?: string
  from?: PersonRef
  to?: PersonRef
  with?: PersonRef
  gives?: CardId
  wants?: CardId
  state?: string
  minor?: number
  refund_minor?: number
  viewer?: PersonRef
  number?: number
  person?: number
  name?: string
  reason?: string
}

/** Null for facts that say nothing to a person by themselves. */
export function newsOf(fact: Fact): News | null {
  const body = fact.body as Body
  const text = sentence(fact.kind, body)
  if (!text) return null
  const person = numberOf(body.from ?? body.to ?? body.with ?? body.viewer ?? body.person ?? null)
  return { number: fact.number, at: fact.at, text, card: body.card ?? null, person, kind: fact.kind }
}

function sentence(kind: string, body: Body): string | null {
  const card = body.card ? cardName(body.card) : ''
  const name = body.name ?? nameOf(body.from ?? body.to ?? body.with)
  const amount = money(Math.abs(body.minor ?? 0))
  switch (kind) {
    case 'fortune.card_came':
      if (body.cause === 'tap' || body.cause === 'friends') return say(`came_${body.cause}`, { card })
      if (name && (body.cause === 'gift' || body.cause === 'swap')) return say(`came_${body.cause}`, { card, name })
      return say('came_other', { card })
    case 'fortune.card_left':
      if (name && (body.cause === 'gift' || body.cause === 'swap')) return say(`left_${body.cause}`, { card, name })
      return say('left_other', { card })
    case 'fortune.asked':
      return say('asked', { name, card })
    case 'fortune.swap_offered':
      return say('swap_offered', { name, gives: cardName(body.gives ?? ''), wants: cardName(body.wants ?? '') })
    case 'fortune.swap_ended':
      return say(body.state === 'done' ? 'swap_done' : 'swap_refused')
    case 'fortune.cash_came':
      return name ? say('cash_from', { name, money: amount }) : say('cash_tap', { money: amount })
    case 'fortune.round':
      if (body.state === 'open' || body.state === 'closed' || body.state === 'paused')
        return say(`round_${body.state}`, { n: body.number })
      return null
    case 'fortune.won':
      return say('won', { money: amount })
    case 'ties.asked':
      return say('tie_asked', { name })
    case 'ties.accepted':
      return say('tie_accepted', { name })
    case 'packet.came':
      return say('packet_came', { name })
    case 'packet.asked':
      return say('packet_asked', { name })
    case 'packet.returned':
      return body.refund_minor ? say('packet_returned', { money: money(body.refund_minor) }) : null
    case 'photos.paid':
      return say('photo_paid', { name: nameOf(body.viewer), money: amount })
    case 'photos.refunded':
      return say('photo_refunded', { money: amount })
    case 'wallet.moved':
      if (!body.reason?.includes('transfer') || !name || !body.minor) return null
      return say(body.minor > 0 ? 'paid' : 'paid_out', { name, money: amount })
    default:
      return null
  }
}
