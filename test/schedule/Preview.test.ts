import { pipe } from 'fp-ts/function'
import { Schedule } from 'resilience-ts'

const jittered = pipe(Schedule.exponential(100), Schedule.jittered)

describe('preview', () => {
  it('gives as many delays as are asked for, and says that there are more', () => {
    const schedule = pipe(Schedule.exponential(100), Schedule.cap(1000), Schedule.take(6))
    expect(Schedule.preview(4)(schedule)).toEqual({ delays: [100, 200, 400, 800], stopped: { _tag: 'Unfinished' } })
    expect(Schedule.preview(0)(schedule)).toEqual({ delays: [], stopped: { _tag: 'Unfinished' } })
  })

  it('says why there are no more', () => {
    expect(Schedule.preview(9)(pipe(Schedule.constant(5), Schedule.take(2)))).toEqual({
      delays: [5, 5],
      stopped: { _tag: 'Attempts', limit: 2 }
    })
    // asked for exactly as many as there are, it has not seen the stop
    expect(Schedule.preview(2)(Schedule.delays([1, 2])).stopped).toEqual({ _tag: 'Unfinished' })
  })

  it('gives the same for the same seed, and 0 is the seed unless given', () => {
    const preview = (options?: Schedule.PreviewOptions) => Schedule.preview(5, options)(jittered).delays
    expect(preview({ seed: 7 })).toEqual(preview({ seed: 7 }))
    expect(preview({ seed: 7 })).not.toEqual(preview({ seed: 8 }))
    expect(preview()).toEqual(preview({ seed: 0 }))
    expect(new Set(preview()).size).toBe(5)
  })

  it('takes the draws themselves, rather than a seed', () => {
    const draws = [0.5, 0.25, 0]
    const random = () => draws.shift() ?? NaN
    expect(Schedule.preview(3, { random, seed: 7 })(jittered).delays).toEqual([50, 50, 0])
  })

  it('supposes durations, the last one repeating; none unless given', () => {
    const schedule = Schedule.cadence(100)
    expect(Schedule.preview(4, { durations: [10, 120, 30] })(schedule).delays).toEqual([90, 80, 70, 70])
    expect(Schedule.preview(2, { durations: [] })(schedule).delays).toEqual([100, 100])
    expect(Schedule.preview(2)(schedule).delays).toEqual([100, 100])
  })

  it('supposes inputs, the last one repeating', () => {
    const schedule = pipe(
      Schedule.constant(1),
      Schedule.modify((_: number, n: number) => n)
    )
    expect(Schedule.preview(4, { inputs: [3, 1] })(schedule).delays).toEqual([3, 1, 1, 1])
  })

  it('shows each tick as a run would', () => {
    const seen: Array<Omit<Schedule.Tick, 'random'>> = []
    const schedule = pipe(
      Schedule.constant(100),
      Schedule.modify((delay: number, _input: unknown, { random: _, ...rest }) => {
        seen.push(rest)
        return delay
      })
    )
    Schedule.preview(2, { durations: [30, 50] })(schedule)
    expect(seen).toEqual([
      { now: 30, elapsed: 30, began: 0, attempt: 1, due: 0 },
      { now: 180, elapsed: 180, began: 130, attempt: 2, due: 0 }
    ])
  })

  it('of invalid settings gives the problems, and steps nothing', () => {
    let steps = 0
    const schedule = pipe(
      Schedule.forever,
      Schedule.modify((delay: number) => {
        steps++
        return delay
      }),
      Schedule.take(-1),
      Schedule.cap(NaN)
    )
    expect(Schedule.preview(3)(schedule)).toEqual({
      delays: [],
      stopped: { _tag: 'Invalid', problems: Schedule.validate(schedule) }
    })
    expect(Schedule.validate(schedule)).toHaveLength(2)
    expect(steps).toBe(0)
    expect(Schedule.preview(3)(undefined as never).stopped._tag).toBe('Invalid')
  })

  it('gives a fault as the reason', () => {
    const schedule = pipe(
      Schedule.forever,
      Schedule.modify((): number => NaN)
    )
    expect(Schedule.preview(3)(schedule).stopped).toMatchObject({ _tag: 'Fault', at: 'modify' })
  })

  it('has a clock that saturates, as delays do', () => {
    const grown = Schedule.exponential(1000)
    const { delays } = Schedule.preview(1100)(pipe(grown, Schedule.both(Schedule.cadence(1000))))
    expect(delays.filter((delay) => !Number.isFinite(delay))).toEqual([])
    const most = Number.MAX_VALUE
    const late = pipe(
      Schedule.delays([most, most]),
      Schedule.andThen(pipe(Schedule.constant(1), Schedule.stopAfter(most)))
    )
    expect(Schedule.preview(10)(late).delays.every(Number.isFinite)).toBe(true)
    const half = pipe(grown, Schedule.both(Schedule.computed(({ elapsed }) => elapsed / 2)))
    expect(Schedule.preview(1100)(half).stopped).toEqual({ _tag: 'Unfinished' })
  })
})
