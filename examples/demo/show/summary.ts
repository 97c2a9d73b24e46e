/**
 * What became of everything, as a table.
 */
import type { Report } from 'resilience-ts'
import { ms } from './words'

export interface Row {
  readonly name: string
  readonly result: string
  readonly reports: ReadonlyArray<Report.Report<unknown, unknown>>
  readonly kept: boolean
}

const header = ['scenario', 'result', 'attempts', 'again', 'waited', 'elapsed', 'promise kept']

/** Of many calls: the attempts and repetitions of all, the times of the one that took longest. */
const row = ({ name, result, reports, kept }: Row): ReadonlyArray<string> => {
  const sum = (f: (totals: Report.Totals) => number): number => reports.reduce((n, { totals }) => n + f(totals), 0)
  const most = (f: (totals: Report.Totals) => number): number =>
    reports.reduce((n, { totals }) => Math.max(n, f(totals)), 0)
  return [
    name,
    result,
    String(sum(({ attempts }) => attempts)),
    String(sum(({ retries }) => retries)),
    ms(most(({ waited }) => waited)),
    ms(most(({ elapsed }) => elapsed)),
    kept ? 'yes' : 'NO'
  ]
}

export const table = (rows: ReadonlyArray<Row>): string => {
  const lines = [header, ...rows.map(row)]
  const width = (column: number): number => Math.max(...lines.map((line) => line[column]?.length ?? 0))
  return lines
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(width(column) + 2))
        .join('')
        .trimEnd()
    )
    .join('\n')
}
