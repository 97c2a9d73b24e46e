/**
 * How whatever goes by a schedule is run: from attempt to decision to wait, and on. What an attempt's answer means, and what
 * there is to say at the end, is for each strategy to say.
 *
 * @since 0.1.0
 */
import type { Either } from 'fp-ts/Either'
import type { Option } from 'fp-ts/Option'
import { type Answer, askTask } from '../Callback'
import type { Millis } from '../Duration'
import type { Exit } from '../Exit'
import type { Limit } from '../Limit'
import {
  type Call,
  type Context,
  type Frame,
  type Layer,
  type Services,
  Sleeper,
  type Up,
  type Waiting
} from '../Protocol'
import { numbered } from '../Random'
import { tagOf } from '../Tag'
import { type Aborted, type CircuitOpen, type Defect, defect, type TryAgain } from '../Rejection'
import { initial, type State, step } from '../schedule/Model'
import type { Standing } from '../Standing'
import type { Fault, RecurrenceStop } from '../StopReason'
import type { Settings } from './Settings'
import { again, type Verdict } from './Verdict'

/**
 * What all calls of one layer share.
 *
 * @internal
 */
export class Recurring<S extends Settings = Settings> {
  readonly initial: State
  /** The waiting, which flags may end early. */
  readonly waiting: Waiting
  /** Who is asked first when the schedule would go on. */
  readonly asked: Asked | undefined
  /** Whether something asks at each step for the time since the first attempt began. */
  readonly clocked: boolean

  constructor(
    readonly services: Services,
    readonly inner: Layer,
    readonly settings: S,
    hook: 'beforeRetry' | 'beforePoll',
    /** Whether the end is to say how long it took. */
    readonly timed: boolean
  ) {
    const { schedule, wakeOn, stopOn } = settings
    const waiting = wakeOn?.over(services.waiting) ?? services.waiting
    this.waiting = stopOn?.over(waiting) ?? waiting
    this.initial = initial(schedule)
    const asking = (name: 'decide' | typeof hook, next?: Asked): Asked | undefined => {
      const f = settings[name]
      return f === undefined ? next : { at: `${services.layer}.${name}`, f, decides: name === 'decide', next }
    }
    this.asked = asking('decide', asking(hook))
    this.clocked = schedule.timed || this.asked !== undefined
  }
}

/** An effectful callback that is awaited before a delay is slept. */
interface Asked {
  readonly at: string
  readonly f: (info: never) => unknown
  /** Whether its answer is a verdict; a hook's changes nothing. */
  readonly decides: boolean
  /** Who is asked after it. */
  readonly next: Asked | undefined
}

/** Where a call's passage stands. */
const enum Phase {
  /** An attempt runs, or a wait or a callback of the user's does. */
  Trying,
  /** An attempt is being started; what it answers before that is over is dealt with after. */
  Starting,
  /** It was answered while it was being started, and there is to be another. */
  Again,
  Answered
}

/**
 * What is known of time, kept only where it is asked for; all in ms since the first attempt began.
 *
 * @internal
 */
export interface Times {
  readonly startedAt: Millis
  began: Millis
  idle: Millis
  firstFailure: Millis | undefined
}

/**
 * One call's passage, which is the context of its later attempts too.
 *
 * @internal
 */
export abstract class RecurringFrame<R extends Recurring> extends Sleeper implements Context, Frame, Up {
  private phase: Phase = Phase.Trying
  /** What runs; none during a wait. */
  protected attempt: Frame | undefined = undefined
  /** Of the attempt that runs, or that ran last. */
  number = 0
  /** How many of those that were answered or run have not settled. */
  protected unsettled = 0
  /** The state of the schedule, from the first step on. */
  private state: State | undefined = undefined
  /** Why what runs was called off. */
  protected cause: Aborted | undefined = undefined
  protected times: Times | undefined = undefined

  constructor(
    protected readonly shared: R,
    readonly context: Context,
    protected readonly up: Up,
    /** What the last attempt gave; before the start, that of one which has been made already. */
    protected last?: Either<unknown, unknown>
  ) {
    super()
  }

  get call(): Call {
    return this.context.call
  }

