// A table as a module: its prelude, and then the code of each row, in a scope of its own. The prelude runs anew for each row.
//
// It declares `rows` (see test/rows.ts), which runs what it is given; what kind of code it is, is seen by how it begins:
//
//   Schedule.take(4), pipe(Schedule.…)    rows.schedule: a schedule, or what makes another of one
//   Policy.retry(schedule)                rows.policy: a policy, or what makes another of one
//   TE.left(error)                        rows.operation
//   while: (e) => …                       rows.settings, as an object
//   for await (…) …                       rows.block, as a statement
//   anything else                         rows.value, as an expression that is evaluated there
//
// Where a cell says that what it names is impossible, these are `rows.impossible.schedule` and so on.
import { lineOf, partsOf } from './module.mjs'

const kinds = [
  [/^(pipe\()?Schedule\./, 'schedule(', ')'],
  [/^(pipe\()?Policy\./, 'policy(', ')'],
  [/^TE\./, 'operation(', ')'],
  [/^\w+: /, 'settings({', '})'],
  [/^for await\b/, 'block(async () => {', '})'],
  [/^/, 'value(() => (', '))']
]

const callOf = (row, { text, column, impossible }) => {
  const own = lineOf(row)
  const [, open, close] = kinds.find(([begins]) => begins.test(text))
  const isOfSettings = /^(schedule|policy|settings)/.test(open)
  return [
    own(`await rows.${impossible && isOfSettings ? 'impossible.' : ''}${open}`),
    { text, line: row.line, shift: column - 1 },
    own(close)
  ]
}

/** What a prelude need not import: it says only what is particular to its table. */
const imports = [
  "import { Cause, Duration, Flag, Log, Policy, Rejection, Report, Runner, Runtime, Schedule, Trip } from 'resilience-ts'",
  "import { fails, script, succeeds, virtual } from 'resilience-ts/testing'",
  "import { pipe } from 'fp-ts/function'",
  "import * as E from 'fp-ts/Either'",
  "import * as O from 'fp-ts/Option'",
  "import * as T from 'fp-ts/Task'",
  "import * as TE from 'fp-ts/TaskEither'",
  "import { rowsOf } from '../../test/rows'"
]

/** The lines of a table's module. Its default export runs the row of a number. */
export const rowsModuleOf = (table) => {
  const { top, body } = partsOf({ ...table, lines: table.prelude })
  const own = lineOf(table)
  return [
    own(`// ${table.path}:${table.line}`),
    ...imports.map(own),
    ...top,
    own('export default async function (row: number) {'),
    ...body,
    own('switch (row) {'),
    ...table.rows.flatMap((row, i) => [
      lineOf(row)(`case ${i}: {`),
      ...row.code.flatMap((span) => callOf(row, span)),
      lineOf(row)('break }')
    ]),
    own('} }'),
    own('')
  ]
}
