/**
 * Every race of a scenario, in as many orders as there are seeds.
 *
 * @since 0.1.0
 */
import type { Millis } from '../Duration'
import { show } from '../Problem'
import * as Rule from '../Rule'
import { virtual, type VirtualRuntime } from './VirtualRuntime'

/**
 * How many orders are tried, and how far apart two things may be and still change places.
 *
 * - `seeds`: how many; `from`: the first, 0 unless given;
 * - `window`: in ms; 0 unless given;
 * - `log`: whether events are logged; `true` unless given. Without it nobody listens, and calls go as most do in production.
 *
 * @category model
 * @since 0.1.0
 */
export interface InterleavingOptions {
  readonly seeds: number
  readonly from?: number | undefined
  readonly window?: Millis | undefined
  readonly log?: boolean | undefined
}

/**
 * The seed of an order in which a scenario did not hold, and what it said.
 *
 * @category model
 * @since 0.1.0
 */
export interface Counterexample {
  readonly seed: number
  readonly problem: unknown
}

/**
 * Plays a scenario once for each seed, each time in another order of what may happen in either order, and gives back the
 * seeds in which it rejected; the first ten. None is what one hopes for. A seed plays the same order again. It rejects where the
 * options cannot be, as nothing would be played.
 *
 * @param options see `InterleavingOptions`
 * @param scenario plays the scenario in the virtual runtime that it is given, and rejects if something does not hold
 *
 * @example
 * import { Policy, Runner } from 'resilience-ts'
 * import { interleavings, script, succeeds } from 'resilience-ts/testing'
 * import { pipe } from 'fp-ts/function'
 * import * as E from 'fp-ts/Either'
 * import assert from 'assert'
 *
 * // the operation and the timeout are due at the same instant
 * const seen = new Set<string>()
 * const found = await interleavings({ seeds: 50 }, async (time) => {
 *   const runner = Runner.make(pipe(Policy.id<never, number>(), Policy.timeout(100)))(time.runtime)()
 *   const answer = await time.run(runner.run(script(time, succeeds(1, 100)).task))
 *   seen.add(answer._tag)
 *   assert.deepStrictEqual(await time.settle(), { timers: 0, turns: 0, listeners: 0, operations: 0, promises: 0, permits: 0 })
 * })
 * assert.deepStrictEqual(found, [])
 * assert.deepStrictEqual([...seen].sort(), ['Left', 'Right'])
 *
 * @category running
 * @since 0.1.0
 */
export const interleavings = async (
  { seeds, from = 0, window = 0, log = true }: InterleavingOptions,
  scenario: (time: VirtualRuntime, seed: number) => Promise<unknown>
): Promise<ReadonlyArray<Counterexample>> => {
  const [problem] = Rule.check({ seeds: Rule.count, from: Rule.finite, window: Rule.delay }, { seeds, from, window })
  // none played would be none found
  if (problem !== undefined) return Promise.reject(new Error(show(problem)))
  const found: Array<Counterexample> = []
  for (let seed = from; seed < from + seeds && found.length < 10; seed++) {
    try {
      await scenario(virtual({ seed, order: 'seeded', window, log }), seed)
    } catch (problem) {
      found.push({ seed, problem })
    }
  }
  return found
}
