/* eslint-disable @typescript-eslint/no-invalid-void-type -- an operation may fail with nothing, or give nothing */
import type { Monoid } from 'fp-ts/Monoid'
import { flow, pipe } from 'fp-ts/function'
import { Policy, type Rejection, Schedule, type Strategy, Trip } from 'resilience-ts'
import { describe, expect, test } from 'tstyche'
import {
  type AppError,
  every,
  type HttpError,
  id,
  isTimedOut,
  type Job,
  narrow,
  type Ready,
  timed,
  wide
} from './fixtures'

type TimedOut = Rejection.TimedOut
type DeadlineExceeded = Rejection.DeadlineExceeded

describe('Policy', () => {
  test('two parameters say an operation of the same type', () => {
    expect<Policy.Policy<HttpError, Job>>().type.toBe<Policy.Policy<HttpError, Job, HttpError, Job>>()
    expect<Policy.Policy<HttpError, Job>>().type.not.toBe<Policy.Policy<AppError, Job>>()
    expect<Policy.Policy<HttpError, Job>>().type.not.toBe<Policy.Policy<HttpError, unknown>>()
  })

  test('takes its input contravariantly and gives its output covariantly', () => {
    expect<Policy.Policy<AppError, Job | null, HttpError, Job>>().type.toBeAssignableTo<
      Policy.Policy<HttpError, Job, AppError, Job | null>
    >()
    expect<Policy.Policy<HttpError, Job, HttpError, Job>>().type.not.toBeAssignableTo<
      Policy.Policy<AppError, Job, AppError, Job>
    >()
    expect<Policy.Policy<HttpError, Job, AppError, Job>>().type.not.toBeAssignableTo<Policy.Policy<HttpError, Job>>()
    expect<Policy.Policy<HttpError, Job, HttpError, Job | null>>().type.not.toBeAssignableTo<
      Policy.Policy<HttpError, Job>
    >()
  })

  test('the namespace holds the type in the manner of fp-ts', () => {
    expect<Policy.Policy<HttpError, Job>>().type.toBeAssignableTo<{ readonly _tag: 'Policy' }>()
  })
})

describe('Ends', () => {
  test('any policy is one that ends in what it ends in, or in more', () => {
    expect(timed).type.toBeAssignableTo<Policy.Ends<HttpError | TimedOut, Job>>()
    expect(timed).type.toBeAssignableTo<Policy.Ends<AppError, Job | null>>()
    expect(timed).type.toBeAssignableTo<Policy.Ends<unknown, unknown>>()
    expect(timed).type.not.toBeAssignableTo<Policy.Ends<HttpError, Job>>()
    expect(timed).type.not.toBeAssignableTo<Policy.Ends<unknown, Ready>>()
  })
})

describe('id', () => {
  test('says the types of a pipe', () => {
    expect(Policy.id<HttpError, Job>()).type.toBe<Policy.Policy<HttpError, Job>>()
    expect(Policy.id<never, void>()).type.toBe<Policy.Policy<never, void>>()
  })

  test('has no defaults: without types, all is unknown', () => {
    expect(Policy.id()).type.toBe<Policy.Policy<unknown, unknown>>()
  })

  test('takes its types from an annotation', () => {
    const policy: Policy.Policy<AppError, Job> = Policy.id()
    expect(policy).type.toBe<Policy.Policy<AppError, Job>>()
  })
})

describe('an annotation', () => {
  test('with a wide error is met by a policy that adds what it names', () => {
    const policy: Policy.Policy<AppError, Job> = pipe(
      Policy.id<AppError, Job>(),
      Policy.timeout(1000),
      Policy.retry(every, { while: (e) => e._tag === 'TimedOut' }),
      Policy.deadline(5000)
    )
    expect(policy).type.toBe<Policy.Policy<AppError, Job>>()
  })

  test('with a wide error is met without a pipe', () => {
    const policy: Policy.Policy<AppError, Job> = Policy.timeout(1000)(Policy.id<AppError, Job>())
    expect(policy).type.toBe<Policy.Policy<AppError, Job>>()
  })

  test('may be wider than what a policy ends in', () => {
    const policy: Policy.Policy<HttpError, Job, AppError, Job | null> = pipe(
      id(),
      Policy.timeout(1000),
      Policy.retry(every, { while: wide }),
      Policy.deadline(5000)
    )
    expect(policy).type.toBe<Policy.Policy<HttpError, Job, AppError, Job | null>>()
  })

  test('does not change what a callback sees', () => {
    const policy: Policy.Policy<HttpError, Job, AppError, Job> = pipe(
      id(),
      Policy.timeout(1000),
      Policy.retry(every, {
        while: (e) => {
          expect(e).type.toBe<HttpError | TimedOut>()
          return true
        }
      })
    )
    expect(policy).type.toBe<Policy.Policy<HttpError, Job, AppError, Job>>()
  })

  test('narrower than what a policy ends in is an error', () => {
    // @ts-expect-error Type 'TimedOut | HttpError' is not assignable to type 'HttpError'
    const policy: Policy.Policy<HttpError, Job> = pipe(id(), Policy.timeout(1000))
    expect(policy).type.toBe<Policy.Policy<HttpError, Job>>()
  })
})

