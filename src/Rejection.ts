/**
 * What a policy can answer instead of the operation: a flat union of plain, tagged, readonly objects. None is an `Error` with
 * a stack; none is ever thrown.
 *
 * @since 0.1.0
 */
import type { Option } from 'fp-ts/Option'
import type { Millis } from './Duration'
import type { Problem } from './Problem'
import type { PollEnd, RetryStop } from './StopReason'
import { standingOf } from './Standing'
import { tagOf } from './Tag'

/**
 * An attempt (or the whole, where the timeout stands outside) took longer than it may.
 *
 * @category model
 * @since 0.1.0
 */
export interface TimedOut {
  readonly _tag: 'TimedOut'
  /** The time that was allowed, in ms. */
  readonly timeout: Millis
}

/**
 * The deadline was reached, and no real error of the operation was at hand to give back instead.
 *
 * @category model
 * @since 0.1.0
 */
export interface DeadlineExceeded {
  readonly _tag: 'DeadlineExceeded'
  /** The time that was left when the deadline was set, in ms. */
  readonly deadline: Millis
}

/**
 * A result came, but a predicate or refinement of `ensure` would not have it.
 *
 * @category model
 * @since 0.1.0
 */
export interface EnsureFailed<out A> {
  readonly _tag: 'EnsureFailed'
  readonly value: A
}

/**
 * A result came, but a codec could not decode it.
 *
 * @category model
 * @since 0.1.0
 */
export interface DecodeFailed {
  readonly _tag: 'DecodeFailed'
  /** What was to be decoded. */
  readonly value: unknown
  /** Each place that does not fit: its path (`items[2].name`), what is there, what was expected. */
  readonly problems: ReadonlyArray<Problem>
}

/**
 * A retry ended without success: the last error, and everything about why there was no further attempt.
 *
 * @category model
 * @since 0.1.0
 */
export interface Exhausted<out E> {
  readonly _tag: 'Exhausted'
  /** The last attempt's error. */
  readonly error: E
  /** How many attempts were made, ≥ 1. */
  readonly attempts: number
  /** Milliseconds from the start of the first attempt to the end of the retry. */
  readonly elapsed: Millis
  readonly reason: RetryStop
  /** The errors of the last attempts, oldest first, `error` included: as many as `keepErrors` says, so none unless given. */
  readonly errors: ReadonlyArray<E>
}

/**
 * A poll ended without a value that holds: what was seen last, and everything about why there was no further attempt.
 *
 * @category model
 * @since 0.1.0
 */
export interface PollExhausted<out A> {
  readonly _tag: 'PollExhausted'
  /** The last value that came; none where every attempt failed. */
  readonly value: Option<A>
  /**
   * What the last attempt left to say against it: its error, which was waited out; the `DecodeFailed` of a codec that would
   * not have the value, or the failure of a validator that would not. None where a predicate or refinement said no.
   */
  readonly error: Option<unknown>
  /** How many attempts were made, ≥ 1. */
  readonly attempts: number
  /** Milliseconds from the start of the first attempt to the end of the poll. */
  readonly elapsed: Millis
  readonly reason: PollEnd
}

/**
 * A circuit breaker would not let the call through; nothing was started.
 *
 * | reason | why | `retryAfter` |
 * |---|---|---|
 * | `open` | too much had failed | the milliseconds until it lets probes in |
 * | `half-open` | as many probes as it takes are on their way | 0: one of them may end at any moment |
 * | `ramp` | it has just closed, and lets in but a share of the calls | 0: the next may be let in |
 * | `isolated` | somebody holds it by hand | `Infinity`: nobody knows |
 *
 * @category model
 * @since 0.1.0
 */
export interface CircuitOpen {
  readonly _tag: 'CircuitOpen'
  readonly reason: 'open' | 'half-open' | 'ramp' | 'isolated'
  /** Milliseconds after which it may be worth another try. */
  readonly retryAfter: Millis
}

/**
 * A bulkhead would not let the call in; nothing was started. When a permit will be free is for the operations that hold them to
 * say, so there is no `retryAfter`.
 *
 * | reason | what happened |
 * |---|---|
 * | `queue` | there was no permit free, and no room in the queue |
 * | `wait` | it waited for as long as it may |
 * | `deadline` | the deadline is so near that nothing can be started any more |
 *
 * @category model
 * @since 0.1.0
 */
