/**
 * Schedules made of schedules: together (`both`), whichever is first (`either`), one after the other (`andThen`), summed
 * (`plus`), one per class of input (`route`), begun anew after a good stretch (`resetAfter`).
 *
 * `both` and `either` form a bounded distributive lattice, `andThen` a monoid; `docs/laws.md` lists the laws, and what is none.
 *
 * @since 0.1.0
 */
import * as Duration from '../Duration'
import type { Millis } from '../Duration'
import { showValue } from '../Problem'
import * as Rule from '../Rule'
import {
  again,
  advance,
  begin,
  build,
  fault,
  type Form,
  halt,
  isFault,
  isSchedule,
  noInput,
  saturate,
  type Schedule,
  since,
  type State,
  type Step,
  type Tick
} from './Model'
import { beyond, takingOver } from './Trial'

interface Sides {
  readonly [key: string]: State
  readonly left: State
  readonly right: State
}
const left = (schedule: Schedule<never>): Schedule<never> => schedule.inner[0] as Schedule<never>
const right = (schedule: Schedule<never>): Schedule<never> => schedule.inner[1] as Schedule<never>
const beyondLeft = (schedule: Schedule<never>, tick: Tick): Tick => beyond(tick, left(schedule).bounds)
const beginSides = (schedule: Schedule<never>): Sides => ({
  left: begin(left(schedule)),
  right: begin(right(schedule))
})
const showCall =
  (name: string) =>
  (_settings: object, [a, b]: ReadonlyArray<string>): string =>
    `${String(a)} |> ${name}(${String(b)})`

const bothForm: Form<object> = {
  name: 'both',
  rules: {},
  initial: beginSides,
  step: (schedule, state: Sides, tick, input, draw) => {
    const a = advance(left(schedule), state.left, tick, input, draw)
    if (isFault(a)) return a
    const b = advance(right(schedule), state.right, beyondLeft(schedule, tick), input, draw)
    if (b._tag === 'Stop') return isFault(b) || a._tag === 'Continue' ? b : a
    if (a._tag === 'Stop') return a
    return again(Math.max(a.delay, b.delay), { left: a.state, right: b.state })
  },
  show: showCall('both')
}

/**
 * Both must agree: the longer delay, and a stop as soon as either stops.
 *
 * Associative, commutative, idempotent; `forever` is its identity and `stop` its zero.
 *
 * @example
 * import { Schedule } from 'resilience-ts'
 * import { pipe } from 'fp-ts/function'
 * import assert from 'assert'
 *
 * const schedule = pipe(Schedule.exponential(100), Schedule.both(Schedule.constant(250)))
 * assert.deepStrictEqual(Schedule.preview(3)(schedule).delays, [250, 250, 400])
 *
 * @category combinators
 * @since 0.1.0
 */
export const both =
  <J>(that: Schedule<J>) =>
  <I>(self: Schedule<I>): Schedule<I & J> =>
    build(bothForm, {}, [self, that])

/** The state of a part that has stopped; it stays so, and is not stepped again. */
const stopped = 'stopped'

/** Steps a side unless it had stopped before. */
const goOn = (schedule: Schedule<never>, state: State, tick: Tick, input: unknown, draw: number): Step =>
  state === stopped ? onStopped : advance(schedule, state, tick, input, draw)

const onStopped = halt({ _tag: 'Never' })
const after = (answer: Step): State => (answer._tag === 'Continue' ? answer.state : stopped)

const eitherForm: Form<object> = {
  name: 'either',
  rules: {},
  initial: beginSides,
  step: (schedule, state: Sides, tick, input, draw) => {
    const a = goOn(left(schedule), state.left, tick, input, draw)
    if (isFault(a)) return a
    const b = goOn(right(schedule), state.right, beyondLeft(schedule, tick), input, draw)
    if (isFault(b)) return b
    if (a._tag === 'Stop' && b._tag === 'Stop') return a === onStopped ? b : a
    const delayOf = (answer: Step): Millis => (answer._tag === 'Continue' ? answer.delay : Infinity)
    return again(Math.min(delayOf(a), delayOf(b)), { left: after(a), right: after(b) })
  },
  show: showCall('either')
}

/**
 * Whichever comes first: the shorter delay; it stops only when both have stopped. A side that has stopped stays stopped and is
 * not stepped again.
 *
 * Associative, commutative, idempotent; `stop` is its identity and `forever` its zero.
 *
 * @example
 * import { Schedule } from 'resilience-ts'
 * import { pipe } from 'fp-ts/function'
 * import assert from 'assert'
 *
 * const schedule = pipe(Schedule.delays([10, 500]), Schedule.either(pipe(Schedule.constant(100), Schedule.take(3))))
 * assert.deepStrictEqual(Schedule.preview(9)(schedule).delays, [10, 100, 100])
 *
 * @category combinators
 * @since 0.1.0
 */
