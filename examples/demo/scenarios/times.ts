/**
 * Answers that take too long.
 */
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import { Policy, Schedule } from 'resilience-ts'
import { fetchJson, type HttpError } from '../client/http'
import { attempt, user } from '../client/users'
import { type Scenario, scenario } from './scenario'
import { answer, story } from './seen'

const noSignal = new AbortController().signal

export const times: ReadonlyArray<Scenario> = [
  scenario({
    name: 'slow answers',
    promise: 'Two attempts that take too long are ended, their requests aborted; the third is quick.',
    path: '/slow',
    policy: pipe(user, Policy.timeout(10_000)),
    check: ({ report, calls }) => ({
      'two timeouts': story(report) === 'Aborted TimeoutFired RetryScheduled Aborted TimeoutFired RetryScheduled Right',
      'a user': answer(report) === 'Right',
      'three calls': calls === 3
    })
  }),
  scenario({
    name: 'a body that stalls',
    promise: 'The timeout holds for the body too, not only for the headers.',
    path: '/stalling',
    policy: user,
    check: ({ report, late }) => ({
      'one timeout': story(report) === 'Aborted TimeoutFired RetryScheduled Right',
      'reading ended': late.length === 1
    })
  }),
  scenario({
    name: 'a total timeout',
    promise: 'However often an attempt is made, the answer is there within 1.2 seconds.',
    path: '/hanging',
    policy: pipe(user, Policy.timeout(1200)),
    check: ({ report }) => ({
      'the outer timeout':
        E.isLeft(report.result) && report.result.left._tag === 'TimedOut' && report.result.left.timeout === 1200,
      'several attempts': report.attempts.length > 1,
      'the last one ended': report.attempts.at(-1)?.outcome._tag === 'Aborted',
      'not sooner': report.totals.elapsed >= 1199
    })
  }),
  scenario({
    name: 'a deadline ahead',
    promise: 'No delay begins that would end past the deadline: the last real error comes back at once.',
    path: '/down',
    policy: pipe(attempt, Policy.retry(Schedule.exponential(40, 8)), Policy.deadline(2000)),
    check: ({ report, calls }) => ({
      'stopped in time': story(report) === 'Status RetryScheduled Status RetryScheduled Status RetryStopped(Deadline)',
      'the last error': answer(report) === 'Status',
      'no delay of 2560ms': report.totals.waited >= 359 && report.totals.waited < 2560,
      'three calls': calls === 3
    })
  }),
  scenario({
    name: 'a deadline reached',
    promise: 'An attempt that runs into the deadline is ended, and the error before it is what comes back.',
    path: '/fading',
    policy: pipe(Policy.id<HttpError, unknown>(), Policy.retry(Schedule.constant(50)), Policy.deadline(500)),
    check: ({ report }) => ({
      'ended in time': story(report) === 'Status RetryScheduled Aborted DeadlineReached RetryStopped(Deadline)',
      'the error before': answer(report) === 'Status'
    })
  }),
  scenario({
    name: 'a late result',
    promise: 'What comes after a timeout from a request that heeds no signal is seen, and changes nothing.',
    path: '/late',
    operation: (url) => () => fetchJson(url)({ signal: noSignal }),
    policy: attempt,
    check: ({ report, late }) => ({
      'a timeout': story(report) === 'Aborted TimeoutFired' && answer(report) === 'TimedOut',
      'the answer came': late.length === 1 && late[0]?.outcome._tag === 'Right'
    })
  })
]
