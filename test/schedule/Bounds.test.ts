import { pipe } from 'fp-ts/function'
import { Schedule } from 'resilience-ts'
import { delays, reason, stepping, tick } from './ticks'

type S = Schedule.Schedule<unknown>

/** The answer to one tick, from the start: a delay, or why none. */
const answer = (schedule: S, said: Partial<Schedule.Tick> = {}): number | string => {
  const first = Schedule.step(schedule, Schedule.initial(schedule), tick(said), undefined)
  return first._tag === 'Continue' ? first.delay : first.reason._tag
}

describe('cap', () => {
  it('bounds each delay from above', () => {
    expect(delays(4, pipe(Schedule.exponential(100), Schedule.cap(300)))).toEqual([100, 200, 300, 300])
    expect(delays(2, pipe(Schedule.constant(5), Schedule.cap(0)))).toEqual([0, 0])
    expect(delays(2, pipe(Schedule.constant(5), Schedule.cap(Infinity)))).toEqual([5, 5])
  })

  it('defect 21: cap never revives a schedule that has stopped', () => {
    expect(delays(9, pipe(Schedule.constant(50), Schedule.take(2), Schedule.cap(10)))).toEqual([10, 10])
    expect(delays(9, pipe(Schedule.stop, Schedule.cap(10)))).toEqual([])
    expect(reason(pipe(Schedule.constant(50), Schedule.take(2), Schedule.cap(10)))).toEqual({
      _tag: 'Attempts',
      limit: 2
    })
  })
})

describe('floor', () => {
  it('bounds each delay from below, and does not revive', () => {
    expect(delays(4, pipe(Schedule.exponential(100), Schedule.floor(300)))).toEqual([300, 300, 400, 800])
    expect(delays(9, pipe(Schedule.stop, Schedule.floor(10)))).toEqual([])
  })

  it('after a smaller cap, the floor wins: max(max(0, min), min(d, max))', () => {
    expect(delays(3, pipe(Schedule.exponential(1), Schedule.cap(5), Schedule.floor(10)))).toEqual([10, 10, 10])
    expect(delays(3, pipe(Schedule.exponential(1), Schedule.floor(10), Schedule.cap(5)))).toEqual([5, 5, 5])
    expect(delays(6, pipe(Schedule.exponential(1), Schedule.cap(10), Schedule.floor(4)))).toEqual([4, 4, 4, 8, 10, 10])
  })
})

describe('take', () => {
  it('allows n recurrences after the first run', () => {
    expect(delays(9, pipe(Schedule.constant(5), Schedule.take(2)))).toEqual([5, 5])
    expect(reason(pipe(Schedule.constant(5), Schedule.take(2)))).toEqual({ _tag: 'Attempts', limit: 2 })
    expect(delays(9, pipe(Schedule.constant(5), Schedule.take(1)))).toEqual([5])
  })

  it('defect 21: take(0) never recurs, rather than for ever', () => {
    expect(delays(9, pipe(Schedule.constant(5), Schedule.take(0)))).toEqual([])
    expect(reason(pipe(Schedule.constant(5), Schedule.take(0)))).toEqual({ _tag: 'Attempts', limit: 0 })
  })

  it('defect 11: take(Infinity) goes on in constant space', () => {
    const schedule = pipe(Schedule.exponential(1), Schedule.jittered, Schedule.take(Infinity))
    let longest = 0
    stepping(100_000, schedule, ({ state }, i) => {
      if (i % 100 === 0) longest = Math.max(longest, JSON.stringify(state).length)
    })
    expect(longest).toBeLessThan(100)
  })

  it('leaves a stop that comes from beneath as it is', () => {
    expect(reason(pipe(Schedule.delays([1, 2]), Schedule.take(5)))).toEqual({ _tag: 'Delays', limit: 2 })
  })
})

