import type { BoundedDistributiveLattice } from 'fp-ts/BoundedDistributiveLattice'
import type { Contravariant1 } from 'fp-ts/Contravariant'
import type { Monoid } from 'fp-ts/Monoid'
import { flow, pipe } from 'fp-ts/function'
import { Schedule } from 'resilience-ts'
import { describe, expect, test } from 'tstyche'
import { type AppError, every, type HttpError, type NotFound, onApp, onHttp, onId } from './fixtures'

interface WithId {
  readonly id: number
}

describe('Schedule', () => {
  test('takes its input contravariantly', () => {
    expect<Schedule.Schedule<AppError>>().type.toBeAssignableTo<Schedule.Schedule<HttpError>>()
    expect<Schedule.Schedule<unknown>>().type.toBeAssignableTo<Schedule.Schedule<HttpError>>()
    expect<Schedule.Schedule<HttpError>>().type.not.toBeAssignableTo<Schedule.Schedule<AppError>>()
    expect<Schedule.Schedule<HttpError>>().type.not.toBeAssignableTo<Schedule.Schedule<unknown>>()
    expect<Schedule.Schedule<HttpError>>().type.toBeAssignableTo<Schedule.Schedule<never>>()
  })

  test('constructors take any input', () => {
    expect(Schedule.forever).type.toBe<Schedule.Schedule<unknown>>()
    expect(Schedule.stop).type.toBe<Schedule.Schedule<unknown>>()
    expect(Schedule.constant(1)).type.toBe<Schedule.Schedule<unknown>>()
    expect(Schedule.linear(1, 2)).type.toBe<Schedule.Schedule<unknown>>()
    expect(Schedule.exponential(1)).type.toBe<Schedule.Schedule<unknown>>()
    expect(Schedule.fibonacci(1)).type.toBe<Schedule.Schedule<unknown>>()
    expect(Schedule.delays([1, 2])).type.toBe<Schedule.Schedule<unknown>>()
    expect(Schedule.uniform(1, 2)).type.toBe<Schedule.Schedule<unknown>>()
    expect(Schedule.iterate(1, (previous, tick) => previous * tick.random(0))).type.toBe<Schedule.Schedule<unknown>>()
    expect(Schedule.computed(({ attempt }) => attempt)).type.toBe<Schedule.Schedule<unknown>>()
    expect(Schedule.growing({ first: 1, factor: 2, plus: [0, 1], between: [0, 9] })).type.toBe<
      Schedule.Schedule<unknown>
    >()
    expect(Schedule.cadence(1)).type.toBe<Schedule.Schedule<unknown>>()
    expect(Schedule.decorrelated(1, 2)).type.toBe<Schedule.Schedule<unknown>>()
    expect(Schedule.decorrelatedV2(1)).type.toBe<Schedule.Schedule<unknown>>()
    expect(Schedule.constant).type.not.toBeCallableWith('1s')
    expect(Schedule.delays).type.not.toBeCallableWith(1)
  })
})

describe('bounds and jitter', () => {
  test('keep the input', () => {
    expect(
      pipe(
        onHttp,
        Schedule.jittered,
        Schedule.jitteredFrom(1),
        Schedule.stopWhen(({ attempt }, delay) => attempt * delay > 1),
        Schedule.equalJitter,
        Schedule.proportionalJitter(0.1),
        Schedule.additiveJitter(1, 2),
        Schedule.cap(1),
        Schedule.floor(1),
        Schedule.take(1),
        Schedule.within(1),
        Schedule.stopAfter(1),
        Schedule.resetAfter(1)
      )
    ).type.toBe<Schedule.Schedule<HttpError>>()
  })

  test('in a flow stay generic', () => {
    expect(flow(Schedule.jittered, Schedule.take(3))).type.toBe<
      <I>(schedule: Schedule.Schedule<I>) => Schedule.Schedule<I>
    >()
  })
})

