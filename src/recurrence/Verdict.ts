/**
 * What an effectful decision about going on may say.
 *
 * @since 0.1.0
 */
import type { Millis } from '../Duration'

/**
 * What an effectful decision says: go on as the schedule has it, go on after another delay, or give up.
 *
 * @category model
 * @since 0.1.0
 */
export type Verdict =
  { readonly _tag: 'Again' } | { readonly _tag: 'AgainAfter'; readonly delay: Millis } | { readonly _tag: 'GiveUp' }

/**
 * The verdict that goes on as the schedule has it.
 *
 * @example
 * import { Policy } from 'resilience-ts'
 * import assert from 'assert'
 *
 * assert.deepStrictEqual(Policy.again, { _tag: 'Again' })
 *
 * @category verdicts
 * @since 0.1.0
 */
export const again: Verdict = { _tag: 'Again' }

/**
 * The verdict that goes on after `delay` milliseconds, whatever the schedule has; below 0 counts as 0.
 *
 * @param delay milliseconds, finite
 *
 * @example
 * import { Policy } from 'resilience-ts'
 * import assert from 'assert'
 *
 * assert.deepStrictEqual(Policy.againAfter(500), { _tag: 'AgainAfter', delay: 500 })
 *
 * @category verdicts
 * @since 0.1.0
 */
export const againAfter = (delay: Millis): Verdict => ({ _tag: 'AgainAfter', delay })

/**
 * The verdict that ends a retry with the error at hand, and a poll with what it has seen.
 *
 * @example
 * import { Policy } from 'resilience-ts'
 * import assert from 'assert'
 *
 * assert.deepStrictEqual(Policy.giveUp, { _tag: 'GiveUp' })
 *
 * @category verdicts
 * @since 0.1.0
 */
export const giveUp: Verdict = { _tag: 'GiveUp' }
