import type { Bifunctor4 } from 'fp-ts/Bifunctor'
import type { Functor4 } from 'fp-ts/Functor'
import { flow, pipe } from 'fp-ts/function'
import { Policy, type Rejection } from 'resilience-ts'
import { describe, expect, test } from 'tstyche'
import { type AppError, type HttpError, id, type Job, type NotFound, type Ready, timed } from './fixtures'

type TimedOut = Rejection.TimedOut
type State = Job['state']

describe('map', () => {
  test('changes the result, and nothing else', () => {
    expect(
      pipe(
        timed,
        Policy.map((job) => {
          expect(job).type.toBe<Job>()
          return job.state
        })
      )
    ).type.toBe<Policy.Policy<HttpError, Job, HttpError | TimedOut, State>>()
  })

  test('with a named function, wide or over unknown', () => {
    expect(
      pipe(
        id(),
        Policy.map((_: Job | null) => 1)
      )
    ).type.toBe<Policy.Policy<HttpError, Job, HttpError, number>>()
    expect(
      pipe(
        id(),
        Policy.map((_: unknown) => 1)
      )
    ).type.toBe<Policy.Policy<HttpError, Job, HttpError, number>>()
  })

  test('in a flow', () => {
    expect(
      flow(
        Policy.timeout(1),
        Policy.map((_: unknown) => 1)
      )
    ).type.toBe<<E, A, E2, A2>(policy: Policy.Policy<E, A, E2, A2>) => Policy.Policy<E, A, E2 | TimedOut, number>>()
    expect(
      flow(
        Policy.map((_: Job) => 1),
        Policy.timeout(1)
      )
    ).type.toBe<<E, A, E2>(policy: Policy.Policy<E, A, E2, Job>) => Policy.Policy<E, A, E2 | TimedOut, number>>()
    type Mapped = Policy.Policy<HttpError, Job, HttpError | TimedOut, State>
    expect(
      pipe(
        id(),
        flow(
          Policy.timeout(1),
          Policy.map((job) => job.state)
        )
      )
    ).type.toBe<Mapped>()
    expect(
      pipe(
        id(),
        flow(
          Policy.map((job) => job.state),
          Policy.timeout(1)
        )
      )
    ).type.toBe<Mapped>()
  })

  test('of a generic caller', () => {
    const both = <E, A, B>(f: (a: A) => B) => pipe(Policy.id<E, A>(), Policy.timeout(1), Policy.map(f))
    expect(both).type.toBe<<E, A, B>(f: (a: A) => B) => Policy.Policy<E, A, E | TimedOut, B>>()
  })

  test('with a function that does not take the result is an error', () => {
    expect(Policy.map((ready: Ready) => ready.id)).type.not.toBeCallableWith(id())
    pipe(
      id(),
      // @ts-expect-error Type 'Job' is not assignable to type 'Ready'
      Policy.map((ready: Ready) => ready.id)
    )
  })
})

describe('mapLeft', () => {
  test('changes the error, and nothing else', () => {
    expect(
      pipe(
        timed,
        Policy.mapLeft((e) => {
          expect(e).type.toBe<HttpError | TimedOut>()
          return e._tag
        })
      )
    ).type.toBe<Policy.Policy<HttpError, Job, 'HttpError' | 'TimedOut', Job>>()
  })

  test('with a named function, wide or over unknown', () => {
    expect(
      pipe(
        timed,
        Policy.mapLeft((_: AppError) => 1)
      )
    ).type.toBe<Policy.Policy<HttpError, Job, number, Job>>()
    expect(
      pipe(
        timed,
        Policy.mapLeft((_: unknown) => 1)
      )
    ).type.toBe<Policy.Policy<HttpError, Job, number, Job>>()
  })

  test('in a flow', () => {
    expect(
      flow(
        Policy.timeout(1),
        Policy.mapLeft((_: unknown) => 1)
      )
    ).type.toBe<<E, A, E2, A2>(policy: Policy.Policy<E, A, E2, A2>) => Policy.Policy<E, A, number, A2>>()
    expect(
      pipe(
        id(),
        flow(
          Policy.timeout(1),
          Policy.mapLeft((e) => e._tag)
        )
      )
    ).type.toBe<Policy.Policy<HttpError, Job, 'HttpError' | 'TimedOut', Job>>()
    expect(
      pipe(
        id(),
        flow(
          Policy.mapLeft((e) => e.status),
          Policy.timeout(1)
        )
      )
    ).type.toBe<Policy.Policy<HttpError, Job, number | TimedOut, Job>>()
  })

  test('with a function that does not take the errors is an error', () => {
    pipe(
      timed,
      // @ts-expect-error Type 'TimedOut | HttpError' is not assignable to type 'HttpError'
      Policy.mapLeft((e: HttpError) => e.status)
    )
  })
})

describe('bimap', () => {
  test('changes error and result', () => {
    expect(
      pipe(
        timed,
        Policy.bimap(
          (e) => {
            expect(e).type.toBe<HttpError | TimedOut>()
            return e._tag
          },
          (job) => {
            expect(job).type.toBe<Job>()
            return job.state
          }
        )
      )
    ).type.toBe<Policy.Policy<HttpError, Job, 'HttpError' | 'TimedOut', State>>()
    expect(
      pipe(
        timed,
        Policy.bimap(
          (_: AppError) => 1,
          (_: unknown) => 2
        )
      )
    ).type.toBe<Policy.Policy<HttpError, Job, number, number>>()
  })

  test('with a function that does not take what it is given is an error', () => {
    pipe(
      timed,
      // @ts-expect-error Type 'TimedOut | HttpError' is not assignable to type 'HttpError'
      Policy.bimap(
        (e: HttpError) => e.status,
        (_: Job) => 1
      )
    )
  })
})

describe('the instances', () => {
  test('Functor', () => {
    expect(Policy.Functor).type.toBe<Functor4<Policy.URI>>()
    expect(
      Policy.Functor.map(timed, (job) => {
        expect(job).type.toBe<Job>()
        return job.state
      })
    ).type.toBe<Policy.Policy<HttpError, Job, HttpError | TimedOut, State>>()
  })

  test('Bifunctor', () => {
    expect(Policy.Bifunctor).type.toBe<Bifunctor4<Policy.URI>>()
    expect(Policy.Bifunctor.mapLeft(timed, (e) => e._tag)).type.toBe<
      Policy.Policy<HttpError, Job, 'HttpError' | 'TimedOut', Job>
    >()
    expect(
      Policy.Bifunctor.bimap(
        timed,
        (): NotFound => ({ _tag: 'NotFound' }),
        (job) => job.state
      )
    ).type.toBe<Policy.Policy<HttpError, Job, NotFound, State>>()
  })
})
