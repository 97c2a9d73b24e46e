/** What was seen of a run, in tenacity's words. */
import type { Report } from 'resilience-ts'
import { seconds } from '../json'
import type { Played } from '../play'
import type { Operation, RetryError } from './policy'

/** How a run may end that is no success. */
export type Ending = Operation | RetryError

export const outcome = (result: Played<Ending, unknown>['result']): object => {
  if (result._tag === 'Right') return { ok: result.right }
  const error = result.left
  if (error._tag === 'Defect') return { err: error.kind, at: error.at }
  if (error._tag === 'TryAgain') return { err: 'TryAgain' }
  if (error._tag === 'Raised') return { err: error.type, msg: error.message }
  const { attempts: attemptNumber, last } = error
  return 'error' in last
    ? {
        err: 'RetryError',
        lastAttempt: { attemptNumber, failed: true, exception: last.error.type },
        cause: last.error.type
      }
    : { err: 'RetryError', lastAttempt: { attemptNumber, failed: false, value: last.ok }, cause: null }
}

/** Its clock stops at the last outcome that was not accepted. */
const statistics = ({ decisions, totals }: Report.Report<unknown, unknown>): object => {
  const rejected = decisions.filter(
    (decision) =>
      decision._tag === 'RetryScheduled' || (decision._tag === 'RetryStopped' && decision.reason._tag !== 'Predicate')
  )
  return {
    attempt_number: totals.attempts,
    idle_for: seconds(totals.waited),
    delay_since_first_attempt: seconds(rejected.at(-1)?.at ?? 0)
  }
}

export const seen = (played: Played<Ending, unknown>): object => ({
  calls: played.calls,
  sleeps: played.sleeps,
  elapsed: played.elapsed,
  outcome: outcome(played.result),
  result: played.result._tag === 'Right' ? played.result.right : undefined,
  statistics: statistics(played.report),
  ...statistics(played.report),
  ...outcome(played.result)
})
