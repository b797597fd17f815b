/** Emoji of the panel, by what they are for; and those this person used last. */
import { reactive } from 'vue'

export const groups = {
  faces:
    '😀 😄 😁 😆 😅 🤣 😂 🙂 😉 😊 😇 🥰 😍 😘 😋 😜 🤪 🤗 🤭 🤫 🤔 🤐 😐 😑 😶 😏 😒 🙄 😬 😌 😔 😪 😴 🤧 🥳 😎 🤓 😕 😮 😯 😳 🥺 😨 😰 😢 😭 😱 😤 😡',
  hands: '👍 👎 👌 ✌️ 🤞 🤝 🙏 👏 🙌 💪 👋 🤙 👈 👉 👆 👇 ✊ 👊 🤲 🫶',
  hearts: '❤️ 🧡 💛 💚 💙 💜 🤍 💔 💕 💖 💯 ✨ ⭐ 🔥 💧 💤 💢 ❓ ❗ ✅',
  feast: '🧧 🏮 🎆 🎇 🧨 🎉 🎊 🎁 🎈 🥟 🍊 🐉 🐍 🐎 🥮 🍜 🍵 🍷 🥂 🀄',
  nature: '🌸 🌹 🌻 🌲 🍀 🌙 ☀️ ⛅ ❄️ 🌈 🐶 🐱 🐼 🐰 🐵 🐔 🐟 🦋 🐝 🌊',
  food: '🍎 🍉 🍓 🍚 🍲 🥢 🍳 🍰 🎂 🍦 ☕ 🍺 🍬 🥕 🌽 🍗 🥛 🍞 🍤 🍇',
} as const

export type Group = keyof typeof groups

export const signsOf = (group: Group): string[] => groups[group].split(' ')

export const quick = ['👍', '❤️', '😂', '😮', '😢', '🙏', '🎉']

const place = 'wufu/emoji'
const most_recent = 14

function kept(): string[] {
  try {
    const found: unknown = JSON.parse(localStorage.getItem(place) ?? '[]')
    return Array.isArray(found)
      ? found.filter((one): one is string => typeof one === 'string').slice(0, most_recent)
      : []
  } catch {
    return []
  }
}

export const recent = reactive<string[]>(typeof localStorage === 'undefined' ? [] : kept())

export function used(sign: string): void {
  const rest = recent.filter((one) => one !== sign)
  recent.splice(0, recent.length, sign, ...rest.slice(0, most_recent - 1))
  localStorage.setItem(place, JSON.stringify(recent))
}
