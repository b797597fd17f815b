/**
 * The chat's front door for the rest of the page. The pages themselves are loaded when somebody goes there; the
 * store runs from sign-in on, so that the tab shows what is unread and what was written goes out.
 */
import { watch } from 'vue'
import type { PersonId } from '@/shared/contract'
import { unread, world } from '@/shared/world'
import { badge, clearDesk, drafts, learn, me, people, queue, setHeld, state, talks } from './store/desk'
import { forgetEverybody, forgetKept, openKept, readAll } from './store/keep'
import { startLine, stopLine } from './store/line'
import { startReading, stopReading } from './store/reading'
import { startSending, stopSending } from './store/sending'
import type { Draft } from './slots'
import { sendTo as queueUp, targetOf } from './store/sending'

export { badge, conversations, memberName, personOf, viewOf as conversationOf } from './store/desk'
export { discardSend, retrySend } from './store/sending'
export { directId, selfId } from './store/direct'
export { onFresh as onMessage } from './store/hearing'

let opened: PersonId | null = null

async function open(person: PersonId): Promise<void> {
  if (opened === person) return
  if (opened !== null) await close(opened)
  opened = person
  state.value = 'loading'
  await openKept(person)
  const kept = await readAll()
  if (opened !== person) return
  for (const held of kept.held) if (!talks.has(held.view.id)) setHeld(held)
  learn(kept.people)
  for (const [id, draft] of kept.drafts) drafts.set(id, draft)
  state.value = 'kept'
  // Bodies know how to send themselves: nothing leaves before they are plugged in.
  await import('./plugs')
  if (opened !== person) return
  startSending([...kept.queue, ...queue.value])
  startReading()
  startLine()
}

async function close(person: PersonId): Promise<void> {
  opened = null
  stopLine()
  stopReading()
  stopSending()
  clearDesk()
  await forgetKept(person)
}

/** Follow who is signed in: the store opens and goes with them. */
export function runChat(): void {
  onUnread((total) => (unread.value = total))
  watch(
    () => world.me?.person ?? null,
    (person) => {
      if (person !== null) void open(person)
      else if (opened !== null) void close(opened)
    },
    { immediate: true },
  )
}

/** Nobody is signed in on this phone. */
export const nobodyHere = () => forgetEverybody()

/** Tell how many are unread, now and whenever that changes. */
export const onUnread = (listener: (total: number) => void) => watch(badge, listener, { immediate: true })

/** Put a draft into a conversation's queue. */
export async function sendTo(conversation: string, draft: Draft): Promise<void> {
  const view = talks.get(conversation)?.view
  if (view) await queueUp(targetOf(view), draft)
}

export { me, people }
