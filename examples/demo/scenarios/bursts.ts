/**
 * Too many calls at once.
 */
import { pipe } from 'fp-ts/function'
import * as O from 'fp-ts/Option'
import { Policy } from 'resilience-ts'
import { User } from '../client/users'
import type { HttpError } from '../client/http'
import { type Scenario, scenario } from './scenario'
import { answer, story } from './seen'

export const bursts: ReadonlyArray<Scenario> = [
  scenario({
    name: 'a burst',
    promise: 'Of twenty calls at once four are let in, ten wait for their turn, six are refused before they begin.',
    path: '/crowded',
    policy: pipe(
      Policy.id<HttpError, unknown>(),
      Policy.ensure(User),
      Policy.timeout(10_000),
      Policy.bulkhead(4, { queue: 10 })
    ),
    times: 20,
    check: ({ reports, calls, atOnce, bulkhead }) => {
      const told = (text: string): number => reports.filter((report) => story(report) === text).length
      return {
        'four at once, never more': atOnce === 4,
        'fourteen users': reports.filter((report) => answer(report) === 'Right').length === 14,
        'ten had to wait': told('Right') === 4 && told('CallQueued CallAdmitted Right') === 10,
        'six refused':
          told('CallRefused') === 6 &&
          reports.every((report) => answer(report) !== 'BulkheadFull' || report.totals.attempts === 0),
        'fourteen calls': calls === 14,
        'nothing left behind':
          O.isSome(bulkhead) &&
          [bulkhead.value.active, bulkhead.value.hanging, bulkhead.value.abandoned, bulkhead.value.queued].every(
            (n) => n === 0
          )
      }
    }
  })
]
