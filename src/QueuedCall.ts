/**
 * What waits by a lane, in the words that the interpreter and a strategy share.
 *
 * @since 0.1.0
 */
import type { Aborted } from './Rejection'

/**
 * A call that waits by a lane: what becomes of it is what its caller waits for.
 *
 * @internal
 */
export interface QueuedCall {
  /** Has been let in, and goes on. */
  readonly pass: (ticket: number) => unknown
  /** Has been called off. */
  readonly turnBack: (cause: Aborted) => unknown
}
