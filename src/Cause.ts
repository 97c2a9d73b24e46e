/**
 * What an error was caused by: predicates over the whole chain, however deep, wide, cyclic or broken it is.
 *
 * @since 0.1.0
 */
import type { Option } from 'fp-ts/Option'
import type { Predicate } from 'fp-ts/Predicate'
import type { Refinement } from 'fp-ts/Refinement'
import { tagOf } from './Tag'

/** No chain is looked at beyond so many causes: a getter may make a new one each time it is asked. */
const most = 250_000

/** Where errors keep others: the platform's (`cause`, `errors`, `error` and `suppressed`), and this library's. */
const fields: ReadonlyArray<string> = ['cause', 'error', 'errors', 'during', 'suppressed']

/** What a field holds; nothing, where it throws when it is looked at. */
const read = (u: object, field: string): unknown => {
  try {
    return (u as Record<string, unknown>)[field]
  } catch {
    return undefined
  }
}

/**
 * An error and everything that caused it, each once, the nearest first.
 *
 * Followed are `cause`, `error`, `errors` (a list), `during`, `suppressed`, the `reason` of an `Aborted` and the `value` of a
 * `Some`, in any depth. Cycles, fields that throw and chains without end do no harm: no more than 250,000 are given.
 *
 * @example
 * import { Cause } from 'resilience-ts'
 * import assert from 'assert'
 *
 * const error = new Error('no user', { cause: new AggregateError(['timeout', 'refused']) })
 * assert.deepStrictEqual(Cause.toArray(error).slice(2), ['timeout', 'refused'])
 *
 * @category destructors
 * @since 0.1.0
 */
export const toArray = (error: unknown): ReadonlyArray<unknown> => {
  const found: Array<unknown> = []
  visit(error, (cause) => {
    found.push(cause)
    return false
  })
  return found
}

/**
 * Whether an error, or anything that caused it, satisfies a predicate; see `toArray` for what that is. As a retry's `while`: try
 * again what was, in the end, a network error.
 *
 * @param predicate is asked about each, the nearest first, until it says yes; what it throws is thrown on, and in a policy a
 * `Defect`
 *
 * @example
 * import { Cause, Policy, Runner, Schedule } from 'resilience-ts'
 * import { fails, script, succeeds, virtual } from 'resilience-ts/testing'
 * import { pipe } from 'fp-ts/function'
 * import * as E from 'fp-ts/Either'
 * import assert from 'assert'
 *
 * const isReset = (u: unknown) => u instanceof Error && u.message === 'ECONNRESET'
 * const policy = pipe(
 *   Policy.id<Error, number>(),
 *   Policy.retry(pipe(Schedule.constant(10), Schedule.take(3)), { while: Cause.exists(isReset) })
 * )
 * const time = virtual()
 * const wrapped = new Error('no answer', { cause: new Error('ECONNRESET') })
 * const answer = await time.run(Runner.make(policy)(time.runtime)().run(script(time, fails(wrapped), succeeds(1)).task))
 * assert.deepStrictEqual(answer, E.right(1))
 *
 * @category predicates
 * @since 0.1.0
 */
export const exists =
  (predicate: Predicate<unknown>): Predicate<unknown> =>
  (error) =>
    visit(error, predicate)

/**
 * The nearest cause that satisfies a predicate or refinement, the error itself included; see `toArray`.
 *
 * @param predicate is asked about each, the nearest first, until it says yes; what it throws is thrown on, and in a policy a
 * `Defect`
 *
 * @example
 * import { Cause } from 'resilience-ts'
 * import * as O from 'fp-ts/Option'
 * import assert from 'assert'
 *
 * const isRange = (u: unknown): u is RangeError => u instanceof RangeError
 * const range = new RangeError('too far')
 * assert.deepStrictEqual(Cause.find(isRange)(new Error('oh', { cause: range })), O.some(range))
 * assert.deepStrictEqual(Cause.find(isRange)('oh'), O.none)
 *
 * @category destructors
 * @since 0.1.0
 */
export const find: {
  <B>(refinement: Refinement<unknown, B>): (error: unknown) => Option<B>
  (predicate: Predicate<unknown>): (error: unknown) => Option<unknown>
} =
  (predicate: Predicate<unknown>) =>
  (error: unknown): Option<never> => {
    let found: Option<unknown> = { _tag: 'None' }
    visit(error, (cause) => {
      const is = predicate(cause)
      if (is) found = { _tag: 'Some', value: cause }
      return is
    })
    return found
  }

/** Asks about each cause, the nearest first, until the answer is yes. A loop, as a chain may be as long as it likes. */
const visit = (error: unknown, ask: Predicate<unknown>): boolean => {
  const seen = new Set<unknown>([error])
  // a set keeps its order, and what is added while it is gone through comes last
  for (const cause of seen) {
    if (ask(cause)) return true
    if ((typeof cause !== 'object' && typeof cause !== 'function') || cause === null) continue
    for (const next of causesOf(cause)) if (seen.size < most) seen.add(next)
  }
  return false
}

const causesOf = (u: object): ReadonlyArray<unknown> => {
  const tag = tagOf(u)
  const names = tag === 'Aborted' ? ['reason'] : tag === 'Some' ? ['value'] : fields
  return names.flatMap((name) => {
    const value = read(u, name)
    return value === undefined ? [] : name === 'errors' ? listed(value) : [value]
  })
}

/** The members of a list, also of one that throws when it is looked at. */
const listed = (list: unknown): ReadonlyArray<unknown> => {
  try {
    return Array.isArray(list) ? list.slice(0, most) : []
  } catch {
    return []
  }
}
