/** What is being written in one conversation: the text, who is named, what it answers or replaces; kept as a draft. */
import { computed, onScopeDispose, reactive, ref, watch } from 'vue'
import { serverTime } from '@/shared/api'
import type { Conversation, Message } from '../model'
import { drafts, setDraft } from '../store/desk'
import { namedIn, type Named } from './mentions'

export const most_letters = 4_000
const keep_after_ms = 400

/** Counted as the server counts: code points, not UTF-16 units. */
export const lettersOf = (text: string): number => Array.from(text).length

export function usePen(conversation: Conversation, find: (number: number) => Message | null) {
  const kept = drafts.get(conversation.id)
  const text = ref(kept?.text ?? '')
  const named = reactive<Named[]>([...(kept?.mentions ?? [])])
  const replyNumber = ref<number | null>(kept?.reply_to ?? null)
  const editing = ref<Message | null>(null)
  const replyTo = computed(() => (replyNumber.value === null ? null : find(replyNumber.value)))
  const left = computed(() => most_letters - lettersOf(text.value))
  let timer: ReturnType<typeof setTimeout> | undefined
  /** In secret mode nothing that is typed is kept on the phone. */
  const unkept = ref(false)
  /** What was being written when an edit began. */
  let aside = ''

  const keep = () => {
    clearTimeout(timer)
    if (editing.value) return
    const words = text.value
    setDraft(
      conversation.id,
      words.trim() && !unkept.value
        ? {
            text: words,
            mentions: named.map(({ person, name }) => ({ person, name })),
            reply_to: replyNumber.value,
            at: drafts.get(conversation.id)?.at ?? new Date(serverTime()).toISOString(),
          }
        : null,
    )
  }
  watch([text, replyNumber], () => {
    clearTimeout(timer)
    timer = setTimeout(keep, keep_after_ms)
  })
  onScopeDispose(keep)

  return {
    text,
    unkept,
    named,
    replyTo,
    replyNumber,
    editing,
    left,
    canSend: computed(() => text.value.trim() !== '' && left.value >= 0),
    mentions: () => namedIn(text.value, named),
    reply: (message: Message | null) => {
      stopEditing()
      replyNumber.value = message?.number ?? null
    },
    edit: (message: Message) => {
      if (!editing.value) aside = text.value
      editing.value = message
      replyNumber.value = null
      text.value = String(message.body['text'] ?? '')
    },
    stopEditing,
    clear: () => {
      text.value = ''
      named.splice(0)
      replyNumber.value = null
      clearTimeout(timer)
      setDraft(conversation.id, null)
    },
  }

  function stopEditing(): void {
    if (!editing.value) return
    editing.value = null
    text.value = aside
  }
}

export type Pen = ReturnType<typeof usePen>
