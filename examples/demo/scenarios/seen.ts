/**
 * What came of a scenario, in the terms of its promise.
 */
import { pipe } from 'fp-ts/function'
import * as O from 'fp-ts/Option'
import * as t from 'io-ts'
import type { Event, Report } from 'resilience-ts'
import type { Traffic } from '../client/traffic'
import type { State } from './state'

/** What can be seen when all is over. */
export interface Seen<F, B> extends Traffic, State {
  /** The report of the one call, or of the first of many. */
  readonly report: Report.Report<F, B>
  readonly reports: ReadonlyArray<Report.Report<F, B>>
  /** What became of attempts that had been ended before. */
  readonly late: ReadonlyArray<Event.LateResult>
  /** What the circuit breaker went through. */
  readonly changes: ReadonlyArray<Event.CircuitChanged>
}

const tagOf = (u: unknown): string => (t.type({ _tag: t.string }).is(u) ? u._tag : String(u))

/** The `_tag` of a report's result: `Right`, or that of the error. */
export const answer = <F, B>({ result }: Report.Report<F, B>): string =>
  result._tag === 'Right' ? 'Right' : tagOf(result.left)

/** The error of this tag, if that is the answer. */
export const failure =
  <K extends string>(tag: K) =>
  <F extends { readonly _tag: string }, B>({
    result
  }: Report.Report<F, B>): O.Option<Extract<F, { readonly _tag: K }>> =>
    pipe(
      O.getLeft(result),
      O.filter((error): error is Extract<F, { readonly _tag: K }> => error._tag === tag)
    )

/** Which answers there are, and of many reports how many have which, e.g. `14 x Right, 6 x BulkheadFull`. */
export const answers = <F, B>(reports: ReadonlyArray<Report.Report<F, B>>): string => {
  const counts = new Map<string, number>()
  for (const report of reports) counts.set(answer(report), (counts.get(answer(report)) ?? 0) + 1)
  return [...counts].map(([tag, n]) => (reports.length > 1 ? `${n} x ${tag}` : tag)).join(', ')
}

const decision = (made: Report.Decision): string =>
  made._tag === 'RetryStopped' || made._tag === 'PollStopped' ? `${made._tag}(${made.reason._tag})` : made._tag

/** What happened, in order, as tags: what was decided before, how each attempt ended, and what was decided after it. */
export const story = <F, B>({ attempts, decisions }: Report.Report<F, B>): string => {
  const after = (n: number): ReadonlyArray<string> => decisions.filter(({ attempt }) => attempt === n).map(decision)
  return [
    ...after(0),
    ...attempts.flatMap(({ attempt, outcome }) => [
      outcome._tag === 'Left' ? tagOf(outcome.left) : outcome._tag,
      ...after(attempt)
    ])
  ].join(' ')
}

/** Whether the delays were really slept; the platform's timers are a millisecond early at times. */
export const slept = <F, B>({ decisions, totals: { waited, retries } }: Report.Report<F, B>): boolean =>
  waited >=
  decisions.reduce(
    (sum, made) => sum + (made._tag === 'RetryScheduled' || made._tag === 'PollScheduled' ? made.delay : 0),
    0
  ) -
    retries
