/**
 * What a source of chance may give: a number in [0, 1). Of anything else no delay is made, as NaN is no number to sleep.
 *
 * @since 0.1.0
 */
import { fault, type Stop } from './Model'

/**
 * Whether it is one.
 *
 * @internal
 */
export const isDraw = (u: unknown): boolean => typeof u === 'number' && u >= 0 && u < 1

/**
 * The fault of a schedule that was given something else.
 *
 * @internal
 */
export const noDraw = (at: string, value: unknown): Stop =>
  fault(at, { _tag: 'NotADelay', value, allowed: 'a random draw: a number, >= 0 and < 1' })
