/**
 * `Trip` says *when* a circuit breaker opens: an immutable description that, fed the outcomes of calls, answers "enough", and
 * why.
 *
 * Like a schedule it is data: a form (which kind it is), its settings, and the trips inside it. What it remembers from one
 * outcome to the next is a separate, plain, JSON-able `State`; to step it is a pure function, and takes the same time however
 * long a window is.
 *
 * @since 0.1.0
 */
import type { Millis } from '../Duration'
import { within } from '../Path'
import type { Problem } from '../Problem'
import { check, type Rules } from '../Rule'
import type { TripReason } from '../CircuitReason'

/**
 * When a circuit breaker opens.
 *
 * @category model
 * @since 0.1.0
 */
export interface Trip {
  readonly _tag: 'Trip'
  /** Which kind of trip this is, and how that kind is stepped, checked and shown. */
  readonly form: Form
  /** The settings of this kind: plain data. */
  readonly settings: object
  /** The trips that this one is built from. */
  readonly inner: ReadonlyArray<Trip>
  /** What of a call it looks at beside how it ended; a breaker reads no clock for one that looks at nothing else. */
  readonly reads: Reads
}

/**
 * What a trip looks at beside how a call ended: nothing, when it ended, or how long it took.
 *
 * @category model
 * @since 0.1.0
 */
export type Reads = 'nothing' | 'time' | 'duration'

/**
 * What a trip remembers: plain data that JSON can carry.
 *
 * @category model
 * @since 0.1.0
 */
export type State = number | null | ReadonlyArray<State> | { readonly [key: string]: State }

/**
 * How a call ended.
 *
 * - `failed`: whether that counts as a failure;
 * - `at`: when it ended, in ms, on the clock that the breaker goes by;
 * - `duration`: how long it took, in ms.
 *
 * Where the trip reads no time, `at` and `duration` are 0.
 *
 * @category model
 * @since 0.1.0
 */
export interface Outcome {
  readonly failed: boolean
  readonly at: Millis
  readonly duration: Millis
}

/**
 * One kind of trip: how it starts, steps, is checked and is shown. Every kind is made with one; there is no list of them.
 *
 * - `step`: what it remembers after an outcome; pure, and the same `state` where nothing has changed;
 * - `reason`: whether what it remembers is enough, and why; asked after each step;
 * - `holds`: whether a value, which may come from a snapshot or another process, is a state of this kind;
 * - `moved`: the same state on a clock that is `by` ms ahead;
 * - `slow`: whether an outcome is slow by its settings: a probe that is has failed. None is, unless given.
 *
 * @category model
 * @since 0.1.0
 */
export interface Form<S extends object = never, T extends State = never> {
  readonly name: string
  readonly rules: Rules<S>
  /** What the rules cannot say: settings that contradict each other. It is asked only where no rule is broken. */
  readonly problems?: (settings: S) => ReadonlyArray<Problem>
  readonly initial: (trip: Trip) => State
  readonly step: (trip: Trip, state: T, outcome: Outcome) => T
  readonly reason: (trip: Trip, state: T, at: Millis) => TripReason | undefined
  readonly holds: (trip: Trip, state: unknown) => boolean
  readonly moved: (trip: Trip, state: T, by: Millis) => T
  readonly slow?: (settings: S, outcome: Outcome) => boolean
  /**
   * @internal Counts an outcome in the state itself, which only who asks holds, where `step` would change no more than a count,
   * and `reason` would find nothing; says whether it did.
   */
  readonly tally?: (settings: S, state: T, outcome: Outcome) => boolean
  /** @internal It throws at nothing; what is not said of one of the user's. */
  readonly total?: true
  /** @internal What holds of these settings unless given: to spell it out is to say the same. */
  readonly unlessGiven?: (settings: S) => Partial<S>
  readonly show: (settings: S, inner: ReadonlyArray<string>) => string
}

