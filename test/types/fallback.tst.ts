import type { Refinement } from 'fp-ts/Refinement'
import * as TE from 'fp-ts/TaskEither'
import { flow, pipe } from 'fp-ts/function'
import { Policy, type Rejection, type Strategy } from 'resilience-ts'
import { describe, expect, test } from 'tstyche'
import { type AppError, type HttpError, id, isHttp, isTimedOut, type Job, type NotFound, timed } from './fixtures'

type TimedOut = Rejection.TimedOut
type DeadlineExceeded = Rejection.DeadlineExceeded

/** Tags that are more than one text. */
declare const either: 'A' | 'B'
declare const other: 'A' | 'C'
declare const text: string
declare const pattern: `A${string}`

/** A policy that ends in no error, and gives `A`. */
type Safe<A> = Policy.Policy<HttpError, Job, never, A>

describe('fallback', () => {
  test('takes every error out, and keeps the result', () => {
    expect(
      pipe(
        timed,
        Policy.fallback((e) => {
          expect(e).type.toBe<HttpError | TimedOut>()
          return { state: 'pending' }
        })
      )
    ).type.toBe<Safe<Job>>()
  })

  test('with a named function, wide or over unknown', () => {
    const make = (_: AppError): Job => ({ state: 'pending' })
    const makeOfAny = (_: unknown): Job => ({ state: 'pending' })
    expect(pipe(timed, Policy.fallback(make))).type.toBe<Safe<Job>>()
    expect(pipe(timed, Policy.fallback(makeOfAny))).type.toBe<Safe<Job>>()
  })

  test('with never, and in a flow inside a pipe', () => {
    expect(
      pipe(
        Policy.id<never, Job>(),
        Policy.fallback(() => ({ state: 'pending' }))
      )
    ).type.toBe<Policy.Policy<never, Job, never, Job>>()
    expect(
      pipe(
        id(),
        flow(
          Policy.timeout(1),
          Policy.fallback(() => ({ state: 'pending' }))
        )
      )
    ).type.toBe<Safe<Job>>()
    expect(
      pipe(
        id(),
        flow(
          Policy.fallback(() => ({ state: 'pending' })),
          Policy.timeout(1)
        )
      )
    ).type.toBe<Policy.Policy<HttpError, Job, TimedOut, Job>>()
  })

  test('of a generic caller', () => {
    const orElse = <E, A>(make: (e: E) => A) => pipe(Policy.id<E, A>(), Policy.fallback(make))
    expect(orElse).type.toBe<<E, A>(make: (e: E) => A) => Policy.Policy<E, A, never, A>>()
  })

  test('meets an annotation with a wide error', () => {
    const policy: Policy.Policy<AppError, Job> = pipe(
      Policy.id<AppError, Job>(),
      Policy.timeout(1),
      Policy.fallback(() => ({ state: 'pending' }))
    )
    expect(policy).type.toBe<Policy.Policy<AppError, Job>>()
  })

  test('with another type of result, or a function that does not take the errors, is an error', () => {
    pipe(
      timed,
      // @ts-expect-error Type 'number' is not assignable to type 'Job'
      Policy.fallback(() => 1)
    )
    pipe(
      timed,
      // @ts-expect-error Type 'TimedOut | HttpError' is not assignable to type 'HttpError'
      Policy.fallback((_: HttpError): Job => ({ state: 'pending' }))
    )
  })
})

