// `npm run demo`: from a fresh clone to the running demonstration. Installs what is missing, builds, and runs
// examples/demo/main.ts with the arguments after `--`, handing on its exit code.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root, run, runInherited } from './lib.mjs'

const fail = (what, output) => {
  process.stderr.write(`${what}\n${output}`)
  process.exit(1)
}

/** Does node_modules hold what the lockfile asks for? Packages for other platforms may be absent. */
const isInstalled = () => {
  const installed = join(root, 'node_modules', '.package-lock.json')
  if (!existsSync(installed)) return false
  const have = JSON.parse(readFileSync(installed, 'utf8')).packages
  const want = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages
  return Object.entries(want).every(
    ([path, { version, optional, peer }]) =>
      path === '' ||
      (have[path] === undefined
        ? optional === true || peer === true
        : have[path].version === version && existsSync(join(root, path, 'package.json')))
  )
}

if (!isInstalled()) {
  console.error('demo: installing (npm ci) ...')
  const npm = process.env.npm_execpath
  const { code, output } = npm ? await run(process.execPath, [npm, 'ci']) : await run('npm', ['ci'])
  if (code !== 0) fail('demo: npm ci failed', output)
}

const built = await run(process.execPath, [join(root, 'scripts', 'build.mjs')])
if (built.code !== 0) fail('demo: the build failed', built.output)

const { build } = await import('esbuild')
const source = join(root, 'examples', 'demo')
const target = join(root, 'build', 'demo')
await build({
  absWorkingDir: root,
  // the client, and the service that it forks as a process of its own
  entryPoints: [join(source, 'main.ts'), join(source, 'service', 'main.ts')],
  outbase: source,
  outdir: target,
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

// the terminal's signals reach the demonstration by themselves; this process stays until it has ended
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => {})
const { code, signal } = await runInherited(
  process.execPath,
  ['--enable-source-maps', join(target, 'main.js'), ...process.argv.slice(2)],
  { cwd: process.cwd() }
)
process.exitCode = signal === 'SIGINT' ? 130 : code
