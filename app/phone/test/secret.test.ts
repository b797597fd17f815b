/** Secret messages: published vectors first, then what must not open does not open. */
import { describe, expect, it } from 'vitest'
import { packed, unpacked, type SecretContent } from '@/features/chat/secret/content'
import { leftOf, leftText, partLeft, seenAt, timers_seconds } from '@/features/chat/secret/countdown'
import {
  base64url,
  decrypt,
  encrypt,
  fromBase64url,
  hkdf,
  importPublic,
  makePair,
  open,
  padded,
  publicBytes,
  seal,
  shared,
  spelled,
  unpadded,
  Unopened,
  type Bytes,
  type Place,
} from '@/features/chat/secret/crypto'
import { codeOf, groups, numberIn, safetyNumber } from '@/features/chat/secret/safety'
import { toHex } from '@/shared/ids'

const hex = (text: string): Bytes =>
  Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16)) as Bytes

/** A raw private key as PKCS #8, so that a published one can be used. */
const privateKey = (text: string) =>
  crypto.subtle.importKey('pkcs8', hex(`302e020100300506032b656e04220420${text}`), { name: 'X25519' }, false, [
    'deriveBits',
  ])

describe('the primitives agree with published vectors', () => {
  it('X25519: RFC 7748, section 6.1', async () => {
    const alice = await privateKey('77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a')
    const bob = await privateKey('5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb')
    const alicePublic = await importPublic(hex('8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a'))
    const bobPublic = await importPublic(hex('de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f'))
    const product = '4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742'
    expect(toHex(await shared(alice, bobPublic))).toBe(product)
    expect(toHex(await shared(bob, alicePublic))).toBe(product)
  })

  it('X25519 refuses a key of small order', async () => {
    const { privateKey: own } = await makePair()
    await expect(shared(own, await importPublic(new Uint8Array(32)))).rejects.toThrow()
  })

  it('HKDF-SHA256: RFC 5869, test cases 1 and 3', async () => {
    const material = hex('0b'.repeat(22))
    expect(toHex(await hkdf(material, hex('000102030405060708090a0b0c'), hex('f0f1f2f3f4f5f6f7f8f9'), 42))).toBe(
      '3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865',
    )
    expect(toHex(await hkdf(material, new Uint8Array(), new Uint8Array(), 42))).toBe(
      '8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8',
    )
  })

  it('AES-256-GCM: test case 16 of its specification', async () => {
    const key = hex('feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308')
    const nonce = hex('cafebabefacedbaddecaf888')
    const text = hex(
      'd9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39',
    )
    const aad = hex('feedfacedeadbeeffeedfacedeadbeefabaddad2')
    const sealed = await encrypt(key, nonce, text, aad)
    expect(toHex(sealed)).toBe(
      '522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662' +
        '76fc6ece0f4e1768cddf8853bb2d551b',
    )
    expect(toHex(await decrypt(key, nonce, sealed, aad))).toBe(toHex(text))
    await expect(decrypt(key, nonce, sealed, hex('00'))).rejects.toThrow()
  })
})

const place: Place = { conversation: 'c-1', message: 'm-1', timer_seconds: 5 }
const secret = new TextEncoder().encode('外婆，红包放在老地方')

async function deviceNamed(device: string) {
  const pair = await makePair()
  return { device, pair, told: { device, key: base64url(await publicBytes(pair.publicKey)) } }
}

async function sealedFor() {
  const [sender, reader, tablet, stranger] = await Promise.all(['s', 'r', 't', 'x'].map(deviceNamed))
  const made = await seal(secret, place, sender!, [reader!.told, tablet!.told])
  return { ...made, sender: sender!, reader: reader!, tablet: tablet!, stranger: stranger! }
}

const changed = (bytes: Bytes, at: number): Bytes => {
  const other = bytes.slice()
  other[at < 0 ? other.length + at : at]! ^= 1
  return other
}

