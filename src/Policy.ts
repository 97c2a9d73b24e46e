/**
 * `Policy<E, A, E2, A2>` says *what* to do around an operation: an immutable description that takes operations
 * `TaskEither<E, A>` to `TaskEither<E2, A2>`. It holds no clock, no counter and no promise; a `Runner` gives it those.
 *
 * @since 0.1.0
 */
import type { Either } from 'fp-ts/Either'
import type { Monoid } from 'fp-ts/Monoid'
import { layersOf } from './Layers'
import { within } from './Path'
import type { Problem } from './Problem'
import * as Rule from './Rule'
import type { Node, Strategy } from './Strategy'

/**
 * What to do around an operation that fails with `E` or succeeds with `A`, so that it fails with `E2` or succeeds with `A2`.
 *
 * `Policy<E, A>` alone takes an operation to one of the same type.
 *
 * @category model
 * @since 0.1.0
 */
export interface Policy<in E, in A, out E2 = E, out A2 = A> {
  readonly _tag: 'Policy'
  /** The layers, innermost first. */
  readonly layers: ReadonlyArray<Node>
  /** Never present: it only carries the types. */
  readonly _P?: (e: E, a: A) => Either<E2, A2>
}

/**
 * Any policy that ends in `E` or `A`. Combinators bind their callbacks with it, so that a wide callback never widens a policy.
 *
 * @category model
 * @since 0.1.0
 */
export type Ends<E, A> = Policy<never, never, E, A>

const identity: Policy<never, never, never, never> = { _tag: 'Policy', layers: [] }

/**
 * The policy that does nothing: where a pipe begins, and where its types are said.
 *
 * @example
 * import { Policy } from 'resilience-ts'
 * import { pipe } from 'fp-ts/function'
 * import assert from 'assert'
 *
 * const policy = pipe(Policy.id<'not found', string>(), Policy.timeout(2000))
 * assert.strictEqual(Policy.show(policy), 'timeout(2s)\n└─ operation')
 *
 * @category constructors
 * @since 0.1.0
 */
export const id = <E, A>(): Policy<E, A> => identity as unknown as Policy<E, A>

/**
 * One policy around another: `compose(outer)(inner)`. Associative, with `id` as its identity.
 *
 * @param outer takes what the inner policy ends in
 *
 * @example
 * import { Policy, Schedule } from 'resilience-ts'
 * import type { Rejection } from 'resilience-ts'
 * import { pipe } from 'fp-ts/function'
 * import assert from 'assert'
 *
 * const perAttempt = pipe(Policy.id<string, number>(), Policy.timeout(500))
 * const patient = pipe(Policy.id<string | Rejection.TimedOut, number>(), Policy.retry(Schedule.constant(10)))
 * assert.strictEqual(
 *   Policy.show(pipe(perAttempt, Policy.compose(patient))),
 *   'retry(constant(10ms))\n└─ timeout(500ms)\n   └─ operation'
 * )
 *
 * @category combinators
 * @since 0.1.0
 */
export const compose =
  <E2, A2, E3, A3>(outer: Policy<E2, A2, E3, A3>) =>
  <E, A>(inner: Policy<E, A, E2, A2>): Policy<E, A, E3, A3> => ({
    _tag: 'Policy',
    layers: [...layersOf(inner), ...layersOf(outer)]
  })

/**
 * Puts a strategy around a policy: how every combinator is made, the user's own too. The settings are read once, guarded, and
 * copied, so that a later change of the object changes nothing.
 *
 * The caller says what the layer does to the types.
 *
 * @example
 * import { Policy, Rule } from 'resilience-ts'
 * import type { Strategy } from 'resilience-ts'
 * import { pipe } from 'fp-ts/function'
 * import assert from 'assert'
 *
 * interface Named {
 *   readonly name: string
 * }
 * const named: Strategy.Strategy<Named> = {
 *   name: 'named',
 *   rules: { name: Rule.anything },
 *   show: ({ name }) => [name],
 *   compile: (_settings, _services, inner) => inner
 * }
 * const policy = pipe(Policy.id<string, number>(), Policy.around<string, number, Named>(named, { name: 'users' }))
 * assert.strictEqual(Policy.show(policy), 'named(users)\n└─ operation')
 *
 * @category constructors
 * @since 0.1.0
 */
export const around = <E2, A2, S extends object>(strategy: Strategy<S>, settings: S) => {
  const node = { strategy, settings: Rule.read(strategy.rules, settings) } as unknown as Node
  return <E, A>(policy: Policy<E, A, unknown, unknown>): Policy<E, A, E2, A2> => ({
    _tag: 'Policy',
    layers: [...layersOf(policy), node]
  })
}

/**
 * Policies that keep an operation's type form a monoid: `concat(inner, outer)`; `id` is empty.
 *
 * @example
 * import { Policy } from 'resilience-ts'
 * import { concatAll } from 'fp-ts/Monoid'
 * import assert from 'assert'
 *
 * const twice = concatAll(Policy.getMonoid<string, number>())([Policy.id(), Policy.id()])
 * assert.strictEqual(Policy.show(twice), 'operation')
 *
 * @category instances
 * @since 0.1.0
 */
export const getMonoid = <E, A>(): Monoid<Policy<E, A>> => ({
  concat: (inner, outer) => compose(outer)(inner),
  empty: id<E, A>()
})

