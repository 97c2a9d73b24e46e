/* eslint-disable @typescript-eslint/no-invalid-void-type -- an operation may fail with nothing, or give nothing */
import * as T from 'fp-ts/Task'
import * as TE from 'fp-ts/TaskEither'
import { flow, pipe } from 'fp-ts/function'
import { Policy, type Rejection, Schedule } from 'resilience-ts'
import { describe, expect, test } from 'tstyche'
import {
  anything,
  type AppError,
  every,
  type HttpError,
  id,
  isHttp,
  isTimedOut,
  type Job,
  narrow,
  type NotFound,
  onApp,
  onHttp,
  timed,
  wide
} from './fixtures'

type TimedOut = Rejection.TimedOut
type DeadlineExceeded = Rejection.DeadlineExceeded
type Exhausted<E> = Rejection.Exhausted<E>

describe('retry', () => {
  test('neither adds to nor takes from the errors', () => {
    expect(pipe(id(), Policy.retry(every))).type.toBe<Policy.Policy<HttpError, Job>>()
    expect(pipe(timed, Policy.retry(every))).type.toBe<typeof timed>()
    expect(Policy.retry(every)(timed)).type.toBe<typeof timed>()
  })

  test('stands between other policies', () => {
    expect(
      pipe(id(), Policy.timeout(1), Policy.retry(every, { while: (e) => e._tag === 'TimedOut' }), Policy.deadline(2))
    ).type.toBe<Policy.Policy<HttpError, Job, HttpError | TimedOut | DeadlineExceeded, Job>>()
  })

  test('never and void stay what they are', () => {
    expect(
      pipe(
        Policy.id<never, Job>(),
        Policy.retry(every, {
          while: (e) => {
            expect(e).type.toBe<never>()
            return true
          }
        })
      )
    ).type.toBe<Policy.Policy<never, Job>>()
    expect(pipe(Policy.id<never, Job>(), Policy.retry(every, { while: wide }))).type.toBe<Policy.Policy<never, Job>>()
    expect(pipe(Policy.id<HttpError, never>(), Policy.retry(every))).type.toBe<Policy.Policy<HttpError, never>>()
    expect(pipe(Policy.id<void, void>(), Policy.retry(every, { while: (e) => e === undefined }))).type.toBe<
      Policy.Policy<void, void>
    >()
  })

  test('takes its policy from an annotation', () => {
    const policy: Policy.Policy<AppError, Job> = pipe(
      Policy.id<AppError, Job>(),
      Policy.retry(every, { while: (e) => e._tag === 'HttpError' && narrow(e) })
    )
    expect(policy).type.toBe<Policy.Policy<AppError, Job>>()
  })
})