describe('upTo', () => {
  it('still goes on where the next attempt begins at the very limit, and not after it', () => {
    const every = Schedule.constant(100)
    expect(delays(99, pipe(every, Schedule.upTo(1000)))).toHaveLength(10)
    expect(delays(99, pipe(every, Schedule.within(1000)))).toHaveLength(9)
    expect(delays(99, pipe(every, Schedule.upTo(999.5)))).toHaveLength(9)
    expect(answer(pipe(every, Schedule.upTo(99)))).toBe('Within')
    expect(answer(pipe(Schedule.forever, Schedule.upTo(0)))).toBe(0)
    expect(answer(pipe(Schedule.forever, Schedule.upTo(0)), { elapsed: 1 })).toBe('Within')
  })

  it('looks at the delay that will really be slept, wherever it stands', () => {
    const slow = Schedule.constant(2000)
    const upTo = Schedule.upTo(1000)
    expect(answer(pipe(slow, upTo, Schedule.cap(1000)))).toBe(1000)
    expect(answer(pipe(slow, upTo, Schedule.cap(1001)))).toBe('Within')
    expect(answer(pipe(Schedule.constant(1), upTo, Schedule.floor(1001)))).toBe('Within')
  })

  it('is shown and checked', () => {
    expect(Schedule.show(pipe(Schedule.forever, Schedule.upTo(1000)))).toBe('forever |> upTo(1s)')
    expect(Schedule.validate(pipe(Schedule.forever, Schedule.upTo(NaN)))).toEqual([
      { path: 'upTo.ms', value: NaN, allowed: 'milliseconds, >= 0, or Infinity' }
    ])
  })
})

