/**
 * From events to a report, one run at a time.
 *
 * @since 0.1.0
 */
import type { Either } from 'fp-ts/Either'
import type { Millis } from '../Duration'
import type { Event } from '../Event'
import type { AttemptRecord, Decision, Report } from '../Report'

/**
 * Gathers the events of one run, and makes a report of them.
 *
 * @internal
 */
export interface Collector {
  readonly see: (event: Event) => void
  readonly report: (result: Either<unknown, unknown>) => Report<unknown, unknown>
}

/**
 * A collector that holds at most twice as much as is to be kept.
 *
 * @internal
 */
export const collecting = (keep: number): Collector => {
  let began: Millis = 0
  /** When the last attempt ended. */
  let ended: Millis = 0
  /** Since when a next attempt is waited for. */
  let waitsSince: Millis | undefined
  const attempts: Array<AttemptRecord> = []
  const decisions: Array<Decision> = []
  const totals = { attempts: 0, retries: 0, elapsed: 0, waited: 0, working: 0, omitted: 0 }

  const stopWaiting = (at: Millis): void => {
    totals.waited += at - (waitsSince ?? at)
    waitsSince = undefined
  }
  const add = <T>(list: Array<T>, item: T): void => {
    list.push(item)
    // cut rarely, so that each item costs the same however many there are
    if (list.length >= 2 * keep + 16) cut(list)
  }
  const cut = <T>(list: Array<T>): ReadonlyArray<T> => {
    const over = Math.max(0, list.length - keep)
    totals.omitted += over
    list.splice(0, over)
    // what settles later is added still, but is no part of a report that was made before
    return [...list]
  }

  return {
    see: (event) => {
      const at = event.at - began
      switch (event._tag) {
        case 'RunStarted':
          began = event.at
          break
        case 'AttemptStarted':
          totals.attempts = event.attempt
          stopWaiting(at)
          break
        case 'AttemptEnded': {
          const { attempt, duration, outcome } = event
          totals.working += duration
          ended = at
          add(attempts, { attempt, startedAt: at - duration, duration, outcome })
          break
        }
        case 'RunEnded':
          totals.elapsed = event.elapsed
          stopWaiting(at)
          break
        case 'LateResult':
        case 'Custom':
          break
        default: {
          // every other event is a decision; who tells a delay goes on after it
          if ('delay' in event) {
            totals.retries++
            waitsSince ??= ended
          }
          // it says what its event does, but for the moment: it counts from the start of this run, in calls and in time
          const { run: _run, ...said } = event
          add(decisions, { ...said, attempt: totals.attempts, at })
        }
      }
    },
    report: (result) => ({ result, attempts: cut(attempts), decisions: cut(decisions), totals: { ...totals } })
  }
}
