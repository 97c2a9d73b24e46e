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
import { isEither, promiseOf } from '../Callback'
import type { Millis } from '../Duration'
import type { Exit } from '../Exit'
import type { Attempt, Context, Frame, Layer, Up } from '../Protocol'
import { type Aborted, type Defect, defect, isDefect } from '../Rejection'
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
    const { call } = context
    const operation = this.operation ?? (call as unknown as Bringing).job
    return call.observed || operation.aware
      ? new AttemptFrame(this, operation, context, up)
      : new OperationFrame(this, operation, context, up)
  }
}

/**
 * A call that brings an operation.
 *
 * @internal
 */
export interface Bringing {
  readonly job: Operation
}

/** Where a call of an operation stands. */
const enum Phase {
  Running,
  CalledOff,
  Ended
}

/** One call of an operation that is told nothing, and that nobody watches. */
class OperationFrame implements Frame {
  private phase: Phase = Phase.Running

  constructor(
    readonly layer: OperationLayer,
    private readonly operation: Operation,
    readonly context: Context,
    private readonly up: Up
  ) {}

  start(): void {
    const { layer, context, up } = this
    const { limit } = context
    // whatever took its time before it (a hook, a store), or a busy event loop; an operation of a strategy's own is no attempt
    if (limit && !layer.operation && layer.now() + context.reserve >= context.deadline) {
      this.phase = Phase.Ended
      up.done(limit.refusal(), true)
    } else {
      this.begin()
    }
  }

  protected begin(): void {
    try {
      const { f, aware } = this.operation
      const task: unknown = aware ? f(this.view?.() as Attempt) : f
      if (typeof task !== 'function') {
        this.broke('Malformed', task)
        return
      }
      const result = (task as () => unknown)()
      const promise = promiseOf(result)
      if (promise === undefined) this.came(result)
      else void promise.then(this.came.bind(this), this.broke.bind(this, 'Rejected'))
    } catch (cause) {
      this.broke('Thrown', cause)
    }
  }

  abort(cause: Aborted): void {
    if (this.phase !== Phase.Running) return
    this.phase = Phase.CalledOff
    this.cancel?.(cause)
    this.up.done(cause, false)
  }

  private came(value: unknown): void {
    const { layer } = this
    this.end(exitOf(value, layer.at, layer.during))
  }

  private broke(kind: Defect['kind'], cause: unknown): void {
    const { layer } = this
    this.end(defect(kind, layer.at, cause, layer.during))
  }

  /** What an operation is told that is aware of its attempt; only the frame of such a one has it. */
  protected view?(): Attempt

  /** It has been called off. */
  protected cancel?(cause: Aborted): void

  /** It has ended: on time, or after it was called off. */
  protected tell?(exit: Exit, onTime: boolean): void

  protected end(exit: Exit): void {
    const { phase, up } = this
    this.phase = Phase.Ended
    if (phase === Phase.Ended) return
    try {
      const onTime = phase === Phase.Running
      this.tell?.(exit, onTime)
      if (onTime) up.done(exit, true)
      else up.settled()
    } catch (cause) {
      // only a strategy that breaks the protocol's last rule gets here
      this.context.call.crash(cause)
    }
  }
}

/** One call of an operation that knows its attempt, or that somebody watches. */
class AttemptFrame extends OperationFrame {
  /** Made when the operation first reads its signal. */
  private controller: AbortController | undefined
  private cause: Aborted | undefined
  /** The attempt's number and start, for those who listen; none where nobody does. */
  private watch: Watch | undefined

  protected override view(): Attempt {
    return new AttemptView(this)
  }

  protected override begin(): void {
    // an operation of a strategy's own (a fallback's, a validator) is no attempt of the run's
    if (this.layer.operation === undefined && this.context.call.observed) this.announce()
    // a listener has called it off before it was called
    if (this.cause) this.end(this.cause)
    else super.begin()
  }

  /** The signal of this attempt; asked for late, it is already aborted, or never will be. */
  signal(): AbortSignal {
    if (this.controller === undefined) {
      this.controller = new AbortController()
      if (this.cause) this.controller.abort(this.cause)
    }
    return this.controller.signal
  }

  protected override cancel(cause: Aborted): void {
    this.cause = cause
    this.report('AttemptEnded', cause)
    this.controller?.abort(cause)
  }

  protected override tell(exit: Exit, onTime: boolean): void {
    if (onTime) this.report('AttemptEnded', exit)
    else if (exit !== this.cause) this.report('LateResult', exit)
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
  readonly #frame: AttemptFrame
  readonly number: number
  readonly previous: Option<unknown>

  constructor(frame: AttemptFrame) {
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
