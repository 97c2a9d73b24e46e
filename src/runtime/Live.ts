/**
 * The real clock and real chance: the one file that touches them.
 *
 * @since 0.1.0
 */
import type { Clock, Runtime } from '../Runtime'

/** Where the platform has no `setImmediate`, a timer of 0 ms is its turn of the event loop. */
const turn: (f: () => void) => void =
  typeof setImmediate === 'function' ? (f) => void setImmediate(f) : (f) => void setTimeout(f, 0)

/**
 * What tells the time is taken once, as the platform asks a getter where it is looked up; and what makes timers with it, as they
 * must go by the same time.
 */
const clockOf = (monotonic: typeof performance, arm: typeof setTimeout): Clock => ({
  now: () => monotonic.now(),
  wallClock: () => Date.now(),
  timer: (ms, fire, keepAlive) => {
    const timer: unknown = arm(fire, ms)
    // browsers give a number, which keeps nothing alive
    if (!keepAlive && typeof timer === 'object') (timer as NodeJS.Timeout).unref()
    return {
      cancel: () => {
        clearTimeout(timer as NodeJS.Timeout)
      }
    }
  },
  turn
})

let latest: typeof performance
let clock: Clock

/**
 * The real world: the monotonic clock, the platform's timers, `Math.random`; nobody listens; waiting keeps the process alive.
 *
 * @example
 * import { Policy, Runner, Runtime } from 'resilience-ts'
 * import { pipe } from 'fp-ts/function'
 * import * as TE from 'fp-ts/TaskEither'
 * import * as E from 'fp-ts/Either'
 * import assert from 'assert'
 *
 * const runner = Runner.make(pipe(Policy.id<string, number>(), Policy.timeout(1000)))(Runtime.live)()
 * assert.deepStrictEqual(await runner.run(TE.right(42))(), E.right(42))
 *
 * @category instances
 * @since 0.1.0
 */
export const live: Runtime = {
  // a clock for each that tells the time: a test may have put fake timers, and a time of theirs, in the place of the platform's
  get clock() {
    if (latest !== performance) clock = clockOf((latest = performance), setTimeout)
    return clock
  },
  random: () => Math.random(),
  process: /*#__PURE__*/ Math.random(),
  keepAlive: true
}
