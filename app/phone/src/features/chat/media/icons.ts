/** The composer's own signs, on the 24 px grid of our icons. */
import { h, type FunctionalComponent } from 'vue'

const sign =
  (shape: string): FunctionalComponent =>
  () =>
    h('svg', {
      viewBox: '0 0 24 24',
      'aria-hidden': 'true',
      width: '1.5rem',
      height: '1.5rem',
      fill: 'none',
      stroke: 'currentColor',
      'stroke-width': '1.6',
      'stroke-linecap': 'round',
      'stroke-linejoin': 'round',
      style: { width: '1.5rem', height: '1.5rem' },
      innerHTML: shape,
    })

export const PictureIcon = sign(
  '<rect x="3.5" y="4.5" width="17" height="15" rx="2"/><circle cx="8.5" cy="9.5" r="1.6"/><path d="M4 17l5-4.5 3.5 3 3.5-4 4.5 4.5"/>',
)
export const CameraIcon = sign(
  '<path d="M4.5 7.5h3L9 5h6l1.5 2.5h3a1.5 1.5 0 0 1 1.5 1.5v9a1.5 1.5 0 0 1-1.5 1.5h-15A1.5 1.5 0 0 1 3 18V9a1.5 1.5 0 0 1 1.5-1.5z"/><circle cx="12" cy="13" r="3.6"/>',
)
export const VideoIcon = sign(
  '<rect x="3" y="6" width="12.5" height="12" rx="2"/><path d="M15.5 10.5L21 7.5v9l-5.5-3z"/>',
)
export const FileIcon = sign('<path d="M6.5 3.5H14l4.5 4.5v12.5h-12z"/><path d="M14 3.5V8h4.5M9.5 12.5h6M9.5 16h4"/>')
