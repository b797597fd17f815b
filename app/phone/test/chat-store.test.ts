/** How changes come in, what waits to be sent, and how messages stand in rows: all without a server. */
import { describe, expect, it } from 'vitest'
import { namedIn, put, wantedAt } from '@/features/chat/composer/mentions'
import { Telling } from '@/features/chat/composer/typing'
import { marked } from '@/features/chat/list/marked'
import { estimate, rowsOf } from '@/features/chat/list/rows'
import { onlySigns, segmentsOf } from '@/features/chat/list/segments'
import { conversationOf, messageOf, type Message } from '@/features/chat/model'
import {
  afterMessages,
  afterReading,
  afterView,
  badgeOf,
  inOrder,
  Lobby,
  merged,
  takePush,
  type Held,
} from '@/features/chat/store/changes'
import {
  asMessage,
  awake,
  nextLook,
  postponed,
  ready,
  refused,
  restarted,
  retried,
  type QueueItem,
} from '@/features/chat/store/queue'
import { digestOf, digestsOf, drawerOf, haveOf, runsOf } from '@/features/chat/store/drawers'
import { directId, selfId } from '@/features/chat/store/direct'
import { plainSha256 } from '@/features/chat/store/sha256'
import type { Entry } from '@/features/chat/threads'

const me = 7
const at = (seconds: number) => new Date(Date.UTC(2026, 1, 16, 12) + seconds * 1000).toISOString()

const message = (number: number, change = number, more: Partial<Message> = {}): Message => ({
  ...messageOf({ conversation: 'c', id: `m${number}`, number, change, kind: 'text', sent_at: at(number) }),
  sender: 9,
  body: { text: `${number}` },
  ...more,
})

const held = (through = 0, more: Partial<Held['view']> = {}): Held => ({
  view: conversationOf({ id: 'c', kind: 'group', last_number: through, last_change: through, ...more }),
  through,
  low: 1,
})

describe('a push', () => {
  it('is taken when it follows, ignored when it is old, and waits when something is missing', () => {
    expect(takePush(3, { last_change: 3, messages: [message(3)] })).toEqual({ state: 'old' })
    expect(takePush(3, { last_change: 5, messages: [message(4), message(5)] })).toMatchObject({
      state: 'applied',
      through: 5,
    })
    expect(takePush(3, { last_change: 5, messages: [message(5)] })).toEqual({ state: 'gap' })
    expect(takePush(3, { last_change: 6, messages: [message(4)] })).toEqual({ state: 'gap' })
  })

  it('is complete whatever order pushes come in, and however often', () => {
    let state = 11
    const random = (below: number) => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0
      return state % below
    }
    for (let turn = 0; turn < 200; turn += 1) {
      const all = Array.from({ length: 12 }, (_, index) => message(index + 1))
      const pushes = all.flatMap((one) => [one, one]).map((one) => ({ last_change: one.change, messages: [one] }))
      for (let index = pushes.length - 1; index > 0; index -= 1) {
        const other = random(index + 1)
        ;[pushes[index], pushes[other]] = [pushes[other]!, pushes[index]!]
      }
      const lobby = new Lobby()
      const seen: number[] = []
      let through = 0
      for (const push of pushes) {
        const taken = lobby.take('c', through, push)
        through = taken.through
        seen.push(...taken.messages.map((one) => one.number))
      }
      expect(seen).toEqual(all.map((one) => one.number))
      expect(lobby.pulled('c', through).gap).toBe(false)
    }
  })

  it('that waited is done with when a pull has brought what was missing', () => {
    const lobby = new Lobby()
    expect(lobby.take('c', 0, { last_change: 3, messages: [message(3)] }).gap).toBe(true)
    expect(lobby.pulled('c', 2)).toMatchObject({ through: 3, gap: false })
    expect(lobby.take('c', 3, { last_change: 9, messages: [message(9)] }).gap).toBe(true)
    expect(lobby.pulled('c', 9)).toEqual({ messages: [], through: 9, gap: false })
  })
})

