/**
 * How a retry is run: what it makes of a failure, and of the end.
 *
 * @since 0.1.0
 */
import { ask } from '../../Callback'
import type { Millis } from '../../Duration'
import type { Exit } from '../../Exit'
import { deadlineStop, earliest, type Recurring, RecurringFrame } from '../../recurrence/RecurringFrame'
import { type Aborted, type Defect } from '../../Rejection'
import { type Standing, standingOf } from '../../Standing'
import type { RetryStop } from '../../StopReason'
import { tagOf } from '../../Tag'
import type { RetryInfo } from './RetryInfo'
import type { Settings } from './Settings'

/**
 * One call's passage through a retry.
 *
 * @internal
 */
export class RetryFrame<R extends Recurring<Settings> = Recurring<Settings>> extends RecurringFrame<R> {
  declare protected last: Failure | undefined

  done(exit: Exit, settled: boolean): void {
    if (settled) this.unsettled--
    this.attempt = undefined
    if (exit._tag === 'Left') this.failed(exit, this.cause)
    else if (exit._tag === 'Aborted') this.aborted(exit)
    else this.answer(exit)
  }

  private failed(exit: Failure, calledOff: Aborted | undefined): void {
    const { shared, times } = this
    const standing = standingOf(exit.left)
    // a deadline inside was reached: with a real error at hand, that error is what there is to say
    const cutShort = standing === 'Final' && this.last !== undefined && tagOf(exit.left) === 'DeadlineExceeded'
    if (!cutShort) this.remember(exit)
    if (calledOff !== undefined) {
      // a retry inside had a real error to give back
      this.aborted(calledOff)
      return
    }
    const forbidden = this.forbids(exit.left, standing)
    // a callback of the user's may have called this retry off
    if (this.isAnswered()) return
    if (forbidden?._tag === 'Defect') {
      this.answer(forbidden)
      return
    }
    const now = times !== undefined || this.deadline < Infinity ? shared.services.now() : 0
    const elapsed = times === undefined ? 0 : now - times.startedAt
    if (times !== undefined) times.firstFailure ??= elapsed
    if (cutShort) this.stop(deadlineStop, elapsed)
    else if (forbidden !== undefined) this.stop(forbidden, elapsed)
    else this.proceed(exit.left, now, elapsed, earliest(exit.left, standing))
  }

  /** Why an error is not retried, whatever the schedule says. */
  private forbids(error: unknown, standing: Standing | undefined): RetryStop | Defect | undefined {
    const { settings } = this.shared
    // asked for by the operation itself
    if (standing === 'Again') return undefined
    if (standing === 'Final' || (standing === 'Refused' && settings.retryRefused !== true)) return { _tag: standing }
    const forbidden = settings.while && this.unless('while', settings.while, true, error)
    return forbidden ?? (settings.until && this.unless('until', settings.until, false, error))
  }

  /** What forbids another attempt unless a predicate, where there is one, answers as it should. */
  private unless(
    name: string,
    predicate: (error: never) => boolean,
    wanted: boolean,
    error: unknown
  ): RetryStop | Defect | undefined {
    const answer = ask(`${this.shared.services.layer}.${name}`, predicate, error as never)
    if (answer._tag === 'Defect') return answer
    // whatever is truthy is a yes
    return !answer.value === wanted ? { _tag: 'Predicate' } : undefined
  }

  protected remember(exit: Failure): void {
    this.last = exit
  }

  protected info(elapsed: Millis, delay: Millis): RetryInfo<unknown> {
    const { last, number, times } = this
    return {
      error: last?.left,
      attempt: number,
      elapsed,
      firstFailure: times?.firstFailure ?? elapsed,
      idle: times?.idle ?? 0,
      delay
    }
  }

  protected tellScheduled(delay: Millis): void {
    const { layer } = this.shared.services
    this.call.emit({ _tag: 'RetryScheduled', layer, attempt: this.number, delay, error: this.last?.left })
  }

  protected stop(reason: RetryStop, elapsed: Millis): void {
    const exit = this.last as Failure
    if (reason._tag === 'Fault') {
      this.answer(this.faulty(reason))
      return
    }
    const { call } = this
    if (call.observed) {
      const { layer } = this.shared.services
      call.emit({ _tag: 'RetryStopped', layer, attempt: this.number, reason, error: exit.left })
      if (this.isAnswered()) return
    }
    this.conclude(exit, reason, elapsed)
  }

  /** What there is to say at the end. */
  protected conclude(exit: Failure, _reason: RetryStop, _elapsed: Millis): void {
    this.answer(exit)
  }

  /** Called off: by a deadline with a real error at hand, that error is what there is to say. */
  protected aborted(cause: Aborted): void {
    if (cause.by === 'deadline' && this.last !== undefined) this.stop(deadlineStop, 0)
    else this.answer(cause)
  }
}

/** @internal */
export type Failure = Exit & { readonly _tag: 'Left' }
