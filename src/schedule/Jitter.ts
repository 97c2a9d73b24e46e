/**
 * Jitter: chance bent into delays, so that clients that failed together do not come back together.
 *
 * Draws are numbered from the outside in: a jitter uses the first draw that no jitter around it uses, and the parts of
 * `plus` share none. So equal schedules draw equally (the laws hold with jitter in them), a jitter distributes over `both`
 * and `either`, and nested or added jitters draw independently. A draw that is not in [0, 1) stops with a `Fault`.
 *
 * @since 0.1.0
 */
import * as Duration from '../Duration'
import type { Millis } from '../Duration'
import { showValue } from '../Problem'
import * as Rule from '../Rule'
import { isDraw, noDraw } from './Draw'
import { again, advance, begin, build, type Form, saturate, type Schedule } from './Model'

/** A jitter of one draw over the delay beneath it; what is remembered is what the schedule beneath remembers. */
const jitter = <S extends object>(
  name: string,
  rules: Rule.Rules<S>,
  bend: (delay: Millis, u: number, settings: S) => Millis,
  showCall: (settings: S) => string
): Form<S> => ({
  name,
  rules,
  initial: (schedule) => begin(schedule.inner[0] as Schedule<never>),
  step: (schedule, state, tick, input, draw) => {
    const answer = advance(schedule.inner[0] as Schedule<never>, state, tick, input, draw + 1)
    if (answer._tag === 'Stop') return answer
    const u = tick.random(draw)
    return isDraw(u) ? again(saturate(bend(answer.delay, u, schedule.settings as S)), answer.state) : noDraw(name, u)
  },
  show: (settings, [inner]) => `${String(inner)} |> ${showCall(settings)}`
})

const oneDraw = { draws: 1 }

const fullForm: Form<object> = /*#__PURE__*/ jitter(
  'jittered',
  {},
  (delay, u) => delay * u,
  () => 'jittered'
)

/**
 * Full jitter: `U(0, d)`, a delay anywhere between none and the whole. The one to take when nothing speaks against it.
 *
 * Source: M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog.
 *
 * @example
 * import { Schedule } from 'resilience-ts'
 * import { pipe } from 'fp-ts/function'
 * import assert from 'assert'
 *
 * const schedule = pipe(Schedule.exponential(100), Schedule.jittered)
 * assert.deepStrictEqual(Schedule.preview(3, { random: () => 0.25 })(schedule).delays, [25, 50, 100])
 *
 * @category jitter
 * @since 0.1.0
 */
export const jittered = <I>(schedule: Schedule<I>): Schedule<I> => build(fullForm, {}, [schedule], oneDraw)

interface FromSettings {
  readonly min: Millis
}
const fromForm = /*#__PURE__*/ jitter<FromSettings>(
  'jitteredFrom',
  { min: Rule.delay },
  (delay, u, { min }) => min + Math.max(0, delay - min) * u,
  ({ min }) => `jitteredFrom(${Duration.show(min)})`
)

/**
 * Full jitter from `min` on: `U(min, d)`, a delay anywhere between `min` and the whole; never less than `min`, however short the
 * delay beneath is. `jitteredFrom(0)` is `jittered`.
 *
 * Source: tenacity, `wait_random_exponential`.
 *
 * @param min milliseconds, finite, ≥ 0
 *
 * @example
 * import { Schedule } from 'resilience-ts'
 * import { pipe } from 'fp-ts/function'
 * import assert from 'assert'
 *
 * const schedule = pipe(Schedule.exponential(1000), Schedule.jitteredFrom(5000))
 * assert.deepStrictEqual(Schedule.preview(5, { random: () => 0.5 })(schedule).delays, [5000, 5000, 5000, 6500, 10_500])
 *
 * @category jitter
 * @since 0.1.0
 */
export const jitteredFrom =
  (min: Millis) =>
  <I>(schedule: Schedule<I>): Schedule<I> =>
    build(fromForm, { min }, [schedule], oneDraw)

const equalForm: Form<object> = /*#__PURE__*/ jitter(
  'equalJitter',
  {},
  (delay, u) => delay / 2 + (delay / 2) * u,
  () => 'equalJitter'
)

/**
 * Equal jitter: half of the delay is kept, half is drawn: `d/2 + U(0, d/2)`. Never less than half of what was asked.
 *
 * Source: M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog.
 *
 * @example
 * import { Schedule } from 'resilience-ts'
 * import { pipe } from 'fp-ts/function'
 * import assert from 'assert'
 *
 * const schedule = pipe(Schedule.constant(100), Schedule.equalJitter)
 * assert.deepStrictEqual(Schedule.preview(2, { random: () => 0.5 })(schedule).delays, [75, 75])
 *
 * @category jitter
 * @since 0.1.0
 */
export const equalJitter = <I>(schedule: Schedule<I>): Schedule<I> => build(equalForm, {}, [schedule], oneDraw)

interface ProportionalSettings {
  readonly f: number
}
const proportionalForm = /*#__PURE__*/ jitter<ProportionalSettings>(
  'proportionalJitter',
  { f: Rule.share },
  (delay, u, { f }) => delay * (1 + f * (2 * u - 1)),
  ({ f }) => `proportionalJitter(${showValue(f)})`
)

/**
 * Proportional jitter: the delay, give or take a share of it: `d·(1 + f·(2u − 1))`. With f = 0.2 it is gRPC's `U(0.8, 1.2)·d`.
 *
 * @param f the share, from 0 (no jitter) to 1 (anything from 0 to twice the delay)
 *
 * @example
 * import { Schedule } from 'resilience-ts'
 * import { pipe } from 'fp-ts/function'
 * import assert from 'assert'
 *
 * const schedule = pipe(Schedule.constant(100), Schedule.proportionalJitter(0.2))
 * assert.deepStrictEqual(Schedule.preview(1, { random: () => 0 })(schedule).delays, [80])
 *
 * @category jitter
 * @since 0.1.0
 */
