/**
 * Several trips as one.
 *
 * @since 0.1.0
 */
import { type Form, holds, initial, make, moved, reason, type State, step, type Trip } from './Model'
import type { TripReason } from '../CircuitReason'

type States = ReadonlyArray<State>

const form = (
  name: string,
  enough: (trips: ReadonlyArray<Trip>, reasonOf: (index: number) => TripReason | undefined) => TripReason | undefined
): Form<object, States> => ({
  name,
  rules: {},
  initial: ({ inner }) => inner.map(initial),
  step: ({ inner }, states, outcome) => {
    let changed: Array<State> | undefined
    for (const [index, trip] of inner.entries()) {
      const before = states[index] as State
      const after = step(trip, before, outcome)
      if (after !== before) (changed ??= [...states])[index] = after
    }
    return changed ?? states
  },
  reason: ({ inner }, states, at) => enough(inner, (index) => reason(inner[index] as Trip, states[index] as State, at)),
  holds: ({ inner }, state) =>
    Array.isArray(state) && state.length === inner.length && inner.every((trip, index) => holds(trip, state[index])),
  moved: ({ inner }, states, by) => inner.map((trip, index) => moved(trip, states[index] as State, by)),
  total: true,
  show: (_settings, inner) => `${name}(${inner.join(', ')})`
})

const any = /*#__PURE__*/ form('anyOf', (trips, reasonOf) => {
  for (const index of trips.keys()) {
    const found = reasonOf(index)
    if (found !== undefined) return found
  }
  return undefined
})

const all = /*#__PURE__*/ form('allOf', (trips, reasonOf) => {
  const reasons: Array<TripReason> = []
  for (const index of trips.keys()) {
    const found = reasonOf(index)
    if (found === undefined) return undefined
    reasons.push(found)
  }
  return reasons.length === 0 ? undefined : { _tag: 'All', reasons }
})

/**
 * Opens when any one of several would; its reason is that of the first which does. Of none at all, never.
 *
 * @param trips several
 *
 * @example
 * import { Trip } from 'resilience-ts'
 * import assert from 'assert'
 *
 * const trip = Trip.anyOf(Trip.consecutiveFailures(5), Trip.failuresWithin(20, 60_000))
 * assert.strictEqual(Trip.show(trip), 'anyOf(consecutiveFailures(5), failuresWithin(20, 1m))')
 *
 * @category combinators
 * @since 0.1.0
 */
export const anyOf = (...trips: ReadonlyArray<Trip>): Trip => make(any, {}, trips)

/**
 * Opens when every one of several would. Of none at all, never.
 *
 * @param trips several
 *
 * @example
 * import { Trip } from 'resilience-ts'
 * import assert from 'assert'
 *
 * const trip = Trip.allOf(Trip.consecutiveFailures(1), Trip.failuresWithin(2, 1000))
 * const failed = { failed: true, at: 0, duration: 5 }
 * const one = Trip.step(trip, Trip.initial(trip), failed)
 * assert.strictEqual(Trip.reason(trip, one, 0), undefined)
 * assert.strictEqual(Trip.reason(trip, Trip.step(trip, one, failed), 0)?._tag, 'All')
 *
 * @category combinators
 * @since 0.1.0
 */
export const allOf = (...trips: ReadonlyArray<Trip>): Trip => make(all, {}, trips)
