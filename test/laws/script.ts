import fc from 'fast-check'
import { Policy, Rejection, Schedule, Trip } from 'resilience-ts'
import { heeding, type Line } from 'resilience-ts/testing'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import { type Lines, play, type Played, type PlayOptions } from '../play'
import { throwing, throwingSchedule } from '../trip/throwing'

// What takes time in an operation takes 1 more than a multiple of 64 ms, and there are few calls; all else takes a multiple
// of 64 ms. So nothing ends in the same instant as something else, where the order of the two would be a matter of chance.

const unit = 64
const units = (max: number): fc.Arbitrary<number> => fc.integer({ min: 1, max }).map((n) => n * unit)

const line: fc.Arbitrary<Line<unknown, unknown>> = fc
  .record({
    after: fc.oneof(fc.constant(0), units(12)).map((ms) => ms + 1),
    kind: fc.constantFrom('fails', 'fails', 'fails', 'succeeds', 'succeeds', 'refuses', 'rejects', 'throws', 'bad'),
    value: fc.integer({ min: 0, max: 3 }),
    heeds: fc.boolean()
  })
  .map(({ after, kind, value, heeds }): Line<unknown, unknown> => {
    const settles = (answer: E.Either<unknown, unknown>): Line<unknown, unknown> => {
      const settling: Line<unknown, unknown> = { _tag: 'Settles', after, answer, heedsSignal: false }
      return heeds ? heeding(settling) : settling
    }
    switch (kind) {
      case 'succeeds':
        return settles(E.right(value))
      case 'refuses':
        return settles(E.left({ _tag: 'RateLimited', retryAfter: value * unit }))
      case 'rejects':
        return { _tag: 'Rejects', after, cause: value }
      case 'throws':
        return { _tag: 'Throws', cause: value }
      case 'bad':
        return { _tag: 'Gives', value }
      default:
        return settles(E.left(value))
    }
  })

export interface World extends PlayOptions {
  readonly lines: Lines
}

/** An operation, a caller who may go, and chance. */
export const world: fc.Arbitrary<World> = fc
  .record({
    lines: fc.array(line, { minLength: 1, maxLength: 6 }),
    abortAt: fc.option(
      units(30).map((ms) => ms - 1),
      { nil: undefined, freq: 3 }
    ),
    seed: fc.integer()
  })
  .map(({ lines, abortAt, seed }) => ({
    lines: lines as unknown as Lines,
    seed,
    ...(abortAt === undefined ? {} : { abortAt })
  }))

export type P = Policy.Policy<unknown, unknown>
export type Layer = (policy: P) => P

const numbers =
  <A>(f: (n: number) => A): ((u: unknown) => A) =>
  (u) =>
    f(typeof u === 'number' ? u : 0)

const schedule: fc.Arbitrary<Schedule.Schedule<unknown>> = fc
  .record({
    delay: fc.oneof(fc.constant(0), units(4)),
    times: fc.integer({ min: 0, max: 3 }),
    kind: fc.constantFrom('constant', 'exponential', 'jittered')
  })
  .map(({ delay, times, kind }) => {
    const base = kind === 'constant' ? Schedule.constant(delay) : Schedule.exponential(delay)
    const jittered =
      kind === 'jittered'
        ? pipe(
            base,
            Schedule.jittered,
            // in the same raster
            Schedule.modify((ms) => Math.ceil(ms / unit) * unit)
          )
        : base
    return pipe(jittered, Schedule.take(times))
  })

export const fn: fc.Arbitrary<(u: unknown) => unknown> = fc
  .tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 0, max: 5 }))
  .map(([a, b]) => numbers((n) => (a * n + b) % 7))

const predicate = fc.integer({ min: 0, max: 3 }).map(
  (m) =>
    (u: unknown): boolean =>
      u !== m
)

