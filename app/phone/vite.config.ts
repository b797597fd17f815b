import { fileURLToPath } from 'node:url'
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vitest/config'
import { shellPlugin } from './vite.shell.ts'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))
const server = process.env['WUFU_SERVER'] ?? 'http://127.0.0.1:8016'

export default defineConfig({
  root: here('.'),
  base: './',
  plugins: [vue(), shellPlugin(here('./sw/sw.ts'), here('./public'))],
  resolve: { alias: { '@': here('./src') } },
  build: {
    outDir: here('../../wufu/app_dist'),
    emptyOutDir: true,
    target: ['chrome100', 'safari15', 'firefox100'],
    reportCompressedSize: false,
  },
  server: { proxy: { '/api': server } },
  test: { include: ['test/**/*.test.ts'], environment: 'node' },
})