export const either =
  <J>(that: Schedule<J>) =>
  <I>(self: Schedule<I>): Schedule<I & J> =>
    build(eitherForm, {}, [self, that])

const plusForm: Form<object> = {
  name: 'plus',
  rules: {},
  initial: beginSides,
  step: (schedule, state: Sides, tick, input, draw) => {
    const a = advance(left(schedule), state.left, tick, input, draw)
    if (a._tag === 'Stop') return a
    const b = advance(right(schedule), state.right, beyondLeft(schedule, tick), input, draw + left(schedule).draws)
    if (b._tag === 'Stop') return b
    return again(saturate(a.delay + b.delay), { left: a.state, right: b.state })
  },
  show: showCall('plus')
}

const drawsOf = (part: Schedule<never>): number => (isSchedule(part) ? part.draws : 0)

/**
 * The sum of two delays; it stops as soon as either stops. The two draw independently.
 *
 * @example
 * import { Schedule } from 'resilience-ts'
 * import { pipe } from 'fp-ts/function'
 * import assert from 'assert'
 *
 * const schedule = pipe(Schedule.exponential(100), Schedule.plus(Schedule.constant(5)))
 * assert.deepStrictEqual(Schedule.preview(3)(schedule).delays, [105, 205, 405])
 *
 * @category combinators
 * @since 0.1.0
 */
export const plus =
  <J>(that: Schedule<J>) =>
  <I>(self: Schedule<I>): Schedule<I & J> => {
    const sum = build<I & J, object>(plusForm, {}, [self, that])
    return { ...sum, draws: drawsOf(self) + drawsOf(that) }
  }

interface Phases {
  readonly [key: string]: State
  /** The state of the first, or `stopped`. */
  readonly first: State
  /** The state of the second, once it has begun. */
  readonly second: State
  /** When the second took over: the start of the attempt that the first no longer answered for. */
  readonly origin: Millis
}
const andThenForm: Form<object> = {
  name: 'andThen',
  rules: {},
  initial: (schedule) => ({ first: begin(left(schedule)), second: stopped, origin: 0 }),
  step: (schedule, state: Phases, tick, input, draw) => {
    let { second, origin } = state
    const stoppedBefore = tick.trial?.stopped.size
    if (state.first !== stopped) {
      const answer = advance(left(schedule), state.first, tick, input, draw)
      if (answer._tag === 'Continue') return again(answer.delay, { first: answer.state, second, origin })
      if (isFault(answer)) return answer
      second = begin(right(schedule))
      origin = tick.began
    }
    const own = since(takingOver(beyondLeft(schedule, tick), stoppedBefore), origin)
    const answer = advance(right(schedule), second, own, input, draw)
    return answer._tag === 'Stop' ? answer : again(answer.delay, { first: stopped, second: answer.state, origin })
  },
  show: showCall('andThen')
}

/**
 * One after the other: when the first stops, the second takes over at once and starts afresh, its counts and its clock at zero.
 *
 * Associative; `stop` is its identity on both sides. `a andThen (b both c) = (a andThen b) both (a andThen c)`, but
 * `(a both b) andThen c` is **not** `(a andThen c) both (b andThen c)`.
 *
 * @example
 * import { Schedule } from 'resilience-ts'
 * import { pipe } from 'fp-ts/function'
 * import assert from 'assert'
 *
 * const quick = pipe(Schedule.constant(10), Schedule.take(3))
 * const schedule = pipe(quick, Schedule.andThen(Schedule.constant(1000)))
 * assert.deepStrictEqual(Schedule.preview(5)(schedule).delays, [10, 10, 10, 1000, 1000])
 *
 * @category combinators
 * @since 0.1.0
 */
export const andThen =
  <J>(that: Schedule<J>) =>
  <I>(self: Schedule<I>): Schedule<I & J> =>
    build(andThenForm, {}, [self, that])

