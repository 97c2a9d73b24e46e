/** What the tests of trips share: lists of outcomes, and how a trip and a naive reading of it look at them. */
import fc from 'fast-check'
import { Trip } from 'resilience-ts'

/** Outcomes in the order of their ends. */
export const outcomes: fc.Arbitrary<ReadonlyArray<Trip.Outcome>> = fc
  .array(
    fc.record({
      failed: fc.boolean(),
      after: fc.oneof(fc.integer({ min: 0, max: 30 }), fc.integer({ min: 0, max: 2500 })),
      duration: fc.integer({ min: 0, max: 300 })
    }),
    { maxLength: 60 }
  )
  .map((all) => {
    let at = 0
    return all.map(({ failed, after, duration }) => ({ failed, at: (at += after), duration }))
  })

/** What a trip says after each of some outcomes. */
export const said = (trip: Trip.Trip, all: ReadonlyArray<Trip.Outcome>): ReadonlyArray<Trip.TripReason | undefined> => {
  let state = Trip.initial(trip)
  return all.map((outcome) => {
    state = Trip.step(trip, state, outcome)
    return Trip.reason(trip, state, outcome.at)
  })
}

/** What a reading over the list of all outcomes so far says after each. */
export const read = (
  all: ReadonlyArray<Trip.Outcome>,
  says: (so_far: ReadonlyArray<Trip.Outcome>, now: number) => Trip.TripReason | undefined
): ReadonlyArray<Trip.TripReason | undefined> => all.map((outcome, index) => says(all.slice(0, index + 1), outcome.at))

/** A naive reading of rates. */
export const rates = (
  { failureRate, slowRate, slowAfter = Infinity, minimumCalls = 10 }: Trip.Rates,
  size: number,
  window: ReadonlyArray<Trip.Outcome>
): Trip.TripReason | undefined => {
  const calls = window.length
  if (calls < Math.min(minimumCalls, size)) return undefined
  const failed = window.filter((outcome) => outcome.failed).length
  const slow = window.filter(({ duration }) => duration >= slowAfter).length
  if (failureRate !== undefined && failed / calls >= failureRate) {
    return { _tag: 'FailureRate', rate: failed / calls, calls }
  }
  return slowRate !== undefined && slow / calls >= slowRate
    ? { _tag: 'SlowRate', rate: slow / calls, calls }
    : undefined
}

/** Shares that floating point holds exactly, and some that it does not; a share of n calls is never just beside a whole. */
export const someRates: fc.Arbitrary<Trip.Rates> = fc
  .record({
    failureRate: fc.constantFrom(undefined, 0.001, 0.25, 0.3, 0.5, 1),
    slowRate: fc.constantFrom(undefined, 0.2, 0.75, 1),
    minimumCalls: fc.constantFrom(undefined, 1, 2, 5)
  })
  .map(({ failureRate, slowRate, minimumCalls }) => ({
    ...(failureRate === undefined && slowRate === undefined ? { failureRate: 0.5 } : {}),
    ...(failureRate === undefined ? {} : { failureRate }),
    ...(slowRate === undefined ? {} : { slowRate, slowAfter: 150 }),
    ...(minimumCalls === undefined ? {} : { minimumCalls })
  }))

/** How many numbers a state is made of. */
export const sizeOf = (state: Trip.State): number => {
  if (state === null || typeof state === 'number') return 1
  const parts = (Array.isArray(state) ? state : Object.values(state)) as ReadonlyArray<Trip.State>
  return parts.reduce<number>((sum, part) => sum + sizeOf(part), 0)
}