describe('a callback of retry', () => {
  test('inline sees the errors of the policy', () => {
    expect(
      pipe(
        timed,
        Policy.retry(every, {
          while: (e) => {
            expect(e).type.toBe<HttpError | TimedOut>()
            return e._tag === 'TimedOut'
          },
          until: (e) => {
            expect(e).type.toBe<HttpError | TimedOut>()
            return e._tag === 'HttpError' && e.status < 500
          },
          decide: (info) => {
            expect(info).type.toBe<Policy.RetryInfo<HttpError | TimedOut>>()
            return T.of(Policy.againAfter(info.delay))
          },
          beforeRetry: ({ error }) => {
            expect(error).type.toBe<HttpError | TimedOut>()
            return T.of(undefined)
          },
          retryRefused: true
        })
      )
    ).type.toBe<typeof timed>()
  })

  test('by name and narrow: fits where the policy has no more errors', () => {
    expect(pipe(id(), Policy.retry(every, { while: narrow }))).type.toBe<Policy.Policy<HttpError, Job>>()
    expect(pipe(id(), Policy.retry(every, { until: narrow }))).type.toBe<Policy.Policy<HttpError, Job>>()
  })

  test('by name and wide: does not widen the policy', () => {
    expect(pipe(id(), Policy.retry(every, { while: wide }))).type.toBe<Policy.Policy<HttpError, Job>>()
    expect(pipe(timed, Policy.retry(every, { until: wide }))).type.toBe<typeof timed>()
    expect(pipe(timed, Policy.retry(every, { while: wide, until: wide }))).type.toBe<typeof timed>()
    const decide = (_info: Policy.RetryInfo<AppError>): T.Task<Policy.Verdict> => T.of(Policy.giveUp)
    expect(pipe(timed, Policy.retry(every, { decide }))).type.toBe<typeof timed>()
  })

  test('over unknown: does not make the policy unknown', () => {
    expect(pipe(id(), Policy.retry(every, { while: anything }))).type.toBe<Policy.Policy<HttpError, Job>>()
    expect(pipe(timed, Policy.retry(every, { while: (e: unknown) => e !== null }))).type.toBe<typeof timed>()
    expect(
      pipe(timed, Policy.retry(every, { beforeRetry: (_: Policy.RetryInfo<unknown>) => T.of(undefined) }))
    ).type.toBe<typeof timed>()
  })

  test('that is a refinement: does not narrow the policy', () => {
    expect(pipe(timed, Policy.retry(every, { while: isHttp }))).type.toBe<typeof timed>()
    expect(pipe(timed, Policy.retry(every, { while: isTimedOut }))).type.toBe<typeof timed>()
    expect(pipe(timed, Policy.retry(every, { while: (e) => e._tag === 'TimedOut' }))).type.toBe<typeof timed>()
  })

  test('without a parameter', () => {
    expect(pipe(timed, Policy.retry(every, { while: () => true }))).type.toBe<typeof timed>()
  })

  test('of a generic caller', () => {
    const retrying = <E, A>(mends: (e: E) => boolean) =>
      pipe(Policy.id<E, A>(), Policy.retry(every, { while: mends }), Policy.timeout(1))
    expect(retrying).type.toBe<<E, A>(mends: (e: E) => boolean) => Policy.Policy<E, A, E | TimedOut, A>>()

    const outside = <E, A>(mends: (e: E | TimedOut) => boolean) =>
      pipe(Policy.id<E, A>(), Policy.timeout(1), Policy.retry(every, { while: mends }))
    expect(outside).type.toBe<<E, A>(mends: (e: E | TimedOut) => boolean) => Policy.Policy<E, A, E | TimedOut, A>>()
  })

  test('narrower than the errors of the policy is an error', () => {
    expect(Policy.retry(every, { while: narrow })).type.not.toBeCallableWith(timed)
    expect(Policy.retry(every, { until: narrow })).type.not.toBeCallableWith(timed)
    pipe(
      timed,
      // @ts-expect-error Type 'TimedOut | HttpError' is not assignable to type 'HttpError'
      Policy.retry(every, { while: narrow })
    )
  })

  test('that gives the wrong thing is an error', () => {
    expect(Policy.retry).type.not.toBeCallableWith(every, { while: () => 'yes' })
    expect(Policy.retry).type.not.toBeCallableWith(every, { decide: () => Policy.again })
    expect(Policy.retry).type.not.toBeCallableWith(every, { decide: () => T.of(true) })
    expect(Policy.retry).type.not.toBeCallableWith(every, { whilst: () => true })
    expect(Policy.retry).type.not.toBeCallableWith({ delay: 1 })
  })
})

describe('retry in a flow', () => {
  test('first: stays generic', () => {
    const patient = flow(Policy.retry(every), Policy.timeout(1))
    expect(pipe(id(), patient)).type.toBe<typeof timed>()
    expect(pipe(Policy.id<NotFound, string>(), patient)).type.toBe<
      Policy.Policy<NotFound, string, NotFound | TimedOut, string>
    >()
  })

  test('after another policy: stays generic', () => {
    expect(flow(Policy.timeout(1), Policy.retry(every))).type.toBe<
      <E, A, E2, A2>(policy: Policy.Policy<E, A, E2, A2>) => Policy.Policy<E, A, E2 | TimedOut, A2>
    >()
  })

  test('first, with a named predicate: stays generic, and takes what the predicate takes', () => {
    const patient = flow(Policy.retry(every, { while: wide }), Policy.timeout(1))
    expect(pipe(id(), patient)).type.toBe<typeof timed>()
    expect(pipe(timed, patient)).type.toBe<typeof timed>()
    expect(patient).type.not.toBeCallableWith(Policy.id<string, Job>())
  })

  test('after another policy, with a predicate over unknown: stays generic', () => {
    expect(flow(Policy.timeout(1), Policy.retry(every, { while: anything }))).type.toBe<
      <E, A, E2, A2>(policy: Policy.Policy<E, A, E2, A2>) => Policy.Policy<E, A, E2 | TimedOut, A2>
    >()
  })

  test('inside a pipe, with any callback, in either position', () => {
    expect(pipe(id(), flow(Policy.timeout(1), Policy.retry(every, { while: wide })))).type.toBe<typeof timed>()
    expect(pipe(id(), flow(Policy.timeout(1), Policy.retry(every, { while: anything })))).type.toBe<typeof timed>()
    expect(pipe(id(), flow(Policy.timeout(1), Policy.retry(every, { while: (e) => e._tag === 'TimedOut' })))).type.toBe<
      typeof timed
    >()
    expect(pipe(id(), flow(Policy.retry(every, { while: wide }), Policy.timeout(1)))).type.toBe<typeof timed>()
    expect(pipe(id(), flow(Policy.retry(every, { while: (e) => e.status > 499 }), Policy.timeout(1)))).type.toBe<
      typeof timed
    >()
  })

  test('kept in a constant: serves every policy that it fits', () => {
    const patient = Policy.retry(every, { while: wide })
    expect(pipe(id(), patient)).type.toBe<Policy.Policy<HttpError, Job>>()
    expect(pipe(timed, patient)).type.toBe<typeof timed>()
    expect(pipe(Policy.id<never, string>(), patient)).type.toBe<Policy.Policy<never, string>>()
    expect(patient).type.not.toBeCallableWith(Policy.id<string, Job>())
    expect(pipe(Policy.id<string, Job>(), Policy.retry(every, { while: anything }))).type.toBe<
      Policy.Policy<string, Job>
    >()
  })
})

