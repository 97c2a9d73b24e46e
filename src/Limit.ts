/**
 * What an attempt knows of who set its deadline.
 *
 * @since 0.1.0
 */
import type { Exit } from './Exit'

/**
 * Whoever set a deadline.
 *
 * @internal
 */
export interface Limit {
  /** What answers an attempt that is not to be started any more, as it could not end in time. */
  readonly refusal: () => Exit
}
