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
import type { Attempt, Call, Context, Frame, Layer, Up } from '../Protocol'
import { type Aborted, defect, isDefect } from '../Rejection'
import type { Option } from 'fp-ts/Option'

/**
 * How an operation wants to be called.
 *
 * @internal
 */
export interface Operation {
  readonly f: (attempt: Attempt) => unknown
  /** Whether `f` takes the attempt and gives a task, or is the task itself. */
  readonly aware: boolean
  /** The path that a defect names. */
  readonly at: string
}

/**
 * What an operation's promise may do for the run it belongs to.
 *
 * @internal
 */
export interface Edge {
  /** Whether the operation's promise may be the one that the caller waits for: nothing can answer before it. */
  readonly direct: () => boolean
  readonly adopt: (promise: Promise<unknown>) => void
  /** The answer of the run, or a promise for it. */
  readonly rest: () => unknown
  /** A strategy threw: the run ends with a defect. */
  readonly crash: (cause: unknown) => void
}

/**
 * A layer that calls one operation.
 *
 * @internal
 */
export const operationLayer = (operation: Operation, now: () => Millis): Layer => ({
  open: (context, up) => new OperationFrame(operation, now, context, up)
})

/**
 * One attempt: one call of the operation.
 *
 * @internal
 */
export class OperationFrame implements Frame {
  /** Made when the operation first reads its signal. */
  private controller: AbortController | undefined = undefined
  private cause: Aborted | undefined = undefined
  private ended = false
  /** The attempt's number and start, for those who listen; none where nobody does. */
  private watch: { readonly attempt: number; readonly startedAt: Millis } | undefined = undefined

  constructor(
    private readonly operation: Operation,
    readonly now: () => Millis,
    readonly context: Context,
    private readonly up: Up
  ) {}

  start(): void {
    const { operation, context } = this
    if (context.call.observed) this.announce()
    let result: unknown
    try {
      if (operation.aware) {
        const task = operation.f(new AttemptView(this))
        if (typeof task !== 'function') {
          this.end(defect('Malformed', operation.at, task))
          return
        }
        result = (task as () => unknown)()
      } else {
        result = (operation.f as () => unknown)()
      }
    } catch (cause) {
      this.end(defect('Thrown', operation.at, cause))
      return
    }
    if (result instanceof Promise) this.follow(result)
    else this.unusual(result)
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

  /**
   * Waits for the operation's promise. The first of a run may be the very one that the caller waits for; what it gives is then
   * the run's answer, or another promise for it.
   */
  private follow(result: Promise<unknown>): void {
    const call = this.context.call as Call & Edge
    if (call.direct()) {
      call.adopt(
        result.then(
          (value) => {
            this.resolved(value)
            return call.rest()
          },
          (cause: unknown) => {
            this.rejected(cause)
            return call.rest()
          }
        )
      )
      return
    }
    void result.then(
      (value) => {
        this.resolved(value)
      },
      (cause: unknown) => {
        this.rejected(cause)
      }
    )
  }

  /** Not a promise of the platform's: a thenable, which may do anything, or an `Either` at once. */
  private unusual(result: unknown): void {
    if (isEither(result)) this.resolved(result)
    // the platform's own promise takes care of one that throws, or that calls back twice or at once
    else if (isThenable(result)) this.follow(Promise.resolve(result))
    else this.end(defect('Malformed', this.operation.at, result))
  }

  private rejected(cause: unknown): void {
    this.end(defect('Rejected', this.operation.at, cause))
  }

  private resolved(value: unknown): void {
    if (!isEither(value)) this.end(defect('Malformed', this.operation.at, value))
    // a runner inside the operation met a bug; it stays one
    else if (value._tag === 'Left' && isDefect(value.left)) this.end(value.left)
    else this.end(value)
  }

  private end(exit: Exit): void {
    if (this.ended) return
    this.ended = true
    try {
      if (this.cause === undefined) {
        this.report('AttemptEnded', exit)
        this.up.done(exit, true)
      } else {
        this.report('LateResult', exit)
        this.up.settled()
      }
    } catch (cause) {
      // only a strategy that breaks the protocol's last rule gets here
      ;(this.context.call as Call & Edge).crash(cause)
    }
  }

  private announce(): void {
    const { call } = this.context
    this.watch = { attempt: call.nextAttempt(), startedAt: this.now() }
    call.emit({ _tag: 'AttemptStarted', attempt: this.watch.attempt })
  }

  private report(_tag: 'AttemptEnded' | 'LateResult', outcome: Exit): void {
    if (this.watch === undefined) return
    const { attempt, startedAt } = this.watch
    this.context.call.emit({ _tag, attempt, duration: this.now() - startedAt, outcome })
  }
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
    return deadline === Infinity ? Infinity : Math.max(0, deadline - this.#frame.now())
  }
}
