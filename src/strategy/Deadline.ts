/**
 * `deadline`: a point in time that travels inwards, so that nothing starts that cannot end before it.
 *
 * ```
 * deadline(1000)     0        300                    900  1000
 *   retry            |-fails--|. . . delay 600 . . . |-fails-|
 *                                                      next delay 1200 would pass the deadline:
 *   answer                                           the last real error, at once, without sleeping
 * ```
 *
 * Where a timeout only cuts off, a deadline is known to every retry inside it, and to the operation (`attempt.deadline`, in
 * milliseconds left, so that it can be sent on to the next service).
 *
 * @since 0.1.0
 */
import * as Duration from '../Duration'
import type { Millis } from '../Duration'
import { around, type Policy } from '../Policy'
import type { DeadlineExceeded } from '../Rejection'
import * as Rule from '../Rule'
import type { Strategy } from '../Strategy'
import { withDeadline } from './Deadline/DeadlineFrame'
import { tooShort } from '../Nesting'

/**
 * What an attempt needs.
 *
 * - `reserve`: milliseconds, finite, ≥ 0, that an attempt needs; with no more than that left, none is started. 0 unless given.
 *
 * @category model
 * @since 0.1.0
 */
export interface DeadlineOptions {
  readonly reserve?: Millis | undefined
}

interface Settings extends DeadlineOptions {
  readonly ms: Millis
}

/**
 * Everything inside must have ended within `ms`: no sleep and no attempt begins that cannot, and what runs when the time is
 * over is aborted. A retry inside then gives back its last real error; where there is none, the answer is `DeadlineExceeded`.
 *
 * Adds `DeadlineExceeded` to the errors. Of nested deadlines the nearest counts. `deadline(Infinity)` does nothing; with a
 * reserve, it only says what the attempts inside need.
 *
 * @param ms milliseconds from the start of the call, > 0, or `Infinity`
 * @param options see `DeadlineOptions`
 *
 * @example
 * import { Policy, Runner, Runtime, Schedule } from 'resilience-ts'
 * import { pipe } from 'fp-ts/function'
 * import * as TE from 'fp-ts/TaskEither'
 * import * as E from 'fp-ts/Either'
 * import assert from 'assert'
 *
 * const policy = pipe(Policy.id<string, never>(), Policy.retry(Schedule.constant(60_000)), Policy.deadline(1000))
 * const runner = Runner.make(policy)(Runtime.live)()
 * // the next attempt could only begin after the deadline, so there is nothing to wait for
 * assert.deepStrictEqual(await runner.run(TE.left('busy'))(), E.left('busy'))
 *
 * @category time
 * @since 0.1.0
 */
export const deadline = (ms: Millis, options: DeadlineOptions = {}) => {
  const settings: Settings = { ...Rule.read(optionRules, options), ms }
  return <E, A, E2, A2>(policy: Policy<E, A, E2, A2>): Policy<E, A, E2 | DeadlineExceeded, A2> =>
    around<E2 | DeadlineExceeded, A2, Settings>(strategy, settings)(policy)
}

const optionRules: Rule.Rules<DeadlineOptions> = { reserve: /*#__PURE__*/ Rule.optional(Rule.delay) }

const strategy: Strategy<Settings> = {
  name: 'deadline',
  disabled: () => undefined,
  rules: { ...optionRules, ms: Rule.limit },
  problems: ({ ms, reserve = 0 }) =>
    ms > 0 && reserve >= ms
      ? [{ path: 'reserve', value: reserve, allowed: `less than the deadline, ${Duration.show(ms)}` }]
      : [],
  show: ({ ms, reserve }) => [
    Duration.show(ms),
    ...(reserve === undefined ? [] : [`reserve: ${Duration.show(reserve)}`])
  ],
  advise: ({ ms }, inside) => tooShort(ms, inside),
  compile: ({ ms, reserve = 0 }, services, inner) => withDeadline(ms, reserve, services, inner)
}