describe('both, either, plus, andThen', () => {
  test('take what both of them take', () => {
    expect(pipe(onHttp, Schedule.both(onId))).type.toBe<Schedule.Schedule<HttpError & WithId>>()
    expect(pipe(onHttp, Schedule.either(onId))).type.toBe<Schedule.Schedule<HttpError & WithId>>()
    expect(pipe(onHttp, Schedule.plus(onId))).type.toBe<Schedule.Schedule<HttpError & WithId>>()
    expect(pipe(onHttp, Schedule.andThen(onId))).type.toBe<Schedule.Schedule<HttpError & WithId>>()
  })

  test('with one that takes any input, or more, ask for no more', () => {
    expect(pipe(every, Schedule.both(onHttp))).type.toBe<Schedule.Schedule<HttpError>>()
    expect(pipe(onHttp, Schedule.both(every))).type.toBe<Schedule.Schedule<HttpError>>()
    expect(pipe(onApp, Schedule.either(onHttp))).type.toBe<Schedule.Schedule<HttpError>>()
    expect(pipe(onHttp, Schedule.andThen(onApp))).type.toBe<Schedule.Schedule<HttpError>>()
    expect(pipe(every, Schedule.plus(every))).type.toBe<Schedule.Schedule<unknown>>()
  })

  test('in a flow stay generic', () => {
    expect(flow(Schedule.take(3), Schedule.both(onHttp))).type.toBe<
      <I>(schedule: Schedule.Schedule<I>) => Schedule.Schedule<I & HttpError>
    >()
    expect(flow(Schedule.either(onHttp), Schedule.take(3))).type.toBe<
      <I>(self: Schedule.Schedule<I>) => Schedule.Schedule<I & HttpError>
    >()
  })

  test('of a generic caller', () => {
    const first = <I, J>(a: Schedule.Schedule<I>, b: Schedule.Schedule<J>) => pipe(a, Schedule.either(b))
    expect(first).type.toBe<<I, J>(a: Schedule.Schedule<I>, b: Schedule.Schedule<J>) => Schedule.Schedule<I & J>>()
  })
})

describe('while, until, modify', () => {
  test('add what their function takes', () => {
    expect(
      pipe(
        every,
        Schedule.while((e: HttpError) => e.status > 499)
      )
    ).type.toBe<Schedule.Schedule<HttpError>>()
    expect(
      pipe(
        every,
        Schedule.until((e: HttpError) => e.status > 499)
      )
    ).type.toBe<Schedule.Schedule<HttpError>>()
    expect(
      pipe(
        onId,
        Schedule.while((e: HttpError) => e.status > 499)
      )
    ).type.toBe<Schedule.Schedule<WithId & HttpError>>()
    expect(
      pipe(
        onApp,
        Schedule.while((e: HttpError) => e.status > 499)
      )
    ).type.toBe<Schedule.Schedule<HttpError>>()
    expect(
      pipe(
        every,
        Schedule.modify((delay, e: HttpError, tick) => delay + e.status + tick.attempt)
      )
    ).type.toBe<Schedule.Schedule<HttpError>>()
  })

  test('that do not look at the input ask for nothing', () => {
    expect(
      pipe(
        onHttp,
        Schedule.while(() => true)
      )
    ).type.toBe<Schedule.Schedule<HttpError>>()
    expect(
      pipe(
        every,
        Schedule.modify((delay) => delay * 2)
      )
    ).type.toBe<Schedule.Schedule<unknown>>()
    expect(
      pipe(
        onHttp,
        Schedule.until((_: unknown) => true)
      )
    ).type.toBe<Schedule.Schedule<HttpError>>()
  })

  test('with a function that gives the wrong thing are errors', () => {
    expect(Schedule.while).type.not.toBeCallableWith(() => 1)
    expect(Schedule.modify).type.not.toBeCallableWith(() => '1s')
  })
})

describe('contramap', () => {
  test('takes what the function takes', () => {
    expect(
      pipe(
        onHttp,
        Schedule.contramap((e: NotFound): HttpError => ({ ...e, _tag: 'HttpError', status: 404 }))
      )
    ).type.toBe<Schedule.Schedule<NotFound>>()
    expect(
      pipe(
        onHttp,
        Schedule.contramap((e: NotFound) => ({ ...e, _tag: 'HttpError', status: 404 }))
      )
    ).type.toBe<Schedule.Schedule<NotFound>>()
    expect(
      pipe(
        every,
        Schedule.contramap((e: NotFound) => e._tag)
      )
    ).type.toBe<Schedule.Schedule<NotFound>>()
  })

  test('with a function that does not give what the schedule takes is an error', () => {
    pipe(
      // @ts-expect-error 'number' is not assignable to type
      onHttp,
      Schedule.contramap((_: NotFound) => 1)
    )
  })
})

