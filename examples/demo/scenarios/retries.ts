/**
 * Failures that pass, and some that do not.
 */
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { Policy, type Rejection, Schedule } from 'resilience-ts'
import { isTransient } from '../client/http'
import { attempt, user, type UserError } from '../client/users'
import { answer, slept, story } from './seen'
import { type Scenario, scenario } from './scenario'

const gaveUp = ({ error, attempts }: Rejection.Exhausted<UserError>) =>
  TE.left({ _tag: 'GaveUp', attempts, because: error._tag } as const)

export const retries: ReadonlyArray<Scenario> = [
  scenario({
    name: '503s in a burst',
    promise: 'Two 503s are sat out, each with a longer delay than the one before; the third attempt has the user.',
    path: '/users/42',
    policy: user,
    check: ({ report, calls }) => ({
      'two retries': story(report) === 'Status RetryScheduled Status RetryScheduled Right',
      'the right user': E.isRight(report.result) && report.result.right.name === 'Ada',
      'longer delays': report.totals.waited >= 40 + 80 - 1,
      'delays slept': slept(report),
      'three calls': calls === 3
    })
  }),
  scenario({
    name: 'Retry-After',
    promise: 'A 429 that asks for a second of rest gets it, though the schedule would have come back much sooner.',
    path: '/busy',
    policy: user,
    check: ({ report, calls }) => ({
      'one retry': story(report) === 'Status RetryScheduled Right',
      'a second waited': report.totals.waited >= 999 && slept(report),
      'two calls': calls === 2
    })
  }),
  scenario({
    name: 'a connection reset',
    promise: 'A connection that breaks is a Network error, and retried.',
    path: '/reset',
    policy: user,
    check: ({ report, calls }) => ({
      'one retry': story(report) === 'Network RetryScheduled Right',
      'two calls': calls === 2
    })
  }),
  scenario({
    name: 'odd bodies',
    promise: 'A page of HTML and a user of the wrong shape count as failures, and are retried.',
    path: '/odd',
    policy: user,
    check: ({ report }) => ({
      'refused, then taken': story(report) === 'NotJson RetryScheduled Right ResultRefused RetryScheduled Right',
      'a user': answer(report) === 'Right'
    })
  }),
  scenario({
    name: 'giving up',
    promise: 'Out of retries, retryOrElse says what was tried in an error of our own.',
    path: '/down',
    policy: pipe(
      attempt,
      Policy.retryOrElse(pipe(Schedule.linear(20, 20), Schedule.take(2)), gaveUp, { while: isTransient })
    ),
    check: ({ report, calls }) => ({
      'two retries': story(report) === 'Status RetryScheduled Status RetryScheduled Status RetryStopped(Attempts)',
      'said so': E.isLeft(report.result) && report.result.left._tag === 'GaveUp' && report.result.left.attempts === 3,
      'three calls': calls === 3
    })
  })
]
