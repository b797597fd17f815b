import { words } from '@/shared/language'

export const packets = words({
  title: { zh: '红包', en: 'Packets' },
  balance: { zh: '余额', en: 'Balance' },
  transfer: { zh: '转账', en: 'Send' },
  top_up: { zh: '充值', en: 'Top up' },
  withdraw: { zh: '提现', en: 'Withdraw' },
  transfer_who: { zh: '转给谁？', en: 'Send to whom?' },
  transfer_to: { zh: '转给{name}', en: 'Send to {name}' },
  note: { zh: '留句话（可不写）', en: 'A few words (optional)' },
  go_on: { zh: '下一步', en: 'Continue' },
  pin_transfer: { zh: '转给{name} {money}', en: 'Send {money} to {name}' },
  pin_withdraw: { zh: '提现 {money}', en: 'Withdraw {money}' },
  transferred: { zh: '已转给{name}', en: 'Sent to {name}' },
  top_up_line: { zh: '从演示银行转入，银行确认后到账。', en: 'From the sandbox bank: it arrives when the bank confirms.' },
  withdraw_line: { zh: '转出到演示银行。', en: 'To the sandbox bank.' },
  topped_up: { zh: '银行正在确认', en: 'The bank is confirming' },
  withdrawn: { zh: '已提交给银行', en: 'Handed to the bank' },
  cash: { zh: '今晚咻到的红包', en: 'Packets tapped tonight' },
  cash_round: { zh: '第 {n} 轮', en: 'Round {n}' },
  pass: { zh: '传给朋友', en: 'Pass one on' },
  pass_line: { zh: '朋友也得 {money}，你的不会少', en: 'A friend gets {money} too; yours stays yours' },
  pass_who: { zh: '把同样的红包传给谁？', en: 'Who gets an equal packet?' },
  passed: { zh: '已传给{name}', en: 'Passed to {name}' },
  statement: { zh: '明细', en: 'Statement' },
  statement_none: { zh: '还没有往来', en: 'Nothing yet' },
  more: { zh: '更早的', en: 'Earlier' },
  balance_after: { zh: '余 {money}', en: 'Balance {money}' },
})

/** Why money moved; a reason without words of its own is shown by its sign. */
export const reasons = words({
  transfer_in: { zh: '{name}转来', en: 'From {name}' },
  transfer_out: { zh: '转给{name}', en: 'To {name}' },
  top_up: { zh: '充值', en: 'Top-up' },
  withdraw: { zh: '提现', en: 'Withdrawal' },
  returned: { zh: '退回', en: 'Returned' },
  share: { zh: '五福奖金', en: 'Wufu share' },
  cash: { zh: '咻到的红包', en: 'Tapped packet' },
  passed: { zh: '朋友传来的红包', en: 'Packet passed by a friend' },
  in: { zh: '收入', en: 'Received' },
  out: { zh: '支出', en: 'Paid' },
})
