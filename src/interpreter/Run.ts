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
  /** Says a defect in the caller's own terms. */
  readonly mapDefect: ((defect: Defect) => unknown) | undefined
  readonly answered: (run: Run) => void
  readonly settled: (run: Run) => void
}

const none: Option<never> = { _tag: 'None' }

interface Watch {
  attempts: number
  readonly startedAt: Millis
}

/**
 * One run, which is its own call, its first context and its operation, all in one object: there may be very many of them.
 *
 * @internal
 */
export class Run implements Call, Context, Operation, Up {
  // links of the runner's list of runs in flight
  before: Run | undefined = undefined
  next: Run | undefined = undefined

  private frame: Frame | undefined = undefined
  private over = false
  /** What is counted for those who listen; none where nobody does. */
  private readonly watch: Watch | undefined

  constructor(
    readonly id: number,
    private readonly home: Home,
    readonly f: (attempt: Attempt) => unknown,
    readonly aware: boolean,
    private readonly particulars: Particulars,
    private readonly resolve: (answer: Either<unknown, unknown>) => void
  ) {
    const observed = home.runtime.observe !== undefined || particulars.listener !== undefined
    this.watch = observed ? { attempts: 0, startedAt: home.runtime.clock.now() } : undefined
  }

  // the context of the first attempt, and where the operation stands: the same for every run

  get call(): Call {
    return this
  }

  get number(): number {
    return 1
  }

  get previous(): Option<never> {
    return none
  }

  get deadline(): Millis {
    return Infinity
  }

  get reserve(): Millis {
    return 0
  }

  get at(): string {
    return 'operation'
  }

  get observed(): boolean {
    return this.watch !== undefined
  }

  get key(): string | undefined {
    return this.particulars.key
  }

  get attributes(): Attributes {
    return this.particulars.attributes
  }

  begin(layer: Layer): void {
    const { signal } = this.particulars
    if (this.watch !== undefined) this.emit({ _tag: 'RunStarted', attributes: this.attributes })
    // a listener may have closed the runner
    if (this.over) return
    try {
      if (signal !== undefined) {
        if (signal.aborted) {
          this.done(abortedBy(signal), true)
          return
        }
        listen(signal, this)
      }
      this.frame = layer.open(this, this)
      this.frame.start()
    } catch (cause) {
      // a strategy of the user's threw, which it must not, or the signal is none
      this.frame = undefined
      this.done(defect('Thrown', 'policy', cause), true)
    }
  }

  abort(cause: Aborted): void {
    if (this.over) return
    if (this.frame === undefined) {
      this.done(cause, true)
      return
    }
    try {
      this.frame.abort(cause)
    } catch (thrown) {
      this.done(defect('Thrown', 'policy', thrown), false)
    }
  }

  done(exit: Exit, settled: boolean): void {
    if (this.over) return
    this.over = true
    const { signal } = this.particulars
    if (signal !== undefined) unlisten(signal, this)
    this.home.answered(this)
    if (settled) this.home.settled(this)
    if (this.watch !== undefined) {
      const elapsed = this.home.runtime.clock.now() - this.watch.startedAt
      this.emit({ _tag: 'RunEnded', elapsed, outcome: exit })
    }
    this.resolve(this.answer(exit))
  }

  settled(): void {
    // without a frame it has settled already
    if (this.frame !== undefined) this.home.settled(this)
  }

  nextAttempt(): number {
    return this.watch === undefined ? 0 : ++this.watch.attempts
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
    return { _tag: 'Left', left: mapped(found, this.home.mapDefect) }
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
