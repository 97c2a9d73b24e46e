// The examples of the documentation, as modules.
//
// Taken are every `@example` of a doc comment in src/**/*.ts (with or without a fence) and every ```ts fence of README.md and
// docs/**/*.md. A fence opened with ```ts no-run is type-checked only; one opened with ```ts ignore is left out.
//
// Each becomes build/examples-src/<name>.ts: its imports and declarations at the top, the rest inside of an async function.
// `node scripts/examples.mjs --check` type-checks them together; test/examples.test.ts runs them.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import ts from 'typescript'
import { root, run, shown, tsc7, walk } from './lib.mjs'

const folder = join(root, 'build', 'examples-src')

// -------------------------------------------------------------------------------------
// extraction
// -------------------------------------------------------------------------------------

/** The fences among some lines; a line is `{ text, line, column }`, both counted from 1. */
const fences = (lines) => {
  const found = []
  let open
  for (const at of lines) {
    if (open === undefined) {
      const match = /^(\s*)(`{3,}|~{3,})\s*([^`]*)$/.exec(at.text)
      if (match) open = { indent: match[1].length, mark: match[2], info: match[3].trim(), line: at.line, lines: [] }
    } else if (at.text.trim().startsWith(open.mark) && at.text.trim().replaceAll(open.mark[0], '') === '') {
      found.push(open)
      open = undefined
    } else {
      const cut = Math.min(open.indent, at.text.length - at.text.trimStart().length)
      open.lines.push({ text: at.text.slice(cut), line: at.line, column: at.column + cut })
    }
  }
  if (open !== undefined) found.push(open)
  return found
}

/** An example, if the fence holds TypeScript that is not to be ignored. */
const ofFence = (path, fence) => {
  const [language, ...words] = fence.info.split(/[\s,]+/)
  return (language === 'ts' || language === 'typescript') && !words.includes('ignore')
    ? [{ path, line: fence.line, run: !words.includes('no-run'), lines: fence.lines }]
    : []
}

const ofMarkdown = (path, text) =>
  fences(text.split(/\r?\n/).map((text, i) => ({ text, line: i + 1, column: 1 }))).flatMap((fence) =>
    ofFence(path, fence)
  )