describe('a sealed message', () => {
  it('opens on every device of its readers, and says the same', async () => {
    const { envelope, ciphertext, sender, reader, tablet } = await sealedFor()
    for (const one of [reader, tablet])
      expect(await open(envelope, ciphertext, place, one, sender.told)).toEqual(Uint8Array.from(secret))
  })

  it('does not show its words, nor the same bytes twice', async () => {
    const one = await sealedFor()
    const two = await seal(secret, place, one.sender, [one.reader.told])
    expect(Buffer.from(one.ciphertext).includes(Buffer.from(secret))).toBe(false)
    expect(toHex(two.ciphertext)).not.toBe(toHex(one.ciphertext))
    expect(two.envelope.ephemeral).not.toBe(one.envelope.ephemeral)
  })

  it('stays shut for who was not named, also under the name of who was', async () => {
    const { envelope, ciphertext, sender, stranger } = await sealedFor()
    await expect(open(envelope, ciphertext, place, stranger, sender.told)).rejects.toThrow(Unopened)
    await expect(open(envelope, ciphertext, place, { ...stranger, device: 'r' }, sender.told)).rejects.toThrow(Unopened)
  })

  it('stays shut when any byte of it was changed', async () => {
    const { envelope, ciphertext, sender, reader } = await sealedFor()
    for (const at of [0, 11, 12, 100, -1])
      await expect(open(envelope, changed(ciphertext, at), place, reader, sender.told)).rejects.toThrow(Unopened)
    for (const field of ['ephemeral', 'sha256'] as const) {
      const other = base64url(changed(fromBase64url(envelope[field]), 3))
      await expect(open({ ...envelope, [field]: other }, ciphertext, place, reader, sender.told)).rejects.toThrow(
        Unopened,
      )
    }
    const wraps = { r: base64url(changed(fromBase64url(envelope.wraps['r']!), 3)) }
    await expect(open({ ...envelope, wraps }, ciphertext, place, reader, sender.told)).rejects.toThrow(Unopened)
  })

  it('stays shut in another conversation, as another message, or with a longer timer', async () => {
    const { envelope, ciphertext, sender, reader } = await sealedFor()
    for (const other of [{ conversation: 'c-2' }, { message: 'm-2' }, { timer_seconds: 60 }])
      await expect(open(envelope, ciphertext, { ...place, ...other }, reader, sender.told)).rejects.toThrow(Unopened)
  })

  it('cannot be made in the name of somebody else: the sender is part of the key', async () => {
    const { reader, sender, stranger } = await sealedFor()
    const forged = await seal(secret, place, { device: 's', pair: stranger.pair }, [reader.told])
    await expect(open(forged.envelope, forged.ciphertext, place, reader, sender.told)).rejects.toThrow(Unopened)
  })

  it('cannot be given other words by a reader who knows its key', async () => {
    // The tablet passes the reader's own wrap on, over a ciphertext of its own: the hash in the wrap tells.
    const one = await sealedFor()
    const two = await seal(new TextEncoder().encode('别的话'), place, one.tablet, [one.reader.told])
    const mixed = { ...one.envelope, sha256: two.envelope.sha256 }
    await expect(open(mixed, two.ciphertext, place, one.reader, one.sender.told)).rejects.toThrow(Unopened)
  })

  it('has a private half that cannot be taken out', async () => {
    const { privateKey: own } = await makePair()
    expect(own.extractable).toBe(false)
    await expect(crypto.subtle.exportKey('pkcs8', own)).rejects.toThrow()
  })

  it('hides how long a short text is', () => {
    const sizes = new Set([1, 20, 100, 200].map((size) => padded(new Uint8Array(size)).length))
    expect([...sizes]).toEqual([256])
    for (const size of [0, 252, 253, 5_000, 700_001]) {
      const content = new Uint8Array(size).fill(7)
      const whole = padded(content)
      expect(Buffer.compare(unpadded(whole), content)).toBe(0)
      expect(whole.length).toBeLessThan(size * 1.15 + 300)
    }
    expect(() => unpadded(hex('ffffffff00'))).toThrow(Unopened)
    expect(() => unpadded(hex('00'))).toThrow(Unopened)
  })

  it('joins fields so that none runs into the next', () => {
    expect(toHex(spelled('ab', 'c'))).not.toBe(toHex(spelled('a', 'bc')))
  })
})

