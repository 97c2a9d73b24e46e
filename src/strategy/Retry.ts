/**
 * `retry`: once more, when a schedule says so.
 *
 * ```
 * retry(exponential(100) |> take(3))
 *   attempt 1   |-fails-|
 *                        . 100 .
 *   attempt 2                   |-fails-|
 *                                        . . 200 . .
 *   attempt 3                                       |-succeeds-|
 * ```
 *
 * What is asked after a failure, in this order: is it an error that a retry can mend at all; `while`, `until`; the schedule;
 * the deadline; the effectful `decide`; then `beforeRetry` is awaited, and the delay slept. After the last failure nothing is
 * slept.
 *
 * @since 0.1.0
 */
import type { Task } from 'fp-ts/Task'
import type { TaskEither } from 'fp-ts/TaskEither'
import { type Answer, ask, askTask } from '../Callback'
import type { Millis } from '../Duration'
import type { Exit } from '../Exit'
import { around, type Ends, type Policy } from '../Policy'
import { showValue } from '../Problem'
import { type Context, type Frame, type Layer, type Services, Sleeper, type Up } from '../Protocol'
import { numbered } from '../Random'
import { type Aborted, defect, type Exhausted, isFinal, isRefusal } from '../Rejection'
import * as Rule from '../Rule'
import { initial, type Schedule, show, type State, step, validate } from '../schedule/Model'
import type { RetryStop } from '../StopReason'
import type { Strategy } from '../Strategy'
import { tagOf } from '../Tag'

/**
 * A failure, as `decide` and `beforeRetry` see it.
 *
 * @category model
 * @since 0.1.0
 */
export interface RetryInfo<out E> {
  readonly error: E
  /** The number of the attempt that has failed, from 1. */
  readonly attempt: number
  /** Milliseconds since the first attempt began. */
  readonly elapsed: Millis
  /** `elapsed` at the first failure. */
  readonly firstFailure: Millis
  /** Milliseconds slept between attempts so far. */
  readonly idle: Millis
  /** The delay before the next attempt, in ms, as the schedule has it. */
  readonly delay: Millis
}

/**
 * What an effectful decision says: go on as the schedule has it, go on after another delay, or give up.
 *
 * @category model
 * @since 0.1.0
 */
export type Verdict =
  { readonly _tag: 'Again' } | { readonly _tag: 'AgainAfter'; readonly delay: Millis } | { readonly _tag: 'GiveUp' }

/**
 * The verdict that goes on as the schedule has it.
 *
 * @example
 * import { Policy } from 'resilience-ts'
 * import assert from 'assert'
 *
 * assert.deepStrictEqual(Policy.again, { _tag: 'Again' })
 *
 * @category verdicts
 * @since 0.1.0
 */
export const again: Verdict = { _tag: 'Again' }

/**
 * The verdict that goes on after `delay` milliseconds, whatever the schedule has; below 0 counts as 0.
 *
 * @param delay milliseconds, finite
 *
 * @example
 * import { Policy } from 'resilience-ts'
 * import assert from 'assert'
 *
 * assert.deepStrictEqual(Policy.againAfter(500), { _tag: 'AgainAfter', delay: 500 })
 *
 * @category verdicts
 * @since 0.1.0
 */
export const againAfter = (delay: Millis): Verdict => ({ _tag: 'AgainAfter', delay })

/**
 * The verdict that ends a retry with the error at hand.
 *
 * @example
 * import { Policy } from 'resilience-ts'
 * import assert from 'assert'
 *
 * assert.deepStrictEqual(Policy.giveUp, { _tag: 'GiveUp' })
 *
 * @category verdicts
 * @since 0.1.0
 */
export const giveUp: Verdict = { _tag: 'GiveUp' }

/**
 * What is retried, and what happens before the next attempt.
 *
 * - `while`: retry only the errors that satisfy this; `until`: all but those that satisfy this. Both may be given;
 * - `decide`: an effectful decision, asked when the schedule would go on;
 * - `beforeRetry`: awaited before the delay is slept; it cannot change the outcome unless it throws, which is a `Defect`;
 * - `retryRefused`: also retry what a policy inside refused (`CircuitOpen`, `BulkheadFull`, `RateLimited`); its `retryAfter` is
 *   honoured where it is longer than the delay. `false` unless given.
 *
 * @category model
 * @since 0.1.0
 */
