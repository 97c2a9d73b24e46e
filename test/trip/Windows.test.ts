import fc from 'fast-check'
import { Trip } from 'resilience-ts'
import * as Model from '../../src/trip/Model'
import { outcomes, rates, read, said, sizeOf, someRates } from './reading'

const valid = (given: Trip.Rates, size: number): Trip.Rates =>
  given.minimumCalls !== undefined && given.minimumCalls > size ? { ...given, minimumCalls: size } : given

describe('countWindow', () => {
  it('says what a list of the last so many says', () => {
    fc.assert(
      fc.property(outcomes, fc.integer({ min: 1, max: 40 }), someRates, (all, size, some) => {
        const given = valid(some, size)
        const trip = Trip.countWindow(size, given)
        expect(Trip.validate(trip)).toEqual([])
        expect(said(trip, all)).toEqual(read(all, (before) => rates(given, size, before.slice(-size))))
      }),
      { numRuns: 500 }
    )
  })

  it('keeps two bits a call', () => {
    const trip = Trip.countWindow(1500, { failureRate: 1 })
    let state = Trip.initial(trip)
    for (let n = 0; n < 5000; n++) state = Trip.step(trip, state, { failed: n % 2 === 0, at: 0, duration: 0 })
    expect(sizeOf(state)).toBeLessThanOrEqual(1500 / 15 + 5)
  })

  it('a share of 0.3 of 10 is 3, and of 7 is 3 as well', () => {
    const trip = (calls: number) => Trip.countWindow(100, { failureRate: 0.3, minimumCalls: calls })
    const all = (calls: number, failed: number) =>
      Array.from({ length: calls }, (_, n) => ({ failed: n < failed, at: 0, duration: 0 }))
    expect(said(trip(10), all(10, 3))[9]).toEqual({ _tag: 'FailureRate', rate: 0.3, calls: 10 })
    expect(said(trip(10), all(10, 2))[9]).toBeUndefined()
    expect(said(trip(7), all(7, 2))[6]).toBeUndefined()
    expect(said(trip(7), all(7, 3))[6]).toBeDefined()
    // 0.07 of 100 is a little more than 7 in floating point
    const seven = Trip.countWindow(100, { failureRate: 0.07, minimumCalls: 100 })
    expect(said(seven, all(100, 7))[99]).toEqual({ _tag: 'FailureRate', rate: 0.07, calls: 100 })
    expect(said(seven, all(100, 6))[99]).toBeUndefined()
  })

  it('takes only such states as its own', () => {
    const trip = Trip.countWindow(20, { failureRate: 0.5, slowRate: 0.5, slowAfter: 100 })
    let state = Trip.initial(trip)
    for (let n = 0; n < 50; n++) {
      expect(Model.holds(trip, JSON.parse(JSON.stringify(state)))).toBe(true)
      state = Trip.step(trip, state, { failed: n % 3 === 0, at: 0, duration: (n % 7) * 30 })
    }
    const good = state as { readonly [key: string]: Trip.State }
    for (const broken of [
      null,
      5,
      [],
      {},
      { ...good, calls: 21 },
      { ...good, calls: 3 },
      { ...good, failed: 0 },
      { ...good, slow: 20 },
      { ...good, position: 20 },
      { ...good, word: -1 },
      { ...good, words: [1, 2, 3] },
      { ...good, words: 'all' },
      { ...good, word: 4 ** 15 - 1 }
    ]) {
      expect(Model.holds(trip, broken)).toBe(false)
    }
    expect(Model.holds(Trip.countWindow(10, { failureRate: 0.5 }), good)).toBe(false)
    expect(Model.moved(trip, state, 5000)).toBe(state)
  })

  it.each([0, 1.5, NaN, 1_000_001, Infinity])('of %p calls it is none', (size) => {
    expect(Trip.validate(Trip.countWindow(size, { failureRate: 1 })).map(({ path }) => path)).toEqual([
      'countWindow.size'
    ])
  })

  it.each([
    [{}, 'failureRate'],
    [{ failureRate: 0 }, 'failureRate'],
    [{ failureRate: 1.1 }, 'failureRate'],
    [{ failureRate: NaN }, 'failureRate'],
    [{ slowRate: 0.5 }, 'slowAfter'],
    [{ failureRate: 0.5, slowAfter: 5 }, 'slowAfter'],
    [{ slowRate: 2, slowAfter: 5 }, 'slowRate'],
    [{ slowRate: 1, slowAfter: -1 }, 'slowAfter'],
    [{ failureRate: 1, minimumCalls: 0 }, 'minimumCalls'],
    [{ failureRate: 1, minimumCalls: 21 }, 'minimumCalls'],
    [null, 'failureRate']
  ])('rates of %j are none', (given, path) => {
    expect(Trip.validate(Trip.countWindow(20, given as Trip.Rates)).map((problem) => problem.path)).toContain(
      `countWindow.${path}`
    )
  })

  it('reads the time only for slow calls', () => {
    expect(Trip.countWindow(5, { failureRate: 1 }).reads).toBe('nothing')
    expect(Trip.countWindow(5, { slowRate: 1, slowAfter: 5 }).reads).toBe('duration')
    expect(Trip.timeWindow(5, { failureRate: 1 }).reads).toBe('time')
    expect(Trip.timeWindow(5, { slowRate: 1, slowAfter: 5 }).reads).toBe('duration')
  })
})

