/**
 * How a retry is run: the machine that goes from attempt to decision to wait, and on.
 *
 * @since 0.1.0
 */
import { type Answer, ask, askTask } from '../../Callback'
import type { Millis } from '../../Duration'
import type { Exit } from '../../Exit'
import { type Context, type Frame, type Layer, type Services, Sleeper, type Up } from '../../Protocol'
import { numbered } from '../../Random'
import { type Aborted, defect, type Exhausted, isFinal, isRefusal } from '../../Rejection'
import { initial, type Schedule, type State, step } from '../../schedule/Model'
import type { RetryStop } from '../../StopReason'
import { tagOf } from '../../Tag'
import { isTimed, type OrElse, type Settings } from './Settings'
import type { RetryInfo, Verdict } from './Verdict'

/** After this many attempts without a wait, the event loop gets a turn. */
const turnEvery = 256

/**
 * What all calls of one retry share.
 *
 * @internal
 */
export class Retry {
  readonly schedule: Schedule<never>
  readonly initial: State
  /** Whether the clock is read at all, beside what a deadline needs. */
  readonly timed: boolean

  constructor(
    readonly settings: Settings,
    readonly services: Services,
    readonly inner: Layer,
    readonly orElse: OrElse | undefined
  ) {
    this.schedule = settings.schedule
    this.initial = initial(settings.schedule)
    this.timed = isTimed(settings) || orElse !== undefined
  }

  /** Why an error is not retried, whatever the schedule says. */
  forbids(error: unknown): Answer<RetryStop | undefined> {
    const { settings } = this
    if (isFinal(error)) return { _tag: 'Value', value: { _tag: 'Final' } }
    if (isRefusal(error) && settings.retryRefused !== true) return { _tag: 'Value', value: { _tag: 'Refused' } }
    if (settings.while !== undefined) {
      const goesOn = ask(`${this.services.layer}.while`, settings.while, error as never)
      if (goesOn._tag === 'Defect') return goesOn
      if (!goesOn.value) return notByPredicate
    }
    if (settings.until !== undefined) {
      const ends = ask(`${this.services.layer}.until`, settings.until, error as never)
      if (ends._tag === 'Defect') return ends
      if (ends.value) return notByPredicate
    }
    return allowed
  }
}

const allowed: Answer<undefined> = { _tag: 'Value', value: undefined }
const notByPredicate: Answer<RetryStop> = { _tag: 'Value', value: { _tag: 'Predicate' } }

/** How long the one who refused asks to be left alone, in ms. */
const retryAfter = (error: unknown): Millis => {
  if (!isRefusal(error)) return 0
  const { retryAfter } = error as { readonly retryAfter?: unknown }
  return typeof retryAfter === 'number' && retryAfter > 0 && retryAfter < Infinity ? retryAfter : 0
}

/** Where a call's passage through a retry stands. */
type Phase =
  /** An attempt runs, or a wait or a callback of the user's does. */
  | 'trying'
  /** An attempt is being started; what it answers before that is over is dealt with after. */
  | 'starting'
  /** It was answered while it was being started, and there is to be another. */
  | 'again'
  /** The operation of `retryOrElse` answers now. */
  | 'leaving'
  | 'answered'

/** What a retry knows of time, kept only where it is asked for; all in ms since the first attempt began. */
interface Times {
  readonly startedAt: Millis
  began: Millis
  idle: Millis
  firstFailure: Millis | undefined
}

/**
 * One call's passage through a retry.
 *
 * @internal
 */
export class RetryFrame extends Sleeper implements Frame, Up {
  private phase: Phase = 'trying'
  /** The attempt that runs; none during a wait. */
  private attempt: Frame | undefined = undefined
  private attempts = 0
  /** How many of the attempts that were answered or run have not settled. */
  private unsettled = 0
  /** The state of the schedule, from the first failure on. */
  private state: State | undefined = undefined
  /** The last failure. */
  private last: Failure | undefined = undefined
  /** Why the attempt that runs was called off. */
  private cause: Aborted | undefined = undefined
  private times: Times | undefined = undefined

  constructor(
    private readonly retry: Retry,
    readonly context: Context,
    private readonly up: Up
  ) {
    super()
  }

  start(): void {
    const { retry } = this
    if (retry.timed) this.times = { startedAt: retry.services.now(), began: 0, idle: 0, firstFailure: undefined }
    this.tryOnce()
  }

