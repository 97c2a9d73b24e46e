/**
 * What the effectful callbacks of a retry are told.
 *
 * @since 0.1.0
 */
import type { Millis } from '../../Duration'

/**
 * A failure, as `decide` and `beforeRetry` see it.
 *
 * @category model
 * @since 0.1.0
 */
export interface RetryInfo<out E> {
  readonly error: E
  /** The number of the attempt that has failed, from 1. */
  readonly attempt: number
  /** Milliseconds since the first attempt began. */
  readonly elapsed: Millis
  /** `elapsed` at the first failure. */
  readonly firstFailure: Millis
  /** Milliseconds slept between attempts so far. */
  readonly idle: Millis
  /** The delay that is to come, in ms: the schedule's, or longer, if a refusal asked for it; after `decide`, what that chose. */
  readonly delay: Millis
}
