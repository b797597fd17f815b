import { createApp } from 'vue'
import App from './App.vue'
import { startWorker } from './features/chat/notify/worker'
import { router } from './router'
import { language, speak } from './shared/language'
import './shared/styles/vant'
import './shared/styles/tokens.css'
import './shared/styles/base.css'
import './shared/styles/parts.css'

speak(language.value)
createApp(App).use(router).mount('#app')
startWorker(router)