describe('within', () => {
  it('stops before a delay that would reach the limit', () => {
    const schedule = pipe(Schedule.exponential(100), Schedule.within(700))
    expect(delays(9, schedule)).toEqual([100, 200])
    expect(reason(schedule)).toEqual({ _tag: 'Within', limit: 700 })
  })

  it('stops when elapsed + delay is the limit exactly, and not just below it', () => {
    const schedule = pipe(Schedule.constant(100), Schedule.within(1000))
    expect(answer(schedule, { elapsed: 900 })).toBe('Within')
    expect(answer(schedule, { elapsed: 899.999 })).toBe(100)
    expect(answer(schedule, { elapsed: 901 })).toBe('Within')
  })

  it('within 0 stops at once, even where there is no delay; Infinity never', () => {
    expect(answer(pipe(Schedule.forever, Schedule.within(0)))).toBe('Within')
    expect(answer(pipe(Schedule.forever, Schedule.within(1)))).toBe(0)
    expect(answer(pipe(Schedule.constant(Number.MAX_VALUE), Schedule.within(Infinity)), { elapsed: 1e9 })).toBe(
      Number.MAX_VALUE
    )
  })

  it('counts the time that attempts take', () => {
    expect(delays(9, pipe(Schedule.constant(100), Schedule.within(1000)), { durations: [300] })).toEqual([100, 100])
  })

  it('defect 14: the delay is checked before it is slept, not only the time that is over', () => {
    // 900 ms are over and the next delay is 400: sleeping it would end at 1300
    expect(answer(pipe(Schedule.constant(400), Schedule.within(1000)), { elapsed: 900 })).toBe('Within')
    expect(answer(pipe(Schedule.constant(400), Schedule.stopAfter(1000)), { elapsed: 900 })).toBe(400)
  })

  const within = Schedule.within(1000)
  const slow = Schedule.constant(2000)
  const quick = Schedule.constant(10)
  const small = { random: () => 0.25 }

  const places: ReadonlyArray<readonly [string, S, number | string, Partial<Schedule.Tick>?]> = [
    ['inside cap', pipe(slow, within, Schedule.cap(999)), 999],
    ['inside cap, at the limit', pipe(slow, within, Schedule.cap(1000)), 'Within'],
    ['outside cap', pipe(slow, Schedule.cap(999), within), 999],
    ['inside jitter that shortens', pipe(slow, within, Schedule.jittered), 500, small],
    ['inside jitter that does not shorten enough', pipe(slow, within, Schedule.jittered), 'Within'],
    ['outside jitter', pipe(slow, Schedule.jittered, within), 500, small],
    ['inside floor', pipe(quick, within, Schedule.floor(1000)), 'Within'],
    ['outside floor', pipe(quick, Schedule.floor(999), within), 999],
    ['left of plus', pipe(quick, within, Schedule.plus(Schedule.constant(990))), 'Within'],
    ['right of plus', pipe(Schedule.constant(990), Schedule.plus(pipe(quick, within))), 'Within'],
    ['left of plus, below the limit', pipe(quick, within, Schedule.plus(Schedule.constant(989))), 999],
    ['left of both, where the right is slow', pipe(quick, within, Schedule.both(slow)), 'Within'],
    ['right of both, where the left is slow', pipe(slow, Schedule.both(pipe(quick, within))), 'Within'],
    ['left of either, where the right is quick', pipe(slow, within, Schedule.either(quick)), 10],
    ['right of either, where the left is quick', pipe(quick, Schedule.either(pipe(slow, within))), 10],
    ['left of either, the shorter, stopped', pipe(Schedule.constant(1500), within, Schedule.either(slow)), 2000],
    ['right of either, the shorter, stopped', pipe(slow, Schedule.either(pipe(Schedule.constant(1500), within))), 2000],
    ['on both sides of either', pipe(slow, within, Schedule.either(pipe(quick, within))), 10],
    ['on both sides of either, both stopped', pipe(slow, within, Schedule.either(pipe(slow, within))), 'Within'],
    [
      'inside modify that lengthens',
      pipe(
        quick,
        within,
        Schedule.modify((d: number) => d * 100)
      ),
      'Within'
    ],
    [
      'inside modify that shortens',
      pipe(
        slow,
        within,
        Schedule.modify((d: number) => d / 100)
      ),
      20
    ],
    ['inside andThen: the second takes over', pipe(slow, within, Schedule.andThen(quick)), 10],
    [
      'inside andThen: what takes over is held against its own delay, not against the one that stopped the first',
      pipe(slow, within, Schedule.andThen(pipe(quick, Schedule.within(20)))),
      10
    ],
    [
      'inside andThen: what takes over is held against its own delay, which stops it too',
      pipe(slow, within, Schedule.andThen(pipe(quick, Schedule.within(10), Schedule.andThen(Schedule.constant(5))))),
      5
    ],
    ['around andThen', pipe(Schedule.stop, Schedule.andThen(slow), within), 'Within'],
    [
      'in a chain of sides given up one by one',
      pipe(
        pipe(Schedule.constant(100), Schedule.within(50)),
        Schedule.either(pipe(Schedule.constant(200), Schedule.within(150))),
        Schedule.either(pipe(Schedule.constant(400), Schedule.within(300))),
        Schedule.either(Schedule.constant(800))
      ),
      800
    ],
    [
      'in that chain, each side given up by the delay of the next',
      pipe(
        pipe(Schedule.constant(100), Schedule.within(101)),
        Schedule.either(pipe(Schedule.constant(200), Schedule.within(150))),
        Schedule.floor(120)
      ),
      'Within'
    ]
  ]

  for (const [place, schedule, expected, said] of places)
    it(`looks at the final delay, ${place}`, () => {
      expect(answer(schedule, said)).toBe(expected)
    })

  it('a side of either that it stopped stays stopped', () => {
    const schedule = pipe(Schedule.constant(500), Schedule.within(400), Schedule.either(Schedule.delays([900, 1, 1])))
    expect(delays(9, schedule)).toEqual([900, 1, 1])
  })

  it('inside andThen it counts from when its part took over', () => {
    const second = pipe(Schedule.constant(100), Schedule.within(350))
    const schedule = pipe(Schedule.delays([1000]), Schedule.andThen(second))
    // the second took over with the attempt that began at 1000
    expect(delays(9, schedule)).toEqual([1000, 100, 100, 100])
  })

  it('a quick phase and a slow one, each with a bound of its own', () => {
    const schedule = pipe(
      Schedule.exponential(100),
      Schedule.within(1000),
      Schedule.andThen(pipe(Schedule.constant(200), Schedule.upTo(600)))
    )
    // attempts at 0, 100, 300, 700, where 800 more would reach 1000; the slow phase counts from there
    expect(delays(9, schedule)).toEqual([100, 200, 400, 200, 200, 200])
  })

  it('a function that looks at the delay that is due, or has a memory of its own, cannot make it look for ever', () => {
    let calls = 0
    const restless = Schedule.modify((_delay: number, _input: unknown, { due }) => {
      calls++
      return due + 1
    })
    const schedule = pipe(Schedule.constant(1), Schedule.within(Infinity), Schedule.within(1e9), restless)
    expect(answer(schedule)).toBe(1)
    expect(calls).toBe(2)
  })
})

