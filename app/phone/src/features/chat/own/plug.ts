/** The chat's own bodies and tools, plugged in like everybody else's. */
import { defineAsyncComponent } from 'vue'
import { cardName } from '@/shared/news'
import ForwardBody from '../bodies/ForwardBody.vue'
import FortuneCard from '../bodies/FortuneCard.vue'
import NameCardBody from '../bodies/NameCardBody.vue'
import PlaceBody from '../bodies/PlaceBody.vue'
import TextBody from '../bodies/TextBody.vue'
import type { Message } from '../model'
import { registerBody, registerCard, registerTool } from '../slots'
import { chat, pen } from '../words'
import './moderation'

registerBody('text', {
  component: TextBody,
  line: (message) => String(message.body['text'] ?? '').replace(/\s+/g, ' '),
})
registerBody('place', {
  component: PlaceBody,
  frame: 'card',
  line: (message) => chat('line_place', { name: message.body['name'] ?? '' }),
  height: () => 150,
  denies: ['copy', 'edit'],
})
registerBody('name_card', {
  component: NameCardBody,
  frame: 'card',
  line: (message) => chat('line_name_card', { name: message.body['name'] ?? '' }),
  height: () => 102,
  denies: ['copy', 'edit'],
})
registerBody('forward', {
  component: ForwardBody,
  frame: 'card',
  line: (message) => chat('line_forward', { title: message.body['title'] ?? '' }),
  height: () => 140,
  denies: ['copy', 'edit'],
})
/** Which card somebody asks for, or which two would change hands. */
const cardLine = ({ body }: Message) =>
  body['swap']
    ? `${cardName(String(body['gives']))} ${chat('for')} ${cardName(String(body['wants']))}`
    : chat('line_request', { card: cardName(String(body['wants'])) })
for (const card of ['request', 'swap']) {
  registerCard(card, { component: FortuneCard, frame: 'bare', line: cardLine, height: () => 150 })
}

const NameCardTool = defineAsyncComponent(() => import('../composer/NameCardTool.vue'))
const PlaceTool = defineAsyncComponent(() => import('../composer/PlaceTool.vue'))

registerTool({
  id: 'place',
  label: () => pen('place'),
  icon: 'place',
  order: 60,
  run: (context) => context.openSheet(PlaceTool, {}, pen('place')),
})
registerTool({
  id: 'name-card',
  label: () => pen('name_card'),
  icon: 'add',
  order: 70,
  run: (context) => context.openSheet(NameCardTool, {}, pen('which_card')),
})
