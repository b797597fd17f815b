import { createApp } from 'vue'
import { language, speak } from '@/shared/language'
import '@/shared/styles/tokens.css'
import '@/shared/styles/base.css'
import './console.css'
import App from './App.vue'
import { router } from './router'

speak(language.value)
createApp(App).use(router).mount('#app')
