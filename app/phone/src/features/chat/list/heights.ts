/**
 * The arithmetic of a long list whose rows have heights of their own, counted from the bottom: row n-1 is the newest
 * and lies at 0. Heights are measured when a row is on screen and estimated before; a Fenwick tree (P. Fenwick 1994)
 * answers sums and look-ups in log n, so that 10,000 rows cost no more than a hundred.
 *
 * All lengths are CSS pixels. Pure: no element is touched here.
 */

export class Heights {
  private keys: readonly string[] = []
  private places = new Map<string, number>()
  private measured = new Map<string, number>()
  private each: Float64Array = new Float64Array(0)
  private tree: Float64Array = new Float64Array(1)

  get length(): number {
    return this.keys.length
  }

  get total(): number {
    return this.sumBefore(this.keys.length)
  }

  /** Take other rows: those already measured keep their height, `estimate` is asked about the rest. */
  arrange(keys: readonly string[], estimate: (index: number) => number): void {
    this.keys = keys
    this.places = new Map(keys.map((key, index) => [key, index]))
    this.each = Float64Array.from(keys, (key, index) => this.measured.get(key) ?? estimate(index))
    this.tree = grown(this.each)
  }

  /** The measured height of a row; answers by how much it differs from what was thought. */
  measure(key: string, height: number): number {
    this.measured.set(key, height)
    const index = this.places.get(key)
    if (index === undefined) return 0
    const more = height - this.each[index]!
    if (more === 0) return 0
    this.each[index] = height
    for (let node = index + 1; node < this.tree.length; node += node & -node) this.tree[node]! += more
    return more
  }

  /** Other widths or letters: every measured height is forgotten. */
  forget(): void {
    this.measured.clear()
  }

  placeOf(key: string): number {
    return this.places.get(key) ?? -1
  }

  keyAt(index: number): string | undefined {
    return this.keys[index]
  }

  heightAt(index: number): number {
    return this.each[index] ?? 0
  }

  /** From the lower edge of the row to the bottom of the list. */
  below(index: number): number {
    return this.total - this.sumBefore(index + 1)
  }

  /** The row that covers this distance from the bottom; the nearest one outside of the list. */
  at(fromBottom: number): number {
    const fromTop = this.total - fromBottom
    let node = 0
    let rest = fromTop
    let step = 1
    while (step * 2 < this.tree.length) step *= 2
    for (; step > 0; step >>= 1) {
      const next = node + step
      if (next < this.tree.length && this.tree[next]! < rest) {
        node = next
        rest -= this.tree[next]!
      }
    }
    return Math.max(0, Math.min(node, this.keys.length - 1))
  }

  private sumBefore(count: number): number {
    let sum = 0
    for (let node = count; node > 0; node -= node & -node) sum += this.tree[node]!
    return sum
  }
}

function grown(each: Float64Array): Float64Array {
  const tree = new Float64Array(each.length + 1)
  for (let node = 1; node < tree.length; node += 1) {
    tree[node]! += each[node - 1]!
    const parent = node + (node & -node)
    if (parent < tree.length) tree[parent]! += tree[node]!
  }
  return tree
}

/** What the eye rests on: a row, and how far its lower edge is above the lower edge of the view. */
export interface Anchor {
  key: string
  above: number
}

export interface View {
  /** From the bottom of the list to the lower edge of the view; 0 is the newest row. */
  fromBottom: number
  height: number
}

/** Rows `first` to `last` (both included) that have to be drawn; `spare` pixels more on either side. */
export function windowOf(heights: Heights, view: View, spare: number): { first: number; last: number } {
  if (heights.length === 0) return { first: 0, last: -1 }
  return {
    first: heights.at(view.fromBottom + view.height + spare),
    last: heights.at(Math.max(0, view.fromBottom - spare)),
  }
}

/** The lowest row of which something is in the view. */
export function anchorOf(heights: Heights, view: View): Anchor | null {
  if (heights.length === 0) return null
  const index = heights.at(view.fromBottom + 1)
  return { key: heights.keyAt(index)!, above: heights.below(index) - view.fromBottom }
}

/** Where the view has to be so that the anchor stays where it was; null when its row is gone. */
export function held(heights: Heights, anchor: Anchor): number | null {
  const index = heights.placeOf(anchor.key)
  return index < 0 ? null : Math.max(0, heights.below(index) - anchor.above)
}

/** Where the view has to be to show a row: in the middle, or its head where it is higher than the view. */
export function shown(heights: Heights, index: number, view_height: number): number {
  const height = heights.heightAt(index)
  const wanted =
    height >= view_height
      ? heights.below(index) + height - view_height
      : heights.below(index) - (view_height - height) / 2
  return Math.max(0, Math.min(wanted, heights.total - view_height))
}