describe('the schedule of a retry', () => {
  test('as wide as the errors, or wider, fits and does not widen the policy', () => {
    expect(pipe(id(), Policy.retry(onHttp))).type.toBe<Policy.Policy<HttpError, Job>>()
    expect(pipe(timed, Policy.retry(onApp))).type.toBe<typeof timed>()
    expect(pipe(timed, Policy.retry(onApp, { while: (e) => e._tag === 'TimedOut' }))).type.toBe<typeof timed>()
    expect(pipe(id(), flow(Policy.timeout(1), Policy.retry(onApp)))).type.toBe<typeof timed>()
    expect(pipe(id(), flow(Policy.retry(onApp), Policy.timeout(1)))).type.toBe<typeof timed>()
  })

  test('with an annotated input, written inside', () => {
    expect(
      pipe(
        id(),
        Policy.retry(
          pipe(
            every,
            Schedule.while((e: HttpError) => e.status > 499)
          )
        )
      )
    ).type.toBe<Policy.Policy<HttpError, Job>>()
    expect(
      pipe(
        timed,
        Policy.retry(
          pipe(
            every,
            Schedule.modify((delay, _: AppError) => delay)
          )
        )
      )
    ).type.toBe<typeof timed>()
  })

  test('of a generic caller', () => {
    const retrying = <E, A>(schedule: Schedule.Schedule<E>) => pipe(Policy.id<E, A>(), Policy.retry(schedule))
    expect(retrying).type.toBe<<E, A>(schedule: Schedule.Schedule<E>) => Policy.Policy<E, A>>()
  })

  test('whose input is narrower than the errors is an error', () => {
    expect(Policy.retry(onHttp)).type.toBeCallableWith(id())
    expect(Policy.retry(onHttp)).type.not.toBeCallableWith(timed)
    pipe(
      timed,
      // @ts-expect-error Type 'TimedOut | HttpError' is not assignable to type 'HttpError'
      Policy.retry(onHttp)
    )
    pipe(
      timed,
      // @ts-expect-error Type 'TimedOut | HttpError' is not assignable to type 'HttpError'
      Policy.retry(
        pipe(
          every,
          Schedule.while((e: HttpError) => e.status > 499)
        )
      )
    )
    pipe(
      timed,
      // @ts-expect-error Type 'TimedOut | HttpError' is not assignable to type 'HttpError'
      Policy.retryOrElse(onHttp, TE.left)
    )
  })
})

