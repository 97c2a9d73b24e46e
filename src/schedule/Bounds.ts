/**
 * Bounds: how long a delay may be, how often and for how long a schedule may recur.
 *
 * @since 0.1.0
 */
import * as Duration from '../Duration'
import type { Millis } from '../Duration'
import { showValue } from '../Problem'
import * as Rule from '../Rule'
import { again, advance, begin, build, fault, type Form, halt, type Schedule, type State, type Tick } from './Model'
import { beyond, settle, stops } from './Trial'

const only = (schedule: Schedule<never>): Schedule<never> => schedule.inner[0] as Schedule<never>
const beginOnly = (schedule: Schedule<never>): State => begin(only(schedule))

interface BoundSettings {
  readonly ms: Millis
}

/** A bound on each delay. It only ever sees delays, so a schedule that has stopped stays stopped. */
const bound = (name: string, bend: (delay: Millis, ms: Millis) => Millis): Form<BoundSettings> => ({
  name,
  rules: { ms: name === 'cap' ? Rule.patience : Rule.delay },
  initial: beginOnly,
  step: (schedule, state, tick, input, draw) => {
    const answer = advance(only(schedule), state, tick, input, draw)
    if (answer._tag === 'Stop') return answer
    return again(bend(answer.delay, (schedule.settings as BoundSettings).ms), answer.state)
  },
  show: ({ ms }, [inner]) => `${String(inner)} |> ${name}(${Duration.show(ms)})`
})

const capForm = /*#__PURE__*/ bound('cap', (delay, ms) => Math.min(delay, ms))

/**
 * No delay longer than `ms`. It never revives a schedule that has stopped.
 *
 * @param ms milliseconds, ≥ 0, or `Infinity`
 *
 * @example
 * import { Schedule } from 'resilience-ts'
 * import { pipe } from 'fp-ts/function'
 * import assert from 'assert'
 *
 * const schedule = pipe(Schedule.exponential(100), Schedule.cap(300))
 * assert.deepStrictEqual(Schedule.preview(4)(schedule).delays, [100, 200, 300, 300])
 *
 * @category bounds
 * @since 0.1.0
 */
export const cap =
  (ms: Millis) =>
  <I>(schedule: Schedule<I>): Schedule<I> =>
    build(capForm, { ms }, [schedule])

const floorForm = /*#__PURE__*/ bound('floor', (delay, ms) => Math.max(delay, ms))

/**
 * No delay shorter than `ms`. After a smaller `cap`, the floor wins.
 *
 * @param ms milliseconds, finite, ≥ 0
 *
 * @example
 * import { Schedule } from 'resilience-ts'
 * import { pipe } from 'fp-ts/function'
 * import assert from 'assert'
 *
 * const schedule = pipe(Schedule.exponential(1), Schedule.cap(10), Schedule.floor(4))
 * assert.deepStrictEqual(Schedule.preview(6)(schedule).delays, [4, 4, 4, 8, 10, 10])
 *
 * @category bounds
 * @since 0.1.0
 */
export const floor =
  (ms: Millis) =>
  <I>(schedule: Schedule<I>): Schedule<I> =>
    build(floorForm, { ms }, [schedule])

interface TakeSettings {
  readonly n: number
}
/** How many were taken, and the state of what they are taken from; the number alone where that is 0, as of what remembers nothing. */
type TakeState = number | { readonly taken: number; readonly of: State }

const takeState = (taken: number, of: State): TakeState => (of === 0 ? taken : { taken, of })

const takeForm: Form<TakeSettings> = {
  name: 'take',
  rules: { n: Rule.count },
  initial: (schedule) => takeState(0, beginOnly(schedule)),
  step: (schedule, state: TakeState, tick, input, draw) => {
    const { n } = schedule.settings as TakeSettings
    const isNumber = typeof state === 'number'
    const taken = isNumber ? state : state.taken
    const part = only(schedule)
    // written out: the outermost of most schedules, stepped by most retries; see `step`
    const answer = part.form.step(part, (isNumber ? 0 : state.of) as never, tick, input, draw)
    if (answer._tag === 'Stop') return answer
    if (taken >= n) return halt({ _tag: 'Attempts', limit: n })
    return again(answer.delay, takeState(taken + 1, answer.state))
  },
  show: ({ n }, [inner]) => `${String(inner)} |> take(${showValue(n)})`
}