describe('timeWindow', () => {
  const tenths = (window: number, given: Trip.Rates) => (all: ReadonlyArray<Trip.Outcome>, now: number) => {
    const tenth = (at: number): number => Math.floor((at * 10) / window)
    return rates(
      given,
      Infinity,
      all.filter(({ at }) => tenth(at) > tenth(now) - 10)
    )
  }

  it('says what a list of those of its ten tenths says', () => {
    fc.assert(
      fc.property(outcomes, fc.constantFrom(10, 100, 1000, 777), someRates, (all, window, given) => {
        const trip = Trip.timeWindow(window, given)
        expect(Trip.validate(trip)).toEqual([])
        expect(said(trip, all)).toEqual(read(all, tenths(window, given)))
      }),
      { numRuns: 500 }
    )
  })

  it('counts in place no more than a step would, and only where there is nothing to say', () => {
    let tallied = 0
    fc.assert(
      fc.property(outcomes, fc.constantFrom(10, 100, 1000, 100_000), someRates, (all, window, given) => {
        const trip = Trip.timeWindow(window, given)
        let state = Trip.step(trip, Trip.initial(trip), { failed: false, at: 0, duration: 0 })
        for (const outcome of all) {
          const own = JSON.parse(JSON.stringify(state)) as Trip.State
          const next = Trip.step(trip, state, outcome)
          if (Model.tally(trip, own, outcome)) {
            tallied++
            expect(own).toEqual(next)
            expect(Trip.reason(trip, next, outcome.at)).toBeUndefined()
          } else {
            expect(own).toEqual(state)
          }
          state = next
        }
      })
    )
    expect(tallied).toBeGreaterThan(0)
  })

  it('holds between nine tenths of it and all', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 3000 }), fc.integer({ min: 0, max: 3000 }), (first, later) => {
        const trip = Trip.timeWindow(1000, { failureRate: 0.001, minimumCalls: 1 })
        const state = Trip.step(trip, Trip.initial(trip), { failed: true, at: first, duration: 0 })
        const isIn = Trip.reason(trip, state, first + later) !== undefined
        if (later < 900) expect(isIn).toBe(true)
        if (later >= 1000) expect(isIn).toBe(false)
      })
    )
  })

  it('costs the same however long it is and however many calls are in it', () => {
    const sizes = [1, 1000, 86_400_000, 1e12].flatMap((window) =>
      [100, 10_000].map((calls) => {
        const trip = Trip.timeWindow(window, { failureRate: 1, minimumCalls: 1_000_000 })
        let state = Trip.initial(trip)
        let most = 0
        let copied = 0
        for (let n = 0; n < calls; n++) {
          const before = state as { readonly past: unknown }
          state = Trip.step(trip, state, { failed: true, at: (n / calls) * window * 3, duration: 0 })
          // the list of buckets is made anew only when one is full
          if ((state as unknown as { readonly past: unknown }).past !== before.past) copied++
          most = Math.max(most, sizeOf(state))
        }
        expect(copied).toBeLessThanOrEqual(30)
        return most
      })
    )
    // ten buckets of four numbers, and a few sums
    expect(Math.max(...sizes)).toBe(9 * 4 + 7)
    expect(new Set(sizes).size).toBe(1)
  })

  it('expires while nobody calls', () => {
    const trip = Trip.timeWindow(1000, { failureRate: 0.5, minimumCalls: 2 })
    let state = Trip.initial(trip)
    for (let n = 0; n < 9; n++) state = Trip.step(trip, state, { failed: true, at: n, duration: 0 })
    expect(Trip.reason(trip, state, 8)).toBeDefined()
    expect(Trip.reason(trip, state, 3000)).toBeUndefined()
    expect(
      said(
        trip,
        [0, 3000].map((at) => ({ failed: true, at, duration: 0 }))
      )
    ).toEqual([undefined, undefined])
  })

  it('a clock that is set back far begins anew; a little, and it goes on', () => {
    const trip = Trip.timeWindow(1000, { failureRate: 0.5, minimumCalls: 2 })
    const one = Trip.step(trip, Trip.initial(trip), { failed: true, at: 100_000, duration: 0 })
    const little = Trip.step(trip, one, { failed: true, at: 99_900, duration: 0 })
    expect(Trip.reason(trip, little, 99_900)).toMatchObject({ calls: 2 })
    const far = Trip.step(trip, one, { failed: true, at: 0, duration: 0 })
    expect(Trip.reason(trip, far, 0)).toBeUndefined()
    expect(Trip.reason(trip, Trip.step(trip, far, { failed: true, at: 1, duration: 0 }), 1)).toMatchObject({ calls: 2 })
  })

  it('is moved with the clock, by whole tenths', () => {
    const trip = Trip.timeWindow(1000, { failureRate: 0.5, minimumCalls: 3 })
    let state = Trip.initial(trip)
    for (const at of [0, 500]) state = Trip.step(trip, state, { failed: true, at, duration: 0 })
    const moved = Model.moved(trip, state, 1_700_000_000_000)
    const now = 1_700_000_000_900
    const next = Trip.step(trip, moved, { failed: true, at: now, duration: 0 })
    expect(Trip.reason(trip, next, now)).toMatchObject({ calls: 3 })
  })

  it('takes only such states as its own', () => {
    const trip = Trip.timeWindow(1000, { failureRate: 0.5 })
    let state = Trip.initial(trip)
    for (let n = 0; n < 50; n++) {
      expect(Model.holds(trip, JSON.parse(JSON.stringify(state)))).toBe(true)
      state = Trip.step(trip, state, { failed: n % 3 === 0, at: n * 70, duration: 0 })
    }
    const good = state as unknown as { readonly past: object }
    const none = { calls: 0, failed: 0, slow: 0 }
    for (const broken of [
      null,
      {},
      { ...good, bucket: 0.5 },
      { ...good, failed: 99 },
      { ...good, past: 5 },
      { ...good, past: { ...good.past, buckets: 5 } },
      { ...good, past: { ...good.past, buckets: [[1, 2, 3]] } },
      { ...good, past: { buckets: [[1, 1, 2, 0]], calls: 1, failed: 2, slow: 0 } },
      { ...good, past: { ...good.past, calls: 1000 } },
      { ...good, past: { ...none, buckets: Array.from({ length: 20 }, () => [0, 0, 0, 0]) } }
    ]) {
      expect(Model.holds(trip, broken)).toBe(false)
    }
  })

  it.each([0, -1, NaN, Infinity, '1s'])('of %p ms it is none', (window) => {
    const trip = Trip.timeWindow(window as number, { failureRate: 1 })
    expect(Trip.validate(trip).map(({ path }) => path)).toEqual(['timeWindow.window'])
  })
})

it('a window shows every setting that it was given, also what would hold anyway', () => {
  const given = { failureRate: 0.5, minimumCalls: 10 }
  expect(Trip.show(Trip.countWindow(20, given))).toBe('countWindow(20, failureRate: 0.5, minimumCalls: 10)')
  expect(Trip.show(Trip.timeWindow(500, given))).toBe('timeWindow(500ms, failureRate: 0.5, minimumCalls: 10)')
})
