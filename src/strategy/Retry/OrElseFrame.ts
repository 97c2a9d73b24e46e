/**
 * How `retryOrElse` is run: a retry whose end is an operation of its own.
 *
 * @since 0.1.0
 */
import type { Millis } from '../../Duration'
import type { Up } from '../../Protocol'
import type { Recurring } from '../../recurrence/RecurringFrame'
import type { Aborted, Exhausted } from '../../Rejection'
import type { RetryStop } from '../../StopReason'
import { type Failure, RetryFrame } from './RetryFrame'
import type { OrElseSettings } from './OrElseSettings'

/**
 * One call's passage through a `retryOrElse`.
 *
 * @internal
 */
export class OrElseFrame extends RetryFrame<Recurring<OrElseSettings>> {
  /** The last errors, oldest first. */
  private readonly errors: Array<unknown> = []

  protected override remember(exit: Failure): void {
    super.remember(exit)
    const { keepErrors = 0 } = this.shared.settings
    this.errors.push(exit.left)
    if (this.errors.length > keepErrors) this.errors.shift()
  }

  protected override conclude(exit: Failure, reason: RetryStop, elapsed: Millis): void {
    const { number, errors, shared } = this
    const { services, settings } = shared
    const exhausted: Exhausted<unknown> = {
      _tag: 'Exhausted',
      error: exit.left,
      attempts: number,
      elapsed,
      reason,
      errors
    }
    const at = `${services.layer}.orElse`
    this.unsettled++
    // its answer is no attempt's any more
    const up: Up = {
      done: (exit, settled) => {
        if (settled) this.unsettled--
        this.answer(exit)
      },
      settled: () => {
        this.settled()
      }
    }
    this.attempt = services
      .operation((attempt) => settings.orElse(exhausted as Exhausted<never>, attempt), at, exit.left)
      .open(this.context, up)
    this.attempt.start()
  }

  /** A deadline that cuts it off is not the end of its tries. */
  protected override aborted(cause: Aborted): void {
    this.answer(cause)
  }
}
