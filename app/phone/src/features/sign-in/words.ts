import { words } from '@/shared/language'

export const signIn = words({
  motto: { zh: '集五张福，和认识的人一起过年', en: 'Five cards of fortune, shared with people you know' },
  sign_in: { zh: '登录', en: 'Sign in' },
  register: { zh: '新账号', en: 'New account' },
  claim: { zh: '认领账号', en: 'Claim an account' },
  login: { zh: '账号', en: 'Login' },
  password: { zh: '密码', en: 'Password' },
  name: { zh: '名字，朋友看到的', en: 'Your name, as friends see it' },
  code: { zh: '认领码', en: 'Claim code' },
  do_sign_in: { zh: '登录', en: 'Sign in' },
  do_register: { zh: '注册并登录', en: 'Create and sign in' },
  do_claim: { zh: '认领并登录', en: 'Claim and sign in' },
  personas: { zh: '演示：点一位就进来', en: 'Demo: one touch' },
  personas_pin: { zh: '支付密码 888888', en: 'payment PIN 888888' },
  personas_again: { zh: '用演示人物', en: 'Use a demo persona' },
  have_code: { zh: '我有认领码', en: 'I have a claim code' },
  other: { zh: '用账号登录', en: 'Sign in with a login' },
  language: { zh: 'English', en: '中文' },
})