describe('a caller with a wide error', () => {
  test('gets plain Policy<E, A> back', () => {
    expect(
      pipe(
        Policy.id<AppError, Job>(),
        Policy.timeout(1000),
        Policy.retry(every),
        Policy.retry(every, { while: wide }),
        Policy.deadline(5000)
      )
    ).type.toBe<Policy.Policy<AppError, Job>>()
  })
})

describe('rejections', () => {
  test('join the union one by one', () => {
    expect(pipe(id(), Policy.timeout(1))).type.toBe<Policy.Policy<HttpError, Job, HttpError | TimedOut, Job>>()
    expect(pipe(id(), Policy.timeout(1), Policy.timeout(2))).type.toBe<
      Policy.Policy<HttpError, Job, HttpError | TimedOut, Job>
    >()
    expect(pipe(id(), Policy.timeout(1), Policy.deadline(2))).type.toBe<
      Policy.Policy<HttpError, Job, HttpError | TimedOut | DeadlineExceeded, Job>
    >()
  })

  test('leave the union exactly', () => {
    expect(
      pipe(
        id(),
        Policy.timeout(1),
        Policy.fallbackTag('TimedOut', (): Job => ({ state: 'pending' }))
      )
    ).type.toBe<Policy.Policy<HttpError, Job>>()
    expect(
      pipe(
        id(),
        Policy.timeout(1),
        Policy.deadline(2),
        Policy.fallbackIf(isTimedOut, (): Job => ({ state: 'pending' }))
      )
    ).type.toBe<Policy.Policy<HttpError, Job, HttpError | DeadlineExceeded, Job>>()
  })

  test('are folded into the caller’s own error by mapLeft', () => {
    expect(
      pipe(
        id(),
        Policy.timeout(1),
        Policy.mapLeft((e): HttpError => (e._tag === 'TimedOut' ? { _tag: 'HttpError', status: 504 } : e))
      )
    ).type.toBe<Policy.Policy<HttpError, Job>>()
  })
})

describe('a generic caller', () => {
  test('with nothing but E and A', () => {
    const around = <E, A>() =>
      pipe(Policy.id<E, A>(), Policy.timeout(1), Policy.retry(every), Policy.deadline(2), Policy.fallbackTo(null))
    expect(around<HttpError, Job>()).type.toBe<Policy.Policy<HttpError, Job, never, Job | null>>()

    const patient = <E, A>() => pipe(Policy.id<E, A>(), Policy.timeout(1), Policy.retry(every), Policy.deadline(2))
    expect(patient).type.toBe<<E, A>() => Policy.Policy<E, A, E | TimedOut | DeadlineExceeded, A>>()
    expect(patient<AppError, Job>()).type.toBe<Policy.Policy<AppError, Job>>()
    expect(patient<never, void>()).type.toBe<Policy.Policy<never, void, TimedOut | DeadlineExceeded, void>>()
  })

  test('that goes on from any policy', () => {
    const patient = <E, A, E2, A2>(policy: Policy.Policy<E, A, E2, A2>) =>
      pipe(policy, Policy.timeout(1), Policy.retry(every))
    expect(patient).type.toBe<
      <E, A, E2, A2>(policy: Policy.Policy<E, A, E2, A2>) => Policy.Policy<E, A, E2 | TimedOut, A2>
    >()
    expect(pipe(timed, patient, Policy.deadline(1))).type.toBe<
      Policy.Policy<HttpError, Job, HttpError | TimedOut | DeadlineExceeded, Job>
    >()
  })

  test('with a bound on E', () => {
    const onTag = <E extends { readonly _tag: string }, A>() =>
      pipe(Policy.id<E, A>(), Policy.timeout(1), Policy.retry(every, { while: (e) => e._tag === 'TimedOut' }))
    expect(onTag<HttpError, Job>()).type.toBe<Policy.Policy<HttpError, Job, HttpError | TimedOut, Job>>()
  })
})