describe('fallbackW', () => {
  test('takes every error out, and may widen the result', () => {
    expect(
      pipe(
        timed,
        Policy.fallbackW((e) => {
          expect(e).type.toBe<HttpError | TimedOut>()
          return e._tag
        })
      )
    ).type.toBe<Safe<Job | 'HttpError' | 'TimedOut'>>()
    expect(
      pipe(
        timed,
        Policy.fallbackW((_: AppError) => null)
      )
    ).type.toBe<Safe<Job | null>>()
    expect(
      pipe(
        timed,
        Policy.fallbackW((_: unknown) => null)
      )
    ).type.toBe<Safe<Job | null>>()
  })

  test('kept in a constant serves every policy', () => {
    const orNull = Policy.fallbackW(() => null)
    expect(pipe(timed, orNull)).type.toBe<Safe<Job | null>>()
    expect(pipe(Policy.id<never, string>(), orNull)).type.toBe<Policy.Policy<never, string, never, string | null>>()
    expect(flow(Policy.timeout(1), orNull)).type.toBe<
      <E, A, E2, A2>(policy: Policy.Policy<E, A, E2, A2>) => Policy.Policy<E, A, never, A2 | null>
    >()
    expect(pipe(id(), flow(orNull, Policy.timeout(1)))).type.toBe<Policy.Policy<HttpError, Job, TimedOut, Job | null>>()
  })

  test('with a function that does not take the errors is an error', () => {
    pipe(
      timed,
      // @ts-expect-error Type 'TimedOut | HttpError' is not assignable to type 'HttpError'
      Policy.fallbackW((e: HttpError) => e.status)
    )
  })
})

describe('fallbackTo', () => {
  test('takes every error out, and adds the value', () => {
    expect(pipe(timed, Policy.fallbackTo(null))).type.toBe<Safe<Job | null>>()
    expect(pipe(timed, Policy.fallbackTo<Job>({ state: 'pending' }))).type.toBe<Safe<Job>>()
    expect(flow(Policy.timeout(1), Policy.fallbackTo(null))).type.toBe<
      <E, A, E2, A2>(policy: Policy.Policy<E, A, E2, A2>) => Policy.Policy<E, A, never, A2 | null>
    >()
  })

  test('a function is a value as well', () => {
    const f = (_: HttpError): number => 1
    expect(pipe(timed, Policy.fallbackTo(f))).type.toBe<Safe<Job | ((_: HttpError) => number)>>()
  })

  test('of a generic caller', () => {
    const or = <E, A>(value: A) => pipe(Policy.id<E, A>(), Policy.timeout(1), Policy.fallbackTo(value))
    expect(or).type.toBe<<E, A>(value: A) => Policy.Policy<E, A, never, A>>()
  })
})

describe('fallbackWith', () => {
  test('takes every error out, and adds what the operation fails with and gives', () => {
    expect(
      pipe(
        timed,
        Policy.fallbackWith((e, attempt) => {
          expect(e).type.toBe<HttpError | TimedOut>()
          expect(attempt).type.toBe<Strategy.Attempt>()
          return TE.left(e._tag)
        })
      )
    ).type.toBe<Policy.Policy<HttpError, Job, 'HttpError' | 'TimedOut', Job>>()
    expect(
      pipe(
        timed,
        Policy.fallbackWith(() => TE.right(null))
      )
    ).type.toBe<Safe<Job | null>>()
  })

  test('with a named function, wide or over unknown', () => {
    const ask = (_: AppError): TE.TaskEither<'gone', Job> => TE.left('gone')
    const askOfAny = (_: unknown): TE.TaskEither<'gone', Job> => TE.left('gone')
    expect(pipe(timed, Policy.fallbackWith(ask))).type.toBe<Policy.Policy<HttpError, Job, 'gone', Job>>()
    expect(pipe(timed, Policy.fallbackWith(askOfAny))).type.toBe<Policy.Policy<HttpError, Job, 'gone', Job>>()
    expect(flow(Policy.timeout(1), Policy.fallbackWith(askOfAny))).type.toBe<
      <E, A, E2, A2>(policy: Policy.Policy<E, A, E2, A2>) => Policy.Policy<E, A, 'gone', A2 | Job>
    >()
  })

  test('of a generic caller', () => {
    const or = <E, A>(other: (e: E) => TE.TaskEither<E, A>) => pipe(Policy.id<E, A>(), Policy.fallbackWith(other))
    expect(or).type.toBe<<E, A>(other: (e: E) => TE.TaskEither<E, A>) => Policy.Policy<E, A>>()
  })

  test('with a function that does not take the errors, or gives no operation, is an error', () => {
    pipe(
      timed,
      // @ts-expect-error Type 'TimedOut | HttpError' is not assignable to type 'HttpError'
      Policy.fallbackWith((e: HttpError) => TE.right(e.status))
    )
    expect(Policy.fallbackWith).type.not.toBeCallableWith(() => 1)
  })
})

