/** What a person can do with packets, one function a verb. */
import { get, post } from '@/shared/api'
import type { PersonId } from '@/shared/contract'
import { ask } from '@/shared/live'
import { once } from '@/shared/verbs'
import { world } from '@/shared/world'
import type {
  AskOfMe,
  MyAsk,
  OpenedPacket,
  PacketHistory,
  PacketSettings,
  PacketView,
  SendPacket,
  SentPacket,
  Side,
} from './contract'

const me = () => world.me!.person

const query = (facts: Record<string, string | number | null | undefined>): string => {
  const pairs = Object.entries(facts).filter(([, value]) => value !== null && value !== undefined)
  return pairs.length > 0 ? `?${new URLSearchParams(pairs.map(([name, value]) => [name, String(value)]))}` : ''
}

export const seePacket = (id: string, token?: string | null, after?: number | null) =>
  get<PacketView>(`/api/packets/${id}${query({ token, after })}`)

export const seeLink = (token: string) => get<PacketView>(`/api/packets/link/${encodeURIComponent(token)}`)

export const seeProof = (id: string, token?: string | null) =>
  get<unknown>(`/api/packets/${id}/proof${query({ token })}`)

export const seeHistory = (side: Side, year: number | null, before?: string | number | null) =>
  get<PacketHistory>(`/api/packets/history${query({ side, year, before })}`)

export const seeSettings = () => get<PacketSettings>('/api/packets/settings')

export const changeSettings = (allow_asking: boolean) => post<PacketSettings>('/api/packets/settings', { allow_asking })

export const seeAsks = () => get<{ asks: AskOfMe[]; mine: MyAsk[] }>('/api/packets/asks')

export async function sendPacket(packet: SendPacket, pin: string): Promise<SentPacket> {
  const sent = await once(`packet ${JSON.stringify(packet)}`, (id) =>
    ask<SentPacket>(me(), 'send_packet', { id, ...packet, pin }),
  )
  world.balance_minor = sent.balance_minor
  return sent
}

export const openPacket = (packet: string, token: string | null, password: string | null) =>
  ask<OpenedPacket>(me(), 'open_packet', {
    packet,
    ...(token === null ? {} : { token }),
    ...(password === null ? {} : { password }),
  })

export const sharePacket = (packet: string, conversation: string) =>
  ask<{ packet: string; conversation: string }>(me(), 'share_packet', { packet, conversation })

export async function askPacket(to: PersonId, minor: number | null, message: string): Promise<void> {
  const wish = { to, ...(minor === null ? {} : { minor }), ...(message ? { message } : {}) }
  await once(`ask packet ${JSON.stringify(wish)}`, (id) => ask(me(), 'ask_packet', { id, ...wish }))
}

export const refuseAsk = (from: PersonId, id: string) => post('/api/packets/asks/refuse', { from, id })
