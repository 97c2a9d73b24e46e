/**
 * One run: the outer edge of the interpreter, where callbacks become the one promise that the caller waits for.
 *
 * @since 0.1.0
 */
import type { Either } from 'fp-ts/Either'
import type { Option } from 'fp-ts/Option'
import type { Millis } from '../Duration'
import type { Attributes, Event, Occurrence } from '../Event'
import type { Exit } from '../Exit'
import type { Attempt, Call, Context, Frame, Layer, Up } from '../Protocol'
import { type Aborted, type Defect, defect } from '../Rejection'
import type { Runtime } from '../Runtime'
import type { Operation } from './Operation'
import { abortedBy, listen, unlisten } from './SignalHub'

/**
 * What a call brings besides its operation.
 *
 * @internal
 */
export interface Particulars {
  readonly signal: AbortSignal | undefined
  readonly key: string | undefined
  readonly attributes: Attributes
  /** Sees the events of this run alone. */
  readonly listener: ((event: Event) => void) | undefined
}

/**
 * What most calls bring: nothing.
 *
 * @internal
 */
export const nothing: Particulars = { signal: undefined, key: undefined, attributes: {}, listener: undefined }

/**
 * What a run tells its runner.
 *
 * @internal
 */
export interface Home {
  readonly runtime: Runtime
  readonly answered: (run: Run) => void
  readonly settled: (run: Run) => void
}

const none: Option<never> = { _tag: 'None' }

/**
 * One run, which is its own call, its first context and its operation, all in one object: there may be very many of them.
 *
 * @internal
 */
export class Run implements Call, Context, Operation, Up {
  // the context of the first attempt
  readonly number = 1
  readonly previous = none
  readonly deadline = Infinity
  readonly reserve = 0
  // the operation
  readonly at = 'operation'
  // links of the runner's list of runs in flight
  before: Run | undefined = undefined
  next: Run | undefined = undefined

  private frame: Frame | undefined = undefined
  private answeredAlready = false
  private attempts = 0
  private startedAt: Millis = 0
  readonly observed: boolean

  constructor(
    readonly id: number,
    private readonly home: Home,
    readonly f: (attempt: Attempt) => unknown,
    readonly aware: boolean,
    private readonly particulars: Particulars,
    private readonly resolve: (answer: Either<unknown, unknown>) => void,
    private readonly mapDefect: ((defect: Defect) => unknown) | undefined
  ) {
    this.observed = home.runtime.observe !== undefined || particulars.listener !== undefined
  }

  get call(): Call {
    return this
  }

  get key(): string | undefined {
    return this.particulars.key
  }

  get attributes(): Attributes {
    return this.particulars.attributes
  }

  begin(layer: Layer): void {
    const { signal } = this.particulars
    if (this.observed) {
      this.startedAt = this.home.runtime.clock.now()
      this.emit({ _tag: 'RunStarted', attributes: this.attributes })
    }
    if (signal !== undefined) {
      if (signal.aborted) {
        this.done(abortedBy(signal), true)
        return
      }
      listen(signal, this)
    }
    this.frame = layer.open(this, this)
    this.frame.start()
  }

  abort(cause: Aborted): void {
    if (!this.answeredAlready) this.frame?.abort(cause)
  }

  done(exit: Exit, settled: boolean): void {
    if (this.answeredAlready) return
    this.answeredAlready = true
    const { signal } = this.particulars
    if (signal !== undefined) unlisten(signal, this)
    this.home.answered(this)
    if (settled) this.home.settled(this)
    if (this.observed) {
      const elapsed = this.home.runtime.clock.now() - this.startedAt
      this.emit({ _tag: 'RunEnded', elapsed, outcome: exit })
    }
    this.resolve(this.answer(exit))
  }

  settled(): void {
    this.home.settled(this)
  }

  nextAttempt(): number {
    return ++this.attempts
  }

  emit(occurrence: Occurrence): void {
    const { observe, clock } = this.home.runtime
    const { listener } = this.particulars
    const event: Event = { ...occurrence, run: this.id, at: clock.now() }
    listener?.(event)
    try {
      observe?.(event)
    } catch {
      // a listener cannot change an outcome
    }
  }

  private answer(exit: Exit): Either<unknown, unknown> {
    switch (exit._tag) {
      case 'Left':
      case 'Right':
        return exit
      case 'Defect':
        return this.broken(exit)
      case 'Aborted':
        return exit.by === 'close' ? this.broken(defect('Closed', 'runner', exit.reason)) : { _tag: 'Left', left: exit }
    }
  }

  private broken(found: Defect): Either<unknown, unknown> {
    return { _tag: 'Left', left: mapped(found, this.mapDefect) }
  }
}

/**
 * A defect in the caller's own terms. If the function that says so throws, the defect itself is the answer: nothing throws.
 *
 * @internal
 */
export const mapped = (found: Defect, f: ((defect: Defect) => unknown) | undefined): unknown => {
  if (f === undefined) return found
  try {
    return f(found)
  } catch {
    return found
  }
}
