import { words } from '@/shared/language'

export const notify = words({
  title: { zh: '通知', en: 'Notifications' },
  push: { zh: '新消息通知', en: 'Notify me of messages' },
  push_line: { zh: '五福没打开时也会告诉你', en: 'Also while Wufu is closed' },
  preview: { zh: '通知里显示内容', en: 'Show what was written' },
  preview_line: { zh: '关了就只说“有新消息”；悄悄话从不显示', en: 'Off: only that there is one. Secrets never show' },
  quiet: { zh: '勿扰时段', en: 'Do not disturb' },
  quiet_line: { zh: '每天这段时间不响', en: 'Every day, no notification between' },
  from: { zh: '从', en: 'from' },
  to: { zh: '到', en: 'to' },
  denied: {
    zh: '浏览器不允许五福发通知。请在浏览器的网站设置里打开。',
    en: 'The browser does not let Wufu notify you. Allow it in the browser’s site settings.',
  },
  unsupported: { zh: '这个浏览器不支持通知', en: 'This browser has no notifications' },
  install_first: {
    zh: '在 iPhone 上，先把五福“添加到主屏幕”，再从那里打开。',
    en: 'On an iPhone, first add Wufu to the home screen and open it from there.',
  },
  failed: { zh: '没能打开通知，稍后再试。', en: 'Notifications could not be switched on. Please try later.' },
  per_chat: {
    zh: '单个对话可以在它的页面里静音，或只在提到你时通知。',
    en: 'A single conversation can be muted, or notify only when you are mentioned, on its own page.',
  },
})
