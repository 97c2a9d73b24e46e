import fc from 'fast-check'
import { Trip } from 'resilience-ts'
import * as Model from '../../src/trip/Model'
import { raise } from '../support'
import { outcomes, said, someRates } from './reading'

const leaf: fc.Arbitrary<Trip.Trip> = fc.oneof(
  fc.integer({ min: 1, max: 5 }).map(Trip.consecutiveFailures),
  fc
    .tuple(fc.integer({ min: 1, max: 4 }), fc.constantFrom(50, 500))
    .map(([n, window]) => Trip.failuresWithin(n, window)),
  someRates.map((given) => Trip.timeWindow(500, given)),
  fc.integer({ min: 5, max: 20 }).chain((size) => someRates.map((given) => Trip.countWindow(size, given))),
  fc.constant(Trip.never)
)
const some = fc.array(leaf, { maxLength: 3 })

describe('anyOf and allOf', () => {
  it('say what each of them says on its own', () => {
    fc.assert(
      fc.property(outcomes, some, (all, trips) => {
        const each = trips.map((trip) => said(trip, all))
        const any = all.map((_, index) => each.map((reasons) => reasons[index]).find((reason) => reason !== undefined))
        expect(said(Trip.anyOf(...trips), all)).toEqual(any)
        const every = all.map((_, index) => {
          const reasons = each.map((reasons) => reasons[index])
          return reasons.length > 0 && reasons.every((reason) => reason !== undefined)
            ? { _tag: 'All', reasons }
            : undefined
        })
        expect(said(Trip.allOf(...trips), all)).toEqual(every)
      })
    )
  })

  it('nest, and what they remember is plain data', () => {
    fc.assert(
      fc.property(outcomes, some, some, (all, inner, outer) => {
        const trip = Trip.anyOf(Trip.allOf(...inner), ...outer)
        expect(Trip.validate(trip)).toEqual([])
        let state = Trip.initial(trip)
        for (const outcome of all) {
          state = Trip.step(trip, state, outcome)
          const copy = JSON.parse(JSON.stringify(state)) as Trip.State
          expect(copy).toEqual(state)
          expect(Model.holds(trip, copy)).toBe(true)
        }
        expect(Model.moved(trip, Model.moved(trip, state, 5000), -5000)).toEqual(state)
      }),
      { numRuns: 30 }
    )
  })

  it('of none they never open', () => {
    const all = Array.from({ length: 100 }, (_, at) => ({ failed: true, at, duration: 0 }))
    for (const trip of [Trip.anyOf(), Trip.allOf()]) {
      expect(Trip.validate(trip)).toEqual([])
      expect(said(trip, all).every((reason) => reason === undefined)).toBe(true)
    }
  })

  it('what is impossible in a part is found, with its path; so is what is no trip', () => {
    const trip = Trip.allOf(Trip.never, Trip.anyOf(Trip.consecutiveFailures(0), 5 as never))
    expect(Trip.validate(trip)).toEqual([
      { path: 'allOf.1.anyOf.0.consecutiveFailures.n', value: 0, allowed: 'a whole number, >= 1, or Infinity' },
      { path: 'allOf.1.anyOf.1', value: 5, allowed: 'a Trip' }
    ])
    expect(Trip.show(trip)).toBe('allOf(never, anyOf(consecutiveFailures(0), <not a trip>))')
  })

  it('what throws when it is looked at is no trip, or one that reads nothing', () => {
    const { proxy, revoke } = Proxy.revocable({}, {})
    revoke()
    const blind = {
      ...Trip.never,
      get reads(): never {
        return raise('oh')
      }
    }
    for (const combine of [Trip.anyOf, Trip.allOf]) {
      const trip = combine(Trip.never, proxy as never)
      expect(Trip.validate(trip)).toMatchObject([{ path: `${trip.form.name}.1`, allowed: 'a Trip' }])
      expect(combine(Trip.failuresWithin(1, 1), blind).reads).toBe('time')
    }
    expect(Trip.isTrip(proxy)).toBe(false)
  })

  it('read what the most curious of their parts reads', () => {
    const slow = Trip.countWindow(5, { slowRate: 1, slowAfter: 5 })
    expect(Trip.anyOf(Trip.consecutiveFailures(1), Trip.never).reads).toBe('nothing')
    expect(Trip.anyOf(Trip.consecutiveFailures(1), Trip.failuresWithin(1, 1)).reads).toBe('time')
    expect(Trip.allOf(slow, Trip.failuresWithin(1, 1)).reads).toBe('duration')
  })

  it('slow for one is slow for all', () => {
    const slow = Trip.countWindow(5, { slowRate: 1, slowAfter: 50 })
    const trip = Trip.anyOf(Trip.never, Trip.allOf(slow))
    const took = (duration: number): Trip.Outcome => ({ failed: false, at: 0, duration })
    expect([Model.isSlow(trip, took(49)), Model.isSlow(trip, took(50))]).toEqual([false, true])
    expect(Model.isSlow(Trip.consecutiveFailures(1), took(1e9))).toBe(false)
  })
})