describe('stopAfter', () => {
  it('stops once the time is over, whatever the coming delay', () => {
    const schedule = pipe(Schedule.constant(400), Schedule.stopAfter(1000))
    expect(delays(9, schedule)).toEqual([400, 400, 400])
    expect(reason(schedule)).toEqual({ _tag: 'Elapsed', limit: 1000 })
  })

  it('stops when elapsed is the limit exactly, and not just below it', () => {
    const schedule = pipe(Schedule.constant(5000), Schedule.stopAfter(1000))
    expect(answer(schedule, { elapsed: 999.999 })).toBe(5000)
    expect(answer(schedule, { elapsed: 1000 })).toBe('Elapsed')
    expect(answer(schedule, { elapsed: 1001 })).toBe('Elapsed')
  })

  it('stopAfter 0 stops at once; Infinity never', () => {
    expect(answer(pipe(Schedule.forever, Schedule.stopAfter(0)))).toBe('Elapsed')
    expect(answer(pipe(Schedule.forever, Schedule.stopAfter(Infinity)), { elapsed: 1e300 })).toBe(0)
  })

  it('does not revive', () => {
    expect(answer(pipe(Schedule.stop, Schedule.stopAfter(1000)))).toBe('Never')
  })
})

describe('which schedules need the clock', () => {
  it('those that look at it, or hand it to a function, or contain one that does', () => {
    const timed = (schedule: S) => schedule.timed
    expect(
      [
        pipe(Schedule.forever, Schedule.within(1)),
        pipe(Schedule.forever, Schedule.stopAfter(1)),
        pipe(Schedule.forever, Schedule.resetAfter(1)),
        Schedule.cadence(1),
        Schedule.iterate(1, (d) => d),
        pipe(
          Schedule.forever,
          Schedule.modify((d: number) => d)
        ),
        pipe(
          Schedule.forever,
          Schedule.both(pipe(Schedule.stop, Schedule.andThen(Schedule.cadence(1)), Schedule.cap(1)))
        )
      ].map(timed)
    ).toEqual(Array(7).fill(true))
    expect(
      [
        pipe(Schedule.exponential(1), Schedule.jittered, Schedule.cap(1), Schedule.take(3)),
        pipe(Schedule.decorrelated(1, 2), Schedule.either(Schedule.delays([1]))),
        pipe(Schedule.stop, Schedule.andThen(Schedule.forever))
      ].map(timed)
    ).toEqual(Array(3).fill(false))
  })
})

describe('stopWhen', () => {
  it('stops when its condition holds, of the tick and the coming delay', () => {
    const seen: Array<unknown> = []
    const schedule = pipe(
      Schedule.constant(400),
      Schedule.stopWhen(({ attempt, elapsed }, delay) => {
        seen.push([attempt, elapsed, delay])
        return attempt >= 2 && elapsed + delay > 500
      })
    )
    expect(Schedule.preview(9, { durations: [10] })(schedule)).toEqual({
      delays: [400],
      stopped: { _tag: 'Condition' }
    })
    expect(seen).toEqual([
      [1, 10, 400],
      [2, 420, 400]
    ])
  })

  it('is asked only where what is beneath goes on, and its throw is a fault', () => {
    const oh = new Error('oh')
    const throws = Schedule.stopWhen(() => {
      throw oh
    })
    expect(Schedule.preview(1)(throws(Schedule.stop)).stopped).toEqual({ _tag: 'Never' })
    expect(Schedule.preview(1)(throws(Schedule.forever)).stopped).toEqual({ _tag: 'Fault', at: 'stopWhen', cause: oh })
  })

  it('draws on its own', () => {
    const half = pipe(
      Schedule.uniform(0, 100),
      Schedule.stopWhen(({ random }) => random(0) < 0.5)
    )
    const us = [0.5, 0.25, 0.1, 0]
    let drawn = 0
    expect(Schedule.preview(9, { random: () => us[drawn++] ?? NaN })(half)).toEqual({
      delays: [25],
      stopped: { _tag: 'Condition' }
    })
  })
})
