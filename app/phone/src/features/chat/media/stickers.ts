/**
 * Our own stickers, cut from two papers: a child with two buns, and what belongs to a new year's eve. 96 by 96;
 * `first` and `second` are the papers, `cut` is where the ground shows through, `line` a cut as thin as a blade.
 */
import { media } from './words'

export const pack = 'papercut'

const mirrored = (part: string) => `${part}<g transform="translate(96) scale(-1 1)">${part}</g>`

/** The child: a round face, two buns with ribbons, and room for a look. */
const child = (look: string) =>
  `<g class="first">${mirrored('<path d="M31 25c-2-9-11-14-19-9-8 4-9 15-2 21 3 2 6 3 9 2z"/>')}` +
  '<path d="M48 19c22 0 37 15 37 36S70 91 48 91 11 76 11 55s15-36 37-36z"/></g>' +
  `<g class="second">${mirrored('<path d="M34 24l-11 3 1 9c3-5 7-9 12-11z"/>')}` +
  '<path d="M42 21c-1 5 0 9 2 12l4-3 4 3c2-3 3-7 2-12z"/></g>' +
  look

const cheeks = mirrored('<circle class="second" cx="25" cy="64" r="5.5"/>')

export const shapes = {
  fu:
    '<path class="first" d="M48 2l46 46-46 46L2 48z"/><path class="second" d="M48 9l39 39-39 39L9 48zm0 5L14 48l34 34 34-34z" fill-rule="evenodd"/>' +
    '<g class="cut" transform="rotate(180 48 48)"><text x="48" y="49" font-size="44" font-weight="700" text-anchor="middle" dominant-baseline="central">福</text></g>',
  thanks: child(
    mirrored('<path class="line" d="M25 56c3-5 9-5 12 0"/>') +
      cheeks +
      '<path class="line" d="M42 66c3 4 9 4 12 0"/>' +
      '<path class="cut" d="M48 70c9 0 17 8 19 21H29c2-13 10-21 19-21z"/>' +
      '<path class="second" d="M48 73c-3 4-12 9-14 20h13V78zm0 0c3 4 12 9 14 20H49V78z"/>',
  ),
  hug: child(
    mirrored('<path class="line" d="M25 54c3-5 9-5 12 0"/>') +
      '<path class="line" d="M41 62c3 5 11 5 14 0"/>' +
      mirrored(
        '<path class="cut" d="M3 62c10-7 22-3 32 8 4 4 6 10 3 14-5 5-14 0-19-5C13 73 6 69 2 69z"/><path class="second" d="M3 64c10-6 20-2 29 8 4 4 5 8 3 10-4 4-11 0-16-5-6-5-11-9-17-9z"/>',
      ),
  ),
  laugh: child(
    mirrored('<path class="line" d="M23 52l12-4m-12 4l12 5"/>') +
      cheeks +
      '<path class="cut" d="M33 63h30c0 11-6 19-15 19s-15-8-15-19z"/><path class="second" d="M39 77c3-5 15-5 18 0-2 3-5 5-9 5s-7-2-9-5z"/>',
  ),
  cry: child(
    mirrored(
      '<path class="line" d="M23 51c4 4 10 4 14 0"/><path class="second" d="M27 59c4 6 6 10 6 15a6 6 0 0 1-12 0c0-5 2-9 6-15z"/>',
    ) + '<path class="line" d="M41 78c2-6 12-6 14 0"/>',
  ),
  good: child(
    '<path class="line" d="M23 52c3-5 9-5 12 0M55 49l11 3-11 4"/><circle class="second" cx="25" cy="64" r="5.5"/>' +
      '<path class="line" d="M36 68c4 6 11 6 15 0"/>' +
      '<path class="cut" d="M67 57c5-2 11 2 11 9v5h12c5 0 7 5 6 9l-4 13c-1 3-3 3-6 3H52V73h5c5-3 7-8 8-13 0-1 1-3 2-3z"/>' +
      '<path class="second" d="M55 76h6v20h-6zM64 76c4-4 6-9 6-15 4 0 5 3 5 7l-1 7h16c2 0 3 2 3 4l-4 13c-1 2-2 4-4 4H64z"/>',
  ),
  tea:
    '<path class="second" d="M36 8c5 5-4 9 0 15 2 3 6 4 4 8-6-2-10-6-9-11 1-4 5-7 5-12zM56 4c6 6-5 11 0 18 2 4 7 5 5 10-7-3-12-7-11-13 1-5 6-9 6-15z"/>' +
    '<path class="first" d="M12 38h66c-1 5-1 8-2 11 9-3 18 0 18 9 0 11-11 18-25 18-6 7-14 11-24 11-20 0-33-19-33-49z"/>' +
    '<path class="cut" d="M75 55c5-3 12-3 12 3 0 6-5 10-13 11 1-3 1-9 1-14zM20 45h50c-1 4-1 6-2 9H22c-1-3-2-5-2-9z"/>' +
    '<path class="second" d="M24 47h42l-1 5H25zM8 90h76c-3 4-7 5-12 5H20c-5 0-9-1-12-5z"/>' +
    '<path class="cut" d="M45 60c4 3 5 6 5 9 3-1 6-1 8 1-3 5-8 8-13 8s-10-3-13-8c2-2 5-2 8-1 0-3 1-6 5-9z"/>',
  night: child(
    mirrored('<path class="line" d="M23 55c4 5 10 5 14 0"/>') +
      cheeks +
      '<path class="cut" d="M44 68h8c0 5-2 8-4 8s-4-3-4-8z"/>' +
      '<path class="cut" d="M66 0h30v38H66z"/><path class="second" d="M78 3a17 17 0 1 0 16 24A15 15 0 0 1 78 3z"/>' +
      '<path class="second" d="M88 3l1.5 4 4 1.5-4 1.5-1.5 4-1.5-4-4-1.5 4-1.5z"/>',
  ),
  dumplings:
    '<g class="second">' +
    '<path d="M5 52c2-14 12-23 23-23 8 0 14 5 17 12-5 4-8 10-9 17H12c-4 0-8-2-7-6zM91 52c-2-14-12-23-23-23-8 0-14 5-17 12 5 4 8 10 9 17h24c4 0 8-2 7-6z"/>' +
    '<path d="M25 58c2-15 11-25 23-25s21 10 23 25z"/></g>' +
    '<path class="line" d="M13 46c2 2 3 4 3 6M20 39c3 2 4 5 4 8M29 36c2 2 3 4 3 6M83 46c-2 2-3 4-3 6M76 39c-3 2-4 5-4 8M67 36c-2 2-3 4-3 6M37 42c3 2 4 5 4 8M48 39v10M59 42c-3 2-4 5-4 8"/>' +
    '<path class="first" d="M2 61h92c0 15-10 26-24 29H26C12 87 2 76 2 61z"/>' +
    '<path class="cut" d="M12 67h72l-1 4H13zM48 75l4 4-4 4-4-4zM33 76l3 3-3 3-3-3zM63 76l3 3-3 3-3-3z"/>' +
    '<path class="second" d="M30 92h36v3H30z"/>',
  firecracker:
    '<path class="second" d="M46 12c4 0 6 3 6 8v58h-5V20c0-3-1-4-4-3z"/>' +
    mirrored(
      '<g class="first"><path d="M45 22L27 31l-4-8 18-9zM45 42L25 51l-4-8 20-9zM45 62L27 71l-4-8 18-9z"/></g><path class="second" d="M27 31l-4-8-3 1 4 9zM25 51l-4-8-3 1 4 9zM27 71l-4-8-3 1 4 9z"/>',
    ) +
    '<path class="first" d="M48 72l5 9 10-3-3 9 9 5H27l9-5-3-9 10 3z"/>' +
    '<path class="second" d="M48 80l3 6 6-1-3 7H42l-3-7 6 1zM12 74l2 5 5 2-5 2-2 5-2-5-5-2 5-2zM84 70l2 5 5 2-5 2-2 5-2-5-5-2 5-2zM10 8l1.5 4 4 1.5-4 1.5-1.5 4-1.5-4-4-1.5 4-1.5zM86 6l1.5 4 4 1.5-4 1.5-1.5 4-1.5-4-4-1.5 4-1.5z"/>',
  fish:
    '<path class="first" d="M4 50c10-19 26-28 44-26 10 1 18 6 25 13 4-6 11-11 20-12-4 9-5 17-4 25-1 8 0 16 4 25-9-1-16-6-20-12-7 7-15 12-25 13C30 78 14 69 4 50z"/>' +
    '<g class="second"><path d="M36 25c4-9 13-14 24-13-3 5-3 10-1 15-7-3-15-4-23-2zM40 76c4 8 12 12 21 10-4-4-5-8-4-12-5 2-11 3-17 2z"/></g>' +
    '<path class="cut" d="M27 32c6 5 9 11 9 18s-3 13-9 18l-3-2c5-5 7-10 7-16s-2-11-7-16z"/><circle class="cut" cx="19" cy="45" r="4.5"/><circle class="first" cx="19" cy="45" r="2"/>' +
    '<path class="line" d="M42 38c5 2 7 5 7 9-4 0-7-2-8-5M42 53c5 2 7 5 7 9-4 0-7-2-8-5M53 37c5 2 7 5 7 9-4 0-7-2-8-5M53 53c5 2 7 5 7 9-4 0-7-2-8-5M63 45c4 2 6 4 6 8-3 0-6-1-7-4M80 38c-3 8-3 16 0 24"/>',
  heart:
    '<path class="first" d="M48 90C20 70 5 53 5 34 5 20 15 10 28 10c9 0 16 5 20 13 4-8 11-13 20-13 13 0 23 10 23 24 0 19-15 36-43 56z"/>' +
    '<path class="line" d="M48 80C25 63 14 49 14 35c0-9 6-16 14-16 7 0 13 4 16 12l4 8 4-8c3-8 9-12 16-12 8 0 14 7 14 16 0 14-11 28-34 45z"/>' +
    '<path class="second" d="M48 68C33 56 25 47 25 38c0-5 3-9 8-9 7 0 11 6 15 14 4-8 8-14 15-14 5 0 8 4 8 9 0 9-8 18-23 30z"/>' +
    '<path class="cut" d="M48 52c3 2 5 4 5 7-2 2-3 4-5 5-2-1-3-3-5-5 0-3 2-5 5-7zM33 35c3 0 5 2 6 5-3 1-6 0-8-2zM63 35c-3 0-5 2-6 5 3 1 6 0 8-2z"/>',
} as const

export type StickerName = keyof typeof shapes

export const names = Object.keys(shapes) as StickerName[]

export const isSticker = (name: unknown): name is StickerName => typeof name === 'string' && Object.hasOwn(shapes, name)

export const drawing = (name: StickerName): string => `<svg viewBox="0 0 96 96">${shapes[name]}</svg>`

export const titleOf = (name: StickerName): string => media(`sticker_${name}`)