describe('a conversation', () => {
  it('counts what others say, and names', () => {
    const after = afterMessages(
      held(0),
      [
        message(1),
        message(2, 2, { sender: me }),
        message(3, 3, { mentions: [me] }),
        message(4, 4, { sender: 0, kind: 'notice' }),
      ],
      4,
      me,
    )
    expect(after.view).toMatchObject({ unread: 2, mentions: [3], last_number: 4, last_change: 4 })
    expect(after.view.last?.number).toBe(4)
    expect(after.through).toBe(4)
  })

  it('counts nothing twice when a change of an old message comes', () => {
    const once = afterMessages(held(0), [message(1)], 1, me)
    const again = afterMessages(once, [message(1, 2, { reactions: { '👍': [3] } })], 2, me)
    expect(again.view.unread).toBe(1)
    expect(again.view.last?.reactions).toEqual({ '👍': [3] })
  })

  it('forgets a name in a message that was taken back', () => {
    const named = afterMessages(held(0), [message(1, 1, { mentions: [0] })], 1, me)
    expect(named.view.mentions).toEqual([1])
    expect(afterMessages(named, [message(1, 2, { recalled_by: 9 })], 2, me).view.mentions).toEqual([])
  })

  it('is read up to a number, never back', () => {
    const { view } = afterMessages(held(0), [message(1), message(2), message(3, 3, { mentions: [me] })], 3, me)
    expect(afterReading(view, 2)).toMatchObject({ read_through: 2, unread: 1, mentions: [3] })
    expect(afterReading(view, 3)).toMatchObject({ read_through: 3, unread: 0, mentions: [] })
    const read = afterReading(view, 3)
    expect(afterReading(read, 1)).toBe(read)
  })

  it('takes the view of the server without losing what was pushed or read since', () => {
    const known = afterMessages(held(2), [message(3)], 3, me)
    const stale = conversationOf({ id: 'c', kind: 'group', last_number: 2, last_change: 2, title: '新名' })
    expect(afterView(known, stale, 1, 2).view).toMatchObject({ title: '新名', last_number: 3, last_change: 3 })
    const read = { ...known, view: afterReading(known.view, 3) }
    const slow = conversationOf({ id: 'c', kind: 'group', last_number: 3, last_change: 3, unread: 1, read_through: 2 })
    expect(afterView(read, slow, 1, 3).view).toMatchObject({ unread: 0, read_through: 3 })
  })

  it('adds to the badge as its owner wishes', () => {
    const base = held(5, { unread: 4, mentions: [2] }).view
    expect(badgeOf([base, { ...base, notify: 'mentions' }, { ...base, notify: 'none' }])).toBe(5)
  })

  it('stands where its newest message puts it, pinned ones first', () => {
    const [a, b, c] = ['a', 'b', 'c'].map((id, index) =>
      conversationOf({ id, kind: 'group', pinned: id === 'a', created_at: at(index) }),
    )
    expect(inOrder([a!, b!, c!], (view) => view.created_at).map((view) => view.id)).toEqual(['a', 'c', 'b'])
  })
})

describe('messages', () => {
  it('are put in by number, the newer change wins, and nothing changes for nothing', () => {
    const list = [message(1), message(2), message(4)]
    expect(merged(list, [message(3)]).map((one) => one.number)).toEqual([1, 2, 3, 4])
    expect(merged(list, [message(2, 9)])[1]!.change).toBe(9)
    expect(merged(list, [message(2, 1)])).toBe(list)
  })

  it('of my own are replaced by what the server says', () => {
    const echo = { ...message(5), change: 0 }
    expect(merged([echo], [message(5, 5, { body: { text: '5', links: [] } })])[0]!.body).toEqual({
      text: '5',
      links: [],
    })
  })
})

const item = (id: string, order: number, more: Partial<QueueItem> = {}): QueueItem => ({
  id,
  order,
  conversation: 'c',
  to: null,
  kind: 'text',
  body: { text: id },
  files: {},
  reply_to: null,
  mentions: [],
  at: at(order),
  state: 'waiting',
  prepared: false,
  tries: 0,
  not_before_ms: 0,
  ...more,
})

describe('the queue', () => {
  it('sends one at a time in each conversation, in the order of writing', () => {
    const items = [item('b', 2), item('a', 1), item('x', 3, { conversation: 'd' })]
    expect(ready(items, 0).map((one) => one.id)).toEqual(['a', 'x'])
    expect(ready([item('a', 1, { state: 'sending' }), item('b', 2)], 0)).toEqual([])
  })

  it('lets the others pass one that was refused', () => {
    const no = refused(item('a', 1), 'muted', { until: 'x' }, 0)
    expect(no).toMatchObject({ state: 'failed', code: 'muted' })
    expect(ready([no, item('b', 2)], 0).map((one) => one.id)).toEqual(['b'])
    expect(retried(no)).not.toHaveProperty('code')
    expect(ready([retried(no), item('b', 2)], 0).map((one) => one.id)).toEqual(['a'])
  })

  it('keeps the order while the line is bad, and waits longer each time', () => {
    const waits: number[] = []
    let now = item('a', 1)
    for (let turn = 0; turn < 8; turn += 1) {
      now = postponed(now, 0)
      waits.push(now.not_before_ms)
    }
    expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000])
    expect(ready([now, item('b', 2)], 10)).toEqual([])
    expect(nextLook([now, item('b', 2)], 10)).toBe(30_000)
    expect(ready(awake([now, item('b', 2)], 10), 10).map((one) => one.id)).toEqual(['a'])
  })

  it('has patience where the server asks for it', () => {
    const slow = refused(item('a', 1), 'too_fast', { seconds: 2 }, 100)
    expect(slow).toMatchObject({ state: 'waiting', not_before_ms: 2_100 })
  })

  it('sends again after a restart what may or may not have arrived, with the same id', () => {
    expect(restarted([item('a', 1, { state: 'sending', prepared: true })])[0]).toMatchObject({
      id: 'a',
      state: 'waiting',
      prepared: true,
    })
  })

  it('shows what is on its way', () => {
    expect(asMessage(item('a', 1), me, 0.5)).toMatchObject({ number: 0, sender: me, pending: { progress: 0.5 } })
  })
})

