/** The groups I may send a packet into, and the people of one, read from the server: the newest first. */
import { get } from '@/shared/api'
import type { PersonView } from '@/shared/contract'

export interface Group {
  id: string
  title: string
  people_count: number
}

interface Listed extends Group {
  kind: 'direct' | 'group' | 'self'
}

export async function groupsOf(): Promise<Group[]> {
  const { conversations } = await get<{ conversations: Listed[] }>('/api/chat')
  return conversations.filter((one) => one.kind === 'group')
}

interface Seen {
  conversation: Listed & { with: number | null }
  members: PersonView[]
}

export const conversationOf = (id: string) => get<Seen>(`/api/chat/conversations/${id}`)
