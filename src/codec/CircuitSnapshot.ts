/**
 * The codec of what a circuit breaker remembers.
 *
 * @since 0.1.0
 */
import * as t from 'io-ts'
import type { CircuitSnapshot as Snapshot } from '../strategy/CircuitBreaker/Snapshot'

const time = t.refinement(t.number, Number.isFinite, 'finite milliseconds')
const count = t.refinement(t.number, (n) => Number.isSafeInteger(n) && n >= 0, 'a whole number, >= 0')
const generation = t.refinement(count, (n) => n > 0, 'a whole number, >= 1')

/** What a trip or a schedule remembers: whatever JSON can carry. Which of it a breaker can use, that breaker says. */
type Json = string | number | null | ReadonlyArray<Json> | { readonly [key: string]: Json }
const Json: t.Type<Json> = t.recursion('Json', () =>
  t.union([t.string, t.number, t.null, t.readonlyArray(Json), t.readonly(t.record(t.string, Json))])
)

const Openings = t.readonly(t.type({ times: count, schedule: Json, last: time }))
const Ramp = t.readonly(t.type({ since: time, credit: time }))
const Probe = t.readonly(t.type({ token: count, until: time }))

const Circuit = t.union([
  t.readonly(t.type({ _tag: t.literal('Closed'), generation, trip: Json, ramp: t.union([t.null, Ramp]) })),
  t.readonly(t.type({ _tag: t.literal('Open'), generation, since: time, until: time, openings: Openings })),
  t.readonly(
    t.type({
      _tag: t.literal('HalfOpen'),
      generation,
      since: time,
      probes: t.readonlyArray(Probe),
      next: count,
      succeeded: count,
      failed: count,
      openings: Openings
    })
  ),
  t.readonly(t.type({ _tag: t.literal('Isolated'), generation, holds: count })),
  t.readonly(t.type({ _tag: t.literal('Disabled'), generation }))
])

/**
 * Decodes and encodes what `CircuitControl.snapshot` gives, so that it can be kept outside of the process and restored in
 * another. What comes out of it is JSON; what goes into it is what `JSON.parse` gives.
 *
 * Whether a breaker can remember it is for `CircuitControl.restore` to say: its trip must be of the same kind.
 *
 * @example
 * import { Policy, Runner, Trip } from 'resilience-ts'
 * import { CircuitSnapshot } from 'resilience-ts/codec'
 * import { fails, script, virtual } from 'resilience-ts/testing'
 * import { pipe } from 'fp-ts/function'
 * import * as E from 'fp-ts/Either'
 * import * as O from 'fp-ts/Option'
 * import assert from 'assert'
 *
 * const time = virtual()
 * const policy = pipe(
 *   Policy.id<string, number>(),
 *   Policy.circuitBreaker({ trip: Trip.consecutiveFailures(1), openFor: 1000 })
 * )
 * const controlOf = (runner: Runner.Runner<string, number, unknown, number>) =>
 *   pipe(Policy.circuitBreakerControl(runner), O.getOrElseW(() => assert.fail()))
 *
 * const runner = Runner.make(policy)(time.runtime)()
 * await time.run(runner.run(script(time, fails('down')).task))
 * const text = JSON.stringify(CircuitSnapshot.encode(controlOf(runner).snapshot()))
 *
 * // another process, a while later
 * await time.advance(400)
 * const other = controlOf(Runner.make(policy)(time.runtime)())
 * const snapshot = CircuitSnapshot.decode(JSON.parse(text))
 * assert.ok(E.isRight(snapshot))
 * assert.ok(E.isRight(other.restore(snapshot.right)()))
 * assert.strictEqual(other.status().retryAfter, 600)
 *
 * @category codecs
 * @since 0.1.0
 */
export const CircuitSnapshot: t.Type<Snapshot, Snapshot> = t.readonly(
  t.type({ _tag: t.literal('CircuitSnapshot'), savedAt: time, circuit: Circuit }),
  'CircuitSnapshot'
) as unknown as t.Type<Snapshot, Snapshot> // what is in it is nobody's business outside
