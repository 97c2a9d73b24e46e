import { pipe } from 'fp-ts/function'
import { Random, Schedule } from 'resilience-ts'
import { delays, means, reason, stepping, tick } from './ticks'

const at = (schedule: Schedule.Schedule<unknown>, ...us: ReadonlyArray<number>): ReadonlyArray<number | undefined> =>
  us.map((u) => delays(1, schedule, { random: () => u })[0])

/** The mean and the variance of the first delay, over many draws. */
const moments = (schedule: Schedule.Schedule<unknown>, runs = 50_000) => {
  const random = Random.seeded(3)
  let [sum, squares] = [0, 0]
  for (let run = 0; run < runs; run++)
    stepping(
      1,
      schedule,
      ({ delay }) => {
        sum += delay
        squares += delay * delay
      },
      random
    )
  const mean = sum / runs
  return { mean, variance: squares / runs - mean * mean }
}

const near = (value: number, expected: number, share: number): void => {
  expect(Math.abs(value - expected)).toBeLessThan(expected * share)
}

const almostOne = 1 - 2 ** -32
const hundred = Schedule.constant(100)

describe('jitters of one delay', () => {
  it('jittered is U(0, d)', () => {
    expect(at(pipe(hundred, Schedule.jittered), 0, 0.25, 0.5)).toEqual([0, 25, 50])
    expect(at(pipe(hundred, Schedule.jittered), almostOne)[0]).toBeLessThan(100)
    const { mean, variance } = moments(pipe(hundred, Schedule.jittered))
    near(mean, 50, 0.01)
    near(variance, 100 ** 2 / 12, 0.02)
  })

  it('jittered follows min(cap, base·2^n)', () => {
    const schedule = pipe(Schedule.exponential(100), Schedule.cap(300), Schedule.jittered)
    expect(delays(4, schedule, { random: () => 0.5 })).toEqual([50, 100, 150, 150])
  })

  it('jitteredFrom is U(min, d), and min where the delay is shorter', () => {
    expect(at(pipe(hundred, Schedule.jitteredFrom(20)), 0, 0.25, 0.5)).toEqual([20, 40, 60])
    expect(at(pipe(hundred, Schedule.jitteredFrom(0)), 0.25)).toEqual(at(pipe(hundred, Schedule.jittered), 0.25))
    expect(at(pipe(hundred, Schedule.jitteredFrom(150)), 0, almostOne)).toEqual([150, 150])
    const { mean, variance } = moments(pipe(hundred, Schedule.jitteredFrom(20)))
    near(mean, 60, 0.01)
    near(variance, 80 ** 2 / 12, 0.02)
  })

  it('equalJitter is d/2 + U(0, d/2)', () => {
    expect(at(pipe(hundred, Schedule.equalJitter), 0, 0.5)).toEqual([50, 75])
    const { mean, variance } = moments(pipe(hundred, Schedule.equalJitter))
    near(mean, 75, 0.01)
    near(variance, 50 ** 2 / 12, 0.02)
  })

  it('proportionalJitter is d·(1 + f·(2u − 1))', () => {
    expect(at(pipe(hundred, Schedule.proportionalJitter(0.25)), 0, 0.5, 0.75)).toEqual([75, 100, 112.5])
    expect(at(pipe(hundred, Schedule.proportionalJitter(0)), 0, 0.9)).toEqual([100, 100])
    expect(at(pipe(hundred, Schedule.proportionalJitter(1)), 0, 0.5, 0.75)).toEqual([0, 100, 150])
  })

  it('proportionalJitter of 0.2 is U(0.8, 1.2)·d', () => {
    const { mean, variance } = moments(pipe(hundred, Schedule.proportionalJitter(0.2)))
    near(mean, 100, 0.01)
    near(variance, 40 ** 2 / 12, 0.02)
  })

  it('additiveJitter is d + U(min, max)', () => {
    expect(at(pipe(hundred, Schedule.additiveJitter(10, 30)), 0, 0.5)).toEqual([110, 120])
    expect(at(pipe(hundred, Schedule.additiveJitter(30, 10)), 0.5)).toEqual([120])
    const growing = pipe(Schedule.exponential(1000), Schedule.additiveJitter(0, 1000))
    expect(delays(3, growing, { random: () => 0.5 })).toEqual([1500, 2500, 4500])
  })

  it.each([
    ['jittered', Schedule.jittered],
    ['equalJitter', Schedule.equalJitter],
    ['proportionalJitter', Schedule.proportionalJitter(1)],
    ['additiveJitter', Schedule.additiveJitter(Number.MAX_VALUE, Number.MAX_VALUE)]
  ])('%s stays finite and ≥ 0 at both ends of the numbers, and does not revive stop', (_name, jitter) => {
    for (const delay of [0, Number.MIN_VALUE, Number.MAX_VALUE])
      for (const bent of at(jitter(Schedule.constant(delay)), 0, 0.5, almostOne)) {
        expect(bent).toBeGreaterThanOrEqual(0)
        expect(bent).toBeLessThanOrEqual(Number.MAX_VALUE)
      }
    expect(delays(3, jitter(Schedule.stop))).toEqual([])
  })
})

