import { registerSettings } from '../slots'
import PreviewSwitch from './PreviewSwitch.vue'

registerSettings({ component: PreviewSwitch, order: 40 })
