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
export const retry =
  <S, I>(schedule: Schedule<S>, options: RetryOptions<I> = {}) =>
  <E, A, E2 extends S, A2>(policy: Policy<E, A, E2, A2> & Ends<I, unknown>): Policy<E, A, E2, A2> =>
    around<E2, A2, Settings>(retryStrategy, settingsOf(schedule, options))<E, A>(policy)

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
export const retryOrElse =
  <S, X, G, B, I>(
    schedule: Schedule<S>,
    f: (exhausted: Exhausted<X>) => TaskEither<G, B>,
    options: RetryOptions<I> = {}
  ) =>
  <E, A, E2 extends S, A2>(
    policy: Policy<E, A, E2, A2> & Ends<X, unknown> & Ends<I, unknown>
  ): Policy<E, A, G, A2 | B> =>
    around<G, A2 | B, OrElseSettings>(orElseStrategy, { ...settingsOf(schedule, options), orElse: f })<E, A>(policy)

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
  rules: { ...rules, orElse: Rule.callback },
  show: (settings) => [...showSettings(settings), `orElse: ${showValue(settings.orElse)}`],
  compile: (settings, services, inner) => {
    const shared = new Retry(settings, services, inner, settings.orElse)
    return { open: (context, up) => new RetryFrame(shared, context, up) }
  }
}

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
    this.timed =
      settings.schedule.timed ||
      orElse !== undefined ||
      settings.decide !== undefined ||
      settings.beforeRetry !== undefined
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

class RetryFrame extends Sleeper implements Frame, Up {
  /** The attempt that runs; none during a wait. */
  private attempt: Frame | undefined = undefined
  private attempts = 0
  /** How many of the attempts that were answered or run have not settled. */
  private unsettled = 0
  private answered = false
  /** Whether the operation of `retryOrElse` answers now. */
  private leaving = false
  /** Whether an attempt is being started; what it answers before that is over is dealt with after. */
  private starting = false
  private again = false
  /** The state of the schedule, from the first failure on. */
  private state: State | undefined = undefined
  /** The last failure. */
  private last: (Exit & { readonly _tag: 'Left' }) | undefined = undefined
  private startedAt: Millis = 0
  /** The elapsed time at which the attempt began that runs or ran last. */
  private began: Millis = 0
  private idle: Millis = 0
  private firstFailure: Millis = -1

  constructor(
    private readonly retry: Retry,
    private readonly context: Context,
    private readonly up: Up
  ) {
    super()
  }

  start(): void {
    if (this.retry.timed) this.startedAt = this.retry.services.now()
    this.next()
  }

  abort(cause: Aborted): void {
    if (this.answered) return
    if (this.attempt === undefined) {
      this.retry.services.waiting.cancel(this)
      this.aborted(cause)
    } else {
      this.attempt.abort(cause)
    }
  }

  done(exit: Exit, settled: boolean): void {
    if (settled) this.unsettled--
    this.attempt = undefined
    if (this.leaving) this.answer(exit)
    else if (exit._tag === 'Left') this.failed(exit)
    else if (exit._tag === 'Aborted') this.aborted(exit)
    else this.answer(exit)
  }

  settled(): void {
    this.unsettled--
    if (this.answered && this.unsettled === 0) this.up.settled()
  }

  wake(): void {
    this.next()
  }

  /** Makes the next attempt. A loop, so that attempts that are answered at once do not grow the stack. */
  private next(): void {
    if (this.starting) {
      this.again = true
      return
    }
    this.starting = true
    do {
      this.again = false
      this.attempts++
      this.unsettled++
      this.attempt = this.retry.inner.open(this.nextContext(), this)
      this.attempt.start()
    } while (this.again)
    this.starting = false
  }

  private nextContext(): Context {
    if (this.last === undefined) return this.context
    const { call, deadline, reserve } = this.context
    return { call, number: this.attempts, previous: { _tag: 'Some', value: this.last.left }, deadline, reserve }
  }

