import { pipe } from 'fp-ts/function'
import { Schedule } from 'resilience-ts'
import { raise } from '../support'
import { delays, reason, stepping, tick } from './ticks'

/** The last of many delays; each on the way is checked to be a delay. */
const farOut = (schedule: Schedule.Schedule<unknown>, steps = 100_000): number => {
  let last = 0
  let wrong = 0
  stepping(steps, schedule, ({ delay }) => {
    if (!(delay >= 0 && delay < Infinity)) wrong++
    last = delay
  })
  expect(wrong).toBe(0)
  return last
}

const { MAX_VALUE } = Number

/** Lists that throw when they are read. */
const unreadable = (): ReadonlyArray<ReadonlyArray<number>> => {
  const { proxy, revoke } = Proxy.revocable<ReadonlyArray<number>>([], {})
  revoke()
  return [Object.defineProperty([1], 0, { get: () => raise('oh') }), proxy]
}

describe('forever and stop', () => {
  it('forever goes on at once', () => {
    expect(delays(3, Schedule.forever)).toEqual([0, 0, 0])
    expect(reason(Schedule.forever)).toEqual({ _tag: 'Unfinished' })
  })

  it('stop never goes on', () => {
    expect(delays(3, Schedule.stop)).toEqual([])
    expect(reason(Schedule.stop)).toEqual({ _tag: 'Never' })
  })
})

describe('constant', () => {
  it('gives the same delay, fractions too', () => {
    expect(delays(3, Schedule.constant(250))).toEqual([250, 250, 250])
    expect(delays(2, Schedule.constant(0.25))).toEqual([0.25, 0.25])
    expect(delays(2, Schedule.constant(0))).toEqual([0, 0])
  })
})

describe('linear', () => {
  it('is start + increment·n', () => {
    expect(delays(5, pipe(Schedule.linear(1000, 2000), Schedule.cap(6000)))).toEqual([1000, 3000, 5000, 6000, 6000])
  })

  it('shrinks to 0 and never below', () => {
    expect(delays(5, Schedule.linear(100, -40))).toEqual([100, 60, 20, 0, 0])
  })

  it('saturates', () => {
    expect(farOut(Schedule.linear(0, MAX_VALUE))).toBe(MAX_VALUE)
    expect(farOut(Schedule.linear(MAX_VALUE, -MAX_VALUE))).toBe(0)
  })
})

describe('exponential', () => {
  it('is base·factor^n, n from 0', () => {
    expect(delays(10, pipe(Schedule.exponential(128), Schedule.cap(30_000)))).toEqual([
      128, 256, 512, 1024, 2048, 4096, 8192, 16384, 30000, 30000
    ])
    expect(delays(4, Schedule.exponential(1, 10))).toEqual([1, 10, 100, 1000])
    expect(delays(3, Schedule.exponential(100, 0.5))).toEqual([100, 50, 25])
    expect(delays(3, Schedule.exponential(7, 1))).toEqual([7, 7, 7])
  })

  it('of base 0 stays 0, however far', () => {
    expect(farOut(Schedule.exponential(0, 10))).toBe(0)
  })

  it('fades to 0 with a factor below 1', () => {
    expect(farOut(Schedule.exponential(1000, 0.5))).toBe(0)
  })

  it('defect 11: unbounded backoff saturates; it never overflows, and never turns into a hot loop', () => {
    let before = 0
    let shrunk = 0
    stepping(1_000_000, Schedule.exponential(1), ({ delay }) => {
      if (!(delay >= before && delay < Infinity)) shrunk++
      before = delay
    })
    expect(shrunk).toBe(0)
    expect(before).toBe(MAX_VALUE)
    expect(farOut(pipe(Schedule.exponential(1), Schedule.cap(2 ** 40)))).toBe(2 ** 40)
  })
})

describe('fibonacci', () => {
  it('is 1 1 2 3 5 8… times the base', () => {
    expect(delays(8, Schedule.fibonacci(10))).toEqual([10, 10, 20, 30, 50, 80, 130, 210])
  })

  it('saturates, and of base 0 stays 0', () => {
    expect(farOut(Schedule.fibonacci(10))).toBe(MAX_VALUE)
    expect(farOut(Schedule.fibonacci(0))).toBe(0)
  })
})

describe('delays', () => {
  it('gives the list, then stops', () => {
    expect(delays(9, Schedule.delays([10, 0, 500]))).toEqual([10, 0, 500])
    expect(reason(Schedule.delays([10, 0, 500]))).toEqual({ _tag: 'Delays', limit: 3 })
  })

  it('keeps its own copy of the list', () => {
    const list = [10, 20]
    const schedule = Schedule.delays(list)
    list[0] = 99
    list.push(30)
    expect(delays(9, schedule)).toEqual([10, 20])
  })
})