describe('decorrelated', () => {
  it('is min(cap, U(base, 3·s)), s the delay before', () => {
    const schedule = Schedule.decorrelated(100, 10_000)
    expect(delays(6, schedule, { random: () => 0.5 })).toEqual([200, 350, 575, 912.5, 1418.75, 2178.125])
    expect(delays(3, schedule, { random: () => 0 })).toEqual([100, 100, 100])
  })

  it('has the published means: 200 350 575 912 1410 2025', () => {
    const found = means(Schedule.decorrelated(100, 10_000), 6, 50_000)
    ;[200, 350, 575, 912, 1410, 2025].forEach((mean, i) => {
      near(found[i]!, mean, 0.02)
    })
  })

  it('feeds the capped delay back', () => {
    const schedule = Schedule.decorrelated(100, 250)
    const us = [0.9, 0]
    // U(100, 300) at 0.9 is 280, capped to 250; then U(100, 750) at 0
    expect(delays(2, schedule, { random: () => us.shift() ?? NaN })).toEqual([250, 100])
    const [, second] = delays(2, schedule, { random: () => 0.2 })
    // 140, then U(100, 420) at 0.2
    expect(second).toBeCloseTo(164)
  })

  it('with a cap below the base gives the cap', () => {
    expect(delays(3, Schedule.decorrelated(100, 10), { random: () => 0.3 })).toEqual([10, 10, 10])
  })

  it('grows without end up to the largest number and no further, and finds back', () => {
    const schedule = Schedule.decorrelated(100, Infinity)
    let last = 0
    stepping(
      2000,
      schedule,
      ({ delay }) => (last = delay),
      () => almostOne
    )
    expect(last).toBeLessThanOrEqual(Number.MAX_VALUE)
    expect(last).toBeGreaterThan(1e308)
    expect(Schedule.step(schedule, last, tick({ random: () => 0 }), undefined)).toMatchObject({ delay: 100 })
    expect(Schedule.step(Schedule.decorrelated(100, 1e308), 1e308, tick({ random: () => 0 }), undefined)).toMatchObject(
      { delay: 100 }
    )
  })
})

