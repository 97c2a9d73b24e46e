/**
 * Rates over a window of calls: how many of them failed, how many were slow.
 *
 * @since 0.1.0
 */
import * as Duration from '../Duration'
import type { Millis } from '../Duration'
import { type Problem, showValue } from '../Problem'
import * as Rule from '../Rule'
import type { Outcome } from './Model'
import type { TripReason } from '../CircuitReason'

/**
 * When the calls in a window are enough to open. At least one of the two rates must be given.
 *
 * - `failureRate`: the share of failed calls that opens, more than 0 and up to 1; 1 opens when all have failed;
 * - `slowRate`: the share of slow calls that opens, more than 0 and up to 1; whether they failed does not matter;
 * - `slowAfter`: milliseconds, ≥ 0; who takes as long or longer is slow. With `slowRate`, and only with it;
 * - `minimumCalls`: how many calls there must be in the window before any rate counts; whole, ≥ 1; 10 unless given, or the
 *   size of a smaller window.
 *
 * @category model
 * @since 0.1.0
 */
export interface Rates {
  readonly failureRate?: number | undefined
  readonly slowRate?: number | undefined
  readonly slowAfter?: Millis | undefined
  readonly minimumCalls?: number | undefined
}

const rate = /*#__PURE__*/ Rule.optional(
  /*#__PURE__*/ Rule.make('a number, > 0 and <= 1', (u) => typeof u === 'number' && u > 0 && u <= 1)
)

/** @internal */
export const rules: Rule.Rules<Rates> = {
  failureRate: rate,
  slowRate: rate,
  slowAfter: /*#__PURE__*/ Rule.optional(Rule.delay),
  minimumCalls: /*#__PURE__*/ Rule.optional(
    /*#__PURE__*/ Rule.make('a whole number, >= 1', (u) => Number.isSafeInteger(u) && (u as number) >= 1)
  )
}

/** @internal */
export const problems = ({ failureRate, slowRate, slowAfter }: Rates): ReadonlyArray<Problem> => [
  ...(failureRate === undefined && slowRate === undefined
    ? [{ path: 'failureRate', value: undefined, allowed: 'a failureRate, a slowRate, or both' }]
    : []),
  ...((slowRate === undefined) === (slowAfter === undefined)
    ? []
    : [{ path: 'slowAfter', value: slowAfter, allowed: 'milliseconds beside a slowRate, and only there' }])
]

/**
 * What holds unless given, of a window of so many calls.
 *
 * @internal
 */
export const unlessGiven = (size: number): Partial<Rates> => ({ minimumCalls: Math.min(defaultMinimum, size) })

const defaultMinimum = 10

/** @internal */
export const show = ({ failureRate, slowRate, slowAfter, minimumCalls }: Rates): ReadonlyArray<string> => [
  ...(failureRate === undefined ? [] : [`failureRate: ${showValue(failureRate)}`]),
  ...(slowRate === undefined ? [] : [`slowRate: ${showValue(slowRate)}`]),
  ...(slowAfter === undefined ? [] : [`slowAfter: ${Duration.show(slowAfter)}`]),
  ...(minimumCalls === undefined ? [] : [`minimumCalls: ${showValue(minimumCalls)}`])
]

/** @internal */
export const isSlow = ({ slowAfter }: Rates, { duration }: Outcome): boolean =>
  slowAfter !== undefined && duration >= slowAfter

/**
 * The first of the rates that is reached by so many calls.
 *
 * @internal
 */
export const reached = (
  { failureRate, slowRate, minimumCalls = defaultMinimum }: Rates,
  size: number,
  calls: number,
  failed: number,
  slow: number
): TripReason | undefined => {
  if (calls < Math.min(minimumCalls, size)) return undefined
  // multiplied, not divided: a share of 0.3 of 10 calls is 3 of them
  if (failureRate !== undefined && failed > 0 && failed >= atLeast(failureRate, calls)) {
    return { _tag: 'FailureRate', rate: failed / calls, calls }
  }
  if (slowRate !== undefined && slow > 0 && slow >= atLeast(slowRate, calls)) {
    return { _tag: 'SlowRate', rate: slow / calls, calls }
  }
  return undefined
}

/** So many of the calls are a share of them; what floating point adds to the last place is no call. */
const atLeast = (rate: number, calls: number): number => Math.ceil(rate * calls - 1e-9)
