/** What a photo says about itself in a line: its price, how long it still lives, why it ended. */
import { duration, money } from '@/shared/format'
import type { PhotoView } from './contract'
import { photos } from './words'

export const priceOf = ({ least_minor, most_minor }: { least_minor: number; most_minor: number }): string =>
  least_minor === most_minor
    ? photos('price_one', { least: money(least_minor) })
    : photos('price', { least: money(least_minor), most: money(most_minor) })

export const leftOf = (dies_at: string, now_ms: number): string =>
  photos('dies', { time: duration(Math.max(0, Date.parse(dies_at) - now_ms)) })

export const isOver = (photo: PhotoView, now_ms: number): boolean =>
  photo.ended !== null || Date.parse(photo.dies_at) <= now_ms

export const endWords = (photo: PhotoView): string => photos(photo.ended ?? 'died')
