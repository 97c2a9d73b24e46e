/**
 * The schedules that name their delays: how long each wait is, before anything bends it.
 *
 * @since 0.1.0
 */
import * as Duration from '../Duration'
import type { Millis } from '../Duration'
import { showValue } from '../Problem'
import * as Rule from '../Rule'
import { isDraw, noDraw } from './Draw'
import {
  again,
  build,
  delayed,
  fault,
  type Form,
  halt,
  saturate,
  type Schedule,
  type State,
  type Step,
  type Tick
} from './Model'

const stateless = (): State => 0

const onForever = /*#__PURE__*/ again(0, 0)
const foreverForm: Form<object> = {
  name: 'forever',
  rules: {},
  initial: stateless,
  step: () => onForever,
  show: () => 'forever'
}

/**
 * Again at once, without end: the identity of `both`, and the zero of `either`.
 *
 * @example
 * import { Schedule } from 'resilience-ts'
 * import assert from 'assert'
 *
 * assert.deepStrictEqual(Schedule.preview(3)(Schedule.forever).delays, [0, 0, 0])
 *
 * @category constructors
 * @since 0.1.0
 */
export const forever: Schedule<unknown> = /*#__PURE__*/ build(foreverForm, {})

const onStop = /*#__PURE__*/ halt({ _tag: 'Never' })
const stopForm: Form<object> = {
  name: 'stop',
  rules: {},
  initial: stateless,
  step: () => onStop,
  show: () => 'stop'
}

/**
 * Never again: the identity of `either` and of `andThen`, and the zero of `both`.
 *
 * @example
 * import { Schedule } from 'resilience-ts'
 * import assert from 'assert'
 *
 * assert.deepStrictEqual(Schedule.preview(3)(Schedule.stop), { delays: [], stopped: { _tag: 'Never' } })
 *
 * @category constructors
 * @since 0.1.0
 */
export const stop: Schedule<unknown> = /*#__PURE__*/ build(stopForm, {})

interface ConstantSettings {
  readonly delay: Millis
}
const constantForm: Form<ConstantSettings> = {
  name: 'constant',
  rules: { delay: Rule.delay },
  initial: stateless,
  step: (schedule) => again((schedule.settings as ConstantSettings).delay, 0),
  show: ({ delay }) => `constant(${Duration.show(delay)})`
}

/**
 * The same delay before each recurrence.
 *
 * @param delay milliseconds, finite, ≥ 0
 *
 * @example
 * import { Schedule } from 'resilience-ts'
 * import assert from 'assert'
 *
 * assert.deepStrictEqual(Schedule.preview(3)(Schedule.constant(250)).delays, [250, 250, 250])
 *
 * @category constructors
 * @since 0.1.0
 */
export const constant = (delay: Millis): Schedule<unknown> => build(constantForm, { delay })

interface LinearSettings {
  readonly start: Millis
  readonly increment: Millis
}
const linearForm: Form<LinearSettings> = {
  name: 'linear',
  rules: { start: Rule.delay, increment: Rule.finite },
  initial: stateless,
  step: (schedule, n: number) => {
    const { start, increment } = schedule.settings as LinearSettings
    return again(Math.max(0, saturate(start + increment * n)), n + 1)
  },
  show: ({ start, increment }) => {
    const grows = typeof increment === 'number' && increment >= 0
    return `linear(${Duration.show(start)}, ${grows ? '+' : ''}${Duration.show(increment)})`
  }
}

/**
 * A delay that grows (or shrinks, but never below 0) by a fixed step: `start + increment·n`, n from 0.
 *
 * @param start milliseconds, finite, ≥ 0
 * @param increment milliseconds, finite; negative shrinks
 *
 * @example
 * import { Schedule } from 'resilience-ts'
 * import { pipe } from 'fp-ts/function'
 * import assert from 'assert'
 *
 * const schedule = pipe(Schedule.linear(1000, 2000), Schedule.cap(6000))
 * assert.deepStrictEqual(Schedule.preview(5)(schedule).delays, [1000, 3000, 5000, 6000, 6000])
 *
 * @category constructors
 * @since 0.1.0
 */
