// Bundles each entry of "sizeLimits" in package.json for the browser, minified and gzipped, fp-ts included, and compares it
// with its limit in bytes. Needs `npm run build` first. With --why: what the bytes are spent on.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { root } from './lib.mjs'

const { sizeLimits } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
if (!Array.isArray(sizeLimits) || sizeLimits.length === 0) {
  console.error('size: no "sizeLimits" in package.json')
  process.exit(1)
}

for (const { name, entry, limit } of sizeLimits) {
  const { outputFiles, metafile } = await build({
    absWorkingDir: root,
    entryPoints: [entry],
    outdir: 'build/size',
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    conditions: ['module'],
    // without the paths of tsconfig.json: the package's own exports decide, so it is dist that is measured
    tsconfigRaw: {}
  })
  const size = gzipSync(outputFiles[0].contents, { level: 9 }).length
  const over = size > limit
  console.log(`${over ? 'FAILED ' : 'ok     '} ${name}: ${size} of ${limit} bytes`)
  if (over) process.exitCode = 1
  if (process.argv.includes('--why')) {
    const inputs = Object.entries(Object.values(metafile.outputs)[0].inputs)
    for (const [path, { bytesInOutput }] of inputs.sort((a, b) => b[1].bytesInOutput - a[1].bytesInOutput))
      if (bytesInOutput > 0) console.log(`          ${String(bytesInOutput).padStart(6)}  ${path}`)
  }
}
