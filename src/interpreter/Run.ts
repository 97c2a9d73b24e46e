/**
 * One run: the outer edge of the interpreter, where callbacks become the one promise that the caller waits for.
 *
 * @since 0.1.0
 */
import type { Either, Left } from 'fp-ts/Either'
import type { Option } from 'fp-ts/Option'
import { crashed } from '../Crash'
import type { Millis } from '../Duration'
import type { Attributes, Event, Occurrence } from '../Event'
import type { Exit } from '../Exit'
import { notify } from '../Observer'
import type { Call, Context, Frame, Lane, Layer, Sleeper, Up } from '../Protocol'
import { type Aborted, type Defect, defect } from '../Rejection'
import type { Runtime } from '../Runtime'
import type { Carrier, Follower } from './Carrier'
import { thrown, type Traveller, Way } from './Lanes'
import type { Bringing, Operation } from './Operation'
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
  /** Whether anybody listens, or may call it off: most have nobody. */
  readonly attended: boolean
}

/**
 * What a run tells its runner.
 *
 * @internal
 */
export interface Home {
  readonly runtime: Runtime
  /** The whole policy. */
  readonly whole: Layer
  /** How many of its runs somebody has listened to. */
  ids: number
  /** How many attempts have begun without a wait since a call last found none on its way. */
  hurried: number
  readonly answered: (run: Run) => void
  readonly settled: () => void
}

/**
 * Why a call ends when its runner is closed.
 *
 * @internal
 */
export const closing: Aborted = { ...crashed }

/** After this many attempts without a wait, whichever calls and recurrences make them, the event loop gets a turn. */
const turnEvery = 256

const none: Option<never> = { _tag: 'None' }

/** The frame of a run that has ended: a way that nobody goes, where there is nothing to call off. */
const over: Frame = /*#__PURE__*/ new Way()

interface Watch {
  readonly id: number
  readonly startedAt: Millis
  attempts: number
}

/**
 * What a caller is given.
 *
 * @internal
 */
export type Answer = Either<unknown, unknown>

/**
 * One run, which is its own call and its first context, all in one object: there may be very many of them.
 *
 * @internal
 */
export class Run implements Follower, Context, Bringing, Traveller, Up {
  /** Its place among the runner's runs in flight. */
  place = 0

  /** What runs, from the start until it has ended. */
  private frame: Frame | undefined = undefined
  private answer: Answer | undefined = undefined
  /** How it has gone by lanes, as long as that is of use. */
  way: Way | undefined = undefined
  /** By what the caller is reached: this resolves the promise that it waits for, or is who it waits for to wake. */
  private reach: ((answer: Answer) => void) | Sleeper | undefined = undefined
  /** What is known of those who listen; nothing where nobody does. */
  private watch: Watch | undefined = undefined

  constructor(readonly job: Job) {}

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
  begin(layer: Layer, way?: Way): Promise<Answer> {
    try {
      if (!this.job.attended || this.isReady()) this.start(layer, way)
    } catch (cause) {
      this.crash(cause)
    }
    if (this.answer !== undefined) return Promise.resolve(this.answer)
    return new Promise<Answer>((resolve) => {
      this.reach = resolve
    })
  }

  /** Tells those who listen, and listens to the caller's signal; says whether there is still something to begin. */
  private isReady(): boolean {
    const { home, listener, signal } = this.job
    if (listener ?? home.runtime.observe) {
      this.watch = { id: ++home.ids, startedAt: home.runtime.clock.now(), attempts: 0 }
      this.emit({ _tag: 'RunStarted', attributes: this.attributes })
    }
    if (signal?.aborted === true) this.done(abortedBy(signal), true)
    // a listener may have closed the runner
    if (this.answer !== undefined) this.end()
    else if (signal) listen(signal, this)
    return this.answer === undefined
  }

