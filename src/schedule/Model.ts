/**
 * `Schedule<I>` says *when* to recur: an immutable description that, fed ticks and inputs, answers "again after d
 * milliseconds" or "stop, because…".
 *
 * A schedule is data: a form (which kind it is), its settings, and the schedules inside it. What it remembers from one step
 * to the next is a separate, plain, JSON-able `State`, so that one description serves any number of runs at once. Stepping is
 * a pure function: clock and chance come in with the tick.
 *
 * @since 0.1.0
 */
import type { Millis } from '../Duration'
import { within } from '../Path'
import type { Problem } from '../Problem'
import { check, type Rules } from '../Rule'
import type { StopReason } from '../StopReason'
import { tagOf } from '../Tag'

/**
 * When to recur, for inputs of type `I` (the errors of a `retry`, the values of a `poll`).
 *
 * @category model
 * @since 0.1.0
 */
export interface Schedule<in I> {
  readonly _tag: 'Schedule'
  /** Which kind of schedule this is, and how that kind is stepped, checked and shown. */
  readonly form: Form
  /** The settings of this kind: plain data, and functions of the user's. */
  readonly settings: object
  /** The schedules that this one is built from. */
  readonly inner: ReadonlyArray<Schedule<never>>
  /** How many random draws of one tick this schedule may use: its own, and the most that any part beneath it uses. */
  readonly draws: number
  /** Whether the answer may depend on the clock; where none does, none is read. */
  readonly timed: boolean
  /** How many parts must see the delay that will really be slept before they can answer (`within`, `upTo`). */
  readonly bounds: number
  /** @internal How it is stepped, where there are such parts. */
  readonly settle: Settle | undefined
  /** Never present: it only carries the type of the inputs. */
  readonly _I?: (input: I) => void
}

/**
 * What a bound on the final delay needs to know of a trial: see `settle`, in Trial.ts.
 *
 * @internal
 */
export interface Trial {
  /** The number of the first bound beneath: they are numbered from the outside in, and from left to right. */
  readonly first: number
  /** The bounds that have stopped, by their numbers. */
  readonly stopped: Set<number>
  /** The delay that is known before anything is tried. */
  readonly least: Millis
}

/** @internal */
export type Settle = (schedule: Schedule<never>, state: State, tick: Tick, input: unknown) => Step

/**
 * What a schedule remembers between two steps: plain data that JSON can carry. Begin with `initial`.
 *
 * @category model
 * @since 0.1.0
 */
export type State = number | string | null | ReadonlyArray<State> | { readonly [key: string]: State }

/**
 * What the world looks like at a decision: the attempt that has just ended, and the clock.
 *
 * - `now`: the monotonic clock, in ms;
 * - `elapsed`: ms since the first attempt began (inside `andThen`, `route` and `resetAfter`: since that part took over);
 * - `began`: the `elapsed` at which the attempt that has just ended had begun;
 * - `attempt`: the number of the attempt that has just ended, from 1;
 * - `random`: this tick's uniform draws in [0, 1), numbered from 0; the same number gives the same draw;
 * - `due`: the delay that is about to be slept, as far as it is known; it is what `within` is held against.
 *
 * @category model
 * @since 0.1.0
 */
export interface Tick {
  readonly now: Millis
  readonly elapsed: Millis
  readonly began: Millis
  readonly attempt: number
  readonly random: (draw: number) => number
  readonly due: Millis
  /** @internal */
  readonly trial?: Trial
}

/**
 * Again, after `delay` milliseconds; step with `state` the next time.
 *
 * @category model
 * @since 0.1.0
 */
export interface Continue {
  readonly _tag: 'Continue'
  readonly delay: Millis
  readonly state: State
}

/**
 * No more, and why.
 *
 * @category model
 * @since 0.1.0
 */
export interface Stop {
  readonly _tag: 'Stop'
  readonly reason: StopReason
}

/**
 * What a schedule answers to one tick and one input.
 *
 * @category model
 * @since 0.1.0
 */
export type Step = Continue | Stop

