/**
 * `deadline`: a point in time that travels inwards, so that nothing starts that cannot end before it.
 *
 * ```
 * deadline(1000)     0        300                    900  1000
 *   retry            |-fails--|. . . delay 600 . . . |-fails-|
 *                                                      next delay 1200 would pass the deadline:
 *   answer                                           the last real error, at once, without sleeping
 * ```
 *
 * Where a timeout only cuts off, a deadline is known to every retry inside it, and to the operation (`attempt.deadline`, in
 * milliseconds left, so that it can be sent on to the next service).
 *
 * @since 0.1.0
 */
import * as Duration from '../Duration'
import type { Millis } from '../Duration'
import type { Exit } from '../Exit'
import { around, type Policy } from '../Policy'
import { type Context, type Frame, type Layer, type Services, Sleeper, type Up } from '../Protocol'
import type { Aborted, DeadlineExceeded } from '../Rejection'
import * as Rule from '../Rule'
import type { Strategy } from '../Strategy'

/**
 * What an attempt needs.
 *
 * - `reserve`: milliseconds, finite, ≥ 0, that an attempt needs; with no more than that left, none is started. 0 unless given.
 *
 * @category model
 * @since 0.1.0
 */
export interface DeadlineOptions {
  readonly reserve?: Millis
}

interface Settings extends DeadlineOptions {
  readonly ms: Millis
}

/**
 * Everything inside must have ended within `ms`: no sleep and no attempt begins that cannot, and what runs when the time is
 * over is aborted. A retry inside then gives back its last real error; where there is none, the answer is `DeadlineExceeded`.
 *
 * Adds `DeadlineExceeded` to the errors. Of nested deadlines the nearest counts. `deadline(Infinity)` does nothing; with a
 * reserve, it only says what the attempts inside need.
 *
 * @param ms milliseconds from the start of the call, > 0, or `Infinity`
 * @param options see `DeadlineOptions`
 *
 * @example
 * import { Policy, Runner, Runtime, Schedule } from 'resilience-ts'
 * import { pipe } from 'fp-ts/function'
 * import * as TE from 'fp-ts/TaskEither'
 * import * as E from 'fp-ts/Either'
 * import assert from 'assert'
 *
 * const policy = pipe(Policy.id<string, never>(), Policy.retry(Schedule.constant(60_000)), Policy.deadline(1000))
 * const runner = Runner.make(policy)(Runtime.live)()
 * // the next attempt could only begin after the deadline, so there is nothing to wait for
 * assert.deepStrictEqual(await runner.run(TE.left('busy'))(), E.left('busy'))
 *
 * @category time
 * @since 0.1.0
 */
export const deadline = (ms: Millis, options: DeadlineOptions = {}) => {
  const settings: Settings = { ...Rule.read(optionRules, options), ms }
  return <E, A, E2, A2>(policy: Policy<E, A, E2, A2>): Policy<E, A, E2 | DeadlineExceeded, A2> =>
    around<E2 | DeadlineExceeded, A2, Settings>(strategy, settings)(policy)
}

const optionRules: Rule.Rules<DeadlineOptions> = { reserve: /*#__PURE__*/ Rule.optional(Rule.delay) }

const strategy: Strategy<Settings> = {
  name: 'deadline',
  disabled: () => undefined,
  rules: { ...optionRules, ms: Rule.limit },
  problems: ({ ms, reserve = 0 }) =>
    ms > 0 && reserve >= ms
      ? [{ path: 'reserve', value: reserve, allowed: `less than the deadline, ${Duration.show(ms)}` }]
      : [],
  show: ({ ms, reserve }) => [
    Duration.show(ms),
    ...(reserve === undefined ? [] : [`reserve: ${Duration.show(reserve)}`])
  ],
  compile: ({ ms, reserve = 0 }, services, inner) => withDeadline(ms, reserve, services, inner)
}

/**
 * The layer of a deadline; a runner makes one for a call that brings its own.
 *
 * @internal
 */
export const withDeadline = (ms: Millis, reserve: Millis, services: Services, inner: Layer): Layer =>
  ms === Infinity && reserve === 0
    ? inner
    : { open: (context, up) => new DeadlineFrame(ms, reserve, services, inner, context, up) }

class DeadlineFrame extends Sleeper implements Frame, Up {
  private inner: Frame | undefined
  private answered = false
  /** Whether the deadline has come, and what is beneath is being asked for its last word. */
  private over = false

  constructor(
    private readonly ms: Millis,
    private readonly reserve: Millis,
    private readonly services: Services,
    private readonly layer: Layer,
    readonly context: Context,
    private readonly up: Up
  ) {
    super()
  }

  start(): void {
    const { services, context } = this
    const now = services.now()
    const deadline = Math.min(context.deadline, now + this.ms)
    const reserve = Math.max(context.reserve, this.reserve)
    if (deadline - now <= reserve) {
      this.reached()
      this.answer(this.exceeded(), true)
      return
    }
    const { call, number, previous } = context
    this.inner = this.layer.open({ call, number, previous, deadline, reserve }, this)
    // a nearer deadline outside will abort this one
    if (deadline < context.deadline) services.waiting.sleep(this.ms, this)
    this.inner.start()
  }

  abort(cause: Aborted): void {
    if (!this.answered) this.inner?.abort(cause)
  }

  done(exit: Exit, settled: boolean): void {
    const cutOff = exit._tag === 'Aborted' && this.over
    this.answer(cutOff ? this.exceeded() : exit, settled)
  }

  settled(): void {
    this.up.settled()
  }

  wake(): void {
    this.over = true
    this.reached()
    this.inner?.abort({ _tag: 'Aborted', by: 'deadline', reason: this.rejection() })
  }

  private rejection(): DeadlineExceeded {
    return { _tag: 'DeadlineExceeded', deadline: this.ms }
  }

  private exceeded(): Exit {
    return { _tag: 'Left', left: this.rejection() }
  }

  private reached(): void {
    const { call } = this.context
    if (call.observed) call.emit({ _tag: 'DeadlineReached', layer: this.services.layer })
  }

  private answer(exit: Exit, settled: boolean): void {
    if (this.answered) return
    this.answered = true
    this.services.waiting.cancel(this)
    this.up.done(exit, settled)
  }
}
