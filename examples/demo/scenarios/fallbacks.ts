/**
 * Other answers than the one that was asked for.
 */
import * as E from 'fp-ts/Either'
import * as O from 'fp-ts/Option'
import { userIfAny, userOrStale } from '../client/users'
import { type Scenario, scenario } from './scenario'
import { story } from './seen'

export const fallbacks: ReadonlyArray<Scenario> = [
  scenario({
    name: 'no such user',
    promise: 'A 404 is not retried; a fallback makes an answer of it, and the types know.',
    path: '/missing',
    policy: userIfAny,
    check: ({ report, calls }) => ({
      'not retried': story(report) === 'NotFound RetryStopped(Predicate) FallbackUsed',
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
      'all retries':
        story(report) ===
        'Status RetryScheduled Status RetryScheduled Status RetryScheduled Status RetryStopped(Attempts) FallbackUsed',
      stale: E.isRight(report.result) && '_tag' in report.result.right,
      'four calls': calls === 4
    })
  })
]
