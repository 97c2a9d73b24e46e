// Packs the package, installs the tarball somewhere else, and uses it as users do: from CommonJS, from ES modules, from
// TypeScript (both), and bundled for the browser. publint and attw look at it too. Needs `npm run build` first.
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'
import { root, run, tsc6, tsc7 } from './lib.mjs'

const node = process.execPath
const npm = process.env.npm_execpath
const npmRun = (args, options) => (npm ? run(node, [npm, ...args], options) : run('npm', args, options))

const failures = []
const step = async (name, action) => {
  const { code, output } = await action().catch((error) => ({ code: 1, output: String(error) }))
  if (code === 0) console.log(`ok      ${name}`)
  else {
    failures.push(name)
    console.log(`FAILED  ${name}\n${output}`)
  }
  return code === 0
}

const work = realpathSync(mkdtempSync(join(tmpdir(), 'resilience-ts-smoke-')))
process.on('exit', () => rmSync(work, { recursive: true, force: true }))

const app = join(work, 'app')
const consumers = join(root, 'test', 'package')
let tarball = ''

const pack = async () => {
  if (!existsSync(join(root, 'dist', 'lib', 'index.js'))) return { code: 1, output: 'no dist: run `npm run build`\n' }
  // the build has been made: no prepack
  const packed = await npmRun(['pack', '--json', '--ignore-scripts', '--pack-destination', work])
  if (packed.code !== 0) return packed
  const report = JSON.parse(packed.stdout)
  const { filename, files } = Array.isArray(report) ? report[0] : Object.values(report)[0]
  tarball = join(work, filename)
  const wanted = /^(dist|src)\/|^docs\/[\w-]+\.md$|^(package\.json|README\.md|LICENSE|CHANGELOG\.md)$/
  const stray = files.map(({ path }) => path).filter((path) => !wanted.test(path))
  const needed = [
    'LICENSE',
    'README.md',
    'dist/lib/index.js',
    'dist/lib/index.d.ts',
    'dist/es6/index.js',
    'dist/es6/package.json'
  ]
  const absent = needed.filter((path) => !files.some((file) => file.path === path))
  return stray.length + absent.length === 0
    ? packed
    : { code: 1, output: `stray files: ${stray.join(', ')}\nabsent files: ${absent.join(', ')}\n` }
}

const install = async () => {
  mkdirSync(app)
  writeFileSync(join(app, 'package.json'), JSON.stringify({ name: 'consumer', private: true }))
  // offline: the peers are copied, not downloaded
  const installed = await npmRun(
    ['install', '--offline', '--legacy-peer-deps', '--no-audit', '--no-fund', '--no-package-lock', tarball],
    { cwd: app }
  )
  const modules = join(app, 'node_modules')
  for (const name of ['fp-ts', 'io-ts', '@types/node', 'undici-types'])
    cpSync(join(root, 'node_modules', name), join(modules, name), { recursive: true })
  for (const name of ['cjs.cjs', 'esm.mjs', 'consumer.ts', 'browser.ts']) cpSync(join(consumers, name), join(app, name))
  // the same source twice: as a CommonJS and as an ES module
  writeFileSync(join(app, 'consumer.mts'), readFileSync(join(consumers, 'consumer.ts')))
  return installed
}

const compile = (tsc) => () => {
  const options = {
    module: 'node16',
    moduleResolution: 'node16',
    target: 'es2022',
    lib: ['es2022'],
    types: ['node'],
    strict: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: false,
    esModuleInterop: true,
    outDir: 'out',
    rootDir: '.'
  }
  writeFileSync(
    join(app, 'tsconfig.json'),
    JSON.stringify({ compilerOptions: options, files: ['consumer.ts', 'consumer.mts'] })
  )
  return run(node, [tsc, '--project', app, '--pretty', 'false'], { cwd: app })
}

const says = (args) => async () => {
  const result = await run(node, args, { cwd: app })
  return result.code === 0 && !/^ok /m.test(result.output) ? { ...result, code: 1 } : result
}

const bundle = async () => {
  const { metafile } = await build({
    absWorkingDir: app,
    entryPoints: ['browser.ts'],
    outfile: 'browser.js',
    bundle: true,
    metafile: true,
    platform: 'browser',
    conditions: ['module'],
    format: 'iife',
    logLevel: 'silent',
    tsconfigRaw: {}
  })
  const commonjs = Object.keys(metafile.inputs).filter((path) =>
    /resilience-ts\/dist\/lib|(fp-ts|io-ts)\/lib/.test(path)
  )
  if (commonjs.length > 0) return { code: 1, output: `CommonJS in the bundle: ${commonjs.join(', ')}\n` }
  return says(['browser.js'])()
}

const publint = () => run(node, [join(root, 'node_modules', 'publint', 'src', 'cli.js'), 'run', tarball, '--strict'])
const attw = () =>
  run(node, [
    join(root, 'node_modules', '@arethetypeswrong', 'cli', 'dist', 'index.js'),
    tarball,
    '--profile',
    'node16'
  ])

if ((await step('npm pack', pack)) && (await step('npm install', install))) {
  await Promise.all([
    (async () => {
      await step('CommonJS', says(['cjs.cjs']))
      await step('ES modules', says(['esm.mjs']))
      await step('browser bundle', bundle)
      await step('publint', publint)
      await step('attw', attw)
    })(),
    (async () => {
      await step('TypeScript 7, node16', compile(tsc7))
      if (await step('TypeScript 6, node16', compile(tsc6))) {
        await step('TypeScript output, CommonJS', says(['out/consumer.js']))
        await step('TypeScript output, ES modules', says(['out/consumer.mjs']))
      }
    })()
  ])
}
console.log(failures.length === 0 ? 'smoke: the package works' : `smoke: failed: ${failures.join(', ')}`)
process.exitCode = failures.length === 0 ? 0 : 1
