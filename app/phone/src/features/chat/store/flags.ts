/** My own flags of a conversation: how it may disturb me, whether it stays on top, up to where I cleared it. */
import type { Conversation, Notify } from '../model'
import { changeView } from './desk'
import * as keep from './keep'
import { takeView } from './line'
import * as wire from './wire'

export interface Flags {
  notify?: Notify
  pinned?: boolean
  hidden_through?: number
}

export async function setFlags(view: Conversation, flags: Flags): Promise<void> {
  const answer = await wire.change(view.id, 'settings', { ...flags })
  if (flags.hidden_through !== undefined) await keep.dropMessages(view.id, 0, flags.hidden_through)
  changeView(view.id, (now) => ({ ...now, ...flags }))
  if (answer.view) takeView(answer.view, null)
}
