// The tables of a page that say which construct of ours does what another does, each with the comment before it:
//
//   <!-- rows                      what its code is compiled and run with
//   const rows = …
//   -->
//
//   <!-- no rows: why -->          it holds no code of ours, except for names that are links
//
// On a page that is read by whoever comes from elsewhere, every table has one of the two.
import { anchorsOf, cellsOf, spansOf } from './cells.mjs'
import { linesOf, ofMarkdown } from './fences.mjs'
import { sectionsOf, unfenced } from './headings.mjs'

const isAsked = (path) => /(^|\/)coming-from-[^/]*\.md$/.test(path)

const isRow = ({ text }) => /^\s*\|/.test(text)

/** The tables, as their lines, each with the comment that stands right before it. */
const blocksOf = (lines) => {
  const blocks = []
  let comment
  for (let i = 0; i < lines.length; i++) {
    const opening = /^<!-- (rows$|no rows\b)/.exec(lines[i].text)
    if (opening) {
      const from = i
      while (i < lines.length - 1 && !lines[i].text.includes('-->')) i++
      comment = { line: lines[from].line, text: lines[from].text, lines: lines.slice(from + 1, i) }
      blocks.push({ line: comment.line, comment, lines: [] })
    } else if (isRow(lines[i])) {
      const from = i
      while (i + 1 < lines.length && isRow(lines[i + 1])) i++
      if (comment !== undefined) blocks.pop()
      blocks.push({ line: lines[from].line, comment, lines: lines.slice(from, i + 1) })
      comment = undefined
    } else if (lines[i].text.trim() !== '') comment = undefined
  }
  return blocks
}

const wrong = (line, column, message) => ({ line, column, message })

/** A row with the code of some of its columns. A cell that says so speaks of settings that cannot be. */
const rowOf = (line, ours) => {
  const cells = cellsOf(line)
  const spans = cells
    .filter((_, i) => ours.includes(i))
    .flatMap((cell) => spansOf(cell).map((span) => ({ ...span, impossible: /\bimpossible\b/.test(cell.text) })))
  return {
    line: line.line,
    name: (cells[0]?.text ?? '').trim(),
    code: spans.filter(({ name }) => !name),
    anchors: cells.flatMap(anchorsOf),
    problems: spans.flatMap(({ text, column, name }) => [
      ...(text.includes('…') ? [wrong(line.line, column, 'code is given whole: there is an … in it')] : []),
      ...(name && !/^[\w./-]+$/.test(text)
        ? [wrong(line.line, column, 'code in a link is a name: code to run stands beside it')]
        : [])
    ])
  }
}

/** What is wrong with a table that is not run: all but what they have `there` is ours. */
const problemsWithout = ({ line, comment, heads, rows }, sections) => [
  ...(/^<!-- no rows: \S.* -->$/.test(comment.text) ? [] : [wrong(comment.line, 1, 'no rows: why?')]),
  ...(sections.some(({ from, to }) => from < line && line < to)
    ? []
    : [wrong(line, 1, 'no example here shows what this table says')]),
  ...rows
    .map((row) =>
      rowOf(
        row,
        heads.flatMap((head, i) => (head === 'there' ? [] : [i]))
      )
    )
    .flatMap(({ line, code, problems }) => [
      ...problems,
      ...code.map(({ column }) =>
        wrong(line, column, 'this table is not run: what it names is a link, and code stands elsewhere')
      )
    ])
]

/** What is wrong with the rows of a table that is run. */
const problemsOf = (rows, sections) =>
  rows.flatMap(({ line, code, anchors, problems }) =>
    code.length > 0 || sections.some(({ anchor }) => anchors.includes(anchor))
      ? problems
      : [...problems, wrong(line, 1, 'this row has no code of ours, and no link to an example here of what it says')]
  )

/** A page's tables with a prelude, and what is wrong with any of its tables. */
export const tablesOf = (path, text) => {
  const lines = unfenced(linesOf(text))
  const examples = ofMarkdown(path, text).filter(({ run }) => run)
  const sections = sectionsOf(lines).filter(({ from, to }) => examples.some(({ line }) => from < line && line < to))
  const found = blocksOf(lines).map(({ line, comment, lines: [head, , ...rows] }) => {
    if (head === undefined) return { problems: [wrong(line, 1, 'there is no table after this')] }
    if (comment === undefined)
      return {
        problems: isAsked(path) ? [wrong(line, 1, 'how is this table run? <!-- rows, or <!-- no rows: why -->')] : []
      }
    const heads = cellsOf(head).map(({ text }) => text.trim())
    if (comment.text !== '<!-- rows') return { problems: problemsWithout({ line, comment, heads, rows }, sections) }
    const here = heads.indexOf('here')
    if (here === -1) return { problems: [wrong(line, 1, 'this table has no column `here`')] }
    const read = rows.map((row) => rowOf(row, [here]))
    const table = { path, line, prelude: comment.lines, rows: read.filter(({ code }) => code.length > 0) }
    return { table, problems: problemsOf(read, sections) }
  })
  return {
    tables: found.flatMap(({ table }) => table ?? []),
    problems: found.flatMap(({ problems }) =>
      problems.map(({ line, column, message }) => `${path}:${line}:${column} - ${message}`)
    )
  }
}
