/**
 * How a retry is run: what it makes of a failure, and of the end.
 *
 * @since 0.1.0
 */
import { type Answer, ask } from '../../Callback'
import type { Millis } from '../../Duration'
import type { Exit } from '../../Exit'
import type { Context, Layer, Services } from '../../Protocol'
import { deadlineStop, Recurring, RecurringFrame, retryAfter } from '../../recurrence/RecurringFrame'
import { type Aborted, type Exhausted, isFinal, isRefusal } from '../../Rejection'
import type { RetryStop } from '../../StopReason'
import { tagOf } from '../../Tag'
import type { RetryInfo } from './RetryInfo'
import { isTimed, type OrElse, type Settings } from './Settings'

/**
 * What all calls of one retry share.
 *
 * @internal
 */
export class Retry extends Recurring {
  constructor(
    readonly settings: Settings,
    services: Services,
    inner: Layer,
    readonly orElse: OrElse | undefined
  ) {
    const { schedule, decide, beforeRetry } = settings
    super(services, inner, schedule, isTimed(settings) || orElse !== undefined, decide, beforeRetry, 'beforeRetry')
  }

  /** Why an error is not retried, whatever the schedule says. */
  forbids(error: unknown): Answer<RetryStop | undefined> {
    const { settings } = this
    if (isFinal(error)) return { _tag: 'Value', value: { _tag: 'Final' } }
    if (isRefusal(error) && settings.retryRefused !== true) return { _tag: 'Value', value: { _tag: 'Refused' } }
    if (settings.while !== undefined) {
      const goesOn = ask(`${this.services.layer}.while`, settings.while, error as never)
      if (goesOn._tag === 'Defect') return goesOn
      if (!goesOn.value) return notByPredicate
    }
    if (settings.until !== undefined) {
      const ends = ask(`${this.services.layer}.until`, settings.until, error as never)
      if (ends._tag === 'Defect') return ends
      if (ends.value) return notByPredicate
    }
    return allowed
  }
}

const allowed: Answer<undefined> = { _tag: 'Value', value: undefined }
const notByPredicate: Answer<RetryStop> = { _tag: 'Value', value: { _tag: 'Predicate' } }

/**
 * One call's passage through a retry.
 *
 * @internal
 */
export class RetryFrame extends RecurringFrame<Retry> {
  /** The last failure. */
  private last: Failure | undefined = undefined

  done(exit: Exit, settled: boolean): void {
    if (settled) this.unsettled--
    this.attempt = undefined
    if (exit._tag === 'Left' && this.phase !== 'leaving') this.failed(exit, this.cause)
    else if (exit._tag === 'Aborted') this.aborted(exit)
    else this.answer(exit)
  }

  protected nextContext(): Context {
    if (this.last === undefined) return this.context
    const { call, deadline, reserve } = this.context
    return { call, number: this.attempts, previous: { _tag: 'Some', value: this.last.left }, deadline, reserve }
  }

  private failed(exit: Failure, calledOff: Aborted | undefined): void {
    const { shared, context, times } = this
    // a deadline inside was reached: with a real error at hand, that error is what there is to say
    const cutShort = this.last !== undefined && tagOf(exit.left) === 'DeadlineExceeded'
    if (!cutShort) this.last = exit
    if (calledOff !== undefined) {
      // a retry inside had a real error to give back
      this.aborted(calledOff)
      return
    }
    const forbidden = shared.forbids(exit.left)
    // a callback of the user's may have called this retry off
    if (this.is('answered')) return
    if (forbidden._tag === 'Defect') {
      this.answer(forbidden)
      return
    }
    const now = times !== undefined || context.deadline < Infinity ? shared.services.now() : 0
    const elapsed = times === undefined ? 0 : now - times.startedAt
    if (times !== undefined) times.firstFailure ??= elapsed
    if (cutShort) this.stop(deadlineStop, elapsed)
    else if (forbidden.value !== undefined) this.stop(forbidden.value, elapsed)
    else this.proceed(exit.left, now, elapsed, retryAfter(exit.left))
  }

  protected info(elapsed: Millis, delay: Millis): RetryInfo<unknown> {
    const { last, attempts, times } = this
    return {
      error: last?.left,
      attempt: attempts,
      elapsed,
      firstFailure: times?.firstFailure ?? elapsed,
      idle: times?.idle ?? 0,
      delay
    }
  }

  protected atHand(): unknown {
    return this.last?.left
  }

  protected tellScheduled(delay: Millis): void {
    const { layer } = this.shared.services
    this.context.call.emit({ _tag: 'RetryScheduled', layer, attempt: this.attempts, delay, error: this.last?.left })
  }

  protected stop(reason: RetryStop, elapsed: Millis): void {
    const exit = this.last as Failure
    const { attempts, shared } = this
    const { orElse, services } = shared
    if (reason._tag === 'Fault') {
      this.answer(this.faulty(reason))
      return
    }
    const { call } = this.context
    if (call.observed) {
      call.emit({ _tag: 'RetryStopped', layer: services.layer, attempt: attempts, reason, error: exit.left })
      if (this.is('answered')) return
    }
    if (orElse === undefined) {
      this.answer(exit)
      return
    }
    const exhausted: Exhausted<never> = {
      _tag: 'Exhausted',
      error: exit.left as never,
      attempts,
      elapsed,
      reason
    }
    this.phase = 'leaving'
    this.unsettled++
    const operation = services.operation((attempt) => orElse(exhausted, attempt), `${services.layer}.orElse`, exit.left)
    this.attempt = operation.open(this.context, this)
    this.attempt.start()
  }

  /** Called off: by a deadline with a real error at hand, that error is what there is to say. */
  protected aborted(cause: Aborted): void {
    if (cause.by === 'deadline' && this.last !== undefined && this.shared.orElse === undefined) {
      this.stop(deadlineStop, 0)
    } else {
      this.answer(cause)
    }
  }
}

type Failure = Exit & { readonly _tag: 'Left' }
