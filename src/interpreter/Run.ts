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
import type { Attempt, Call, Context, Frame, Layer, Sleeper, Up } from '../Protocol'
import { type Aborted, type Defect, defect } from '../Rejection'
import type { Runtime } from '../Runtime'
import type { Edge, Operation } from './Operation'
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
  /** Whether no layer of the policy answers before what is beneath it has. */
  readonly patient: boolean
  /** Says a defect in the caller's own terms. */
  readonly mapDefect: ((defect: Defect) => unknown) | undefined
  readonly answered: (run: Run) => void
  readonly settled: (run: Run) => void
}

const none: Option<never> = { _tag: 'None' }
const nobody: ReadonlyArray<Sleeper> = []

interface Watch {
  attempts: number
  readonly startedAt: Millis
}

type Answer = Either<unknown, unknown>

/** Hands out the function that resolves a new promise, without a closure for each. */
let handed: (value: never) => void
const handOut = (resolve: (value: never) => void): void => {
  handed = resolve
}

/**
 * One run, which is its own call, its first context and its operation, all in one object: there may be very many of them.
 *
 * The caller waits for one promise. Which one that is, is a matter of what it costs:
 *
 * - if nothing can answer before the operation has (no timeout, no signal), the promise that follows the operation's own;
 * - else a promise that is kept with the run, and that is also its *carrier*: what follows it runs in the async context of the
 *   caller, so whoever sleeps for this run is woken there. A carrier serves once; when it has, the caller waits for a plain
 *   promise, and there is a new carrier.
 */
export class Run implements Call, Context, Operation, Edge, Up {
  // links of the runner's list of runs in flight
  before: Run | undefined = undefined
  next: Run | undefined = undefined

  private frame: Frame | undefined = undefined
  private answer: Answer | undefined = undefined
  private ended = false
  /** What the caller waits for, once the operation's own promise has been taken for it. */
  private adopted: Promise<unknown> | undefined = undefined
  /** Resolves the plain promise that the caller waits for. */
  private resolve: ((answer: Answer) => void) | undefined = undefined
  /** Resolves the carrier. */
  private carrier: ((run: Run) => void) | undefined = undefined
  /** Those who were roused and are to be woken through the carrier. */
  private roused: ReadonlyArray<Sleeper> = nobody
  /** What is counted for those who listen; none where nobody does. */
  private readonly watch: Watch | undefined

  constructor(
    readonly id: number,
    private readonly home: Home,
    readonly f: (attempt: Attempt) => unknown,
    readonly aware: boolean,
    private readonly particulars: Particulars
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

  /** Begins, and gives the promise that the caller waits for; it never rejects. */
  begin(layer: Layer): Promise<Answer> {
    const { signal } = this.particulars
    if (this.watch !== undefined) this.emit({ _tag: 'RunStarted', attributes: this.attributes })
    if (signal?.aborted === true) {
      this.done(abortedBy(signal), true)
    } else {
      if (signal !== undefined) listen(signal, this)
      try {
        this.frame = layer.open(this, this)
        this.frame.start()
      } catch (cause) {
        this.crash(cause)
      }
    }
    return (this.adopted as Promise<Answer> | undefined) ?? Promise.resolve(this.rest())
  }

  abort(cause: Aborted): void {
    if (this.answer !== undefined) return
    try {
      this.frame?.abort(cause)
    } catch (thrown) {
      this.crash(thrown)
    }
  }

  done(exit: Exit, settled: boolean): void {
    if (this.answer !== undefined) return
    this.answer = this.answerOf(exit)
    const { signal } = this.particulars
    if (signal !== undefined) unlisten(signal, this)
    this.home.answered(this)
    if (settled) this.settled()
    if (this.watch !== undefined) {
      const elapsed = this.home.runtime.clock.now() - this.watch.startedAt
      this.emit({ _tag: 'RunEnded', elapsed, outcome: exit })
    }
    if (this.resolve !== undefined) this.resolve(this.answer)
    else this.carry()
  }

  settled(): void {
    if (this.ended) return
    this.ended = true
    this.home.settled(this)
  }

  direct(): boolean {
    return (
      this.home.patient &&
      this.adopted === undefined &&
      this.carrier === undefined &&
      this.resolve === undefined &&
      !this.aware &&
      this.particulars === nothing
    )
  }

  adopt(promise: Promise<unknown>): void {
    this.adopted = promise
  }

  rest(): Answer | Promise<Answer> {
    if (this.answer !== undefined) return this.answer
    const promise = new Promise<Run>(handOut).then(proceed)
    this.carrier = handed as (run: Run) => void
    return promise
  }

  crash(cause: unknown): void {
    this.done(defect('Thrown', 'strategy', cause), true)
  }

  wake(sleeper: Sleeper): void {
    if (this.answer !== undefined) {
      // nobody waits any more, and there is no context to restore
      this.wakeOne(sleeper)
      return
    }
    this.roused = [...this.roused, sleeper]
    this.carry()
  }

  /** The carrier has been used: wakes whom it was used for. Gives the answer, or a plain promise for it. */
  proceed(): Answer | Promise<Answer> {
    this.wakeRoused()
    if (this.answer !== undefined) return this.answer
    this.newCarrier()
    const promise = new Promise<Answer>(handOut)
    this.resolve = handed as (answer: Answer) => void
    return promise
  }

  /** The same for a later carrier, which nobody waits for. */
  proceedLater(): void {
    this.wakeRoused()
    if (this.answer === undefined) this.newCarrier()
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

  private carry(): void {
    const { carrier } = this
    this.carrier = undefined
    carrier?.(this)
  }

  private newCarrier(): void {
    void new Promise<Run>(handOut).then(proceedLater)
    this.carrier = handed as (run: Run) => void
  }

  private wakeRoused(): void {
    const { roused } = this
    this.roused = nobody
    for (const sleeper of roused) this.wakeOne(sleeper)
  }

  private wakeOne(sleeper: Sleeper): void {
    try {
      sleeper.wakeIfRoused()
    } catch (cause) {
      this.crash(cause)
    }
  }

  private answerOf(exit: Exit): Answer {
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

  private broken(found: Defect): Answer {
    return { _tag: 'Left', left: mapped(found, this.home.mapDefect) }
  }
}

const proceed = (run: Run): Answer | Promise<Answer> => run.proceed()
const proceedLater = (run: Run): void => {
  run.proceedLater()
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