/**
 * One kind of schedule: how it starts, steps, is checked and is shown. Every kind is made with one; there is no list of them.
 *
 * `step` must be pure. `draw` is the number of the first random draw that is free for this schedule: a part that draws uses
 * `tick.random(draw)` and hands `draw + 1` to what is beneath it.
 *
 * @category model
 * @since 0.1.0
 */
export interface Form<S extends object = never> {
  readonly name: string
  readonly rules: Rules<S>
  readonly initial: (schedule: Schedule<never>) => State
  readonly step: (schedule: Schedule<never>, state: never, tick: Tick, input: never, draw: number) => Step
  readonly show: (settings: S, inner: ReadonlyArray<string>) => string
  /** What the paths of problems call the schedules inside; by their numbers unless given. */
  readonly parts?: (settings: S) => ReadonlyArray<string>
}

/**
 * Builds a schedule of the given form. Total: what is wrong with the settings is found by `validate`.
 *
 * @category constructors
 * @since 0.1.0
 * @internal
 */
export const build = <I, S extends object>(
  form: Form<S>,
  settings: S,
  inner: ReadonlyArray<Schedule<never>> = none,
  own: {
    readonly draws?: number
    readonly timed?: boolean
    readonly bounds?: number
    readonly settle?: Settle
  } = unmarked
): Schedule<I> => {
  let { timed = false, bounds = 0, settle } = own
  let draws = 0
  // what is no schedule at all is found by `validate`
  for (const part of inner.filter(isSchedule)) {
    draws = Math.max(draws, part.draws)
    timed ||= part.timed
    bounds += part.bounds
    settle ??= part.settle
  }
  return {
    _tag: 'Schedule',
    form: form as unknown as Form,
    settings,
    inner,
    draws: draws + (own.draws ?? 0),
    timed,
    bounds,
    settle
  }
}

const none: ReadonlyArray<Schedule<never>> = []
const unmarked = {}

/**
 * The state in which every run of a schedule begins.
 *
 * @example
 * import { Schedule } from 'resilience-ts'
 * import assert from 'assert'
 *
 * assert.deepStrictEqual(Schedule.initial(Schedule.exponential(100)), 0)
 *
 * @category stepping
 * @since 0.1.0
 */
export const initial = <I>(schedule: Schedule<I>): State => schedule.form.initial(schedule)

/**
 * The state of a part, when its parent begins or begins anew.
 *
 * @internal
 */
export const begin: (schedule: Schedule<never>) => State = initial

/**
 * The input of a step that has none: a poll waits out an error, and its schedule is only fed values. What looks at inputs
 * lets such a step pass.
 *
 * @internal
 */
export const noInput = /*#__PURE__*/ Symbol('no input')

/**
 * Steps a part of a schedule; the parent has typed the input.
 *
 * @internal
 */
export const advance = (schedule: Schedule<never>, state: State, tick: Tick, input: unknown, draw: number): Step =>
  schedule.form.step(schedule, state as never, tick, input as never, draw)

/**
 * One step: what comes after the attempt that this tick and input describe. Pure, and never throws: a function of the
 * user's that does is answered as `Stop` with a `Fault`.
 *
 * A schedule that holds bounds against its *final* delay (`within`, `upTo`) is tried until its answer breaks none of them; functions
 * of the user's in it may be asked several times.
 *
 * @example
 * import { Schedule } from 'resilience-ts'
 * import { pipe } from 'fp-ts/function'
 * import assert from 'assert'
 *
 * const schedule = pipe(Schedule.exponential(100), Schedule.take(1))
 * const tick = { now: 0, elapsed: 0, began: 0, attempt: 1, random: () => 0.5, due: 0 }
 * const first = Schedule.step(schedule, Schedule.initial(schedule), tick, undefined)
 * assert.strictEqual(first._tag === 'Continue' && first.delay, 100)
 *
 * @category stepping
 * @since 0.1.0
 */
export const step = <I>(schedule: Schedule<I>, state: State, tick: Tick, input: I): Step =>
  schedule.settle === undefined
    ? // written out, as in `take`: an engine learns for each call in the source what it calls, and an `advance` that all share calls anything
      schedule.form.step(schedule, state as never, tick, input as never, 0)
    : schedule.settle(schedule, state, tick, input)

