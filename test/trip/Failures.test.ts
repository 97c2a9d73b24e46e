import fc from 'fast-check'
import { Trip } from 'resilience-ts'
import * as Model from '../../src/trip/Model'
import { outcomes, read, said, sizeOf } from './reading'

describe('consecutiveFailures', () => {
  it('opens after so many in a row', () => {
    const trip = Trip.consecutiveFailures(2)
    const all = [true, false, true, true, true].map((failed) => ({ failed, at: 0, duration: 0 }))
    expect(said(trip, all)).toEqual([
      undefined,
      undefined,
      undefined,
      { _tag: 'ConsecutiveFailures', failures: 2 },
      { _tag: 'ConsecutiveFailures', failures: 3 }
    ])
    expect(trip.reads).toBe('nothing')
  })

  it('says what a list of all outcomes says', () => {
    fc.assert(
      fc.property(outcomes, fc.integer({ min: 1, max: 6 }), (all, n) => {
        expect(said(Trip.consecutiveFailures(n), all)).toEqual(
          read(all, (before) => {
            const ends = [...before].reverse().findIndex(({ failed }) => !failed)
            const failures = ends === -1 ? before.length : ends
            return failures >= n ? { _tag: 'ConsecutiveFailures', failures } : undefined
          })
        )
      })
    )
  })

  it('of Infinity, never', () => {
    const all = Array.from({ length: 1000 }, () => ({ failed: true, at: 0, duration: 0 }))
    expect(said(Trip.consecutiveFailures(Infinity), all).every((reason) => reason === undefined)).toBe(true)
    expect(Trip.validate(Trip.consecutiveFailures(Infinity))).toEqual([])
  })

  it.each([0, -1, 1.5, NaN, '3', undefined])('of %p it is none', (n) => {
    expect(Trip.validate(Trip.consecutiveFailures(n as number)).map(({ path }) => path)).toEqual([
      'consecutiveFailures.n'
    ])
  })
})

describe('failuresWithin', () => {
  it('says what a list of all outcomes says', () => {
    fc.assert(
      fc.property(
        outcomes,
        fc.integer({ min: 1, max: 6 }),
        fc.constantFrom(10, 100, 1000, Infinity),
        (all, n, window) => {
          expect(said(Trip.failuresWithin(n, window), all)).toEqual(
            read(all, (before, now) =>
              before.filter(({ failed, at }) => failed && now - at <= window).length >= n
                ? { _tag: 'FailuresWithin', failures: n, window }
                : undefined
            )
          )
        }
      )
    )
  })

  it('successes do not clear it, and it expires while nobody calls', () => {
    const trip = Trip.failuresWithin(2, 1000)
    const one = Trip.step(trip, Trip.initial(trip), { failed: true, at: 0, duration: 0 })
    const succeeded = Array.from({ length: 50 }).reduce<Trip.State>(
      (state) => Trip.step(trip, state, { failed: false, at: 500, duration: 0 }),
      one
    )
    expect(succeeded).toBe(one)
    const again = (at: number) => Trip.reason(trip, Trip.step(trip, one, { failed: true, at, duration: 0 }), at)
    expect(again(1000)).toEqual({ _tag: 'FailuresWithin', failures: 2, window: 1000 })
    expect(again(1001)).toBeUndefined()
    // nor does what it remembers say so later
    const two = Trip.step(trip, one, { failed: true, at: 900, duration: 0 })
    expect(Trip.reason(trip, two, 900)).toBeDefined()
    expect(Trip.reason(trip, two, 1001)).toBeUndefined()
  })

  it('remembers no more than the last n', () => {
    const trip = Trip.failuresWithin(10, Infinity)
    let state = Trip.initial(trip)
    for (let at = 0; at < 1000; at++) state = Trip.step(trip, state, { failed: true, at, duration: 0 })
    expect(sizeOf(state)).toBeLessThanOrEqual(11)
  })

  it('a clock that is set back makes no failure younger than now', () => {
    const trip = Trip.failuresWithin(2, 1000)
    const one = Trip.step(trip, Trip.initial(trip), { failed: true, at: 1_000_000, duration: 0 })
    const two = Trip.step(trip, one, { failed: true, at: 0, duration: 0 })
    expect(Trip.reason(trip, two, 0)).toBeDefined()
    // both are of 0 now, and forgotten with it
    expect(Trip.reason(trip, Trip.step(trip, two, { failed: true, at: 1001, duration: 0 }), 1001)).toBeUndefined()
  })

  it('says what a list of times says, whatever the clock does', () => {
    const jumping = fc.array(fc.record({ failed: fc.boolean(), at: fc.integer({ min: 0, max: 3000 }) }), {
      maxLength: 200
    })
    fc.assert(
      fc.property(
        jumping,
        fc.oneof(fc.integer({ min: 1, max: 6 }), fc.constantFrom(64, 65, 130)),
        fc.constantFrom(10, 1000, 2000, Infinity),
        (all, n, window) => {
          let times: ReadonlyArray<number> = []
          const naive = all.map(({ failed, at }) => {
            if (failed) {
              times = [...times.filter((time) => at - time <= window).map((time) => Math.min(time, at)), at].slice(-n)
            }
            const first = times[times.length - n]
            return first !== undefined && at - first <= window
          })
          const outcomes = all.map(({ failed, at }) => ({ failed, at, duration: 0 }))
          expect(said(Trip.failuresWithin(n, window), outcomes).map((reason) => reason !== undefined)).toEqual(naive)
        }
      )
    )
  })

  it('is moved with the clock', () => {
    const trip = Trip.failuresWithin(2, 1000)
    const one = Trip.step(trip, Trip.initial(trip), { failed: true, at: 0, duration: 0 })
    const moved = Trip.step(trip, Model.moved(trip, one, 5000), { failed: true, at: 6000, duration: 0 })
    expect(Trip.reason(trip, moved, 6000)).toBeDefined()
  })

  it.each([0, 1.5, 100_001, NaN, Infinity])('of %p failures it is none', (n) => {
    expect(Trip.validate(Trip.failuresWithin(n, 1)).map(({ path }) => path)).toEqual(['failuresWithin.n'])
  })
  it.each([0, -1, NaN, '1s'])('of a window of %p it is none', (window) => {
    expect(Trip.validate(Trip.failuresWithin(1, window as number)).map(({ path }) => path)).toEqual([
      'failuresWithin.window'
    ])
  })
})

describe('never', () => {
  it('never opens', () => {
    fc.assert(
      fc.property(outcomes, (all) => {
        expect(said(Trip.never, all).every((reason) => reason === undefined)).toBe(true)
      })
    )
    expect(Trip.validate(Trip.never)).toEqual([])
  })
})
