/** For parts that want to know of single messages: sounds, notifications, rain. */
import type { Conversation, Message } from '../model'
import { onMessages, talks } from './desk'

/** Hear every message as it is applied; `fresh`: pushed this moment. Returns how to stop. */
export function onFresh(listener: (message: Message, conversation: Conversation, fresh: boolean) => void): () => void {
  return onMessages((id, messages, fresh) => {
    const view = talks.get(id)?.view
    if (view) for (const message of messages) listener(message, view, fresh)
  })
}
