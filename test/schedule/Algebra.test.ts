import { pipe } from 'fp-ts/function'
import { Schedule } from 'resilience-ts'
import { delays, reason, tick } from './ticks'

const ten = Schedule.constant(10)
const times = (n: number, delay = 10) => pipe(Schedule.constant(delay), Schedule.take(n))

const boom = new Error('boom')
const faulty = pipe(
  ten,
  Schedule.modify((): number => {
    throw boom
  })
)
const fault = { _tag: 'Fault', at: 'modify', cause: boom }

/** Counts how often a schedule beneath is stepped. */
const counted = () => {
  const seen: Array<unknown> = []
  const schedule = pipe(
    Schedule.forever,
    Schedule.modify((delay: number, input: unknown) => {
      seen.push(input)
      return delay
    })
  )
  return { seen, schedule }
}

describe('both', () => {
  it('gives the longer delay', () => {
    expect(delays(3, pipe(Schedule.exponential(100), Schedule.both(Schedule.constant(250))))).toEqual([250, 250, 400])
  })

  it('stops as soon as either stops, with that one’s reason', () => {
    expect(delays(9, pipe(times(2), Schedule.both(times(5))))).toEqual([10, 10])
    expect(reason(pipe(times(2), Schedule.both(times(5))))).toEqual({ _tag: 'Attempts', limit: 2 })
    expect(reason(pipe(times(5), Schedule.both(times(2))))).toEqual({ _tag: 'Attempts', limit: 2 })
    expect(reason(pipe(Schedule.delays([1, 1]), Schedule.both(times(2))))).toEqual({ _tag: 'Delays', limit: 2 })
  })

  it('lets no fault be papered over', () => {
    expect(reason(pipe(faulty, Schedule.both(ten)))).toEqual(fault)
    expect(reason(pipe(ten, Schedule.both(faulty)))).toEqual(fault)
    expect(reason(pipe(Schedule.stop, Schedule.both(faulty)))).toEqual(fault)
    expect(reason(pipe(faulty, Schedule.both(Schedule.stop)))).toEqual(fault)
  })
})

describe('either', () => {
  it('gives the shorter delay, and goes on until both have stopped', () => {
    const schedule = pipe(Schedule.delays([10, 500]), Schedule.either(pipe(Schedule.constant(100), Schedule.take(3))))
    expect(delays(9, schedule)).toEqual([10, 100, 100])
    expect(reason(schedule)).toEqual({ _tag: 'Attempts', limit: 3 })
  })

  it('gives the reason of the one that stopped last', () => {
    expect(reason(pipe(Schedule.delays([1]), Schedule.either(times(3))))).toEqual({ _tag: 'Attempts', limit: 3 })
    expect(reason(pipe(times(3), Schedule.either(Schedule.delays([1]))))).toEqual({ _tag: 'Attempts', limit: 3 })
    expect(reason(pipe(Schedule.stop, Schedule.either(Schedule.stop)))).toEqual({ _tag: 'Never' })
    expect(reason(pipe(Schedule.stop, Schedule.either(times(2))))).toEqual({ _tag: 'Attempts', limit: 2 })
    expect(reason(pipe(times(2), Schedule.either(Schedule.stop)))).toEqual({ _tag: 'Attempts', limit: 2 })
  })

  it('defect 21: a side that is done is not stepped again, and stays done', () => {
    for (const order of [0, 1]) {
      const { seen, schedule } = counted()
      // done with input 2; asked again, it would say yes to input 3
      const side = pipe(
        schedule,
        Schedule.while((n: unknown) => n !== 2)
      )
      const both = order === 0 ? pipe(side, Schedule.either(ten)) : pipe(ten, Schedule.either(side))
      expect(delays(5, both, { inputs: [1, 2, 3, 4, 5] })).toEqual([0, 10, 10, 10, 10])
      expect(seen).toEqual([1])
    }
  })

  it('lets no fault be papered over', () => {
    expect(reason(pipe(faulty, Schedule.either(ten)))).toEqual(fault)
    expect(reason(pipe(ten, Schedule.either(faulty)))).toEqual(fault)
    expect(reason(pipe(Schedule.stop, Schedule.either(faulty)))).toEqual(fault)
  })
})

