/**
 * The innermost layer: calls an operation, and makes of whatever it does one answer and one settlement.
 *
 * | the operation | the answer |
 * |---|---|
 * | gives an `Either` | that very `Either` |
 * | throws, or rejects, with anything at all | a `Defect` |
 * | gives something else | a `Defect` |
 * | never settles | none; whoever waits for it may abort |
 * | settles after it was aborted | none any more; an event says so |
 * | settles twice | the first |
 *
 * @since 0.1.0
 */
import { isEither, isThenable } from '../Callback'
import type { Millis } from '../Duration'
import type { Exit } from '../Exit'
import type { Attempt, Context, Frame, Layer, Up } from '../Protocol'
import { type Aborted, defect, isDefect } from '../Rejection'
import type { Option } from 'fp-ts/Option'

/**
 * An operation, and how it wants to be called.
 *
 * @internal
 */
export interface Operation {
  readonly f: (attempt: Attempt) => unknown
  /** Whether `f` takes the attempt and gives a task, or is the task itself. */
  readonly aware: boolean
}

/**
 * Where a defect of the run's own operation arose.
 *
 * @internal
 */
export const operationAt = 'operation'

/**
 * How a call of an operation ended, given the value of its promise, which should be an `Either`.
 *
 * @internal
 */
export const exitOf = (value: unknown, at: string, during?: unknown): Exit => {
  try {
    if (!isEither(value)) return defect('Malformed', at, value, during)
    // a runner inside the operation met a bug; it stays one
    if (value._tag === 'Left' && isDefect(value.left)) return value.left
    return value
  } catch (cause) {
    // even to look at it throws
    return defect('Thrown', at, cause, during)
  }
}

/**
 * A layer that calls one operation.
 *
 * @internal
 */
export class OperationLayer implements Layer {
  constructor(
    /** The operation; where there is none, the one that the run brings. */
    readonly operation: Operation | undefined,
    /** The path that a defect names. */
    readonly at: string,
    readonly now: () => Millis,
    /** The failure or value that an operation of a strategy's own deals with. */
    readonly during?: unknown
  ) {}

  open(context: Context, up: Up): Frame {
    const made = this.operation === undefined ? (context.call as unknown as Bringing).takeFirst() : undefined
    return made === undefined ? new OperationFrame(this, context, up) : new MadeFrame(made, up)
  }
}

/**
 * A call that brings an operation, and may have made the first attempt already.
 *
 * @internal
 */
export interface Bringing {
  readonly job: Operation
  readonly takeFirst: () => Exit | undefined
}

/** An attempt that has been made. */
class MadeFrame implements Frame {
  constructor(
    private readonly exit: Exit,
    private readonly up: Up
  ) {}

  start(): void {
    this.up.done(this.exit, true)
  }

  // there is nothing left to abort
  abort(): void {}
}

/** One attempt: one call of the operation. */
class OperationFrame implements Frame {
  /** Made when the operation first reads its signal. */
  private controller: AbortController | undefined = undefined
  private cause: Aborted | undefined = undefined
  private ended = false
  /** The attempt's number and start, for those who listen; none where nobody does. */
  private watch: Watch | undefined = undefined

  constructor(
    readonly layer: OperationLayer,
    readonly context: Context,
    private readonly up: Up
  ) {}

  start(): void {
    const { layer, context } = this
    const { operation } = layer
    // an operation of a strategy's own (a fallback's, a validator) is no attempt of the run's
    if (operation === undefined && context.call.observed) this.announce()
    if (this.cause !== undefined) {
      // a listener has called it off before it was called
      this.end(this.cause)
      return
    }
    const { f, aware } = operation ?? (context.call as unknown as Bringing).job
    try {
      const task = aware ? f(new AttemptView(this)) : (f as () => unknown)
      if (typeof task !== 'function') {
        this.end(defect('Malformed', layer.at, task, layer.during))
        return
      }
      const result = (task as () => unknown)()
      if (result instanceof Promise) this.follow(result)
      // the platform's own promise takes care of a thenable that throws, or that calls back twice or at once
      else if (isThenable(result)) this.follow(Promise.resolve(result))
      else this.end(exitOf(result, layer.at, layer.during))
    } catch (cause) {
      this.end(defect('Thrown', layer.at, cause, layer.during))
    }
  }

  abort(cause: Aborted): void {
    if (this.ended || this.cause !== undefined) return
    this.cause = cause
    this.report('AttemptEnded', cause)
    this.controller?.abort(cause)
    this.up.done(cause, false)
  }

  /** The signal of this attempt; asked for late, it is already aborted, or never will be. */
  signal(): AbortSignal {
    if (this.controller === undefined) {
      this.controller = new AbortController()
      if (this.cause !== undefined) this.controller.abort(this.cause)
    }
    return this.controller.signal
  }

  private follow(result: Promise<unknown>): void {
    void result.then(
      (value) => {
        const { at, during } = this.layer
        this.end(exitOf(value, at, during))
      },
      (cause: unknown) => {
        const { at, during } = this.layer
        this.end(defect('Rejected', at, cause, during))
      }
    )
  }

  private end(exit: Exit): void {
    if (this.ended) return
    this.ended = true
    try {
      if (this.cause === undefined) {
        this.report('AttemptEnded', exit)
        this.up.done(exit, true)
      } else {
        if (exit !== this.cause) this.report('LateResult', exit)
        this.up.settled()
      }
    } catch (cause) {
      // only a strategy that breaks the protocol's last rule gets here
      this.context.call.crash(cause)
    }
  }

  private announce(): void {
    const { call } = this.context
    this.watch = { attempt: call.nextAttempt(), startedAt: this.layer.now() }
    call.emit({ _tag: 'AttemptStarted', attempt: this.watch.attempt })
  }

  private report(_tag: 'AttemptEnded' | 'LateResult', outcome: Exit): void {
    if (this.watch === undefined) return
    const { attempt, startedAt } = this.watch
    this.context.call.emit({ _tag, attempt, duration: this.layer.now() - startedAt, outcome })
  }
}

interface Watch {
  readonly attempt: number
  readonly startedAt: Millis
}

/** What the operation sees of its attempt. */
class AttemptView implements Attempt {
  readonly #frame: OperationFrame
  readonly number: number
  readonly previous: Option<unknown>

  constructor(frame: OperationFrame) {
    this.#frame = frame
    this.number = frame.context.number
    this.previous = frame.context.previous
  }

  get signal(): AbortSignal {
    return this.#frame.signal()
  }

  get deadline(): Millis {
    const { deadline } = this.#frame.context
    return deadline === Infinity ? Infinity : Math.max(0, deadline - this.#frame.layer.now())
  }
}
