import fc from 'fast-check'
import { concatAll } from 'fp-ts/Monoid'
import { flow, identity, pipe } from 'fp-ts/function'
import * as E from 'fp-ts/Either'
import * as O from 'fp-ts/Option'
import { Policy, Schedule, Trip } from 'resilience-ts'
import { succeeds } from 'resilience-ts/testing'
import { idle, nothingLeft, play, tags } from '../play'
import { witness } from '../witness'
import { runs } from './runs'
import { everything, fn, type Make, outcome, type P, policy, policyWith, type World, world } from './script'

/** A law about policies: both sides are played in the same world, one after the other. */
const law = <Ts extends [unknown, ...Array<unknown>]>(
  name: string,
  arbitraries: { [K in keyof Ts]: fc.Arbitrary<Ts[K]> },
  sides: (...values: Ts) => readonly [P, P],
  see: (policy: P, world: World) => Promise<unknown> = everything
): void => {
  it(
    name,
    async () => {
      await fc.assert(
        fc.asyncProperty(fc.tuple<Ts>(...arbitraries), world, async (values, world) => {
          const [left, right] = sides(...values)
          expect(await see(left, world)).toEqual(await see(right, world))
        }),
        runs
      )
    },
    60_000
  )
}

const id: P = Policy.id<unknown, unknown>()
/** `compose(outer)(inner)`, written as the mathematicians do. */
const after = (outer: P, inner: P): P => pipe(inner, Policy.compose(outer))
/** Something in its place, with policies inside and outside of it. */
const around = (inner: Make, middle: P, outer: Make): P => after(outer(), after(middle, inner()))

const any = policy()
const few = policy(2)
const ms = fc.integer({ min: 1, max: 20 }).map((n) => n * 64)

/** The same but for what a timeout says of itself. */
const upToPayload = async (policy: P, world: World): Promise<unknown> =>
  JSON.parse(
    JSON.stringify(await outcome(policy, world), (key, value: unknown) => (key === 'timeout' ? 'payload' : value))
  )

/** A hook that does nothing. */
const nothing = () => (): Promise<void> => Promise.resolve()

