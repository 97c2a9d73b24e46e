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
  /** Whether a next attempt is waited for. */
  let waits: boolean | undefined
  const attempts: Array<AttemptRecord> = []
  const decisions: Array<Decision> = []
  /** `elapsed` is when the last thing ended that takes its time: an attempt, a wait, the run. */
  const totals = { attempts: 0, retries: 0, elapsed: 0, waited: 0, working: 0, omitted: 0 }

  const add = <T>(list: Array<T>, item: T): void => {
    // cut rarely, so that each item costs the same however many there are
    if (list.push(item) >= 2 * keep + 16) cut(list)
  }
  const cut = <T>(list: Array<T>): ReadonlyArray<T> => {
    totals.omitted += list.splice(0, list.length - keep).length
    // what settles later is added still, but is no part of a report that was made before
    return [...list]
  }

  return {
    see: (event) => {
      const at = event.at - began
      switch (event._tag) {
        case 'RunStarted':
          began = event.at
          return
        case 'LateResult':
        case 'Custom':
          return
        case 'RunEnded':
          break
        case 'AttemptStarted':
          totals.attempts = event.attempt
          break
        case 'AttemptEnded': {
          const { attempt, duration, outcome } = event
          totals.working += duration
          add(attempts, { attempt, startedAt: at - duration, duration, outcome })
          break
        }
        default: {
          // every other event is a decision. It says what its event does, but for the moment: it counts from the start of this
          // run, in calls and in time
          const { run: _run, ...said } = event
          add(decisions, { ...said, attempt: totals.attempts, at })
          // a circuit, or the store of one, may take note of an attempt while the next is waited for: that ends no wait
          if ('to' in event || 'cause' in event) return
          // who tells a delay goes on after it
          if ('delay' in event) {
            waits = true
            totals.retries++
            return
          }
        }
      }
      if (waits) totals.waited += at - totals.elapsed
      totals.elapsed = at
      waits = false
    },
    report: (result) => ({ result, attempts: cut(attempts), decisions: cut(decisions), totals: { ...totals } })
  }
}
