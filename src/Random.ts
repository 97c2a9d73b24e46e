/**
 * Chance from a seed: the same seed, the same draws, on every machine.
 *
 * @since 0.1.0
 */

/**
 * A source of uniform draws in [0, 1), made from a seed. Draws are mutable state: make one source per use.
 *
 * Source: T. Ettinger's `mulberry32` (32 bits of state; good for tests and jitter, not for secrets).
 *
 * @param seed any number; its lowest 32 bits count
 *
 * @example
 * import { Random } from 'resilience-ts'
 * import assert from 'assert'
 *
 * const [a, b] = [Random.seeded(42), Random.seeded(42)]
 * assert.deepStrictEqual([a(), a()], [b(), b()])
 *
 * @category constructors
 * @since 0.1.0
 */
export const seeded = (seed: number): (() => number) => {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

/**
 * The numbered draws of one decision: draw n is the n-th that the source gave since, each is made when it is first asked for,
 * and asking again gives the same.
 *
 * @example
 * import { Random } from 'resilience-ts'
 * import assert from 'assert'
 *
 * const draw = Random.numbered(Random.seeded(1))
 * assert.strictEqual(draw(1), draw(1))
 * assert.notStrictEqual(draw(0), draw(1))
 *
 * @category constructors
 * @since 0.1.0
 */
export const numbered = (source: () => number): ((draw: number) => number) => {
  const drawn: Array<number> = []
  return (draw) => {
    while (drawn.length <= draw) drawn.push(source())
    return drawn[draw] as number
  }
}
