/** The vectors are those of docs/fairness.md, computed there with openssl and shared with the Python tests. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import {
  amountBetween,
  canonicalJson,
  drawWords,
  eight,
  fromHex,
  join,
  keystreamOf,
  merkleIndex,
  roundKey,
} from '@/features/proof/crypto'
import { checkProof } from '@/features/proof/verify'
import { sentence } from '@/features/proof/say'
import { toHex } from '@/shared/ids'

const page = readFileSync(new URL('../../../docs/fairness.md', import.meta.url), 'utf8')

type Json = Record<string, any>

const example = (): Json => JSON.parse(/```json\n(\{[\s\S]*?\n\})\n```/.exec(page)![1]!) as Json
const codes = async (file: unknown) => (await checkProof(file)).filter((one) => !one.ok).map((one) => one.code)

describe('the primitives', () => {
  const secret = fromHex('000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f')
  const root = fromHex('8284ad73db1396e8798c95af9535c329c989246c0195b8c798ecfa7d7b31d0f7')
  const key = fromHex('95a6c196887807ae529785cb6ca52e91')

  it('rebuild the round key, with and without a beacon', async () => {
    expect(toHex(await roundKey(secret, root, new Uint8Array(), 'gala-2016/1'))).toBe(toHex(key))
    expect(toHex(await roundKey(secret, root, fromHex('ab'.repeat(32)), 'gala-2016/1'))).toBe(
      'c83fa1c16063d57c3b091b988b185562',
    )
  })

  it('read the words that openssl writes', async () => {
    const words = await drawWords(await keystreamOf(key), 2, 1002)
    const hex = [...words].map((word) => word.toString(16).padStart(16, '0'))
    expect(hex.slice(0, 3)).toEqual(['4bfc6d72968798ad', '713b1d5eaa7f1265', '3207d0d4c001437e'])
    expect(hex[7]).toBe('3e4134e945a66bf9')
    expect(hex[1001]).toBe('7c762cb29c090528')
  })

  it('take a player number of 64 bits', async () => {
    const stream = await keystreamOf(fromHex('2b7e151628aed2a6abf7158809cf4f3c'))
    const bytes = await stream(join(eight(0xf0f1f2f3f4f5f6f7n), eight(0n)), 16)
    expect(toHex(bytes)).toBe('0c2fbbb65ad9672a19fefd359bf34b02')
  })

  it('draw the amount of a cash tap without bias', async () => {
    const stream = await keystreamOf(key)
    expect(await amountBetween(stream, 2, 6, 66, 888)).toBe(777)
    // A range just above 2^63 rejects almost every second word: tap 1000 shows which attempts were taken.
    const first = 0x58e57abc2d5ad94fn
    expect(BigInt(await amountBetween(stream, 2, 1000, 0, 2 ** 32 - 1))).toBe(first % (1n << 32n))
  })

  it('spell JSON in one way', () => {
    expect(canonicalJson({ b: [1, null, true], a: '福"\n', é: {}, Z: 0 })).toBe(
      '{"Z":0,"a":"福\\"\\n","b":[1,null,true],"é":{}}',
    )
    expect(() => canonicalJson({ a: 0.5 })).toThrow()
    expect(() => canonicalJson({ a: '\ud800' })).toThrow()
  })

  it('tell which leaf a path belongs to', () => {
    expect(merkleIndex(['left'], 3)).toBe(2)
    expect(merkleIndex(['left', 'right'], 3)).toBe(1)
    expect(merkleIndex(['right', 'right', 'right'], 3)).toBeNull()
    expect(merkleIndex([], 1)).toBe(0)
    expect(merkleIndex([], 0)).toBeNull()
  })
})

describe('a proof file', () => {
  it('holds in every line when it is honest', async () => {
    const found = await checkProof(example(), '22'.repeat(32))
    expect(found.filter((one) => !one.ok)).toEqual([])
    expect(found.map((one) => one.code)).toEqual([
      'kept_ok',
      'entropy_trusted',
      'spec_ok',
      'odds_ok',
      'seed_ok',
      'secret_ok',
      'key',
      'taps_ok',
      'split_each',
      'split_paid',
      'split_left',
      'winner_ok',
    ])
    for (const one of found) expect(sentence(one)).not.toMatch(/\{|undefined/)
  })

  const forged: [string, (file: Json) => void, string[]][] = [
    [
      'a letter of the rules',
      (file) => (file['rounds'][0].spec.odds[0].prize = 'aiguO'),
      ['spec_bad', 'win_prize', 'win_prize', 'taps_bad'],
    ],
    ['the secret', (file) => (file['rounds'][0].secret = '01'.repeat(32)), ['secret_bad']],
    ['the commitment', (file) => (file['rounds'][0].commitment = '01'.repeat(32)), ['secret_bad']],
    ['the seed', (file) => (file['player'].seed = '23'.repeat(32)), ['seed_bad']],
    ['a hash of the path', (file) => (file['rounds'][0].seed_path[0][1] = '00'.repeat(32)), ['seed_bad']],
    ['the number of players', (file) => (file['rounds'][0].players = 2), ['seed_shape']],
    ['a win left out', (file) => file['rounds'][0].wins.pop(), ['win_withheld', 'taps_bad']],
    [
      'a win invented',
      (file) => file['rounds'][0].wins.push({ tap: 1, prize: 'aiguo', outcome: 'card' }),
      ['win_invented', 'taps_bad'],
    ],
    [
      'a win told twice',
      (file) => file['rounds'][0].wins.push({ tap: 7, prize: 'aiguo', outcome: 'card' }),
      ['win_twice', 'taps_bad'],
    ],
    [
      'a win beyond the taps',
      (file) => file['rounds'][0].wins.push({ tap: 8, prize: 'aiguo', outcome: 'card' }),
      ['win_beyond', 'taps_bad'],
    ],
    ['an amount', (file) => (file['rounds'][0].wins[2].minor = 776), ['win_minor', 'taps_bad']],
    [
      'an ordinary prize sold out',
      (file) => (file['rounds'][0].wins[1].outcome = 'sold out'),
      ['win_outcome', 'taps_bad'],
    ],
    ['the share', (file) => (file['settlement'].each_minor = 501), ['split_bad']],
    ['the remainder', (file) => (file['settlement'].remainder_minor = 0), ['split_bad']],
    ['the winner', (file) => (file['settlement'].winner.number = 1), ['winner_other']],
    ['the root of the winners', (file) => (file['settlement'].winners_root = '00'.repeat(32)), ['winner_bad']],
    ['the label', (file) => (file['entropy'] = 'drand'), ['entropy_label']],
    ['a beacon out of nowhere', (file) => (file['rounds'][0].beacon_value = '00'.repeat(32)), ['beacon_extra']],
    ['the campaign', (file) => (file['campaign'] = 'gala'), ['foreign']],
    ['a field of another form', (file) => (file['rounds'][0].spec.odds[1].upto = 5), ['field']],
    ['a missing field', (file) => delete file['settlement'].pool_minor, ['field']],
  ]
  it.each(forged)('fails at %s', async (_, forge, expected) => {
    const file = example()
    forge(file)
    const found = await codes(file)
    // A wrong secret or root makes another key: every draw differs then, which the last findings count.
    if (expected[0] === 'secret_bad' || expected[0] === 'seed_bad') expect(found[0]).toBe(expected[0])
    else expect(found).toEqual(expected)
  })

  it('fails at a secret that is not revealed', async () => {
    const file = example()
    file['rounds'][0].secret = null
    expect(await codes(file)).toEqual(['secret_hidden'])
  })

  it('fails at a seed that this phone never made', async () => {
    const found = await checkProof(example(), 'ab'.repeat(32))
    expect(found.filter((one) => !one.ok).map((one) => one.code)).toEqual(['kept_bad'])
  })

  it.each([[null], [[]], ['proof'], [{}], [{ wufu: 'proof/2' }]])(
    'never throws, whatever it is given: %j',
    async (file) => {
      expect((await checkProof(file)).some((one) => !one.ok)).toBe(true)
    },
  )
})