  get previous(): Option<unknown> {
    const { last } = this
    return last?._tag === 'Left' ? { _tag: 'Some', value: last.left } : none
  }

  get deadline(): Millis {
    return this.context.deadline
  }

  get reserve(): Millis {
    return this.context.reserve
  }

  get limit(): Limit | undefined {
    return this.context.limit
  }

  abstract done(exit: Exit, settled: boolean): void

  /** What an effectful callback is told. */
  protected abstract info(elapsed: Millis, delay: Millis): object
  /** Tells whoever listens that there is another attempt after this delay. */
  protected abstract tellScheduled(delay: Millis): void
  /** There is no further attempt. */
  protected abstract stop(reason: RecurrenceStop, elapsed: Millis): void
  /** It was called off, and what ran, if anything did, has answered. */
  protected abstract aborted(cause: Aborted): void

  start(): void {
    const { shared } = this
    if (shared.timed || shared.clocked)
      this.times = { startedAt: shared.services.now(), began: 0, idle: 0, firstFailure: undefined }
    const { last } = this
    if (last === undefined) {
      this.tryOnce()
    } else {
      // the first attempt has been made without it
      this.last = undefined
      this.number = this.unsettled = 1
      this.done(last, true)
    }
  }

  abort(cause: Aborted): void {
    if (this.phase === Phase.Answered) return
    if (this.attempt === undefined) {
      this.shared.waiting.cancel(this)
      this.aborted(cause)
    } else {
      this.cause = cause
      this.attempt.abort(cause)
    }
  }

  settled(): void {
    this.unsettled--
    if (this.phase === Phase.Answered && this.unsettled === 0) this.up.settled()
  }

  wake(): void {
    const { shared, times, deadline } = this
    const now = times === undefined && deadline === Infinity ? 0 : shared.services.now()
    let elapsed = 0
    // a flag may have roused it before its time
    if (times !== undefined) times.idle += times.began = elapsed = now - times.startedAt
    if (isSet(shared.settings)) this.stop(flagStop, elapsed)
    // or a busy event loop after it
    else if (this.isTooLate(now)) this.stop(deadlineStop, elapsed)
    else this.tryOnce()
  }

  /** The phase may have changed in between, in ways that a type checker cannot see. */
  private is(phase: Phase): boolean {
    return this.phase === phase
  }

  protected isAnswered(): boolean {
    return this.phase === Phase.Answered
  }

  /** Whether an attempt that begins then could not end before the deadline. */
  private isTooLate(then: Millis): boolean {
    const { deadline, reserve } = this
    return deadline < Infinity && then + reserve >= deadline
  }

  /** The failure or value at hand, for a defect to keep. */
  private atHand(): unknown {
    const { last } = this
    return last?._tag === 'Left' ? last.left : last?.right
  }

  /** Makes the next attempt. A loop, so that attempts that are answered at once do not grow the stack. */
  private tryOnce(): void {
    if (this.phase === Phase.Starting) {
      this.phase = Phase.Again
      return
    }
    do {
      this.phase = Phase.Starting
      this.number++
      this.unsettled++
      // the first attempt is told what this was told
      try {
        this.attempt = this.shared.inner.open(this.number === 1 ? this.context : this, this)
        this.attempt.start()
      } catch (cause) {
        // a strategy of the user's that throws says no more
        this.unsettled--
        this.call.crash(cause)
      }
    } while (this.is(Phase.Again))
    if (this.is(Phase.Starting)) this.phase = Phase.Trying
  }

  /**
   * Asks the schedule, the deadline and the effectful decision whether there is another attempt, and when.
   *
   * @param atLeast the shortest delay, whatever the schedule says
   */
  protected proceed(input: unknown, now: Millis, elapsed: Millis, atLeast: Millis): void {
    const { shared, times } = this
    const { schedule } = shared.settings
    const answer = step(
      schedule,
      this.state ?? shared.initial,
      {
        now,
        elapsed,
        began: times?.began ?? 0,
        attempt: this.number,
        random: schedule.draws === 0 ? noDraws : numbered(shared.services.random),
        // `within` is held against what will really be slept
        due: atLeast
      },
      input as never
    )
    // here and below: a callback or a listener of the user's may have called this off
    if (this.isAnswered()) return
    if (answer._tag === 'Stop') {
      this.stop(answer.reason, elapsed)
    } else {
      this.state = answer.state
      this.goOn(shared.asked, now, elapsed, Math.max(answer.delay, atLeast))
    }
  }

