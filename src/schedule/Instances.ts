/**
 * The fp-ts instances of `Schedule`.
 *
 * @since 0.1.0
 */
import type { BoundedDistributiveLattice } from 'fp-ts/BoundedDistributiveLattice'
import type { Contravariant1 } from 'fp-ts/Contravariant'
import type { Monoid } from 'fp-ts/Monoid'
import { andThen, both, either } from './Algebra'
import { forever, stop } from './Delays'
import { contramap } from './Inputs'
import type { Schedule } from './Model'

/**
 * The name of `Schedule` among fp-ts's type constructors.
 *
 * @example
 * import { Schedule } from 'resilience-ts'
 * import assert from 'assert'
 *
 * assert.strictEqual(Schedule.Contravariant.URI, Schedule.URI)
 *
 * @category type lambdas
 * @since 0.1.0
 */
export const URI = 'resilience-ts/Schedule'

/**
 * The type of that name.
 *
 * @category type lambdas
 * @since 0.1.0
 */
export type URI = typeof URI

declare module 'fp-ts/HKT' {
  interface URItoKind<A> {
    readonly 'resilience-ts/Schedule': Schedule<A>
  }
}

/**
 * Schedules feed on their inputs, so they map contravariantly.
 *
 * @example
 * import { Schedule } from 'resilience-ts'
 * import assert from 'assert'
 *
 * const onLength = Schedule.Contravariant.contramap(Schedule.forever, (s: string) => s.length)
 * assert.strictEqual(Schedule.show(onLength), 'forever |> contramap(<function>)')
 *
 * @category instances
 * @since 0.1.0
 */
export const Contravariant: Contravariant1<URI> = {
  URI,
  contramap: (schedule, f) => contramap(f)(schedule)
}

/**
 * The lattice of schedules: `meet` is `both` (identity `forever`), `join` is `either` (identity `stop`).
 *
 * @example
 * import { Schedule } from 'resilience-ts'
 * import assert from 'assert'
 *
 * const { meet, join } = Schedule.getLattice<unknown>()
 * const [quick, slow] = [Schedule.constant(1), Schedule.constant(9)]
 * assert.deepStrictEqual(Schedule.preview(1)(meet(quick, slow)).delays, [9])
 * assert.deepStrictEqual(Schedule.preview(1)(join(quick, slow)).delays, [1])
 *
 * @category instances
 * @since 0.1.0
 */
export const getLattice = <I>(): BoundedDistributiveLattice<Schedule<I>> => ({
  meet: (a, b) => both(b)(a),
  one: forever,
  join: (a, b) => either(b)(a),
  zero: stop
})

/**
 * The monoid of `both`: the longest delay, until one stops; `forever` is empty.
 *
 * @example
 * import { Schedule } from 'resilience-ts'
 * import { concatAll } from 'fp-ts/Monoid'
 * import assert from 'assert'
 *
 * const all = concatAll(Schedule.getMonoidBoth<unknown>())([Schedule.constant(1), Schedule.constant(9)])
 * assert.deepStrictEqual(Schedule.preview(1)(all).delays, [9])
 *
 * @category instances
 * @since 0.1.0
 */
export const getMonoidBoth = <I>(): Monoid<Schedule<I>> => ({ concat: (a, b) => both(b)(a), empty: forever })

/**
 * The monoid of `either`: the shortest delay, until all have stopped; `stop` is empty.
 *
 * @example
 * import { Schedule } from 'resilience-ts'
 * import { concatAll } from 'fp-ts/Monoid'
 * import assert from 'assert'
 *
 * const any = concatAll(Schedule.getMonoidEither<unknown>())([Schedule.constant(1), Schedule.constant(9)])
 * assert.deepStrictEqual(Schedule.preview(1)(any).delays, [1])
 *
 * @category instances
 * @since 0.1.0
 */
export const getMonoidEither = <I>(): Monoid<Schedule<I>> => ({ concat: (a, b) => either(b)(a), empty: stop })

/**
 * The monoid of `andThen`: one after the other; `stop` is empty.
 *
 * @example
 * import { Schedule } from 'resilience-ts'
 * import { concatAll } from 'fp-ts/Monoid'
 * import { pipe } from 'fp-ts/function'
 * import assert from 'assert'
 *
 * const phases = concatAll(Schedule.getMonoidAndThen<unknown>())([
 *   pipe(Schedule.constant(1), Schedule.take(1)),
 *   Schedule.constant(9)
 * ])
 * assert.deepStrictEqual(Schedule.preview(3)(phases).delays, [1, 9, 9])
 *
 * @category instances
 * @since 0.1.0
 */
export const getMonoidAndThen = <I>(): Monoid<Schedule<I>> => ({ concat: (a, b) => andThen(b)(a), empty: stop })
