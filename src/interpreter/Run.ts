/**
 * One run: the outer edge of the interpreter, where callbacks become the one promise that the caller waits for.
 *
 * @since 0.1.0
 */
import type { Either } from 'fp-ts/Either'
import type { Option } from 'fp-ts/Option'
import { isThenable } from '../Callback'
import type { Millis } from '../Duration'
import type { Attributes, Event, Occurrence } from '../Event'
import type { Exit } from '../Exit'
import { notify } from '../Observer'
import type { Call, Context, Frame, Layer, Up } from '../Protocol'
import { type Aborted, type Defect, defect } from '../Rejection'
import type { Runtime } from '../Runtime'
import { type Bringing, exitOf, type Operation, operationAt } from './Operation'
import { abortedBy, listen, unlisten } from './SignalHub'

/**
 * What a caller wants run, and how: made once for each task, however often that is run.
 *
 * @internal
 */
export interface Job extends Operation {
  readonly home: Home
  /** Says a defect in the caller's own terms. */
  readonly mapDefect: ((defect: Defect) => unknown) | undefined
  readonly signal: AbortSignal | undefined
  readonly key: string | undefined
  readonly attributes: Attributes
  /** Sees the events of its runs alone. */
  readonly listener: ((event: Event) => void) | undefined
}

/**
 * What a run tells its runner.
 *
 * @internal
 */
export interface Home {
  readonly runtime: Runtime
  readonly nextId: () => number
  readonly answered: (run: Run) => void
  readonly settled: () => void
}

const crashed: Aborted = { _tag: 'Aborted', by: 'close', reason: undefined }
const none: Option<never> = { _tag: 'None' }

interface Watch {
  readonly id: number
  readonly startedAt: Millis
  attempts: number
}

type Answer = Either<unknown, unknown>

/** Hands out the function that resolves a new promise, without a closure for each. */
let handed: (answer: Answer) => void
const handOut = (resolve: (answer: Answer) => void): void => {
  handed = resolve
}

/**
 * One run, which is its own call and its first context, all in one object: there may be very many of them.
 *
 * @internal
 */
export class Run implements Call, Context, Bringing, Up {
  // links of the runner's list of runs in flight
  before: Run | undefined = undefined
  next: Run | undefined = undefined

  private frame: Frame | undefined = undefined
  private answer: Answer | undefined = undefined
  private ended = false
  /** How the first attempt of a plain run failed, until the layers have been told. */
  private first: Exit | undefined = undefined
  /** Resolves the promise that the caller waits for, where that is not the operation's own. */
  private resolve: ((answer: Answer) => void) | undefined = undefined
  /** What is known of those who listen; nothing where nobody does. */
  private readonly watch: Watch | undefined

  constructor(readonly job: Job) {
    const { home } = job
    this.watch =
      home.runtime.observe === undefined && job.listener === undefined
        ? undefined
        : { id: home.nextId(), startedAt: home.runtime.clock.now(), attempts: 0 }
  }

  // the context of the first attempt is the same for every run

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

  get id(): number {
    return this.watch?.id ?? 0
  }

  get observed(): boolean {
    return this.watch !== undefined
  }

  get key(): string | undefined {
    return this.job.key
  }

  get attributes(): Attributes {
    return this.job.attributes
  }

  /** Begins, and gives the promise that the caller waits for; it never rejects. */
  begin(layer: Layer): Promise<Answer> {
    const { signal } = this.job
    try {
      if (this.watch !== undefined) this.emit({ _tag: 'RunStarted', attributes: this.attributes })
      if (signal?.aborted === true) this.done(abortedBy(signal), true)
      // a listener may have closed the runner
      if (this.answer !== undefined) {
        this.settled()
      } else {
        if (signal !== undefined) listen(signal, this)
        this.frame = layer.open(this, this)
        this.frame.start()
      }
    } catch (cause) {
      this.crash(cause)
    }
    if (this.answer !== undefined) return Promise.resolve(this.answer)
    const promise = new Promise<Answer>(handOut)
    this.resolve = handed
    return promise
  }

  /**
   * Begins where no layer has anything to do unless the first attempt fails: the operation is called at once, and what the
   * caller waits for is what follows the operation's own promise. If the attempt does fail, the layers are started after all,
   * and meet its failure as if they had made the attempt.
   */
  beginPlainly(layer: Layer): Promise<Answer> {
    let exit: Exit
    try {
      const result = (this.job.f as () => unknown)()
      if (isThenable(result)) {
        const promise = result instanceof Promise ? (result as Promise<unknown>) : Promise.resolve(result)
        return promise.then(
          (value) => this.after(exitOf(value, operationAt), layer),
          (cause: unknown) => this.after(defect('Rejected', operationAt, cause), layer)
        )
      }
      exit = exitOf(result, operationAt)
    } catch (cause) {
      exit = defect('Thrown', operationAt, cause)
    }
    return Promise.resolve(this.after(exit, layer))
  }

  abort(cause: Aborted): void {
    if (this.answer !== undefined) return
    try {
      if (this.frame === undefined) this.done(cause, false)
      else this.frame.abort(cause)
    } catch (thrown) {
      this.crash(thrown)
    }
  }

  done(exit: Exit, settled: boolean): void {
    if (this.answer !== undefined) return
    const answer = this.answerOf(exit)
    this.answer = answer
    const { home, signal } = this.job
    if (signal !== undefined) unlisten(signal, this)
    home.answered(this)
    if (settled) this.settled()
    if (this.watch !== undefined) {
      const elapsed = home.runtime.clock.now() - this.watch.startedAt
      this.emit({ _tag: 'RunEnded', elapsed, outcome: exit })
    }
    this.resolve?.(answer)
  }

  settled(): void {
    if (this.ended) return
    this.ended = true
    this.job.home.settled()
  }

  crash(cause: unknown): void {
    this.done(defect('Thrown', 'strategy', cause), true)
    try {
      // nobody hears the answer any more, but what is held beneath is to be given back
      this.frame?.abort(crashed)
    } catch {
      // it has been told
    }
  }

  takeFirst(): Exit | undefined {
    const { first } = this
    this.first = undefined
    return first
  }

  nextAttempt(): number {
    return this.watch === undefined ? 0 : ++this.watch.attempts
  }

  emit(occurrence: Occurrence): void {
    const { home, listener } = this.job
    const { observe, clock } = home.runtime
    const event: Event = { ...occurrence, run: this.id, at: clock.now() }
    listener?.(event)
    if (observe !== undefined) notify(observe, event)
  }

  /** After the first attempt of a plain run: its answer, or the promise of it. */
  private after(exit: Exit, layer: Layer): Answer | Promise<Answer> {
    if (this.answer !== undefined) {
      // the runner was closed meanwhile
      this.settled()
      return this.answer
    }
    if (exit._tag !== 'Left') {
      this.done(exit, true)
      return this.answer as unknown as Answer
    }
    // the layers' first call of the operation is answered with what has been
    this.first = exit
    return this.begin(layer)
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
    return { _tag: 'Left', left: mapped(found, this.job.mapDefect) }
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