/** One layer of each kind there is; made anew by each call, from the same settings. */
const layerOf: fc.Arbitrary<() => Layer> = fc.oneof(
  fc.tuple(schedule, predicate, fc.boolean()).map(
    ([s, holds, retryRefused]) =>
      (): Layer =>
        Policy.retry(s, { while: holds, retryRefused })
  ),
  fc.tuple(schedule, fn).map(
    ([s, f]) =>
      (): Layer =>
        Policy.retryOrElse(
          s,
          ({ error, attempts }) =>
            () =>
              Promise.resolve(E.right([f(error), attempts]))
        )
  ),
  fc.tuple(units(20), fc.constantFrom(0, unit, Infinity)).map(
    ([ms, grace]) =>
      (): Layer =>
        Policy.timeout(ms, { grace })
  ),
  units(30).map((ms) => (): Layer => Policy.deadline(ms, { reserve: ms / 2 })),
  fn.map((f) => (): Layer => Policy.map(f)),
  fn.map((f) => (): Layer => Policy.mapLeft(f)),
  fc.tuple(fn, fn).map(
    ([f, g]) =>
      (): Layer =>
        Policy.bimap(f, g)
  ),
  predicate.map((holds) => (): Layer => Policy.ensure(holds)),
  fn.map(
    (f) => (): Layer => Policy.ensureWith((a) => () => Promise.resolve(f(a) === 0 ? E.left('refused') : E.right(a)))
  ),
  fc.tuple(predicate, fn).map(
    ([holds, f]) =>
      (): Layer =>
        Policy.fallbackIf((e: unknown): e is 1 => holds(e), f)
  ),
  fn.map((f) => (): Layer => Policy.fallbackWith((e) => () => Promise.resolve(f(e) === 0 ? E.left(e) : E.right(f(e))))),
  fc.constant((): Layer => Policy.fallbackTag('TimedOut', () => 'too late')),
  units(6).map(
    (openFor) => (): Layer => (policy) =>
      pipe(
        policy,
        Policy.circuitBreaker({ trip: Trip.consecutiveFailures(1), openFor }),
        Policy.retry(pipe(Schedule.constant(unit), Schedule.take(3)), { retryRefused: openFor > 2 * unit })
      )
  ),
  fc
    .record({
      trip: fc.constantFrom(
        Trip.consecutiveFailures(1),
        Trip.consecutiveFailures(2),
        Trip.countWindow(3, { failureRate: 0.5, minimumCalls: 2 }),
        Trip.timeWindow(640, { failureRate: 0.5, slowRate: 1, slowAfter: 256, minimumCalls: 1 }),
        Trip.failuresWithin(2, 640),
        throwing
      ),
      openFor: fc.oneof({ weight: 4, arbitrary: units(6) }, { weight: 1, arbitrary: fc.constant(throwingSchedule) }),
      lease: units(6),
      halfOpenFor: fc.oneof(fc.constant(Infinity), units(6)),
      over: units(6),
      holds: predicate,
      watchOnly: fc.boolean()
    })
    .map(
      ({ trip, openFor, lease, halfOpenFor, over, holds, watchOnly }) =>
        (): Layer =>
          Policy.circuitBreaker({ trip, openFor, lease, halfOpenFor, ramp: { over }, isFailure: holds, watchOnly })
    ),
  fc.constantFrom(
    (): Layer => Policy.before(() => () => Promise.resolve()),
    (): Layer => Policy.tap(() => () => Promise.resolve()),
    (): Layer => Policy.tapError(() => () => Promise.resolve())
  )
)

export type Make = () => P

/** Any policy, as its definition: each call makes it anew, all from the same settings; `between` goes between its layers. */
export const policyWith = (maxLength = 3): fc.Arbitrary<(between: Layer) => P> =>
  fc.array(layerOf, { maxLength }).map((layers) => (between) => {
    let made: P = between(Policy.id())
    for (const layer of layers) made = between(layer()(made))
    return made
  })

/** Any policy, as its definition. */
export const policy = (maxLength = 3): fc.Arbitrary<Make> => policyWith(maxLength).map((make) => () => make((p) => p))

/** All that a caller and an operation can see. */
export const seen = ({ answer, calls, answeredAt, hanging, leaks, status }: Played): Omit<Played, 'log'> => ({
  answer,
  calls,
  answeredAt,
  hanging,
  leaks,
  status
})

/** All that can be seen, events included. */
export const everything = async (policy: P, { lines, ...options }: World): Promise<unknown> =>
  play(policy, lines, options)

/** The answer, but for the number of the layer where a defect arose. */
const unnumbered = (answer: unknown): unknown => {
  const { left } = answer as { readonly left?: unknown }
  return Rejection.isDefect(left) ? E.left({ ...left, at: left.at.replace(/#\d+/, '') }) : answer
}

/** All but the events and numbers of layers, which the two sides of a law name differently, or have more of. */
export const outcome = async (policy: P, { lines, ...options }: World): Promise<unknown> => {
  const played = seen(await play(policy, lines, options))
  return { ...played, answer: unnumbered(played.answer) }
}
