/**
 * Jobs that take a while: 202 until there is a result. 202 is no failure, and a 200 no promise.
 */
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as O from 'fp-ts/Option'
import * as t from 'io-ts'
import { done, doneOrFailed, order, Pending } from '../client/jobs'
import { type Scenario, scenario } from './scenario'
import { answer, failure, slept, story } from './seen'

const Problems = t.type({ problems: t.array(t.type({ path: t.string })) })

/** Where a value is wrong. */
const paths = (error: unknown): string =>
  Problems.is(error) ? error.problems.map(({ path }) => path).join(', ') : 'nowhere'

export const jobs: ReadonlyArray<Scenario> = [
  scenario({
    name: 'a job',
    promise: 'Ordered by a POST, a job answers 202 three times; the poll asks until its codec holds.',
    path: '/reports',
    before: order,
    policy: done,
    check: ({ report, calls }) => ({
      'three times not yet': story(report) === 'Right PollScheduled Right PollScheduled Right PollScheduled Right',
      'the result': E.isRight(report.result) && report.result.right.result === '/files/r-1.pdf',
      'delays slept': slept(report),
      'four calls': calls === 4
    })
  }),
  scenario({
    name: 'a job without end',
    promise: 'A job that is never done is no success: PollExhausted has the last body, and what was wrong with it.',
    path: '/jobs/endless',
    policy: done,
    check: ({ report, calls }) => ({
      'out of polls':
        story(report) ===
        'Right PollScheduled Right PollScheduled Right PollScheduled Right PollScheduled Right PollStopped(Attempts)',
      'the last body': pipe(
        failure('PollExhausted')(report),
        O.chain(({ value }) => value),
        O.exists(Pending.is)
      ),
      'what was wrong with it': pipe(
        failure('PollExhausted')(report),
        O.chain(({ error }) => error),
        O.exists((error) => paths(error) === 'status, result')
      ),
      'five calls': calls === 5
    })
  }),
  scenario({
    name: 'a 200 that is none',
    promise: 'A 200 whose body is malformed does not hold either: the poll asks again.',
    path: '/jobs/garbled',
    policy: done,
    check: ({ report, calls }) => ({
      'asked again': story(report) === 'Right PollScheduled Right PollScheduled Right',
      'the result': answer(report) === 'Right',
      'three calls': calls === 3
    })
  }),
  scenario({
    name: 'a strict client',
    promise: 'Behind an ensure the same malformed body is an error, and the answer at once: DecodeFailed, with paths.',
    path: '/jobs/garbled',
    policy: doneOrFailed,
    check: ({ report, calls }) => ({
      'not asked again': story(report) === 'Right PollScheduled Right ResultRefused PollStopped(Predicate)',
      'where it is wrong': pipe(
        failure('DecodeFailed')(report),
        O.exists((error) => paths(error) === 'result')
      ),
      'two calls': calls === 2
    })
  }),
  scenario({
    name: 'a job that fails',
    promise: 'A job that says it has failed is not asked about any more.',
    path: '/jobs/failing',
    policy: doneOrFailed,
    check: ({ report, calls }) => ({
      'stopped at once': story(report) === 'Right PollScheduled Right PollStopped(FailWhen)',
      'the failed job': pipe(
        failure('PollExhausted')(report),
        O.chain(({ value }) => value),
        O.exists(({ status }) => status === 'failed')
      ),
      'two calls': calls === 2
    })
  }),
  scenario({
    name: 'a job and an outage',
    promise: 'A 503 and a reset between two answers are waited out like a job that is pending.',
    path: '/jobs/shaky',
    policy: doneOrFailed,
    check: ({ report, calls }) => ({
      'waited out': story(report) === 'Right PollScheduled Status PollScheduled Network PollScheduled Right',
      'the result': answer(report) === 'Right',
      'four calls': calls === 4
    })
  })
]
