/**
 * Where other parts of the page plug into the chat: what stands inside a message, what the composer offers, what is
 * shown around a thread. A part calls `register…` in its plug file (see plugs.ts); nothing here knows any part.
 */
import { shallowReactive, type Component } from 'vue'
import type { Conversation, Message, MessageBody } from './model'

/** A message as it is wished for; files are uploaded by the kind's `prepare`. */
export interface Draft {
  /** The message's id where it must be known before (a secret is sealed to its id); else the queue makes one. */
  id?: string
  kind: string
  body: MessageBody
  files?: Record<string, Blob>
  reply_to?: number
}

/** A draft in the queue. Its id is the message's id for ever, so that sending it twice sends it once. */
export interface Pending {
  id: string
  conversation: string
  kind: string
  body: MessageBody
  files: Record<string, Blob>
  reply_to?: number
  /** Tell how much of the upload is done, 0 to 1. */
  progress: (part: number) => void
}

export interface Delivered {
  number: number
  change: number
}

/** A line of the menu that a long press opens. */
export interface Act {
  id: string
  label: () => string
  icon: string | Component
  run: (message: Message, conversation: Conversation) => void | Promise<void>
}

export type StandardAct =
  'reply' | 'forward' | 'copy' | 'recall' | 'edit' | 'react' | 'report' | 'readers' | 'select' | 'remove'

export type Frame = 'bubble' | 'bare' | 'card'

export interface CardSlot {
  /** Gets { message, conversation, mine }. */
  component: Component
  /** The message as one line: in the list, in a reply, in a notification. */
  line: (message: Message, conversation?: Conversation) => string
  frame?: Frame
  acts?: (message: Message, conversation: Conversation) => Act[]
  denies?: readonly StandardAct[]
  /** About how high it is, in pixels at the common letter size, before it was measured. */
  height?: (message: Message) => number
  /** Words that only this phone can show of it now: a report may bring them along, if its maker chooses. */
  shows?: (message: Message) => string | null
  /** It has really been on screen. */
  seen?: (message: Message, conversation: Conversation) => void
}

export interface BodySlot extends CardSlot {
  /** Before sending, with the line up: upload the files, answer the final body. Idempotent by `pending.id`. */
  prepare?: (pending: Pending) => Promise<MessageBody>
  /** Send it another way than by the plain verb. */
  deliver?: (pending: Pending) => Promise<Delivered>
}

export interface ComposerContext {
  conversation: Conversation
  mode: string | null
  setMode: (id: string | null) => void
  send: (draft: Draft) => Promise<void>
  replyTo: Message | null
  openSheet: (component: Component, props?: Record<string, unknown>, title?: string) => void
  closeSheet: () => void
}

export interface ToolSlot {
  id: string
  label: () => string
  icon: string | Component
  order: number
  shows?: (conversation: Conversation) => boolean
  /** The modes in which it is offered too. */
  modes?: readonly string[]
  run: (context: ComposerContext) => void | Promise<void>
}

export interface ModeSlot {
  id: string
  label: () => string
  icon: string | Component
  order: number
  shows?: (conversation: Conversation) => boolean
  /** Switched on by itself when the thread opens. */
  always?: (conversation: Conversation) => boolean
  /** Replaces the composer; gets { context }, emits `leave`. */
  composer?: Component
  /** Stands above the field; gets { context }. */
  bar?: Component
  placeholder?: () => string
  /** `look-<look>` becomes a class of the thread page. */
  look?: string
  wrap?: (draft: Draft, context: ComposerContext) => Draft | Promise<Draft>
}

export interface StripSlot {
  component: Component
  order: number
  /** Under the head of the thread, or above the composer. */
  place?: 'top' | 'bottom'
}

export interface SectionSlot {
  component: Component
  order: number
  shows?: (conversation: Conversation) => boolean
}

interface Slots {
  bodies: Map<string, BodySlot>
  cards: Map<string, CardSlot>
  tools: ToolSlot[]
  modes: ModeSlot[]
  strips: StripSlot[]
  sections: SectionSlot[]
  settings: SectionSlot[]
  voice: Component | null
  stickers: Component | null
}

export const slots: Slots = shallowReactive({
  bodies: new Map(),
  cards: new Map(),
  tools: [],
  modes: [],
  strips: [],
  sections: [],
  settings: [],
  voice: null,
  stickers: null,
})

const ordered = <Slot extends { order: number }>(all: Slot[], one: Slot) =>
  [...all, one].sort((a, b) => a.order - b.order)

export const registerBody = (kind: string, slot: BodySlot) => void slots.bodies.set(kind, slot)
export const registerCard = (card: string, slot: CardSlot) => void slots.cards.set(card, slot)
export const registerTool = (slot: ToolSlot) => void (slots.tools = ordered(slots.tools, slot))
export const registerMode = (slot: ModeSlot) => void (slots.modes = ordered(slots.modes, slot))
export const registerStrip = (slot: StripSlot) => void (slots.strips = ordered(slots.strips, slot))
export const registerSection = (slot: SectionSlot) => void (slots.sections = ordered(slots.sections, slot))
export const registerSettings = (slot: SectionSlot) => void (slots.settings = ordered(slots.settings, slot))
export const registerVoice = (component: Component) => void (slots.voice = component)
export const registerStickers = (component: Component) => void (slots.stickers = component)

/** The slot of a message: its card's for a card, its kind's for anything else. */
export function slotOf(message: Message): BodySlot | null {
  if (message.kind === 'card') return slots.cards.get(String(message.body['card'] ?? '')) ?? null
  return slots.bodies.get(message.kind) ?? null
}
