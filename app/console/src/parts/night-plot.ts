/** The night as one plot: the forecast as a band, the live line inside. */
import { LineChart } from 'echarts/charts'
import { GridComponent, LegendComponent, MarkAreaComponent, TooltipComponent } from 'echarts/components'
import { init, use, type ComposeOption } from 'echarts/core'
import { CanvasRenderer } from 'echarts/renderers'
import type { LineSeriesOption } from 'echarts/charts'
import type { GridComponentOption, LegendComponentOption, TooltipComponentOption } from 'echarts/components'
import { count } from '@/shared/format'
import type { Band, NightAnswer } from '../contract'
import { t } from '../words'

use([LineChart, GridComponent, LegendComponent, MarkAreaComponent, TooltipComponent, CanvasRenderer])

export { init }
export type Option = ComposeOption<
  LineSeriesOption | GridComponentOption | LegendComponentOption | TooltipComponentOption
>

const zone = 'Asia/Shanghai'
/** A night of less than so long is told to the second. */
const short_ms = 20 * 60_000

/** An instant on the campaign's clock, as fine as the night is long. */
export function clockOf(at: string | number, campaign: { opens_at?: string | null; settles_at?: string | null }): string {
  const span_ms = Date.parse(campaign.settles_at ?? '') - Date.parse(campaign.opens_at ?? '')
  const second = span_ms < short_ms ? ({ second: '2-digit' } as const) : {}
  const form = { hour: '2-digit', minute: '2-digit', ...second, timeZone: zone } as const
  return new Intl.DateTimeFormat('en-GB', form).format(new Date(at))
}

type Point = [at_ms: number, value: number]

/** The forecast's points on the campaign's clock, beginning with nobody when the first round opens. */
export function bandsOf(answer: NightAnswer): [at_ms: number, band: Band][] {
  const completion = answer.night.forecast?.forecast.completion
  const first = answer.campaign.rounds[0]
  if (!completion || !first) return []
  const points = Object.entries(completion).map(([at, band]): [number, Band] => [Date.parse(at), band])
  return [[Date.parse(first.opens_at), { low: 0, median: 0, high: 0 }], ...points.sort((one, other) => one[0] - other[0])]
}

/** What was foreseen for an instant, on straight lines between the points; null outside of them. */
export function foreseenAt(bands: [number, Band][], at_ms: number): Band | null {
  for (let place = 1; place < bands.length; place += 1) {
    const [[from, before], [until, after]] = [bands[place - 1]!, bands[place]!]
    if (at_ms < from || at_ms > until) continue
    const share = until > from ? (at_ms - from) / (until - from) : 1
    const between = (name: keyof Band) => before[name] + (after[name] - before[name]) * share
    return { low: between('low'), median: between('median'), high: between('high') }
  }
  return null
}

export function nightOption(answer: NightAnswer, colour: (name: string) => string): Option {
  const bands = bandsOf(answer)
  const line = (pick: (band: Band) => number): Point[] => bands.map(([at, band]) => [at, pick(band)])
  const live: Point[] = answer.night.curve.map((one) => [Date.parse(one.at), one.holders])
  const soft = colour('--ink-soft')
  const still = { type: 'line' as const, symbol: 'none', silent: true }
  return {
    animation: false,
    textStyle: { fontFamily: colour('--sans'), color: soft },
    grid: { left: 56, right: 24, top: 64, bottom: 48 },
    legend: {
      top: 8,
      right: 0,
      itemGap: 20,
      itemWidth: 20,
      icon: 'roundRect',
      itemHeight: 4,
      textStyle: { color: soft },
      data: [t('live'), t('foreseen'), t('band')],
      selectedMode: false,
    },
    tooltip: {
      trigger: 'axis',
      formatter: (found) => tip(found as unknown as { axisValue: number }[], answer, bands),
    },
    xAxis: {
      type: 'time',
      min: Date.parse(answer.campaign.opens_at ?? answer.campaign.rounds[0]?.opens_at ?? ''),
      max: Date.parse(answer.campaign.settles_at ?? ''),
      name: t('time_axis'),
      nameLocation: 'middle',
      nameGap: 30,
      axisLabel: { formatter: (at: number) => clockOf(at, answer.campaign), hideOverlap: true, color: soft },
      axisLine: { lineStyle: { color: colour('--hairline') } },
    },
    yAxis: {
      type: 'value',
      name: t('people_axis'),
      minInterval: 1,
      axisLabel: { formatter: (value: number) => count(value), color: soft },
      splitLine: { lineStyle: { color: colour('--hairline') } },
    },
    series: [
      {
        ...still,
        name: 'low',
        data: line((band) => band.low),
        stack: 'band',
        lineStyle: { opacity: 0 },
        markArea: {
          silent: true,
          itemStyle: { color: colour('--wash') },
          label: { color: soft, position: 'insideTop' },
          data: answer.campaign.rounds.map((round) => [
            { name: t('round_n', { n: round.number }), xAxis: Date.parse(round.opens_at) },
            { xAxis: Date.parse(round.closes_at) },
          ]),
        },
      },
      {
        ...still,
        name: t('band'),
        data: line((band) => band.high - band.low),
        stack: 'band',
        lineStyle: { opacity: 0 },
        itemStyle: { color: colour('--indigo') },
        areaStyle: { color: colour('--indigo'), opacity: 0.18 },
      },
      {
        ...still,
        name: t('foreseen'),
        data: line((band) => band.median),
        itemStyle: { color: colour('--indigo') },
        lineStyle: { type: 'dashed', width: 1.5 },
      },
      {
        ...still,
        name: t('live'),
        data: live,
        step: 'end',
        itemStyle: { color: colour('--cinnabar') },
        lineStyle: { width: 2.5 },
      },
    ],
  }
}

function tip(found: { axisValue: number }[], answer: NightAnswer, bands: [number, Band][]): string {
  const at = found[0]?.axisValue
  if (at === undefined) return ''
  const lived = answer.night.curve.filter((one) => Date.parse(one.at) <= at).at(-1)
  const foreseen = foreseenAt(bands, at)
  const lines = [clockOf(at, answer.campaign)]
  if (lived) lines.push(`${t('live')}: ${count(lived.holders)}`)
  if (foreseen) lines.push(`${t('band')}: ${count(foreseen.low)}–${count(foreseen.high)}`)
  return lines.join('<br>')
}