describe('fallbackIf', () => {
  type Rest = Policy.Policy<HttpError, Job, HttpError, Job | number>

  test('takes exactly the picked errors out, with a refinement that is inferred', () => {
    expect(
      pipe(
        timed,
        Policy.fallbackIf(
          (e) => e._tag === 'TimedOut',
          (e) => {
            expect(e).type.toBe<TimedOut>()
            return e.timeout
          }
        )
      )
    ).type.toBe<Rest>()
    expect(
      pipe(
        timed,
        Policy.deadline(1),
        Policy.fallbackIf(
          (e) => e._tag === 'TimedOut' || e._tag === 'DeadlineExceeded',
          (e) => {
            expect(e).type.toBe<TimedOut | DeadlineExceeded>()
            return 1
          }
        )
      )
    ).type.toBe<Rest>()
  })

  test('with a named refinement: as wide as a caller’s union, over unknown', () => {
    expect(
      pipe(
        timed,
        Policy.fallbackIf(isTimedOut, (e) => e.timeout)
      )
    ).type.toBe<Rest>()
    expect(
      pipe(
        timed,
        Policy.fallbackIf(isHttp, (e) => e.status)
      )
    ).type.toBe<Policy.Policy<HttpError, Job, TimedOut, Job | number>>()
    expect(
      pipe(
        timed,
        Policy.fallbackIf(
          (e: AppError) => e._tag === 'TimedOut',
          (e) => e.timeout
        )
      )
    ).type.toBe<Rest>()
  })

  test('with a handler that takes more than is picked', () => {
    expect(
      pipe(
        timed,
        Policy.fallbackIf(isTimedOut, (e: AppError) => e._tag.length)
      )
    ).type.toBe<Rest>()
    expect(
      pipe(
        timed,
        Policy.fallbackIf(isTimedOut, (_: unknown) => 1)
      )
    ).type.toBe<Rest>()
  })

  test('of an error that the policy does not end in changes nothing', () => {
    expect(
      pipe(
        id(),
        Policy.fallbackIf(isTimedOut, () => 1)
      )
    ).type.toBe<Rest>()
  })

  test('kept in a constant, and in a flow', () => {
    const late = Policy.fallbackIf(isTimedOut, (e) => e.timeout)
    expect(pipe(timed, late)).type.toBe<Rest>()
    expect(flow(Policy.timeout(1), late)).type.toBe<
      <E, A, E2, A2>(policy: Policy.Policy<E, A, E2, A2>) => Policy.Policy<E, A, Exclude<E2, TimedOut>, A2 | number>
    >()
    expect(pipe(id(), flow(Policy.timeout(1), late))).type.toBe<Rest>()
    expect(pipe(id(), flow(late, Policy.timeout(1)))).type.toBe<
      Policy.Policy<HttpError, Job, HttpError | TimedOut, Job | number>
    >()
    expect(
      pipe(
        id(),
        flow(
          Policy.timeout(1),
          Policy.fallbackIf(
            (e) => e._tag === 'TimedOut',
            (e) => e.timeout
          )
        )
      )
    ).type.toBe<Rest>()
  })

  test('of a generic caller', () => {
    const late = <E, A>() =>
      pipe(
        Policy.id<E, A>(),
        Policy.timeout(1),
        Policy.fallbackIf(isTimedOut, (e) => e.timeout)
      )
    expect(late<HttpError, Job>()).type.toBe<Rest>()
    const picked = <E, E3 extends E, A>(picks: Refinement<E, E3>, value: A) =>
      pipe(
        Policy.id<E, A>(),
        Policy.fallbackIf(picks, () => value)
      )
    expect(picked).type.toBe<
      <E, E3 extends E, A>(picks: Refinement<E, E3>, value: A) => Policy.Policy<E, A, Exclude<E, E3>, A>
    >()
  })

  test('leaves no NoInfer behind in what a handler gives back', () => {
    expect(
      pipe(
        timed,
        Policy.fallbackIf(isTimedOut, (e) => e)
      )
    ).type.toBe<Policy.Policy<HttpError, Job, HttpError, Job | TimedOut>>()
    expect(
      pipe(
        timed,
        Policy.fallbackIf(isTimedOut, (e) => ({ e }))
      )
    ).type.toBe<Policy.Policy<HttpError, Job, HttpError, Job | { e: TimedOut }>>()
    expect(
      pipe(
        timed,
        Policy.fallbackIfWith(isTimedOut, (e) => TE.left({ e }))
      )
    ).type.toBe<Policy.Policy<HttpError, Job, HttpError | { e: TimedOut }, Job>>()
  })

  test('with a refinement that does not take the errors, or a predicate, is an error', () => {
    const isServerError = (e: HttpError): e is HttpError & { readonly status: 500 } => e.status === 500
    expect(Policy.fallbackIf(isServerError, () => 1)).type.toBeCallableWith(id())
    expect(Policy.fallbackIf(isServerError, () => 1)).type.not.toBeCallableWith(timed)
    expect(Policy.fallbackIf).type.not.toBeCallableWith(
      (e: HttpError) => e.status > 499,
      () => 1
    )
    expect(Policy.fallbackIf).type.not.toBeCallableWith(isTimedOut, (e: HttpError) => e.status)
  })
})

