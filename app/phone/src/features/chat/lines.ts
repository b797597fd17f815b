/** Any message as one line: for the list, a quote, a notification, a search. And what the system notes, as a sentence. */
import type { PersonId } from '@/shared/contract'
import type { Conversation, Message } from './model'
import { slotOf } from './slots'
import { me, personOf, titleOf } from './store/desk'
import { chat, notice } from './words'

const builtIn: Record<string, (message: Message) => string> = {
  text: (message) => String(message.body['text'] ?? '').replace(/\s+/g, ' '),
  notice: (message) => noticeLine(message),
  gone: () => chat('burnt'),
  sticker: () => chat('line_sticker'),
  picture: () => chat('line_picture'),
  voice: () => chat('line_voice'),
  video: () => chat('line_video'),
  file: () => chat('line_file'),
  secret: () => chat('line_secret'),
  card: () => chat('line_card'),
  place: (message) => chat('line_place', { name: message.body['name'] ?? '' }),
  name_card: (message) => chat('line_name_card', { name: message.body['name'] ?? '' }),
  forward: (message) => chat('line_forward', { title: message.body['title'] ?? '' }),
}

export function lineOf(message: Message, conversation?: Conversation): string {
  if (message.recalled_by !== null) return recalledLine(message)
  const slot = slotOf(message)
  if (slot) return slot.line(message, conversation)
  return builtIn[message.kind]?.(message) ?? chat('unknown_kind')
}

/** A forwarded item carries no more than its kind. */
export const lineOfItem = (kind: string, body: Record<string, unknown>): string =>
  builtIn[kind]?.({ body, kind } as Message) ?? chat('unknown_kind')

export function recalledLine(message: Message): string {
  const by = message.recalled_by ?? message.sender
  if (by === 0) return chat('taken_down')
  if (by === me()) return message.sender === me() ? chat('recalled_mine') : byLine(by, message.sender)
  return by === message.sender ? chat('recalled', { name: personOf(by).name }) : byLine(by, message.sender)
}

const byLine = (by: PersonId, of: PersonId) =>
  chat('recalled_by', { by: by === me() ? notice('you') : personOf(by).name, name: personOf(of).name })

interface NoticeBody {
  what?: string
  by?: PersonId
  people?: PersonId[]
  names?: Record<string, string>
  title?: string
  on?: boolean
  role?: string
  text?: string
}

export function noticeLine(message: Message): string {
  const body = message.body as NoticeBody
  const name = (person: PersonId) =>
    person === me() ? notice('you') : (body.names?.[String(person)] ?? personOf(person).name)
  const by = body.by ? name(body.by) : ''
  const people = (body.people ?? []).map(name).join(notice('and'))
  switch (body.what) {
    case 'created':
      return notice('created', { by })
    case 'joined':
      return body.by && people && !(body.people ?? []).includes(body.by)
        ? notice('added', { by, people })
        : notice('joined', { people: people || by })
    case 'removed':
      return notice('removed', { by, people })
    case 'title':
      return notice('title', { by, title: body.title })
    case 'announcement':
      return notice(body.on === false ? 'announcement_off' : 'announcement', { by })
    case 'all_muted':
      return notice(body.on ? 'muted_on' : 'muted_off', { by })
    case 'approval':
      return notice(body.on ? 'approval_on' : 'approval_off')
    case 'transferred':
      return notice('transferred', { people: people || by })
    case 'closed':
      return notice(body.on ? 'closed' : 'reopened')
    case 'role':
      return notice(body.role === 'admin' ? 'role_admin' : 'role_member', { people })
    default:
      return notice('other')
  }
}

export const talkTitle = (view: Conversation): string => titleOf(view, chat('self'))
