/* eslint-disable @typescript-eslint/no-invalid-void-type -- an operation may fail with nothing, or give nothing */
import * as E from 'fp-ts/Either'
import type { Predicate } from 'fp-ts/Predicate'
import type { Refinement } from 'fp-ts/Refinement'
import * as TE from 'fp-ts/TaskEither'
import { flow, pipe } from 'fp-ts/function'
import * as t from 'io-ts'
import * as D from 'io-ts/Decoder'
import { Policy, type Rejection } from 'resilience-ts'
import { describe, expect, test } from 'tstyche'
import {
  anything,
  type AppError,
  codec,
  decoder,
  type HttpError,
  id,
  isReady,
  isReadyAtAll,
  isReadyOrNull,
  type Job,
  jobDecoder,
  type Ready,
  stringDecoder,
  timed,
  wideDecoder
} from './fixtures'

type TimedOut = Rejection.TimedOut
type DecodeFailed = Rejection.DecodeFailed
type EnsureFailed<A> = Rejection.EnsureFailed<A>

/** What each of the narrowing forms makes of `id()`. */
type Narrowed = Policy.Policy<HttpError, Job, HttpError | EnsureFailed<Job>, Ready>
type Decoded = Policy.Policy<HttpError, Job, HttpError | DecodeFailed, Ready>
type Checked = Policy.Policy<HttpError, Job, HttpError | EnsureFailed<Job>, Job>

describe('ensure, with a decoder', () => {
  test('takes a codec of io-ts', () => {
    expect(pipe(id(), Policy.ensure(codec))).type.toBe<Decoded>()
    expect(pipe(Policy.id<HttpError, unknown>(), Policy.ensure(t.type({ id: t.number })))).type.toBe<
      Policy.Policy<HttpError, unknown, HttpError | DecodeFailed, { id: number }>
    >()
  })

  test('takes a decoder of io-ts/Decoder', () => {
    expect(pipe(id(), Policy.ensure(decoder))).type.toBe<Decoded>()
    expect(pipe(Policy.id<HttpError, unknown>(), Policy.ensure(D.struct({ id: D.number })))).type.toBe<
      Policy.Policy<HttpError, unknown, HttpError | DecodeFailed, { id: number }>
    >()
  })

  test('takes anything of that shape', () => {
    expect(pipe(Policy.id<HttpError, string>(), Policy.ensure({ decode: (s: string) => E.right(s.length) }))).type.toBe<
      Policy.Policy<HttpError, string, HttpError | DecodeFailed, number>
    >()
  })

  test('takes one whose input is the result, or wider', () => {
    expect(pipe(id(), Policy.ensure(jobDecoder))).type.toBe<Decoded>()
    expect(pipe(id(), Policy.ensure(wideDecoder))).type.toBe<Decoded>()
  })

  test('whose input does not fit is an error', () => {
    expect(Policy.ensure(stringDecoder)).type.toBeCallableWith(Policy.id<HttpError, string>())
    expect(Policy.ensure(stringDecoder)).type.not.toBeCallableWith(id())
    expect(Policy.ensure(stringDecoder)).type.not.toBeCallableWith(Policy.id<HttpError, unknown>())
    expect(Policy.ensure(jobDecoder)).type.not.toBeCallableWith(Policy.id<HttpError, Job | null>())
    pipe(
      id(),
      // @ts-expect-error Type 'Job' is not assignable to type 'string'
      Policy.ensure(stringDecoder)
    )
  })

  test('in a flow', () => {
    const decoded = flow(Policy.timeout(1), Policy.ensure(codec))
    expect(decoded).type.toBe<
      <E1, A, E2, A2>(policy: Policy.Policy<E1, A, E2, A2>) => Policy.Policy<E1, A, E2 | TimedOut | DecodeFailed, Ready>
    >()
    expect(pipe(id(), flow(Policy.ensure(jobDecoder), Policy.timeout(1)))).type.toBe<
      Policy.Policy<HttpError, Job, HttpError | DecodeFailed | TimedOut, Ready>
    >()
    expect(pipe(id(), flow(Policy.timeout(1), Policy.ensure(jobDecoder)))).type.toBe<
      Policy.Policy<HttpError, Job, HttpError | DecodeFailed | TimedOut, Ready>
    >()
  })

  test('of a generic caller', () => {
    const from = <E1, B>(of: Policy.Decoder<unknown, B>) => pipe(Policy.id<E1, unknown>(), Policy.ensure(of))
    expect(from).type.toBe<
      <E1, B>(of: Policy.Decoder<unknown, B>) => Policy.Policy<E1, unknown, E1 | DecodeFailed, B>
    >()
    const through = <E1, A, B>(of: Policy.Decoder<A, B>) => pipe(Policy.id<E1, A>(), Policy.ensure(of))
    expect(through).type.toBe<<E1, A, B>(of: Policy.Decoder<A, B>) => Policy.Policy<E1, A, E1 | DecodeFailed, B>>()
  })
})

