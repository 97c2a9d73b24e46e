// Runs dependency-cruiser over src, and makes sure that it has really seen it: on a compiler that it does not know it reports
// "0 modules, no violations".
import { join } from 'node:path'
import { root, run, shown, walk } from './lib.mjs'

const cli = join(root, 'node_modules', 'dependency-cruiser', 'bin', 'dependency-cruise.mjs')
const { output, stdout } = await run(process.execPath, [
  cli,
  'src',
  '--config',
  '.dependency-cruiser.cjs',
  '--output-type',
  'json'
])

let report
try {
  report = JSON.parse(stdout)
} catch {
  console.error(output)
  process.exit(1)
}

const seen = new Set(report.modules.map((module) => module.source))
const unseen = walk(join(root, 'src'))
  .map(shown)
  .filter((path) => path.endsWith('.ts') && !seen.has(path))
const { violations, totalDependenciesCruised } = report.summary
const ours = [...seen].filter((path) => path.startsWith('src/')).length

for (const { rule, from, to, cycle } of violations) {
  const path = cycle ? [from, ...cycle.map((step) => step.name)].join(' -> ') : `${from} -> ${to}`
  console.error(`${rule.severity} ${rule.name}: ${path}`)
}
if (ours === 0) console.error('layers: no module was seen')
if (unseen.length > 0) console.error(`layers: not seen: ${unseen.join(', ')}`)
if (ours > 1 && totalDependenciesCruised === 0) console.error('layers: no dependency was seen')
const failed = violations.length > 0 || ours === 0 || unseen.length > 0 || (ours > 1 && totalDependenciesCruised === 0)
if (failed) process.exitCode = 1
else console.log(`layers: ${ours} modules, ${totalDependenciesCruised} dependencies, arrows go down only`)