  abort(cause: Aborted): void {
    if (this.phase === 'answered') return
    if (this.attempt === undefined) {
      this.retry.services.waiting.cancel(this)
      this.aborted(cause)
    } else {
      this.cause = cause
      this.attempt.abort(cause)
    }
  }

  done(exit: Exit, settled: boolean): void {
    if (settled) this.unsettled--
    this.attempt = undefined
    if (exit._tag === 'Left' && this.phase !== 'leaving') this.failed(exit, this.cause)
    else if (exit._tag === 'Aborted') this.aborted(exit)
    else this.answer(exit)
  }

  settled(): void {
    this.unsettled--
    if (this.phase === 'answered' && this.unsettled === 0) this.up.settled()
  }

  wake(): void {
    this.tryOnce()
  }

  /** Makes the next attempt. A loop, so that attempts that are answered at once do not grow the stack. */
  private tryOnce(): void {
    if (this.phase === 'starting') {
      this.phase = 'again'
      return
    }
    do {
      this.phase = 'starting'
      this.attempts++
      this.unsettled++
      this.attempt = this.retry.inner.open(this.nextContext(), this)
      this.attempt.start()
    } while (this.is('again'))
    if (this.is('starting')) this.phase = 'trying'
  }

  /** The phase may have changed in between, in ways that a type checker cannot see. */
  private is(phase: Phase): boolean {
    return this.phase === phase
  }

  private nextContext(): Context {
    if (this.last === undefined) return this.context
    const { call, deadline, reserve } = this.context
    return { call, number: this.attempts, previous: { _tag: 'Some', value: this.last.left }, deadline, reserve }
  }

  private failed(exit: Failure, calledOff: Aborted | undefined): void {
    const { retry, context, times } = this
    // a deadline inside was reached: with a real error at hand, that error is what there is to say
    const cutShort = this.last !== undefined && tagOf(exit.left) === 'DeadlineExceeded'
    if (!cutShort) this.last = exit
    if (calledOff !== undefined) {
      // a retry inside had a real error to give back
      this.aborted(calledOff)
      return
    }
    const forbidden = retry.forbids(exit.left)
    // here and below: a callback or a listener of the user's may have called this retry off
    if (this.is('answered')) return
    if (forbidden._tag === 'Defect') {
      this.answer(forbidden)
      return
    }
    const now = times !== undefined || context.deadline < Infinity ? retry.services.now() : 0
    const elapsed = times === undefined ? 0 : now - times.startedAt
    if (times !== undefined) times.firstFailure ??= elapsed
    if (cutShort) {
      this.stop(deadlineStop, elapsed)
      return
    }
    if (forbidden.value !== undefined) {
      this.stop(forbidden.value, elapsed)
      return
    }
    const atLeast = retryAfter(exit.left)
    const answer = step(
      retry.schedule,
      this.state ?? retry.initial,
      {
        now,
        elapsed,
        began: times?.began ?? 0,
        attempt: this.attempts,
        random: retry.schedule.draws === 0 ? noDraws : numbered(retry.services.random),
        // `within` is held against what will really be slept
        due: atLeast
      },
      exit.left as never
    )
    if (this.is('answered')) return
    if (answer._tag === 'Stop') {
      this.stop(answer.reason, elapsed)
      return
    }
    this.state = answer.state
    const delay = Math.max(answer.delay, atLeast)
    if (!this.endsInTime(now, delay)) this.stop(deadlineStop, elapsed)
    else if (retry.settings.decide !== undefined) this.decide(retry.settings.decide, elapsed, delay)
    else this.goOn(elapsed, delay, elapsed)
  }

  /** Whether an attempt after this delay could end before the deadline. */
  private endsInTime(now: Millis, delay: Millis): boolean {
    const { deadline, reserve } = this.context
    return deadline === Infinity || now + delay + reserve < deadline
  }

  private decide(decide: (info: never) => unknown, elapsed: Millis, delay: Millis): void {
    const at = `${this.retry.services.layer}.decide`
    this.ask(at, decide, elapsed, delay, (value) => {
      const verdict = value as Verdict | null | undefined
      const chosen = verdict?._tag === 'Again' ? delay : verdict?._tag === 'AgainAfter' ? verdict.delay : undefined
      if (Number.isFinite(chosen)) {
        const other = Math.max(0, chosen as Millis)
        this.ifInTime(elapsed, other, (now) => {
          this.goOn(elapsed, other, now)
        })
      } else if (verdict?._tag === 'GiveUp') {
        this.stop({ _tag: 'GivenUp' }, elapsed)
      } else {
        this.answer(defect('Malformed', at, verdict, this.last?.left))
      }
    })
  }

