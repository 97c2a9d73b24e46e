/**
 * One thing after another: the passage of a call through a layer that may have a second operation follow what is inside it (a
 * fallback's, a validator), and is answered by the last of them.
 *
 * @since 0.1.0
 */
import type { Exit } from './Exit'
import type { Context, Frame, Layer, Up } from './Protocol'
import type { Aborted } from './Rejection'

/**
 * A frame whose answer is that of the last of its successors. It has settled once all of them have.
 *
 * @internal
 */
export abstract class SuccessionFrame implements Frame, Up {
  private current: Frame
  private unsettled = 1
  private answered = false
  /** Whether the second operation answers now. */
  protected succeeded = false
  /** Why it was called off: perhaps while an answer from beneath was on its way up. */
  protected cause: Aborted | undefined = undefined

  constructor(
    inner: Layer,
    protected readonly context: Context,
    private readonly up: Up
  ) {
    this.current = inner.open(context, this)
  }

  start(): void {
    this.current.start()
  }

  abort(cause: Aborted): void {
    if (this.answered) return
    this.cause = cause
    this.current.abort(cause)
  }

  done(exit: Exit, settled: boolean): void {
    if (settled) this.unsettled--
    this.ended(exit)
  }

  settled(): void {
    this.unsettled--
    if (this.answered && this.unsettled === 0) this.up.settled()
  }

  /** What is inside, or its successor, has ended: answers, or has the second operation succeed it. */
  protected abstract ended(exit: Exit): void

  protected succeedBy(layer: Layer): void {
    this.succeeded = true
    this.unsettled++
    this.current = layer.open(this.context, this)
    this.current.start()
  }

  protected answer(exit: Exit): void {
    this.answered = true
    this.up.done(exit, this.unsettled === 0)
  }
}
