// Builds dist/lib (CommonJS and declarations) and dist/es6 (ES modules, for bundlers).
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root, run, tsc7 } from './lib.mjs'

const dist = join(root, 'dist')
rmSync(dist, { recursive: true, force: true })

const results = await Promise.all(
  ['tsconfig.build.json', 'tsconfig.es6.json'].map((project) => run(process.execPath, [tsc7, '--project', project]))
)
const [lib, es6] = results
if (lib.code !== 0 || es6.code !== 0) {
  // both builds read the same sources: one list of errors is enough
  process.stdout.write(lib.code !== 0 ? lib.output : es6.output)
  process.exit(1)
}
// no "type" in here: Node takes the CommonJS build, only bundlers take this one
mkdirSync(join(dist, 'es6'), { recursive: true })
writeFileSync(join(dist, 'es6', 'package.json'), JSON.stringify({ sideEffects: false }) + '\n')
