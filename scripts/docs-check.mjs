// Fails on a public export without its doc comment, on a page that names one which there is not, and on a link that leads nowhere. Functions and constants need @category, @since and @example; interfaces
// and types need a sentence, @category and @since. Public is what the entry points of package.json reach.
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import ts from 'typescript'
import { anchorsOf } from './examples/headings.mjs'
import { root, shown, walk } from './lib.mjs'

const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const entries = Object.values(exports)
  .filter((entry) => typeof entry === 'object')
  .map((entry) => join(root, entry.types.replace('./dist/lib/', 'src/').replace(/\.d\.ts$/, '.ts')))

for (const entry of entries)
  if (!existsSync(entry)) {
    console.error(`docs-check: there is no ${shown(entry)}`)
    process.exit(1)
  }

const config = ts.getParsedCommandLineOfConfigFile(join(root, 'tsconfig.json'), {}, ts.sys)
const program = ts.createProgram(entries, { ...config.options, noEmit: true })
const checker = program.getTypeChecker()

const isOurs = (declaration) =>
  declaration.getSourceFile().fileName.startsWith(join(root, 'src').replaceAll('\\', '/') + '/')

const isType = (declaration) => ts.isInterfaceDeclaration(declaration) || ts.isTypeAliasDeclaration(declaration)

/** What a declaration's doc comment has: the names of its tags, and `sentence` if it begins with text. */
const docOf = (declaration) => {
  const found = new Set()
  for (const part of ts.getJSDocCommentsAndTags(declaration)) {
    const docs = ts.isJSDoc(part) ? [part] : []
    for (const doc of docs) {
      if ((ts.getTextOfJSDocComment(doc.comment) ?? '').trim() !== '') found.add('sentence')
      for (const tag of doc.tags ?? []) found.add(`@${tag.tagName.text}`)
    }
  }
  return found
}

const problems = []
const seen = new Set()
let checked = 0

const check = (name, wanted, declarations, specifiers) => {
  checked++
  // of overloads one is enough, and a renaming export may carry the doc itself
  const missing = [...declarations, ...specifiers]
    .map((declaration) => {
      const found = docOf(declaration)
      return wanted.filter((tag) => !found.has(tag))
    })
    .sort((a, b) => a.length - b.length)[0]
  if (missing.length > 0) {
    const [first] = declarations
    const file = first.getSourceFile()
    const { line } = file.getLineAndCharacterOfPosition(first.getStart(file))
    problems.push(`${shown(file.fileName)}:${line + 1} ${name} lacks ${missing.join(', ')}`)
  }
}

const visit = (moduleSymbol, prefix) => {
  for (const exported of checker.getExportsOfModule(moduleSymbol)) {
    const symbol = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported
    const declarations = (symbol.declarations ?? []).filter(isOurs)
    if (declarations.length === 0 || seen.has(symbol)) continue
    seen.add(symbol)
    const name = `${prefix}${exported.name}`
    if (declarations.some((declaration) => ts.isSourceFile(declaration))) {
      visit(symbol, `${name}.`)
      continue
    }
    const specifiers = (exported.declarations ?? []).filter((it) => ts.isExportSpecifier(it))
    const types = declarations.filter(isType)
    const values = declarations.filter((declaration) => !isType(declaration))
    if (types.length > 0) check(name, ['sentence', '@category', '@since'], types, specifiers)
    if (values.length > 0) check(name, ['@category', '@since', '@example'], values, specifiers)
  }
}

for (const entry of entries) visit(checker.getSymbolAtLocation(program.getSourceFile(entry)), '')

// what a page names in passing, such as `Schedule.take`: its examples are compiled, its prose and tables are looked through here
const nouns = new Map(
  checker
    .getExportsOfModule(checker.getSymbolAtLocation(program.getSourceFile(join(root, 'src', 'index.ts'))))
    .map((noun) => [
      noun.name,
      new Set(checker.getExportsOfModule(checker.getAliasedSymbol(noun)).map(({ name }) => name))
    ])
)
let named = 0
for (const page of [join(root, 'README.md'), ...walk(join(root, 'docs'))]) {
  const prose = readFileSync(page, 'utf8').replace(/```[^]*?```/g, '')
  for (const [, code] of prose.matchAll(/`([^`]+)`/g))
    for (const [text, noun, name] of code.matchAll(/\b([A-Z]\w+)\.(\w+)/g)) {
      const known = nouns.get(noun)
      // `src/Policy.ts` is a file
      if (known === undefined || name === 'ts') continue
      named++
      if (!known.has(name)) problems.push(`${shown(page)} names ${text}, which there is not`)
    }
}

// where a page leads to, and what it calls that: [`Policy.override`](using.md#one-setting-anew)
const pages = new Map(
  [join(root, 'README.md'), ...walk(join(root, 'docs'))].map((page) => [page, readFileSync(page, 'utf8')])
)
const names = new Set(
  [...nouns].flatMap(([noun, members]) => [noun, ...members, ...[...members].map((it) => `${noun}.${it}`)])
)
let linked = 0
for (const [page, text] of pages)
  for (const [whole, words, to, anchor] of text
    .replace(/```[^]*?```/g, '')
    .matchAll(/\[([^\]]*)\]\((?!https?:)([^)#\s]*)(?:#([^)\s]*))?\)/g)) {
    linked++
    const target = to === '' ? page : join(dirname(page), to)
    if (!existsSync(target)) problems.push(`${shown(page)} leads nowhere by ${whole}`)
    else if (anchor !== undefined && !anchorsOf(pages.get(target) ?? '').includes(anchor))
      problems.push(`${shown(page)} leads to no heading by ${whole}`)
    // beside code that is run, a link is what a page names without running it
    const name = shown(page).startsWith('docs/coming-from-') && /^`([A-Za-z]\w*(?:\.\w+)?)`$/.exec(words)?.[1]
    if (name && !names.has(name)) problems.push(`${shown(page)} calls ${to} ${name}, which there is not`)
  }

if (checked === 0 || named === 0 || linked === 0) {
  console.error('docs-check: no public export found, or none named')
  process.exitCode = 1
} else if (problems.length > 0) {
  console.error([...problems.sort(), `docs-check: ${problems.length} problems`].join('\n'))
  process.exitCode = 1
} else {
  console.log(`docs-check: ${checked} public exports documented, ${named} times named, ${linked} links`)
}
