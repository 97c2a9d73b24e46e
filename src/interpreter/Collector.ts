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
  private calls = 0
  private retries = 0
  private elapsed: Millis = 0
  private waited: Millis = 0
  /** When the last attempt ended. */
  private endedAt: Millis = 0
  /** Since when a next attempt is waited for. */
  private waitsSince: Millis | undefined = undefined
  private working: Millis = 0
  private omitted = 0
  private readonly attempts: Array<AttemptRecord> = []
  private readonly decisions: Array<Decision> = []
  private readonly running = new Map<number, Millis>()

  constructor(private readonly keep: number) {}

  see(event: Event): void {
    const at = event.at - this.startedAt
    switch (event._tag) {
      case 'RunStarted':
        this.startedAt = event.at
        break
      case 'AttemptStarted':
        this.calls = event.attempt
        this.stopWaiting(at)
        this.running.set(event.attempt, at)
        break
      case 'AttemptEnded': {
        const { attempt, duration, outcome } = event
        this.working += duration
        this.endedAt = at
        this.add(this.attempts, { attempt, startedAt: this.running.get(attempt) ?? at - duration, duration, outcome })
        this.running.delete(attempt)
        break
      }
      case 'RetryScheduled':
      case 'PollScheduled':
        this.retries++
        this.waitsSince ??= this.endedAt
        break
      case 'RunEnded':
        this.elapsed = event.elapsed
        this.stopWaiting(at)
        break
      default:
        break
    }
    const decision = decisions[event._tag]
    if (decision !== undefined) this.decide(event, decision, at)
  }

  report(result: Either<unknown, unknown>): Report<unknown, unknown> {
    this.cut(this.attempts, this.keep)
    this.cut(this.decisions, this.keep)
    return {
      result,
      attempts: this.attempts,
      decisions: this.decisions,
      totals: {
        attempts: this.calls,
        retries: this.retries,
        elapsed: this.elapsed,
        waited: this.waited,
        working: this.working,
        omitted: this.omitted
      }
    }
  }

  private stopWaiting(at: Millis): void {
    this.waited += at - (this.waitsSince ?? at)
    this.waitsSince = undefined
  }

  /** A decision says what its event does, but for the moment: it counts from the start of this run, in calls and in time. */
  private decide(event: Event, _tag: Decision['_tag'], at: Millis): void {
    const { run: _run, ...said } = event
    this.add(this.decisions, { ...said, _tag, attempt: this.calls, at } as Decision)
  }

  private add<T>(list: Array<T>, item: T): void {
    list.push(item)
    // cut rarely, so that each item costs the same however many there are
    if (list.length >= 2 * this.keep + 16) this.cut(list, this.keep)
  }

  private cut(list: Array<unknown>, keep: number): void {
    if (list.length <= keep) return
    this.omitted += list.length - keep
    list.splice(0, list.length - keep)
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
