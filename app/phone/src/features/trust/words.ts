import { words } from '@/shared/language'

export const trust = words({
  title: { zh: '你的奖励正在核实', en: 'Your rewards are being looked at' },
  line: {
    zh: '有些活动显得不同寻常。奖励一分不少地为你留着，有人看过以后就会告诉你结果；其他功能照常使用。别人看不到这件事。',
    en: 'Something looked unusual. Every reward is kept for you until somebody has looked; all else works as always. Nobody else sees this.',
  },
  why: { zh: '说说情况（比如全家共用一台平板）', en: 'Tell us more (such as: we share a tablet)' },
  ask: { zh: '申请人工复核', en: 'Ask for a review' },
  asked: { zh: '已经收到你的申请，我们会尽快看。', en: 'We have your request and will look soon.' },
})