describe('time', () => {
  test('timeout and deadline add their rejection, in any position', () => {
    expect(Policy.timeout(1)).type.toBe<
      <E, A, E2, A2>(policy: Policy.Policy<E, A, E2, A2>) => Policy.Policy<E, A, E2 | TimedOut, A2>
    >()
    expect(Policy.deadline(1)).type.toBe<
      <E, A, E2, A2>(policy: Policy.Policy<E, A, E2, A2>) => Policy.Policy<E, A, E2 | DeadlineExceeded, A2>
    >()
    expect(flow(Policy.timeout(1), Policy.deadline(2))).type.toBe<
      <E, A, E2, A2>(policy: Policy.Policy<E, A, E2, A2>) => Policy.Policy<E, A, E2 | TimedOut | DeadlineExceeded, A2>
    >()
    expect(pipe(id(), flow(Policy.timeout(1), Policy.deadline(2)))).type.toBe<
      Policy.Policy<HttpError, Job, HttpError | TimedOut | DeadlineExceeded, Job>
    >()
    expect(Policy.timeout(1)(id())).type.toBe<typeof timed>()
  })

  test('never and void stay what they are', () => {
    expect(pipe(Policy.id<never, Job>(), Policy.timeout(1))).type.toBe<Policy.Policy<never, Job, TimedOut, Job>>()
    expect(pipe(Policy.id<HttpError, never>(), Policy.deadline(1))).type.toBe<
      Policy.Policy<HttpError, never, HttpError | DeadlineExceeded, never>
    >()
    expect(pipe(Policy.id<void, void>(), Policy.timeout(1))).type.toBe<
      Policy.Policy<void, void, void | TimedOut, void>
    >()
  })

  test('take options', () => {
    expect(pipe(id(), Policy.timeout(1, { grace: 2 }))).type.toBe<typeof timed>()
    expect(pipe(id(), Policy.deadline(1, { reserve: 2 }))).type.toBe<
      Policy.Policy<HttpError, Job, HttpError | DeadlineExceeded, Job>
    >()
    expect(Policy.timeout).type.not.toBeCallableWith(1, { grace: '2' })
    expect(Policy.timeout).type.not.toBeCallableWith(1, { reserve: 2 })
    expect(Policy.timeout).type.not.toBeCallableWith('1s')
  })
})

describe('settings that may be left out', () => {
  test('may be undefined too, as those of a caller of one’s own are', () => {
    const given: { readonly ms?: number; readonly f?: (e: unknown) => boolean } = {}
    const { ms, f } = given
    expect(pipe(id(), Policy.timeout(1, { grace: ms }), Policy.deadline(1, { reserve: ms }))).type.toBe<
      Policy.Policy<HttpError, Job, HttpError | Rejection.TimedOut | Rejection.DeadlineExceeded, Job>
    >()
    expect(pipe(id(), Policy.retry(every, { while: f, until: f, decide: undefined, wakeOn: undefined }))).type.toBe<
      Policy.Policy<HttpError, Job>
    >()
    expect(pipe(id(), Policy.retry(every, { decide: undefined, until: (e) => e.status > 500 }))).type.toBe<
      Policy.Policy<HttpError, Job>
    >()
    expect(Policy.poll).type.toBeCallableWith(every, { until: (_: unknown) => true, waitOut: f, failWhen: undefined })
    expect(Policy.bulkhead).type.toBeCallableWith(1, { queue: ms, wait: ms, order: undefined })
    expect(Policy.circuitBreaker).type.toBeCallableWith({
      trip: Trip.countWindow(5, { failureRate: 0.5, slowRate: ms, slowAfter: ms }),
      openFor: 1,
      probes: ms,
      isFailure: f,
      ramp: undefined,
      perKey: undefined
    })
    expect(Schedule.growing).type.toBeCallableWith({ first: 1, factor: ms })
    expect(Schedule.preview).type.toBeCallableWith(3, { seed: ms })
  })
})

