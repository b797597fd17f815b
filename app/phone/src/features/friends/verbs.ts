/** What the friends pages ask of the server: labels, groups, suggestions, invitations, privacy, one friend. */
import { markRaw } from 'vue'
import { get, post } from '@/shared/api'
import type { FriendGroup, Label, PersonId, PersonView, Suggestion, TieState } from '@/shared/contract'
import { toHex } from '@/shared/ids'
import { tiesEdited } from '@/shared/session'
import { once } from '@/shared/verbs'
import { world } from '@/shared/world'

export interface Mutual {
  /** False: they do not show it. */
  seen: boolean
  count: number
  people: PersonView[]
}

export interface FriendView {
  person: PersonView
  tie: TieState
  since: string | null
  mutual: Mutual
  groups: { conversation: string; title: string }[]
  label: Label | null
}

export const seeFriend = (person: PersonId) => get<FriendView>(`/api/friends/${person}`)

export interface Between {
  state: 'new' | 'growing' | 'steady' | 'fading' | 'silent'
  shared: { kind: string; mine: number; theirs: number }[]
}

export const seeBetween = (person: PersonId) => get<Between>(`/api/friends/${person}/shared`)

export async function changeLabel(person: PersonId, changes: Partial<Label>): Promise<void> {
  const { label } = await post<{ label: Label }>('/api/ties/label', { person, ...changes })
  tiesEdited()
  world.friends = markRaw((world.friends ?? []).map((one) => (one.person === person ? { ...one, ...label } : one)))
}

export async function saveGroup(id: string, name: string, people: readonly PersonId[]): Promise<void> {
  const { group } = await post<{ group: FriendGroup }>('/api/ties/groups', { id, name, people })
  tiesEdited()
  const others = world.groups.filter((one) => one.id !== group.id)
  world.groups = [...others, group]
}

export async function removeGroup(id: string): Promise<void> {
  await post('/api/ties/groups/remove', { id })
  tiesEdited()
  world.groups = world.groups.filter((one) => one.id !== id)
}

export const seeSuggestions = async (limit: number): Promise<Suggestion[]> =>
  (await get<{ people: Suggestion[] }>(`/api/friends/suggestions?limit=${limit}`)).people

export const dismiss = (person: PersonId) => post('/api/ties/suggestions/dismiss', { person })
export const restore = (person: PersonId) => post('/api/ties/suggestions/restore', { person })

export interface Invitation {
  id: string
  note: string
  made_at: string
  expires_at: string
  uses: number
  used: number
  state: 'live' | 'used_up' | 'expired' | 'revoked'
  used_by: (PersonView & { at: string })[]
}

export interface MadeInvitation {
  id: string
  code: string
  text: { zh: string; en: string }
  uses: number
  expires_at: string
}

const secret_bytes = 16

/** The secret is made here, once for a wish: asked again after a lost answer, it is the same invitation. */
export async function makeInvitation(uses: number, days: number, note: string): Promise<MadeInvitation> {
  const made = await once(`invitation ${uses} ${days} ${note}`, (id) => {
    const secret = secrets.get(id) ?? toHex(crypto.getRandomValues(new Uint8Array(secret_bytes)))
    secrets.set(id, secret)
    return post<MadeInvitation>('/api/ties/invitations', { id, secret, uses, days, note })
  })
  secrets.delete(made.id)
  keepInvitation(made)
  return made
}

const secrets = new Map<string, string>()

export const seeInvitations = async () =>
  (await get<{ invitations: Invitation[] }>('/api/ties/invitations')).invitations
export const revokeInvitation = (id: string) => post('/api/ties/invitations/revoke', { id })

export interface Look {
  inviter: PersonView
  code: string
  expires_at: string
  tie: TieState | null
}

/** Needs no account: a code, a link or a whole pasted text. */
export const lookAt = (code: string) => get<Look>(`/api/ties/invitations/look?code=${encodeURIComponent(code)}`)
export const useInvitation = (code: string) =>
  post<{ tie: TieState; person: PersonView }>('/api/ties/invitations/use', { code })

/** The server keeps no codes: this phone keeps those it made, as long as they live. */
const place = () => `wufu/invitations/${world.me?.person ?? 0}`

export function keptInvitations(): MadeInvitation[] {
  try {
    const kept = JSON.parse(localStorage.getItem(place()) ?? '[]') as MadeInvitation[]
    return kept.filter((one) => Date.parse(one.expires_at) > Date.now())
  } catch {
    return []
  }
}

function keepInvitation(made: MadeInvitation): void {
  const others = keptInvitations().filter((one) => one.id !== made.id)
  localStorage.setItem(place(), JSON.stringify([made, ...others]))
}

/** What cannot be used any more need not be kept. */
export function keepOnly(live: ReadonlySet<string>): void {
  localStorage.setItem(place(), JSON.stringify(keptInvitations().filter((one) => live.has(one.id))))
}

export interface Privacy {
  by_name: boolean
  by_code: boolean
  by_phone: boolean
  suggested: boolean
  friends_seen: 'nobody' | 'friends' | 'everyone'
}

export const seePrivacy = () => get<Privacy>('/api/ties/privacy')
export const changePrivacy = (changes: Partial<Privacy>) => post<Privacy>('/api/ties/privacy', changes)