describe('fallbackIfWith', () => {
  test('takes exactly the picked errors out, and adds what the operation fails with and gives', () => {
    expect(
      pipe(
        timed,
        Policy.fallbackIfWith(
          (e) => e._tag === 'TimedOut',
          (e, attempt) => {
            expect(e).type.toBe<TimedOut>()
            expect(attempt).type.toBe<Strategy.Attempt>()
            return TE.left('gone' as const)
          }
        )
      )
    ).type.toBe<Policy.Policy<HttpError, Job, HttpError | 'gone', Job>>()
    expect(
      pipe(
        timed,
        Policy.fallbackIfWith(isTimedOut, (e) => TE.right(e.timeout))
      )
    ).type.toBe<Policy.Policy<HttpError, Job, HttpError, Job | number>>()
    expect(
      pipe(
        timed,
        Policy.fallbackIfWith(isHttp, () => TE.left('gone' as const))
      )
    ).type.toBe<Policy.Policy<HttpError, Job, TimedOut | 'gone', Job>>()
  })

  test('kept in a constant, and in a flow', () => {
    const gone = Policy.fallbackIfWith(isTimedOut, () => TE.left('gone' as const))
    expect(pipe(timed, gone)).type.toBe<Policy.Policy<HttpError, Job, HttpError | 'gone', Job>>()
    expect(flow(Policy.timeout(1), gone)).type.toBe<
      <E, A, E2, A2>(policy: Policy.Policy<E, A, E2, A2>) => Policy.Policy<E, A, Exclude<E2, TimedOut> | 'gone', A2>
    >()
  })

  test('with a refinement that does not take the errors, or no operation, is an error', () => {
    const isServerError = (e: HttpError): e is HttpError & { readonly status: 500 } => e.status === 500
    expect(Policy.fallbackIfWith(isServerError, () => TE.right(1))).type.not.toBeCallableWith(timed)
    expect(Policy.fallbackIfWith).type.not.toBeCallableWith(isTimedOut, () => 1)
  })
})

