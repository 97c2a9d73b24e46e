import * as E from 'fp-ts/Either'
import * as O from 'fp-ts/Option'
import * as T from 'fp-ts/Task'
import * as TE from 'fp-ts/TaskEither'
import { flow, pipe } from 'fp-ts/function'
import * as t from 'io-ts'
import * as D from 'io-ts/Decoder'
import { Policy, type Rejection, Schedule } from 'resilience-ts'
import { describe, expect, test } from 'tstyche'
import {
  anything,
  type AppError,
  codec,
  decoder,
  every,
  type HttpError,
  id,
  isReady,
  isReadyAtAll,
  isReadyOrNull,
  type Job,
  jobDecoder,
  narrow,
  onId,
  type Pending,
  type Ready,
  stringDecoder,
  timed,
  wide,
  wideDecoder
} from './fixtures'

type TimedOut = Rejection.TimedOut
type DecodeFailed = Rejection.DecodeFailed
type PollExhausted<A> = Rejection.PollExhausted<A>

/** What the forms make of `id()`. */
type Narrowed = Policy.Policy<HttpError, Job, HttpError | PollExhausted<Job>, Ready>
type Checked = Policy.Policy<HttpError, Job, HttpError | PollExhausted<Job>, Job>
type Failing = Policy.Policy<HttpError, Job, HttpError | DecodeFailed | PollExhausted<Job>, Ready>

declare const onJob: Schedule.Schedule<Job>
declare const onJobOrNull: Schedule.Schedule<Job | null>
declare const onReady: Schedule.Schedule<Ready>
declare const isLate: (job: Job) => boolean
declare const isLateAtAll: (job: Job | null) => boolean
declare const isOldReady: (job: Ready) => boolean

/** What a poll takes out: an error that asks to be tried again. */
interface Tagged {
  readonly _tag: 'TryAgain'
}

describe('poll, until a decoder', () => {
  test('takes a codec of io-ts, a decoder of io-ts/Decoder, anything of that shape', () => {
    expect(pipe(id(), Policy.poll(every, { until: codec }))).type.toBe<Narrowed>()
    expect(pipe(id(), Policy.poll(every, { until: decoder }))).type.toBe<Narrowed>()
    expect(pipe(Policy.id<HttpError, unknown>(), Policy.poll(every, { until: t.type({ id: t.number }) }))).type.toBe<
      Policy.Policy<HttpError, unknown, HttpError | PollExhausted<unknown>, { id: number }>
    >()
    expect(pipe(Policy.id<HttpError, unknown>(), Policy.poll(every, { until: D.struct({ id: D.number }) }))).type.toBe<
      Policy.Policy<HttpError, unknown, HttpError | PollExhausted<unknown>, { id: number }>
    >()
    expect(
      pipe(Policy.id<HttpError, string>(), Policy.poll(every, { until: { decode: (s: string) => E.right(s.length) } }))
    ).type.toBe<Policy.Policy<HttpError, string, HttpError | PollExhausted<string>, number>>()
  })

  test('takes one whose input is the result, or wider', () => {
    expect(pipe(id(), Policy.poll(every, { until: jobDecoder }))).type.toBe<Narrowed>()
    expect(pipe(id(), Policy.poll(every, { until: wideDecoder }))).type.toBe<Narrowed>()
  })

  test('whose input does not fit is an error', () => {
    expect(Policy.poll(every, { until: stringDecoder })).type.toBeCallableWith(Policy.id<HttpError, string>())
    expect(Policy.poll(every, { until: stringDecoder })).type.not.toBeCallableWith(id())
    expect(Policy.poll(every, { until: jobDecoder })).type.not.toBeCallableWith(Policy.id<HttpError, Job | null>())
  })

  test('invalid: wait adds nothing; fail adds DecodeFailed, and so does a variable', () => {
    expect(pipe(id(), Policy.poll(every, { until: codec, invalid: 'wait' }))).type.toBe<Narrowed>()
    expect(pipe(id(), Policy.poll(every, { until: codec, invalid: 'fail' }))).type.toBe<Failing>()
    const options = (invalid: 'wait' | 'fail') => pipe(id(), Policy.poll(every, { until: codec, invalid }))
    expect(options).type.toBe<(invalid: 'wait' | 'fail') => Failing>()
    expect(Policy.poll).type.not.toBeCallableWith(every, { until: codec, invalid: 'maybe' })
  })

  test('with callbacks that see errors and values', () => {
    expect(
      pipe(
        timed,
        Policy.poll(every, {
          until: codec,
          failWhen: (job) => {
            expect(job).type.toBe<Job>()
            return job.state === 'pending'
          },
          waitOut: (e) => {
            expect(e).type.toBe<HttpError | TimedOut>()
            return e._tag === 'TimedOut'
          }
        })
      )
    ).type.toBe<Policy.Policy<HttpError, Job, HttpError | TimedOut | PollExhausted<Job>, Ready>>()
  })

  test('in a flow', () => {
    expect(pipe(id(), flow(Policy.timeout(1), Policy.poll(every, { until: jobDecoder })))).type.toBe<
      Policy.Policy<HttpError, Job, HttpError | TimedOut | PollExhausted<Job>, Ready>
    >()
    expect(pipe(id(), flow(Policy.poll(every, { until: codec }), Policy.timeout(1)))).type.toBe<
      Policy.Policy<HttpError, Job, HttpError | TimedOut | PollExhausted<Job>, Ready>
    >()
    expect(flow(Policy.timeout(1), Policy.poll(every, { until: codec }))).type.toBe<
      <E1, A, E2, A2>(
        policy: Policy.Policy<E1, A, E2, A2>
      ) => Policy.Policy<E1, A, Exclude<E2, Tagged> | TimedOut | PollExhausted<A2>, Ready>
    >()
  })
})