describe('ensure, with a refinement', () => {
  test('by name narrows the result', () => {
    expect(pipe(id(), Policy.ensure(isReady))).type.toBe<Narrowed>()
  })

  test('by name and wider than the result: narrows, and does not widen the policy', () => {
    expect(pipe(id(), Policy.ensure(isReadyOrNull))).type.toBe<Narrowed>()
  })

  test('over unknown: narrows, and does not make the policy unknown', () => {
    expect(pipe(id(), Policy.ensure(isReadyAtAll))).type.toBe<Narrowed>()
  })

  test('that is inferred from an inline function narrows with no annotation', () => {
    expect(
      pipe(
        id(),
        Policy.ensure((job) => job.state === 'ready')
      )
    ).type.toBe<Narrowed>()
    expect(
      pipe(
        Policy.id<HttpError, Job | null>(),
        Policy.ensure((job) => job !== null)
      )
    ).type.toBe<Policy.Policy<HttpError, Job | null, HttpError | EnsureFailed<Job | null>, Job>>()
    expect(
      pipe(
        Policy.id<HttpError, unknown>(),
        Policy.ensure((u) => typeof u === 'string')
      )
    ).type.toBe<Policy.Policy<HttpError, unknown, HttpError | EnsureFailed<unknown>, string>>()
  })

  test('after other policies, and in a flow', () => {
    type Late = Policy.Policy<HttpError, Job, HttpError | TimedOut | EnsureFailed<Job>, Ready>
    expect(pipe(timed, Policy.ensure(isReady))).type.toBe<Late>()
    expect(
      pipe(
        timed,
        Policy.ensure((job) => job.state === 'ready')
      )
    ).type.toBe<Late>()
    expect(pipe(id(), flow(Policy.timeout(1), Policy.ensure(isReady)))).type.toBe<Late>()
    expect(
      pipe(
        id(),
        flow(
          Policy.timeout(1),
          Policy.ensure((job) => job.state === 'ready')
        )
      )
    ).type.toBe<Late>()
    expect(pipe(id(), flow(Policy.ensure(isReady), Policy.timeout(1)))).type.toBe<Late>()
    expect(
      pipe(
        id(),
        flow(
          Policy.ensure((job) => job.state === 'ready'),
          Policy.timeout(1)
        )
      )
    ).type.toBe<Late>()
    expect(flow(Policy.timeout(1), Policy.ensure(isReadyAtAll))).type.toBe<
      <E1, A, E2, A2>(
        policy: Policy.Policy<E1, A, E2, A2>
      ) => Policy.Policy<E1, A, E2 | TimedOut | EnsureFailed<A2>, Ready>
    >()
  })

  test('kept in a constant serves every policy that it fits', () => {
    const ready = Policy.ensure(isReady)
    expect(pipe(id(), ready)).type.toBe<Narrowed>()
    expect(pipe(Policy.id<never, Job>(), ready)).type.toBe<Policy.Policy<never, Job, EnsureFailed<Job>, Ready>>()
    expect(ready).type.not.toBeCallableWith(Policy.id<HttpError, Job | null>())
    const inferred = Policy.ensure((job: Job) => job.state === 'ready')
    expect(pipe(id(), inferred)).type.toBe<Narrowed>()
  })

  test('of a generic caller', () => {
    const only = <E1, A, B extends A>(is: Refinement<A, B>) => pipe(Policy.id<E1, A>(), Policy.ensure(is))
    expect(only).type.toBe<
      <E1, A, B extends A>(is: Refinement<A, B>) => Policy.Policy<E1, A, E1 | EnsureFailed<A>, B>
    >()
  })

  test('of something else than the result is an error', () => {
    expect(Policy.ensure(isReady)).type.not.toBeCallableWith(Policy.id<HttpError, string>())
    pipe(
      Policy.id<HttpError, Job | null>(),
      // @ts-expect-error Type 'Job | null' is not assignable to type 'Job'
      Policy.ensure(isReady)
    )
  })
})

