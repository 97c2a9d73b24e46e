import { pipe } from 'fp-ts/function'
import { concatAll } from 'fp-ts/Monoid'
import { Schedule } from 'resilience-ts'
import { delays } from './ticks'

const one = pipe(Schedule.constant(1), Schedule.take(1))
const nine = pipe(Schedule.constant(9), Schedule.take(2))

// that they keep the laws of their classes is told by laws/schedule.test.ts
describe('instances', () => {
  it('getLattice: meet is both, join is either, in the order given', () => {
    const { meet, join, one: top, zero } = Schedule.getLattice<unknown>()
    expect(Schedule.show(meet(one, nine))).toBe(Schedule.show(pipe(one, Schedule.both(nine))))
    expect(Schedule.show(join(one, nine))).toBe(Schedule.show(pipe(one, Schedule.either(nine))))
    expect([top, zero]).toEqual([Schedule.forever, Schedule.stop])
  })

  it('the monoids fold', () => {
    expect(delays(9, concatAll(Schedule.getMonoidBoth<unknown>())([one, nine]))).toEqual([9])
    expect(delays(9, concatAll(Schedule.getMonoidEither<unknown>())([one, nine]))).toEqual([1, 9])
    expect(delays(9, concatAll(Schedule.getMonoidAndThen<unknown>())([one, nine, one]))).toEqual([1, 9, 9, 1])
  })

  it('the monoids have their empty', () => {
    expect(Schedule.getMonoidBoth().empty).toBe(Schedule.forever)
    expect(Schedule.getMonoidEither().empty).toBe(Schedule.stop)
    expect(Schedule.getMonoidAndThen().empty).toBe(Schedule.stop)
  })

  it('Contravariant is named, and maps the input', () => {
    const { URI, contramap } = Schedule.Contravariant
    expect(URI).toBe('resilience-ts/Schedule')
    const short = pipe(
      Schedule.constant(1),
      Schedule.while((n: number) => n < 3)
    )
    const inputs = ['a', 'bb', 'ccc']
    expect(
      delays(
        9,
        contramap(short, (s: string) => s.length),
        { inputs }
      )
    ).toEqual([1, 1])
  })
})
