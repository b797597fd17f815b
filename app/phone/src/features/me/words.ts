import { words } from '@/shared/language'

export const me = words({
  title: { zh: '我', en: 'Me' },
  login: { zh: '账号 {login}', en: 'Login {login}' },
  persona: { zh: '演示人物', en: 'Demo persona' },
  rename: { zh: '改名字', en: 'Change name' },
  save: { zh: '保存', en: 'Save' },
  fairness: { zh: '公平', en: 'Fairness' },
  proof: { zh: '自己验一验', en: 'Check the draw yourself' },
  proof_line: { zh: '下载证明，在手机上重算每一下', en: 'Download the proof, redo every tap here' },
  safety: { zh: '安全与隐私', en: 'Safety and privacy' },
  pin: { zh: '支付密码', en: 'Payment PIN' },
  pin_set: { zh: '已设置', en: 'Set' },
  pin_unset: { zh: '还没设', en: 'Not set' },
  privacy: { zh: '隐私', en: 'Privacy' },
  privacy_line: { zh: '谁能找到我、推荐、好友、黑名单', en: 'Who finds me, suggestions, friends, blocked people' },
  data: { zh: '我的数据', en: 'My data' },
  data_line: { zh: '导出一份，或者注销账号', en: 'Take a copy, or close the account' },
  devices: { zh: '登录的设备', en: 'Devices' },
  this_device: { zh: '这台', en: 'This one' },
  end_device: { zh: '退出', en: 'Sign out' },
  unknown_device: { zh: '未命名的设备', en: 'A device' },
  look: { zh: '显示与声音', en: 'Look and sound' },
  language: { zh: '语言', en: 'Language' },
  large: { zh: '大字', en: 'Large text' },
  sound: { zh: '声音', en: 'Sound' },
  vibration: { zh: '振动', en: 'Vibration' },
  about: { zh: '关于五福', en: 'About Wufu' },
  about_line: {
    zh: '五福把一笔奖金变成熟人之间长久的来往：公平到每一下咻都能自己重算，账目清楚到每一分。这里没有别家公司的标志，图案都是自己剪的。',
    en: 'Wufu turns a prize pool into lasting ties between people who know each other: fair enough that every tap can be redone, exact to the last fen. All artwork is our own paper-cutting.',
  },
  sandbox: { zh: '演示用的银行和钱，不是真的。', en: 'The bank and the money here are a sandbox.' },
  sign_out: { zh: '退出登录', en: 'Sign out' },
})

/** Who finds me and who sees what. */
export const privacy = words({
  title: { zh: '隐私', en: 'Privacy' },
  find: { zh: '谁能找到我', en: 'Who can find me' },
  findable: { zh: '允许别人找到我', en: 'Let others find me' },
  findable_line: { zh: '关掉以后谁也找不到你，也不会推荐你', en: 'Off: found by nothing, suggested to nobody' },
  by_name: { zh: '用名字或账号', en: 'By name or login' },
  by_name_line: { zh: '要打完整的名字', en: 'The full name has to be typed' },
  by_code: { zh: '用我的码', en: 'By my code' },
  by_code_line: { zh: '扫了码的人能问你', en: 'Who scans it can ask me' },
  by_phone: { zh: '用手机号', en: 'By phone number' },
  by_phone_line: { zh: '只有知道你号码的人', en: 'Only who knows your number' },
  suggested: { zh: '推荐给可能认识的人', en: 'Suggest me to people who may know me' },
  suggested_line: { zh: '比如朋友的朋友', en: 'Such as friends of friends' },
  invitations_line: { zh: '你自己发的邀请不受这些影响。', en: 'Invitations you make work whatever you choose here.' },
  friends_seen: { zh: '谁能看到我的好友', en: 'Who sees my friends' },
  seen_nobody: { zh: '谁也不', en: 'Nobody' },
  seen_friends: { zh: '朋友', en: 'Friends' },
  seen_everyone: { zh: '所有人', en: 'Everyone' },
  seen_nobody_line: {
    zh: '没有人知道你和谁是朋友，共同好友里也没有你。',
    en: 'Nobody learns whose friend you are, not even as a mutual friend.',
  },
  seen_friends_line: {
    zh: '只有你的朋友能看到你们的共同好友。',
    en: 'Only your friends see the friends you share with them.',
  },
  seen_everyone_line: {
    zh: '不认识的人也能看到你们的共同好友。',
    en: 'Strangers also see the friends you share with them.',
  },
  blocked: { zh: '黑名单', en: 'Blocked people' },
  blocked_none: { zh: '没有拉黑谁', en: 'You blocked nobody' },
  unblock: { zh: '取消拉黑', en: 'Unblock' },
  unblocked: { zh: '{name}又能找到你了，但你们不是朋友', en: '{name} can find you again; you are not friends' },
})