/**
 * The names of a policy's layers, innermost first, as paths, events and defects use them: the second retry, counted from
 * within, is `retry#2`.
 *
 * @example
 * import { Policy } from 'resilience-ts'
 * import { pipe } from 'fp-ts/function'
 * import assert from 'assert'
 *
 * const policy = pipe(Policy.id<string, number>(), Policy.timeout(100), Policy.timeout(1000))
 * assert.deepStrictEqual(Policy.names(policy), ['timeout', 'timeout#2'])
 *
 * @category destructors
 * @since 0.1.0
 */
export const names = <E, A, E2, A2>(policy: Policy<E, A, E2, A2>): ReadonlyArray<string> => {
  const seen = new Map<string, number>()
  return layersOf(policy).map(({ strategy: { name } }) => {
    const nth = (seen.get(name) ?? 0) + 1
    seen.set(name, nth)
    return nth === 1 ? name : `${name}#${String(nth)}`
  })
}

/** Asks a strategy, which may be the user's own, and answers for it if it throws. */
const guarded = <A>(ask: () => A, instead: (cause: unknown) => A): A => {
  try {
    return ask()
  } catch (cause) {
    return instead(cause)
  }
}

/** Gathers what each layer has to say, outermost first, with its name before each path. */
const gather = <E, A, E2, A2>(
  policy: Policy<E, A, E2, A2>,
  of: (node: Node, index: number) => ReadonlyArray<Problem>,
  instead: (cause: unknown, node: Node) => ReadonlyArray<Problem>
): ReadonlyArray<Problem> => {
  const paths = names(policy)
  return layersOf(policy)
    .map((node, index) => {
      const path = paths[index] as string
      return guarded(
        () => within(path, of(node, index)),
        (cause) => within(path, instead(cause, node))
      )
    })
    .reverse()
    .flat()
}

const broken = ({ strategy, settings }: Node): ReadonlyArray<Problem> => Rule.check<object>(strategy.rules, settings)

/**
 * Lists every impossible setting at once, outermost layer first, each with its path, its value and what is allowed; empty when
 * the policy can run. A runner of an invalid policy answers every call with a `Defect` and never calls the operation.
 *
 * @example
 * import { Policy } from 'resilience-ts'
 * import { pipe } from 'fp-ts/function'
 * import assert from 'assert'
 *
 * assert.deepStrictEqual(Policy.validate(pipe(Policy.id<string, number>(), Policy.timeout(-1))), [
 *   { path: 'timeout.ms', value: -1, allowed: 'milliseconds, > 0, or Infinity' }
 * ])
 *
 * @category checking
 * @since 0.1.0
 */
export const validate = <E, A, E2, A2>(policy: Policy<E, A, E2, A2>): ReadonlyArray<Problem> =>
  gather(
    policy,
    (node) => [...broken(node), ...(node.strategy.problems?.(node.settings) ?? [])],
    (value, node) => {
      const known = broken(node)
      return known.length > 0 ? known : [{ path: 'problems', value, allowed: 'a list of problems' }]
    }
  )

/**
 * Lists what is possible but unwise, such as a total timeout shorter than the timeout of one attempt. It only warns: such a
 * policy runs.
 *
 * @example
 * import { Policy } from 'resilience-ts'
 * import { pipe } from 'fp-ts/function'
 * import assert from 'assert'
 *
 * const policy = pipe(Policy.id<string, number>(), Policy.timeout(1000), Policy.timeout(100))
 * assert.deepStrictEqual(Policy.advise(policy), [
 *   { path: 'timeout#2.ms', value: 100, allowed: 'more than the 1s that a timeout inside it allows, or that one never fires' }
 * ])
 *
 * @category checking
 * @since 0.1.0
 */
export const advise = <E, A, E2, A2>(policy: Policy<E, A, E2, A2>): ReadonlyArray<Problem> =>
  gather(
    policy,
    ({ strategy, settings }, index) => strategy.advise?.(settings, policy.layers.slice(0, index)) ?? [],
    () => []
  )

/**
 * Shows a policy as it nests, outermost first, with every setting; functions by their names.
 *
 * @example
 * import { Policy, Schedule } from 'resilience-ts'
 * import { pipe } from 'fp-ts/function'
 * import assert from 'assert'
 *
 * const policy = pipe(
 *   Policy.id<string, number>(),
 *   Policy.timeout(2000),
 *   Policy.retry(pipe(Schedule.exponential(100), Schedule.take(4)))
 * )
 * assert.strictEqual(
 *   Policy.show(policy),
 *   ['retry(exponential(100ms, factor 2) |> take(4))', '└─ timeout(2s)', '   └─ operation'].join('\n')
 * )
 *
 * @category destructors
 * @since 0.1.0
 */
export const show = <E, A, E2, A2>(policy: Policy<E, A, E2, A2>): string =>
  layersOf(policy)
    .map(({ strategy, settings }) => {
      const shown = guarded(
        () => strategy.show(settings).join(', '),
        () => '<unreadable>'
      )
      return `${strategy.name}(${shown})`
    })
    .reverse()
    .concat('operation')
    .map((line, depth) => (depth === 0 ? line : `${'   '.repeat(depth - 1)}└─ ${line}`))
    .join('\n')