export const proportionalJitter =
  (f: number) =>
  <I>(schedule: Schedule<I>): Schedule<I> =>
    build(proportionalForm, { f }, [schedule], oneDraw)

interface AdditiveSettings {
  readonly min: Millis
  readonly max: Millis
}
const additiveForm = /*#__PURE__*/ jitter<AdditiveSettings>(
  'additiveJitter',
  { min: Rule.delay, max: Rule.delay },
  (delay, u, { min, max }) => delay + min + (max - min) * u,
  ({ min, max }) => `additiveJitter(${Duration.show(min)}, ${Duration.show(max)})`
)

/**
 * Additive jitter: the delay and `U(min, max)` on top of it, whatever the delay is.
 *
 * @param min milliseconds, finite, ≥ 0
 * @param max milliseconds, finite, ≥ 0
 *
 * @example
 * import { Schedule } from 'resilience-ts'
 * import { pipe } from 'fp-ts/function'
 * import assert from 'assert'
 *
 * const schedule = pipe(Schedule.exponential(1000), Schedule.additiveJitter(0, 1000))
 * assert.deepStrictEqual(Schedule.preview(3, { random: () => 0.5 })(schedule).delays, [1500, 2500, 4500])
 *
 * @category jitter
 * @since 0.1.0
 */
export const additiveJitter =
  (min: Millis, max: Millis) =>
  <I>(schedule: Schedule<I>): Schedule<I> =>
    build(additiveForm, { min, max }, [schedule], oneDraw)

interface DecorrelatedSettings {
  readonly base: Millis
  readonly cap: Millis
}
const decorrelatedForm: Form<DecorrelatedSettings> = {
  name: 'decorrelated',
  rules: { base: Rule.delay, cap: Rule.patience },
  initial: (schedule) => (schedule.settings as DecorrelatedSettings).base,
  step: (schedule, previous: number, tick, _input, draw) => {
    const { base, cap } = schedule.settings as DecorrelatedSettings
    const u = tick.random(draw)
    if (!isDraw(u)) return noDraw('decorrelated', u)
    const delay = saturate(Math.min(cap, base + (saturate(3 * previous) - base) * u))
    return again(delay, delay)
  },
  show: ({ base, cap }) => `decorrelated(${Duration.show(base)}, cap ${Duration.show(cap)})`
}

/**
 * Decorrelated jitter: each delay is drawn between the base and three times the one before: `s = min(cap, U(base, 3·s))`,
 * beginning with s = base.
 *
 * Source: M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog.
 *
 * @param base milliseconds, finite, ≥ 0
 * @param cap the longest delay; milliseconds, ≥ 0, or `Infinity`. It feeds back: the next draw starts from the capped delay
 *
 * @example
 * import { Schedule } from 'resilience-ts'
 * import assert from 'assert'
 *
 * const schedule = Schedule.decorrelated(100, 10_000)
 * assert.deepStrictEqual(Schedule.preview(3, { random: () => 0.5 })(schedule).delays, [200, 350, 575])
 *
 * @category jitter
 * @since 0.1.0
 */
export const decorrelated = (base: Millis, cap: Millis): Schedule<unknown> =>
  build(decorrelatedForm, { base, cap }, undefined, oneDraw)

interface DecorrelatedV2Settings {
  readonly base: Millis
}
const decorrelatedV2Form: Form<DecorrelatedV2Settings> = {
  name: 'decorrelatedV2',
  rules: { base: Rule.delay },
  initial: () => [0, 0],
  step: (schedule, [i, previous]: readonly [number, number], tick, _input, draw) => {
    const { base } = schedule.settings as DecorrelatedV2Settings
    const u = tick.random(draw)
    if (!isDraw(u)) return noDraw('decorrelatedV2', u)
    const t = i + u
    const next = saturate(2 ** t * Math.tanh(Math.sqrt(4 * t)))
    // once the curve has saturated, its slope is no longer a number to trust
    const slope = next < Number.MAX_VALUE ? (next - previous) / 1.4 : Number.MAX_VALUE
    return again(saturate(base * slope), [i + 1, next])
  },
  show: ({ base }) => `decorrelatedV2(${Duration.show(base)})`
}

/**
 * Decorrelated jitter, second version: a smooth spread of delays whose first median is 0.897·base, then about 1.14, 2.02, 4,
 * 8 times it: with `t = i + u` and `f(t) = 2^t·tanh(√(4t))`, the delay is `base·(f(t) − f(t′))/1.4`, t′ being the t before.
 * A `cap` around it bounds the delay and does not feed back.
 *
 * Source: Polly, `DecorrelatedJitterBackoffV2`.
 *
 * @param base milliseconds, finite, ≥ 0
 *
 * @example
 * import { Schedule } from 'resilience-ts'
 * import assert from 'assert'
 *
 * const { delays } = Schedule.preview(3, { random: () => 0.5 })(Schedule.decorrelatedV2(1000))
 * assert.deepStrictEqual(delays.map((d) => d.toFixed(3)), ['897.405', '1093.004', '2035.748'])
 *
 * @category jitter
 * @since 0.1.0
 */
export const decorrelatedV2 = (base: Millis): Schedule<unknown> =>
  build(decorrelatedV2Form, { base }, undefined, oneDraw)
