/**
 * `circuitBreaker`: no calls to what is down.
 *
 * ```
 * circuitBreaker({ trip: consecutiveFailures(2), openFor: 1000, ramp: { over: 500 } })
 *
 *   calls     x  x  –  –  –  –        ✓         ✓ – ✓ – ✓ ✓ ✓ ✓ ✓
 *   state     closed│open             │half-open│closed, ramping up │closed
 *                   0             1000          │               +500
 *   x failed   – CircuitOpen, nothing is called   ✓ succeeded
 * ```
 *
 * @since 0.1.0
 */
import type { Option } from 'fp-ts/Option'
import { around, type Ends, type Policy } from '../Policy'
import type { Steerable } from '../Protocol'
import type { CircuitOpen } from '../Rejection'
import type { Strategy } from '../Strategy'
import { advise } from './CircuitBreaker/Advice'
import { Breaker } from './CircuitBreaker/Breaker'
import { CircuitBreakerFrame } from './CircuitBreaker/CircuitBreakerFrame'
import { type CircuitBreakerControl, Control } from './CircuitBreaker/Control'
import {
  type CircuitBreakerOptions,
  problems,
  read,
  rules,
  type Settings,
  showSettings
} from './CircuitBreaker/Settings'

export type { CircuitChange } from './CircuitBreaker/Breaker'
export type { CircuitBreakerControl, CircuitControl } from './CircuitBreaker/Control'
export type { CircuitBreakerOptions, PerKey, Ramp } from './CircuitBreaker/Settings'
export type { CircuitSnapshot } from './CircuitBreaker/Snapshot'
export type { CircuitStatus } from './CircuitBreaker/Status'

/**
 * Lets calls through until too much of what they call has failed; then lets none through for a while, then a few as probes,
 * and closes again when those succeed.
 *
 * Adds `CircuitOpen` to the errors. The call that opens it gets its own error. A result of a call that was let in before the
 * state changed moves the new state no more. What was refused further in, an abort and a `Defect` say nothing about what is
 * called; an operation that hangs until a timeout outside has had enough has failed.
 *
 * The state is that of the runner, unless it has a `name`: make one runner for what is to share it. `circuitBreakerControl`
 * shows and steers it. It sets no timers: what is over by the clock is found when somebody asks.
 *
 * @param options see `CircuitBreakerOptions`
 *
 * @example
 * import { Policy, Runner, Trip } from 'resilience-ts'
 * import { fails, script, succeeds, virtual } from 'resilience-ts/testing'
 * import { pipe } from 'fp-ts/function'
 * import * as E from 'fp-ts/Either'
 * import assert from 'assert'
 *
 * const time = virtual()
 * const policy = pipe(
 *   Policy.id<string, number>(),
 *   Policy.circuitBreaker({ trip: Trip.consecutiveFailures(2), openFor: 1000 })
 * )
 * const runner = Runner.make(policy)(time.runtime)()
 * const operation = script(time, fails('down'), fails('down'), succeeds(1))
 * const call = () => time.run(runner.run(operation.task))
 * assert.deepStrictEqual([await call(), await call()], [E.left('down'), E.left('down')])
 * await time.advance(400)
 * assert.deepStrictEqual(await call(), E.left({ _tag: 'CircuitOpen', reason: 'open', retryAfter: 600 }))
 * await time.advance(600)
 * assert.deepStrictEqual(await call(), E.right(1))
 *
 * @category limiting
 * @since 0.1.0
 */
export const circuitBreaker = <S, I, J>(options: CircuitBreakerOptions<I, J, S>) => {
  const settings = read(options)
  return <E, A, E2 extends S, A2>(policy: Ends<I, J> & Policy<E, A, E2, A2>): Policy<E, A, E2 | CircuitOpen, A2> =>
    around<E2 | CircuitOpen, A2, Settings>(strategy, settings)<E, A>(policy)
}

/**
 * The control of a circuit breaker in a runner, by the name of its layer; `None` where there is no breaker of that name.
 *
 * @param runner any runner
 * @param name the layer's name, as `Policy.names` gives it; `circuitBreaker` unless given
 *
 * @example
 * import { Policy, Runner, Runtime, Trip } from 'resilience-ts'
 * import { pipe } from 'fp-ts/function'
 * import * as O from 'fp-ts/Option'
 * import assert from 'assert'
 *
 * const policy = pipe(
 *   Policy.id<never, number>(),
 *   Policy.circuitBreaker({ trip: Trip.consecutiveFailures(5), openFor: 1000 })
 * )
 * const control = Policy.circuitBreakerControl(Runner.make(policy)(Runtime.live)())
 * assert.ok(O.isSome(control))
 * assert.strictEqual(control.value.status().state, 'closed')
 * const letGo = control.value.isolate()
 * assert.strictEqual(control.value.status().state, 'isolated')
 * letGo()
 * assert.strictEqual(control.value.status().state, 'closed')
 *
 * @category steering
 * @since 0.1.0
 */
export const circuitBreakerControl = (runner: Steerable, name = 'circuitBreaker'): Option<CircuitBreakerControl> => {
  const control = runner.controls.get(name)
  return control instanceof Control ? { _tag: 'Some', value: control } : { _tag: 'None' }
}

const strategy: Strategy<Settings> = {
  name: 'circuitBreaker',
  rules,
  problems,
  advise,
  show: showSettings,
  disabled: () => undefined,
  compile: (settings, services, inner) => {
    // what was set anew by an override has not been read yet
    const breaker = new Breaker(read(settings), services, inner)
    const { lane } = breaker
    return {
      open: (context, up) => new CircuitBreakerFrame(breaker, context, up),
      control: new Control(breaker),
      ...(lane === undefined ? {} : { lane })
    }
  }
}