  /** Begins with what is left to do once a first attempt has been made: the answer, or what will be. */
  beginLate(way: Way | undefined, failure?: Left<unknown>): Answer | Promise<Answer> {
    try {
      this.start(this.job.home.whole, way, failure)
    } catch (cause) {
      this.crash(cause)
    }
    const { reach } = this
    const turn = ((reach as Sleeper | undefined)?.carrier as Carrier | undefined)?.follow(reach as Sleeper)
    return (turn ?? this.later()) as Answer | Promise<Answer>
  }

  later(): Answer | Promise<Answer> {
    return this.answer ?? (this as unknown as Promise<Answer>)
  }

  /** All that a promise asks of what it is to follow: so a caller is answered sooner than by another promise, and in less room. */
  then(resolve: (answer: Answer) => void): void {
    if (this.answer === undefined) this.reach = resolve
    else resolve(this.answer)
  }

  sleeps(sleeper: Sleeper): void {
    this.reach ??= sleeper
  }

  hurries(): boolean {
    return ++this.job.home.hurried % turnEvery === 0
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
    const left = this.way?.arrive(exit, settled) ?? exit
    if (left instanceof Way) this.start(this.job.home.whole, left)
    else this.give(left, settled)
  }

  settled(): void {
    // what runs beneath the lanes settles before the frames that wait for it do
    if (this.way?.hangs === true) this.way.settled()
    else this.end()
  }

  crash(cause: unknown): void {
    const { frame } = this
    try {
      this.done(thrown(cause), true)
      // nobody hears the answer any more, but what is held beneath is to be given back
      frame?.abort(crashed)
    } catch {
      // it has been told
    }
  }

  redeem(lane: Lane): number | undefined {
    return this.way?.redeem(lane)
  }

  nextAttempt(): number {
    return this.watch ? ++this.watch.attempts : 0
  }

  emit(occurrence: Occurrence): void {
    const { home, listener } = this.job
    const { observe, clock } = home.runtime
    const event: Event = { ...occurrence, run: this.id, at: clock.now() }
    listener?.(event)
    if (observe) notify(observe, event)
  }

  private start(layer: Layer, way: Way | undefined, failure?: Left<unknown>): void {
    this.way = way
    const frame = layer.open(this, this, failure)
    this.frame = frame
    frame.start()
    if (way?.isOver === true) this.way = undefined
  }

  /** Gives the caller its answer. */
  private give(exit: Exit, settled: boolean): void {
    const answer = answerOf(exit, this.job)
    this.answer = answer
    const { reach } = this
    const { home, signal } = this.job
    // first of all, and the signal last: nothing that a clock or a signal may throw is to keep anybody waiting. Who was called off
    // has left already
    if (typeof reach !== 'function') (reach?.carrier as Carrier | undefined)?.leave(reach as Sleeper)
    else reach(answer)
    home.answered(this)
    if (settled) this.end()
    if (this.watch) {
      const elapsed = home.runtime.clock.now() - this.watch.startedAt
      this.emit({ _tag: 'RunEnded', elapsed, outcome: exit })
    }
    if (signal) unlisten(signal, this)
  }

  /** All that it started has ended. */
  private end(): void {
    if (this.frame === over) return
    this.frame = over
    this.job.home.settled()
  }
}

/**
 * What a caller is told of an exit.
 *
 * @internal
 */
export const answerOf = (exit: Exit, { mapDefect }: Job): Answer => {
  if (exit._tag === 'Left' || exit._tag === 'Right') return exit
  const isClosed = exit._tag === 'Aborted' && exit.by === 'close'
  const found = isClosed ? defect('Closed', 'runner', exit.reason) : exit
  return { _tag: 'Left', left: found._tag === 'Defect' ? mapped(found, mapDefect) : found }
}

/**
 * A defect in the caller's own terms. If the function that says so throws, the defect itself is the answer: nothing throws.
 *
 * @internal
 */
export const mapped = (found: Defect, f: ((defect: Defect) => unknown) | undefined): unknown => {
  if (!f) return found
  try {
    return f(found)
  } catch {
    return found
  }
}
