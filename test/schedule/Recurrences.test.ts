import { pipe } from 'fp-ts/function'
import fc from 'fast-check'
import { Schedule } from 'resilience-ts'
import { observe, schedule as anySchedule, world } from '../laws/arbitrary'

const take = (n: number) => pipe(Schedule.constant(1), Schedule.take(n))

describe('Schedule.recurrences', () => {
  it.each<[string, Schedule.Schedule<never>, number]>([
    ['stop', Schedule.stop, 0],
    ['forever', Schedule.forever, Infinity],
    ['take', take(3), 3],
    ['take of take', pipe(take(3), Schedule.take(7)), 3],
    ['take(Infinity)', take(Infinity), Infinity],
    ['delays', Schedule.delays([1, 2]), 2],
    ['both', pipe(take(3), Schedule.both(take(5))), 3],
    ['both, one unbounded', pipe(Schedule.forever, Schedule.both(take(5))), 5],
    ['either', pipe(take(3), Schedule.either(take(5))), 5],
    ['either, one unbounded', pipe(take(3), Schedule.either(Schedule.forever)), Infinity],
    ['plus', pipe(take(3), Schedule.plus(take(5))), 3],
    ['andThen', pipe(take(3), Schedule.andThen(take(5))), 8],
    ['route', Schedule.route((n: number) => (n > 0 ? 'a' : 'b'), { a: take(2), b: take(3) }), 5],
    ['resetAfter', pipe(take(3), Schedule.resetAfter(100)), Infinity],
    ['resetAfter of stop', pipe(Schedule.stop, Schedule.resetAfter(100)), 0],
    ['within', pipe(take(3), Schedule.within(10)), 3],
    [
      'bent and jittered',
      pipe(
        take(3),
        Schedule.cap(5),
        Schedule.jittered,
        Schedule.modify((d) => d)
      ),
      3
    ],
    [
      'what it is fed does not matter',
      pipe(
        take(3),
        Schedule.while(() => true)
      ),
      3
    ],
    ['invalid counts', take(NaN), Infinity],
    ['no list', Schedule.delays('x' as never), Infinity],
    ['no schedule', 5 as never, Infinity]
  ])('%s', (_name, schedule, n) => {
    expect(Schedule.recurrences(schedule)).toBe(n)
  })

  it('is never exceeded', () => {
    fc.assert(
      fc.property(anySchedule, world, (schedule, world) => {
        expect(observe(schedule, world).delays.length).toBeLessThanOrEqual(Schedule.recurrences(schedule))
      })
    )
  })
})
