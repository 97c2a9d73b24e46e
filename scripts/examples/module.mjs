// An example as a module: its imports and declarations at the top, the rest inside of an async function.
import ts from 'typescript'

/** Stands these at the top of the module: what may not stand in a function. */
const isHoisted = (statement) =>
  ts.isImportDeclaration(statement) ||
  ts.isImportEqualsDeclaration(statement) ||
  ts.isModuleDeclaration(statement) ||
  (ts.canHaveModifiers(statement) &&
    (ts.getModifiers(statement) ?? []).some((modifier) => modifier.kind === ts.SyntaxKind.DeclareKeyword))

/**
 * Some source lines, apart: what stands at the top of a module, and what stands in its function. Each line knows the line of the
 * source and the column shift that it came from.
 */
export const partsOf = (example) => {
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
  return { top, body }
}

/** A line of the module that the source does not have, such as the head of its function. */
export const lineOf = (source) => (text) => ({ text, line: source.line, shift: 0 })

/** The lines of an example's module. */
export const moduleOf = (example) => {
  const { top, body } = partsOf(example)
  const own = lineOf(example)
  return [
    own(`// ${example.path}:${example.line}`),
    ...top,
    own('export default async function () {'),
    ...body,
    own('}'),
    own('')
  ]
}
