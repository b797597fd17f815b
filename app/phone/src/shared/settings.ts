/** What this phone does its own way: text size, sound, vibration. Kept on the phone. */
import { reactive, watch } from 'vue'

export interface Settings {
  large: boolean
  sound: boolean
  vibration: boolean
  /** Titles of links in messages, fetched by the server. */
  previews: boolean
}

const place = 'wufu/settings'

function kept(): Partial<Settings> {
  try {
    return JSON.parse(localStorage.getItem(place) ?? '{}') as Partial<Settings>
  } catch {
    return {}
  }
}

export const settings = reactive<Settings>({ large: false, sound: false, vibration: true, previews: false, ...kept() })

export function useSettings(): void {
  watch(
    settings,
    () => {
      document.documentElement.classList.toggle('large', settings.large)
      localStorage.setItem(place, JSON.stringify(settings))
    },
    { immediate: true },
  )
}
