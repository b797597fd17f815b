/** The console is a page of its own; what both pages share (tokens, words, the door to the server) is the phone's `@/shared`. */
import { fileURLToPath } from 'node:url'
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vite'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))
const server = process.env['WUFU_SERVER'] ?? 'http://127.0.0.1:8016'

export default defineConfig({
  root: here('.'),
  base: './',
  plugins: [vue()],
  resolve: { alias: { '@': here('../phone/src') } },
  build: {
    outDir: here('../../wufu/app_dist/console'),
    emptyOutDir: true,
    target: ['chrome100', 'safari15', 'firefox100'],
    reportCompressedSize: false,
    // The plots are one large library; it is a file of its own and kept by the browser.
    chunkSizeWarningLimit: 700,
  },
  server: { proxy: { '/api': server } },
})
