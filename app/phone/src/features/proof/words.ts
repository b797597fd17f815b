import { words } from '@/shared/language'

export const proof = words({
  title: { zh: '自己验一验', en: 'Check the draw yourself' },
  intro: {
    zh: '下载你的证明文件，在这部手机里从头重算：承诺、随机种子、钥匙、每一下咻、奖金怎么分。下载之后不再问服务器。',
    en: 'Downloads your proof and redoes everything on this phone: commitments, seeds, the key, every tap, the split. After the download the server is not asked again.',
  },
  check: { zh: '下载并验证', en: 'Download and check' },
  checking: { zh: '正在重算…', en: 'Redoing it all…' },
  open_file: { zh: '验一个文件', en: 'Check a file' },
  save: { zh: '保存证明文件', en: 'Save the proof file' },
  all_hold: { zh: '全部吻合，共 {n} 条', en: 'Everything holds: {n} findings' },
  some_fail: { zh: '{bad} 条对不上', en: '{bad} {bad|finding does|findings do} not hold' },
  no_crypto: {
    zh: '浏览器只在 HTTPS 或本机地址上开放验证所需的算法。可以保存文件，用 wufu verify 验证。',
    en: 'Browsers offer the needed cryptography only on HTTPS or localhost. Save the file and run wufu verify on it.',
  },
  same_check: {
    zh: '同一个文件也可以在电脑上验：wufu verify FILE',
    en: 'The same file can be checked on a computer: wufu verify FILE',
  },
  not_json: { zh: '这不是一个 JSON 文件', en: 'This is not a JSON file' },
  no_campaign: { zh: '现在没有可以验的活动', en: 'There is no campaign to check' },
  holds: { zh: '吻合', en: 'holds' },
  fails: { zh: '对不上', en: 'does not hold' },
  of_round: { zh: '第 {name} 轮', en: 'Round {name}' },
  of_friends: { zh: '新朋友的福卡', en: 'Cards for new friends' },
  of_settlement: { zh: '分奖金', en: 'The split' },
  of_file: { zh: '文件', en: 'The file' },
})

