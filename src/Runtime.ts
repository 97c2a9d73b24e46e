/**
 * Everything impure that the interpreter needs, in one place: the clock, chance, and who listens.
 *
 * @since 0.1.0
 */
import type { Millis } from './Duration'
import type { Event } from './Event'
import { notify } from './Observer'
import type { Store } from './Store'

/**
 * Time, as the interpreter sees it. Functions that need no `this`: they are called by themselves.
 *
 * @category model
 * @since 0.1.0
 */
export interface Clock {
  /** The monotonic clock, in ms: it never goes back, and knows no dates. */
  readonly now: () => Millis
  /** The wall clock, in ms since 1970; only for what comes from outside or must outlive the process. */
  readonly wallClock: () => Millis
  /**
   * Calls `fire` once, `ms` milliseconds from now, 0 ≤ ms ≤ 2³¹ − 1; the process waits for it only if `keepAlive`.
   */
  readonly timer: (ms: Millis, fire: () => void, keepAlive: boolean) => Timer
  /** Calls `f` once, after the event loop has had a turn. */
  readonly turn: (f: () => void) => void
}

/**
 * A timer that can be called off.
 *
 * @category model
 * @since 0.1.0
 */
export interface Timer {
  readonly cancel: () => void
}

/**
 * What a runner runs on. `Runtime.live` is the real one; `resilience-ts/testing` has one whose clock jumps.
 *
 * A plain object, whose functions need no `this`: they are called by themselves, and copies are made of it.
 *
 * @category model
 * @since 0.1.0
 */
export interface Runtime {
  readonly clock: Clock
  /** Uniform draws in [0, 1). */
  readonly random: () => number
  /**
   * What tells this process from all others that it shares a store with. It is no matter of policy, and has nothing to do with
   * `random`, which may be the same in each of them; where there is none, that is asked for it.
   */
  readonly process?: string | number
  /** Whether waiting (a backoff, a timeout) keeps the process alive. */
  readonly keepAlive: boolean
  /** Where states are that strategies share by name; where there is none, nothing can be shared. */
  readonly store?: Store
  /** Sees every event of every run; it cannot change an outcome, whatever it does. */
  readonly observe?: (event: Event) => void
}

/**
 * The same runtime with another observer, called after the ones that it already has.
 *
 * What an observer throws, or rejects with, is ignored. With none, no event is ever made.
 *
 * @example
 * import { Runtime } from 'resilience-ts'
 * import { pipe } from 'fp-ts/function'
 * import assert from 'assert'
 *
 * const seen: Array<string> = []
 * const runtime = pipe(Runtime.live, Runtime.withObserver((event) => seen.push(event._tag)))
 * assert.strictEqual(typeof runtime.observe, 'function')
 *
 * @category combinators
 * @since 0.1.0
 */
export const withObserver =
  (observe: (event: Event) => void) =>
  (runtime: Runtime): Runtime => {
    const { observe: before } = runtime
    if (before === undefined) return { ...runtime, observe }
    return {
      ...runtime,
      observe: (event) => {
        notify(before, event)
        notify(observe, event)
      }
    }
  }

/**
 * The same runtime with another source of chance.
 *
 * @param random gives uniform draws in [0, 1)
 *
 * @example
 * import { Random, Runtime } from 'resilience-ts'
 * import { pipe } from 'fp-ts/function'
 * import assert from 'assert'
 *
 * const runtime = pipe(Runtime.live, Runtime.withRandom(Random.seeded(42)))
 * assert.strictEqual(runtime.random(), Random.seeded(42)())
 *
 * @category combinators
 * @since 0.1.0
 */
export const withRandom =
  (random: () => number) =>
  (runtime: Runtime): Runtime => ({ ...runtime, random })

/**
 * The same runtime with a store, in which strategies that have a name share their state with all others of that name.
 *
 * @param store see `Store`
 *
 * @example
 * import { Policy, Runner, Runtime, Store, Trip } from 'resilience-ts'
 * import { pipe } from 'fp-ts/function'
 * import * as TE from 'fp-ts/TaskEither'
 * import * as E from 'fp-ts/Either'
 * import assert from 'assert'
 *
 * const runtime = pipe(Runtime.live, Runtime.withStore(Store.memory()))
 * const policy = pipe(
 *   Policy.id<string, number>(),
 *   Policy.circuitBreaker({ name: 'users', trip: Trip.consecutiveFailures(1), openFor: 30_000 })
 * )
 * const one = Runner.make(policy)(runtime)()
 * const other = Runner.make(policy)(runtime)()
 * assert.deepStrictEqual(await one.run(TE.left('down'))(), E.left('down'))
 * const answer = await other.run(TE.right(1))()
 * assert.ok(E.isLeft(answer) && typeof answer.left === 'object' && answer.left._tag === 'CircuitOpen')
 *
 * @category combinators
 * @since 0.1.0
 */
export const withStore =
  (store: Store) =>
  (runtime: Runtime): Runtime => ({ ...runtime, store })

/**
 * The same runtime, whose waiting does not keep the process alive: for work that may be dropped when all else is done.
 *
 * @example
 * import { Runtime } from 'resilience-ts'
 * import assert from 'assert'
 *
 * assert.strictEqual(Runtime.live.keepAlive, true)
 * assert.strictEqual(Runtime.background(Runtime.live).keepAlive, false)
 *
 * @category combinators
 * @since 0.1.0
 */
export const background = (runtime: Runtime): Runtime => ({ ...runtime, keepAlive: false })
