/** The range a photo's price is drawn from. Pure. */
export type PriceProblem = 'no_price' | 'bad_range' | 'over'

export function priceProblem(least: number | null, most: number | null, limit: number): PriceProblem | null {
  if (least === null || most === null || least < 1) return 'no_price'
  if (least > most) return 'bad_range'
  return most > limit ? 'over' : null
}
