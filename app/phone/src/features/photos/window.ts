/**
 * The one clear detail of a photo: a window, square to the eye, somewhere in the picture. Pure: places in, a window out,
 * in thousandths of the picture's width and height as the server takes them.
 */

export interface Size {
  width: number
  height: number
}

export interface Window {
  x: number
  y: number
  width: number
  height: number
}

const least_side = 20
const most_side = 400
/** At most a sixteenth of the picture is clear. */
const most_area = 1_000_000 / 16

const within = (value: number, least: number, most: number) => Math.min(Math.max(value, least), Math.max(least, most))

/** The longest side, in pixels, that a square window of this picture may have; and the shortest. */
export function sidesOf({ width, height }: Size): { least: number; most: number } {
  const byArea = Math.sqrt((most_area * width * height) / 1_000_000)
  const most = Math.min(byArea, (most_side * width) / 1000, (most_side * height) / 1000)
  const least = Math.max((least_side * width) / 1000, (least_side * height) / 1000, 1)
  return { least: Math.min(least, most), most }
}

/** A square of `part` (0 to 1: from the shortest to the longest side) round a place of the picture, pushed inside it. */
export function windowAt(middle: { x: number; y: number }, part: number, picture: Size): Window {
  const { least, most } = sidesOf(picture)
  const side = least + within(part, 0, 1) * (most - least)
  const width = within(Math.floor((side / picture.width) * 1000), least_side, most_side)
  const height = within(
    Math.floor((side / picture.height) * 1000),
    least_side,
    Math.min(most_side, Math.floor(most_area / width)),
  )
  return {
    width,
    height,
    x: Math.round(within((middle.x / picture.width) * 1000 - width / 2, 0, 1000 - width)),
    y: Math.round(within((middle.y / picture.height) * 1000 - height / 2, 0, 1000 - height)),
  }
}

/** A touch in the box that shows the whole picture, as a place of the picture. */
export function placeIn(touch: { x: number; y: number }, box: Size, picture: Size): { x: number; y: number } {
  return {
    x: within((touch.x / box.width) * picture.width, 0, picture.width),
    y: within((touch.y / box.height) * picture.height, 0, picture.height),
  }
}

/** In a list a photo is at most this high, in parts of its width. */
const list_height = 0.66

/** What a list shows of a photo: how high, and how far down it begins (both in parts of its own height): the detail, if
 * there is one, in the middle. */
export function stripOf(picture: Size, detail: Window | null): { height: number; top: number } {
  const height = Math.min(1, (list_height * picture.width) / picture.height)
  const middle = detail ? (detail.y + detail.height / 2) / 1000 : 0.5
  return { height, top: within(middle - height / 2, 0, 1 - height) }
}

/** Where the window lies, for CSS. */
export const cssOf = (window: Window) => ({
  left: `${window.x / 10}%`,
  top: `${window.y / 10}%`,
  width: `${window.width / 10}%`,
  height: `${window.height / 10}%`,
})

/** The part of a picture behind the window, for an <img> that fills the window. */
export const cropOf = (window: Window) => ({
  width: `${100_000 / window.width}%`,
  height: `${100_000 / window.height}%`,
  left: `${(-100 * window.x) / window.width}%`,
  top: `${(-100 * window.y) / window.height}%`,
})