describe('ensure, with a predicate', () => {
  test('keeps the result', () => {
    expect(
      pipe(
        id(),
        Policy.ensure((job) => {
          expect(job).type.toBe<Job>()
          return job.state.length > 3
        })
      )
    ).type.toBe<Checked>()
    expect(
      pipe(
        id(),
        Policy.ensure(() => true)
      )
    ).type.toBe<Checked>()
  })

  test('by name, wide, or over unknown: widens nothing', () => {
    expect(
      pipe(
        id(),
        Policy.ensure((job: Job) => job.state.length > 3)
      )
    ).type.toBe<Checked>()
    expect(
      pipe(
        id(),
        Policy.ensure((job: Job | null) => JSON.stringify(job).length > 3)
      )
    ).type.toBe<Checked>()
    expect(pipe(id(), Policy.ensure(anything))).type.toBe<Checked>()
  })

  test('with never and void', () => {
    expect(pipe(Policy.id<never, Job>(), Policy.ensure(anything))).type.toBe<
      Policy.Policy<never, Job, EnsureFailed<Job>, Job>
    >()
    expect(pipe(Policy.id<HttpError, never>(), Policy.ensure(anything))).type.toBe<
      Policy.Policy<HttpError, never, HttpError | EnsureFailed<never>, never>
    >()
    expect(pipe(Policy.id<HttpError, void>(), Policy.ensure(anything))).type.toBe<
      Policy.Policy<HttpError, void, HttpError | EnsureFailed<void>, void>
    >()
  })

  test('in a flow', () => {
    expect(flow(Policy.timeout(1), Policy.ensure(anything))).type.toBe<
      <E1, A, E2, A2>(
        policy: Policy.Policy<E1, A, E2, A2>
      ) => Policy.Policy<E1, A, E2 | TimedOut | EnsureFailed<A2>, A2>
    >()
  })

  test('of a generic caller', () => {
    const holding = <E1, A>(holds: Predicate<A>) => pipe(Policy.id<E1, A>(), Policy.ensure(holds))
    expect(holding).type.toBe<<E1, A>(holds: Predicate<A>) => Policy.Policy<E1, A, E1 | EnsureFailed<A>, A>>()
  })

  test('meets an annotation with a wide error', () => {
    const policy: Policy.Policy<HttpError, Job, AppError | EnsureFailed<Job>, Job> = pipe(
      id(),
      Policy.ensure((job) => job.state === 'ready')
    )
    expect(policy).type.toBe<Policy.Policy<HttpError, Job, AppError | EnsureFailed<Job>, Job>>()
  })

  test('narrower than the result is an error', () => {
    expect(Policy.ensure((job: Ready) => job.id > 0)).type.not.toBeCallableWith(id())
    pipe(
      id(),
      // @ts-expect-error Type 'Job' is not assignable to type 'Ready'
      Policy.ensure((job: Ready) => job.id > 0)
    )
    expect(Policy.ensure).type.not.toBeCallableWith((job: Job) => job.state)
    expect(Policy.ensure).type.not.toBeCallableWith(true)
  })
})

describe('ensureWith', () => {
  test('gives what the validator gives, and adds what it fails with', () => {
    expect(
      pipe(
        id(),
        Policy.ensureWith((job) => {
          expect(job).type.toBe<Job>()
          return TE.right(job.state)
        })
      )
    ).type.toBe<Policy.Policy<HttpError, Job, HttpError, Job['state']>>()
    expect(
      pipe(
        id(),
        Policy.ensureWith((job) => (job.state === 'ready' ? TE.right(job) : TE.left('not ready' as const)))
      )
    ).type.toBe<Policy.Policy<HttpError, Job, HttpError | 'not ready', Ready>>()
  })

  test('with a named validator, wide or over unknown: widens nothing', () => {
    const validate = (job: Job | null): TE.TaskEither<'null', number> => (job === null ? TE.left('null') : TE.right(1))
    const validateAny = (_: unknown): TE.TaskEither<'null', number> => TE.right(1)
    type Validated = Policy.Policy<HttpError, Job, HttpError | 'null', number>
    expect(pipe(id(), Policy.ensureWith(validate))).type.toBe<Validated>()
    expect(pipe(id(), Policy.ensureWith(validateAny))).type.toBe<Validated>()
    expect(flow(Policy.timeout(1), Policy.ensureWith(validateAny))).type.toBe<
      <E1, A, E2, A2>(policy: Policy.Policy<E1, A, E2, A2>) => Policy.Policy<E1, A, E2 | TimedOut | 'null', number>
    >()
    expect(pipe(id(), flow(Policy.ensureWith(validate), Policy.timeout(1)))).type.toBe<
      Policy.Policy<HttpError, Job, HttpError | TimedOut | 'null', number>
    >()
  })

  test('in a flow inside a pipe, in either position', () => {
    type Named = Policy.Policy<HttpError, Job, HttpError | TimedOut, Job['state']>
    expect(
      pipe(
        id(),
        flow(
          Policy.timeout(1),
          Policy.ensureWith((job) => TE.right(job.state))
        )
      )
    ).type.toBe<Named>()
    expect(
      pipe(
        id(),
        flow(
          Policy.ensureWith((job) => TE.right(job.state)),
          Policy.timeout(1)
        )
      )
    ).type.toBe<Named>()
  })

  test('of a generic caller', () => {
    const validated = <E1, A, B>(validate: (a: A) => TE.TaskEither<E1, B>) =>
      pipe(Policy.id<E1, A>(), Policy.ensureWith(validate))
    expect(validated).type.toBe<<E1, A, B>(validate: (a: A) => TE.TaskEither<E1, B>) => Policy.Policy<E1, A, E1, B>>()
  })

  test('with a validator that does not take the result is an error', () => {
    expect(Policy.ensureWith((_: Ready) => TE.right(1))).type.not.toBeCallableWith(id())
    expect(Policy.ensureWith).type.not.toBeCallableWith((_: Job) => E.right(1))
  })
})
