/**
 * SHA-256 (FIPS 180-4) in plain arithmetic, for pages that were not loaded over HTTPS: there the browser has no
 * WebCrypto, and a phone on the home network still has to find the name of a conversation. Nothing secret is hashed.
 */

const primes: number[] = []
for (let candidate = 2; primes.length < 64; candidate += 1) {
  if (primes.every((prime) => candidate % prime !== 0)) primes.push(candidate)
}

/** The first 32 bits behind the point. */
const fraction = (value: number) => Math.floor((value - Math.floor(value)) * 2 ** 32) | 0
const rounds = primes.map((prime) => fraction(Math.cbrt(prime)))
const start = primes.slice(0, 8).map((prime) => fraction(Math.sqrt(prime)))

const turned = (word: number, by: number) => (word >>> by) | (word << (32 - by))

export function plainSha256(data: Uint8Array): Uint8Array {
  const size = Math.ceil((data.length + 9) / 64) * 64
  const padded = new Uint8Array(size)
  padded.set(data)
  padded[data.length] = 0x80
  const view = new DataView(padded.buffer)
  view.setUint32(size - 4, data.length * 8)
  const state = [...start]
  const words = new Int32Array(64)
  for (let block = 0; block < size; block += 64) {
    for (let index = 0; index < 16; index += 1) words[index] = view.getInt32(block + index * 4)
    for (let index = 16; index < 64; index += 1) {
      const [near, far] = [words[index - 2]!, words[index - 15]!]
      const low = turned(far, 7) ^ turned(far, 18) ^ (far >>> 3)
      const high = turned(near, 17) ^ turned(near, 19) ^ (near >>> 10)
      words[index] = words[index - 16]! + low + words[index - 7]! + high
    }
    mix(state, words)
  }
  const digest = new DataView(new ArrayBuffer(32))
  state.forEach((word, index) => digest.setInt32(index * 4, word))
  return new Uint8Array(digest.buffer)
}

function mix(state: number[], words: Int32Array): void {
  let [a, b, c, d, e, f, g, h] = state as [number, number, number, number, number, number, number, number]
  for (let index = 0; index < 64; index += 1) {
    const big = turned(e, 6) ^ turned(e, 11) ^ turned(e, 25)
    const chosen = (e & f) ^ (~e & g)
    const one = (h + big + chosen + rounds[index]! + words[index]!) | 0
    const small = turned(a, 2) ^ turned(a, 13) ^ turned(a, 22)
    const most = (a & b) ^ (a & c) ^ (b & c)
    ;[h, g, f, e, d, c, b, a] = [g, f, e, (d + one) | 0, c, b, a, (one + small + most) | 0]
  }
  ;[a, b, c, d, e, f, g, h].forEach((word, index) => (state[index] = (state[index]! + word) | 0))
}
