/** What rows and bodies may ask of the thread they stand in. */
import type { ComputedRef, InjectionKey, Ref } from 'vue'
import type { PersonId } from '@/shared/contract'
import type { Conversation, Message } from '../model'

export interface Thread {
  conversation: ComputedRef<Conversation>
  menu: (message: Message) => void
  jump: (number: number) => void
  profile: (person: PersonId) => void
  react: (message: Message, sign: string) => void
  reactors: (message: Message) => void
  editAgain: (message: Message) => void
  /** The message a reply quotes, as far as it is known. */
  quoted: (number: number) => Message | null
  /** Names of the people a text may name. */
  names: (message: Message) => { name: string; mine: boolean }[]
  /** Own words of a message I took back, while this page is open. */
  words: Map<string, string>
  selected: Ref<Set<string> | null>
  toggle: (message: Message) => void
  /** Lit for a moment after a jump. */
  lit: Ref<string | null>
}

export const threadKey: InjectionKey<Thread> = Symbol('thread')