  /** Asks who is next to be asked, unless there can be no attempt after this delay; sleeps, if nobody is. */
  private goOn(asked: Asked | undefined, now: Millis, elapsed: Millis, delay: Millis): void {
    if (isSet(this.shared.settings)) this.stop(flagStop, elapsed)
    // what is slept are whole milliseconds
    else if (this.isTooLate(now + Math.ceil(delay))) this.stop(deadlineStop, elapsed)
    else if (asked === undefined) this.sleep(now, delay)
    else this.consult(asked, elapsed, delay)
  }

  /** Goes on once this callback has answered, unless it says otherwise, or this is called off meanwhile. */
  private consult(asked: Asked, elapsed: Millis, delay: Millis): void {
    const { at, f } = asked
    askTask(at, f, this.info(elapsed, delay) as never, (answer) => {
      try {
        if (!this.isAnswered()) this.heard(answer, asked, delay)
      } catch (cause) {
        // a verdict that throws when it is looked at, or a strategy of the user's
        this.call.crash(cause)
      }
    })
  }

  private heard(answer: Answer<unknown>, { at, decides, next }: Asked, delay: Millis): void {
    if (answer._tag === 'Defect') {
      this.answer({ ...answer, during: this.atHand() })
      return
    }
    const verdict = decides ? (answer.value as Verdict | null | undefined) : again
    const chosen = verdict?._tag === 'Again' ? delay : verdict?._tag === 'AgainAfter' ? verdict.delay : undefined
    // it has taken its time
    const now = this.shared.services.now()
    const elapsed = now - (this.times as Times).startedAt
    if (Number.isFinite(chosen)) this.goOn(next, now, elapsed, Math.max(0, chosen as Millis))
    else if (verdict?._tag === 'GiveUp') this.stop({ _tag: 'GivenUp' }, elapsed)
    else this.answer(defect('Malformed', at, verdict, this.atHand()))
  }

  private sleep(now: Millis, delay: Millis): void {
    const { call, times } = this
    const { waiting } = this.shared
    if (call.observed) {
      this.tellScheduled(delay)
      if (this.isAnswered()) return
    }
    const waits = delay > 0 || call.hurries?.() === true
    if (times !== undefined) {
      times.began = now - times.startedAt
      if (waits) times.idle -= times.began
    }
    if (delay > 0) {
      waiting.sleep(delay, this)
      call.sleeps?.(this)
    } else if (waits) {
      waiting.turn(this)
    } else {
      this.tryOnce()
    }
  }

  protected answer(exit: Exit): void {
    this.phase = Phase.Answered
    this.up.done(exit, this.unsettled === 0)
  }

  /** The defect that a fault in the schedule is. */
  protected faulty({ at, cause }: Fault): Defect {
    const tag = tagOf(cause)
    const kind = tag === 'NotADelay' || tag === 'UnknownClass' ? 'Malformed' : 'Thrown'
    return defect(kind, `${this.shared.services.layer}.schedule.${at}`, cause, this.atHand())
  }
}

const isSet = ({ stopOn }: Settings): boolean => stopOn?.isSet() === true
const flagStop: RecurrenceStop = { _tag: 'Flagged' }

/** @internal */
export const deadlineStop: RecurrenceStop = { _tag: 'Deadline' }

/**
 * How long whoever refused, or asks to be tried again, asks to be left alone, in ms.
 *
 * @internal
 */
export const earliest = (error: unknown, standing: Standing | undefined): Millis => {
  if (standing === undefined) return 0
  try {
    const ms = standing === 'Refused' ? (error as Partial<CircuitOpen>).retryAfter : (error as Partial<TryAgain>).after
    return typeof ms === 'number' && ms > 0 && ms < Infinity ? ms : 0
  } catch {
    // it cannot be told
    return 0
  }
}

const none: Option<never> = { _tag: 'None' }
const noDraws = (): number => 0
