import * as TE from 'fp-ts/TaskEither'
import { pipe } from 'fp-ts/function'
import { Policy, type Rejection, Schedule } from 'resilience-ts'
import { describe, expect, test } from 'tstyche'
import { codec, every, type HttpError, isReady, type Job, type Ready } from './fixtures'

type TryAgain = Rejection.TryAgain
type PollExhausted<A> = Rejection.PollExhausted<A>
const asking = Policy.id<HttpError | TryAgain, Job>

describe('TryAgain', () => {
  test('stays in the errors of a retry: it is the answer where there is no further attempt', () => {
    expect(pipe(asking(), Policy.retry(every))).type.toBe<Policy.Policy<HttpError | TryAgain, Job>>()
  })

  test('is among what retryOrElse takes out', () => {
    expect(
      pipe(
        asking(),
        Policy.retryOrElse(every, (exhausted) => {
          expect(exhausted).type.toBe<Rejection.Exhausted<HttpError | TryAgain>>()
          expect(exhausted.errors).type.toBe<ReadonlyArray<HttpError | TryAgain>>()
          return TE.left('end' as const)
        })
      )
    ).type.toBe<Policy.Policy<HttpError | TryAgain, Job, 'end', Job>>()
  })

  test('leaves the errors of a poll, which waits it out', () => {
    expect(pipe(asking(), Policy.poll(every, { until: isReady }))).type.toBe<
      Policy.Policy<HttpError | TryAgain, Job, HttpError | PollExhausted<Job>, Ready>
    >()
    expect(pipe(asking(), Policy.poll(every, { until: (job) => job.state.length > 1 }))).type.toBe<
      Policy.Policy<HttpError | TryAgain, Job, HttpError | PollExhausted<Job>, Job>
    >()
    expect(pipe(asking(), Policy.poll(every, { until: codec, invalid: 'fail' }))).type.toBe<
      Policy.Policy<HttpError | TryAgain, Job, HttpError | PollExhausted<Job> | Rejection.DecodeFailed, Ready>
    >()
    expect(pipe(asking(), Policy.pollWith(every, { until: () => TE.right(1) }))).type.toBe<
      Policy.Policy<HttpError | TryAgain, Job, HttpError | PollExhausted<Job>, number>
    >()
    expect(pipe(Policy.id<TryAgain, Job>(), Policy.poll(every, { until: isReady }))).type.toBe<
      Policy.Policy<TryAgain, Job, PollExhausted<Job>, Ready>
    >()
  })

  test('a poll of errors that ask for nothing leaves them as they are', () => {
    expect(pipe(Policy.id<unknown, Job>(), Policy.poll(every, { until: isReady }))).type.toBe<
      Policy.Policy<unknown, Job, unknown, Ready>
    >()
    expect(pipe(Policy.id<string, Job>(), Policy.poll(every, { until: isReady }))).type.toBe<
      Policy.Policy<string, Job, string | PollExhausted<Job>, Ready>
    >()
  })

  test('is taken out by a fallback like any other', () => {
    expect(
      pipe(
        asking(),
        Policy.retry(Schedule.stop),
        Policy.fallbackTag('TryAgain', ({ after }) => after)
      )
    ).type.toBe<Policy.Policy<HttpError | TryAgain, Job, HttpError, Job | number>>()
  })
})

describe('keepErrors', () => {
  test('is a setting of retryOrElse alone, as only that hands them over', () => {
    expect(Policy.retryOrElse).type.toBeCallableWith(every, () => TE.left(1), { keepErrors: 3 })
    expect(Policy.retry).type.not.toBeCallableWith(every, { keepErrors: 3 })
  })
})
