/**
 * From events to a report, one run at a time.
 *
 * @since 0.1.0
 */
import type { Either } from 'fp-ts/Either'
import type { Millis } from '../Duration'
import type { Event } from '../Event'
import type { AttemptRecord, Decision, DecisionMoment, Report } from '../Report'

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
      case 'PollScheduled': {
        const { delay } = event
        this.retries++
        this.waitsSince ??= this.endedAt
        if (event._tag === 'RetryScheduled') this.decide(event, at, { _tag: 'Retry', delay, error: event.error })
        else this.decide(event, at, { _tag: 'Poll', delay, outcome: event.outcome })
        break
      }
      case 'RetryStopped':
        this.decide(event, at, { _tag: 'Stop', reason: event.reason, error: event.error })
        break
      case 'PollStopped':
        this.decide(event, at, { _tag: 'PollStop', reason: event.reason, outcome: event.outcome })
        break
      case 'TimeoutFired':
        this.decide(event, at, { _tag: 'TimedOut', timeout: event.timeout })
        break
      case 'DeadlineReached':
        this.decide(event, at, { _tag: 'DeadlineReached' })
        break
      case 'ResultRefused':
        this.decide(event, at, { _tag: 'Refused', error: event.error })
        break
      case 'FallbackUsed':
        this.decide(event, at, { _tag: 'Recovered', error: event.error })
        break
      case 'CallQueued':
        this.decide(event, at, { _tag: 'Queued', queued: event.queued })
        break
      case 'CallAdmitted':
        this.decide(event, at, { _tag: 'Admitted', waited: event.waited })
        break
      case 'CallRefused':
        this.decide(event, at, { _tag: 'TurnedAway', error: event.error })
        break
      case 'CircuitChanged':
        this.decide(event, at, { _tag: 'Switched', from: event.from, to: event.to, reason: event.reason })
        break
      case 'StoreFailed':
        this.decide(event, at, { _tag: 'StoreFailed', name: event.name, cause: event.cause })
        break
      case 'RunEnded':
        this.elapsed = event.elapsed
        this.stopWaiting(at)
        break
      case 'LateResult':
      case 'Custom':
        break
    }
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

  private decide(event: { readonly layer: string }, at: Millis, decision: DistributiveOmit<Decision>): void {
    this.add(this.decisions, { ...decision, layer: event.layer, attempt: this.calls, at })
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

type DistributiveOmit<T> = T extends unknown ? Omit<T, keyof DecisionMoment> : never