interface RouteSettings {
  readonly classify: (input: never) => string
  readonly classes: ReadonlyArray<string>
}
interface RouteState {
  readonly [key: string]: { readonly origin: Millis; readonly of: State }
}
const routeForm: Form<RouteSettings> = {
  name: 'route',
  rules: {
    classify: Rule.callback,
    classes: Rule.listOf(Rule.make('the name of a class', (u) => typeof u === 'string'))
  },
  initial: () => ({}),
  step: (schedule, state: RouteState, tick, input, draw) => {
    const { classify, classes } = schedule.settings as RouteSettings
    let name: string
    try {
      name = (input as unknown) === noInput ? (classes[0] as string) : classify(input)
    } catch (cause) {
      return fault('route', cause)
    }
    const index = classes.indexOf(name)
    const part = schedule.inner[index]
    if (part === undefined) return fault('route', { _tag: 'UnknownClass', value: name, allowed: classes.join(', ') })
    // a class may be named like a property that every object has
    const known = Object.hasOwn(state, name) ? state[name] : undefined
    const { origin, of } = known ?? { origin: tick.began, of: begin(part) }
    const before = schedule.inner.slice(0, index).reduce((sum, { bounds }) => sum + bounds, 0)
    const answer = advance(part, of, since(beyond(tick, before), origin), input, draw)
    return answer._tag === 'Stop' ? answer : again(answer.delay, { ...state, [name]: { origin, of: answer.state } })
  },
  parts: ({ classes }) => classes,
  show: ({ classify, classes }, inner) =>
    `route(${showValue(classify)}, { ${inner.map((text, i) => `${String(classes[i])}: ${text}`).join('; ')} })`
}

/** The routes; none where they cannot be read, which `validate` finds. */
const entriesOf = <A>(routes: { readonly [name: string]: A }): ReadonlyArray<[string, A]> => {
  try {
    return Object.entries(routes)
  } catch {
    return []
  }
}

/**
 * A schedule for each class of input, each with its own state: three quick tries for a conflict, a slow backoff for an
 * overload. When the schedule of the input's class stops, the whole stops.
 *
 * A class for which there is no schedule stops with a `Fault`, as does a `classify` that throws.
 *
 * @param classify names the class of an input
 * @param routes a schedule for each class
 *
 * @example
 * import { Schedule } from 'resilience-ts'
 * import { pipe } from 'fp-ts/function'
 * import assert from 'assert'
 *
 * const schedule = Schedule.route((status: number) => (status === 429 ? 'slow' : 'quick'), {
 *   slow: Schedule.exponential(1000),
 *   quick: pipe(Schedule.constant(10), Schedule.take(1))
 * })
 * const inputs: [number, ...number[]] = [503, 429, 429, 503]
 * assert.deepStrictEqual(Schedule.preview(9, { inputs })(schedule), {
 *   delays: [10, 1000, 2000],
 *   stopped: { _tag: 'Attempts', limit: 1 }
 * })
 *
 * @category combinators
 * @since 0.1.0
 */
export const route = <I, K extends string, J = unknown>(
  classify: (input: I) => K,
  routes: { readonly [P in K]: Schedule<J> }
): Schedule<I & J> => {
  const entries = entriesOf<Schedule<J>>(routes)
  return build<I & J, RouteSettings>(
    routeForm,
    { classify, classes: entries.map(([name]) => name) },
    entries.map(([, part]) => part)
  )
}

interface ResetSettings {
  readonly ms: Millis
}
interface ResetState {
  readonly [key: string]: State
  readonly origin: Millis
  readonly of: State
}
const resetAfterForm: Form<ResetSettings> = {
  name: 'resetAfter',
  rules: { ms: Rule.interval },
  initial: (schedule) => ({ origin: 0, of: begin(left(schedule)) }),
  step: (schedule, state: ResetState, tick, input, draw) => {
    const { ms } = schedule.settings as ResetSettings
    const anew = tick.elapsed - tick.began >= ms
    const origin = anew ? tick.began : state.origin
    const of = anew ? begin(left(schedule)) : state.of
    const answer = advance(left(schedule), of, since(tick, origin), input, draw)
    return answer._tag === 'Stop' ? answer : again(answer.delay, { origin, of: answer.state })
  },
  show: ({ ms }, [inner]) => `${String(inner)} |> resetAfter(${Duration.show(ms)})`
}

/**
 * Starts afresh, counts and clock at zero, whenever an attempt lasted at least `ms` before it failed: for connections that
 * live for hours and should not pay for the failures of yesterday.
 *
 * @param ms milliseconds, finite, > 0
 *
 * @example
 * import { Schedule } from 'resilience-ts'
 * import { pipe } from 'fp-ts/function'
 * import assert from 'assert'
 *
 * const schedule = pipe(Schedule.exponential(100), Schedule.resetAfter(60_000))
 * // the third attempt held for ten minutes
 * const { delays } = Schedule.preview(4, { durations: [5, 5, 600_000, 5] })(schedule)
 * assert.deepStrictEqual(delays, [100, 200, 100, 200])
 *
 * @category combinators
 * @since 0.1.0
 */
export const resetAfter =
  (ms: Millis) =>
  <I>(schedule: Schedule<I>): Schedule<I> =>
    build(resetAfterForm, { ms }, [schedule], { timed: true })
