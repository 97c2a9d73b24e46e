/**
 * A dependency that goes down for a while, and a breaker that leaves it alone meanwhile.
 */
import { pipe } from 'fp-ts/function'
import * as O from 'fp-ts/Option'
import { Policy, Trip } from 'resilience-ts'
import type { HttpError } from '../client/http'
import { User } from '../client/users'
import { type Scenario, scenario } from './scenario'
import { answer } from './seen'

export const outages: ReadonlyArray<Scenario> = [
  scenario({
    name: 'an outage',
    promise: 'Three failures open the breaker; one probe fails, the next closes it, and the calls come back by and by.',
    path: '/dependency',
    policy: pipe(
      Policy.id<HttpError, unknown>(),
      Policy.ensure(User),
      Policy.timeout(10_000),
      Policy.circuitBreaker({ trip: Trip.consecutiveFailures(3), openFor: 300, ramp: { over: 400 } })
    ),
    // at this pace the ramp is over after 24 calls at the latest: 5, twice up to 5 and a probe, up to 7
    times: 25,
    pace: 60,
    check: ({ reports, changes, calls, circuit }) => {
      const made = reports.filter(({ totals }) => totals.attempts > 0)
      return {
        'opened, probed, opened, probed, closed':
          changes.map(({ to, reason }) => `${to} ${reason._tag}`).join(', ') ===
          'open ConsecutiveFailures, half-open OpenTimeOver, open ProbesFailed, half-open OpenTimeOver, closed ProbesSucceeded',
        'what got through':
          made.slice(0, 7).map(answer).join(' ') === 'Right Right Status Network Status Status Right' &&
          made.slice(7).every((report) => answer(report) === 'Right'),
        'all others refused': reports.every((report) => report.totals.attempts > 0 || answer(report) === 'CircuitOpen'),
        'the service left alone': calls === made.length,
        'all as before': O.isSome(circuit) && circuit.value.state === 'closed' && circuit.value.share === 1
      }
    }
  })
]
