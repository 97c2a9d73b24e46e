/**
 * How a deadline is run. A runner needs no more of it than this, for a call that brings a deadline of its own.
 *
 * @since 0.1.0
 */
import type { Left } from 'fp-ts/Either'
import type { Millis } from '../../Duration'
import type { Exit } from '../../Exit'
import type { Limit } from '../../Limit'
import { type Context, type Frame, type Layer, type Services, Sleeper, type Up } from '../../Protocol'
import type { Aborted, DeadlineExceeded } from '../../Rejection'

/**
 * The layer of a deadline; a runner makes one for a call that brings its own.
 *
 * @internal
 */
export const withDeadline = (ms: Millis, reserve: Millis, services: Services, inner: Layer): Layer =>
  ms === Infinity && reserve === 0 ? inner : opening({ ms, reserve, services, inner })

/** What all calls of one deadline share. */
interface Deadline {
  readonly ms: Millis
  readonly reserve: Millis
  readonly services: Services
  readonly inner: Layer
}

const opening = (deadline: Deadline): Layer => ({ open: (context, up) => new DeadlineFrame(deadline, context, up) })

class DeadlineFrame extends Sleeper implements Frame, Limit, Up {
  private inner: Frame | undefined
  private answered = false
  /** Whether the deadline has come, and what is beneath is being asked for its last word. */
  private over = false

  constructor(
    private readonly deadline: Deadline,
    readonly context: Context,
    private readonly up: Up
  ) {
    super()
  }

  start(): void {
    const { context } = this
    const { ms, services, inner } = this.deadline
    const now = services.now()
    const deadline = Math.min(context.deadline, now + ms)
    const reserve = Math.max(context.reserve, this.deadline.reserve)
    if (deadline - now <= reserve) {
      this.answer(this.refusal(), true)
      return
    }
    const { call, number, previous } = context
    this.inner = inner.open({ call, number, previous, deadline, reserve, limit: this }, this)
    // a nearer deadline outside will abort this one
    if (deadline < context.deadline) services.waiting.sleep(ms, this)
    this.inner.start()
  }

  abort(cause: Aborted): void {
    if (!this.answered) this.inner?.abort(cause)
  }

  done(exit: Exit, settled: boolean): void {
    const cutOff = exit._tag === 'Aborted' && this.over
    this.answer(cutOff ? this.exceeded() : exit, settled)
  }

  settled(): void {
    this.up.settled()
  }

  wake(): void {
    this.over = true
    this.reached()
    this.inner?.abort({ _tag: 'Aborted', by: 'deadline', reason: this.exceeded().left })
  }

  refusal(): Exit {
    this.reached()
    return this.exceeded()
  }

  private exceeded(): Left<DeadlineExceeded> {
    return { _tag: 'Left', left: { _tag: 'DeadlineExceeded', deadline: this.deadline.ms } }
  }

  private reached(): void {
    const { call } = this.context
    if (call.observed) call.emit({ _tag: 'DeadlineReached', layer: this.deadline.services.layer })
  }

  private answer(exit: Exit, settled: boolean): void {
    if (this.answered) return
    this.answered = true
    this.deadline.services.waiting.cancel(this)
    this.up.done(exit, settled)
  }
}