describe('compose', () => {
  const outer = pipe(
    Policy.id<AppError, Job | null>(),
    Policy.map((job) => job === null)
  )

  test('joins one policy to another that takes what it ends in', () => {
    expect(pipe(timed, Policy.compose(outer))).type.toBe<Policy.Policy<HttpError, Job, AppError, boolean>>()
    expect(Policy.compose(outer)(timed)).type.toBe<Policy.Policy<HttpError, Job, AppError, boolean>>()
    expect(pipe(id(), flow(Policy.timeout(1), Policy.compose(outer)))).type.toBe<
      Policy.Policy<HttpError, Job, AppError, boolean>
    >()
  })

  test('takes an identity on either side', () => {
    expect(pipe(timed, Policy.compose(Policy.id()))).type.toBe<typeof timed>()
    expect(pipe(id(), Policy.compose(timed))).type.toBe<typeof timed>()
  })

  test('kept in a constant keeps its input generic', () => {
    expect(Policy.compose(outer)).type.toBe<
      <E, A>(inner: Policy.Policy<E, A, AppError, Job | null>) => Policy.Policy<E, A, AppError, boolean>
    >()
  })

  test('of a generic caller', () => {
    const around = <E, A>(policy: Policy.Policy<E | TimedOut, A>) =>
      pipe(Policy.id<E, A>(), Policy.timeout(1), Policy.compose(policy))
    expect(around).type.toBe<<E, A>(policy: Policy.Policy<E | TimedOut, A>) => Policy.Policy<E, A, E | TimedOut, A>>()
  })

  test('with an outer policy that does not take what the inner ends in is an error', () => {
    expect(Policy.compose(id())).type.toBeCallableWith(id())
    expect(Policy.compose(id())).type.not.toBeCallableWith(timed)
    pipe(
      timed,
      // @ts-expect-error Type 'TimedOut | HttpError' is not assignable to type 'HttpError'
      Policy.compose(id())
    )
  })
})

describe('getMonoid', () => {
  test('is a monoid of the policies that keep an operation’s type', () => {
    expect(Policy.getMonoid<AppError, Job>()).type.toBe<Monoid<Policy.Policy<AppError, Job>>>()
    const { concat } = Policy.getMonoid<AppError, Job>()
    expect(concat(pipe(Policy.id<AppError, Job>(), Policy.timeout(1)), Policy.id())).type.toBe<
      Policy.Policy<AppError, Job>
    >()
  })

  test('a policy that adds an error the type does not name is none of its members', () => {
    expect(Policy.getMonoid<HttpError, Job>().concat).type.not.toBeCallableWith(timed, id())
  })
})

describe('around', () => {
  interface Settings {
    readonly name: string
  }
  const strategy = {} as Strategy.Strategy<Settings>

  test('lets the caller say what a strategy of his own does to the types', () => {
    expect(pipe(timed, Policy.around<AppError, Job | null, Settings>(strategy, { name: 'users' }))).type.toBe<
      Policy.Policy<HttpError, Job, AppError, Job | null>
    >()
  })

  test('takes only the settings of that strategy', () => {
    expect(Policy.around<AppError, Job, Settings>).type.toBeCallableWith(strategy, { name: 'users' })
    expect(Policy.around<AppError, Job, Settings>).type.not.toBeCallableWith(strategy, { name: 1 })
  })
})

describe('destructors', () => {
  test('take any policy', () => {
    expect(Policy.show(timed)).type.toBe<string>()
    expect(Policy.names(Policy.id<never, void>())).type.toBe<ReadonlyArray<string>>()
    expect(Policy.validate).type.toBeCallableWith(timed)
    expect(Policy.advise).type.toBeCallableWith(timed)
    expect(Policy.show).type.not.toBeCallableWith('retry')
  })
})

/** The shapes of a breaker and a poll, as a user's own combinators: the encoding carries them too. */
describe('a combinator of one’s own, bound by Ends', () => {
  interface Open {
    readonly _tag: 'Open'
  }
  const breaker = <I, J>(_options: {
    readonly failure?: (error: I) => boolean
    readonly failureResult?: (value: J) => boolean
  }): (<E, A, E2, A2>(policy: Policy.Ends<I, J> & Policy.Policy<E, A, E2, A2>) => Policy.Policy<E, A, E2 | Open, A2>) =>
    Policy.id as never

  test('types inline callbacks by the policy', () => {
    expect(
      pipe(
        timed,
        breaker({
          failure: (e) => {
            expect(e).type.toBe<HttpError | TimedOut>()
            return true
          },
          failureResult: (job) => {
            expect(job).type.toBe<Job>()
            return job.state === 'pending'
          }
        })
      )
    ).type.toBe<Policy.Policy<HttpError, Job, HttpError | TimedOut | Open, Job>>()
  })

  test('is not widened by a wide named callback, and not entered by a narrow one', () => {
    expect(pipe(timed, breaker({ failure: wide }))).type.toBe<
      Policy.Policy<HttpError, Job, HttpError | TimedOut | Open, Job>
    >()
    expect(breaker({ failure: narrow })).type.not.toBeCallableWith(timed)
  })

  test('meets an annotation with a wide error', () => {
    const policy: Policy.Policy<AppError | Open, Job> = pipe(
      Policy.id<AppError | Open, Job>(),
      breaker({ failure: (e) => e._tag === 'HttpError' }),
      Policy.timeout(1)
    )
    expect(policy).type.toBe<Policy.Policy<AppError | Open, Job>>()
  })
})
