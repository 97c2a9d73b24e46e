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
 * Gathers the events of one run into a report. It holds at most twice as much as is to be kept.
 *
 * @internal
 */
export class Collector {
  private startedAt: Millis = 0
  /** When the last attempt ended. */
  private endedAt: Millis = 0
  /** Since when a next attempt is waited for. */
  private waitsSince: Millis | undefined = undefined
  private readonly attempts: Array<AttemptRecord> = []
  private readonly decisions: Array<Decision> = []
  private readonly totals = { attempts: 0, retries: 0, elapsed: 0, waited: 0, working: 0, omitted: 0 }

  constructor(private readonly keep: number) {}

  see(event: Event): void {
    const { totals } = this
    const at = event.at - this.startedAt
    switch (event._tag) {
      case 'RunStarted':
        this.startedAt = event.at
        break
      case 'AttemptStarted':
        totals.attempts = event.attempt
        this.stopWaiting(at)
        break
      case 'AttemptEnded': {
        const { attempt, duration, outcome } = event
        totals.working += duration
        this.endedAt = at
        this.add(this.attempts, { attempt, startedAt: at - duration, duration, outcome })
        break
      }
      case 'RetryScheduled':
      case 'PollScheduled':
        totals.retries++
        this.waitsSince ??= this.endedAt
        break
      case 'RunEnded':
        totals.elapsed = event.elapsed
        this.stopWaiting(at)
        break
      default:
        break
    }
    const _tag = decisions[event._tag]
    if (_tag === undefined) return
    // a decision says what its event does, but for the moment: it counts from the start of this run, in calls and in time
    const { run: _run, ...said } = event
    this.add(this.decisions, { ...said, _tag, attempt: totals.attempts, at } as Decision)
  }

  report(result: Either<unknown, unknown>): Report<unknown, unknown> {
    const { attempts, decisions, totals } = this
    this.cut(attempts)
    this.cut(decisions)
    return { result, attempts, decisions, totals }
  }

  private stopWaiting(at: Millis): void {
    this.totals.waited += at - (this.waitsSince ?? at)
    this.waitsSince = undefined
  }

  private add<T>(list: Array<T>, item: T): void {
    list.push(item)
    // cut rarely, so that each item costs the same however many there are
    if (list.length >= 2 * this.keep + 16) this.cut(list)
  }

  private cut(list: Array<unknown>): void {
    const over = list.length - this.keep
    if (over <= 0) return
    this.totals.omitted += over
    list.splice(0, over)
  }
}

/** The events that are decisions, and what they are called as such. */
const decisions: { readonly [tag in Event['_tag']]?: Decision['_tag'] } = {
  RetryScheduled: 'Retry',
  RetryStopped: 'Stop',
  PollScheduled: 'Poll',
  PollStopped: 'PollStop',
  TimeoutFired: 'TimedOut',
  DeadlineReached: 'DeadlineReached',
  ResultRefused: 'Refused',
  FallbackUsed: 'Recovered',
  CallQueued: 'Queued',
  CallAdmitted: 'Admitted',
  CallRefused: 'TurnedAway',
  CircuitChanged: 'Switched',
  StoreFailed: 'StoreFailed'
}
