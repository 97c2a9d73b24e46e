/**
 * What a bulkhead can be told.
 *
 * @since 0.1.0
 */
import * as Duration from '../../Duration'
import type { Millis } from '../../Duration'
import type { Attributes } from '../../Event'
import { showValue } from '../../Problem'
import * as Rule from '../../Rule'

/**
 * What is known of a call that has to wait: what its caller gave as options of the run.
 *
 * @category model
 * @since 0.1.0
 */
export interface BulkheadCall {
  readonly key: string | undefined
  readonly attributes: Attributes
}

/**
 * Who may wait for a permit, how long, and what becomes of the permits of what hangs.
 *
 * - `queue`: how many may wait; whole, ≥ 0, or `Infinity`; 0 unless given: who finds no permit is refused at once;
 * - `order`: who is next: `'fifo'` (unless given), `'lifo'`, or a function of the call that gives its priority, the highest
 *   first, those of equal priority first in first out. It is asked once, when a call has to wait;
 * - `wait`: milliseconds, > 0, or `Infinity`, that a call waits at the most; `Infinity` unless given;
 * - `abandonAfter`: milliseconds, ≥ 0, or `Infinity`, for which an operation whose caller has been answered may hold its
 *   permit on; `Infinity` unless given: until it settles.
 *
 * @category model
 * @since 0.1.0
 */
export interface BulkheadOptions {
  readonly queue?: number
  readonly order?: 'fifo' | 'lifo' | ((call: BulkheadCall) => number)
  readonly wait?: Millis
  readonly abandonAfter?: Millis
}

/**
 * A bulkhead's settings.
 *
 * @internal
 */
export interface Settings extends BulkheadOptions {
  readonly permits: number
}

/**
 * What may stand in the options.
 *
 * @internal
 */
export const optionRules: Rule.Rules<BulkheadOptions> = {
  queue: /*#__PURE__*/ Rule.optional(Rule.count),
  order: /*#__PURE__*/ Rule.optional(
    /*#__PURE__*/ Rule.make(
      '"fifo", "lifo", or a function',
      (u) => u === 'fifo' || u === 'lifo' || typeof u === 'function'
    )
  ),
  wait: /*#__PURE__*/ Rule.optional(Rule.limit),
  abandonAfter: /*#__PURE__*/ Rule.optional(Rule.patience)
}

/**
 * What may stand in the settings.
 *
 * @internal
 */
export const rules: Rule.Rules<Settings> = {
  ...optionRules,
  permits: /*#__PURE__*/ Rule.make(
    'a whole number, >= 1, or Infinity',
    (u) => typeof u === 'number' && u >= 1 && (Number.isInteger(u) || u === Infinity)
  )
}

const showCount = (n: number): string => (n === Infinity ? 'unlimited' : String(n))

/**
 * The settings as text.
 *
 * @internal
 */
export const showSettings = ({ permits, queue, order, wait, abandonAfter }: Settings): ReadonlyArray<string> => [
  showCount(permits),
  ...(queue === undefined ? [] : [`queue: ${showCount(queue)}`]),
  ...(order === undefined ? [] : [`order: ${typeof order === 'string' ? order : showValue(order)}`]),
  ...(wait === undefined ? [] : [`wait: ${Duration.show(wait)}`]),
  ...(abandonAfter === undefined ? [] : [`abandonAfter: ${Duration.show(abandonAfter)}`])
]