export interface BulkheadFull {
  readonly _tag: 'BulkheadFull'
  readonly reason: 'queue' | 'wait' | 'deadline'
  /** How many permits there are. */
  readonly permits: number
  /** How many were held, those of hanging operations included. */
  readonly active: number
  /** How many of those were held by operations whose caller had been answered. */
  readonly hanging: number
  /** How many others waited. */
  readonly queued: number
}

/**
 * What an operation fails with to be tried again: a retry retries it whatever its predicates say, and a poll waits it out; both
 * still stop where their schedule does. Where there is no further attempt, a retry gives it back, and a poll ends in
 * `PollExhausted`, with it as the `error`.
 *
 * @category model
 * @since 0.1.0
 */
export interface TryAgain {
  readonly _tag: 'TryAgain'
  /** Not before so many ms are over, finite; the delay of the schedule, where that is longer. */
  readonly after: Millis
}

/**
 * The call was called off. As a rejection it says that the caller's own signal did (`by: 'caller'`). It is also the `reason`
 * that an operation finds on its `attempt.signal`, and there `by` names whoever ended the attempt.
 *
 * @category model
 * @since 0.1.0
 */
export interface Aborted {
  readonly _tag: 'Aborted'
  readonly by: 'caller' | 'timeout' | 'deadline' | 'hedge' | 'close'
  /** The reason of the caller's signal; for a timeout or deadline, its rejection. */
  readonly reason: unknown
}

/**
 * A bug, not a failure: something threw that must not, or a policy cannot be run. It ends the run at once, past every retry
 * and fallback, counts in no breaker, and frees what the run held.
 *
 * | kind | what happened |
 * |---|---|
 * | `Thrown` | the operation or a callback threw |
 * | `Rejected` | the operation's or an effectful callback's promise was rejected |
 * | `Malformed` | something that is no `Either`, no promise, no delay was given where one must be |
 * | `Invalid` | the policy has impossible settings, listed in `problems`; nothing was called |
 * | `Closed` | the runner had been closed or was closed meanwhile |
 *
 * @category model
 * @since 0.1.0
 */
export interface Defect {
  readonly _tag: 'Defect'
  readonly kind: 'Thrown' | 'Rejected' | 'Malformed' | 'Invalid' | 'Closed'
  /** Where it arose: `operation`, or the path of a callback, e.g. `retry.while`. */
  readonly at: string
  /** What was thrown, or the value that is no answer. */
  readonly cause: unknown
  /** The impossible settings, for `Invalid`; empty else. */
  readonly problems: ReadonlyArray<Problem>
  /** The failure or value that a callback was dealing with when it broke, so that neither is lost. */
  readonly during: unknown
}

/**
 * Everything that this library's own policies can answer instead of the operation.
 *
 * @category model
 * @since 0.1.0
 */
export type Rejection =
  | TimedOut
  | DeadlineExceeded
  | EnsureFailed<unknown>
  | DecodeFailed
  | Exhausted<unknown>
  | PollExhausted<unknown>
  | CircuitOpen
  | BulkheadFull
  | Aborted
  | Defect

/**
 * Makes a defect; for strategies of your own.
 *
 * @param kind what happened
 * @param at where it arose
 * @param cause what was thrown, or the value that is no answer
 * @param during the failure or value that was being dealt with
 *
 * @example
 * import { Rejection } from 'resilience-ts'
 * import assert from 'assert'
 *
 * assert.strictEqual(Rejection.defect('Thrown', 'myStrategy.callback', new Error('oh'))._tag, 'Defect')
 *
 * @category constructors
 * @since 0.1.0
 */
export const defect = (kind: Defect['kind'], at: string, cause: unknown, during?: unknown): Defect => ({
  _tag: 'Defect',
  kind,
  at,
  cause,
  problems: noProblems,
  during
})

const noProblems: ReadonlyArray<Problem> = []