/**
 * At most `n` recurrences *after* the first run: `take(3)` on a retry makes four attempts at most.
 *
 * @param n whole, ≥ 0 (0: never again), or `Infinity`
 *
 * @example
 * import { Schedule } from 'resilience-ts'
 * import { pipe } from 'fp-ts/function'
 * import assert from 'assert'
 *
 * assert.deepStrictEqual(Schedule.preview(9)(pipe(Schedule.constant(5), Schedule.take(2))), {
 *   delays: [5, 5],
 *   stopped: { _tag: 'Attempts', limit: 2 }
 * })
 *
 * @category bounds
 * @since 0.1.0
 */
export const take =
  (n: number) =>
  <I>(schedule: Schedule<I>): Schedule<I> =>
    build(takeForm, { n }, [schedule])

/** A bound on when the next attempt may begin, held against the delay that will really be slept. */
const before = (name: string, isOver: (next: Millis, ms: Millis) => boolean): Form<BoundSettings> => ({
  name,
  rules: { ms: Rule.patience },
  initial: beginOnly,
  step: (schedule, state, tick, input, draw) => {
    const { ms } = schedule.settings as BoundSettings
    const answer = advance(only(schedule), state, beyond(tick, 1), input, draw)
    if (answer._tag === 'Stop') return answer
    return stops(tick, isOver(tick.elapsed + tick.due, ms)) ? halt({ _tag: 'Within', limit: ms }) : answer
  },
  show: ({ ms }, [inner]) => `${String(inner)} |> ${name}(${Duration.show(ms)})`
})

const withinForm = /*#__PURE__*/ before('within', (next, ms) => next >= ms)

/**
 * Stops *before* a delay that would reach the limit: when elapsed + the delay that would really be slept ≥ `ms`.
 *
 * It is the final delay that counts, after every jitter, cap and combination, wherever in the schedule `within` stands.
 *
 * ```
 * elapsed  0        400              ms = 1000
 *          |--attempt--|. . delay 700 . .|. . >  would end at 1100: stop, without sleeping
 * ```
 *
 * Source: tenacity, `stop_before_delay`.
 *
 * @param ms milliseconds, ≥ 0, or `Infinity`; counted from the start of the first attempt (inside `andThen`, `route` and
 * `resetAfter`: of the first attempt that this part was asked about)
 *
 * @example
 * import { Schedule } from 'resilience-ts'
 * import { pipe } from 'fp-ts/function'
 * import assert from 'assert'
 *
 * // attempts that take no time: delays 100 and 200 end at 300; 400 more would reach 700
 * const schedule = pipe(Schedule.exponential(100), Schedule.within(700))
 * assert.deepStrictEqual(Schedule.preview(9)(schedule), { delays: [100, 200], stopped: { _tag: 'Within', limit: 700 } })
 *
 * @category bounds
 * @since 0.1.0
 */
export const within =
  (ms: Millis) =>
  <I>(schedule: Schedule<I>): Schedule<I> =>
    build(withinForm, { ms }, [schedule], { timed: true, bounds: 1, settle })

const upToForm = /*#__PURE__*/ before('upTo', (next, ms) => next > ms)

/**
 * Stops *before* a delay that would pass the limit: when elapsed + the delay that would really be slept > `ms`. An attempt at
 * the very limit is still made, none after it; `within` makes none at the limit either.
 *
 * ```
 * elapsed  0       500     1000      ms = 1000, constant(500)
 *          |-1     |-2     |-3       at the limit: made
 * ```
 *
 * @param ms milliseconds, ≥ 0, or `Infinity`; counted as `within` counts
 *
 * @example
 * import { Schedule } from 'resilience-ts'
 * import { pipe } from 'fp-ts/function'
 * import assert from 'assert'
 *
 * const every = Schedule.constant(500)
 * assert.deepStrictEqual(Schedule.preview(9)(pipe(every, Schedule.upTo(1000))).delays, [500, 500])
 * assert.deepStrictEqual(Schedule.preview(9)(pipe(every, Schedule.within(1000))).delays, [500])
 *
 * @category bounds
 * @since 0.1.0
 */