describe('a list that throws when it is read', () => {
  const found = (schedule: Schedule.Schedule<unknown>, path: string) => {
    expect(Schedule.validate(schedule)).toMatchObject([{ path, value: { _tag: 'Unreadable' } }])
    expect(Schedule.show(schedule)).toContain('Unreadable')
  }

  it('is found by validate, as delays', () => {
    for (const list of unreadable()) found(Schedule.delays(list), 'delays.list')
  })

  it('is found by validate, as what growing adds, and as its bounds', () => {
    for (const list of unreadable() as ReadonlyArray<never>) {
      found(Schedule.growing({ first: 1, plus: list }), 'growing.plus')
      found(Schedule.growing({ first: 1, between: list }), 'growing.between')
    }
  })
})

describe('uniform', () => {
  it('is min + (max − min)·u', () => {
    const at = (u: number) => delays(1, Schedule.uniform(100, 300), { random: () => u })
    expect([at(0), at(0.25), at(0.5)]).toEqual([[100], [150], [200]])
  })

  it('reads a backward range backwards', () => {
    expect(delays(1, Schedule.uniform(300, 100), { random: () => 0.25 })).toEqual([250])
    expect(farOut(Schedule.uniform(MAX_VALUE, 0), 1000)).toBeGreaterThanOrEqual(0)
  })

  it('draws anew at each step', () => {
    const [a, b] = delays(2, Schedule.uniform(100, 300))
    expect(a).not.toBe(b)
  })
})

describe('iterate', () => {
  it('first gives the delay as given, then what the function makes of the one before', () => {
    const recurrence = Schedule.iterate(1, (d) => Math.min(d * 2 + 1, 10))
    expect(delays(5, recurrence)).toEqual([1, 3, 7, 10, 10])
  })

  it('shows the function the tick, with a draw of its own', () => {
    const seen: Array<readonly [number, number]> = []
    const schedule = pipe(
      Schedule.iterate(1, (d, { elapsed, random }) => {
        seen.push([elapsed, random(0)])
        return d
      }),
      Schedule.jittered
    )
    Schedule.step(
      schedule,
      1,
      tick({ elapsed: 70, random: (draw) => (draw === 0 ? 0.25 : draw === 1 ? 0.75 : NaN) }),
      undefined
    )
    expect(seen).toEqual([[70, 0.75]])
  })

  it('counts an answer below 0 as 0, and feeds that back', () => {
    const seen: Array<number> = []
    const schedule = Schedule.iterate(5, (d) => {
      seen.push(d)
      return -1
    })
    expect(delays(3, schedule)).toEqual([5, 0, 0])
    expect(seen).toEqual([5, 0])
  })

  it.each([NaN, Infinity, -Infinity, '3', null, undefined, {}])('answers %p with a fault', (value) => {
    const schedule = Schedule.iterate(5, () => value as number)
    expect(delays(9, schedule)).toEqual([5])
    expect(reason(schedule)).toEqual({
      _tag: 'Fault',
      at: 'iterate',
      cause: { _tag: 'NotADelay', value, allowed: 'finite milliseconds; below 0 counts as 0' }
    })
  })

  it('answers a throw with a fault', () => {
    const cause = new Error('no')
    const schedule = Schedule.iterate(5, () => {
      throw cause
    })
    expect(reason(schedule)).toEqual({ _tag: 'Fault', at: 'iterate', cause })
  })
})

describe('cadence', () => {
  it('recurs at whole multiples of the interval, however long each attempt takes', () => {
    expect(delays(3, Schedule.cadence(1000), { durations: [300, 1200, 1000] })).toEqual([700, 800, 1000])
  })

  it('leaves out the multiples that an attempt overran', () => {
    expect(delays(3, Schedule.cadence(100), { durations: [950, 0, 30] })).toEqual([50, 100, 70])
  })

  it('waits the whole interval after an attempt that took no time, or exactly one', () => {
    expect(delays(3, Schedule.cadence(100))).toEqual([100, 100, 100])
    expect(delays(2, Schedule.cadence(100), { durations: [100] })).toEqual([100, 100])
  })

  it('stays aligned when something else cut a wait short', () => {
    const schedule = pipe(Schedule.cadence(1000), Schedule.either(Schedule.constant(300)))
    expect(delays(5, schedule)).toEqual([300, 300, 300, 100, 300])
  })

  it('stays aligned when something else made a wait longer', () => {
    const schedule = pipe(Schedule.cadence(1000), Schedule.plus(Schedule.delays([300, 0, 0])))
    expect(delays(3, schedule)).toEqual([1300, 700, 1000])
  })

  it('takes an attempt that began less than a millisecond early for the one of that multiple', () => {
    const at = (began: number, elapsed: number) =>
      Schedule.step(Schedule.cadence(1000), 0, tick({ began, elapsed }), undefined)
    expect(at(999.5, 999.75)).toMatchObject({ delay: 1000.25 })
    // one that began long before has still to wait for it
    expect(at(500, 999.75)).toMatchObject({ delay: 0.25 })
    expect(at(998.5, 999.75)).toMatchObject({ delay: 0.25 })
  })

  it.each([0.1, 0.7, 1, 33.3, 1000 / 60])('never stands still on rounding: every %p ms', (interval) => {
    const found = delays(1000, Schedule.cadence(interval))
    expect(Math.max(...found.map((delay) => Math.abs(delay - interval)))).toBeLessThan(1e-6)
    expect(found.reduce((sum, delay) => sum + delay, 0)).toBeCloseTo(1000 * interval, 6)
  })
})

