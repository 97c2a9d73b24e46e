/**
 * The demo: a service that misbehaves, a client that copes, and a timeline of every decision. Ends with 0 only if every
 * scenario keeps its promise.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { pipe } from 'fp-ts/function'
import * as T from 'fp-ts/Task'
import * as TE from 'fp-ts/TaskEither'
import * as t from 'io-ts'
import { Policy, type Report, Runner, Runtime, type Strategy } from 'resilience-ts'
import { callsSeen } from './client'
import { answer, type Outcome, type Scenario, type World } from './scenario'
import { scenarios } from './scenarios'
import { coloured, ms, plain, showError, showExit, timeline } from './timeline'

const print = (line: string): void => console.log(line)
const paint = process.stdout.isTTY && process.env['NO_COLOR'] === undefined ? coloured : plain

// -------------------------------------------------------------------------------------
// the service, in a process of its own
// -------------------------------------------------------------------------------------

interface NoService {
  readonly _tag: 'NoService'
  readonly cause: string
}

interface Interrupted {
  readonly _tag: 'Interrupted'
}

type DemoError = NoService | Interrupted

const Hello = t.type({ port: t.number })

const begin: TE.TaskEither<DemoError, ChildProcess> = TE.fromIO(() => fork(join(__dirname, 'service.js')))

const end = (child: ChildProcess): TE.TaskEither<DemoError, void> =>
  TE.fromIO(() => {
    child.kill()
  })

const address = (child: ChildProcess, signal: AbortSignal): TE.TaskEither<DemoError, string> =>
  pipe(
    TE.tryCatch(() => once(child, 'message', { signal }), String),
    TE.map(([hello]: ReadonlyArray<unknown>) => hello),
    TE.filterOrElse(Hello.is, () => 'it does not say where it listens'),
    TE.bimap(
      (cause): DemoError => ({ _tag: 'NoService', cause }),
      ({ port }) => `http://127.0.0.1:${port}`
    ),
    // the first request of a process loads the HTTP client, which is no part of any scenario
    TE.chainFirstTaskK((service) => callsSeen(service, '/'))
  )

// -------------------------------------------------------------------------------------
// the scenarios, one after the other
// -------------------------------------------------------------------------------------

const verdict = ({ reports, kept, broken }: Outcome): string => {
  const [first] = reports
  const text = first === undefined ? 'none' : showExit(first.result)
  return [
    `   answer  ${text.replaceAll('\n', '\n           ')}`,
    ...(kept.length === 0 ? [] : [paint.good(`   kept    ${kept.join(', ')}`)]),
    ...(broken.length === 0 ? [] : [paint.bad(`   BROKEN  ${broken.join(', ')}`)])
  ].join('\n')
}

const tell =
  (world: World) =>
  ({ name, promise, policy, play }: Scenario, i: number): T.Task<Outcome> => {
    print(`\n${i + 1}. ${name}: ${promise}\n\n${policy.replace(/^/gm, '    ')}\n`)
    return pipe(
      play(world),
      T.tapIO((outcome) => () => {
        print(verdict(outcome))
      })
    )
  }

const demo = ({ signal }: Strategy.Attempt): TE.TaskEither<DemoError, ReadonlyArray<Outcome>> =>
  TE.bracket(
    begin,
    (child) =>
      pipe(
        address(child, signal),
        TE.map((service) => tell({ service, signal, observer: () => timeline(print, paint) })),
        TE.chain((play) =>
          pipe(
            scenarios,
            TE.traverseSeqArrayWithIndex((i, scenario) =>
              pipe(
                TE.fromTask(play(scenario, i)),
                TE.filterOrElse(
                  () => !signal.aborted,
                  (): DemoError => ({ _tag: 'Interrupted' })
                )
              )
            )
          )
        )
      ),
    end
  )

// -------------------------------------------------------------------------------------
// the summary
// -------------------------------------------------------------------------------------

const header = ['scenario', 'result', 'attempts', 'retries', 'waited', 'elapsed', 'promise kept']

/** Of many calls: the attempts and retries of all, the times of the one that took longest. */
const row = ({ name, reports, broken }: Outcome): ReadonlyArray<string> => {
  const sum = (f: (totals: Report.Totals) => number): number => reports.reduce((n, { totals }) => n + f(totals), 0)
  const most = (f: (totals: Report.Totals) => number): number => Math.max(...reports.map(({ totals }) => f(totals)))
  return [
    name,
    `${reports.length > 1 ? `${reports.length} x ` : ''}${[...new Set(reports.map(answer))].join(', ')}`,
    String(sum(({ attempts }) => attempts)),
    String(sum(({ retries }) => retries)),
    ms(most(({ waited }) => waited)),
    ms(most(({ elapsed }) => elapsed)),
    broken.length === 0 ? 'yes' : 'NO'
  ]
}

const table = (rows: ReadonlyArray<ReadonlyArray<string>>): string => {
  const width = (column: number): number => Math.max(...rows.map((row) => row[column]?.length ?? 0))
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(width(column) + 2))
        .join('')
        .trimEnd()
    )
    .join('\n')
}

/** Whether every scenario was played, and kept its promise. */
const summarize = (outcomes: ReadonlyArray<Outcome>): boolean => {
  const kept = outcomes.filter(({ broken }) => broken.length === 0).length
  print(`\n${table([header, ...outcomes.map(row)])}\n\n${kept} of ${scenarios.length} promises kept`)
  return kept === scenarios.length
}

/** The demo itself must not hang either. */
const guard = pipe(Policy.id<DemoError, ReadonlyArray<Outcome>>(), Policy.deadline(20_000))

process.exitCode = 1
void pipe(
  demo,
  Runner.make(guard)(Runtime.live)().runWith,
  TE.match((error) => {
    print(paint.bad(showError(error)))
    return false
  }, summarize),
  T.map((kept) => {
    process.exitCode = kept ? 0 : 1
  })
)()