describe('poll, until a refinement', () => {
  test('by name: narrows', () => {
    expect(pipe(id(), Policy.poll(every, { until: isReady }))).type.toBe<Narrowed>()
  })

  test('by name and wider than the result, or over unknown: narrows, and does not widen the policy', () => {
    expect(pipe(id(), Policy.poll(every, { until: isReadyOrNull }))).type.toBe<Narrowed>()
    expect(pipe(id(), Policy.poll(every, { until: isReadyAtAll }))).type.toBe<Narrowed>()
  })

  test('that is inferred from an inline function narrows with no annotation', () => {
    expect(pipe(id(), Policy.poll(every, { until: (job) => job.state === 'ready' }))).type.toBe<Narrowed>()
    expect(pipe(Policy.id<HttpError, Job | null>(), Policy.poll(every, { until: (job) => job !== null }))).type.toBe<
      Policy.Policy<HttpError, Job | null, HttpError | PollExhausted<Job | null>, Job>
    >()
  })

  test('beside other callbacks, inline', () => {
    expect(
      pipe(
        timed,
        Policy.poll(every, {
          until: (job) => job.state === 'ready',
          failWhen: (job) => {
            expect(job).type.toBe<Job>()
            return job.state === 'pending'
          },
          waitOut: (e) => {
            expect(e).type.toBe<HttpError | TimedOut>()
            return e._tag === 'TimedOut'
          },
          waitOutRefused: true,
          decide: (info) => {
            expect(info).type.toBe<Policy.PollInfo<HttpError | TimedOut, Job>>()
            return T.of(Policy.againAfter(info.delay))
          },
          beforePoll: ({ outcome }) => {
            expect(outcome).type.toBe<E.Either<HttpError | TimedOut, Job>>()
            return T.of(undefined)
          }
        })
      )
    ).type.toBe<Policy.Policy<HttpError, Job, HttpError | TimedOut | PollExhausted<Job>, Ready>>()
  })

  test('in a flow', () => {
    expect(pipe(id(), flow(Policy.poll(every, { until: isReady }), Policy.timeout(1)))).type.toBe<
      Policy.Policy<HttpError, Job, HttpError | TimedOut | PollExhausted<Job>, Ready>
    >()
    expect(pipe(id(), flow(Policy.timeout(1), Policy.poll(every, { until: isReadyAtAll })))).type.toBe<
      Policy.Policy<HttpError, Job, HttpError | TimedOut | PollExhausted<Job>, Ready>
    >()
  })

  test('of something else is an error', () => {
    expect(Policy.poll(every, { until: isReady })).type.not.toBeCallableWith(Policy.id<HttpError, Job | null>())
    expect(Policy.poll(every, { until: isReady })).type.not.toBeCallableWith(Policy.id<HttpError, string>())
  })
})

