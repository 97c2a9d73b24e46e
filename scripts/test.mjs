// `npm test`: every check, then the unit tests. Stops at the first failure (with --keep-going: does all the same), and ends
// with the line `N passed, N failed`: the tests of jest, a failed check counting as one failure more.
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { root, run, runInherited, tsc7 } from './lib.mjs'

const node = process.execPath
const bin = (...path) => join(root, 'node_modules', ...path)
const script = (name) => join(root, 'scripts', name)

// in this order, two at a time; `after` names the step that has to be over
const steps = [
  { name: 'typecheck', args: [tsc7, '--project', 'tsconfig.json', '--pretty', 'false'] },
  { name: 'build', args: [script('build.mjs')] },
  { name: 'lint', args: [bin('eslint', 'bin', 'eslint.js'), '--max-warnings', '0', '.'] },
  { name: 'format', args: [bin('prettier', 'bin', 'prettier.cjs'), '--check', '--log-level', 'warn', '.'] },
  { name: 'layers', args: [script('layers.mjs')] },
  { name: 'types', args: [bin('tstyche', 'build', 'bin.js')] },
  { name: 'smoke', args: [script('smoke.mjs')], after: 'build' },
  { name: 'size', args: [script('size.mjs')], after: 'build' },
  { name: 'examples', args: [script('examples.mjs'), '--check'] },
  { name: 'docs-check', args: [script('docs-check.mjs')] }
]

const keepGoing = process.argv.includes('--keep-going')
const seconds = (since) => `${((performance.now() - since) / 1000).toFixed(1)} s`

const failed = []
const over = new Set()
const waiting = [...steps]

/** One of two workers: takes the next step that may start, until there is none or something has failed. */
const work = async () => {
  while (waiting.length > 0 && (keepGoing || failed.length === 0)) {
    const i = waiting.findIndex(({ after }) => after === undefined || over.has(after))
    if (i < 0) {
      await new Promise((resolve) => setTimeout(resolve, 20))
      continue
    }
    const [{ name, args }] = waiting.splice(i, 1)
    const start = performance.now()
    const { code, output } = await run(node, args, { env: { ...process.env, NO_COLOR: '1' } })
    over.add(name)
    if (code === 0) console.log(`ok      ${name.padEnd(12)}${seconds(start).padStart(7)}`)
    else {
      failed.push(name)
      console.log(`FAILED  ${name.padEnd(12)}${seconds(start).padStart(7)}\n${output.trimEnd()}\n`)
    }
  }
}

const unit = async () => {
  const folder = join(root, 'build', 'test')
  const file = join(folder, 'counts.json')
  mkdirSync(folder, { recursive: true })
  rmSync(file, { force: true })
  const { code } = await runInherited(
    node,
    [bin('jest', 'bin', 'jest.js'), '--reporters', 'default', '--reporters', script('jest-counts.mjs')],
    { env: { ...process.env, COUNTS_FILE: file } }
  )
  try {
    const { passed, failed } = JSON.parse(readFileSync(file, 'utf8'))
    return { passed, failed: code === 0 ? failed : Math.max(failed, 1) }
  } catch {
    return { passed: 0, failed: 1 }
  }
}

const start = performance.now()
await Promise.all([work(), work()])

console.log(`checks took ${seconds(start)}${failed.length > 0 ? `; failed: ${failed.join(', ')}` : ''}`)

let tests = { passed: 0, failed: 0 }
if (failed.length === 0 || keepGoing) tests = await unit()
else console.log(`not run: ${[...waiting.map(({ name }) => name), 'unit'].join(', ')}`)

const failures = tests.failed + failed.length
if (failures > 0) process.exitCode = 1
console.log(`${tests.passed} passed, ${failures} failed`)
