/**
 * The scenarios: each with a name, a promise in one sentence, a policy, and a check of what came of it.
 */
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as O from 'fp-ts/Option'
import * as TE from 'fp-ts/TaskEither'
import { Policy, type Rejection, Schedule } from 'resilience-ts'
import { attempt, fetchJson, type HttpError, isTransient, user, type UserError, userIfAny, userOrStale } from './client'
import { answer, type Scenario, scenario, slept, story } from './scenario'

const noSignal = new AbortController().signal

const gaveUp = ({ error, attempts }: Rejection.Exhausted<UserError>) =>
  TE.left({ _tag: 'GaveUp', attempts, because: error._tag } as const)

const patient = Schedule.constant(60_000)

export const scenarios: ReadonlyArray<Scenario> = [
  scenario({
    name: '503s in a burst',
    promise: 'Two 503s are sat out, each with a longer delay than the one before; the third attempt has the user.',
    path: '/users/42',
    policy: user,
    check: ({ report, calls }) => ({
      'two retries': story(report) === 'Status Retry Status Retry Right',
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
      'one retry': story(report) === 'Status Retry Right',
      'a second waited': report.totals.waited >= 999 && slept(report),
      'two calls': calls === 2
    })
  }),
  scenario({
    name: 'slow answers',
    promise: 'Two attempts that take too long are ended, their requests aborted; the third is quick.',
    path: '/slow',
    policy: pipe(user, Policy.timeout(10_000)),
    check: ({ report, calls }) => ({
      'two timeouts': story(report) === 'Aborted TimedOut Retry Aborted TimedOut Retry Right',
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
      'one timeout': story(report) === 'Aborted TimedOut Retry Right',
      'reading ended': late.length === 1
    })
  }),
  scenario({
    name: 'a connection reset',
    promise: 'A connection that breaks is a Network error, and retried.',
    path: '/reset',
    policy: user,
    check: ({ report, calls }) => ({
      'one retry': story(report) === 'Network Retry Right',
      'two calls': calls === 2
    })
  }),
  scenario({
    name: 'odd bodies',
    promise: 'A page of HTML and a user of the wrong shape count as failures, and are retried.',
    path: '/odd',
    policy: user,
    check: ({ report }) => ({
      'refused, then taken': story(report) === 'NotJson Retry Right Refused Retry Right',
      'a user': answer(report) === 'Right'
    })
  }),
  scenario({
    name: 'no such user',
    promise: 'A 404 is not retried; a fallback makes an answer of it, and the types know.',
    path: '/missing',
    policy: userIfAny,
    check: ({ report, calls }) => ({
      'not retried': story(report) === 'NotFound Stop(Predicate) Recovered',
      'no user': E.isRight(report.result) && O.isNone(report.result.right),
      'one call': calls === 1
    })
  }),
  scenario({
    name: 'a stale user',
    promise: 'When the service stays away the cache answers, and no outage is left in the error type.',
    path: '/down',
    policy: userOrStale,
    check: ({ report, calls }) => ({
      'all retries': story(report) === 'Status Retry Status Retry Status Retry Status Stop(Attempts) Recovered',
      stale: E.isRight(report.result) && '_tag' in report.result.right,
      'four calls': calls === 4
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
      'two retries': story(report) === 'Status Retry Status Retry Status Stop(Attempts)',
      'said so': E.isLeft(report.result) && report.result.left._tag === 'GaveUp' && report.result.left.attempts === 3,
      'three calls': calls === 3
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
      'stopped in time': story(report) === 'Status Retry Status Retry Status Stop(Deadline)',
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
      'ended in time': story(report) === 'Status Retry Aborted DeadlineReached Stop(Deadline)',
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
      'a timeout': story(report) === 'Aborted TimedOut' && answer(report) === 'TimedOut',
      'the answer came': late.length === 1 && late[0]?.outcome._tag === 'Right'
    })
  }),
  scenario({
    name: 'the caller leaves',
    promise: 'An abort in the middle of a delay of a minute ends the call at once.',
    path: '/down',
    policy: pipe(attempt, Policy.retry(patient), Policy.fallbackTo(null)),
    leaves: true,
    check: ({ report, calls }) => ({
      'no fallback': story(report) === 'Status Retry',
      'aborted by the caller':
        E.isLeft(report.result) && report.result.left._tag === 'Aborted' && report.result.left.by === 'caller',
      'at once': report.totals.elapsed < 10_000,
      'one call': calls === 1
    })
  }),
  scenario({
    name: 'fifty calls, one signal',
    promise: 'Fifty callers who share one signal are called off together, and none calls the service again.',
    path: '/down',
    policy: pipe(attempt, Policy.retry(patient)),
    times: 50,
    leaves: true,
    check: ({ reports, calls }) => ({
      'all aborted': reports.length === 50 && reports.every((report) => answer(report) === 'Aborted'),
      'each in its delay': reports.every((report) => story(report) === 'Status Retry'),
      'fifty calls': calls === 50
    })
  }),
  scenario({
    name: 'a bug',
    promise: 'An operation that throws is a defect, neither retried nor hidden by a fallback.',
    path: '/users/42',
    operation: () => () => {
      throw new TypeError('not a function')
    },
    policy: userOrStale,
    check: ({ report, calls }) => ({
      'one attempt': story(report) === 'Defect',
      'a defect':
        E.isLeft(report.result) && report.result.left._tag === 'Defect' && report.result.left.kind === 'Thrown',
      'no calls': calls === 0
    })
  }),
  scenario({
    name: 'an impossible policy',
    promise: 'Every impossible setting is listed, and the service is never called.',
    path: '/users/42',
    policy: pipe(attempt, Policy.retry(pipe(Schedule.exponential(-50), Schedule.take(1.5))), Policy.timeout(NaN)),
    check: ({ report, calls }) => ({
      'a defect':
        E.isLeft(report.result) && report.result.left._tag === 'Defect' && report.result.left.kind === 'Invalid',
      'three problems':
        E.isLeft(report.result) && report.result.left._tag === 'Defect' && report.result.left.problems.length === 3,
      'nothing called': report.totals.attempts === 0 && calls === 0
    })
  })
]
