/**
 * Why there was no further attempt.
 *
 * @since 0.1.0
 */
import type { Millis } from './Duration'

/**
 * Why a schedule stopped.
 *
 * | reason | who says so |
 * |---|---|
 * | `Never` | `stop` |
 * | `Attempts` | `take(limit)`: that many recurrences are used up |
 * | `Delays` | `delays`: the list is at its end |
 * | `Elapsed` | `stopAfter(limit)`: that many ms are over |
 * | `Within` | `within(limit)`: the coming delay would reach the limit |
 * | `Input` | `while`, `until`: the input said so |
 * | `Condition` | `stopWhen`: its condition holds |
 * | `Fault` | a function of the user's threw, or answered with something that is no delay; a runner makes a `Defect` of it |
 *
 * @category model
 * @since 0.1.0
 */
export type StopReason =
  | { readonly _tag: 'Never' }
  | { readonly _tag: 'Attempts'; readonly limit: number }
  | { readonly _tag: 'Delays'; readonly limit: number }
  | { readonly _tag: 'Elapsed'; readonly limit: Millis }
  | { readonly _tag: 'Within'; readonly limit: Millis }
  | { readonly _tag: 'Input' }
  | { readonly _tag: 'Condition' }
  | Fault

/**
 * A function of the user's inside a schedule threw, or gave something that is no delay.
 *
 * @category model
 * @since 0.1.0
 */
export interface Fault {
  readonly _tag: 'Fault'
  /** The form whose function it was, e.g. `modify`. */
  readonly at: string
  readonly cause: unknown
}

/**
 * Why whatever goes by a schedule made no further attempt: the schedule stopped, or
 *
 * | reason | meaning |
 * |---|---|
 * | `Deadline` | the next attempt could not have ended in time; nothing was slept, nothing was started |
 * | `GivenUp` | the effectful `decide` said so |
 * | `Flagged` | the flag `stopOn` was set |
 *
 * @category model
 * @since 0.1.0
 */
export type RecurrenceStop =
  StopReason | { readonly _tag: 'Deadline' } | { readonly _tag: 'GivenUp' } | { readonly _tag: 'Flagged' }

/**
 * Why a retry made no further attempt: as its schedule, its deadline or `decide` say (`RecurrenceStop`), or
 *
 * | reason | meaning |
 * |---|---|
 * | `Predicate` | `while` or `until` said that this error is not to be retried |
 * | `Refused` | a policy inside refused the call (an open circuit, a full bulkhead); asking again at once would only knock |
 * | `Final` | an error that no retry can mend: `DeadlineExceeded`, `Aborted` |
 *
 * @category model
 * @since 0.1.0
 */
export type RetryStop =
  RecurrenceStop | { readonly _tag: 'Predicate' } | { readonly _tag: 'Refused' } | { readonly _tag: 'Final' }

/**
 * Why a poll came to its end without a value that holds: as its schedule, its deadline or `decide` say (`RecurrenceStop`), or
 *
 * | reason | meaning |
 * |---|---|
 * | `FailWhen` | `failWhen` said that this value ends it |
 *
 * @category model
 * @since 0.1.0
 */
export type PollEnd = RecurrenceStop | { readonly _tag: 'FailWhen' }

/**
 * Why a poll made no further attempt: it was exhausted (`PollEnd`), or an error is the answer, because of
 *
 * | reason | meaning |
 * |---|---|
 * | `Predicate` | `waitOut` did not say that this error is to be waited out |
 * | `Refused` | a policy inside refused the call, and `waitOutRefused` was not given |
 * | `Final` | an error that no waiting can mend: `DeadlineExceeded`, `Aborted` |
 * | `Invalid` | the value is invalid, and that is a failure (`invalid: 'fail'`) |
 *
 * @category model
 * @since 0.1.0
 */
export type PollStop =
  | PollEnd
  | { readonly _tag: 'Predicate' }
  | { readonly _tag: 'Refused' }
  | { readonly _tag: 'Final' }
  | { readonly _tag: 'Invalid' }
