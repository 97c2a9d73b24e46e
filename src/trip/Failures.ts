/**
 * Trips that count failures: in a row, or within a time.
 *
 * @since 0.1.0
 */
import * as Duration from '../Duration'
import type { Millis } from '../Duration'
import * as Rule from '../Rule'
import { type Form, isCount, make, type Trip } from './Model'
import * as Ring from './Ring'

interface Consecutive {
  readonly n: number
}

const atLeastOne = /*#__PURE__*/ Rule.make(
  'a whole number, >= 1, or Infinity',
  (u) => typeof u === 'number' && u >= 1 && (Number.isInteger(u) || u === Infinity)
)

const consecutive: Form<Consecutive, number> = {
  name: 'consecutiveFailures',
  rules: { n: atLeastOne },
  initial: () => 0,
  step: (_trip, failures, { failed }) => (failed ? failures + 1 : 0),
  reason: (trip, failures) =>
    failures >= (trip.settings as Consecutive).n ? { _tag: 'ConsecutiveFailures', failures } : undefined,
  holds: (_trip, state) => isCount(state),
  moved: (_trip, failures) => failures,
  total: true,
  show: ({ n }) => `consecutiveFailures(${String(n)})`
}

/**
 * Opens after `n` failures in a row; a success begins the count anew. It reads no clock.
 *
 * @param n how many; whole, ≥ 1, or `Infinity` for never
 *
 * @example
 * import { Policy, Trip } from 'resilience-ts'
 * import { pipe } from 'fp-ts/function'
 * import assert from 'assert'
 *
 * const policy = pipe(
 *   Policy.id<string, number>(),
 *   Policy.circuitBreaker({ trip: Trip.consecutiveFailures(5), openFor: 30_000 })
 * )
 * assert.strictEqual(Policy.show(policy), 'circuitBreaker(consecutiveFailures(5), openFor: 30s)\n└─ operation')
 *
 * @category trips
 * @since 0.1.0
 */
export const consecutiveFailures = (n: number): Trip => make(consecutive, { n })

interface Within {
  readonly n: number
  readonly window: Millis
}

const manyFailures = 100_000
const longAgo = -Number.MAX_VALUE

/** The times of the last n failures, in order. */
const within: Form<Within, Ring.Ring> = {
  name: 'failuresWithin',
  rules: {
    n: /*#__PURE__*/ Rule.make(
      `a whole number, 1 to ${String(manyFailures)}`,
      (u) => isCount(u, manyFailures) && u >= 1
    ),
    window: Rule.limit
  },
  initial: () => Ring.empty,
  step: (trip, times, { failed, at }) => {
    if (!failed) return times
    const { n, window } = trip.settings as Within
    const last = Ring.latest(n, times)
    if (last === undefined || last <= at) return Ring.add(n, times, at)
    // a clock that was set back makes no failure younger than now, nor brings back what was forgotten
    return Ring.add(
      n,
      Ring.map(times, (time) => (last - time > window ? longAgo : Math.min(time, at))),
      at
    )
  },
  reason: (trip, times, at) => {
    const { n, window } = trip.settings as Within
    const first = Ring.oldest(times)
    // what was forgotten by the latest failure stays so, also on a clock that has been set back since
    const now = Math.max(at, Ring.latest(n, times) ?? at)
    return first !== undefined && now - first <= window ? { _tag: 'FailuresWithin', failures: n, window } : undefined
  },
  holds: (trip, state) => Ring.isRing((trip.settings as Within).n, state),
  moved: (_trip, times, by) => Ring.map(times, (time) => time + by),
  total: true,
  show: ({ n, window }) => `failuresWithin(${String(n)}, ${Duration.show(window)})`
}

/**
 * Opens after `n` failures within `window` milliseconds, however many calls succeeded in between: a failure is only forgotten
 * once it is older than the window.
 *
 * It remembers the times of the last `n` failures; one more costs the same however many there are.
 *
 * @param n how many; whole, 1 to 100,000
 * @param window milliseconds, > 0, or `Infinity`; the first and the last of the failures may be exactly so far apart
 *
 * @example
 * import { Trip } from 'resilience-ts'
 * import assert from 'assert'
 *
 * const trip = Trip.failuresWithin(2, 1000)
 * const state = [0, 400, 800].reduce(
 *   (state, at) => Trip.step(trip, state, { failed: at !== 400, at, duration: 5 }),
 *   Trip.initial(trip)
 * )
 * assert.deepStrictEqual(Trip.reason(trip, state, 800), { _tag: 'FailuresWithin', failures: 2, window: 1000 })
 *
 * @category trips
 * @since 0.1.0
 */
export const failuresWithin = (n: number, window: Millis): Trip => make(within, { n, window }, [], 'time')

const neverForm: Form<object, null> = {
  name: 'never',
  rules: {},
  initial: () => null,
  step: () => null,
  reason: () => undefined,
  holds: (_trip, state) => state === null,
  moved: () => null,
  total: true,
  show: () => 'never'
}

/**
 * Never opens by itself: for a breaker that is only worked by hand.
 *
 * @example
 * import { Trip } from 'resilience-ts'
 * import assert from 'assert'
 *
 * assert.strictEqual(Trip.show(Trip.never), 'never')
 *
 * @category trips
 * @since 0.1.0
 */
export const never: Trip = /*#__PURE__*/ make(neverForm, {})
