/**
 * A look at a schedule without running anything: the delays that it would give.
 *
 * @since 0.1.0
 */
import type { Millis } from '../Duration'
import type { Problem } from '../Problem'
import * as Random from '../Random'
import type { StopReason } from '../StopReason'
import { initial, type Schedule, step, validate } from './Model'

/**
 * The delays a schedule gave, and why there are no more of them: a stop, impossible settings, or (`Unfinished`) because
 * that was as many as were asked for.
 *
 * @category model
 * @since 0.1.0
 */
export interface Preview {
  readonly delays: ReadonlyArray<Millis>
  readonly stopped:
    | StopReason
    | { readonly _tag: 'Unfinished' }
    | { readonly _tag: 'Invalid'; readonly problems: ReadonlyArray<Problem> }
}

/**
 * What to suppose of the attempts in a preview.
 *
 * - `seed`: of the random draws; 0 unless given. `random` gives the draws themselves;
 * - `durations`: how long each attempt takes, in ms, the last one repeating; attempts take no time unless given.
 *
 * @category model
 * @since 0.1.0
 */
export interface PreviewOptions {
  readonly seed?: number | undefined
  readonly random?: (() => number) | undefined
  readonly durations?: ReadonlyArray<Millis> | undefined
}

/**
 * The first `n` delays of a schedule, for a seed, and for inputs (the last one repeats) where the schedule looks at them.
 * Nothing runs and no time passes.
 *
 * @param n how many delays to give at the most; whole, ≥ 0
 *
 * @example
 * import { Schedule } from 'resilience-ts'
 * import { pipe } from 'fp-ts/function'
 * import assert from 'assert'
 *
 * const schedule = pipe(Schedule.exponential(100), Schedule.cap(1000), Schedule.take(6))
 * assert.deepStrictEqual(Schedule.preview(4)(schedule), { delays: [100, 200, 400, 800], stopped: { _tag: 'Unfinished' } })
 *
 * @category destructors
 * @since 0.1.0
 */
export const preview: {
  <I>(
    n: number,
    options: PreviewOptions & { readonly inputs: readonly [I, ...ReadonlyArray<I>] }
  ): (schedule: Schedule<I>) => Preview
  (n: number, options?: PreviewOptions): (schedule: Schedule<unknown>) => Preview
} =
  (n: number, options: PreviewOptions & { readonly inputs?: ReadonlyArray<unknown> } = {}) =>
  (schedule: Schedule<never>): Preview => {
    const problems = validate(schedule)
    if (problems.length > 0) return { delays: [], stopped: { _tag: 'Invalid', problems } }
    const { inputs = [], durations = [], random = Random.seeded(options.seed ?? 0) } = options
    const delays: Array<Millis> = []
    let state = initial(schedule)
    let began = 0
    for (let attempt = 1; attempt <= n; attempt++) {
      const elapsed = later(began, nth(durations, attempt) ?? 0)
      const tick = { now: elapsed, elapsed, began, attempt, random: Random.numbered(random), due: 0 }
      const answer = step(schedule, state, tick, nth(inputs, attempt) as never)
      if (answer._tag === 'Stop') return { delays, stopped: answer.reason }
      delays.push(answer.delay)
      state = answer.state
      began = later(elapsed, answer.delay)
    }
    return { delays, stopped: { _tag: 'Unfinished' } }
  }

/** Time saturates: what is infinitely late would be no time any more. */
const later = (time: Millis, by: Millis): Millis => Math.min(time + by, Number.MAX_VALUE)

/** The n-th of a list, counted from 1; past its end, the last. */
const nth = <T>(list: ReadonlyArray<T>, n: number): T | undefined => list[Math.min(n, list.length) - 1]