  private goOn(elapsed: Millis, delay: Millis, now: Millis): void {
    const { beforeRetry } = this.retry.settings
    if (beforeRetry === undefined) {
      this.sleep(now, delay)
      return
    }
    this.ask(`${this.retry.services.layer}.beforeRetry`, beforeRetry, elapsed, delay, () => {
      this.ifInTime(elapsed, delay, (now) => {
        this.sleep(now, delay)
      })
    })
  }

  /** A callback has taken its time: goes on, with what has elapsed by now, if there is still enough before the deadline. */
  private ifInTime(elapsed: Millis, delay: Millis, goOn: (now: Millis) => void): void {
    const now = this.retry.services.now()
    if (this.endsInTime(now, delay)) goOn(now - (this.times?.startedAt ?? now))
    else this.stop(deadlineStop, elapsed)
  }

  /** Awaits an effectful callback, unless this retry is called off meanwhile; a defect of it keeps the error at hand. */
  private ask(
    at: string,
    f: (info: never) => unknown,
    elapsed: Millis,
    delay: Millis,
    then: (value: unknown) => void
  ): void {
    const info: RetryInfo<never> = {
      error: this.last?.left as never,
      attempt: this.attempts,
      elapsed,
      firstFailure: this.times?.firstFailure ?? elapsed,
      idle: this.times?.idle ?? 0,
      delay
    }
    askTask(at, f, info as never, (answer) => {
      if (this.phase === 'answered') return
      if (answer._tag === 'Defect') this.answer({ ...answer, during: this.last?.left })
      else then(answer.value)
    })
  }

  private sleep(now: Millis, delay: Millis): void {
    const { times, attempts, retry } = this
    const { call } = this.context
    const { layer, waiting } = retry.services
    if (call.observed) {
      call.emit({ _tag: 'RetryScheduled', layer, attempt: attempts, delay, error: this.last?.left })
      if (this.is('answered')) return
    }
    if (times !== undefined) {
      times.began = now + delay
      times.idle += delay
    }
    if (delay > 0) waiting.sleep(delay, this)
    else if (attempts % turnEvery === 0) waiting.turn(this)
    else this.tryOnce()
  }

  private stop(reason: RetryStop, elapsed: Millis): void {
    const exit = this.last as Failure
    const { attempts, retry } = this
    const { orElse, services } = retry
    if (reason._tag === 'Fault') {
      const kind = isNoAnswer(reason.cause) ? 'Malformed' : 'Thrown'
      this.answer(defect(kind, `${services.layer}.schedule.${reason.at}`, reason.cause, exit.left))
      return
    }
    const { call } = this.context
    if (call.observed) {
      call.emit({ _tag: 'RetryStopped', layer: services.layer, attempt: attempts, reason, error: exit.left })
      if (this.is('answered')) return
    }
    if (orElse === undefined) {
      this.answer(exit)
      return
    }
    const exhausted: Exhausted<never> = {
      _tag: 'Exhausted',
      error: exit.left as never,
      attempts,
      elapsed,
      reason
    }
    this.phase = 'leaving'
    this.unsettled++
    const operation = services.operation((attempt) => orElse(exhausted, attempt), `${services.layer}.orElse`, exit.left)
    this.attempt = operation.open(this.context, this)
    this.attempt.start()
  }

  /** Called off: by a deadline with a real error at hand, that error is what there is to say. */
  private aborted(cause: Aborted): void {
    if (cause.by === 'deadline' && this.last !== undefined && this.retry.orElse === undefined) {
      this.stop(deadlineStop, 0)
    } else {
      this.answer(cause)
    }
  }

  private answer(exit: Exit): void {
    this.phase = 'answered'
    this.up.done(exit, this.unsettled === 0)
  }
}

type Failure = Exit & { readonly _tag: 'Left' }

const deadlineStop: RetryStop = { _tag: 'Deadline' }
const noDraws = (): number => 0
const isNoAnswer = (cause: unknown): boolean =>
  typeof cause === 'object' &&
  cause !== null &&
  '_tag' in cause &&
  (cause._tag === 'NotADelay' || cause._tag === 'UnknownClass')
