/**
 * What a scenario is, and how one is played: its calls are made, and what came of them is held against its promise.
 */
import { partition, replicate } from 'fp-ts/Array'
import { pipe } from 'fp-ts/function'
import * as T from 'fp-ts/Task'
import * as TE from 'fp-ts/TaskEither'
import * as t from 'io-ts'
import { type Event, Policy, type Rejection, type Report, Runner, Runtime, type Strategy } from 'resilience-ts'
import { callsSeen, fetchJson, type HttpError } from './client'
import type { Observer } from './timeline'

/** Where a scenario is played. */
export interface World {
  /** The address of the service. */
  readonly service: string
  /** Calls everything off. */
  readonly signal: AbortSignal
  /** Sees the events of one scenario. */
  readonly observer: () => Observer
}

/** What can be seen when all is over. */
export interface Seen<F, B> {
  /** The report of the one call, or of the first of many. */
  readonly report: Report.Report<F, B>
  readonly reports: ReadonlyArray<Report.Report<F, B>>
  /** What became of attempts that had been ended before. */
  readonly late: ReadonlyArray<Event.LateResult>
  /** How often the service was called. */
  readonly calls: number
}

/** What makes a scenario. */
export interface Plot<F, B> {
  readonly name: string
  readonly promise: string
  readonly path: string
  readonly policy: Policy.Policy<HttpError, unknown, F, B>
  /** The operation, where it is not simply `fetchJson`. */
  readonly operation?: (url: string) => (attempt: Strategy.Attempt) => TE.TaskEither<HttpError, unknown>
  /** How many calls are made at the same time; 1 unless given. */
  readonly times?: number
  /** The caller leaves while all calls wait for their first retry. */
  readonly leaves?: boolean
  /** Pure: the claims that make up the promise, each with whether it holds. */
  readonly check: (seen: Seen<F | Rejection.Aborted | Rejection.Defect, B>) => Readonly<Record<string, boolean>>
}

/** How a scenario ended. */
export interface Outcome {
  readonly name: string
  readonly reports: ReadonlyArray<Report.Report<unknown, unknown>>
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
  <F, B>({ name, path, policy, operation = fetchJson, times = 1, leaves = false, check }: Plot<F, B>) =>
  ({ service, signal, observer }: World): T.Task<Outcome> =>
  async () => {
    const url = `${path}?for=${encodeURIComponent(name)}`
    const late: Array<Event.LateResult> = []
    const caller = leaves ? whoLeaves(times, signal) : { signal, observer: () => {} }
    const runtime = pipe(
      Runtime.live,
      Runtime.withObserver(observer()),
      Runtime.withObserver(caller.observer),
      Runtime.withObserver((event) => event._tag === 'LateResult' && late.push(event))
    )
    const runner = Runner.make(policy)(runtime)()
    const call = runner.runReport(operation(service + url), { signal: caller.signal })

    const reports = await T.sequenceArray(replicate(times, call))()
    await runner.drain() // late results come in until then
    const calls = await pipe(
      callsSeen(service, url),
      TE.getOrElse(() => T.of(NaN))
    )()

    const [report] = reports
    const claims = report === undefined ? { 'a call was made': false } : check({ report, reports, late, calls })
    const { left: broken, right: kept } = pipe(
      Object.keys(claims),
      partition((claim) => claims[claim] === true)
    )
    return { name, reports, kept, broken }
  }

/** A caller who is gone soon after the last of their calls has begun to wait for a retry. */
const whoLeaves = (
  calls: number,
  signal: AbortSignal
): { readonly signal: AbortSignal; readonly observer: Observer } => {
  const controller = new AbortController()
  const leave = (): void => {
    controller.abort('the page was closed')
  }
  signal.addEventListener('abort', leave, { once: true })
  let waiting = 0
  return {
    signal: controller.signal,
    observer: ({ _tag }) => {
      if (_tag === 'RetryScheduled' && ++waiting === calls) setTimeout(leave, 50)
    }
  }
}

const tagOf = (u: unknown): string => (t.type({ _tag: t.string }).is(u) ? u._tag : String(u))

/** The `_tag` of a report's result: `Right`, or that of the error. */
export const answer = <F, B>({ result }: Report.Report<F, B>): string =>
  result._tag === 'Right' ? 'Right' : tagOf(result.left)

/** What happened, in order, as tags: how each attempt ended, and what was decided after it. */
export const story = <F, B>({ attempts, decisions }: Report.Report<F, B>): string =>
  attempts
    .flatMap(({ attempt, outcome }) => [
      outcome._tag === 'Left' ? tagOf(outcome.left) : outcome._tag,
      ...decisions
        .filter((decision) => decision.attempt === attempt)
        .map((decision) => (decision._tag === 'Stop' ? `Stop(${decision.reason._tag})` : decision._tag))
    ])
    .join(' ')

/** Whether the delays were really slept; the platform's timers are a millisecond early at times. */
export const slept = <F, B>({ decisions, totals: { waited, retries } }: Report.Report<F, B>): boolean =>
  waited >= decisions.reduce((sum, decision) => sum + (decision._tag === 'Retry' ? decision.delay : 0), 0) - retries
