/**
 * `retry`: once more, when a schedule says so.
 *
 * ```
 * retry(exponential(100) |> take(3))
 *   attempt 1   |-fails-|
 *                        . 100 .
 *   attempt 2                   |-fails-|
 *                                        . . 200 . .
 *   attempt 3                                       |-succeeds-|
 * ```
 *
 * What is asked after a failure, in this order: is it an error that a retry can mend at all; `while`, `until`; the schedule;
 * the deadline; the effectful `decide`; then `beforeRetry` is awaited, and the delay slept. After the last failure nothing is
 * slept.
 *
 * @since 0.1.0
 */
import type { TaskEither } from 'fp-ts/TaskEither'
import { around, type Ends, type Policy } from '../Policy'
import { type Attempt, openLane } from '../Protocol'
import type { Exhausted } from '../Rejection'
import { Recurring } from '../recurrence/RecurringFrame'
import { problems, showSettings } from '../recurrence/Settings'
import { stop } from '../schedule/Delays'
import type { Schedule } from '../schedule/Model'
import type { Strategy } from '../Strategy'
import { OrElseFrame } from './Retry/OrElseFrame'
import {
  type OrElseSettings,
  orElseSettingsOf,
  type RetryOrElseOptions,
  rules as orElseRules,
  showOrElse
} from './Retry/OrElseSettings'
import { RetryFrame } from './Retry/RetryFrame'
import { type RetryOptions, rules, type Settings, settingsOf } from './Retry/Settings'

export type { RetryInfo } from './Retry/RetryInfo'
export type { RetryOptions } from './Retry/Settings'
export type { RetryOrElseOptions } from './Retry/OrElseSettings'
export type { Flags } from '../recurrence/Settings'

/**
 * Tries again after a failure, as long as the schedule says so; the last error is given back as it is.
 *
 * It neither adds to nor takes from the errors. A `TimedOut` of an attempt is retried like any other error; `DeadlineExceeded`
 * and `Aborted` never are, and refusals (`CircuitOpen`…) only with `retryRefused`. A callback that throws is a `Defect` that
 * keeps both what was thrown (`cause`) and the error at hand (`during`). A `TryAgain` is retried whatever the predicates say. A delay of 0 takes no timer; the event loop gets a
 * turn every 256 attempts.
 *
 * @param schedule is fed the errors
 * @param options see `RetryOptions`
 *
 * @example
 * import { Policy, Runner, Runtime, Schedule } from 'resilience-ts'
 * import { pipe } from 'fp-ts/function'
 * import * as E from 'fp-ts/Either'
 * import assert from 'assert'
 *
 * let calls = 0
 * const flaky = async () => (++calls < 3 ? E.left('busy') : E.right(calls))
 * const policy = pipe(
 *   Policy.id<string, number>(),
 *   Policy.retry(pipe(Schedule.exponential(1), Schedule.take(4)), { while: (e) => e === 'busy' })
 * )
 * assert.deepStrictEqual(await Runner.make(policy)(Runtime.live)().run(flaky)(), E.right(3))
 *
 * @category retrying
 * @since 0.1.0
 */
export const retry = <S, I>(schedule: Schedule<S>, options: RetryOptions<I> = {}) => {
  const settings = settingsOf(schedule, options)
  return <E, A, E2 extends S, A2>(policy: Ends<I, unknown> & Policy<E, A, E2, A2>): Policy<E, A, E2, A2> =>
    around<E2, A2, Settings>(retryStrategy, settings)<E, A>(policy)
}

/**
 * Tries again like `retry`, and when that has come to an end hands a typed `Exhausted` (the last error, attempts, elapsed time
 * and why it stopped) to an operation whose answer is then the answer.
 *
 * It takes the whole error type out, and adds what that operation fails with. A deadline outside that cuts an attempt off is
 * not exhaustion: the answer is then the deadline's.
 *
 * @param schedule is fed the errors
 * @param f makes the operation that answers in place of the last error; it is told of an attempt of its own, with signal and
 * deadline
 * @param options see `RetryOrElseOptions`
 *
 * @example
 * import { Policy, Runner, Runtime, Schedule } from 'resilience-ts'
 * import { pipe } from 'fp-ts/function'
 * import * as TE from 'fp-ts/TaskEither'
 * import * as E from 'fp-ts/Either'
 * import assert from 'assert'
 *
 * const policy = pipe(
 *   Policy.id<string, number>(),
 *   Policy.retryOrElse(pipe(Schedule.forever, Schedule.take(2)), ({ error, attempts }) =>
 *     TE.left(`${error} after ${attempts} attempts`)
 *   )
 * )
 * const answer = await Runner.make(policy)(Runtime.live)().run(TE.left('busy'))()
 * assert.deepStrictEqual(answer, E.left('busy after 3 attempts'))
 *
 * @category retrying
 * @since 0.1.0
 */
export const retryOrElse = <S, X, G, B, I>(
  schedule: Schedule<S>,
  f: (exhausted: Exhausted<X>, attempt: Attempt) => TaskEither<G, B>,
  options: RetryOrElseOptions<I> = {}
) => {
  const settings = orElseSettingsOf(schedule, f, options)
  return <E, A, E2 extends S, A2>(
    policy: Ends<X, unknown> & Ends<I, unknown> & Policy<E, A, E2, A2>
  ): Policy<E, A, G, A2 | B> => around<G, A2 | B, OrElseSettings>(orElseStrategy(), settings)<E, A>(policy)
}

const retryStrategy: Strategy<Settings> = {
  name: 'retry',
  disabled: () => undefined,
  rules,
  problems,
  show: showSettings,
  advise: (_settings, inside) =>
    inside.some(({ strategy }) => strategy.name === 'retry' || strategy.name === 'retryOrElse')
      ? [{ path: 'schedule', value: 'a retry inside a retry', allowed: 'one of them: their attempts multiply' }]
      : [],
  compile: (settings, services, inner) => {
    const shared = new Recurring(services, inner, settings, 'beforeRetry', false)
    return {
      open: (context, up, failure) => new RetryFrame(shared, context, up, failure),
      // time is kept from the start of the first attempt
      lane: shared.clocked ? undefined : openLane,
      reopens: true
    }
  }
}

const orElseStrategy = (): Strategy<OrElseSettings> => ({
  ...retryStrategy,
  name: 'retryOrElse',
  fixed: ['orElse'],
  disabled: ({ orElse }) => ({ schedule: stop, orElse }),
  rules: orElseRules(),
  show: showOrElse,
  compile: (settings, services, inner) => {
    const shared = new Recurring(services, inner, settings, 'beforeRetry', true)
    return { open: (context, up) => new OrElseFrame(shared, context, up) }
  }
})
