/**
 * What a scenario is, and how one is played: its calls are made, and what came of them is held against its promise.
 */
import { partition, replicate } from 'fp-ts/Array'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as T from 'fp-ts/Task'
import * as TE from 'fp-ts/TaskEither'
import { type Event, Policy, type Rejection, type Report, Runner, Runtime, type Strategy } from 'resilience-ts'
import { fetchJson, type HttpError } from '../client/http'
import { trafficOf } from '../client/traffic'
import type { Observer } from '../show/lines'
import { brief, showExit } from '../show/words'
import { whoLeaves, whoStays } from './leaving'
import { answers, type Seen } from './seen'
import { showState, stateOf } from './state'

/** Where a scenario is played. */
export interface World {
  /** The address of the service. */
  readonly service: string
  /** Calls everything off. */
  readonly signal: AbortSignal
  /** Sees the events of one scenario. */
  readonly observer: (calls: Calls) => Observer
}

/** How the calls of a scenario are made. */
export type Calls = 'one' | 'together' | 'in turn'

/** What makes a scenario. */
export interface Plot<F, B> {
  readonly name: string
  readonly promise: string
  readonly path: string
  readonly policy: Policy.Policy<HttpError, unknown, F, B>
  /** What is done before, and gives the URL to call; that of the path unless given. */
  readonly before?: (url: string, runtime: Runtime.Runtime) => TE.TaskEither<unknown, string>
  /** The operation, where it is not simply `fetchJson`. */
  readonly operation?: (url: string) => (attempt: Strategy.Attempt) => TE.TaskEither<HttpError, unknown>
  /** How many calls are made; 1 unless given. */
  readonly times?: number
  /** For how many ms the caller waits before each of them; they are made at the same time unless given. */
  readonly pace?: number
  /** The caller leaves while all calls wait for their first retry. */
  readonly leaves?: boolean
  /** Pure: the claims that make up the promise, each with whether it holds. */
  readonly check: (seen: Seen<F | Rejection.Aborted | Rejection.Defect, B>) => Readonly<Record<string, boolean>>
}

/** How a scenario ended. */
export interface Outcome {
  readonly name: string
  readonly reports: ReadonlyArray<Report.Report<unknown, unknown>>
  /** What was answered, and what was left, a line for each. */
  readonly notes: Readonly<Record<string, string>>
  readonly kept: ReadonlyArray<string>
  readonly broken: ReadonlyArray<string>
}

/** A scenario that can be played, whatever the types of its policy. */
export interface Scenario {
  readonly name: string
  readonly promise: string
  readonly policy: string
  readonly play: (world: World) => T.Task<Outcome>
}

export const scenario = <F, B>(plot: Plot<F, B>): Scenario => ({
  name: plot.name,
  promise: plot.promise,
  policy: Policy.show(plot.policy),
  play: play(plot)
})

const play =
  <F, B>(plot: Plot<F, B>) =>
  ({ service, signal, observer }: World): T.Task<Outcome> =>
  async () => {
    const { name, path, policy, before, operation = fetchJson, times = 1, pace, leaves = false } = plot
    const late: Array<Event.LateResult> = []
    const changes: Array<Event.CircuitChanged> = []
    const caller = leaves ? whoLeaves(times, signal) : whoStays(signal)
    const runtime = pipe(
      Runtime.live,
      Runtime.withObserver(observer(times === 1 ? 'one' : pace === undefined ? 'together' : 'in turn')),
      Runtime.withObserver(caller.observer),
      Runtime.withObserver((event) => event._tag === 'LateResult' && late.push(event)),
      Runtime.withObserver((event) => event._tag === 'CircuitChanged' && changes.push(event))
    )
    const start = `${service}${path}?for=${encodeURIComponent(name)}`
    const url = before === undefined ? E.right(start) : await before(start, runtime)()
    if (E.isLeft(url)) return { name, reports: [], notes: {}, kept: [], broken: [`before it: ${brief(url.left)}`] }

    const runner = Runner.make(policy)(runtime)()
    const call = runner.runReport(operation(url.right), { signal: caller.signal })
    const reports = await (
      pace === undefined
        ? T.sequenceArray(replicate(times, call))
        : T.sequenceSeqArray(replicate(times, pipe(call, T.delay(pace))))
    )()
    await runner.drain() // late results come in until then
    const state = stateOf(runner)
    const traffic = await pipe(
      trafficOf(service, url.right),
      TE.getOrElse(() => T.of({ calls: NaN, atOnce: NaN }))
    )()

    const [report] = reports
    if (report === undefined) return { name, reports, notes: {}, kept: [], broken: ['a call was made'] }
    const claims = plot.check({ report, reports, late, changes, ...traffic, ...state })
    const { left: broken, right: kept } = pipe(
      Object.keys(claims),
      partition((claim) => claims[claim] === true)
    )
    const notes = {
      answer: times === 1 ? showExit(report.result) : answers(reports),
      ...(times === 1 ? {} : { service: `called ${traffic.calls} times, ${traffic.atOnce} at once at most` }),
      ...showState(state)
    }
    return { name, reports, notes, kept, broken }
  }
