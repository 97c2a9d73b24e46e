/**
 * What a circuit breaker can be told.
 *
 * @since 0.1.0
 */
import type { Option } from 'fp-ts/Option'
import { agreed, showAlike } from '../../Agreement'
import * as Duration from '../../Duration'
import type { Millis } from '../../Duration'
import { within } from '../../Path'
import { type Problem, showValue } from '../../Problem'
import * as Rule from '../../Rule'
import * as Schedule from '../../schedule/Model'
import { constant } from '../../schedule/Delays'
import * as Trip from '../../trip/Model'
import type { Rules } from './Circuit'

/**
 * When a breaker opens and closes, and what counts.
 *
 * When it opens, and for how long:
 *
 * - `trip`: see `Trip`;
 * - `openFor`: milliseconds, > 0; or a schedule that gives the length of each opening in turn, and begins anew once the breaker
 *   has been closed (where it stops, its last delay goes on). It is fed the error that opens, where there is one, and knows no
 *   time: `elapsed` is 0;
 * - `maxOpenFor`: milliseconds, > 0, or `Infinity`: the longest that it stays open at a time, whatever a schedule or a server
 *   says; `Infinity` unless given;
 * - `retryAfter`: what the server asks, in ms, of the error that opens it: the time that it is open then, instead of `openFor`.
 *   Not asked of a `TimedOut`; 0 or less is no wish.
 *
 * When it is half-open:
 *
 * - `probes`: how many calls are let in; whole, ≥ 1; 1 unless given;
 * - `probeRate`: the share of them that must succeed for it to close, more than 0 and up to 1; 1 unless given. It closes or
 *   opens again as soon as that is decided;
 * - `lease`: milliseconds, finite, > 0: a probe that has not ended by then has failed; 30,000 unless given. One that was slow, as
 *   the trip has it, has failed too;
 * - `halfOpenFor`: milliseconds, > 0, or `Infinity`: undecided for so long, it opens again; `Infinity` unless given.
 *
 * After it has closed:
 *
 * - `ramp`: `over` so many milliseconds (finite, > 0) it lets in a growing share of the calls, beginning with the share
 *   `from` (0 to 1; 0.1 unless given). None unless given.
 *
 * What counts:
 *
 * - `isFailure`: which errors are failures; all unless given. The others say that what is called works. Not asked of what the
 *   library itself knows: `TimedOut` is a failure, what another policy inside refused (`CircuitOpen`, `BulkheadFull`,
 *   `RateLimited`), `DeadlineExceeded` and an abort say nothing;
 * - `isFailedValue`: which values are failures in spite of all; none unless given;
 * - `ignore`: which errors say nothing either way; none unless given;
 * - `watchOnly`: it counts and changes its state, and says so, but lets everybody in.
 *
 * Where its state is:
 *
 * - `perKey`: one circuit for each key of a call (`runWith(…, { key })`), for up to `most` of them (whole, ≥ 1; 10,000 unless
 *   given), the least recently used making room; those not used for `idle` milliseconds (> 0, or `Infinity`; `Infinity` unless
 *   given) are dropped. A circuit that is isolated, forced open or disabled by hand stays. Calls without a key share one;
 * - `name`: shares its state, by this name, with all breakers of the name in the runtime's store; their settings must agree.
 *
 * @category model
 * @since 0.1.0
 */
export interface CircuitBreakerOptions<in I = unknown, in J = unknown, in S = unknown> {
  readonly trip: Trip.Trip
  readonly openFor: Millis | Schedule.Schedule<S>
  readonly maxOpenFor?: Millis | undefined
  readonly retryAfter?: ((error: I) => Option<Millis>) | undefined
  readonly probes?: number | undefined
  readonly probeRate?: number | undefined
  readonly lease?: Millis | undefined
  readonly halfOpenFor?: Millis | undefined
  readonly ramp?: Ramp | undefined
  readonly isFailure?: ((error: I) => boolean) | undefined
  readonly isFailedValue?: ((value: J) => boolean) | undefined
  readonly ignore?: ((error: I) => boolean) | undefined
  readonly watchOnly?: boolean | undefined
  readonly perKey?: PerKey | undefined
  readonly name?: string | undefined
}