/** A copy of everything, and the way out for good. */
export const data = words({
  title: { zh: '我的数据', en: 'My data' },
  export: { zh: '导出我的数据', en: 'A copy of my data' },
  export_line: {
    zh: '你的资料、好友、消息、红包和福卡，一个 JSON 文件。只给你自己看。',
    en: 'Your profile, friends, messages, packets and cards in one JSON file, for your eyes.',
  },
  export_do: { zh: '下载', en: 'Download' },
  exported: { zh: '文件下载好了', en: 'The file is here' },
  pin_export: { zh: '下载我的数据', en: 'Download my data' },
  leave: { zh: '注销账号', en: 'Close the account' },
  gone_people: {
    zh: '好友、备注和分组都会删掉，朋友的列表里也不再有你',
    en: 'Friends, remarks and groups go; you vanish from your friends’ lists',
  },
  gone_words: { zh: '你发的消息会删掉', en: 'The messages you sent go' },
  gone_photos: { zh: '照片和语音会删掉', en: 'Photos and voice go' },
  gone_ledger: { zh: '账本留下数字，不留你的名字', en: 'The ledger keeps numbers, without your name' },
  gone_name: { zh: '账号不能再登录，也找不回来', en: 'Nobody can sign in to it again, and it cannot be brought back' },
  unsettled: { zh: '要先结清', en: 'To be settled first' },
  left_balance: { zh: '余额 {money}，请先提现', en: 'A balance of {money}: withdraw it first' },
  left_packet: { zh: '{n} 个红包还没领完，{money}', en: '{n} {n|packet|packets} still open, {money}' },
  left_order: { zh: '{n} 笔银行转账在路上，{money}', en: '{n} bank {n|order|orders} on the way, {money}' },
  left_photo: {
    zh: '{n} 张照片还在收钱，已收 {money}；{until} 到期',
    en: '{n} {n|photo|photos} of yours still up, {money} earned; until {until}',
  },
  left_photo_credit: {
    zh: '照片赚的 {money} 还没到账；{until} 到账',
    en: '{money} earned by photos comes {until}',
  },
  left_photo_paid: {
    zh: '{n} 张付过钱的照片还没到期，撤下会退你 {money}；等到 {until}',
    en: '{n} {n|photo|photos} you paid for {n|is|are} still up; a takedown gives you {money} back. Until {until}',
  },
  left_cash: { zh: '{n} 个可以传的红包，{money}', en: '{n} {n|packet|packets} to pass on, {money}' },
  left_settlement: { zh: '{n} 场活动还没分奖，{money}', en: '{n} {n|campaign|campaigns} not settled yet, {money}' },
  leave_do: { zh: '注销账号…', en: 'Close the account…' },
  when: { zh: '什么时候', en: 'When' },
  later: { zh: '{n} 天后', en: 'In {n} days' },
  now: { zh: '现在', en: 'Now' },
  later_line: {
    zh: '{n} 天里随时可以反悔，没结清的等结清再注销。',
    en: 'You can change your mind for {n} days. What is unsettled is waited for.',
  },
  now_line: { zh: '马上注销，{n} 天的反悔期也没有。', en: 'At once, without the {n} days to think again.' },
  password: { zh: '登录密码', en: 'Your password' },
  pin_leave: { zh: '注销我的账号', en: 'Close my account' },
  leave_later: { zh: '好，注销', en: 'Close it' },
  leave_now: { zh: '现在就注销', en: 'Close it now' },
  left: { zh: '账号已经注销。保重。', en: 'The account is closed. Take care.' },
  leaving: { zh: '账号将在{day}注销', en: 'The account closes on {day}' },
  leaving_line: { zh: '在那之前一切照常，也可以留下来。', en: 'Everything works until then, and you can stay.' },
  stay: { zh: '我要留下', en: 'I stay' },
  stayed: { zh: '太好了，你留下了', en: 'Good. You stay' },
})

/** Somebody whose rewards are held while the operator looks. */
export const looked = words({
  title: { zh: '你的账号正在核实', en: 'Your account is being looked at' },
  line: {
    zh: '核实期间，奖励替你存着，不会丢。其他都照常。',
    en: 'Meanwhile rewards are kept for you and not lost. Everything else works as always.',
  },
  ask: { zh: '我来说明', en: 'Say something' },
  hint: { zh: '说说你是怎么用五福的', en: 'Tell how you use Wufu' },
  send: { zh: '发出', en: 'Send' },
  asked: { zh: '收到了，会有人看', en: 'Received. Somebody will read it' },
  asked_on: { zh: '{day}已收到你的说明', en: 'Your words came on {day}' },
})

/** My phone number. */
export const number = words({
  title: { zh: '我的手机号', en: 'My phone number' },
  none: { zh: '还没有', en: 'None' },
  ends: { zh: '尾号 {ending}', en: 'ends in {ending}' },
  line: {
    zh: '知道你号码的人能找到你。号码不给任何人看，服务器也只留一个算出来的记号。',
    en: 'Who knows your number can find you. Nobody is shown it, and the server keeps only a keyed hash.',
  },
  number: { zh: '手机号', en: 'Phone number' },
  send: { zh: '发验证码', en: 'Send a code' },
  sent: {
    zh: '验证码发到尾号 {ending} 的手机了，十分钟内有效。',
    en: 'A code is on its way to the number ending in {ending}, good for ten minutes.',
  },
  demo: { zh: '演示里没有短信，验证码是 {code}', en: 'No texts in a demo: the code is {code}' },
  code: { zh: '6 位验证码', en: 'The six digits' },
  prove: { zh: '好了', en: 'Done' },
  proved: { zh: '手机号加好了', en: 'Your number is added' },
  remove: { zh: '拿掉手机号', en: 'Take it away' },
  removed: { zh: '手机号拿掉了', en: 'Your number is gone' },
})
