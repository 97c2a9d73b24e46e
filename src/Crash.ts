/**
 * What becomes of what a run holds, when a strategy in it breaks the protocol's last rule, and throws.
 *
 * @since 0.1.0
 */
import type { Aborted } from './Rejection'

/**
 * Why such a run is called off. What is inside may be broken, and not answer any more: who holds something gives it back at once.
 *
 * @internal
 */
export const crashed: Aborted = { _tag: 'Aborted', by: 'close', reason: undefined }