export interface RetryOptions<in I> {
  readonly while?: (error: I) => boolean
  readonly until?: (error: I) => boolean
  readonly decide?: (info: RetryInfo<I>) => Task<Verdict>
  readonly beforeRetry?: (info: RetryInfo<I>) => Task<void>
  readonly retryRefused?: boolean
}

/**
 * Tries again after a failure, as long as the schedule says so; the last error is given back as it is.
 *
 * It neither adds to nor takes from the errors. A `TimedOut` of an attempt is retried like any other error; `DeadlineExceeded`
 * and `Aborted` never are, and refusals (`CircuitOpen`…) only with `retryRefused`. A callback that throws is a `Defect` that
 * keeps both what was thrown (`cause`) and the error at hand (`during`). A delay of 0 takes no timer; the event loop gets a
 * turn every 256 attempts.
 *
 * @param schedule is fed the errors
 * @param options see `RetryOptions`
 *
 * @example
 * import { Policy, Runner, Runtime, Schedule } from 'resilience-ts'
 * import { pipe } from 'fp-ts/function'
 * import * as E from 'fp-ts/Either'
 * import assert from 'assert'
 *
 * let calls = 0
 * const flaky = async () => (++calls < 3 ? E.left('busy') : E.right(calls))
 * const policy = pipe(
 *   Policy.id<string, number>(),
 *   Policy.retry(pipe(Schedule.exponential(1), Schedule.take(4)), { while: (e) => e === 'busy' })
 * )
 * assert.deepStrictEqual(await Runner.make(policy)(Runtime.live)().run(flaky)(), E.right(3))
 *
 * @category retrying
 * @since 0.1.0
 */
export const retry = <S, I>(schedule: Schedule<S>, options: RetryOptions<I> = {}) => {
  const settings = settingsOf(schedule, options)
  return <E, A, E2 extends S, A2>(policy: Ends<I, unknown> & Policy<E, A, E2, A2>): Policy<E, A, E2, A2> =>
    around<E2, A2, Settings>(retryStrategy, settings)<E, A>(policy)
}

/**
 * Tries again like `retry`, and when that has come to an end hands a typed `Exhausted` (the last error, attempts, elapsed time
 * and why it stopped) to an operation whose answer is then the answer.
 *
 * It takes the whole error type out, and adds what that operation fails with. A deadline outside that cuts an attempt off is
 * not exhaustion: the answer is then the deadline's.
 *
 * @param schedule is fed the errors
 * @param f makes the operation that answers in place of the last error
 * @param options see `RetryOptions`
 *
 * @example
 * import { Policy, Runner, Runtime, Schedule } from 'resilience-ts'
 * import { pipe } from 'fp-ts/function'
 * import * as TE from 'fp-ts/TaskEither'
 * import * as E from 'fp-ts/Either'
 * import assert from 'assert'
 *
 * const policy = pipe(
 *   Policy.id<string, number>(),
 *   Policy.retryOrElse(pipe(Schedule.forever, Schedule.take(2)), ({ error, attempts }) =>
 *     TE.left(`${error} after ${attempts} attempts`)
 *   )
 * )
 * const answer = await Runner.make(policy)(Runtime.live)().run(TE.left('busy'))()
 * assert.deepStrictEqual(answer, E.left('busy after 3 attempts'))
 *
 * @category retrying
 * @since 0.1.0
 */
export const retryOrElse = <S, X, G, B, I>(
  schedule: Schedule<S>,
  f: (exhausted: Exhausted<X>) => TaskEither<G, B>,
  options: RetryOptions<I> = {}
) => {
  const settings: OrElseSettings = { ...settingsOf(schedule, options), orElse: f }
  return <E, A, E2 extends S, A2>(
    policy: Ends<X, unknown> & Ends<I, unknown> & Policy<E, A, E2, A2>
  ): Policy<E, A, G, A2 | B> => around<G, A2 | B, OrElseSettings>(orElseStrategy, settings)<E, A>(policy)
}

