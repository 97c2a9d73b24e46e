/**
 * Plays every scenario against a service in a process of its own, and says whether all promises were kept.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { pipe } from 'fp-ts/function'
import * as T from 'fp-ts/Task'
import * as TE from 'fp-ts/TaskEither'
import * as t from 'io-ts'
import { Policy, Runner, Runtime, type Strategy } from 'resilience-ts'
import { trafficOf } from './client/traffic'
import { scenarios } from './scenarios'
import type { Outcome, Scenario, World } from './scenarios/scenario'
import { answers } from './scenarios/seen'
import { table } from './show/summary'
import type { Terminal } from './show/terminal'
import { crowd, series, timeline } from './show/timeline'
import { showError } from './show/words'

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

const begin: TE.TaskEither<DemoError, ChildProcess> = TE.fromIO(() => fork(join(__dirname, 'service', 'main.js')))

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
    TE.chainFirstTaskK((service) => trafficOf(service, service))
  )

// -------------------------------------------------------------------------------------
// the scenarios, one after the other
// -------------------------------------------------------------------------------------

const verdict = ({ paint }: Terminal, { notes, kept, broken }: Outcome): string => {
  const note = (what: string, text: string): string =>
    `   ${what.padEnd(10)}${text.replaceAll('\n', `\n${' '.repeat(13)}`)}`
  return [
    ...Object.entries(notes).map(([what, text]) => note(what, text)),
    ...(kept.length === 0 ? [] : [paint.good(note('kept', kept.join(', ')))]),
    ...(broken.length === 0 ? [] : [paint.bad(note('BROKEN', broken.join(', ')))])
  ].join('\n')
}

const tell =
  (terminal: Terminal, world: World) =>
  (i: number, { name, promise, policy, play }: Scenario): T.Task<Outcome> => {
    terminal.print(`\n${i + 1}. ${name}: ${promise}\n\n${policy.replace(/^/gm, '    ')}\n`)
    return pipe(
      play(world),
      T.tapIO((outcome) => () => terminal.print(verdict(terminal, outcome)))
    )
  }

const observers = { one: timeline, together: crowd, 'in turn': series } as const

const playAll =
  (terminal: Terminal) =>
  ({ signal }: Strategy.Attempt): TE.TaskEither<DemoError, ReadonlyArray<Outcome>> => {
    const observer: World['observer'] = (calls) => observers[calls](terminal.print, terminal.paint)
    const playOn = (service: string): TE.TaskEither<DemoError, ReadonlyArray<Outcome>> => {
      const play = tell(terminal, { service, signal, observer })
      return pipe(
        scenarios,
        TE.traverseSeqArrayWithIndex((i, scenario) =>
          pipe(
            TE.fromTask(play(i, scenario)),
            TE.filterOrElse(
              () => !signal.aborted,
              (): DemoError => ({ _tag: 'Interrupted' })
            )
          )
        )
      )
    }
    return TE.bracket(begin, (child) => pipe(address(child, signal), TE.chain(playOn)), end)
  }

/** The demo itself must not hang either. */
const guard = pipe(Policy.id<DemoError, ReadonlyArray<Outcome>>(), Policy.deadline(60_000))

const summarize =
  ({ print }: Terminal) =>
  (outcomes: ReadonlyArray<Outcome>): boolean => {
    const rows = outcomes.map(({ name, reports, broken }) => ({
      name,
      result: answers(reports),
      reports,
      kept: broken.length === 0
    }))
    const kept = rows.filter((row) => row.kept).length
    print(`\n${table(rows)}\n\n${kept} of ${scenarios.length} promises kept`)
    return kept === scenarios.length
  }

/** Whether every scenario was played, and kept its promise. */
export const keepPromises = (terminal: Terminal): T.Task<boolean> =>
  pipe(
    playAll(terminal),
    Runner.make(guard)(Runtime.live)().runWith,
    TE.match((error) => {
      terminal.print(terminal.paint.bad(showError(error)))
      return false
    }, summarize(terminal))
  )
