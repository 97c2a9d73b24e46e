/**
 * The settings of whatever recurs by a schedule: how they are checked and shown.
 *
 * @since 0.1.0
 */
import type { Task } from 'fp-ts/Task'
import type { Flag } from '../Flag'
import { within } from '../Path'
import { type Problem, showValue } from '../Problem'
import * as Rule from '../Rule'
import { type Schedule, show, validate } from '../schedule/Model'
import type { Verdict } from './Verdict'

/**
 * What may wake the wait for the next attempt, or end it.
 *
 * - `wakeOn`: when this flag is set or pulsed, a delay that is being slept is over at once; while it is set, none is slept;
 * - `stopOn`: once this flag is set there is no further attempt, and a delay that is being slept ends at once. What runs goes
 *   on, and counts; what was last seen is the answer.
 *
 * @category model
 * @since 0.1.0
 */
export interface Flags {
  readonly wakeOn?: Flag | undefined
  readonly stopOn?: Flag | undefined
}

/**
 * What the machine goes by.
 *
 * @internal
 */
export interface Settings extends Flags {
  readonly schedule: Schedule<never>
  readonly decide?: ((info: never) => Task<Verdict>) | undefined
  /** Awaited before the delay is slept. */
  readonly beforeRetry?: ((info: never) => Task<void>) | undefined
  readonly beforePoll?: ((info: never) => Task<void>) | undefined
}

const flag = /*#__PURE__*/ Rule.optional(
  /*#__PURE__*/ Rule.make(
    'a Flag',
    (u) => typeof (u as Partial<Flag> | null)?.over === 'function' && typeof (u as Partial<Flag>).isSet === 'function'
  )
)

/**
 * The rules of the flags.
 *
 * @internal
 */
export const flagRules: Rule.Rules<Flags> = { wakeOn: flag, stopOn: flag }

/**
 * What is impossible in the schedule, under its path.
 *
 * @internal
 */
export const problems = ({ schedule }: { readonly schedule: Schedule<never> }): ReadonlyArray<Problem> =>
  within('schedule', validate(schedule))

/**
 * The schedule, then every other setting.
 *
 * @internal
 */
export const showSettings = ({ schedule, ...others }: Settings): ReadonlyArray<string> => [
  show(schedule),
  ...Object.entries(others).map(([name, value]) => `${name}: ${showValue(value)}`)
]