describe('route', () => {
  const speed = (e: HttpError): 'slow' | 'quick' => (e.status === 429 ? 'slow' : 'quick')

  test('takes what classify takes', () => {
    expect(Schedule.route(speed, { slow: every, quick: every })).type.toBe<Schedule.Schedule<HttpError>>()
    expect(
      Schedule.route((e: HttpError) => (e.status === 429 ? 'slow' : 'quick'), { slow: every, quick: every })
    ).type.toBe<Schedule.Schedule<HttpError>>()
    expect(
      Schedule.route((e: AppError) => e._tag, {
        HttpError: every,
        NotFound: Schedule.stop,
        TimedOut: every,
        DeadlineExceeded: every
      })
    ).type.toBe<Schedule.Schedule<AppError>>()
  })

  test('takes what its schedules take, besides', () => {
    expect(Schedule.route(speed, { slow: onHttp, quick: every })).type.toBe<Schedule.Schedule<HttpError>>()
    expect(Schedule.route(speed, { slow: onId, quick: every })).type.toBe<Schedule.Schedule<HttpError & WithId>>()
    expect(
      Schedule.route((e: AppError) => (e._tag === 'HttpError' ? 'http' : 'other'), { http: onHttp, other: every })
    ).type.toBe<Schedule.Schedule<HttpError>>()
  })

  test('with a class too few or too many is an error', () => {
    expect(Schedule.route).type.not.toBeCallableWith(speed, { slow: every })
    expect(Schedule.route).type.not.toBeCallableWith(speed, { slow: every, quick: every, other: every })
  })
})

describe('preview', () => {
  test('without inputs is of a schedule that takes any', () => {
    expect(pipe(every, Schedule.preview(3))).type.toBe<Schedule.Preview>()
    expect(pipe(every, Schedule.preview(3, { seed: 1, durations: [1] }))).type.toBe<Schedule.Preview>()
    expect(Schedule.preview(3)).type.toBe<(schedule: Schedule.Schedule<unknown>) => Schedule.Preview>()
    expect(Schedule.preview(3)).type.not.toBeCallableWith(onHttp)
    pipe(
      // @ts-expect-error Type 'unknown' is not assignable to type 'HttpError'
      onHttp,
      Schedule.preview(3)
    )
  })

  test('with inputs is of a schedule that takes them', () => {
    expect(
      pipe(onHttp, Schedule.preview(3, { inputs: [{ _tag: 'HttpError', status: 503 }] }))
    ).type.toBe<Schedule.Preview>()
    expect(
      pipe(onApp, Schedule.preview(3, { inputs: [{ _tag: 'HttpError', status: 503 }, { _tag: 'NotFound' }] }))
    ).type.toBe<Schedule.Preview>()
    expect(pipe(every, Schedule.preview(3, { inputs: [503, 429] }))).type.toBe<Schedule.Preview>()
    expect(Schedule.preview(3, { inputs: [503] })).type.toBe<
      (schedule: Schedule.Schedule<number>) => Schedule.Preview
    >()
  })

  test('with inputs that do not fit, or none in the list, is an error', () => {
    pipe(
      // @ts-expect-error Property 'status' is missing
      onHttp,
      Schedule.preview(3, { inputs: [{ _tag: 'NotFound' }] })
    )
    expect(Schedule.preview).type.not.toBeCallableWith(3, { inputs: [] })
  })
})

describe('step', () => {
  test('takes what the schedule takes', () => {
    const tick = {} as Schedule.Tick
    expect(Schedule.step(every, Schedule.initial(every), tick, 1)).type.toBe<Schedule.Step>()
    expect(Schedule.step).type.toBeCallableWith(onHttp, 0, tick, { _tag: 'HttpError', status: 1 })
    expect(Schedule.step<HttpError>).type.not.toBeCallableWith(onHttp, 0, tick, { _tag: 'NotFound' })
  })
})

describe('the instances', () => {
  test('keep the input', () => {
    expect(Schedule.Contravariant).type.toBe<Contravariant1<Schedule.URI>>()
    expect(
      Schedule.Contravariant.contramap(onHttp, (_: NotFound): HttpError => ({ _tag: 'HttpError', status: 404 }))
    ).type.toBe<Schedule.Schedule<NotFound>>()
    expect(Schedule.getLattice<HttpError>()).type.toBe<BoundedDistributiveLattice<Schedule.Schedule<HttpError>>>()
    expect(Schedule.getMonoidBoth<HttpError>()).type.toBe<Monoid<Schedule.Schedule<HttpError>>>()
    expect(Schedule.getMonoidEither<HttpError>()).type.toBe<Monoid<Schedule.Schedule<HttpError>>>()
    expect(Schedule.getMonoidAndThen<HttpError>()).type.toBe<Monoid<Schedule.Schedule<HttpError>>>()
    expect(Schedule.getMonoidBoth<AppError>().concat).type.not.toBeCallableWith(onHttp, onApp)
  })
})
