// `npm run example [-- name --speed n]`: builds, and runs the programs of examples/main.ts, handing on the exit code.
import { join } from 'node:path'
import { root, run, runInherited } from './lib.mjs'

const built = await run(process.execPath, [join(root, 'scripts', 'build.mjs')])
if (built.code !== 0) {
  process.stderr.write(built.output)
  process.exit(1)
}

const { build } = await import('esbuild')
const outfile = join(root, 'build', 'example', 'main.js')
await build({
  absWorkingDir: root,
  entryPoints: [join(root, 'examples', 'main.ts')],
  outfile,
  bundle: true,
  // packages stay outside, and `resilience-ts` is this package by its own name
  packages: 'external',
  platform: 'node',
  format: 'cjs',
  target: 'node20',
  sourcemap: true,
  logLevel: 'warning',
  tsconfigRaw: {}
})

const { code } = await runInherited(process.execPath, ['--enable-source-maps', outfile, ...process.argv.slice(2)])
process.exitCode = code