describe('rows', () => {
  const talk = [
    message(1),
    message(2),
    message(3, 3, { sender: me }),
    message(4, 4, { sent_at: at(4 + 3_600) }),
    message(5, 5, { sent_at: at(86_400 * 2) }),
  ]

  it('show a day where it begins, a time after a while, a face where somebody begins', () => {
    const rows = rowsOf(talk, [], [], null, me)
    expect(rows.map((row) => row.stamp)).toEqual(['day', null, null, 'time', 'day'])
    expect(rows.map((row) => row.head)).toEqual([true, false, true, true, true])
    expect(rows.map((row) => row.tail)).toEqual([false, true, true, true, true])
  })

  it('mark once where the new begins, at what somebody else said', () => {
    expect(rowsOf(talk, [], [], 2, me).map((row) => row.fresh)).toEqual([false, false, false, true, false])
    expect(rowsOf(talk, [], [], null, me).some((row) => row.fresh)).toBe(false)
  })

  it('put stories where their time is, and what is on its way last', () => {
    const story = { kind: 'news', key: 's', at: at(2.5), mine: false } as unknown as Entry
    const pending = asMessage(item('p', 1), me, 0)
    expect(rowsOf(talk, [pending], [story], null, me).map((row) => row.key)).toEqual([
      'm1',
      'm2',
      's',
      'm3',
      'm4',
      'm5',
      'p',
    ])
  })

  it('are guessed higher the more they say', () => {
    const guess = (text: string) =>
      estimate(rowsOf([message(1, 1, { body: { text } })], [], [], null, me)[0]!, () => undefined)
    expect(guess('好')).toBeLessThan(guess('好'.repeat(40)))
    expect(guess('a'.repeat(30))).toBeLessThan(guess('好'.repeat(30)))
  })
})

describe('a text', () => {
  const link = (url: string, risky = false) => ({ url, host: 'x', risky })

  it('is cut at links and names, longest first, and loses nothing', () => {
    const text = '@老王头 看 https://a.b/c 和 https://a.b 吧 @老王'
    const parts = segmentsOf(
      text,
      [link('https://a.b'), link('https://a.b/c')],
      [
        { name: '老王', mine: true },
        { name: '老王头', mine: false },
      ],
    )
    expect(parts.map((part) => part.text).join('')).toBe(text)
    expect(parts.filter((part) => part.kind !== 'plain').map((part) => part.text)).toEqual([
      '@老王头',
      'https://a.b/c',
      'https://a.b',
      '@老王',
    ])
  })

  it('is large when it is only a few signs', () => {
    for (const text of ['😂', '👍🏽', '❤️', '👨‍👩‍👧', '🎉 🎉'])
      expect([text, onlySigns(text)]).toEqual([text, !text.includes(' ')])
    for (const text of ['好😂', '😂😂😂😂', '', '12']) expect(onlySigns(text)).toBe(false)
  })

  it('names whom it still names', () => {
    expect(wantedAt('你好 @老', 5)).toEqual({ from: 3, wanted: '老' })
    expect(wantedAt('a@b', 3)).toBeNull()
    expect(wantedAt('@老 王', 4)).toBeNull()
    const after = put('你好 @老', 3, 5, '老王')
    expect(after).toEqual({ text: '你好 @老王 ', cursor: 7 })
    const chosen = [
      { person: 3, name: '老王' },
      { person: 4, name: '小李' },
      { person: 3, name: '老王' },
    ]
    expect(namedIn(after.text, chosen)).toEqual([3])
  })

  it('shows where a search hit', () => {
    expect(marked('一起看春晚吧', '春晚')).toEqual([
      { text: '一起看', hit: false },
      { text: '春晚', hit: true },
      { text: '吧', hit: false },
    ])
    expect(marked('无'.repeat(60) + '春晚', '春晚')[0]).toEqual({ text: '…', hit: false })
    expect(marked('abc', '').map((part) => part.hit)).toEqual([false])
    expect(marked('ABC', 'b')[1]).toEqual({ text: 'B', hit: true })
  })
})

