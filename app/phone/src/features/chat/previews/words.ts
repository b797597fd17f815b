import { words } from '@/shared/language'

export const previews = words({
  title: { zh: '显示链接预览', en: 'Show previews of links' },
  line: {
    zh: '由服务器去取网页的标题；网站不会知道是谁收到了链接。',
    en: 'The server reads the page’s title; the site does not learn who was sent the link.',
  },
})
