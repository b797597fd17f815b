/** Names under their letters, and found by what people type. */
import { beforeAll, describe, expect, it } from 'vitest'
import { sectioned } from '@/features/friends/order'
import { loadSounds, matchName, read } from '@/shared/pinyin'

const lettersOf = (names: string[], withSounds: boolean) =>
  sectioned(names, (name) => name, withSounds ? read.value : null).map((one) => [one.letter, ...one.people])

beforeAll(loadSounds)

const found = (name: string, wanted: string) => matchName(name, wanted, read.value(name))
const part = (name: string, wanted: string) => {
  const match = found(name, wanted)
  return match && Array.from(name).slice(match.from, match.to).join('')
}

describe('the list', () => {
  it('stands under the first letter of the pinyin, with and without the dictionary', () => {
    const names = ['张伟', 'Anna', '李雪梅', '外婆', '123', '🌸']
    for (const withSounds of [true, false]) {
      expect(lettersOf(names, withSounds).map(([letter]) => letter)).toEqual(['A', 'L', 'W', 'Z', '#'])
    }
  })

  it('knows how a family name is said', () => {
    expect(lettersOf(['单仲先', '曾小贤', '仇英', '区志航'], true)).toEqual([
      ['O', '区志航'],
      ['Q', '仇英'],
      ['S', '单仲先'],
      ['Z', '曾小贤'],
    ])
  })

  it('is ordered by sound inside a letter, Latin names among the others', () => {
    expect(lettersOf(['李雪梅', '兰兰', 'Leo', '李安', '罗'], true)).toEqual([
      ['L', '兰兰', 'Leo', '李安', '李雪梅', '罗'],
    ])
  })

  it('keeps everybody, however many', () => {
    const people = Array.from({ length: 5_000 }, (_, index) => `${'王李张刘陈杨赵黄周吴'[index % 10]}${index}`)
    const sections = sectioned(people, (name) => name, read.value)
    expect(sections.flatMap((one) => one.people).sort()).toEqual([...people].sort())
    expect(new Set(sections.map((one) => one.letter)).size).toBe(sections.length)
  })
})

describe('looking for a name', () => {
  it('takes characters, pinyin, initials and a mixture', () => {
    expect(part('李雪梅', '雪')).toBe('雪')
    expect(part('李雪梅', 'lixuemei')).toBe('李雪梅')
    expect(part('李雪梅', 'li xue')).toBe('李雪')
    expect(part('李雪梅', 'lxm')).toBe('李雪梅')
    expect(part('李雪梅', 'lixm')).toBe('李雪梅')
    expect(part('李雪梅', 'xuem')).toBe('雪梅')
    expect(part('老王Tom', 'lwt')).toBe('老王Tom')
    expect(part('Anna Li', 'anna')).toBe('Anna')
    expect(part('Anna Li', 'AL')).toBe('Anna Li')
    expect(part('Anna Li', 'nn')).toBe('nn')
    expect(part('🌸小红', 'xh')).toBe('小红')
    expect(found('Anna Li', 'nl')).toBeNull()
  })

  it('hears ü typed as v and as u', () => {
    expect([part('吕布', 'lvbu'), part('吕布', 'lubu'), part('吕布', 'lübu')]).toEqual(['吕布', '吕布', '吕布'])
  })

  it('finds the short reading as well as the long one', () => {
    expect(part('西安', 'xian')).toBe('西安')
    expect(part('先生', 'xian')).toBe('先')
    expect(part('先安', 'xian')).toBe('先')
  })

  it('does not find what is not there', () => {
    for (const wanted of ['', '  ', 'mxl', '王', 'lixueme1', '!!']) expect(found('李雪梅', wanted)).toBeNull()
  })

  it('puts the whole name before its beginning, and that before its inside', () => {
    const ranks = ['王', '王', '小王', '小王'].map(
      (name, index) => found(name, ['王', 'wang', '王', 'wang'][index]!)?.rank,
    )
    expect(ranks).toEqual([0, 2, 3, 4])
    expect(found('王小明', '王')?.rank).toBe(1)
  })
})