/** The findings; each stands in one line with a tick or a cross. */
export const findings = words({
  field: { zh: '{place}：{problem}', en: '{place}: {problem}' },
  format: { zh: '格式是 {found}，这里只认 proof/1', en: 'The format is {found}, this page reads proof/1 only' },
  entropy_label: {
    zh: '随机来源标的是“{label}”，与各轮不符',
    en: 'Entropy is labelled “{label}”, which the rounds do not deserve',
  },
  entropy_drand: { zh: '每轮都混入了公共信标 drand', en: 'Every round mixes in the public beacon drand' },
  entropy_trusted: {
    zh: '随机来源：信任主办方。{n} 轮没有公共信标，主办方若最后塞进虚构的玩家，可以影响种子树根',
    en: 'Operator-trusted entropy: {n} {n|round has|rounds have} no public beacon; an operator enrolling invented players last could have steered the root',
  },
  foreign: { zh: '{id} 不是这个活动的轮次', en: '{id} is no round of this campaign' },
  twice: { zh: '{id} 在文件里出现了两次', en: '{id} is in the file twice' },
  nothing: { zh: '文件里没有轮次也没有分奖金，没有东西可验', en: 'Neither a round nor a settlement: nothing to check' },
  kept_ok: { zh: '文件里的种子就是这部手机交上的那一个', en: 'The seed in the file is the one this phone handed in' },
  kept_bad: {
    zh: '文件里的种子不是这部手机交上的那一个（player.seed）',
    en: 'The seed in the file is not the one this phone handed in (player.seed)',
  },
  spec_ok: { zh: '规则的哈希就是开始前公布的 {hash}', en: 'The rules hash to the published {hash}' },
  spec_bad: {
    zh: '规则的哈希是 {found}，公布的是 {hash}（spec_hash）',
    en: 'The rules hash to {found}, published was {hash} (spec_hash)',
  },
  odds_ok: {
    zh: '中奖表如承诺：{n} 级，大约 {one_in} 下中一次',
    en: 'Odds as committed: {n} thresholds, about one tap in {one_in} wins',
  },
  odds_none: { zh: '中奖表如承诺：没有奖品', en: 'Odds as committed: no prizes' },
  odds_bad: { zh: '中奖表没有逐级上升（spec.odds，{prize}）', en: 'The odds do not rise (spec.odds, {prize})' },
  seed_ok: {
    zh: '你的种子是 {players} 个里的第 {place} 个，在种子树 {root} 里',
    en: 'Your seed is number {place} of {players} under the root {root}',
  },
  seed_late: {
    zh: '你在开始之后加入，种子从下一轮算起（当时 {players} 人）',
    en: 'You joined after it opened: your seed counts from the next round (players then: {players})',
  },
  seed_gone: {
    zh: '你的种子上一轮还在，这一轮却没有了（seed_path）',
    en: 'Your seed was in an earlier root but not in this one (seed_path)',
  },
  seed_bad: {
    zh: '你的种子走不到公布的树根 {root}（seed_path）',
    en: 'Your seed does not lead to the published root {root} (seed_path)',
  },
  seed_shape: {
    zh: '{players} 人的种子树里没有这样的路径（players）',
    en: 'A tree of {players} seeds has no path of this shape (players)',
  },
  seed_empty: {
    zh: '树根 {root} 不是“没有玩家”的树根（seeds_root）',
    en: '{root} is not the root of no players (seeds_root)',
  },
  beacon_extra: {
    zh: '规则没有信标，却给了信标值（beacon_value）',
    en: 'The rules name no beacon, yet there is a value (beacon_value)',
  },
  beacon_missing: {
    zh: '规则写了信标 {chain} {round}，却没有它的值（beacon_value）',
    en: 'The rules name {chain} {round}, but its value is missing (beacon_value)',
  },
  secret_hidden: {
    zh: '这一轮还没结束，密钥还没公布，结束后再来验',
    en: 'The secret is not revealed before the round closes: come back then',
  },
  secret_ok: {
    zh: '密钥已公布，哈希就是开始前的承诺 {hash}',
    en: 'The secret is revealed and hashes to the commitment {hash}',
  },
  secret_bad: {
    zh: '密钥的哈希是 {found}，承诺的是 {hash}（commitment）',
    en: 'The secret hashes to {found}, committed was {hash} (commitment)',
  },
  key: { zh: '用密钥、种子树根{beacon}重算出钥匙 {key}', en: 'Key rebuilt from secret, root{beacon}: {key}' },
  key_beacon: { zh: '和信标 {chain} {round}', en: ' and beacon {chain} {round}' },
  taps_ok: {
    zh: '{taps} 下全部重抽，{prizes} 次中奖{sold}{cash}，与记录一致',
    en: '{taps} taps redrawn, {prizes} prizes{sold}{cash}, all as recorded',
  },
  taps_sold: { zh: '（{n} 次刚好发完）', en: ' ({n} sold out)' },
  taps_cash: { zh: '，现金 {money}', en: ', {money} in cash' },
  taps_bad: {
    zh: '{taps} 下重抽，{n} 处与记录不一致（wins）',
    en: '{taps} taps redrawn, {n} things not as recorded (wins)',
  },
  win_withheld: {
    zh: '第 {tap} 下抽中{prize}，记录里却没有',
    en: 'Tap {tap} draws {prize}, but the record withholds it',
  },
  win_invented: { zh: '第 {tap} 下记着{prize}，其实没有抽中', en: 'Tap {tap} claims {prize}, but it draws nothing' },
  win_beyond: {
    zh: '记着第 {tap} 下，可是一共只有 {taps} 下',
    en: 'Tap {tap} is claimed, but only {taps} taps were made',
  },
  win_twice: { zh: '第 {tap} 下记了两次', en: 'Tap {tap} is listed twice' },
  win_prize: { zh: '第 {tap} 下记着{claimed}，抽中的是{prize}', en: 'Tap {tap} claims {claimed}, the draw is {prize}' },
  win_outcome: {
    zh: '第 {tap} 下记着“{claimed}”，与{prize}不符（outcome）',
    en: 'Tap {tap} says “{claimed}”, which does not fit {prize} (outcome)',
  },
  win_minor: {
    zh: '第 {tap} 下记着 {claimed}，抽中的是 {money}（minor）',
    en: 'Tap {tap} claims {claimed}, the draw is {money} (minor)',
  },
  split_each: {
    zh: '{pool} 由 {winners} 人平分，舍到分，每人 {found}',
    en: '{pool} among {winners} winners, rounded down to the fen: {found} each',
  },
  split_paid: { zh: '{winners} 人一共分走 {found}', en: '{winners} winners are paid {found} in all' },
  split_left: { zh: '余下的 {found} 退回主办方', en: '{found} returns to the sponsor' },
  split_bad: { zh: '{name} 应该是 {found}，文件写的是 {said}', en: '{name} should be {found}, the file says {said}' },
  winner_ok: {
    zh: '你是 {winners} 位里的第 {place} 位，在名单树 {root} 里',
    en: 'You are winner {place} of {winners} under the root {root}',
  },
  winner_none: { zh: '你没有集齐，不在名单 {root} 里', en: 'You claim no share under the root {root}' },
  winner_other: {
    zh: '名单里写的是 {number} 号，不是你（winner.number）',
    en: 'The share is of player {number}, not of you (winner.number)',
  },
  winner_bad: {
    zh: '你走不到公布的名单树根 {root}（winner.path）',
    en: 'You do not lead to the published root {root} (winner.path)',
  },
  winner_shape: {
    zh: '{winners} 人的名单树里没有这样的路径（winners）',
    en: 'A tree of {winners} has no path of this shape (winners)',
  },
  winner_empty: {
    zh: '树根 {root} 不是空名单的树根（winners_root）',
    en: '{root} is not the root of no winners (winners_root)',
  },
})

export type FindingCode = Parameters<typeof findings>[0]