describe('fallbackTag', () => {
  type Rest = Policy.Policy<HttpError, Job, HttpError, Job | number>

  test('takes exactly the errors with that tag out', () => {
    expect(
      pipe(
        timed,
        Policy.fallbackTag('TimedOut', (e) => {
          expect(e).type.toBe<TimedOut>()
          return e.timeout
        })
      )
    ).type.toBe<Rest>()
    expect(
      pipe(
        timed,
        Policy.fallbackTag('HttpError', (e) => e.status)
      )
    ).type.toBe<Policy.Policy<HttpError, Job, TimedOut, Job | number>>()
    expect(
      pipe(
        timed,
        Policy.fallbackTag('TimedOut', () => 1)
      )
    ).type.toBe<Rest>()
  })

  test('gives the original type back', () => {
    expect(
      pipe(
        timed,
        Policy.fallbackTag('TimedOut', (): Job => ({ state: 'pending' }))
      )
    ).type.toBe<Policy.Policy<HttpError, Job>>()
  })

  test('with a named handler: of the very error, wide, over unknown', () => {
    expect(
      pipe(
        timed,
        Policy.fallbackTag('TimedOut', (e: TimedOut) => e.timeout)
      )
    ).type.toBe<Rest>()
    expect(
      pipe(
        timed,
        Policy.fallbackTag('TimedOut', (e: AppError) => e._tag.length)
      )
    ).type.toBe<Rest>()
    expect(
      pipe(
        timed,
        Policy.fallbackTag('TimedOut', (_: unknown) => 1)
      )
    ).type.toBe<Rest>()
  })

  test('of a tag that the policy does not end in changes nothing', () => {
    expect(
      pipe(
        id(),
        Policy.fallbackTag('TimedOut', () => 1)
      )
    ).type.toBe<Rest>()
  })

  test('of an unknown error knows the tag', () => {
    expect(
      pipe(
        Policy.id<unknown, Job>(),
        Policy.fallbackTag('TimedOut', (e) => {
          expect(e).type.toBe<{ readonly _tag: 'TimedOut' }>()
          return 1
        })
      )
    ).type.toBe<Policy.Policy<unknown, Job, unknown, Job | number>>()
  })

  test('with never', () => {
    expect(
      pipe(
        Policy.id<never, Job>(),
        Policy.timeout(1),
        Policy.fallbackTag('TimedOut', (e) => e.timeout)
      )
    ).type.toBe<Policy.Policy<never, Job, never, Job | number>>()
  })

  test('kept in a constant, and in a flow', () => {
    const late = Policy.fallbackTag('TimedOut', () => 1)
    expect(pipe(timed, late)).type.toBe<Rest>()
    expect(pipe(Policy.id<NotFound, string>(), late)).type.toBe<
      Policy.Policy<NotFound, string, NotFound, string | number>
    >()
    expect(flow(Policy.timeout(1), late)).type.toBe<
      <E, A, E2, A2>(
        policy: Policy.Policy<E, A, E2, A2>
      ) => Policy.Policy<E, A, Exclude<E2, { readonly _tag: 'TimedOut' }>, A2 | number>
    >()
    expect(pipe(id(), flow(Policy.timeout(1), late))).type.toBe<Rest>()
    expect(
      pipe(
        id(),
        flow(
          Policy.timeout(1),
          Policy.fallbackTag('TimedOut', (e) => e.timeout)
        )
      )
    ).type.toBe<Rest>()
    expect(pipe(id(), flow(late, Policy.timeout(1)))).type.toBe<
      Policy.Policy<HttpError, Job, HttpError | TimedOut, Job | number>
    >()
  })

  test('takes no error out by a tag that may be one or another: any of them may pass', () => {
    type Two = { readonly _tag: 'A'; readonly a: 1 } | { readonly _tag: 'B'; readonly b: 2 }
    type All = Policy.Policy<Two, string>
    const two = Policy.id<Two, string>()
    expect(
      pipe(
        two,
        Policy.fallbackTag(either, (e) => {
          expect(e).type.toBe<Two>()
          return e._tag
        })
      )
    ).type.toBe<All>()
    expect(
      pipe(
        two,
        Policy.fallbackTag(text, (e) => {
          expect(e).type.toBe<Two>()
          return e._tag
        })
      )
    ).type.toBe<All>()
    expect(
      pipe(
        two,
        Policy.fallbackTag(pattern, (e) => {
          expect(e).type.toBe<Extract<Two, { readonly _tag: 'A' }>>()
          return e._tag
        })
      )
    ).type.toBe<All>()
    // one of them is not known here
    expect(
      pipe(
        two,
        Policy.fallbackTag(other, (e) => {
          expect(e).type.toBe<Extract<Two, { readonly _tag: 'A' }>>()
          return e._tag
        })
      )
    ).type.toBe<All>()
  })

  test('of a tag that a generic caller gives', () => {
    const caught = <T extends string>(tag: T) =>
      pipe(
        Policy.id<AppError, Job>(),
        Policy.fallbackTag(tag, () => null)
      )
    expect(caught('TimedOut')).type.toBe<
      Policy.Policy<AppError, Job, HttpError | NotFound | DeadlineExceeded, Job | null>
    >()
    expect(caught(either)).type.toBe<Policy.Policy<AppError, Job, AppError, Job | null>>()
  })

  test('of an error whose _tag is wider, the handler knows that it has this one, and the others pass', () => {
    interface Wide {
      readonly _tag: 'A' | 'B'
      readonly code: number
    }
    interface Wider {
      readonly _tag: string
    }
    interface Perhaps {
      readonly _tag?: 'A'
    }
    interface Untagged {
      readonly message: string
    }
    expect(
      pipe(
        Policy.id<HttpError | Untagged | Wide, Job>(),
        Policy.fallbackTag('A', (e) => {
          expect(e).type.toBe<Wide & { readonly _tag: 'A' }>()
          return e.code
        })
      )
    ).type.toBe<Policy.Policy<HttpError | Untagged | Wide, Job, HttpError | Untagged | Wide, Job | number>>()
    expect(
      pipe(
        Policy.id<HttpError | Wider, Job>(),
        Policy.fallbackTag('HttpError', (e) => {
          expect(e).type.toBe<HttpError | (Wider & { readonly _tag: 'HttpError' })>()
          return 1
        })
      )
    ).type.toBe<Policy.Policy<HttpError | Wider, Job, Wider, Job | number>>()
    expect(
      pipe(
        Policy.id<Perhaps, Job>(),
        Policy.fallbackTag('A', (e) => e._tag)
      )
    ).type.toBe<Policy.Policy<Perhaps, Job, Perhaps, Job | 'A'>>()
  })

  test('of a generic caller', () => {
    const late = <E, A>() =>
      pipe(
        Policy.id<E, A>(),
        Policy.timeout(1),
        Policy.fallbackTag('TimedOut', (e) => e._tag)
      )
    expect(late<HttpError, Job>()).type.toBe<Policy.Policy<HttpError, Job, HttpError, Job | 'TimedOut'>>()
    expect(late<AppError, Job>()).type.toBe<
      Policy.Policy<AppError, Job, HttpError | NotFound | DeadlineExceeded, Job | 'TimedOut'>
    >()
  })

  test('meets an annotation with a wide error', () => {
    const policy: Policy.Policy<AppError, Job | number> = pipe(
      Policy.id<AppError, Job | number>(),
      Policy.timeout(1),
      Policy.fallbackTag('TimedOut', (e) => e.timeout)
    )
    expect(policy).type.toBe<Policy.Policy<AppError, Job | number>>()
  })

  test('leaves no NoInfer behind in what a handler gives back', () => {
    expect(
      pipe(
        timed,
        Policy.fallbackTag('TimedOut', (e) => e)
      )
    ).type.toBe<Policy.Policy<HttpError, Job, HttpError, Job | TimedOut>>()
    expect(
      pipe(
        timed,
        Policy.fallbackTag('TimedOut', (e) => ({ e }))
      )
    ).type.toBe<Policy.Policy<HttpError, Job, HttpError, Job | { e: TimedOut }>>()
  })

  test('with a handler of another error is an error', () => {
    pipe(
      timed,
      // @ts-expect-error Property 'status' is missing in type 'TimedOut' but required in type 'HttpError'
      Policy.fallbackTag('TimedOut', (e: HttpError) => e.status)
    )
    expect(Policy.fallbackTag).type.not.toBeCallableWith(1, () => 1)
  })
})

