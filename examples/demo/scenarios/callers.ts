/**
 * Callers who leave.
 */
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import { Policy, Schedule } from 'resilience-ts'
import type { HttpError } from '../client/http'
import { User } from '../client/users'
import { type Scenario, scenario } from './scenario'
import { answer, story } from './seen'

// fifty at once may be slow to be answered: none of them is to be in time by luck
const attempt = pipe(Policy.id<HttpError, unknown>(), Policy.ensure(User), Policy.timeout(10_000))

const patient = Schedule.constant(60_000)

export const callers: ReadonlyArray<Scenario> = [
  scenario({
    name: 'the caller leaves',
    promise: 'An abort in the middle of a delay of a minute ends the call at once.',
    path: '/down',
    policy: pipe(attempt, Policy.retry(patient), Policy.fallbackTo(null)),
    leaves: true,
    check: ({ report, calls }) => ({
      'no fallback': story(report) === 'Status RetryScheduled',
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
      'each in its delay': reports.every((report) => story(report) === 'Status RetryScheduled'),
      'fifty calls': calls === 50
    })
  })
]