describe('poll, until a predicate', () => {
  test('by name, wider, over unknown, without a parameter: keeps the result', () => {
    expect(pipe(id(), Policy.poll(every, { until: isLate }))).type.toBe<Checked>()
    expect(pipe(id(), Policy.poll(every, { until: isLateAtAll }))).type.toBe<Checked>()
    expect(pipe(id(), Policy.poll(every, { until: anything }))).type.toBe<Checked>()
    expect(pipe(id(), Policy.poll(every, { until: () => true }))).type.toBe<Checked>()
  })

  test('inline sees the result', () => {
    expect(
      pipe(
        id(),
        Policy.poll(every, {
          until: (job) => {
            expect(job).type.toBe<Job>()
            return isLate(job)
          }
        })
      )
    ).type.toBe<Checked>()
  })

  test('with named callbacks that are wide: does not widen the policy', () => {
    expect(pipe(id(), Policy.poll(every, { until: isLate, failWhen: isLateAtAll, waitOut: wide }))).type.toBe<Checked>()
    expect(
      pipe(id(), Policy.poll(every, { until: isLate, failWhen: anything, waitOut: anything }))
    ).type.toBe<Checked>()
    const decide = (_: Policy.PollInfo<AppError, Job | null>): T.Task<Policy.Verdict> => T.of(Policy.giveUp)
    expect(pipe(id(), Policy.poll(every, { until: isLate, decide }))).type.toBe<Checked>()
  })

  test('with callbacks that are narrower than the policy is an error', () => {
    expect(Policy.poll(every, { until: anything, waitOut: narrow })).type.toBeCallableWith(id())
    expect(Policy.poll(every, { until: anything, waitOut: narrow })).type.not.toBeCallableWith(timed)
    expect(Policy.poll(every, { until: anything, failWhen: isOldReady })).type.not.toBeCallableWith(id())
    expect(Policy.poll(every, { until: isOldReady })).type.not.toBeCallableWith(id())
  })

  test('in a flow: stays generic where the predicate takes anything', () => {
    expect(flow(Policy.timeout(1), Policy.poll(every, { until: anything }))).type.toBe<
      <E1, A, E2, A2>(
        policy: Policy.Policy<E1, A, E2, A2>
      ) => Policy.Policy<E1, A, Exclude<E2, Tagged> | TimedOut | PollExhausted<A2>, A2>
    >()
  })

  test('of a generic caller', () => {
    const polling = <E1, A>(until: (a: A) => boolean) =>
      pipe(Policy.id<E1, A>(), Policy.poll(every, { until }), Policy.timeout(1))
    expect(polling).type.toBe<
      <E1, A>(until: (a: A) => boolean) => Policy.Policy<E1, A, Exclude<E1, Tagged> | PollExhausted<A> | TimedOut, A>
    >()
  })

  test('never stays never', () => {
    expect(pipe(Policy.id<never, Job>(), Policy.poll(every, { until: isLate }))).type.toBe<
      Policy.Policy<never, Job, PollExhausted<Job>, Job>
    >()
    expect(pipe(Policy.id<never, Job>(), Policy.poll(every, { until: isLate, waitOut: wide }))).type.toBe<
      Policy.Policy<never, Job, PollExhausted<Job>, Job>
    >()
  })

  test('settings that are none are errors', () => {
    expect(Policy.poll).type.not.toBeCallableWith(every, {})
    expect(Policy.poll).type.not.toBeCallableWith(every)
    expect(Policy.poll).type.not.toBeCallableWith({ delay: 1 }, { until: anything })
    expect(Policy.poll).type.not.toBeCallableWith(every, { until: anything, unless: anything })
    // what an invalid value means is asked of a codec or a validator alone
    expect(Policy.poll).type.not.toBeCallableWith(every, { until: isLate, invalid: 'fail' })
  })
})