type Settings = RetryOptions<never> & { readonly schedule: Schedule<never> }
type OrElseSettings = Settings & { readonly orElse: (exhausted: Exhausted<never>) => unknown }

const settingsOf = (schedule: Schedule<never>, options: RetryOptions<never>): Settings => {
  const read = Rule.read<RetryOptions<never>>(optionRules, options)
  return { ...read, schedule }
}

const optionalCallback = /*#__PURE__*/ Rule.optional(Rule.callback)
const optionRules: Rule.Rules<RetryOptions<never>> = {
  while: optionalCallback,
  until: optionalCallback,
  decide: optionalCallback,
  beforeRetry: optionalCallback,
  retryRefused: /*#__PURE__*/ Rule.optional(Rule.flag)
}
/** Schedules are checked by `problems`, which says more than a rule could. */
const rules: Rule.Rules<Settings> = { ...optionRules, schedule: Rule.anything }

const problems = ({ schedule }: Settings): ReturnType<typeof validate> =>
  validate(schedule).map((problem) => ({
    ...problem,
    path: problem.path === '' ? 'schedule' : `schedule.${problem.path}`
  }))

const showSettings = (settings: Settings): ReadonlyArray<string> => [
  show(settings.schedule),
  ...Object.keys(optionRules)
    .filter((key) => settings[key as keyof Settings] !== undefined)
    .map((key) => `${key}: ${showValue(settings[key as keyof Settings])}`)
]

const retryStrategy: Strategy<Settings> = {
  name: 'retry',
  transparent: (settings) => !isTimed(settings),
  rules,
  problems,
  show: showSettings,
  advise: (_settings, inside) =>
    inside.some(({ strategy }) => strategy.name === 'retry' || strategy.name === 'retryOrElse')
      ? [{ path: 'schedule', value: 'a retry inside a retry', allowed: 'one of them: their attempts multiply' }]
      : [],
  compile: (settings, services, inner) => {
    const shared = new Retry(settings, services, inner, undefined)
    return { open: (context, up) => new RetryFrame(shared, context, up) }
  }
}

const orElseStrategy: Strategy<OrElseSettings> = {
  ...retryStrategy,
  name: 'retryOrElse',
  transparent: () => false,
  rules: { ...rules, orElse: Rule.callback },
  show: (settings) => [...showSettings(settings), `orElse: ${showValue(settings.orElse)}`],
  compile: (settings, services, inner) => {
    const shared = new Retry(settings, services, inner, settings.orElse)
    return { open: (context, up) => new RetryFrame(shared, context, up) }
  }
}

/** Whether something asks for the time since the first attempt began. */
const isTimed = ({ schedule, decide, beforeRetry }: Settings): boolean =>
  schedule.timed || decide !== undefined || beforeRetry !== undefined

/** After this many attempts without a wait, the event loop gets a turn. */
const turnEvery = 256

/** What all calls of one retry share. */
class Retry {
  readonly schedule: Schedule<never>
  readonly initial: State
  /** Whether the clock is read at all, beside what a deadline needs. */
  readonly timed: boolean

  constructor(
    readonly settings: Settings,
    readonly services: Services,
    readonly inner: Layer,
    readonly orElse: ((exhausted: Exhausted<never>) => unknown) | undefined
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

class RetryFrame extends Sleeper implements Frame, Up {
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
    const answer = step(
      retry.schedule,
      this.state ?? retry.initial,
      {
        now,
        elapsed,
        began: times?.began ?? 0,
        attempt: this.attempts,
        random: retry.schedule.draws === 0 ? noDraws : numbered(retry.services.random),
        due: 0
      },
      exit.left as never
    )
    if (this.is('answered')) return
    if (answer._tag === 'Stop') {
      this.stop(answer.reason, elapsed)
      return
    }
    this.state = answer.state
    const delay = Math.max(answer.delay, retryAfter(exit.left))
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
    const operation = services.operation(() => orElse(exhausted), `${services.layer}.orElse`, exit.left)
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
