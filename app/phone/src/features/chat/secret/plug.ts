/** How secrets plug into the chat: the mode, the two kinds of message, the strip of changed keys, the page sections. */
import { defineAsyncComponent, watch } from 'vue'
import { onFact } from '@/shared/session'
import { say } from '@/shared/say'
import { nameOf, world } from '@/shared/world'
import type { Conversation } from '../model'
import { registerBody, registerMode, registerSection, registerStrip } from '../slots'
import { becomeReader, forgetOwn, hearChange } from './device'
import FlameIcon from './FlameIcon.vue'
import KeysChanged from './KeysChanged.vue'
import './look.css'
import * as memory from './memory'
import { always, hearMode, loadModes, policy, timerOf } from './mode'
import SecretBar from './SecretBar.vue'
import SecretBody from './SecretBody.vue'
import { deliver, sealDraft, tellBurnt } from './send'
import { secret } from './words'

const denies = ['reply', 'forward', 'copy', 'edit', 'react', 'select'] as const

/** Enough readers to be a secret: not myself alone, not a crowd. */
const fits = (conversation: Conversation) =>
  conversation.kind !== 'self' && (conversation.people_count ?? 2) <= policy.value.most_readers

registerMode({
  id: 'secret',
  label: () => secret('mode'),
  icon: FlameIcon,
  order: 10,
  shows: fits,
  always: (conversation) => fits(conversation) && (conversation.burn_seconds !== null || always.has(conversation.id)),
  bar: SecretBar,
  placeholder: () => secret('placeholder'),
  look: 'secret',
  wrap: (draft, context) => sealDraft(draft, context.conversation, timerOf(context.conversation.id)),
})
registerBody('secret', {
  component: SecretBody,
  line: () => secret('line_secret'),
  shows: (message) => memory.opened.get(message.id)?.text ?? null,
  frame: 'bare',
  denies,
  deliver,
  height: () => 66,
})
registerBody('gone', {
  component: SecretBody,
  line: () => secret('line_gone'),
  frame: 'bare',
  denies: [...denies, 'recall', 'report', 'readers'],
  height: () => 34,
})
registerStrip({ component: KeysChanged, order: 10, place: 'top' })
registerSection({ component: defineAsyncComponent(() => import('./SecretSection.vue')), order: 20, shows: fits })

const tries_ms = 5_000

/** Tell the server until it has heard: it burns its copy by itself a few seconds later in any case. */
function burnt(message: string, conversation: string, tries = 6): void {
  if (!world.me || tries === 0) return
  tellBurnt(message, conversation).catch((error: unknown) => {
    if (error instanceof Error && error.name === 'Unreachable')
      setTimeout(() => burnt(message, conversation, tries - 1), tries_ms)
  })
}

let hearing: (() => void) | null = null
let recalled = false

watch(
  () => world.me?.person ?? null,
  (person) => {
    hearing?.()
    hearing = null
    memory.wipeAll()
    forgetOwn()
    if (person === null) return
    // What was burning when the page was left has burnt on meanwhile.
    if (!recalled) memory.recall(burnt)
    recalled = true
    void becomeReader()
    void loadModes().catch(() => undefined)
    hearing = onFact((fact) => {
      if (fact.kind === 'secret.keys_changed') void hearChange(fact.body)
      else if (fact.kind === 'secret.mode_changed') hearMode(fact.body)
      else if (fact.kind === 'secret.screenshot')
        say(secret('screenshot', { name: nameOf(Number(fact.body['person'])) }))
    })
  },
  { immediate: true },
)
