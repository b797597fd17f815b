/** What the menu of a message does. */
import { ref, shallowReactive, type Component, type Ref } from 'vue'
import { copy } from '@/shared/clipboard'
import { attempt, say } from '@/shared/say'
import type { Conversation, Message } from '../model'
import type { Pen } from '../composer/pen'
import { slotOf, type Draft, type StandardAct } from '../slots'
import { me, personOf } from '../store/desk'
import { sendTo, targetOf } from '../store/sending'
import * as wire from '../store/wire'
import { chat } from '../words'
import ForwardSheet from './ForwardSheet.vue'
import ReadersSheet from './ReadersSheet.vue'
import ReportSheet from './ReportSheet.vue'

interface Around {
  conversation: () => Conversation
  find: (number: number) => Message | null
  pen: Pen
  focus: () => void
  open: (component: Component, props: Record<string, unknown>, title: string) => void
}

/** Kinds that are sent again as they are; anything else goes as a bundle the server makes. */
const resent = new Set(['text', 'sticker', 'place', 'name_card', 'picture', 'voice', 'video', 'file'])

export function useActs(around: Around) {
  const menu: Ref<Message | null> = ref(null)
  const selected: Ref<Set<string> | null> = ref(null)
  const chosen = new Map<string, Message>()
  const words = shallowReactive(new Map<string, string>())

  async function act(name: StandardAct, message: Message): Promise<void> {
    const id = around.conversation().id
    switch (name) {
      case 'reply':
        around.pen.reply(message)
        return around.focus()
      case 'edit':
        around.pen.edit(message)
        return around.focus()
      case 'copy':
        return copy(String(message.body['text'] ?? ''))
      case 'recall': {
        const text = String(message.body['text'] ?? '')
        if ((await attempt(() => wire.recall(id, message.number))) && text && message.sender === me())
          words.set(message.id, text)
        return
      }
      case 'forward':
        return forward([message])
      case 'select':
        chosen.clear()
        chosen.set(message.id, message)
        selected.value = new Set([message.id])
        return
      case 'readers':
        return around.open(
          ReadersSheet,
          { conversation: around.conversation(), number: message.number },
          chat('readers'),
        )
      case 'report':
        return around.open(
          ReportSheet,
          {
            conversation: around.conversation(),
            numbers: [message.number],
            // As it is on the screen now: a secret may burn while the report is written.
            shown: slotOf(message)?.shows?.(message) ?? null,
          },
          chat('report_why'),
        )
    }
  }

  function forward(messages: Message[]): void {
    around.open(
      ForwardSheet,
      {
        send: async (targets: Conversation[]) => {
          for (const target of targets) await sendTo(targetOf(target), draftOf(messages))
          selected.value = null
          say(chat('forwarded'))
        },
      },
      chat('forward_title'),
    )
  }

  function draftOf(messages: Message[]): Draft {
    const [only] = messages
    if (messages.length === 1 && only && resent.has(only.kind)) return { kind: only.kind, body: bodyAgain(only) }
    return {
      kind: 'forward',
      body: {
        conversation: around.conversation().id,
        numbers: messages.map((one) => one.number).sort((a, b) => a - b),
      },
    }
  }

  async function react(message: Message, sign: string): Promise<void> {
    const mine = message.reactions[sign]?.includes(me()) ?? false
    await attempt(() => wire.react(around.conversation().id, message.number, sign, !mine))
  }

  function reactors(message: Message): void {
    const lines = Object.entries(message.reactions).map(([sign, people]) =>
      chat('reactors', { sign, names: people.map((person) => personOf(person).name).join(' ') }),
    )
    say(lines.join('\n'))
  }

  function toggle(message: Message): void {
    const now = new Set(selected.value)
    if (now.delete(message.id)) chosen.delete(message.id)
    else if (now.size < most_forwarded) {
      now.add(message.id)
      chosen.set(message.id, message)
    }
    selected.value = now
  }

  const forwardSelected = () => forward([...chosen.values()])

  return { menu, selected, words, act, react, reactors, toggle, forwardSelected }
}

const most_forwarded = 50

/** What the phone said when it sent it, out of what the server stored. */
function bodyAgain(message: Message): Record<string, unknown> {
  const { body, kind } = message
  const pick = (...names: string[]) =>
    Object.fromEntries(
      names.filter((name) => body[name] !== undefined && body[name] !== null).map((name) => [name, body[name]]),
    )
  if (kind === 'text') return pick('text')
  if (kind === 'name_card') return pick('person')
  if (kind === 'voice') return pick('media', 'waveform')
  if (kind === 'video') return pick('media', 'poster')
  if (kind === 'picture' || kind === 'file') return pick('media')
  return { ...body }
}