describe('names of conversations', () => {
  it('are found without WebCrypto too', async () => {
    for (const length of [0, 1, 3, 55, 56, 63, 64, 65, 200]) {
      const data = Uint8Array.from({ length }, (_, index) => (index * 37 + length) % 256)
      const wanted = new Uint8Array(await crypto.subtle.digest('SHA-256', data))
      expect(plainSha256(data)).toEqual(wanted)
    }
  })

  it('are the same from either side, and as the server makes them', async () => {
    expect(await directId(3, 12)).toBe(await directId(12, 3))
    expect(await directId(3, 12)).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    expect(await directId(3, 12)).toBe('221d3ca9-5ef9-8e41-a041-9763ac7a7863')
    expect(await selfId(3)).toBe('278e98df-0a7e-8a5f-8dbc-030d7dd7dc1c')
  })
})

describe('what this phone holds, told in drawers', () => {
  const one = (id: string, more: Partial<Held['view']> = {}, through = 3): Held => ({
    view: conversationOf({ id, kind: 'group', last_number: 3, last_change: 3, mark: 'abc', ...more }),
    through,
    low: 1,
  })

  it('is digested as the server does, in whatever order it is held', () => {
    // tests/chat/test_sync.py has the same words and digits.
    const lines = ['00000000-0000-4000-8000-00000000000a 7 5 - mark', '00000000-0000-4000-8000-00000000001a 1 0 0 x']
    expect(digestOf(lines)).toBe('a97e9ba609d04b058a2d5aa4')
    expect(digestOf([...lines].reverse())).toBe(digestOf(lines))
    expect(digestOf([])).toBe('e3b0c44298fc1c149afbf4c8')
  })

  it('changes with whatever the server might tell anew', () => {
    const before = digestsOf([one('x1')])['1']
    expect(digestsOf([one('x1')])['1']).toBe(before)
    for (const other of [
      one('x1', {}, 4),
      one('x1', { read_through: 1 }),
      one('x1', { peer_read_through: 0 }),
      one('x1', { mark: 'abd' }),
    ]) {
      expect(digestsOf([other])['1']).not.toBe(before)
      expect(digestsOf([other])['2']).toBe(digestsOf([])['2'])
    }
  })

  it('leaves out a conversation of two in which nothing was said', () => {
    expect(digestsOf([one('x1', { kind: 'direct' }, 0)])).toEqual(digestsOf([]))
    expect(digestsOf([one('x1', { kind: 'direct' }, 1)])).not.toEqual(digestsOf([]))
    expect(haveOf(one('x1', { read_through: 2 }))).toEqual({ change: 3, read: 2, peer: null, mark: 'abc' })
    expect(drawerOf('00000000-0000-4000-8000-00000000000a')).toBe('a')
  })

  it('asks about as many drawers at once as the server takes', () => {
    const many = (drawer: string, count: number) => Array.from({ length: count }, (_, at) => one(`${at}${drawer}`))
    expect(runsOf('', [])).toEqual([])
    expect(runsOf('0123456789abcdef', many('3', 5))).toEqual(['0123456789abcdef'])
    expect(runsOf('123', [...many('1', 500), ...many('2', 500), ...many('3', 10)])).toEqual(['1', '23'])
    expect(runsOf('12', [...many('1', 2000)])).toEqual(['1', '2'])
  })
})

describe('a server that cannot work just now', () => {
  const sent: QueueItem = item('a', 1)

  it('is asked again later; the message does not fail', () => {
    expect(refused(sent, 'server_busy', {}, 0)).toMatchObject({ state: 'waiting', tries: 1 })
    expect(refused({ ...sent, tries: 50 }, 'server_busy', {}, 0).state).toBe('waiting')
    expect(refused(sent, 'server_error', {}, 0).state).toBe('waiting')
    expect(refused({ ...sent, tries: 5 }, 'server_error', {}, 0).state).toBe('failed')
  })
})

describe('that somebody types', () => {
  it('is told at the first letter, also on a page that is a moment old', () => {
    expect(new Telling().due(120)).toBe(true)
    expect(new Telling().due(0)).toBe(true)
  })

  it('is told again every few seconds and no more often', () => {
    const telling = new Telling()
    const told = [0, 500, 3_499, 3_500, 3_600, 6_999, 7_000, 60_000].filter((now_ms) => telling.due(now_ms))
    expect(told).toEqual([0, 3_500, 7_000, 60_000])
  })
})