describe('retryOrElse', () => {
  test('takes the whole error out, and adds what the operation gives', () => {
    expect(
      pipe(
        timed,
        Policy.retryOrElse(every, (exhausted) => {
          expect(exhausted).type.toBe<Exhausted<HttpError | TimedOut>>()
          return TE.left(exhausted)
        })
      )
    ).type.toBe<Policy.Policy<HttpError, Job, Exhausted<HttpError | TimedOut>, Job>>()
    expect(
      pipe(
        timed,
        Policy.retryOrElse(every, ({ attempts }) => TE.right(attempts))
      )
    ).type.toBe<Policy.Policy<HttpError, Job, never, Job | number>>()
    expect(
      pipe(
        timed,
        Policy.retryOrElse(every, ({ error }) => TE.left(error))
      )
    ).type.toBe<typeof timed>()
  })

  test('with a named function, wide or over unknown: does not widen', () => {
    const exit = (_: Exhausted<AppError>) => TE.left('gone' as const)
    const exitAny = (_: Exhausted<unknown>) => TE.left('gone' as const)
    expect(pipe(timed, Policy.retryOrElse(every, exit))).type.toBe<Policy.Policy<HttpError, Job, 'gone', Job>>()
    expect(pipe(timed, Policy.retryOrElse(every, exitAny))).type.toBe<Policy.Policy<HttpError, Job, 'gone', Job>>()
    expect(pipe(timed, Policy.retryOrElse(onApp, exit, { while: wide }))).type.toBe<
      Policy.Policy<HttpError, Job, 'gone', Job>
    >()
  })

  test('types function and options apart', () => {
    const give = ({ error }: Exhausted<AppError>) => TE.left(error)
    expect(
      pipe(
        timed,
        Policy.retryOrElse(every, give, {
          while: (e) => {
            expect(e).type.toBe<HttpError | TimedOut>()
            return true
          }
        })
      )
    ).type.toBe<Policy.Policy<HttpError, Job, AppError, Job>>()
    expect(
      pipe(
        timed,
        Policy.retryOrElse(
          every,
          ({ error }) => {
            expect(error).type.toBe<HttpError | TimedOut>()
            return TE.left(error)
          },
          { while: wide }
        )
      )
    ).type.toBe<typeof timed>()
    expect(
      pipe(
        timed,
        Policy.retryOrElse(every, ({ error }) => TE.left(error), { until: anything })
      )
    ).type.toBe<typeof timed>()
  })

  test('in a flow', () => {
    const gone = Policy.retryOrElse(every, () => TE.left('gone' as const))
    expect(flow(Policy.timeout(1), gone)).type.toBe<
      <E, A, E2, A2>(policy: Policy.Policy<E, A, E2, A2>) => Policy.Policy<E, A, 'gone', A2>
    >()
    expect(pipe(id(), flow(gone, Policy.timeout(1)))).type.toBe<Policy.Policy<HttpError, Job, 'gone' | TimedOut, Job>>()
    expect(
      pipe(
        id(),
        flow(
          Policy.timeout(1),
          Policy.retryOrElse(every, ({ error }) => TE.left(error._tag))
        )
      )
    ).type.toBe<Policy.Policy<HttpError, Job, 'HttpError' | 'TimedOut', Job>>()
    expect(
      pipe(
        id(),
        flow(
          Policy.retryOrElse(every, ({ error }) => TE.left(error.status)),
          Policy.timeout(1)
        )
      )
    ).type.toBe<Policy.Policy<HttpError, Job, number | TimedOut, Job>>()
  })

  test('with never, an annotation, a generic caller', () => {
    expect(pipe(Policy.id<never, Job>(), Policy.retryOrElse(every, TE.left))).type.toBe<
      Policy.Policy<never, Job, Exhausted<never>, Job>
    >()
    const policy: Policy.Policy<HttpError, Job, Exhausted<AppError>, Job> = pipe(
      timed,
      Policy.retryOrElse(every, (exhausted) => TE.left(exhausted))
    )
    expect(policy).type.toBe<Policy.Policy<HttpError, Job, Exhausted<AppError>, Job>>()
    const exhausting = <E, A>() =>
      pipe(
        Policy.id<E, A>(),
        Policy.timeout(1),
        Policy.retryOrElse(every, (exhausted) => TE.left(exhausted))
      )
    expect(exhausting).type.toBe<<E, A>() => Policy.Policy<E, A, Exhausted<E | TimedOut>, A>>()
  })

  test('with a function that does not take the errors is an error', () => {
    const exit = (_: Exhausted<HttpError>) => TE.left('gone' as const)
    expect(Policy.retryOrElse(every, exit)).type.toBeCallableWith(id())
    expect(Policy.retryOrElse(every, exit)).type.not.toBeCallableWith(timed)
    expect(Policy.retryOrElse(every, TE.left, { while: narrow })).type.not.toBeCallableWith(timed)
    expect(Policy.retryOrElse).type.not.toBeCallableWith(every, () => 'gone')
  })
})