export const linear = (start: Millis, increment: Millis): Schedule<unknown> => build(linearForm, { start, increment })

interface ExponentialSettings {
  readonly base: Millis
  readonly factor: number
}
const exponentialForm: Form<ExponentialSettings> = {
  name: 'exponential',
  rules: { base: Rule.delay, factor: Rule.factor },
  initial: stateless,
  step: (schedule, n: number) => {
    const { base, factor } = schedule.settings as ExponentialSettings
    // 0 · ∞ would be NaN
    return again(base === 0 ? 0 : saturate(base * factor ** n), n + 1)
  },
  show: ({ base, factor }) => `exponential(${Duration.show(base)}, factor ${showValue(factor)})`
}

/**
 * Exponential backoff: `base·factor^n`, n from 0. It saturates at the largest finite number and never overflows; bound it
 * with `cap`.
 *
 * @param base the first delay; milliseconds, finite, ≥ 0
 * @param factor what each delay is multiplied by to give the next; finite, > 0; 2 unless given
 *
 * @example
 * import { Schedule } from 'resilience-ts'
 * import { pipe } from 'fp-ts/function'
 * import assert from 'assert'
 *
 * const schedule = pipe(Schedule.exponential(128), Schedule.cap(30_000))
 * assert.deepStrictEqual(Schedule.preview(10)(schedule).delays, [
 *   128, 256, 512, 1024, 2048, 4096, 8192, 16384, 30000, 30000
 * ])
 *
 * @category constructors
 * @since 0.1.0
 */
export const exponential = (base: Millis, factor = 2): Schedule<unknown> => build(exponentialForm, { base, factor })

interface FibonacciSettings {
  readonly base: Millis
}
const fibonacciForm: Form<FibonacciSettings> = {
  name: 'fibonacci',
  rules: { base: Rule.delay },
  initial: () => [0, 1],
  step: (schedule, [before, current]: readonly [number, number]) => {
    const { base } = schedule.settings as FibonacciSettings
    return again(base === 0 ? 0 : saturate(base * current), [current, saturate(before + current)])
  },
  show: ({ base }) => `fibonacci(${Duration.show(base)})`
}

/**
 * Fibonacci backoff: 1, 1, 2, 3, 5, 8… times `base`. It grows more gently than `exponential`, and saturates like it.
 *
 * @param base milliseconds, finite, ≥ 0
 *
 * @example
 * import { Schedule } from 'resilience-ts'
 * import assert from 'assert'
 *
 * assert.deepStrictEqual(Schedule.preview(6)(Schedule.fibonacci(10)).delays, [10, 10, 20, 30, 50, 80])
 *
 * @category constructors
 * @since 0.1.0
 */
export const fibonacci = (base: Millis): Schedule<unknown> => build(fibonacciForm, { base })

interface DelaysSettings {
  readonly list: ReadonlyArray<Millis>
}
const delaysForm: Form<DelaysSettings> = {
  name: 'delays',
  rules: { list: /*#__PURE__*/ Rule.listOf(Rule.delay) },
  initial: stateless,
  step: (schedule, n: number) => {
    const { list } = schedule.settings as DelaysSettings
    const delay = list[n]
    return delay === undefined ? halt({ _tag: 'Delays', limit: list.length }) : again(delay, n + 1)
  },
  show: ({ list }) => `delays(${Array.isArray(list) ? list.map(Duration.show).join(', ') : showValue(list)})`
}

/** What is a list as a plain copy; of one that throws when it is read, what no rule lets pass. */
const copied = (u: unknown): unknown => {
  try {
    return Array.isArray(u) ? [...(u as ReadonlyArray<unknown>)] : u
  } catch (cause) {
    return { _tag: 'Unreadable', cause } satisfies Rule.Unreadable
  }
}