describe('the laws of policies', () => {
  describe('category', () => {
    law('id is an identity on the left', [any], (p) => [after(id, p()), p()])
    law('id is an identity on the right', [any], (p) => [after(p(), id), p()])
    law('compose is associative', [any, any, any], (p, q, r) => [
      after(p(), after(q(), r())),
      after(after(p(), q()), r())
    ])
    law('pipe is compose: what comes first is innermost', [few, ms], (p, a) => [
      pipe(p(), Policy.timeout(a), Policy.retry(Schedule.take(1)(Schedule.constant(64)))),
      after(pipe(id, Policy.retry(Schedule.take(1)(Schedule.constant(64)))), after(pipe(id, Policy.timeout(a)), p()))
    ])
  })

  describe('monoid', () => {
    const M = Policy.getMonoid<unknown, unknown>()
    law('concat is associative', [any, any, any], (p, q, r) => [
      M.concat(M.concat(p(), q()), r()),
      M.concat(p(), M.concat(q(), r()))
    ])
    law('empty is an identity', [any], (p) => [M.concat(M.empty, p()), M.concat(p(), M.empty)])
    law('concat(inner, outer) is compose(outer)(inner)', [any, any], (p, q) => [
      concatAll(M)([p(), q()]),
      after(q(), p())
    ])
  })

  describe('what behaves as id', () => {
    const behavesAsId = (name: string, make: () => P): void => {
      law(`${name} behaves as id`, [few, few], (p, q) => [around(p, make(), q), around(p, id, q)], outcome)
    }
    behavesAsId('retry(stop)', () => pipe(id, Policy.retry(Schedule.stop)))
    behavesAsId('retry(take(0))', () => pipe(id, Policy.retry(Schedule.take(0)(Schedule.constant(64)))))
    behavesAsId('before, tap and tapError', () =>
      pipe(id, Policy.before(nothing), Policy.tap(nothing), Policy.tapError(nothing))
    )
    behavesAsId('timeout(Infinity)', () => pipe(id, Policy.timeout(Infinity)))
    behavesAsId('timeout(Infinity) with a grace', () => pipe(id, Policy.timeout(Infinity, { grace: 64 })))
    behavesAsId('deadline(Infinity)', () => pipe(id, Policy.deadline(Infinity)))
    behavesAsId('bulkhead(Infinity)', () => pipe(id, Policy.bulkhead(Infinity)))
    behavesAsId('bulkhead(Infinity) with a queue', () =>
      pipe(id, Policy.bulkhead(Infinity, { queue: 1, order: 'lifo', wait: 64, abandonAfter: 64 }))
    )
    behavesAsId('a breaker that never trips', () => pipe(id, Policy.circuitBreaker({ trip: Trip.never, openFor: 64 })))
    behavesAsId('a breaker that never trips, with all that it could do', () =>
      pipe(
        id,
        Policy.circuitBreaker({
          trip: Trip.anyOf(
            Trip.consecutiveFailures(Infinity),
            Trip.countWindow(1000, { failureRate: 1, minimumCalls: 1000 }),
            Trip.timeWindow(64, { slowRate: 1, slowAfter: 0, minimumCalls: 1000 })
          ),
          openFor: Schedule.exponential(64),
          retryAfter: () => O.some(64),
          isFailure: () => true,
          isFailedValue: () => true,
          lease: 64,
          ramp: { over: 64 },
          perKey: {}
        })
      )
    )
    behavesAsId('a breaker that only watches', () =>
      pipe(id, Policy.circuitBreaker({ trip: Trip.consecutiveFailures(1), openFor: 64, watchOnly: true }))
    )
    behavesAsId('ensure(always)', () =>
      pipe(
        id,
        Policy.ensure(() => true)
      )
    )
    behavesAsId('a fallback for no error', () =>
      pipe(
        id,
        Policy.fallbackIf((_e): _e is 1 => false, identity)
      )
    )
  })

  describe('timeouts', () => {
    const nested =
      (a: number, b: number) =>
      (p: P): P =>
        pipe(p, Policy.timeout(b), Policy.timeout(a))
    law(
      'timeout a ∘ timeout b = timeout (min a b), up to the rejection’s payload',
      [ms, ms, few, few],
      (a, b, p, q) => [around(p, nested(a, b)(id), q), around(p, pipe(id, Policy.timeout(Math.min(a, b))), q)],
      upToPayload
    )
    law(
      'timeouts commute, up to the rejection’s payload',
      [ms, ms, few],
      (a, b, p) => [nested(a, b)(p()), nested(b, a)(p())],
      upToPayload
    )
    it('retry and timeout do not commute', async () => {
      const retry = Policy.retry<unknown, unknown>(Schedule.take(1)(Schedule.constant(10)))
      const timeout = Policy.timeout(100)
      const lines = [succeeds('late', 150), succeeds('in time', 50)] as const
      const perAttempt = await play(pipe(id, timeout, retry), lines)
      const total = await play(pipe(id, retry, timeout), lines)
      expect(perAttempt.answer).toEqual(E.right('in time'))
      expect(total.answer).toEqual(E.left({ _tag: 'TimedOut', timeout: 100 }))
    })

    it('retry and timeout do not commute: random worlds find as much', async () => {
      const retry = Policy.retry<unknown, unknown>(Schedule.take(1)(Schedule.constant(64)))
      const found = await fc.check(
        fc.asyncProperty(world, ms, async (world, a) => {
          const left = await outcome(pipe(id, Policy.timeout(a), retry), world)
          expect(await outcome(pipe(id, retry, Policy.timeout(a)), world)).toEqual(left)
        }),
        { numRuns: 1000, seed: 1 }
      )
      expect(found.failed).toBe(true)
    })
  })

  describe('functor', () => {
    const { map } = Policy.Functor
    law('map identity = identity', [few, few], (p, q) => [around(p, map(id, identity), q), around(p, id, q)], outcome)
    law(
      'map (g . f) = map g . map f',
      [few, few, fn, fn],
      (p, q, f, g) => [around(p, map(id, flow(f, g)), q), around(p, map(map(id, f), g), q)],
      outcome
    )
    law('map of the instance is map', [any, fn], (p, f) => [map(p(), f), pipe(p(), Policy.map(f))])
  })

  describe('bifunctor', () => {
    const { bimap, mapLeft } = Policy.Bifunctor
    law(
      'bimap identity identity = identity',
      [few, few],
      (p, q) => [around(p, bimap(id, identity, identity), q), around(p, id, q)],
      outcome
    )
    law(
      'bimap (g . f) (k . h) = bimap g k . bimap f h',
      [few, few, fc.tuple(fn, fn, fn, fn)],
      (p, q, [f, g, h, k]) => [
        around(p, bimap(id, flow(f, g), flow(h, k)), q),
        around(p, bimap(bimap(id, f, h), g, k), q)
      ],
      outcome
    )
    law(
      'bimap f identity = mapLeft f; bimap identity f = map f',
      [few, few, fn, fn],
      (p, q, f, g) => [
        around(p, bimap(bimap(id, f, identity), identity, g), q),
        around(p, Policy.Functor.map(mapLeft(id, f), g), q)
      ],
      outcome
    )
    law(
      'mapLeft and map commute',
      [few, few, fn, fn],
      (p, q, f, g) => [
        around(p, pipe(id, Policy.mapLeft(f), Policy.map(g)), q),
        around(p, pipe(id, Policy.map(g), Policy.mapLeft(f)), q)
      ],
      outcome
    )
  })

  describe('inlining', () => {
    law('replacing a shared const by its definition changes nothing', [policy(2)], (make) => {
      const shared = make()
      return [after(shared, shared), after(make(), make())]
    })
    law('nor does it where something stands between', [policy(2), few], (make, p) => {
      const shared = make()
      return [after(shared, after(p(), shared)), after(make(), after(p(), make()))]
    })
  })

  it('every world ends, with one answer and nothing left behind, and they end in every way there is', async () => {
    const ends = new Set<string>()
    await fc.assert(
      fc.asyncProperty(policyWith(), world, async (make, { lines, ...options }) => {
        const { around, breaches, tardy } = witness()
        const { answer, leaks, status, log } = await play(make(around), lines, options)
        expect([...breaches, ...tardy]).toEqual([])
        expect(leaks).toEqual(nothingLeft)
        expect(status).toEqual(idle)
        const after = tags(log).slice(tags(log).indexOf('RunEnded') + 1)
        expect(after.filter((tag) => tag !== 'LateResult')).toEqual([])
        const either = answer as E.Either<unknown, unknown>
        const value = E.isLeft(either) ? either.left : 'success'
        ends.add(typeof value === 'object' && value !== null && '_tag' in value ? String(value._tag) : String(value))
      }),
      { numRuns: 2000, seed: 1 }
    )
    expect([...ends]).toEqual(
      expect.arrayContaining([
        'success',
        'Defect',
        'Aborted',
        'TimedOut',
        'DeadlineExceeded',
        'EnsureFailed',
        'RateLimited',
        'CircuitOpen',
        'refused',
        '1'
      ])
    )
  })
})
