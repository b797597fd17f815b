/** Photo packets in the chat: the card in a thread, and the tile that posts one. */
import { defineAsyncComponent, h } from 'vue'
import { registerCard, registerTool } from '@/features/chat/slots'
import { router } from '@/router'
import type { PhotoCard } from './contract'
import PhotoIcon from './PhotoIcon.vue'
import { photoCard, photos } from './words'

registerCard('photo', {
  component: defineAsyncComponent(() => import('./PhotoCardBody.vue')),
  line: (message) => photoCard('line', { message: (message.body as unknown as PhotoCard).message ?? '' }),
  frame: 'bare',
  denies: ['forward', 'copy', 'edit', 'recall'],
  height: () => 196,
})

registerTool({
  id: 'photo-packet',
  label: () => photos('title'),
  icon: () => h(PhotoIcon),
  order: 30,
  shows: (conversation) => conversation.kind === 'group',
  run: async ({ conversation }) => {
    await router.push({ path: '/photos/post', query: { conversation: conversation.id } })
  },
})
