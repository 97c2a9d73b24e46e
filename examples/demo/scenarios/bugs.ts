/**
 * Bugs: defects, and no failures.
 */
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import { Policy, Schedule } from 'resilience-ts'
import { attempt, userOrStale } from '../client/users'
import { type Scenario, scenario } from './scenario'
import { story } from './seen'

export const bugs: ReadonlyArray<Scenario> = [
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
