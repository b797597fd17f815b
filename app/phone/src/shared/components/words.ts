import { words } from '../language'

/** Words that belong to no one feature. */
export const shared = words({
  close: { zh: '关闭', en: 'Close' },
  clear: { zh: '清空', en: 'Clear' },
  back: { zh: '返回', en: 'Back' },
  cancel: { zh: '取消', en: 'Cancel' },
  confirm: { zh: '确定', en: 'Confirm' },
  copied: { zh: '已复制', en: 'Copied' },
  copy_failed: { zh: '没能复制，请长按选择。', en: 'Could not copy. Please press and hold to select.' },
  you: { zh: '你', en: 'you' },
  offline: {
    zh: '连接断了，正在重连。你的咻和消息先记在手机上。',
    en: 'Offline, reconnecting. Your taps and messages are kept on this phone.',
  },
  amount: { zh: '金额', en: 'Amount' },
  erase: { zh: '删除', en: 'Erase' },
  pin_title: { zh: '请输入支付密码', en: 'Enter your payment PIN' },
  pin_new: { zh: '设一个 6 位支付密码', en: 'Choose a 6-digit payment PIN' },
  pin_again: { zh: '再输一次', en: 'Once more' },
  pin_differs: { zh: '两次不一样，请重来', en: 'The two differ. Please start again' },
  pin_first: { zh: '花钱之前先设支付密码，只有你知道。', en: 'Before money leaves you need a PIN that only you know.' },
  pin_done: { zh: '支付密码设好了', en: 'Your PIN is set' },
  pin_old: { zh: '先输入现在的支付密码', en: 'First, your present PIN' },
})
