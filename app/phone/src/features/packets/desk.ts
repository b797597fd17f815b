/** The envelope over the page: shown from a card in a thread, from a list, from anywhere (mounted once in App.vue). */
import { shallowReactive } from 'vue'
import type { PersonView } from '@/shared/contract'
import type { PacketView } from './contract'

/** What is known of a packet before the server was asked. */
export interface Glance {
  packet: string
  from: PersonView
  message: string
  cover: string
  token?: string | null
}

export const packetDesk = shallowReactive<{ glance: Glance | null }>({ glance: null })

export const showPacket = (glance: Glance) => void (packetDesk.glance = glance)

/** The newest words on each packet this phone saw, so that a page opened from an envelope needs no second look. */
const views = shallowReactive(new Map<string, PacketView>())
const most_views = 60

export const viewOf = (id: string): PacketView | undefined => views.get(id)

export function keepView(view: PacketView): PacketView {
  views.delete(view.id)
  views.set(view.id, view)
  if (views.size > most_views) views.delete(views.keys().next().value!)
  return view
}

export const forgetViews = () => views.clear()
