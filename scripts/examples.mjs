// The examples of the documentation, as modules.
//
// Taken are every `@example` of a doc comment in src/**/*.ts (with or without a fence), every ```ts fence of README.md and
// docs/**/*.md, and every table of theirs with a prelude. See examples/fences.mjs and examples/tables.mjs.
//
// Each becomes build/examples-src/<name>.ts. `node scripts/examples.mjs --check` type-checks them together; test/examples.test.ts
// runs them.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { ofMarkdown, ofSource } from './examples/fences.mjs'
import { moduleOf } from './examples/module.mjs'
import { rowsModuleOf } from './examples/rows.mjs'
import { tablesOf } from './examples/tables.mjs'
import { root, run, shown, tsc7, walk } from './lib.mjs'

const folder = join(root, 'build', 'examples-src')

/** Every file of some, with its path as it is shown and its text. */
const read = (paths) => paths.map((path) => [shown(path), readFileSync(path, 'utf8')])

/** Every example and every table of the repository, and what is wrong with the tables. */
const extract = () => {
  const sources = read(walk(join(root, 'src')).filter((path) => path.endsWith('.ts')))
  const pages = read([join(root, 'README.md'), ...walk(join(root, 'docs')).filter((path) => path.endsWith('.md'))])
  const found = pages.map(([path, text]) => tablesOf(path, text))
  return {
    examples: [
      ...sources.flatMap(([path, text]) => ofSource(path, text)),
      ...pages.flatMap(([path, text]) => ofMarkdown(path, text))
    ],
    tables: found.flatMap(({ tables }) => tables),
    problems: found.flatMap(({ problems }) => problems)
  }
}

/** A module to write, with where each of its lines came from; of a table with the names of its rows. */
const toWrite = ({ path, line, run = true, rows }, module) => {
  const name = `${path}:${line}`
  return {
    name,
    path,
    file: `${name.replace(/[^A-Za-z0-9]+/g, '-')}.ts`,
    run,
    rows: rows?.map((row) => `${path}:${row.line} ${row.name}`),
    text: module.map((at) => at.text).join('\n'),
    map: module.map((at) => [at.line, at.shift])
  }
}

/** Writes the modules and their index, touching only what has changed; gives what it found. */
export const generate = () => {
  const { examples, tables, problems } = extract()
  const index = [
    ...examples.map((example) => toWrite(example, moduleOf(example))),
    ...tables.map((table) => toWrite(table, rowsModuleOf(table)))
  ]
  mkdirSync(folder, { recursive: true })
  const write = (name, text) => {
    const path = join(folder, name)
    if (!existsSync(path) || readFileSync(path, 'utf8') !== text) writeFileSync(path, text)
  }
  for (const { file, text } of index) write(file, text)
  write(
    'index.json',
    JSON.stringify(
      index.map(({ name, file, run, rows }) => ({ name, file, run, rows })),
      null,
      2
    )
  )
  write('tsconfig.json', JSON.stringify(project, null, 2))
  const wanted = new Set(['index.json', 'tsconfig.json', ...index.map(({ file }) => file)])
  for (const path of walk(folder)) if (!wanted.has(path.slice(folder.length + 1))) rmSync(path)
  return { index, examples, tables, problems }
}

const project = {
  extends: '../../tsconfig.json',
  compilerOptions: {
    noUnusedLocals: false,
    noUnusedParameters: false,
    noImplicitReturns: false,
    types: ['node'],
    rootDir: '../..'
  },
  include: ['*.ts']
}

const check = async () => {
  const { index, examples, tables, problems } = generate()
  if (examples.length === 0 || tables.length === 0) {
    console.error('examples: there are none in src, README.md and docs')
    return 1
  }
  const { code, output } = await run(process.execPath, [tsc7, '--project', folder, '--pretty', 'false'])
  const byFile = new Map(index.map((module) => [module.file, module]))
  const mapped = output.replace(/^build[\\/]examples-src[\\/]([^(]+)\((\d+),(\d+)\)/gm, (whole, file, line, column) => {
    const module = byFile.get(file)
    const at = module?.map[Number(line) - 1]
    return at === undefined ? whole : `${module.path}:${at[0]}:${Number(column) + at[1]}`
  })
  process.stdout.write(mapped)
  if (problems.length > 0) console.error(problems.join('\n'))
  if (code !== 0 || problems.length > 0) return 1
  const rows = tables.flatMap((table) => table.rows)
  console.log(
    `examples: ${examples.length} type-checked, ${examples.filter((example) => example.run).length} of them to run; and ` +
      `${rows.flatMap(({ code }) => code).length} constructs in ${rows.length} rows of ${tables.length} tables, all to run`
  )
  return 0
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  if (process.argv.includes('--check')) process.exitCode = await check()
  else console.log(`examples: ${generate().index.length} written to ${shown(folder)}`)
}