describe('computed', () => {
  const oh = new Error('oh')

  it('is what the function makes of the tick', () => {
    const schedule = Schedule.computed(({ attempt, elapsed }) => attempt * elapsed)
    expect(delays(3, schedule, { durations: [5, 10] })).toEqual([5, 2 * 20, 3 * 70])
  })

  it('draws on its own', () => {
    const schedule = Schedule.computed(({ random }) => 100 * random(0))
    expect(delays(2, schedule, { random: () => 0.25 })).toEqual([25, 25])
    expect(schedule.draws).toBe(1)
  })

  it('counts an answer below 0 as 0; what is no delay, or a throw, is a fault', () => {
    expect(
      delays(
        1,
        Schedule.computed(() => -1)
      )
    ).toEqual([0])
    expect(reason(Schedule.computed(() => NaN))).toMatchObject({
      _tag: 'Fault',
      at: 'computed',
      cause: { _tag: 'NotADelay' }
    })
    const throws = Schedule.computed(() => {
      throw oh
    })
    expect(reason(throws)).toEqual({ _tag: 'Fault', at: 'computed', cause: oh })
  })
})

describe('growing', () => {
  it('is d·factor + plus, held between its bounds, which feeds back', () => {
    const schedule = Schedule.growing({ first: 1, factor: 2, plus: 1, between: [0, 10] })
    expect(delays(6, schedule)).toEqual([1, 3, 7, 10, 10, 10])
    // not fed back, the last would be 100: (10·2 + 1)…
    expect(delays(5, Schedule.growing({ first: 100, factor: 0.5, between: [20, 60] }))).toEqual([60, 30, 20, 20, 20])
  })

  it('is constant unless told otherwise, and bounds the first delay too', () => {
    expect(delays(3, Schedule.growing({ first: 5 }))).toEqual([5, 5, 5])
    expect(delays(3, Schedule.growing({ first: 20, between: [0, 10] }))).toEqual([10, 10, 10])
    expect(delays(3, Schedule.growing({ first: 0, between: [5, Infinity] }))).toEqual([5, 5, 5])
  })

  it('draws what is added, from the second on, and keeps what was drawn', () => {
    const schedule = Schedule.growing({ first: 1, factor: 2, plus: [0, 1] })
    const us = [0.5, 0.25, 0]
    let drawn = 0
    expect(delays(4, schedule, { random: () => us[drawn++] ?? NaN })).toEqual([1, 2.5, 5.25, 10.5])
    expect(drawn).toBe(3)
  })

  it('may shrink, but never below 0', () => {
    expect(delays(4, Schedule.growing({ first: 25, plus: -10 }))).toEqual([25, 15, 5, 0])
    expect(farOut(Schedule.growing({ first: 1, factor: 10 }))).toBe(MAX_VALUE)
    expect(farOut(Schedule.growing({ first: MAX_VALUE, factor: 10, plus: -MAX_VALUE }))).toBe(MAX_VALUE)
  })

  it('lists what is impossible, and shows all of it', () => {
    const allowed = (settings: object) =>
      Schedule.validate(Schedule.growing(settings as Schedule.Growth)).map(({ path }) => path)
    expect(allowed({ first: -1, factor: 0, plus: NaN, between: [10, 5] })).toEqual([
      'growing.first',
      'growing.factor',
      'growing.plus',
      'growing.between'
    ])
    expect(allowed({ first: 1, plus: [2, 1], between: [Infinity, Infinity] })).toEqual([
      'growing.plus',
      'growing.between'
    ])
    expect(allowed({ first: 1, plus: [1, 2, 3], between: 5 })).toEqual(['growing.plus', 'growing.between'])
    expect(allowed({ first: 1, factor: 1.5, plus: [-1, 1], between: [0, Infinity] })).toEqual([])
    const schedule = Schedule.growing({ first: 1000, factor: 2, plus: [0, 1000], between: [1000, Infinity] })
    expect(Schedule.show(schedule)).toBe('growing(1s, factor 2, plus 0ms to 1s, between 1s to forever)')
    expect(Schedule.show(Schedule.growing({ first: 5 }))).toBe('growing(5ms)')
  })

  it('keeps its own copy of the settings', () => {
    const between: [number, number] = [0, 10]
    const schedule = Schedule.growing({ first: 20, between })
    between[1] = 15
    expect(delays(1, schedule)).toEqual([10])
  })
})

it('a cadence leaves no multiple out for an attempt that began a whole millisecond before it', () => {
  const schedule = pipe(Schedule.cadence(1000), Schedule.either(Schedule.constant(999)))
  expect(Schedule.preview(6)(schedule).delays).toEqual([999, 1, 999, 1, 999, 1])
})

it('what growing adds may come from a range as wide as numbers go', () => {
  const wide = (u: number) =>
    Schedule.preview(2, { random: () => u })(Schedule.growing({ first: 5, plus: [-1e308, 1e308] })).delays
  expect([wide(0), wide(0.5)]).toEqual([
    [5, 0],
    [5, 5]
  ])
})