/**
 * What an operation fails with to be tried again, when the schedule has it.
 *
 * A retry leaves it in the error type, as it is the answer where there is no further attempt; a poll takes it out.
 *
 * @example
 * import { Policy, Rejection, Runner, Schedule } from 'resilience-ts'
 * import { virtual } from 'resilience-ts/testing'
 * import { pipe } from 'fp-ts/function'
 * import * as E from 'fp-ts/Either'
 * import * as TE from 'fp-ts/TaskEither'
 * import assert from 'assert'
 *
 * const policy = pipe(
 *   Policy.id<'gone' | Rejection.TryAgain, string>(),
 *   Policy.retry(pipe(Schedule.constant(100), Schedule.take(2)), { while: () => false })
 * )
 * const time = virtual()
 * const answer = await time.run(
 *   Runner.make(policy)(time.runtime)().runWith(({ number }) =>
 *     number < 3 ? TE.left(Rejection.tryAgain) : TE.right('here')
 *   )
 * )
 * assert.deepStrictEqual(answer, E.right('here'))
 *
 * @category constructors
 * @since 0.1.0
 */
export const tryAgain: TryAgain = /*#__PURE__*/ Object.freeze({ _tag: 'TryAgain', after: 0 } as const)

/**
 * What an operation fails with to be tried again, but not before `after` ms are over.
 *
 * @param after milliseconds, finite; what is not counts as 0, and so does what is below 0
 *
 * @example
 * import { Rejection } from 'resilience-ts'
 * import assert from 'assert'
 *
 * assert.deepStrictEqual(Rejection.tryAgainAfter(500), { _tag: 'TryAgain', after: 500 })
 *
 * @category constructors
 * @since 0.1.0
 */
export const tryAgainAfter = (after: Millis): TryAgain => ({ _tag: 'TryAgain', after })

/**
 * Whether an operation asks to be tried again.
 *
 * @example
 * import { Rejection } from 'resilience-ts'
 * import assert from 'assert'
 *
 * assert.strictEqual(Rejection.isTryAgain(Rejection.tryAgainAfter(500)), true)
 * assert.strictEqual(Rejection.isTryAgain({ _tag: 'TimedOut', timeout: 500 }), false)
 *
 * @category refinements
 * @since 0.1.0
 */
export const isTryAgain = (u: unknown): u is TryAgain => standingOf(u) === 'Again'

/**
 * Whether an error is a `Defect`, also one that comes out of a runner inside the operation.
 *
 * @example
 * import { Rejection } from 'resilience-ts'
 * import assert from 'assert'
 *
 * assert.strictEqual(Rejection.isDefect(Rejection.defect('Thrown', 'operation', 'oh')), true)
 * assert.strictEqual(Rejection.isDefect({ _tag: 'NotFound' }), false)
 *
 * @category refinements
 * @since 0.1.0
 */
export const isDefect = (u: unknown): u is Defect =>
  tagOf(u) === 'Defect' && 'kind' in (u as object) && 'problems' in (u as object) && 'at' in (u as object)

/**
 * Whether an error says that a policy further in refused to make the call: `CircuitOpen`, `BulkheadFull` or `RateLimited`.
 * A retry lets such an error pass unless it is asked to retry it, so does a poll, and a breaker takes it for no evidence.
 *
 * @example
 * import { Rejection } from 'resilience-ts'
 * import assert from 'assert'
 *
 * assert.strictEqual(Rejection.isRefusal({ _tag: 'CircuitOpen', retryAfter: 500 }), true)
 * assert.strictEqual(Rejection.isRefusal({ _tag: 'TimedOut', timeout: 500 }), false)
 *
 * @category refinements
 * @since 0.1.0
 */
export const isRefusal = (u: unknown): boolean => standingOf(u) === 'Refused'

/**
 * Whether an error is one that no further attempt can mend: the deadline is over, or the caller has gone.
 *
 * @example
 * import { Rejection } from 'resilience-ts'
 * import assert from 'assert'
 *
 * assert.strictEqual(Rejection.isFinal({ _tag: 'DeadlineExceeded', deadline: 500 }), true)
 * assert.strictEqual(Rejection.isFinal({ _tag: 'NotFound' }), false)
 *
 * @category refinements
 * @since 0.1.0
 */
export const isFinal = (u: unknown): boolean => standingOf(u) === 'Final'