  private failed(exit: Exit & { readonly _tag: 'Left' }): void {
    const { retry, context } = this
    this.last = exit
    const forbidden = retry.forbids(exit.left)
    if (forbidden._tag === 'Defect') {
      this.answer(forbidden)
      return
    }
    const now = retry.timed || context.deadline < Infinity ? retry.services.now() : 0
    const elapsed = now - this.startedAt
    if (this.firstFailure < 0) this.firstFailure = elapsed
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
        began: this.began,
        attempt: this.attempts,
        random: retry.schedule.draws === 0 ? noDraws : numbered(retry.services.random),
        due: 0
      },
      exit.left as never
    )
    if (answer._tag === 'Stop') {
      this.stop(answer.reason, elapsed)
      return
    }
    this.state = answer.state
    const delay = Math.max(answer.delay, retryAfter(exit.left))
    if (!this.endsInTime(now, delay)) this.stop(deadlineStop, elapsed)
    else if (retry.settings.decide !== undefined) this.decide(retry.settings.decide, now, elapsed, delay)
    else this.goOn(elapsed, delay)
  }

  /** Whether an attempt after this delay could end before the deadline. */
  private endsInTime(now: Millis, delay: Millis): boolean {
    const { deadline, reserve } = this.context
    return deadline === Infinity || now + delay + reserve < deadline
  }

  private decide(decide: (info: RetryInfo<never>) => unknown, now: Millis, elapsed: Millis, delay: Millis): void {
    const at = `${this.retry.services.layer}.decide`
    askTask(at, decide, this.info(elapsed, delay), (answer) => {
      if (this.answered) return
      if (answer._tag === 'Defect') {
        this.answer({ ...answer, during: this.last?.left })
        return
      }
      const verdict = answer.value as Verdict | null | undefined
      if (verdict?._tag === 'Again') {
        this.goOn(elapsed, delay)
      } else if (verdict?._tag === 'GiveUp') {
        this.stop({ _tag: 'GivenUp' }, elapsed)
      } else if (verdict?._tag === 'AgainAfter' && verdict.delay < Infinity) {
        const other = Math.max(0, verdict.delay)
        if (this.endsInTime(now, other)) this.goOn(elapsed, other)
        else this.stop(deadlineStop, elapsed)
      } else {
        this.answer(defect('Malformed', at, verdict, this.last?.left))
      }
    })
  }

  private goOn(elapsed: Millis, delay: Millis): void {
    const { beforeRetry } = this.retry.settings
    if (beforeRetry === undefined) {
      this.sleep(elapsed, delay)
      return
    }
    askTask(`${this.retry.services.layer}.beforeRetry`, beforeRetry, this.info(elapsed, delay) as never, (answer) => {
      if (this.answered) return
      if (answer._tag === 'Defect') this.answer({ ...answer, during: this.last?.left })
      else this.sleep(elapsed, delay)
    })
  }

  private sleep(elapsed: Millis, delay: Millis): void {
    const { call } = this.context
    if (call.observed) {
      const error = this.last?.left
      call.emit({
        _tag: 'RetryScheduled',
        layer: this.retry.services.layer,
        attempt: this.attempts,
        delay,
        error
      })
    }
    this.began = elapsed + delay
    this.idle += delay
    if (delay > 0) this.retry.services.waiting.sleep(delay, this)
    else if (this.attempts % turnEvery === 0) this.retry.services.waiting.turn(this)
    else this.next()
  }

  private info(elapsed: Millis, delay: Millis): RetryInfo<never> {
    return {
      error: this.last?.left as never,
      attempt: this.attempts,
      elapsed,
      firstFailure: this.firstFailure,
      idle: this.idle,
      delay
    }
  }

  private stop(reason: RetryStop, elapsed: Millis): void {
    const exit = this.last as Exit & { readonly _tag: 'Left' }
    if (reason._tag === 'Fault') {
      this.answer(defect('Thrown', `${this.retry.services.layer}.schedule.${reason.at}`, reason.cause, exit.left))
      return
    }
    const { call } = this.context
    if (call.observed) {
      call.emit({
        _tag: 'RetryStopped',
        layer: this.retry.services.layer,
        attempt: this.attempts,
        reason,
        error: exit.left
      })
    }
    const { orElse, services } = this.retry
    if (orElse === undefined) {
      this.answer(exit)
      return
    }
    const exhausted: Exhausted<never> = {
      _tag: 'Exhausted',
      error: exit.left as never,
      attempts: this.attempts,
      elapsed,
      reason
    }
    this.leaving = true
    this.unsettled++
    this.attempt = services.operation(() => orElse(exhausted), `${services.layer}.orElse`).open(this.context, this)
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
    this.answered = true
    this.up.done(exit, this.unsettled === 0)
  }
}

const deadlineStop: RetryStop = { _tag: 'Deadline' }
const noDraws = (): number => 0