describe('plus', () => {
  it('adds the delays, and stops as soon as either stops', () => {
    expect(delays(3, pipe(Schedule.exponential(100), Schedule.plus(Schedule.constant(5))))).toEqual([105, 205, 405])
    expect(delays(9, pipe(times(2), Schedule.plus(times(5))))).toEqual([20, 20])
    expect(reason(pipe(times(5), Schedule.plus(times(2))))).toEqual({ _tag: 'Attempts', limit: 2 })
    expect(reason(pipe(times(2), Schedule.plus(times(5))))).toEqual({ _tag: 'Attempts', limit: 2 })
  })

  it('saturates', () => {
    const most = Schedule.constant(Number.MAX_VALUE)
    expect(delays(1, pipe(most, Schedule.plus(most)))).toEqual([Number.MAX_VALUE])
  })

  it('passes faults on', () => {
    expect(reason(pipe(faulty, Schedule.plus(ten)))).toEqual(fault)
    expect(reason(pipe(ten, Schedule.plus(faulty)))).toEqual(fault)
  })
})

describe('andThen', () => {
  it('the second takes over at once when the first stops', () => {
    expect(delays(5, pipe(times(3), Schedule.andThen(Schedule.constant(1000))))).toEqual([10, 10, 10, 1000, 1000])
    expect(reason(pipe(times(3), Schedule.andThen(Schedule.delays([7]))))).toEqual({ _tag: 'Delays', limit: 1 })
  })

  it('defect 21: take(3) andThen take(3) is six recurrences, not three', () => {
    expect(delays(99, pipe(times(3), Schedule.andThen(times(3, 20))))).toEqual([10, 10, 10, 20, 20, 20])
  })

  it('the second starts afresh: its counts', () => {
    expect(delays(6, pipe(times(3), Schedule.andThen(Schedule.exponential(1))))).toEqual([10, 10, 10, 1, 2, 4])
  })

  it('the second starts afresh: its clock begins with the attempt that the first no longer answered for', () => {
    const second = pipe(
      Schedule.constant(50),
      Schedule.modify((delay: number, _input: unknown, { elapsed, began, now, attempt }) => {
        seen.push([elapsed, began, now, attempt])
        return delay
      })
    )
    const seen: Array<ReadonlyArray<number>> = []
    delays(4, pipe(times(2), Schedule.andThen(second)), { durations: [100, 100, 30, 40] })
    // attempts begin at 0, 110, 220 and 300; `now` and `attempt` are the whole run's
    expect(seen).toEqual([
      [30, 0, 250, 3],
      [120, 80, 340, 4]
    ])
  })

  it('the second starts afresh: its limits', () => {
    const limited = pipe(Schedule.constant(100), Schedule.stopAfter(250))
    expect(delays(99, pipe(limited, Schedule.andThen(limited)))).toEqual([100, 100, 100, 100, 100, 100])
    const twice = pipe(limited, Schedule.andThen(limited), Schedule.andThen(Schedule.delays([1])))
    expect(delays(99, twice)).toEqual([100, 100, 100, 100, 100, 100, 1])
  })

  it('does not step the first again', () => {
    const { seen, schedule } = counted()
    const first = pipe(
      schedule,
      Schedule.while((n: unknown) => n !== 2)
    )
    delays(4, pipe(first, Schedule.andThen(ten)), { inputs: [1, 2, 3, 4] })
    expect(seen).toEqual([1])
  })

  it('does not hand over after a fault', () => {
    expect(reason(pipe(faulty, Schedule.andThen(ten)))).toEqual(fault)
    expect(reason(pipe(Schedule.stop, Schedule.andThen(faulty)))).toEqual(fault)
  })
})

