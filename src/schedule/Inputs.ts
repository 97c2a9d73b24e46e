/**
 * Schedules that look at what they are fed: the errors of a retry, the values of a poll.
 *
 * @since 0.1.0
 */
import type { Millis } from '../Duration'
import { showValue } from '../Problem'
import * as Rule from '../Rule'
import {
  advance,
  begin,
  build,
  delayed,
  fault,
  type Form,
  halt,
  noInput,
  type Schedule,
  type State,
  type Tick
} from './Model'

const only = (schedule: Schedule<never>): Schedule<never> => schedule.inner[0] as Schedule<never>
const beginOnly = (schedule: Schedule<never>): State => begin(only(schedule))

const isNone = (input: unknown): boolean => input === noInput

interface ModifySettings {
  readonly f: (delay: Millis, input: never, tick: Tick) => Millis
}
const modifyForm: Form<ModifySettings> = {
  name: 'modify',
  rules: { f: Rule.callback },
  initial: beginOnly,
  step: (schedule, state, tick, input, draw) => {
    const answer = advance(only(schedule), state, tick, input, draw + 1)
    if (answer._tag === 'Stop' || isNone(input)) return answer
    try {
      const { f } = schedule.settings as ModifySettings
      const own = { ...tick, random: (n: number) => tick.random(draw + n) }
      return delayed('modify', f(answer.delay, input, own), answer.state)
    } catch (cause) {
      return fault('modify', cause)
    }
  },
  show: ({ f }, [inner]) => `${String(inner)} |> modify(${showValue(f)})`
}

/**
 * Any delay made of the delay and the input: what the server asked for, or more, or less. `tick.random(0)` is its own random
 * draw.
 *
 * An answer below 0 counts as 0; one that is no finite number, or a throw, stops with a `Fault`.
 *
 * @param f gives the delay in milliseconds, from the delay so far, the input and the tick
 *
 * @example
 * import { Schedule } from 'resilience-ts'
 * import { pipe } from 'fp-ts/function'
 * import assert from 'assert'
 *
 * interface Busy { readonly retryAfter: number }
 * const schedule = pipe(
 *   Schedule.exponential(100),
 *   Schedule.modify((delay, e: Busy) => Math.max(delay, e.retryAfter))
 * )
 * assert.deepStrictEqual(Schedule.preview(3, { inputs: [{ retryAfter: 150 }] })(schedule).delays, [150, 200, 400])
 *
 * @category inputs
 * @since 0.1.0
 */
export const modify =
  <J>(f: (delay: Millis, input: J, tick: Tick) => Millis) =>
  <I>(schedule: Schedule<I>): Schedule<I & J> =>
    build(modifyForm, { f }, [schedule], { draws: 1, timed: true })

interface WhenSettings {
  readonly predicate: (input: never) => boolean
}

/** Asks the input before the schedule beneath: where it says no, nothing beneath is stepped. */
const when = (name: string, goesOn: boolean): Form<WhenSettings> => ({
  name,
  rules: { predicate: Rule.callback },
  initial: beginOnly,
  step: (schedule, state, tick, input, draw) => {
    const { predicate } = schedule.settings as WhenSettings
    try {
      if (!isNone(input) && (predicate(input) ? !goesOn : goesOn)) return halt({ _tag: 'Input' })
    } catch (cause) {
      return fault(name, cause)
    }
    return advance(only(schedule), state, tick, input, draw)
  },
  show: ({ predicate }, [inner]) => `${String(inner)} |> ${name}(${showValue(predicate)})`
})

const whileForm = /*#__PURE__*/ when('while', true)
const untilForm = /*#__PURE__*/ when('until', false)

const whileInput =
  <J>(predicate: (input: J) => boolean) =>
  <I>(schedule: Schedule<I>): Schedule<I & J> =>
    build(whileForm, { predicate }, [schedule])

const untilInput =
  <J>(predicate: (input: J) => boolean) =>
  <I>(schedule: Schedule<I>): Schedule<I & J> =>
    build(untilForm, { predicate }, [schedule])

export {
  /**
   * Goes on while the input satisfies the predicate; a predicate that throws stops with a `Fault`.
   *
   * Annotate the predicate's parameter, since written inside `retry(…)` it is inferred before the policy is known; `retry`'s
   * own `while` needs no annotation.
   *
   * @example
   * import { Schedule } from 'resilience-ts'
   * import { pipe } from 'fp-ts/function'
   * import assert from 'assert'
   *
   * const schedule = pipe(Schedule.constant(10), Schedule.while((status: number) => status >= 500))
   * assert.deepStrictEqual(Schedule.preview(9, { inputs: [503, 404] })(schedule), {
   *   delays: [10],
   *   stopped: { _tag: 'Input' }
   * })
   *
   * @category inputs
   * @since 0.1.0
   */
  whileInput as while,
  /**
   * Goes on until the input satisfies the predicate; a predicate that throws stops with a `Fault`.
   *
   * @example
   * import { Schedule } from 'resilience-ts'
   * import { pipe } from 'fp-ts/function'
   * import assert from 'assert'
   *
   * const schedule = pipe(Schedule.constant(10), Schedule.until((status: number) => status === 404))
   * assert.deepStrictEqual(Schedule.preview(9, { inputs: [503, 404] })(schedule).delays, [10])
   *
   * @category inputs
   * @since 0.1.0
   */
  untilInput as until
}

interface ContramapSettings {
  readonly f: (input: never) => unknown
}
const contramapForm: Form<ContramapSettings> = {
  name: 'contramap',
  rules: { f: Rule.callback },
  initial: beginOnly,
  step: (schedule, state, tick, input, draw) => {
    const { f } = schedule.settings as ContramapSettings
    let seen: unknown
    try {
      seen = isNone(input) ? input : f(input)
    } catch (cause) {
      return fault('contramap', cause)
    }
    return advance(only(schedule), state, tick, seen, draw)
  },
  show: ({ f }, [inner]) => `${String(inner)} |> contramap(${showValue(f)})`
}

/**
 * Feeds a schedule with what `f` makes of the input. A throw stops with a `Fault`.
 *
 * @example
 * import { Schedule } from 'resilience-ts'
 * import { pipe } from 'fp-ts/function'
 * import assert from 'assert'
 *
 * const onStatus = pipe(Schedule.constant(10), Schedule.while((status: number) => status >= 500))
 * const onResponse = pipe(onStatus, Schedule.contramap((response: { readonly status: number }) => response.status))
 * assert.deepStrictEqual(Schedule.preview(9, { inputs: [{ status: 404 }] })(onResponse).delays, [])
 *
 * @category inputs
 * @since 0.1.0
 */
export const contramap =
  <I, J>(f: (input: J) => I) =>
  (schedule: Schedule<I>): Schedule<J> =>
    build(contramapForm, { f }, [schedule])
