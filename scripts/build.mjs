// Builds dist/lib (CommonJS and declarations) and dist/es6 (ES modules, for bundlers).
//
// What Node loads is one file, as forty small ones take it three times as long; the entry point of each noun hands out its part
// of that file, so that all of them share one instance of everything.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { build } from 'esbuild'
import { root, run, tsc7 } from './lib.mjs'

const dist = join(root, 'dist')
rmSync(dist, { recursive: true, force: true })

const typescript = (...args) => run(process.execPath, [tsc7, ...args])
const bundle = (entry) =>
  build({
    absWorkingDir: root,
    entryPoints: [`src/${entry}.ts`],
    outfile: `dist/lib/${entry}.js`,
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'cjs',
    target: 'es2022',
    sourcemap: true
  })

// what only some need: files of their own, which share nothing with the others but types
const apart = ['testing', 'codec']

// file by file, as bundlers like it; what is a number by another name (a const enum) is that number
const files = () =>
  build({
    absWorkingDir: root,
    entryPoints: ['src/**/*.ts'],
    outbase: 'src',
    outdir: 'dist/es6',
    format: 'esm',
    target: 'es2022',
    tsconfig: 'tsconfig.build.json',
    sourcemap: true,
    sourcesContent: false
  })

const [lib] = await Promise.all([
  typescript('--project', 'tsconfig.build.json', '--emitDeclarationOnly'),
  files(),
  bundle('index'),
  ...apart.map((part) => bundle(`${part}/index`))
])
if (lib.code !== 0) {
  process.stdout.write(lib.output)
  process.exit(1)
}

// no "type" in here: Node takes the CommonJS build, only bundlers take this one
mkdirSync(join(dist, 'es6'), { recursive: true })
writeFileSync(join(dist, 'es6', 'package.json'), JSON.stringify({ sideEffects: false }) + '\n')

const all = createRequire(import.meta.url)(join(dist, 'lib', 'index.js'))
const { exports: entries } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
for (const [name, { default: file }] of Object.entries(entries)) {
  const noun = name.slice('./'.length)
  if (file === undefined || noun === '' || apart.includes(noun)) continue
  const path = join(root, file)
  const up = '../'.repeat(file.split('/').length - './dist/lib/x.js'.split('/').length) || './'
  // the second line tells Node which names an `import` finds; a noun of types alone has none
  const names = Object.keys(all[noun] ?? {}).map((key) => `${key}: null`)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(
    path,
    `'use strict'\nmodule.exports = require('${up}index.js').${noun} ?? {}\n0 && (module.exports = { ${names.join(', ')} })\n`
  )
}
