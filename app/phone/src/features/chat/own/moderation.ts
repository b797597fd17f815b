/** What moderators decided and this person is told: about their reports, and about their own voice. */
import { watch } from 'vue'
import { say } from '@/shared/say'
import { onFact } from '@/shared/session'
import { world } from '@/shared/world'
import { clockOf } from '../times'
import { chat } from '../words'

let hearing: (() => void) | null = null

watch(
  () => world.me?.person ?? null,
  (person) => {
    hearing?.()
    hearing = person === null ? null : onFact(({ kind, body }) => tell(kind, body))
  },
  { immediate: true },
)

function tell(kind: string, body: Record<string, unknown>): void {
  if (kind === 'chat.report_decided') say(chat(body['verdict'] === 'acted' ? 'report_acted' : 'report_dismissed'))
  else if (kind === 'chat.voice_back') say(chat('voice_back'))
  else if (kind === 'chat.silenced') {
    const until = body['until']
    say(typeof until === 'string' ? chat('silenced_until', { time: clockOf(until) }) : chat('silenced'))
  }
}
