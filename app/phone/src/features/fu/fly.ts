/** A won card rises from the 福 and flies into its slot; a cash packet shows its amount. Nothing loops. */

const rise_ms = 200
const stay_ms = 520
const fly_ms = 240

const still = () => matchMedia('(prefers-reduced-motion: reduce)').matches

interface Flight {
  flyer: HTMLElement
  from: DOMRect
  column: DOMRect
}

function begin(page: HTMLElement | undefined, size: number): Flight | null {
  const column = document.getElementById('column')
  const stage = page?.querySelector('[data-testid="tap-button"]')
  if (!column || !stage) return null
  const flyer = document.createElement('div')
  flyer.className = 'flyer'
  flyer.style.width = `${size}px`
  flyer.style.height = `${size}px`
  column.append(flyer)
  return { flyer, from: stage.getBoundingClientRect(), column: column.getBoundingClientRect() }
}

const place = (x: number, y: number, scale: number) => `translate(${x}px, ${y}px) translate(-50%, -50%) scale(${scale})`

async function run({ flyer, from, column }: Flight, to: DOMRect | null): Promise<void> {
  const x = from.left + from.width / 2 - column.left
  const y = from.top + from.height / 2 - column.top
  const here = place(x, y, 1)
  await flyer.animate(
    [
      { transform: place(x, y + 20, 0.4), opacity: 0 },
      { transform: here, opacity: 1 },
    ],
    { duration: rise_ms, easing: 'ease-out', fill: 'both' },
  ).finished
  await new Promise((done) => setTimeout(done, stay_ms))
  const end = to
    ? {
        transform: place(to.left + to.width / 2 - column.left, to.top + to.height / 2 - column.top, 0.34),
        opacity: 0.9,
      }
    : { transform: place(x, y - 40, 1), opacity: 0 }
  await flyer.animate([{ transform: here, opacity: 1 }, end], { duration: fly_ms, easing: 'ease-out', fill: 'both' })
    .finished
}

export async function flyCard(page: HTMLElement | undefined, card: string): Promise<void> {
  const slot = page?.querySelector<HTMLElement>(`[data-testid="slot-${CSS.escape(card)}"]`)
  const motif = slot?.querySelector('.paper-cut')
  const picture = slot?.querySelector('.picture')
  if (!slot || !motif || !picture || still()) return
  const flight = begin(page, 132)
  if (!flight) return
  const copy = motif.cloneNode(true) as HTMLElement
  flight.flyer.style.background = `var(--${card}-ground, var(--wash))`
  flight.flyer.classList.add('card-flyer', card)
  flight.flyer.append(copy)
  try {
    await run(flight, picture.getBoundingClientRect())
    slot.animate([{ transform: 'scale(1)' }, { transform: 'scale(1.1)' }, { transform: 'scale(1)' }], {
      duration: 200,
      easing: 'ease-out',
    })
  } finally {
    flight.flyer.remove()
  }
}

export async function flyCash(page: HTMLElement | undefined, words: string): Promise<void> {
  const flight = begin(page, 0)
  if (!flight) return
  flight.flyer.classList.add('cash-flyer')
  flight.flyer.style.width = flight.flyer.style.height = 'auto'
  flight.flyer.textContent = words
  try {
    await run(flight, null)
  } finally {
    flight.flyer.remove()
  }
}