/**
 * Exactly these delays, one after the other, then stop. To have the last one repeat: `andThen(constant(last))`.
 *
 * @param list at least one delay; milliseconds each, finite, ≥ 0
 *
 * @example
 * import { Schedule } from 'resilience-ts'
 * import { pipe } from 'fp-ts/function'
 * import assert from 'assert'
 *
 * const schedule = pipe(Schedule.delays([10, 50]), Schedule.andThen(Schedule.constant(200)))
 * assert.deepStrictEqual(Schedule.preview(4)(schedule).delays, [10, 50, 200, 200])
 *
 * @category constructors
 * @since 0.1.0
 */
export const delays = (list: ReadonlyArray<Millis>): Schedule<unknown> =>
  build(delaysForm, { list: copied(list) as ReadonlyArray<Millis> })

interface UniformSettings {
  readonly min: Millis
  readonly max: Millis
}
const uniformForm: Form<UniformSettings> = {
  name: 'uniform',
  rules: { min: Rule.delay, max: Rule.delay },
  initial: stateless,
  step: (schedule, _state, tick, _input, draw) => {
    const { min, max } = schedule.settings as UniformSettings
    const u = tick.random(draw)
    return isDraw(u) ? again(min + (max - min) * u, 0) : noDraw('uniform', u)
  },
  show: ({ min, max }) => `uniform(${Duration.show(min)}, ${Duration.show(max)})`
}

/**
 * A delay drawn anew each time, uniformly from `[min, max)`: `min + (max − min)·u`.
 *
 * @param min milliseconds, finite, ≥ 0
 * @param max milliseconds, finite, ≥ 0; below `min` the range is read backwards
 *
 * @example
 * import { Schedule } from 'resilience-ts'
 * import assert from 'assert'
 *
 * assert.deepStrictEqual(Schedule.preview(2, { random: () => 0.5 })(Schedule.uniform(100, 300)).delays, [200, 200])
 *
 * @category constructors
 * @since 0.1.0
 */
export const uniform = (min: Millis, max: Millis): Schedule<unknown> =>
  build(uniformForm, { min, max }, undefined, { draws: 1 })

interface IterateSettings {
  readonly first: Millis
  readonly f: (previous: Millis, tick: Tick) => Millis
}
const iterateForm: Form<IterateSettings> = {
  name: 'iterate',
  rules: { first: Rule.delay, f: Rule.callback },
  initial: () => -1,
  step: (schedule, previous: number, tick, _input, draw): Step => {
    const { first, f } = schedule.settings as IterateSettings
    if (previous < 0) return again(first, first)
    try {
      const next = delayed('iterate', f(previous, { ...tick, random: (n) => tick.random(draw + n) }), 0)
      return next._tag === 'Continue' ? again(next.delay, next.delay) : next
    } catch (cause) {
      return fault('iterate', cause)
    }
  },
  show: ({ first, f }) => `iterate(${Duration.show(first)}, ${showValue(f)})`
}

/**
 * Any recurrence: the first delay as given, then `f` of the one before. `tick.random(0)` is its own random draw.
 *
 * An answer below 0 counts as 0; one that is no finite number, or a throw, stops with a `Fault`.
 *
 * @param first milliseconds, finite, ≥ 0
 * @param f gives the next delay in milliseconds, from the previous one and the tick
 *
 * @example
 * import { Schedule } from 'resilience-ts'
 * import assert from 'assert'
 *
 * // delay 1, backoff 2, jitter 1, at most 10
 * const recurrence = Schedule.iterate(1, (d) => Math.min(d * 2 + 1, 10))
 * assert.deepStrictEqual(Schedule.preview(5)(recurrence).delays, [1, 3, 7, 10, 10])
 *
 * @category constructors
 * @since 0.1.0
 */
export const iterate = (first: Millis, f: (previous: Millis, tick: Tick) => Millis): Schedule<unknown> =>
  build(iterateForm, { first, f }, undefined, { draws: 1, timed: true })

