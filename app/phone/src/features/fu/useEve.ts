/** The eve as this phone plays it: joins, counts touches, sends batches, lets won cards fly. */
import { computed, onScopeDispose, ref, shallowRef, watch } from 'vue'
import { Refused } from '@/shared/api'
import { realUntil } from '@/shared/clock'
import type { TapWin } from '@/shared/contract'
import { feelTap, feelWin } from '@/shared/feel'
import { clientSeed } from '@/shared/ids'
import { ask } from '@/shared/live'
import { refreshCampaign, refreshMine } from '@/shared/session'
import { join } from '@/shared/verbs'
import { phase, tick_ms, world } from '@/shared/world'
import { TapLine, type TapAnswer } from './taps'

const pump_ms = 100
const hurry_within_ms = 2_500
const notice_ms = 2_200

let joining = false

/** Take part, with this phone's own seed. Quiet: joining costs nothing and must come before a round opens. */
async function joinQuietly(): Promise<void> {
  const { campaign, me, mine } = world
  const joinable = campaign?.state === 'announced' || campaign?.state === 'running'
  if (joining || !campaign || !me || !mine || mine.joined || !joinable) return
  joining = true
  try {
    await join(clientSeed(campaign.id, me.person))
  } catch (error) {
    if (error instanceof Refused) console.warn(error.code)
  } finally {
    joining = false
  }
}

export function useEve(onWins: (wins: TapWin[]) => void) {
  const line = shallowRef<{ campaign: string; round: number; taps: TapLine } | null>(null)
  const leaving = new Set<TapLine>()
  const taps = ref(0)
  const unsent = ref(0)
  const notice = ref('')
  let noticeEnds: ReturnType<typeof setTimeout> | undefined

  const round = computed(() =>
    phase.value.kind === 'open' || phase.value.kind === 'paused' ? phase.value.round : null,
  )
  const left_ms = computed(() =>
    round.value && world.clock ? realUntil(world.clock, round.value.closes_at, tick_ms.value) : 0,
  )
  const isOpen = computed(() => phase.value.kind === 'open' && left_ms.value > 0)

  function tell(code: string): void {
    notice.value = code
    clearTimeout(noticeEnds)
    noticeEnds = setTimeout(() => (notice.value = ''), notice_ms)
  }

  function show(): void {
    taps.value = line.value?.taps.count ?? 0
    unsent.value = line.value?.taps.unsent ?? 0
  }

  function open(campaign: string, number: number): void {
    const mine = world.mine?.rounds.find((one) => one.number === number)
    const person = world.me!.person
    const taps = new TapLine({
      next: mine?.next ?? 0,
      send: (batch) => ask<TapAnswer>(person, 'tap', { campaign, round: number, ...batch }),
      onWins: (wins) => {
        for (const win of wins)
          if (win.outcome === 'card' && win.held !== undefined && world.mine) raise(win.prize, win.held)
        if (wins.some((win) => win.outcome !== 'sold out')) feelWin()
        onWins(wins)
      },
      onRefused: (code) => {
        if (code === 'not_joined') {
          line.value = null
          if (world.mine) world.mine.joined = false
          void joinQuietly()
        }
        if (code === 'round_not_open') void refreshCampaign()
        tell(code)
      },
    })
    line.value = { campaign, round: number, taps }
  }

  /** Facts bring the exact count; until then a win shows at once, and never takes a card away. */
  function raise(card: string, held: number): void {
    const cards = world.mine!.cards
    cards[card] = Math.max(cards[card] ?? 0, held)
  }

  watch(
    [() => world.campaign?.id, () => round.value?.number, () => world.mine?.joined],
    ([campaign, number, joined]) => {
      void joinQuietly()
      const current = line.value
      if (current && current.campaign === campaign && current.round === number) return
      // The old round's last taps may still be on the way; its line finishes by itself.
      if (current && current.taps.unsent > 0) leaving.add(current.taps)
      line.value = null
      if (campaign && number !== undefined && joined) open(campaign, number)
      show()
    },
    { immediate: true },
  )

  watch(
    () => world.mine?.rounds,
    (rounds) => {
      const mine = rounds?.find((one) => one.number === line.value?.round)
      if (mine) line.value?.taps.heard(mine.next)
      show()
    },
  )

  const pumping = setInterval(() => {
    const now_ms = performance.now()
    const current = line.value
    for (const old of leaving) {
      void old.pump(now_ms, true)
      if (old.unsent === 0) leaving.delete(old)
    }
    if (!current) return
    const hurry = phase.value.kind === 'open' && left_ms.value < hurry_within_ms
    void current.taps.pump(now_ms, hurry).then(show)
    show()
  }, pump_ms)

  onScopeDispose(() => {
    clearInterval(pumping)
    clearTimeout(noticeEnds)
    const current = line.value?.taps
    if (current && current.unsent > 0) void current.pump(performance.now() + pump_ms, true)
  })

  /** One touch of the 福; true when it counts. */
  function tap(): boolean {
    if (!isOpen.value || !line.value) return false
    const counted = line.value.taps.tap(performance.now())
    if (counted) {
      feelTap()
      show()
    } else tell('too_many_taps')
    return counted
  }

  void refreshMine()
  return { tap, taps, unsent, notice, round, left_ms, isOpen }
}