describe('the schedule of a poll', () => {
  test('takes the values, or more', () => {
    expect(pipe(id(), Policy.poll(onJob, { until: isReady }))).type.toBe<Narrowed>()
    expect(pipe(id(), Policy.poll(onJobOrNull, { until: codec }))).type.toBe<Narrowed>()
    expect(pipe(id(), Policy.poll(onJobOrNull, { until: isLate }))).type.toBe<Checked>()
    expect(
      pipe(
        id(),
        Policy.poll(
          pipe(
            every,
            Schedule.modify((delay, job: Job) => (job.state === 'pending' ? delay : 0))
          ),
          { until: isLate }
        )
      )
    ).type.toBe<Checked>()
  })

  test('that takes less is an error', () => {
    expect(Policy.poll(onReady, { until: anything })).type.not.toBeCallableWith(id())
    expect(Policy.poll(onId, { until: codec })).type.not.toBeCallableWith(id())
    expect(Policy.pollWith(onReady, { until: () => TE.right(1) })).type.not.toBeCallableWith(id())
  })
})

describe('pollWith', () => {
  const check = (_: Job) => TE.right<'not yet', Ready>({ state: 'ready', id: 1 })

  test('gives what the validator gives; its failures are waited for', () => {
    expect(pipe(id(), Policy.pollWith(every, { until: check }))).type.toBe<Narrowed>()
    expect(pipe(id(), Policy.pollWith(every, { until: check, invalid: 'wait' }))).type.toBe<Narrowed>()
  })

  test('invalid: fail adds what the validator fails with', () => {
    expect(pipe(id(), Policy.pollWith(every, { until: check, invalid: 'fail' }))).type.toBe<
      Policy.Policy<HttpError, Job, HttpError | 'not yet' | PollExhausted<Job>, Ready>
    >()
  })

  test('inline sees the result', () => {
    expect(
      pipe(
        timed,
        Policy.pollWith(every, {
          until: (job, attempt) => {
            expect(job).type.toBe<Job>()
            expect(attempt.signal).type.toBe<AbortSignal>()
            return job.state === 'ready' ? TE.right(job) : TE.left('no' as const)
          },
          waitOut: (e) => e._tag === 'TimedOut'
        })
      )
    ).type.toBe<Policy.Policy<HttpError, Job, HttpError | TimedOut | PollExhausted<Job>, Ready>>()
  })

  test('a wide validator does not widen the policy, and a narrow one is an error', () => {
    const wideCheck = (_: Job | null) => TE.right(1)
    expect(pipe(id(), Policy.pollWith(every, { until: wideCheck }))).type.toBe<
      Policy.Policy<HttpError, Job, HttpError | PollExhausted<Job>, number>
    >()
    const narrowCheck = (_: Pending) => TE.right(1)
    expect(Policy.pollWith(every, { until: narrowCheck })).type.not.toBeCallableWith(id())
    expect(Policy.pollWith).type.not.toBeCallableWith(every, { until: () => true })
  })
})

describe('PollExhausted', () => {
  test('can be taken out again', () => {
    expect(
      pipe(
        id(),
        Policy.poll(every, { until: isReady }),
        Policy.fallbackTag('PollExhausted', (e) => {
          expect(e).type.toBe<PollExhausted<Job>>()
          expect(e.value).type.toBe<O.Option<Job>>()
          return O.toNullable(e.value)
        })
      )
    ).type.toBe<Policy.Policy<HttpError, Job, HttpError, Ready | Job | null>>()
  })
})
