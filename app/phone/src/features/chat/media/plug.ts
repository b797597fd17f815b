/** How pictures, voices, videos, files and stickers plug into the chat. */
import { defineAsyncComponent, watch } from 'vue'
import { attempt } from '@/shared/say'
import { world } from '@/shared/world'
import { onMessage } from '..'
import type { Message } from '../model'
import { registerBody, registerSettings, registerStickers, registerTool, registerVoice, type ComposerContext } from '../slots'
import FileBody from './FileBody.vue'
import HoldToTalk from './HoldToTalk.vue'
import { CameraIcon, FileIcon, PictureIcon, VideoIcon } from './icons'
import { forgetAll, forgetMedia } from './keep'
import PictureBody from './PictureBody.vue'
import { stopPlaying } from './player'
import { choose, draftOf, fileDraft, pictureDraft, videoDraft } from './prepare'
import { bubbleSize } from './sizes'
import { isSticker, titleOf } from './stickers'
import StickerBody from './StickerBody.vue'
import StickerPanel from './StickerPanel.vue'
import { upload } from './uploads'
import VideoBody from './VideoBody.vue'
import VoiceBody from './VoiceBody.vue'
import { media } from './words'

const high = (message: Message) => bubbleSize(Number(message.body['width']), Number(message.body['height'])).height
const uncopied = ['copy', 'edit'] as const

registerBody('picture', {
  component: PictureBody,
  line: () => media('line_picture'),
  frame: 'bare',
  prepare: upload,
  denies: uncopied,
  height: high,
})
registerBody('video', {
  component: VideoBody,
  line: () => media('line_video'),
  frame: 'bare',
  prepare: upload,
  denies: uncopied,
  height: high,
})
registerBody('voice', {
  component: VoiceBody,
  line: () => media('line_voice'),
  prepare: upload,
  denies: uncopied,
  height: () => 64,
})
registerBody('file', {
  component: FileBody,
  line: (message) => media('line_file', { name: String(message.body['name'] ?? '') }),
  frame: 'card',
  prepare: upload,
  denies: uncopied,
  height: () => 76,
})
registerBody('sticker', {
  component: StickerBody,
  line: ({ body: { name } }) => media('line_sticker', { name: isSticker(name) ? titleOf(name) : '' }),
  frame: 'bare',
  denies: uncopied,
  height: () => 120,
})

const secretToo = ['secret']

/** Each chosen file is a message of its own; one that cannot be sent does not stop the others. */
async function sendEach(
  context: ComposerContext,
  files: Promise<File[]>,
  draft: (file: File) => ReturnType<typeof draftOf>,
): Promise<void> {
  for (const file of await files) await attempt(async () => context.send(await draft(file)))
}

registerTool({
  id: 'picture',
  label: () => media('picture'),
  icon: PictureIcon,
  order: 10,
  modes: secretToo,
  run: (context) =>
    sendEach(
      context,
      choose(context.mode === 'secret' ? 'image/*' : 'image/*,video/mp4,video/webm', { many: true }),
      context.mode === 'secret' ? pictureDraft : draftOf,
    ),
})
registerTool({
  id: 'camera',
  label: () => media('camera'),
  icon: CameraIcon,
  order: 20,
  modes: secretToo,
  run: (context) => sendEach(context, choose('image/*', { camera: true }), pictureDraft),
})
registerTool({
  id: 'video',
  label: () => media('video'),
  icon: VideoIcon,
  order: 30,
  run: (context) => sendEach(context, choose('video/*', { camera: true }), videoDraft),
})
registerTool({
  id: 'file',
  label: () => media('file'),
  icon: FileIcon,
  order: 40,
  run: (context) => sendEach(context, choose('', { many: true }), async (file) => fileDraft(file)),
})
registerVoice(HoldToTalk)
registerStickers(StickerPanel)
registerSettings({ component: defineAsyncComponent(() => import('../notify/NotifySection.vue')), order: 30 })

onMessage((message) => {
  if (message.recalled_by != null || message.kind === 'gone') void forgetMedia(world.me?.person ?? 0, message.id)
})

watch(
  () => world.me?.person ?? null,
  (person) => {
    if (person !== null) return
    stopPlaying()
    void forgetAll()
  },
)