interface ComputedSettings {
  readonly f: (tick: Tick) => Millis
}
const computedForm: Form<ComputedSettings> = {
  name: 'computed',
  rules: { f: Rule.callback },
  initial: stateless,
  step: (schedule, _state, tick, _input, draw) => {
    const { f } = schedule.settings as ComputedSettings
    try {
      return delayed('computed', f({ ...tick, random: (n) => tick.random(draw + n) }), 0)
    } catch (cause) {
      return fault('computed', cause)
    }
  },
  show: ({ f }) => `computed(${showValue(f)})`
}

/**
 * Any delay made of the tick: the number of the attempt that has just ended, from 1, the time since the first one began, and
 * chance. `tick.random(0)` is its own random draw. What looks at the error or value, too, is `modify`.
 *
 * An answer below 0 counts as 0; one that is no finite number, or a throw, stops with a `Fault`.
 *
 * @param f gives the delay in milliseconds, from the tick
 *
 * @example
 * import { Schedule } from 'resilience-ts'
 * import assert from 'assert'
 *
 * // at once, after 100 ms, after 200 ms, and from the beginning
 * const schedule = Schedule.computed(({ attempt }) => ((attempt - 1) % 3) * 100)
 * assert.deepStrictEqual(Schedule.preview(5)(schedule).delays, [0, 100, 200, 0, 100])
 *
 * @category constructors
 * @since 0.1.0
 */
export const computed = (f: (tick: Tick) => Millis): Schedule<unknown> =>
  build(computedForm, { f }, undefined, { draws: 1, timed: true })

/**
 * What a growing delay is made of; all in milliseconds but `factor`.
 *
 * - `first`: the first delay, before it is held within its bounds; finite, ≥ 0;
 * - `factor`: what each delay is multiplied by; finite, > 0; 1 unless given;
 * - `plus`: what is then added: as it is, or drawn uniformly from a range; finite, may be below 0; 0 unless given;
 * - `between`: the bounds of every delay, the first one too: `[from, to]`, 0 ≤ from ≤ to, `to` may be `Infinity`; none unless
 *   given.
 *
 * @category model
 * @since 0.1.0
 */
export interface Growth {
  readonly first: Millis
  readonly factor?: number | undefined
  readonly plus?: Millis | readonly [from: Millis, to: Millis] | undefined
  readonly between?: readonly [from: Millis, to: Millis] | undefined
}

const isPair = (u: unknown, holds: (a: number, b: number) => boolean): boolean => {
  const [a, b] = Array.isArray(u) ? (u as ReadonlyArray<unknown>) : []
  return typeof a === 'number' && typeof b === 'number' && (u as ReadonlyArray<unknown>).length === 2 && holds(a, b)
}
const growingRules: Rule.Rules<Growth> = {
  first: Rule.delay,
  factor: /*#__PURE__*/ Rule.optional(Rule.factor),
  plus: /*#__PURE__*/ Rule.optional(
    /*#__PURE__*/ Rule.make(
      'finite milliseconds, or [from, to] of such, from <= to',
      (u) => Number.isFinite(u) || isPair(u, (a, b) => Number.isFinite(a) && Number.isFinite(b) && a <= b)
    )
  ),
  between: /*#__PURE__*/ Rule.optional(
    /*#__PURE__*/ Rule.make('[from, to] in milliseconds, 0 <= from <= to, from finite', (u) =>
      isPair(u, (a, b) => a >= 0 && a < Infinity && a <= b)
    )
  )
}
const growingForm: Form<Growth> = {
  name: 'growing',
  rules: growingRules,
  initial: () => -1,
  step: (schedule, previous: number, tick, _input, draw) => {
    const { first, factor = 1, plus = 0, between: [from, to] = everything } = schedule.settings as Growth
    const within = (delay: Millis): Step => {
      const next = Math.max(from, Math.min(to, saturate(delay)))
      return again(next, next)
    }
    if (previous < 0) return within(first)
    const [a, b] = typeof plus === 'number' ? [plus, plus] : plus
    if (a === b) return within(previous * factor + a)
    const u = tick.random(draw)
    return isDraw(u) ? within(previous * factor + (a * (1 - u) + b * u)) : noDraw('growing', u)
  },
  show: ({ first, factor, plus, between }) => {
    const range = (u: unknown): string =>
      Array.isArray(u) ? (u as ReadonlyArray<Millis>).map(Duration.show).join(' to ') : Duration.show(u as Millis)
    return `growing(${[
      Duration.show(first),
      ...(factor === undefined ? [] : [`factor ${showValue(factor)}`]),
      ...(plus === undefined ? [] : [`plus ${range(plus)}`]),
      ...(between === undefined ? [] : [`between ${range(between)}`])
    ].join(', ')})`
  }
}
const everything: readonly [Millis, Millis] = [0, Infinity]

