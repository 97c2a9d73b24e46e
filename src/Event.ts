/**
 * What happened, as data, in one typed stream. An event is made only when somebody listens.
 *
 * @since 0.1.0
 */
import type { Either } from 'fp-ts/Either'
import type { CircuitReason, CircuitState } from './CircuitReason'
import type { Millis } from './Duration'
import type { Exit } from './Exit'
import type { PollStop, RetryStop } from './StopReason'

/**
 * What every event says: which run (a number that is unique within its runner, from 1; 0 for what belongs to none), and when on
 * the monotonic clock, in ms.
 *
 * @category model
 * @since 0.1.0
 */
export interface Moment {
  readonly run: number
  readonly at: Millis
}

/**
 * A run began, with the attributes that its caller gave.
 *
 * @category model
 * @since 0.1.0
 */
export interface RunStarted extends Moment {
  readonly _tag: 'RunStarted'
  readonly attributes: Attributes
}

/**
 * Whatever a caller wants to find again in the events of a run.
 *
 * @category model
 * @since 0.1.0
 */
export type Attributes = Readonly<Record<string, unknown>>

/**
 * The operation is about to be called, for the `attempt`-th time in this run.
 *
 * @category model
 * @since 0.1.0
 */
export interface AttemptStarted extends Moment {
  readonly _tag: 'AttemptStarted'
  readonly attempt: number
}

/**
 * An attempt was answered, after `duration` ms: by the operation, or by whoever ended it.
 *
 * @category model
 * @since 0.1.0
 */
export interface AttemptEnded extends Moment {
  readonly _tag: 'AttemptEnded'
  readonly attempt: number
  readonly duration: Millis
  readonly outcome: Exit
}

/**
 * An operation settled after its attempt had been ended; its outcome changes nothing.
 *
 * @category model
 * @since 0.1.0
 */
export interface LateResult extends Moment {
  readonly _tag: 'LateResult'
  readonly attempt: number
  readonly duration: Millis
  readonly outcome: Exit
}

/**
 * A retry decided to go on: after `delay` ms comes attempt `attempt + 1` of its own count.
 *
 * @category model
 * @since 0.1.0
 */
export interface RetryScheduled extends Moment {
  readonly _tag: 'RetryScheduled'
  readonly layer: string
  readonly attempt: number
  readonly delay: Millis
  readonly error: unknown
}

/**
 * A retry decided to stop after a failure, and why.
 *
 * @category model
 * @since 0.1.0
 */
export interface RetryStopped extends Moment {
  readonly _tag: 'RetryStopped'
  readonly layer: string
  readonly attempt: number
  readonly reason: RetryStop
  readonly error: unknown
}

/**
 * A poll decided to go on: after `delay` ms comes attempt `attempt + 1` of its own count.
 *
 * `outcome` is what does not hold yet: a `Right` with the value, or a `Left` with the error that is waited out, or with what a
 * codec (`DecodeFailed`) or validator has against the value.
 *
 * @category model
 * @since 0.1.0
 */
export interface PollScheduled extends Moment {
  readonly _tag: 'PollScheduled'
  readonly layer: string
  readonly attempt: number
  readonly delay: Millis
  readonly outcome: Either<unknown, unknown>
}

/**
 * A poll decided to stop without a value that holds, and why; `outcome` as in `PollScheduled`.
 *
 * @category model
 * @since 0.1.0
 */
export interface PollStopped extends Moment {
  readonly _tag: 'PollStopped'
  readonly layer: string
  readonly attempt: number
  readonly reason: PollStop
  readonly outcome: Either<unknown, unknown>
}

/**
 * A timeout of `timeout` ms fired.
 *
 * @category model
 * @since 0.1.0
 */
export interface TimeoutFired extends Moment {
  readonly _tag: 'TimeoutFired'
  readonly layer: string
  readonly timeout: Millis
}

/**
 * A deadline was reached, or so near that nothing was started any more.
 *
 * @category model
 * @since 0.1.0
 */
export interface DeadlineReached extends Moment {
  readonly _tag: 'DeadlineReached'
  readonly layer: string
}

/**
 * A result was refused by `ensure`, with the failure that stands for it now.
 *
 * @category model
 * @since 0.1.0
 */
export interface ResultRefused extends Moment {
  readonly _tag: 'ResultRefused'
  readonly layer: string
  readonly error: unknown
}

/**
 * A fallback took over from this error.
 *
 * @category model
 * @since 0.1.0
 */
export interface FallbackUsed extends Moment {
  readonly _tag: 'FallbackUsed'
  readonly layer: string
  readonly error: unknown
}

/**
 * A call has to wait for its turn, before anything inside the layer is started; `queued` counts all that wait now.
 *
 * @category model
 * @since 0.1.0
 */
export interface CallQueued extends Moment {
  readonly _tag: 'CallQueued'
  readonly layer: string
  readonly queued: number
}

/**
 * The turn of a call that had to wait has come, after `waited` ms.
 *
 * @category model
 * @since 0.1.0
 */
export interface CallAdmitted extends Moment {
  readonly _tag: 'CallAdmitted'
  readonly layer: string
  readonly waited: Millis
}

/**
 * A layer refused to make the call, with the rejection that says why (`CircuitOpen`, `BulkheadFull`); nothing inside it was started.
 *
 * @category model
 * @since 0.1.0
 */
export interface CallRefused extends Moment {
  readonly _tag: 'CallRefused'
  readonly layer: string
  readonly error: unknown
}

/**
 * A circuit breaker changed its state, and why; `key` is that of the circuit, where there is one for each. What is done by hand
 * is no part of any run, and is told to who watches the control.
 *
 * @category model
 * @since 0.1.0
 */
export interface CircuitChanged extends Moment {
  readonly _tag: 'CircuitChanged'
  readonly layer: string
  readonly key: string | undefined
  readonly from: CircuitState
  readonly to: CircuitState
  readonly reason: CircuitReason
  /** The generation that begins with this change. */
  readonly generation: number
}

/**
 * A store did not do as it was asked, in time or at all; what is remembered of its state here serves instead.
 *
 * @category model
 * @since 0.1.0
 */
export interface StoreFailed extends Moment {
  readonly _tag: 'StoreFailed'
  readonly layer: string
  /** The name of the state in the store. */
  readonly name: string
  /** What it threw or rejected with; or what was wrong with its answer. */
  readonly cause: unknown
}

/**
 * Something that a strategy of the user's has to say.
 *
 * @category model
 * @since 0.1.0
 */
export interface Custom extends Moment {
  readonly _tag: 'Custom'
  readonly layer: string
  readonly name: string
  readonly data: unknown
}

/**
 * A run was answered, after `elapsed` ms.
 *
 * @category model
 * @since 0.1.0
 */
export interface RunEnded extends Moment {
  readonly _tag: 'RunEnded'
  readonly elapsed: Millis
  readonly outcome: Exit
}

/**
 * Everything that can be seen of a run.
 *
 * @category model
 * @since 0.1.0
 */
export type Event =
  | RunStarted
  | AttemptStarted
  | AttemptEnded
  | LateResult
  | RetryScheduled
  | RetryStopped
  | PollScheduled
  | PollStopped
  | TimeoutFired
  | DeadlineReached
  | ResultRefused
  | FallbackUsed
  | CallQueued
  | CallAdmitted
  | CallRefused
  | CircuitChanged
  | StoreFailed
  | Custom
  | RunEnded

/**
 * What a layer has to say: an event but for its moment, which the run adds.
 *
 * @category model
 * @since 0.1.0
 */
export type Occurrence = Event extends infer T ? (T extends Event ? Omit<T, keyof Moment> : never) : never
