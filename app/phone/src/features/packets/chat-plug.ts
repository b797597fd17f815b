/** Packets in the chat: the card in a thread, and the tiles that send and ask. */
import { defineAsyncComponent, h } from 'vue'
import { onMessage } from '@/features/chat'
import { registerCard, registerTool } from '@/features/chat/slots'
import Icon from '@/shared/components/Icon.vue'
import { router } from '@/router'
import type { PacketCard } from './contract'
import { hearWords } from './spoken'
import { card, fill, past } from './words'

registerCard('packet', {
  component: defineAsyncComponent(() => import('./PacketCard.vue')),
  line: (message) => card('line', { message: (message.body as unknown as PacketCard).message ?? '' }),
  frame: 'bare',
  denies: ['forward', 'copy', 'edit', 'recall'],
  height: () => 96,
})

registerTool({
  id: 'packet',
  label: () => fill('title'),
  icon: () => h(Icon, { name: 'packets' }),
  order: 20,
  shows: (conversation) => conversation.kind !== 'self',
  run: async ({ conversation }) => {
    const who =
      conversation.kind === 'direct' ? { person: conversation.with, thread: '1' } : { conversation: conversation.id }
    await router.push({ path: '/packets/send', query: who })
  },
})

registerTool({
  id: 'ask-packet',
  label: () => past('ask'),
  icon: () => h(Icon, { name: 'ask' }),
  order: 40,
  shows: (conversation) => conversation.kind === 'direct',
  run: ({ conversation, openSheet }) => {
    openSheet(
      defineAsyncComponent(() => import('./AskForm.vue')),
      { friend: conversation.with },
      past('ask'),
    )
  },
})

onMessage((message, _conversation, fresh) => fresh && void hearWords(message))
