/**
 * What a bulkhead can be told.
 *
 * @since 0.1.0
 */
import { agreed } from '../../Agreement'
import * as Duration from '../../Duration'
import type { Millis } from '../../Duration'
import type { Attributes } from '../../Event'
import { type Problem, showValue } from '../../Problem'
import type { Services } from '../../Protocol'
import * as Rule from '../../Rule'
import { type Shelf, shelve } from '../../Cell'
import { free, type Holders, holds } from './Holders'

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
 *   permit on; `Infinity` unless given: until it settles;
 * - `name`: shares its permits, by this name, with all bulkheads of the name in the runtime's store; their settings must agree.
 *   Each has its own queue;
 * - `lease`: milliseconds, finite, > 0; 30,000 unless given. With a name: how long permits are kept for a process that is not
 *   heard of any more. One that is there says so three times as often.
 *
 * @category model
 * @since 0.1.0
 */
export interface BulkheadOptions {
  readonly queue?: number | undefined
  readonly order?: 'fifo' | 'lifo' | ((call: BulkheadCall) => number) | undefined
  readonly wait?: Millis | undefined
  readonly abandonAfter?: Millis | undefined
  readonly name?: string | undefined
  readonly lease?: Millis | undefined
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
  abandonAfter: /*#__PURE__*/ Rule.optional(Rule.patience),
  name: /*#__PURE__*/ Rule.optional(Rule.name),
  lease: /*#__PURE__*/ Rule.optional(Rule.interval)
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

/**
 * What the rules cannot say: permits that are shared are counted.
 *
 * @internal
 */
export const problems = ({ permits, name }: Settings): ReadonlyArray<Problem> =>
  name !== undefined && permits === Infinity
    ? [{ path: 'permits', value: permits, allowed: 'a whole number, >= 1, with a name' }]
    : []

const showCount = (n: number): string => (n === Infinity ? 'unlimited' : showValue(n))

/**
 * The settings as text.
 *
 * @internal
 */
export const showSettings = ({
  permits,
  queue,
  order,
  wait,
  abandonAfter,
  lease,
  name
}: Settings): ReadonlyArray<string> => [
  showCount(permits),
  ...(queue === undefined ? [] : [`queue: ${showCount(queue)}`]),
  ...(order === undefined ? [] : [`order: ${typeof order === 'string' ? order : showValue(order)}`]),
  ...(wait === undefined ? [] : [`wait: ${Duration.show(wait)}`]),
  ...(abandonAfter === undefined ? [] : [`abandonAfter: ${Duration.show(abandonAfter)}`]),
  ...(lease === undefined ? [] : [`lease: ${Duration.show(lease)}`]),
  ...(name === undefined ? [] : [`name: ${showValue(name)}`])
]

/**
 * How long permits are kept for a process that is not heard of, unless it is said.
 *
 * @internal
 */
export const defaultLease: Millis = 30_000

/**
 * Where its permits are in the runtime's store, if it has a name.
 *
 * @internal
 */
export const shelfOf = (settings: Settings, services: Services): Shelf<Holders> | undefined => {
  const { name, order, permits } = settings
  // functions need not agree
  const own = typeof order === 'function' ? ['name', 'order'] : ['name']
  const text = showSettings(agreed(settings, defaults, own)).join(', ')
  return shelve(services, 'bulkhead', name, text, free(permits), holds)
}

const defaults: Partial<Settings> = {
  queue: 0,
  order: 'fifo',
  wait: Infinity,
  abandonAfter: Infinity,
  lease: defaultLease
}