describe('decorrelatedV2', () => {
  it('is the published curve at u = 0.5', () => {
    const row = [897.405, 1093.004, 2035.748, 4045.979, 8083.632, 16163.663]
    const found = delays(6, Schedule.decorrelatedV2(1000), { random: () => 0.5 })
    expect(found.map((delay) => Number(delay.toFixed(3)))).toEqual(row)
  })

  it('has the published medians: 897.4 1140 2021 4008 7988 16011', () => {
    const runs = 100_000
    const random = Random.seeded(11)
    const found = Array.from({ length: 6 }, () => new Float64Array(runs))
    const schedule = Schedule.decorrelatedV2(1000)
    for (let run = 0; run < runs; run++) stepping(6, schedule, ({ delay }, i) => (found[i]![run] = delay), random)
    ;[897.4, 1140, 2021, 4008, 7988, 16011].forEach((median, i) => {
      near(found[i]!.sort()[runs / 2]!, median, 0.01)
    })
  })

  it('a cap bounds the delay and does not feed back', () => {
    const uncapped = delays(6, Schedule.decorrelatedV2(1000))
    const capped = delays(6, pipe(Schedule.decorrelatedV2(1000), Schedule.cap(1500)))
    expect(capped).toEqual(uncapped.map((delay) => Math.min(delay, 1500)))
    expect(capped).toContain(1500)
  })

  it('never below 0, never NaN, however far; base 0 stays 0', () => {
    let [last, wrong] = [0, 0]
    stepping(100_000, Schedule.decorrelatedV2(1000), ({ delay }) => {
      if (!(delay >= 0 && delay < Infinity)) wrong++
      last = delay
    })
    expect([last, wrong]).toEqual([Number.MAX_VALUE, 0])
    let most = 0
    stepping(10_000, Schedule.decorrelatedV2(0), ({ delay }) => (most = Math.max(most, delay)))
    expect(most).toBe(0)
    expect(delays(2, Schedule.decorrelatedV2(1000), { random: () => 0 })[0]).toBe(0)
  })
})

