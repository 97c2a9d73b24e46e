/**
 * `timeout`: an answer in time, whatever the operation does.
 *
 * ```
 * timeout(1000)      0                      1000
 *   operation        |--------------------- x - - - - - late result: ignored, seen as an event
 *   answer                                  TimedOut, and the attempt's signal is aborted
 * ```
 *
 * Inside a retry it bounds each attempt, outside it the total.
 *
 * @since 0.1.0
 */
import { crashed } from '../Crash'
import * as Duration from '../Duration'
import type { Millis } from '../Duration'
import type { Exit } from '../Exit'
import { around, type Policy } from '../Policy'
import { type Context, type Frame, type Layer, type Services, Sleeper, type Up } from '../Protocol'
import type { Aborted, TimedOut } from '../Rejection'
import * as Rule from '../Rule'
import type { Strategy } from '../Strategy'
import { tooShort } from '../Nesting'

/**
 * How a timeout answers.
 *
 * - `grace`: milliseconds, ≥ 0, that it waits, after having aborted the attempt, for the operation to settle before it
 *   answers `TimedOut`; `Infinity` waits for as long as it takes. 0 unless given: it answers at once.
 *
 * @category model
 * @since 0.1.0
 */
export interface TimeoutOptions {
  readonly grace?: Millis | undefined
}

interface Settings extends TimeoutOptions {
  readonly ms: Millis
}

/**
 * Ends an attempt that takes longer than `ms`: its signal is aborted, and the answer is `TimedOut`.
 *
 * Adds `TimedOut` to the errors. The operation may go on behind the scenes if it does not heed its signal: what it holds
 * (a permit) is held until it settles, and its late result changes nothing. `timeout(Infinity)` does nothing.
 *
 * @param ms milliseconds, > 0, or `Infinity`
 * @param options see `TimeoutOptions`
 *
 * @example
 * import { Policy, Runner, Runtime } from 'resilience-ts'
 * import { pipe } from 'fp-ts/function'
 * import * as E from 'fp-ts/Either'
 * import assert from 'assert'
 *
 * const runner = Runner.make(pipe(Policy.id<never, string>(), Policy.timeout(5)))(Runtime.live)()
 * const never = () => new Promise<E.Either<never, string>>(() => {})
 * assert.deepStrictEqual(await runner.run(never)(), E.left({ _tag: 'TimedOut', timeout: 5 }))
 *
 * @category time
 * @since 0.1.0
 */
export const timeout = (ms: Millis, options: TimeoutOptions = {}) => {
  const settings: Settings = { ...Rule.read(optionRules, options), ms }
  return <E, A, E2, A2>(policy: Policy<E, A, E2, A2>): Policy<E, A, E2 | TimedOut, A2> =>
    around<E2 | TimedOut, A2, Settings>(strategy, settings)(policy)
}

const optionRules: Rule.Rules<TimeoutOptions> = { grace: /*#__PURE__*/ Rule.optional(Rule.patience) }

const strategy: Strategy<Settings> = {
  name: 'timeout',
  disabled: () => undefined,
  rules: { ...optionRules, ms: Rule.limit },
  show: ({ ms, grace }) => [Duration.show(ms), ...(grace === undefined ? [] : [`grace: ${Duration.show(grace)}`])],
  advise: ({ ms }, inside) => tooShort(ms, inside),
  compile: ({ ms, grace = 0 }, services, inner) => {
    if (ms === Infinity) return inner
    const rejection: TimedOut = Object.freeze({ _tag: 'TimedOut', timeout: ms })
    const timeout: Timeout = {
      ms,
      grace,
      services,
      exit: Object.freeze({ _tag: 'Left', left: rejection }),
      cause: Object.freeze({ _tag: 'Aborted', by: 'timeout', reason: rejection })
    }
    return { open: (context, up) => new TimeoutFrame(timeout, inner, context, up) }
  }
}

/** What all calls of one timeout share: the rejection and the abort cause are made once. */
interface Timeout {
  readonly ms: Millis
  readonly grace: Millis
  readonly services: Services
  readonly exit: Exit
  readonly cause: Aborted
}

/** Where a call's passage through a timeout stands. */
const enum Phase {
  InTime,
  /** The time is over: what comes from beneath is no answer any more. */
  Over,
  /** The time is over, and what ran has settled. */
  OverAndSettled,
  Answered
}

class TimeoutFrame extends Sleeper implements Frame, Up {
  private phase: Phase = Phase.InTime
  private readonly inner: Frame

  constructor(
    private readonly timeout: Timeout,
    inner: Layer,
    readonly context: Context,
    private readonly up: Up
  ) {
    super()
    this.inner = inner.open(context, this)
  }

  start(): void {
    this.timeout.services.waiting.sleep(this.timeout.ms, this)
    this.inner.start()
  }

  abort(cause: Aborted): void {
    if (this.phase === Phase.InTime) this.inner.abort(cause)
    else if (this.phase !== Phase.Answered) this.answer(cause, this.phase === Phase.OverAndSettled)
    if (cause === crashed) this.timeout.services.waiting.cancel(this)
  }

  done(exit: Exit, settled: boolean): void {
    if (this.phase === Phase.InTime) this.answer(exit, settled)
    else if (settled && this.phase === Phase.Answered) this.up.settled()
    else if (settled) this.phase = Phase.OverAndSettled
  }

  settled(): void {
    if (this.phase === Phase.Answered) this.up.settled()
    else this.answer(this.timeout.exit, true)
  }

  wake(): void {
    const { ms, grace, exit, cause, services } = this.timeout
    if (this.phase !== Phase.InTime) {
      this.answer(exit, this.phase === Phase.OverAndSettled)
      return
    }
    const { call } = this.context
    if (call.observed) call.emit({ _tag: 'TimeoutFired', layer: services.layer, timeout: ms })
    // whoever listens, to events or to the attempt's signal, may call this off
    if (this.is(Phase.Answered)) return
    this.phase = Phase.Over
    this.inner.abort(cause)
    if (this.is(Phase.Answered)) return
    const settled = this.is(Phase.OverAndSettled)
    if (grace === 0 || settled) this.answer(exit, settled)
    else if (grace < Infinity) services.waiting.sleep(grace, this)
  }

  private answer(exit: Exit, settled: boolean): void {
    this.phase = Phase.Answered
    this.timeout.services.waiting.cancel(this)
    this.up.done(exit, settled)
  }

  /** The phase may have changed in between, in ways that a type checker cannot see. */
  private is(phase: Phase): boolean {
    return this.phase === phase
  }
}