const ofSource = (path, text) => {
  const examples = []
  for (const match of text.matchAll(/^[ \t]*\/\*\*[\s\S]*?\*\//gm)) {
    const first = text.slice(0, match.index).split('\n').length
    const lines = match[0].split(/\r?\n/).map((raw, i) => {
      const body = raw.replace(/\s*\*\/$/, '')
      const prefix = /^\s*(?:\/\*\*|\*)? ?/.exec(body)?.[0] ?? ''
      return { text: body.slice(prefix.length), line: first + i, column: prefix.length + 1 }
    })
    let block
    let fenced = false
    const close = () => {
      if (block !== undefined) examples.push(...ofBlock(path, block))
      block = undefined
    }
    for (const at of lines) {
      const tag = fenced ? null : /^@(\w+)/.exec(at.text)
      if (tag) {
        close()
        if (tag[1] === 'example') {
          const rest = at.text.slice('@example'.length)
          block = { line: at.line, title: { ...at, text: rest, column: at.column + '@example'.length }, lines: [] }
        }
      } else {
        if (/^\s*(`{3,}|~{3,})/.test(at.text)) fenced = !fenced
        block?.lines.push(at)
      }
    }
    close()
  }
  return examples
}

/** The text after one `@example`: its fences if it has any, else all of it (what stands beside the tag is a title). */
const ofBlock = (path, block) => {
  const inFences = fences(block.lines)
  if (inFences.length > 0) return inFences.flatMap((fence) => ofFence(path, fence))
  const empty = block.lines.every((at) => at.text.trim() === '')
  return [{ path, line: block.line, run: true, lines: empty ? [block.title] : block.lines }]
}

/** Every example of the repository. */
export const extract = () => [
  ...walk(join(root, 'src'))
    .filter((path) => path.endsWith('.ts'))
    .flatMap((path) => ofSource(shown(path), readFileSync(path, 'utf8'))),
  ...[join(root, 'README.md'), ...walk(join(root, 'docs'))]
    .filter((path) => path.endsWith('.md') && existsSync(path))
    .flatMap((path) => ofMarkdown(shown(path), readFileSync(path, 'utf8')))
]

// -------------------------------------------------------------------------------------
// modules
// -------------------------------------------------------------------------------------

/** Stands these at the top of the module: what may not stand in a function. */
const isHoisted = (statement) =>
  ts.isImportDeclaration(statement) ||
  ts.isImportEqualsDeclaration(statement) ||
  ts.isModuleDeclaration(statement) ||
  (ts.canHaveModifiers(statement) &&
    (ts.getModifiers(statement) ?? []).some((modifier) => modifier.kind === ts.SyntaxKind.DeclareKeyword))

/** The module's lines, each with the source line and the column shift that it came from. */
const toModule = (example) => {
  const text = example.lines.map((at) => at.text).join('\n')
  const file = ts.createSourceFile('example.ts', text, ts.ScriptTarget.Latest, true)
  const starts = file.getLineStarts()
  const kept = text.split('')
  const top = []
  const blank = (from, to) => {
    for (let i = from; i < to; i++) if (kept[i] !== '\n') kept[i] = ' '
  }
  for (const statement of file.statements) {
    if (isHoisted(statement)) {
      const from = statement.getStart(file)
      const { line, character } = file.getLineAndCharacterOfPosition(from)
      statement
        .getText(file)
        .split('\n')
        .forEach((text, i) => {
          const at = example.lines[line + i]
          top.push({ text, line: at.line, shift: at.column - 1 + (i === 0 ? character : 0) })
        })
      blank(from, statement.getEnd())
    } else if (ts.canHaveModifiers(statement)) {
      for (const modifier of ts.getModifiers(statement) ?? [])
        if (modifier.kind === ts.SyntaxKind.ExportKeyword || modifier.kind === ts.SyntaxKind.DefaultKeyword)
          blank(modifier.getStart(file), modifier.getEnd())
    } else if (ts.isExportDeclaration(statement)) {
      blank(statement.getStart(file), statement.getEnd())
    }
  }
  const blanked = kept.join('')
  const body = example.lines.map((at, i) => ({
    text: blanked.slice(starts[i], starts[i + 1] ?? blanked.length).trimEnd(),
    line: at.line,
    shift: at.column - 1
  }))
  const own = (text) => ({ text, line: example.line, shift: 0 })
  return [
    own(`// ${example.path}:${example.line}`),
    ...top,
    own('export default async function () {'),
    ...body,
    own('}'),
    own('')
  ]
}

/** Writes the modules and their index, touching only what has changed; returns the index. */
export const generate = () => {
  mkdirSync(folder, { recursive: true })
  const index = extract().map((example) => {
    const name = `${example.path}:${example.line}`
    const module = toModule(example)
    return {
      name,
      path: example.path,
      file: `${name.replace(/[^A-Za-z0-9]+/g, '-')}.ts`,
      run: example.run,
      text: module.map((at) => at.text).join('\n'),
      map: module.map((at) => [at.line, at.shift])
    }
  })
  const write = (name, text) => {
    const path = join(folder, name)
    if (!existsSync(path) || readFileSync(path, 'utf8') !== text) writeFileSync(path, text)
  }
  for (const { file, text } of index) write(file, text)
  write(
    'index.json',
    JSON.stringify(
      index.map(({ name, file, run }) => ({ name, file, run })),
      null,
      2
    )
  )
  write('tsconfig.json', JSON.stringify(project, null, 2))
  const wanted = new Set(['index.json', 'tsconfig.json', ...index.map(({ file }) => file)])
  for (const path of walk(folder)) if (!wanted.has(path.slice(folder.length + 1))) rmSync(path)
  return index
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

// -------------------------------------------------------------------------------------
// type-check
// -------------------------------------------------------------------------------------

const check = async () => {
  const index = generate()
  if (index.length === 0) {
    console.error('examples: there are none in src, README.md and docs')
    return 1
  }
  const { code, output } = await run(process.execPath, [tsc7, '--project', folder, '--pretty', 'false'])
  const byFile = new Map(index.map((example) => [example.file, example]))
  const mapped = output.replace(/^build[\\/]examples-src[\\/]([^(]+)\((\d+),(\d+)\)/gm, (whole, file, line, column) => {
    const example = byFile.get(file)
    const at = example?.map[Number(line) - 1]
    return at === undefined ? whole : `${example.path}:${at[0]}:${Number(column) + at[1]}`
  })
  process.stdout.write(mapped)
  if (code === 0)
    console.log(
      `examples: ${index.length} type-checked, ${index.filter((example) => example.run).length} of them to run`
    )
  return code
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  if (process.argv.includes('--check')) process.exitCode = await check()
  else console.log(`examples: ${generate().length} written to ${shown(folder)}`)
}
