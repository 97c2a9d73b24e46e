// `npm run bench`: measures the library against its peers; see bench/README.md.
//
//   npm run bench                 every scenario
//   npm run bench -- retry        those whose name contains one of the words
//   npm run bench -- --quick      fewer rounds, smaller ones
//   npm run bench -- --rounds=9   more rounds
//   npm run bench -- --no-build   dist as it is
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { build } from 'esbuild'
import { root, run } from './lib.mjs'

const flags = process.argv.slice(2).filter((arg) => arg.startsWith('--'))
const words = process.argv.slice(2).filter((arg) => !arg.startsWith('--'))
const unknown = flags.filter((flag) => !/^--(quick|no-build|rounds=[1-9]\d*)$/.test(flag))
if (unknown.length > 0) {
  console.error(`bench: unknown ${unknown.join(' ')}`)
  process.exit(1)
}
const quick = flags.includes('--quick')
const rounds = Number(flags.find((flag) => flag.startsWith('--rounds='))?.slice('--rounds='.length) ?? (quick ? 2 : 5))

if (!flags.includes('--no-build')) {
  const { code, output } = await run(process.execPath, [join(root, 'scripts', 'build.mjs')])
  if (code !== 0) {
    process.stderr.write(output)
    process.exit(1)
  }
}

const bundle = join(root, 'build', 'bench', 'main.js')
await build({
  absWorkingDir: root,
  entryPoints: ['bench/main.ts'],
  outfile: bundle,
  bundle: true,
  packages: 'external',
  platform: 'node',
  format: 'cjs',
  target: 'node20',
  // an `import()` becomes a `require`, as the packages are CommonJS
  supported: { 'dynamic-import': false },
  // without the paths of tsconfig.json: the package's own exports decide, so it is dist that is measured
  tsconfigRaw: {}
})

/** One process; what it prints is JSON. */
const measured = (nodeFlags, args) =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...nodeFlags, bundle, ...args], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe']
    })
    let out = ''
    let err = ''
    child.stdout.on('data', (chunk) => (out += chunk))
    child.stderr.on('data', (chunk) => (err += chunk))
    child.on('error', reject)
    child.on('close', (code, signal) => {
      if (code === 0) resolve(JSON.parse(out))
      else reject(new Error(err.trim() || `ended with ${signal ?? code}`))
    })
  })

const all = await measured([], [])
const chosen = all.filter(({ name }) => words.length === 0 || words.some((word) => name.includes(word)))
if (chosen.length === 0) {
  console.error(`bench: none of ${all.map(({ name }) => name).join(', ')} is meant by ${words.join(' ')}`)
  process.exit(1)
}

const jobs = chosen.flatMap((scenario) =>
  scenario.measures.flatMap((measure) =>
    scenario.contenders.map((contender) => ({ scenario, measure, contender, samples: [], error: undefined }))
  )
)

const shuffled = (values) => {
  const left = [...values]
  return values.map(() => left.splice(Math.floor(Math.random() * left.length), 1)[0])
}

const progress = (text) => {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[2K${text}`)
}

for (let round = 1; round <= rounds; round++) {
  if (!process.stderr.isTTY) console.error(`round ${round} of ${rounds}`)
  for (const [i, job] of shuffled(jobs).entries()) {
    const { scenario, measure, contender } = job
    progress(`round ${round} of ${rounds}, ${i + 1} of ${jobs.length}: ${scenario.name} ${measure.name} ${contender}`)
    if (job.error !== undefined) continue
    try {
      const args = [scenario.name, measure.name, contender, ...(quick ? ['--quick'] : [])]
      job.samples.push(await measured(measure.flags, args))
    } catch (error) {
      job.error = error
    }
  }
}
progress('')

const median = (values) => {
  const sorted = [...values].sort((a, b) => a - b)
  return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2
}

const rows = []
const raws = []
for (const { scenario, measure, contender, samples, error } of jobs) {
  if (error !== undefined) {
    console.error(`FAILED ${scenario.name} ${measure.name} ${contender}: ${error.message}`)
    process.exitCode = 1
    continue
  }
  for (const { raw } of samples) if (measure.raw === 'ns') raws.push(raw)
  const bytes = measure.raw === 'B' ? ` (raw: ${Math.round(median(samples.map(({ raw }) => raw)))})` : ''
  measure.metrics.forEach(({ title, unit, reach, digits }, i) => {
    const values = samples.map((sample) => sample.values[i])
    // no minus before a zero
    const shown = (value) => value.toFixed(digits).replace(/^-(0(\.0*)?)$/, '$1')
    const ours = contender === scenario.contenders[0]
    const wanted = reach === undefined ? '' : `≤ ${reach}`
    const reached = reach === undefined || !ours ? '' : median(values) <= reach ? 'yes' : 'NO'
    rows.push({
      order: [scenario, measure, i],
      cells: [
        scenario.title,
        unit === '' ? title : `${title}, ${unit}`,
        contender,
        `${shown(median(values))} (${shown(Math.min(...values))}–${shown(Math.max(...values))})${bytes}`,
        wanted,
        reached
      ]
    })
  })
}
// all contenders of one metric together
rows.sort((a, b) => {
  const [scenarioA, measureA, metricA] = a.order
  const [scenarioB, measureB, metricB] = b.order
  return (
    chosen.indexOf(scenarioA) - chosen.indexOf(scenarioB) ||
    scenarioA.measures.indexOf(measureA) - scenarioB.measures.indexOf(measureB) ||
    metricA - metricB
  )
})
const table = rows.map(({ cells }, i) => {
  const before = rows[i - 1]?.cells
  const same = before !== undefined && before[0] === cells[0]
  const sameMetric = same && before[1] === cells[1]
  return [same ? '' : cells[0], sameMetric ? '' : cells[1], ...cells.slice(2, 4), sameMetric ? '' : cells[4], cells[5]]
})
const head = ['scenario', 'measured', 'contender', 'median (min–max)', 'reach', 'reached']
const widths = head.map((title, i) => Math.max(title.length, ...table.map((cells) => cells[i].length)))
const line = (cells) => `| ${cells.map((cell, i) => cell.padEnd(widths[i])).join(' | ')} |`
console.log(line(head))
console.log(`| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`)
for (const cells of table) console.log(line(cells))
console.log(`\nNode ${process.versions.node}, ${rounds} rounds${quick ? ', quick: not to be quoted' : ''}.`)
if (raws.length > 0) {
  const shown = [median(raws), Math.min(...raws), Math.max(...raws)].map((value) => Math.round(value))
  console.log(`raw: ${shown[0]} ns (${shown[1]}–${shown[2]}) of CPU time a call.`)
}
