/** What a scanned code or a pasted text leads to, and what two friends share in few words. */
import { describe, expect, it } from 'vitest'
import { dealings } from '@/features/friends/between'
import { pathIn } from '@/features/friends/link'
import { drawCode } from '@/shared/qr'
import { encodeQR } from 'qr'
import { decodeQR } from 'qr/decode.js'

const home = 'https://wufu.example'
const code = '17-4k2m9xw0a3feqqz7'

describe('a text', () => {
  it('leads to our own pages by link, wherever in it the link stands', () => {
    expect(pathIn(`${home}/#/i/${code}`, home)).toBe(`/i/${code}`)
    expect(pathIn(`来五福和我做朋友：${home}/#/i/${code}，今晚见`, home)).toBe(`/i/${code}`)
    expect(pathIn(`${home}/page/#/add/17`, home)).toBe('/add/17')
    expect(pathIn(`${home}/#/chat/join/abc_DEF-1`, home)).toBe('/chat/join/abc_DEF-1')
  })

  it('leads to an invitation by its code alone', () => {
    expect(pathIn(`口令 ${code.toUpperCase()} 复制后打开五福`, home)).toBe(`/i/${code}`)
    expect(pathIn(code, home)).toBe(`/i/${code}`)
  })

  it('leads nowhere else', () => {
    const others = [
      '',
      '明天见',
      `https://elsewhere.example/#/i/${code}`,
      `https://wufu.example.evil.example/#/i/${code}`,
      `${home}/#/me/privacy`,
      `${home}/#/i/../me`,
      `${home}/#/friends/17`,
      `javascript:alert(1)//#/i/x`,
      'ftp://wufu.example/#/add/17',
      `x${code}y`,
    ]
    for (const text of others) expect([text, pathIn(text, home)]).toEqual([text, null])
  })
})

describe('a code', () => {
  it('is drawn so that a reader reads it', () => {
    const text = `${home}/#/i/${code}`
    const svg = drawCode(text)
    const size = Number(/viewBox="0 0 (\d+)/.exec(svg)?.[1])
    const scale = 6
    const data = new Uint8ClampedArray((size * scale) ** 2 * 4).fill(255)
    for (const [, x, y, width] of svg.matchAll(/M(\d+) (\d+)h(\d+)v1/g)) {
      for (let row = Number(y) * scale; row < (Number(y) + 1) * scale; row += 1) {
        for (let column = Number(x) * scale; column < (Number(x) + Number(width)) * scale; column += 1) {
          data.set([42, 26, 21], (row * size * scale + column) * 4)
        }
      }
    }
    expect(decodeQR({ width: size * scale, height: size * scale, data })).toBe(text)
    expect(encodeQR(text, 'raw', { ecc: 'medium', border: 2 }).length).toBe(size)
  })
})

describe('what two friends share', () => {
  it('is one number a kind, both sides together, in a fixed order', () => {
    const shared = [
      { kind: 'swap', mine: 1, theirs: 0 },
      { kind: 'message', mine: 12, theirs: 9 },
      { kind: 'gift', mine: 0, theirs: 2 },
      { kind: 'cash', mine: 0, theirs: 1 },
      { kind: 'part', mine: 900, theirs: 900 },
    ]
    expect(dealings(shared)).toEqual([
      { kind: 'message', count: 21 },
      { kind: 'packet', count: 1 },
      { kind: 'card', count: 3 },
    ])
    expect(dealings([{ kind: 'photo', mine: 0, theirs: 0 }])).toEqual([])
  })
})
