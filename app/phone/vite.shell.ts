/** Builds the service worker beside the page and tells it which files the shell is made of. */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import type { Plugin } from 'vite'

export function shellPlugin(entry: string, publicFolder: string): Plugin {
  return {
    name: 'wufu-shell',
    apply: 'build',
    buildStart() {
      this.emitFile({ type: 'chunk', id: entry, fileName: 'sw.js' })
    },
    generateBundle: {
      order: 'post',
      handler(_, bundle) {
        const worker = bundle['sw.js']
        if (worker?.type !== 'chunk') throw new Error('the service worker was not built')
        if (worker.imports.length > 0) throw new Error('the service worker must stand alone')
        const hash = createHash('sha256')
        const assets = Object.keys(bundle).filter((name) => name.startsWith('assets/'))
        for (const name of assets.sort()) hash.update(name)
        const kept = readdirSync(publicFolder).sort()
        for (const name of kept) hash.update(readFileSync(`${publicFolder}/${name}`))
        hash.update(worker.code)
        const shell = {
          version: hash.digest('hex').slice(0, 12),
          files: ['./', ...[...assets, ...kept].map((name) => `./${name}`)],
        }
        worker.code = worker.code.replaceAll('__SHELL__', JSON.stringify(shell))
      },
    },
  }
}