/**
 * How a breaker lets calls in again after it has closed.
 *
 * @category model
 * @since 0.1.0
 */
export interface Ramp {
  readonly over: Millis
  readonly from?: number | undefined
}

/**
 * How many circuits a breaker keeps.
 *
 * @category model
 * @since 0.1.0
 */
export interface PerKey {
  readonly most?: number | undefined
  readonly idle?: Millis | undefined
}

/**
 * A breaker's settings.
 *
 * @internal
 */
export type Settings = CircuitBreakerOptions<never, never, never>

const optionalCallback = /*#__PURE__*/ Rule.optional(Rule.callback)
const atLeastOne = /*#__PURE__*/ Rule.make('a whole number, >= 1', (u) => Number.isSafeInteger(u) && (u as number) >= 1)
const ramp: Rule.Rules<Ramp> = { over: Rule.interval, from: /*#__PURE__*/ Rule.optional(Rule.share) }
const perKey: Rule.Rules<PerKey> = {
  most: /*#__PURE__*/ Rule.optional(atLeastOne),
  idle: /*#__PURE__*/ Rule.optional(Rule.limit)
}
const aRecord = /*#__PURE__*/ Rule.optional(
  /*#__PURE__*/ Rule.make('a record', (u) => typeof u === 'object' && u !== null)
)

/**
 * What may stand in the settings; trips, schedules and the records among them are checked by `problems`, which says more.
 *
 * @internal
 */
export const rules: Rule.Rules<Settings> = {
  trip: Rule.anything,
  openFor: /*#__PURE__*/ Rule.make(
    'finite milliseconds, > 0, or a Schedule',
    (u) => Rule.interval.holds(u) || Schedule.isSchedule(u)
  ),
  maxOpenFor: /*#__PURE__*/ Rule.optional(Rule.limit),
  retryAfter: optionalCallback,
  probes: /*#__PURE__*/ Rule.optional(atLeastOne),
  probeRate: /*#__PURE__*/ Rule.optional(
    /*#__PURE__*/ Rule.make('a number, > 0 and <= 1', (u) => typeof u === 'number' && u > 0 && u <= 1)
  ),
  lease: /*#__PURE__*/ Rule.optional(Rule.interval),
  halfOpenFor: /*#__PURE__*/ Rule.optional(Rule.limit),
  ramp: aRecord,
  isFailure: optionalCallback,
  isFailedValue: optionalCallback,
  ignore: optionalCallback,
  watchOnly: /*#__PURE__*/ Rule.optional(Rule.flag),
  perKey: aRecord,
  name: /*#__PURE__*/ Rule.optional(Rule.name)
}

const part = <S extends object>(path: string, rules: Rule.Rules<S>, record: S | undefined): ReadonlyArray<Problem> =>
  typeof record === 'object' && (record as S | null) !== null ? within(path, Rule.check(rules, record)) : []

/**
 * What is impossible in the parts.
 *
 * @internal
 */
export const problems = ({ trip, openFor, ...settings }: Settings): ReadonlyArray<Problem> => [
  ...within('trip', Trip.validate(trip)),
  ...(Schedule.isSchedule(openFor) ? within('openFor', scheduleProblems(openFor)) : []),
  ...part('ramp', ramp, settings.ramp),
  ...part('perKey', perKey, settings.perKey)
]

const scheduleProblems = (schedule: Schedule.Schedule<never>): ReadonlyArray<Problem> => {
  const problems = Schedule.validate(schedule)
  if (problems.length > 0) return problems
  const first = Schedule.step(
    schedule,
    Schedule.initial(schedule),
    { now: 0, elapsed: 0, began: 0, attempt: 1, random: () => 0.5, due: 0 },
    Schedule.noInput as never
  )
  return first._tag === 'Stop' && !Schedule.isFault(first)
    ? [{ path: '', value: Schedule.show(schedule), allowed: 'a schedule that gives a delay' }]
    : []
}

/**
 * Reads the settings once, those within them too.
 *
 * @internal
 */
export const read = (options: Settings): Settings => {
  const settings = Rule.read(rules, options)
  return {
    ...settings,
    ...(isObject(settings.ramp) ? { ramp: Rule.read(ramp, settings.ramp) } : {}),
    ...(isObject(settings.perKey) ? { perKey: Rule.read(perKey, settings.perKey) } : {})
  }
}

