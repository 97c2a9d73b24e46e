/**
 * What does not infer, and what to write instead. These tests say how it is, not how it must be: one that breaks because
 * something has begun to infer is good news.
 */
import * as E from 'fp-ts/Either'
import * as TE from 'fp-ts/TaskEither'
import { flow, pipe } from 'fp-ts/function'
import { Policy, type Rejection, type Runner, Schedule } from 'resilience-ts'
import { describe, expect, test } from 'tstyche'
import {
  type AppError,
  every,
  type HttpError,
  id,
  isTimedOut,
  type Job,
  onApp,
  onHttp,
  onId,
  isReady,
  timed,
  wide
} from './fixtures'

type TimedOut = Rejection.TimedOut

describe('limit: a flow has no policy to begin from', () => {
  test('a named predicate over a concrete union, after another policy', () => {
    // @ts-expect-error is not assignable to type 'Ends<AppError, unknown>
    flow(Policy.timeout(1), Policy.retry(every, { while: wide }))
  })

  test('instead: in a pipe from id, in a flow inside one, or first', () => {
    expect(pipe(id(), Policy.timeout(1), Policy.retry(every, { while: wide }))).type.toBe<typeof timed>()
    expect(pipe(id(), flow(Policy.timeout(1), Policy.retry(every, { while: wide })))).type.toBe<typeof timed>()
    expect(pipe(id(), flow(Policy.retry(every, { while: wide }), Policy.timeout(1)))).type.toBe<typeof timed>()
  })

  test('likewise a schedule, a refinement, a function of a concrete type', () => {
    const state = (job: Job): string => job.state
    const tag = (e: AppError): string => e._tag
    // @ts-expect-error is not assignable to type 'Policy<E, A, AppError, A2>
    flow(Policy.timeout(1), Policy.retry(onApp))
    // @ts-expect-error is not assignable to type 'Ends<unknown, Job>
    flow(Policy.timeout(1), Policy.ensure(isReady))
    // @ts-expect-error is not assignable to type 'Policy<E, A, TimedOut | E2, Job>
    flow(Policy.timeout(1), Policy.map(state))
    // @ts-expect-error is not assignable to type 'Policy<E, A, AppError, A2>
    flow(Policy.timeout(1), Policy.mapLeft(tag))
  })

  test('an inline handler of fallbackTag knows the tag alone: a refinement over unknown says more', () => {
    flow(
      Policy.timeout(1),
      Policy.fallbackTag('TimedOut', (e) => {
        expect(e._tag).type.toBe<'TimedOut'>()
        expect(e).type.not.toHaveProperty('timeout')
        return 1
      })
    )
    expect(
      pipe(
        id(),
        flow(
          Policy.timeout(1),
          Policy.fallbackIf(isTimedOut, (e) => e.timeout)
        )
      )
    ).type.toBe<Policy.Policy<HttpError, Job, HttpError, Job | number>>()
  })
})

describe('limit: what is written inside retry(…) is inferred before the policy is known', () => {
  test('an inline predicate of Schedule.while sees unknown', () => {
    pipe(
      id(),
      Policy.retry(
        pipe(
          every,
          Schedule.while((e) => {
            expect(e).type.toBe<unknown>()
            return true
          })
        )
      )
    )
  })

  test('instead: retry’s own while, or an annotation', () => {
    expect(pipe(id(), Policy.retry(every, { while: (e) => e.status > 499 }))).type.toBe<Policy.Policy<HttpError, Job>>()
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
  })
})

describe('limit: the callbacks of one options object share a type', () => {
  test('an inline until beside a named wide while sees the wide type', () => {
    expect(
      pipe(
        timed,
        Policy.retry(every, {
          while: wide,
          until: (e) => {
            expect(e).type.toBe<AppError>()
            return e._tag === 'HttpError'
          }
        })
      )
    ).type.toBe<typeof timed>()
  })

  test('instead: a retry that says one of them, and the other inline', () => {
    expect(
      pipe(
        timed,
        Policy.retry(every, {
          while: (e) => wide(e),
          until: (e) => {
            expect(e).type.toBe<HttpError | TimedOut>()
            return e._tag === 'HttpError'
          }
        })
      )
    ).type.toBe<typeof timed>()
  })
})