describe('fallbackTagWith', () => {
  test('takes exactly the errors with that tag out, and adds what the operation fails with and gives', () => {
    expect(
      pipe(
        timed,
        Policy.fallbackTagWith('TimedOut', (e, attempt) => {
          expect(e).type.toBe<TimedOut>()
          expect(attempt).type.toBe<Strategy.Attempt>()
          return TE.left(e.timeout)
        })
      )
    ).type.toBe<Policy.Policy<HttpError, Job, HttpError | number, Job>>()
    expect(
      pipe(
        timed,
        Policy.fallbackTagWith('TimedOut', (_: AppError) => TE.right(null))
      )
    ).type.toBe<Policy.Policy<HttpError, Job, HttpError, Job | null>>()
    expect(
      pipe(
        timed,
        Policy.fallbackTagWith('TimedOut', (_: TimedOut) => TE.right(null))
      )
    ).type.toBe<Policy.Policy<HttpError, Job, HttpError, Job | null>>()
  })

  test('takes no error out by a tag that may be one or another, and tells of one whose _tag is wider', () => {
    type Wide = { readonly _tag: 'A' | 'B'; readonly code: number }
    const wide = Policy.id<NotFound | Wide, Job>()
    expect(
      pipe(
        wide,
        Policy.fallbackTagWith('A', (e) => TE.left(e.code))
      )
    ).type.toBe<Policy.Policy<NotFound | Wide, Job, NotFound | Wide | number, Job>>()
    expect(
      pipe(
        wide,
        Policy.fallbackTagWith(text, () => TE.left(1))
      )
    ).type.toBe<Policy.Policy<NotFound | Wide, Job, NotFound | Wide | number, Job>>()
  })

  test('may fail with that very tag again', () => {
    expect(
      pipe(
        timed,
        Policy.fallbackTagWith('TimedOut', (e) => TE.left(e))
      )
    ).type.toBe<typeof timed>()
  })

  test('kept in a constant, and in a flow', () => {
    const gone = Policy.fallbackTagWith('TimedOut', () => TE.left('gone' as const))
    expect(pipe(timed, gone)).type.toBe<Policy.Policy<HttpError, Job, HttpError | 'gone', Job>>()
    expect(flow(Policy.timeout(1), gone)).type.toBe<
      <E, A, E2, A2>(
        policy: Policy.Policy<E, A, E2, A2>
      ) => Policy.Policy<E, A, Exclude<E2, { readonly _tag: 'TimedOut' }> | 'gone', A2>
    >()
  })

  test('with a handler of another error, or no operation, is an error', () => {
    pipe(
      timed,
      // @ts-expect-error Property 'status' is missing in type 'TimedOut' but required in type 'HttpError'
      Policy.fallbackTagWith('TimedOut', (e: HttpError) => TE.left(e))
    )
    expect(Policy.fallbackTagWith).type.not.toBeCallableWith('TimedOut', () => 1)
  })
})
