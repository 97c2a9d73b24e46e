/**
 * A policy switched off: the operation once, and the types as they were.
 *
 * @since 0.1.0
 */
import { layersOf } from '../Layers'
import type { Policy } from '../Policy'
import type { Node } from '../Strategy'
import { complaining } from './Complaining'

/**
 * The same policy, switched off: the operation is called once, and its answer is the answer. Nothing is retried, limited, timed or
 * awaited, and no hook is called; for tests, a feature flag, a caller that has a policy of its own.
 *
 * The types stay as they are, and true: what makes another type of result or error (`map`, `ensure`, a fallback, the codec of a
 * poll, the operation of a `retryOrElse`) does that still, once. A strategy of your own stays as it is, unless it says in
 * `disabled` what is to be left of it.
 *
 * @param policy may be invalid: what is left out is not checked any more
 *
 * @example
 * import { Policy, Schedule } from 'resilience-ts'
 * import { pipe } from 'fp-ts/function'
 * import assert from 'assert'
 *
 * const policy = pipe(
 *   Policy.id<string, number>(),
 *   Policy.timeout(100),
 *   Policy.retry(Schedule.constant(10)),
 *   Policy.map((n) => n + 1)
 * )
 * assert.strictEqual(Policy.show(Policy.disabled(policy)), 'map(<function>)\n└─ operation')
 *
 * @category combinators
 * @since 0.1.0
 */
export const disabled = <E, A, E2, A2>(policy: Policy<E, A, E2, A2>): Policy<E, A, E2, A2> => ({
  _tag: 'Policy',
  layers: layersOf(policy).flatMap((node) => {
    const { strategy } = node
    if (strategy.disabled === undefined) return [node]
    try {
      const settings = strategy.disabled(node.settings)
      return settings === undefined ? [] : [{ strategy, settings } as Node]
    } catch (value) {
      return [complaining(node, [{ path: 'disabled', value, allowed: 'what is left of the settings, or nothing' }])]
    }
  })
})