/**
 * Builds a trip of the given form, the library's or your own. Total: what is wrong with the settings is found by `validate`.
 *
 * @param form which kind
 * @param settings what the form's rules speak of
 * @param inner the trips that it is built from
 * @param reads what it looks at itself; what those inside look at is added
 *
 * @example
 * import { Policy, Rule, Trip } from 'resilience-ts'
 * import { pipe } from 'fp-ts/function'
 * import assert from 'assert'
 *
 * // opens after n failures altogether, whatever succeeded in between
 * interface Settings { readonly n: number }
 * const form: Trip.Form<Settings, number> = {
 *   name: 'failures',
 *   rules: { n: Rule.count },
 *   initial: () => 0,
 *   step: (_trip, count, { failed }) => (failed ? count + 1 : count),
 *   reason: (trip, count) =>
 *     count >= (trip.settings as Settings).n ? { _tag: 'Custom', name: 'failures', data: count } : undefined,
 *   holds: (_trip, state) => Rule.count.holds(state),
 *   moved: (_trip, count) => count,
 *   show: ({ n }) => `failures(${n})`
 * }
 * const policy = pipe(Policy.id<string, number>(), Policy.circuitBreaker({ trip: Trip.make(form, { n: 3 }), openFor: 1000 }))
 * assert.strictEqual(Policy.show(policy), 'circuitBreaker(failures(3), openFor: 1s)\n└─ operation')
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = <S extends object, T extends State>(
  form: Form<S, T>,
  settings: S,
  inner: ReadonlyArray<Trip> = [],
  reads: Reads = 'nothing'
): Trip => ({
  _tag: 'Trip',
  form: form as unknown as Form,
  settings,
  inner,
  reads: inner.map(readsOf).reduce((most, each) => (order(each) > order(most) ? each : most), reads)
})

/** What is no trip at all is found by `validate`. */
const readsOf = (part: Trip): Reads => {
  try {
    return isTrip(part) ? part.reads : 'nothing'
  } catch {
    return 'nothing'
  }
}

const order = (reads: Reads): number => (reads === 'nothing' ? 0 : reads === 'time' ? 1 : 2)

/**
 * What a trip remembers before the first outcome.
 *
 * @example
 * import { Trip } from 'resilience-ts'
 * import assert from 'assert'
 *
 * assert.strictEqual(Trip.initial(Trip.consecutiveFailures(5)), 0)
 *
 * @category stepping
 * @since 0.1.0
 */
export const initial = (trip: Trip): State => trip.form.initial(trip)

/**
 * What a trip remembers after an outcome.
 *
 * @example
 * import { Trip } from 'resilience-ts'
 * import assert from 'assert'
 *
 * const trip = Trip.consecutiveFailures(2)
 * const one = Trip.step(trip, Trip.initial(trip), { failed: true, at: 0, duration: 5 })
 * assert.strictEqual(Trip.reason(trip, one, 0), undefined)
 * const two = Trip.step(trip, one, { failed: true, at: 10, duration: 5 })
 * assert.deepStrictEqual(Trip.reason(trip, two, 10), { _tag: 'ConsecutiveFailures', failures: 2 })
 *
 * @category stepping
 * @since 0.1.0
 */
export const step = (trip: Trip, state: State, outcome: Outcome): State => trip.form.step(trip, state as never, outcome)

/**
 * Counts an outcome in a state that nobody else holds, where there is nothing more to it; says whether it did.
 *
 * @internal
 */
export const tally = ({ form, settings }: Trip, state: State, outcome: Outcome): boolean =>
  form.tally?.(settings as never, state as never, outcome) === true

/**
 * Whether a trip throws at nothing: it and all that it is built from are the library's.
 *
 * @internal
 */
export const isTotal = ({ form, inner }: Trip): boolean => form.total === true && inner.every(isTotal)

/**
 * Whether what a trip remembers is enough to open, at this time, and why.
 *
 * @param at now, in ms, on the clock of the outcomes
 *
 * @example
 * import { Trip } from 'resilience-ts'
 * import assert from 'assert'
 *
 * const trip = Trip.failuresWithin(1, 1000)
 * const state = Trip.step(trip, Trip.initial(trip), { failed: true, at: 0, duration: 5 })
 * assert.deepStrictEqual(Trip.reason(trip, state, 0), { _tag: 'FailuresWithin', failures: 1, window: 1000 })
 *
 * @category stepping
 * @since 0.1.0
 */