describe('the content', () => {
  const picture: SecretContent = {
    head: { kind: 'picture', type: 'image/jpeg', width: 3, height: 4 },
    bytes: hex('ffd8ff'),
  }

  it('comes out as it went in', () => {
    const text: SecretContent = { head: { kind: 'text', text: '你好 👋' }, bytes: new Uint8Array() }
    const voice: SecretContent = {
      head: { kind: 'voice', type: 'audio/webm;codecs=opus', duration_ms: 1200, waveform: [0, 31] },
      bytes: hex('0102'),
    }
    for (const one of [text, picture, voice]) expect(unpacked(packed(one))).toEqual(one)
  })

  it.each([
    ['nothing', new Uint8Array()],
    ['a length beyond the end', hex('000000ff7b7d')],
    ['no JSON', hex('000000027b7b')],
    ['null', hex('000000046e756c6c')],
    ['a page', packed({ ...picture, head: { ...picture.head, type: 'text/html' } as never })],
    ['a drawing that may run code', packed({ ...picture, head: { ...picture.head, type: 'image/svg+xml' } as never })],
    ['a size that is none', packed({ ...picture, head: { ...picture.head, width: -1 } as never })],
  ])('is null, never an exception, for %s', (_, bytes) => {
    expect(unpacked(bytes)).toBeNull()
  })
})

describe('the countdown', () => {
  const one = { started_ms: 1_000_000, timer_seconds: 10, seen_ms: 1_000_000 }

  it('runs from the instant it came on the screen', () => {
    expect(leftOf(one, 1_000_000)).toBe(10_000)
    expect(leftOf(one, 1_009_999)).toBe(1)
    expect(leftOf(one, 1_010_000)).toBe(0)
    expect(leftOf(one, 9_999_999)).toBe(0)
    expect(partLeft(one, 1_005_000)).toBe(0.5)
  })

  it('gives nothing back when the clock is put back', () => {
    const later = seenAt(one, 1_008_000)
    expect(leftOf(later, 900_000)).toBe(2_000)
    expect(seenAt(later, 5)).toEqual(later)
    expect(leftOf(one, 5)).toBe(10_000)
  })

  it('has the timers of the design', () => {
    expect(timers_seconds).toEqual([1, 3, 5, 10, 30, 60, 86_400])
  })

  it('says what is left, rounded up', () => {
    expect([0, 1, 1000, 59_001, 60_000, 61_000, 86_400_000].map(leftText)).toEqual([
      '0',
      '1',
      '1',
      '1:00',
      '1:00',
      '1:01',
      '24:00:00',
    ])
  })
})

describe('the safety number', () => {
  const [a, b] = [
    { person: 7, keys: [hex('11'.repeat(32))] },
    { person: 8, keys: [hex('22'.repeat(32)), hex('33'.repeat(32))] },
  ]

  it('is the same from either side, and in whatever order devices are listed', async () => {
    const number = await safetyNumber(a!, b!)
    expect(number).toMatch(/^\d{60}$/)
    expect(await safetyNumber(b!, a!)).toBe(number)
    expect(await safetyNumber(a!, { person: 8, keys: [...b!.keys].reverse() })).toBe(number)
    expect(groups(number)).toHaveLength(12)
    expect(numberIn(codeOf(number))).toBe(number)
    expect(numberIn('https://example.com')).toBeNull()
  })

  it('differs when a key, a device or a person differs', async () => {
    const number = await safetyNumber(a!, b!)
    expect(await safetyNumber(a!, { person: 8, keys: [b!.keys[0]!] })).not.toBe(number)
    expect(await safetyNumber(a!, { person: 9, keys: b!.keys })).not.toBe(number)
    expect(await safetyNumber(a!, { person: 8, keys: [...b!.keys, hex('44'.repeat(32))] })).not.toBe(number)
  })
})