describe('draws', () => {
  const numbered = (draw: number) => [0.5, 0.25, 0.125, 0.0625][draw] ?? NaN
  const first = (schedule: Schedule.Schedule<unknown>) =>
    Schedule.step(schedule, Schedule.initial(schedule), tick({ random: numbered }), undefined)

  it('are numbered from the outside in', () => {
    const schedule = pipe(Schedule.uniform(0, 1000), Schedule.equalJitter, Schedule.jittered)
    // jittered draws 0.5, equalJitter 0.25, uniform 0.125
    expect(first(schedule)).toMatchObject({ delay: 0.5 * (0.5 + 0.5 * 0.25) * 125 })
  })

  it('both sides of both, of either and of andThen start from the same', () => {
    const side = Schedule.uniform(0, 1000)
    for (const combine of [Schedule.both, Schedule.either, Schedule.andThen])
      expect(first(pipe(side, combine(side)))).toMatchObject({ delay: 500 })
  })

  it('the sides of plus share none', () => {
    const side = Schedule.uniform(0, 1000)
    const two = pipe(side, Schedule.plus(side))
    expect(first(two)).toMatchObject({ delay: 500 + 250 })
    expect(first(pipe(two, Schedule.plus(side)))).toMatchObject({ delay: 500 + 250 + 125 })
    expect(first(pipe(side, Schedule.plus(two)))).toMatchObject({ delay: 500 + 250 + 125 })
    expect(first(pipe(two, Schedule.jittered))).toMatchObject({ delay: 0.5 * (250 + 125) })
  })

  it('a function of the user’s has draws of its own', () => {
    const drawn = Schedule.modify((delay: number, _input: unknown, { random }) => delay * random(0))
    expect(first(pipe(Schedule.uniform(0, 1000), drawn, Schedule.jittered))).toMatchObject({ delay: 0.5 * 0.25 * 125 })
    expect(first(pipe(hundred, drawn, Schedule.plus(hundred), drawn))).toMatchObject({ delay: 0.5 * (25 + 100) })
  })

  it('are counted: as many as a tick may ask for', () => {
    const jittered = pipe(hundred, Schedule.jittered)
    expect(hundred.draws).toBe(0)
    expect(pipe(jittered, Schedule.equalJitter).draws).toBe(2)
    expect(pipe(jittered, Schedule.both(Schedule.uniform(1, 2)), Schedule.take(3)).draws).toBe(1)
    expect(pipe(jittered, Schedule.plus(Schedule.uniform(1, 2))).draws).toBe(2)
    expect(Schedule.iterate(1, (d) => d).draws).toBe(1)
    expect(
      pipe(
        hundred,
        Schedule.modify((d: number) => d)
      ).draws
    ).toBe(1)
  })

  it.each<[string, Schedule.Schedule<unknown>]>([
    ['uniform', Schedule.uniform(50, 100)],
    ['growing', Schedule.growing({ first: 1, plus: [1, 2] })],
    ['jittered', pipe(hundred, Schedule.jittered)],
    ['jitteredFrom', pipe(hundred, Schedule.jitteredFrom(10))],
    ['equalJitter', pipe(hundred, Schedule.equalJitter)],
    ['proportionalJitter', pipe(hundred, Schedule.proportionalJitter(0.5))],
    ['additiveJitter', pipe(hundred, Schedule.additiveJitter(1, 2))],
    ['decorrelated', Schedule.decorrelated(100, 1000)],
    ['decorrelatedV2', Schedule.decorrelatedV2(100)]
  ])('that are not in [0, 1) are no delays of %s, but faults', (at, schedule) => {
    for (const value of [NaN, -0.1, 1, Infinity, '0.5', null, undefined, 0n, Symbol('x')]) {
      expect(reason(schedule, { random: () => value as number })).toEqual({
        _tag: 'Fault',
        at,
        cause: { _tag: 'NotADelay', value, allowed: 'a random draw: a number, >= 0 and < 1' }
      })
    }
    expect(delays(9, schedule, { random: () => 0 })).toHaveLength(9)
    expect(delays(9, schedule, { random: () => almostOne })).toHaveLength(9)
  })

  it('equal schedules draw equally', () => {
    const make = () => pipe(Schedule.exponential(100), Schedule.jittered, Schedule.take(20))
    expect(delays(20, make(), { seed: 5 })).toEqual(delays(20, make(), { seed: 5 }))
    expect(delays(20, pipe(make(), Schedule.both(make())), { seed: 5 })).toEqual(delays(20, make(), { seed: 5 }))
    expect(delays(20, make(), { seed: 5 })).not.toEqual(delays(20, make(), { seed: 6 }))
  })

  it('nested jitters draw independently', () => {
    const { mean, variance } = moments(pipe(hundred, Schedule.jittered, Schedule.jittered))
    // the product of two independent draws: mean 1/4, variance 1/9 − 1/16; of one draw squared it would be 1/3
    near(mean, 100 / 4, 0.02)
    near(variance, 100 ** 2 * (1 / 9 - 1 / 16), 0.03)
  })

  it('added jitters draw independently', () => {
    const jittered = pipe(hundred, Schedule.jittered)
    const { mean, variance } = moments(pipe(jittered, Schedule.plus(jittered)))
    near(mean, 100, 0.01)
    near(variance, (2 * 100 ** 2) / 12, 0.03)
  })

  it('a jitter around a drawn delay draws independently of it', () => {
    const { mean, variance } = moments(pipe(Schedule.uniform(0, 100), Schedule.jittered))
    near(mean, 25, 0.02)
    near(variance, 100 ** 2 * (1 / 9 - 1 / 16), 0.03)
  })

  it('one tick draws apart from the next', () => {
    const random = Random.seeded(9)
    let [product, sum] = [0, 0]
    for (let run = 0; run < 20_000; run++) {
      let before = 1
      stepping(
        2,
        pipe(Schedule.constant(1), Schedule.jittered),
        ({ delay }) => {
          product += before === 1 ? 0 : before * delay
          sum += delay
          before = delay
        },
        random
      )
    }
    near(sum / 40_000, 0.5, 0.02)
    near(product / 20_000, 0.25, 0.03)
  })
})