describe('route', () => {
  const byStatus = (status: number) => (status === 429 ? 'slow' : 'quick')
  const schedule = Schedule.route(byStatus, { slow: Schedule.exponential(1000), quick: times(2) })

  it('keeps a state for each class', () => {
    expect(delays(9, schedule, { inputs: [503, 429, 429, 503, 429, 503] })).toEqual([10, 1000, 2000, 10, 4000])
  })

  it('stops when the schedule of the input’s class stops', () => {
    expect(reason(schedule, { inputs: [503, 503, 429, 503] })).toEqual({ _tag: 'Attempts', limit: 2 })
    expect(delays(9, schedule, { inputs: [503, 503, 429, 429, 503] })).toEqual([10, 10, 1000, 2000])
  })

  it('starts each class afresh: its clock begins with the first attempt that is of it', () => {
    const limited = pipe(Schedule.constant(100), Schedule.stopAfter(250))
    const routed = Schedule.route(byStatus, { slow: limited, quick: Schedule.constant(1000) })
    // the slow class begins at 2000
    expect(delays(9, routed, { inputs: [503, 503, 429] })).toEqual([1000, 1000, 100, 100, 100])
  })

  it('hands each part the draws that it would have alone', () => {
    const routed = Schedule.route(byStatus, { slow: Schedule.uniform(0, 1000), quick: ten })
    expect(delays(1, pipe(routed, Schedule.jittered), { inputs: [429], random: () => 0.5 })).toEqual([250])
    expect(routed.draws).toBe(1)
  })

  it('answers an unknown class with a fault', () => {
    const routed = Schedule.route((() => 'other') as () => string as () => 'slow', { slow: ten })
    expect(reason(routed)).toEqual({
      _tag: 'Fault',
      at: 'route',
      cause: { _tag: 'UnknownClass', value: 'other', allowed: 'slow' }
    })
  })

  it.each([undefined, null, 5, NaN, {}])('answers the class %p with a fault', (value) => {
    expect(reason(Schedule.route((() => value) as never, { slow: ten }))).toMatchObject({ _tag: 'Fault', at: 'route' })
  })

  it('answers a throw with a fault', () => {
    const routed = Schedule.route(
      (): 'slow' => {
        throw boom
      },
      { slow: ten }
    )
    expect(reason(routed)).toEqual({ _tag: 'Fault', at: 'route', cause: boom })
  })

  it('passes faults of its parts on', () => {
    expect(reason(Schedule.route(() => 'a' as const, { a: faulty }))).toEqual(fault)
  })

  it.each(['constructor', 'toString', 'hasOwnProperty', '__proto__'])('a class may be named %s', (name) => {
    const routed = Schedule.route(
      () => name,
      Object.fromEntries([[name, pipe(Schedule.linear(5, 5), Schedule.take(3))]])
    )
    expect(delays(9, routed)).toEqual([5, 10, 15])
    let state = Schedule.initial(routed)
    const found: Array<number> = []
    for (let i = 0; i < 3; i++) {
      const answer = Schedule.step(routed, JSON.parse(JSON.stringify(state)) as Schedule.State, tick(), undefined)
      if (answer._tag === 'Stop') break
      found.push(answer.delay)
      state = answer.state
    }
    expect(found).toEqual([5, 10, 15])
  })

  it('keeps its own copy of the routes', () => {
    const routes = { slow: ten }
    const routed = Schedule.route(() => 'slow' as const, routes)
    routes.slow = Schedule.constant(99)
    expect(delays(1, routed)).toEqual([10])
  })
})

describe('resetAfter', () => {
  it('starts afresh after an attempt that lasted long enough', () => {
    const schedule = pipe(Schedule.exponential(100), Schedule.resetAfter(60_000))
    expect(delays(4, schedule, { durations: [5, 5, 600_000, 5] })).toEqual([100, 200, 100, 200])
  })

  it('at the limit exactly, and not just below it', () => {
    const schedule = pipe(Schedule.exponential(100), Schedule.resetAfter(1000))
    expect(delays(3, schedule, { durations: [0, 999, 1000] })).toEqual([100, 200, 100])
  })

  it('does not count the wait before the attempt', () => {
    expect(delays(3, pipe(Schedule.exponential(5000), Schedule.resetAfter(1000)))).toEqual([5000, 10_000, 20_000])
  })

  it('resets counts and clocks', () => {
    const limited = pipe(Schedule.constant(10), Schedule.take(2), Schedule.resetAfter(1000))
    expect(delays(9, limited, { durations: [0, 0, 5000, 0] })).toEqual([10, 10, 10, 10])
    const timed = pipe(Schedule.constant(100), Schedule.stopAfter(3000), Schedule.resetAfter(1000))
    // the long attempt counts from its own start: 2950 ms; from that of the run they would be 3050
    expect(delays(9, timed, { durations: [0, 2950, 0] })).toHaveLength(2)
    expect(reason(timed, { durations: [0, 3000] })).toEqual({ _tag: 'Elapsed', limit: 3000 })
  })

  it('does not revive, and passes faults on', () => {
    expect(delays(3, pipe(Schedule.stop, Schedule.resetAfter(1)), { durations: [9] })).toEqual([])
    expect(reason(pipe(faulty, Schedule.resetAfter(1)))).toEqual(fault)
  })
})
