import { words } from '@/shared/language'

export const secret = words({
  mode: { zh: '阅后即焚', en: 'Burn after reading' },
  placeholder: { zh: '看完就烧的悄悄话', en: 'A secret that burns once read' },
  leave: { zh: '退出悄悄话', en: 'Leave secret mode' },
  timer: { zh: '看到后多久烧掉', en: 'Burns how long after it is seen' },
  seconds: { zh: '{n} 秒', en: '{n} s' },
  seconds_long: { zh: '{n} 秒', en: '{n} {n|second|seconds}' },
  minute: { zh: '1 分钟', en: '1 min' },
  minute_long: { zh: '1 分钟', en: '1 minute' },
  day: { zh: '1 天', en: '1 day' },
  about: { zh: '它保证什么', en: 'What it promises' },
  line_secret: { zh: '［悄悄话］', en: '[Secret]' },
  line_gone: { zh: '［已焚毁］', en: '[Burnt]' },

  sealed: { zh: '悄悄话', en: 'A secret' },
  tap_to_see: { zh: '按一下打开，{timer}后烧掉', en: 'Touch to open, burns after {timer}' },
  runs_on: { zh: '正在烧，还剩 {left}', en: 'Burning, {left} left' },
  opening: { zh: '正在打开…', en: 'Opening…' },
  left: { zh: '还剩 {left} 秒', en: '{left} {left|second|seconds} left' },
  left_long: { zh: '还剩 {left}', en: '{left} left' },
  burn_now: { zh: '现在就烧掉', en: 'Burn it now' },
  burnt: { zh: '已焚毁', en: 'Burnt' },
  burnt_line: { zh: '灰都不剩：手机上和服务器上都没有了', en: 'Nothing left, neither here nor on the server' },
  other_device: { zh: '发给了你别的设备，这台打不开', en: 'Sealed to another device of yours' },
  cannot_open: { zh: '打不开：它不是为这台手机封的，或者被改动过', en: 'It does not open: not sealed to this phone, or changed' },
  enlarge: { zh: '放大', en: 'Enlarge' },
  picture: { zh: '悄悄发来的图片', en: 'A secret picture' },
  covered: { zh: '离开屏幕时盖上', en: 'Covered while away' },

  mine: { zh: '你的悄悄话', en: 'Your secret' },
  mine_line: { zh: '你这里也不留', en: 'Not kept on your side either' },
  sealing: { zh: '正在封好…', en: 'Sealing…' },
  unsent: { zh: '没发出去', en: 'Not sent' },
  unseen: { zh: '还没看', en: 'Not seen yet' },
  burning_there: { zh: '对方正在看', en: 'Being read' },
  seen_of: { zh: '{seen}/{all} 人看过', en: 'Seen by {seen} of {all}' },

  no_x25519: {
    zh: '这个浏览器还不会 X25519 加密，用不了悄悄话。请更新浏览器（Chrome 133、Safari 17、Firefox 130 以上）。',
    en: 'This browser lacks X25519, so secrets cannot be sealed here. Please update it (Chrome 133, Safari 17, Firefox 130 or later).',
  },
  no_storage: {
    zh: '浏览器不让这个页面存钥匙（无痕窗口？），用不了悄悄话。',
    en: 'The browser lets this page keep no key (a private window?), so secrets do not work here.',
  },
  plain_http: {
    zh: '只有 HTTPS 的页面才能加密，请换用 https 地址。',
    en: 'Only a page on HTTPS may encrypt. Please use the https address.',
  },
  retention: {
    zh: '本站运营者设了留存：烧掉的密文还会在服务器上留 {time}。没有钥匙的人读不了，但它还在。',
    en: 'This operator retains burnt ciphertext on the server for {time}. Nobody without the keys can read it, but it is there.',
  },
  days: { zh: '{n} 天', en: '{n} {n|day|days}' },
  hours: { zh: '{n} 小时', en: '{n} {n|hour|hours}' },
  short_retention: { zh: '运营者留存密文 {time}', en: 'Operator retains ciphertext {time}' },

  promise_seal: {
    zh: '在你手机上封好，只有对方的设备打得开。服务器只见密文。',
    en: 'Sealed on your phone; only the readers’ devices open it. The server sees ciphertext alone.',
  },
  promise_burn: {
    zh: '出现在屏幕上就开始倒数，离开聊天也不停。到时手机、服务器、备份里的钥匙都没有了。',
    en: 'The countdown begins on the screen and goes on if the chat is left. Then the phone and the server have nothing, and backups have no key.',
  },
  promise_never: {
    zh: '没人看的，{days} 天后也会烧掉。',
    en: 'What nobody reads burns too, after {days} days.',
  },
  promise_screenshot: {
    zh: '但截屏和翻拍，谁也防不住。只发给信得过的人。',
    en: 'But nobody can prevent a screenshot or a photo of the screen. Send only to whom you trust.',
  },
  understood: { zh: '知道了', en: 'I see' },

  section: { zh: '阅后即焚', en: 'Burn after reading' },
  always: { zh: '这个对话总是用', en: 'Always in this conversation' },
  always_line: { zh: '打开对话就是悄悄话', en: 'The conversation opens in secret mode' },
  always_off: { zh: '不固定', en: 'Not always' },
  safety: { zh: '安全码', en: 'Safety number' },
  safety_line: { zh: '和{name}当面对一对', en: 'Compare it with {name} in person' },
  verified: { zh: '已核对', en: 'Compared' },

  safety_why: {
    zh: '两部手机上的 60 位数字一样，就没有人夹在中间。当面看，或者打电话念给对方听。',
    en: 'If both phones show the same 60 digits, nobody stands in between. Compare in person, or read them out on a call.',
  },
  same: { zh: '一样，记为已核对', en: 'They are the same' },
  differs: { zh: '不一样', en: 'They differ' },
  differs_line: {
    zh: '先别发悄悄话。让对方重新打开五福再看一次；还不一样，就是有别人的设备混在里面。',
    en: 'Send no secrets for now. Let the other one reopen Wufu and look again; if it still differs, somebody else’s device is among the keys.',
  },
  scan: { zh: '扫对方的码', en: 'Scan their code' },
  scan_title: { zh: '对准对方的安全码', en: 'Point at their safety code' },
  scan_same: { zh: '一样。记为已核对。', en: 'The same. Marked as compared.' },
  scan_differs: { zh: '这个码和本机的不一样', en: 'That code differs from this phone’s' },
  no_keys: {
    zh: '{name}还没有能收悄悄话的设备。对方下次打开五福就有了。',
    en: '{name} has no device that reads secrets yet. It comes when they next open Wufu.',
  },
  devices_of: { zh: '{name}的设备', en: '{name}’s devices' },
  my_devices: { zh: '我的设备', en: 'My devices' },
  since: { zh: '{when}起', en: 'since {when}' },
  this_device: { zh: '这台', en: 'this one' },

  changed: { zh: '{name}换了设备，安全码变了', en: '{name} has a new device: the safety number changed' },
  too_large: { zh: '太大了，悄悄话最多 2 MB', en: 'Too large: a secret may be 2 MB' },
  not_secret: { zh: '悄悄话只能是文字、语音和图片', en: 'A secret is text, a voice or a picture' },
  no_reader: {
    zh: '对方还没有能收悄悄话的设备。等对方再打开一次五福就好了。',
    en: 'They have no device that reads secrets yet. It comes when they next open Wufu.',
  },
  look_first: {
    zh: '{name}的安全码变了。先在上面点“知道了”，或者当面核对，再发悄悄话。',
    en: '{name}’s safety number changed. Tap “Fine” above, or compare in person, before you send a secret.',
  },
  changed_line: { zh: '多半是换了手机。不放心就当面对一对。', en: 'Most likely a new phone. Compare if in doubt.' },
  compare: { zh: '去核对', en: 'Compare' },
  accept: { zh: '知道了', en: 'Fine' },
  screenshot: { zh: '{name}好像截了屏', en: '{name} may have taken a screenshot' },
})

/** "10 s", "1 min", "1 day". */
export function timerWords(seconds: number, long = false): string {
  if (seconds === 86_400) return secret('day')
  if (seconds === 60) return secret(long ? 'minute_long' : 'minute')
  return secret(long ? 'seconds_long' : 'seconds', { n: seconds })
}

/** How long an operator keeps, in days or hours. */
export const spanWords = (seconds: number): string =>
  seconds >= 86_400
    ? secret('days', { n: Math.ceil(seconds / 86_400) })
    : secret('hours', { n: Math.max(1, Math.ceil(seconds / 3600)) })