describe('limit: fallback unapplied', () => {
  test('kept in a constant gives unknown', () => {
    const one = Policy.fallback(() => 1)
    expect(one).type.toBe<
      <E1, A>(policy: Policy.Policy<E1, A, unknown, unknown>) => Policy.Policy<E1, A, never, unknown>
    >()
    expect(pipe(Policy.id<string, number>(), one)).type.toBe<Policy.Policy<string, number, never, unknown>>()
  })

  test('in a flow it cannot promise the result of a policy that is not known', () => {
    flow(
      Policy.timeout(1),
      // @ts-expect-error 'A2' could be instantiated with an arbitrary type
      Policy.fallback((_: unknown) => 1)
    )
  })

  test('instead: fallbackW', () => {
    const one = Policy.fallbackW(() => 1)
    expect(pipe(Policy.id<string, number>(), one)).type.toBe<Policy.Policy<string, number, never, number>>()
    expect(pipe(id(), flow(Policy.timeout(1), one))).type.toBe<Policy.Policy<HttpError, Job, never, Job | number>>()
  })

  test('a fallback that is a function value: fallback calls it, fallbackTo gives it', () => {
    type Make = () => number
    const f: Make = () => 1
    expect(pipe(Policy.id<string, number>(), Policy.fallback(f))).type.toBe<
      Policy.Policy<string, number, never, number>
    >()
    expect(pipe(Policy.id<string, Make>(), Policy.fallbackTo(f))).type.toBe<Policy.Policy<string, Make, never, Make>>()
  })
})

describe('limit: fallbackTag unapplied', () => {
  test('kept in a constant, a handler knows the tag alone', () => {
    Policy.fallbackTag('TimedOut', (e) => {
      expect(e).type.toBe<{ readonly _tag: 'TimedOut' }>()
      return 1
    })
    expect(Policy.fallbackTag).type.not.toBeCallableWith('TimedOut', (e: TimedOut) => e.timeout)
  })

  test('instead: fallbackIf with a refinement over unknown', () => {
    const late = Policy.fallbackIf(isTimedOut, (e) => e.timeout)
    expect(pipe(timed, late)).type.toBe<Policy.Policy<HttpError, Job, HttpError, Job | number>>()
  })
})

describe('limit: the input of a policy is said once, in id', () => {
  test('an annotation with a wide error over an id with a narrow one is an error', () => {
    // @ts-expect-error Type 'AppError' is not assignable to type 'HttpError'
    const policy: Policy.Policy<AppError, Job> = pipe(Policy.id<HttpError, Job>(), Policy.timeout(1))
    expect(policy).type.toBe<Policy.Policy<AppError, Job>>()
  })

  test('instead: the wide error in id, or an annotation that tells input and output apart', () => {
    const policy: Policy.Policy<AppError, Job> = pipe(Policy.id<AppError, Job>(), Policy.timeout(1))
    const apart: Policy.Policy<HttpError, Job, AppError> = pipe(Policy.id<HttpError, Job>(), Policy.timeout(1))
    expect(policy).type.toBe<Policy.Policy<AppError, Job>>()
    expect(apart).type.toBe<Policy.Policy<HttpError, Job, AppError, Job>>()
  })

  test('an annotation does not reach an id without types that stands in a pipe, or beneath another policy', () => {
    // @ts-expect-error Type 'unknown' is not assignable to type 'AppError'
    const piped: Policy.Policy<AppError, Job> = pipe(Policy.id(), Policy.timeout(1))
    // @ts-expect-error is not assignable to type 'Policy<AppError, Job, AppError, Job>'
    const applied: Policy.Policy<AppError, Job> = Policy.timeout(1)(Policy.id())
    expect([piped, applied]).type.toBe<Array<Policy.Policy<AppError, Job>>>()
  })
})

describe('limit: run takes a TaskEither', () => {
  const runner = {} as Runner.Runner<HttpError, Job, HttpError, Job>

  test('a function with an optional parameter is one as well', () => {
    const retries = (n?: number): Promise<E.Either<HttpError, Job>> =>
      Promise.resolve(E.right(n === undefined ? { state: 'pending' } : { state: 'ready', id: n }))
    expect(runner.run).type.toBeCallableWith(retries)
  })

  test('an operation that knows its attempt is for runWith', () => {
    const operation = (attempt: { readonly number: number }): TE.TaskEither<HttpError, Job> =>
      TE.right({ state: 'ready', id: attempt.number })
    expect(runner.run).type.not.toBeCallableWith(operation)
    expect(runner.runWith).type.toBeCallableWith(operation)
  })
})

describe('limit: a schedule’s inputs', () => {
  test('schedules of a route that take different inputs want them said', () => {
    const speed = (e: HttpError): 'slow' | 'quick' => (e.status === 429 ? 'slow' : 'quick')
    expect(Schedule.route).type.not.toBeCallableWith(speed, { slow: onHttp, quick: onId })
    expect(
      Schedule.route<HttpError, 'slow' | 'quick', HttpError & { readonly id: number }>(speed, {
        slow: onHttp,
        quick: onId
      })
    ).type.toBe<Schedule.Schedule<HttpError & { readonly id: number }>>()
  })

  test('inputs of a preview that are of different types want it said, where the schedule does not say it', () => {
    expect(Schedule.preview).type.not.toBeCallableWith(3, { inputs: [503, 'busy'] })
    expect(pipe(every, Schedule.preview<number | string>(3, { inputs: [503, 'busy'] }))).type.toBe<Schedule.Preview>()
  })
})