/**
 * How many circuits there are room for, unless it is said.
 *
 * @internal
 */
export const defaultMost = 10_000

/**
 * How long a probe may take, unless it is said.
 *
 * @internal
 */
export const defaultLease: Millis = 30_000

const isObject = (u: unknown): u is object => typeof u === 'object' && u !== null

const scheduleOf = (openFor: Settings['openFor']): Schedule.Schedule<never> =>
  typeof openFor === 'number' ? constant(openFor) : openFor

/**
 * What the state machine goes by.
 *
 * @internal
 */
export const rulesOf = (settings: Settings): Rules => {
  const { trip, openFor, maxOpenFor = Infinity, probes = 1, probeRate = 1, lease = defaultLease } = settings
  return {
    trip,
    untouched: Trip.initial(trip),
    openFor: scheduleOf(openFor),
    maxOpenFor,
    probes,
    // a share of 0.3 of 10 is 3, whatever floating point makes of it
    needed: Math.max(1, Math.ceil(probeRate * probes - 1e-9)),
    lease,
    halfOpenFor: settings.halfOpenFor ?? Infinity,
    rampOver: settings.ramp?.over ?? 0,
    rampFrom: settings.ramp?.from ?? defaultFrom
  }
}

/**
 * The settings as they are shown.
 *
 * @internal
 */
export const showSettings = ({ trip, openFor, ...settings }: Settings): ReadonlyArray<string> =>
  texts(Trip.show(trip), Schedule.isSchedule(openFor) ? Schedule.show(openFor) : Duration.show(openFor), settings)

const texts = (trip: string, openFor: string, settings: Omit<Settings, 'trip' | 'openFor'>): ReadonlyArray<string> => {
  const text = (name: keyof typeof settings, show: (value: never) => string): ReadonlyArray<string> =>
    settings[name] === undefined ? [] : [`${name}: ${show(settings[name] as never)}`]
  return [
    trip,
    `openFor: ${openFor}`,
    ...text('maxOpenFor', Duration.show),
    ...text('retryAfter', showValue),
    ...text('probes', String),
    ...text('probeRate', String),
    ...text('lease', Duration.show),
    ...text('halfOpenFor', Duration.show),
    ...text(
      'ramp',
      shown<Ramp>(({ over, from }) => `over ${Duration.show(over)}${from === undefined ? '' : ` from ${String(from)}`}`)
    ),
    ...text('isFailure', showValue),
    ...text('isFailedValue', showValue),
    ...text('ignore', showValue),
    ...text('watchOnly', String),
    ...text(
      'perKey',
      shown<PerKey>(
        ({ most = defaultMost, idle }) =>
          `most ${String(most)}${idle === undefined ? '' : ` idle ${Duration.show(idle)}`}`
      )
    ),
    ...text('name', showValue)
  ]
}

/** How a record of settings is shown; what is none, which is found by its rule, as any value is. */
const shown =
  <S extends object>(show: (settings: S) => string) =>
  (settings: S): string =>
    isObject(settings) ? show(settings) : showValue(settings)

/**
 * The part of the settings that is no function, as text: what those who share a state must agree in. To give what holds unless
 * given is to give nothing.
 *
 * @internal
 */
export const agreement = ({ trip, openFor, ...settings }: Settings): string => {
  const { ramp, perKey } = settings
  return texts(showAlike(trip), showAlike(scheduleOf(openFor)), {
    ...agreed(settings, defaults, own),
    ...(ramp === undefined ? {} : { ramp: agreed(ramp, { from: defaultFrom }) }),
    ...(perKey === undefined ? {} : { perKey: agreed(perKey, { most: defaultMost, idle: Infinity }) })
  }).join(', ')
}

const defaultFrom = 0.1
/** What each who shares a state may have for itself, and the name, which they have in common anyway. */
const own: ReadonlyArray<string> = ['retryAfter', 'isFailure', 'isFailedValue', 'ignore', 'name']
const defaults: Partial<Settings> = {
  maxOpenFor: Infinity,
  probes: 1,
  probeRate: 1,
  lease: defaultLease,
  halfOpenFor: Infinity,
  watchOnly: false
}