export const reason = (trip: Trip, state: State, at: Millis): TripReason | undefined =>
  trip.form.reason(trip, state as never, at)

/**
 * Whether a value is something that this trip can remember.
 *
 * @internal
 */
export const holds = (trip: Trip, state: unknown): state is State => {
  try {
    return trip.form.holds(trip, state)
  } catch {
    // a trip of the user's that cannot say
    return false
  }
}

/**
 * Whether an outcome is slow, as the trip or one that it is built from has it.
 *
 * @internal
 */
export const isSlow = (trip: Trip, outcome: Outcome): boolean => trip.reads === 'duration' && isSlowFor(trip, outcome)

const isSlowFor = (trip: Trip, outcome: Outcome): boolean =>
  trip.form.slow?.(trip.settings as never, outcome) === true || trip.inner.some((part) => isSlowFor(part, outcome))

/**
 * The same state on a clock that is `by` ms ahead.
 *
 * @internal
 */
export const moved = (trip: Trip, state: State, by: Millis): State => trip.form.moved(trip, state as never, by)

/**
 * Lists what is impossible in a trip's settings, each with its path and what is allowed; empty when all is well.
 *
 * @example
 * import { Trip } from 'resilience-ts'
 * import assert from 'assert'
 *
 * assert.deepStrictEqual(Trip.validate(Trip.consecutiveFailures(0)), [
 *   { path: 'consecutiveFailures.n', value: 0, allowed: 'a whole number, >= 1, or Infinity' }
 * ])
 *
 * @category checking
 * @since 0.1.0
 */
export const validate = (trip: Trip): ReadonlyArray<Problem> => {
  if (!isTrip(trip)) return [{ path: '', value: trip, allowed: 'a Trip' }]
  const { form, settings, inner } = trip
  const broken = check(form.rules as Rules<object>, settings)
  const own = broken.length > 0 ? broken : (form.problems?.(settings as never) ?? [])
  return [
    ...within(form.name, own),
    ...inner.flatMap((part, index) => within(`${form.name}.${String(index)}`, validate(part)))
  ]
}

/**
 * Whether a value is a trip; for callers without types.
 *
 * @example
 * import { Trip } from 'resilience-ts'
 * import assert from 'assert'
 *
 * assert.strictEqual(Trip.isTrip(Trip.never), true)
 * assert.strictEqual(Trip.isTrip(5), false)
 *
 * @category checking
 * @since 0.1.0
 */
export const isTrip = (u: unknown): u is Trip => {
  try {
    return typeof u === 'object' && u !== null && '_tag' in u && u._tag === 'Trip' && 'form' in u
  } catch {
    // what throws when it is looked at is none
    return false
  }
}

/**
 * Shows a trip with every setting.
 *
 * @example
 * import { Trip } from 'resilience-ts'
 * import assert from 'assert'
 *
 * assert.strictEqual(Trip.show(Trip.failuresWithin(3, 60_000)), 'failuresWithin(3, 1m)')
 *
 * @category destructors
 * @since 0.1.0
 */
export const show = (trip: Trip): string =>
  isTrip(trip)
    ? trip.form.show(
        trip.settings as never,
        trip.inner.map((part) => show(part))
      )
    : '<not a trip>'

/**
 * Whether a value, from a snapshot say, is a record.
 *
 * @internal
 */
export const isRecord = (u: unknown): u is { readonly [key: string]: unknown } =>
  typeof u === 'object' && u !== null && !Array.isArray(u)

/**
 * Whether a value is a whole number from 0 up to a limit.
 *
 * @internal
 */
export const isCount = (u: unknown, most = Number.MAX_SAFE_INTEGER): u is number =>
  typeof u === 'number' && Number.isInteger(u) && u >= 0 && u <= most