export const upTo =
  (ms: Millis) =>
  <I>(schedule: Schedule<I>): Schedule<I> =>
    build(upToForm, { ms }, [schedule], { timed: true, bounds: 1, settle })

const stopAfterForm: Form<BoundSettings> = {
  name: 'stopAfter',
  rules: { ms: Rule.patience },
  initial: beginOnly,
  step: (schedule, state, tick, input, draw) => {
    const { ms } = schedule.settings as BoundSettings
    const answer = advance(only(schedule), state, tick, input, draw)
    if (answer._tag === 'Stop') return answer
    return tick.elapsed >= ms ? halt({ _tag: 'Elapsed', limit: ms }) : answer
  },
  show: ({ ms }, [inner]) => `${String(inner)} |> stopAfter(${Duration.show(ms)})`
}

/**
 * Stops once `ms` are over: when elapsed ≥ `ms` at a decision. It does not look at the coming delay, so the last attempt may
 * begin after the limit; `within` is the one that looks ahead.
 *
 * Source: tenacity, `stop_after_delay`.
 *
 * @param ms milliseconds, ≥ 0, or `Infinity`
 *
 * @example
 * import { Schedule } from 'resilience-ts'
 * import { pipe } from 'fp-ts/function'
 * import assert from 'assert'
 *
 * const schedule = pipe(Schedule.constant(400), Schedule.stopAfter(1000))
 * assert.deepStrictEqual(Schedule.preview(9)(schedule).delays, [400, 400, 400])
 *
 * @category bounds
 * @since 0.1.0
 */
export const stopAfter =
  (ms: Millis) =>
  <I>(schedule: Schedule<I>): Schedule<I> =>
    build(stopAfterForm, { ms }, [schedule], { timed: true })

interface StopWhenSettings {
  readonly f: (tick: Tick, delay: Millis) => boolean
}
const stopWhenForm: Form<StopWhenSettings> = {
  name: 'stopWhen',
  rules: { f: Rule.callback },
  initial: beginOnly,
  step: (schedule, state, tick, input, draw) => {
    const { f } = schedule.settings as StopWhenSettings
    const answer = advance(only(schedule), state, tick, input, draw + 1)
    if (answer._tag === 'Stop') return answer
    try {
      const own = { ...tick, random: (n: number) => tick.random(draw + n) }
      return f(own, answer.delay) ? halt({ _tag: 'Condition' }) : answer
    } catch (cause) {
      return fault('stopWhen', cause)
    }
  },
  show: ({ f }, [inner]) => `${String(inner)} |> stopWhen(${showValue(f)})`
}

/**
 * Stops when any condition of your own holds: a function of the tick and of the coming delay, as the schedule beneath has it.
 * What looks at the error or value is `while` or `until`.
 *
 * It is asked at each decision, and a throw stops with a `Fault`. `tick.random(0)` is its own random draw.
 *
 * @param f says whether there is to be no further attempt
 *
 * @example
 * import { Schedule } from 'resilience-ts'
 * import { pipe } from 'fp-ts/function'
 * import assert from 'assert'
 *
 * // at least three attempts, and then as many as begin within a second
 * const schedule = pipe(
 *   Schedule.exponential(400),
 *   Schedule.stopWhen(({ attempt, elapsed }, delay) => attempt >= 3 && elapsed + delay > 1000)
 * )
 * assert.deepStrictEqual(Schedule.preview(9)(schedule), { delays: [400, 800], stopped: { _tag: 'Condition' } })
 *
 * @category bounds
 * @since 0.1.0
 */
export const stopWhen =
  (f: (tick: Tick, delay: Millis) => boolean) =>
  <I>(schedule: Schedule<I>): Schedule<I> =>
    build(stopWhenForm, { f }, [schedule], { draws: 1, timed: true })