/**
 * A delay that grows from the one before: the first as given, then `d = d·factor + plus`, each held `between` its bounds, and
 * what came of that is what the next one grows from. Chance that was drawn therefore stays in, and grows too.
 *
 * It is `iterate` with its settings as data, so that each of them is checked and shown.
 *
 * Source: kaioretry, which leaves the first delay unbounded.
 *
 * @param settings see `Growth`
 *
 * @example
 * import { Schedule } from 'resilience-ts'
 * import assert from 'assert'
 *
 * const schedule = Schedule.growing({ first: 1000, factor: 2, plus: 1000, between: [0, 10_000] })
 * assert.deepStrictEqual(Schedule.preview(5)(schedule).delays, [1000, 3000, 7000, 10_000, 10_000])
 * assert.strictEqual(Schedule.show(schedule), 'growing(1s, factor 2, plus 1s, between 0ms to 10s)')
 *
 * @category constructors
 * @since 0.1.0
 */
export const growing = (settings: Growth): Schedule<unknown> => {
  const read = Rule.read<Growth>(growingRules, settings)
  const entries = Object.entries(read).map(([name, value]: [string, unknown]) => [name, copied(value)])
  return build(growingForm, Object.fromEntries(entries) as Growth, undefined, { draws: 1 })
}

interface CadenceSettings {
  readonly interval: Millis
}
const cadenceForm: Form<CadenceSettings> = {
  name: 'cadence',
  rules: { interval: Rule.interval },
  initial: stateless,
  step: (schedule, _state, tick) => {
    const { interval } = schedule.settings as CadenceSettings
    const rest = interval - (tick.elapsed % interval)
    // an attempt that rounding, or a timer, let begin a little before its multiple was that multiple's attempt
    const served = tick.elapsed + rest - tick.began < Math.min(1, interval / 2)
    return again(served ? rest + interval : rest, 0)
  },
  show: ({ interval }) => `cadence(${Duration.show(interval)})`
}

/**
 * A fixed rate: recurs at whole multiples of `interval` after the start, however long each attempt takes. Multiples that an
 * attempt overran are left out, not made up for; an attempt that began less than a millisecond (or half
 * of a shorter interval) before a multiple was for it.
 *
 * ```
 * start     1×        2×        3×        4×
 * |--attempt|         |--attempt-overruns-|
 *           ^ next                        ^ next (3× is left out)
 * ```
 *
 * @param interval milliseconds, finite, > 0
 *
 * @example
 * import { Schedule } from 'resilience-ts'
 * import assert from 'assert'
 *
 * // attempts take 300, 1200 and 1000 ms
 * const { delays } = Schedule.preview(3, { durations: [300, 1200, 1000] })(Schedule.cadence(1000))
 * assert.deepStrictEqual(delays, [700, 800, 1000])
 *
 * @category constructors
 * @since 0.1.0
 */
export const cadence = (interval: Millis): Schedule<unknown> =>
  build(cadenceForm, { interval }, undefined, { timed: true })