/**
 * Lists what is impossible in a schedule's settings, each with its path and what is allowed; empty when all is well.
 *
 * @example
 * import { Schedule } from 'resilience-ts'
 * import { pipe } from 'fp-ts/function'
 * import assert from 'assert'
 *
 * assert.deepStrictEqual(Schedule.validate(pipe(Schedule.exponential(NaN), Schedule.take(1.5))), [
 *   { path: 'take.n', value: 1.5, allowed: 'a whole number, >= 0, or Infinity' },
 *   { path: 'take.exponential.base', value: NaN, allowed: 'finite milliseconds, >= 0' }
 * ])
 *
 * @category checking
 * @since 0.1.0
 */
export const validate = <I>(schedule: Schedule<I>): ReadonlyArray<Problem> => {
  if (!isSchedule(schedule)) return [{ path: '', value: schedule, allowed: 'a Schedule' }]
  const { form, settings, inner } = schedule
  const { name, rules, parts } = form
  const names = parts?.(settings as never) ?? (inner.length === 1 ? [''] : inner.map((_, index) => String(index)))
  return within(name, [
    ...check(rules as Rules<object>, settings),
    ...inner.flatMap((part, index) => within(names[index] as string, validate(part)))
  ])
}

/**
 * Whether a value is a schedule; for callers without types.
 *
 * @example
 * import { Schedule } from 'resilience-ts'
 * import assert from 'assert'
 *
 * assert.strictEqual(Schedule.isSchedule(Schedule.forever), true)
 * assert.strictEqual(Schedule.isSchedule(100), false)
 *
 * @category checking
 * @since 0.1.0
 */
export const isSchedule = (u: unknown): u is Schedule<never> =>
  tagOf(u) === 'Schedule' && typeof (u as { readonly form?: Partial<Form> | null }).form?.step === 'function'

/**
 * Shows a schedule as the `pipe` that would build it, with every setting.
 *
 * @example
 * import { Schedule } from 'resilience-ts'
 * import { pipe } from 'fp-ts/function'
 * import assert from 'assert'
 *
 * const schedule = pipe(Schedule.exponential(100), Schedule.jittered, Schedule.take(4))
 * assert.strictEqual(Schedule.show(schedule), 'exponential(100ms, factor 2) |> jittered |> take(4)')
 *
 * @category destructors
 * @since 0.1.0
 */
export const show = <I>(schedule: Schedule<I>): string =>
  isSchedule(schedule)
    ? schedule.form.show(
        schedule.settings as never,
        schedule.inner.map((part) => show(part))
      )
    : '<not a schedule>'

/**
 * `Continue` with a delay and what to remember.
 *
 * @internal
 */
export const again = (delay: Millis, state: State): Step => ({ _tag: 'Continue', delay, state })

/**
 * `Stop` with its reason.
 *
 * @internal
 */
export const halt = (reason: StopReason): Stop => ({ _tag: 'Stop', reason })

/**
 * Whether a step is a fault, which no other schedule may paper over.
 *
 * @internal
 */
export const isFault = (answer: Step): boolean => answer._tag === 'Stop' && answer.reason._tag === 'Fault'

/**
 * The delay a function of the user's gave, as an answer: below zero counts as zero; what is no finite number is a fault.
 *
 * @internal
 */
export const delayed = (at: string, delay: unknown, state: State): Step =>
  typeof delay === 'number' && Number.isFinite(delay)
    ? again(delay > 0 ? delay : 0, state)
    : fault(at, { _tag: 'NotADelay', value: delay, allowed: 'finite milliseconds; below 0 counts as 0' })

/**
 * A fault as a step.
 *
 * @internal
 */
export const fault = (at: string, cause: unknown): Stop => halt({ _tag: 'Fault', at, cause })

/**
 * Keeps a delay finite: what overflows saturates.
 *
 * @internal
 */
export const saturate = (delay: Millis): Millis => (delay < Number.MAX_VALUE ? delay : Number.MAX_VALUE)

/**
 * The tick as a part sees it that took over `origin` ms after the first attempt began.
 *
 * @internal
 */
export const since = (tick: Tick, origin: Millis): Tick =>
  origin === 0 ? tick : { ...tick, elapsed: tick.elapsed - origin, began: tick.began - origin }
