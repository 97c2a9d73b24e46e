/**
 * The layers of whatever stands where a policy should.
 *
 * @since 0.1.0
 */
import { showValue } from './Problem'
import * as Rule from './Rule'
import type { Node, Strategy } from './Strategy'
import { tagOf } from './Tag'

/**
 * The layers of a policy. What is no policy, a function that was not called for one, has a layer that `validate` finds.
 *
 * @internal
 */
export const layersOf = (policy: { readonly layers: ReadonlyArray<Node> }): ReadonlyArray<Node> =>
  // a node does not tell of what type its settings are
  tagOf(policy) === 'Policy' ? policy.layers : [{ strategy: none, settings: { policy } } as unknown as Node]

const none: Strategy<{ readonly policy: unknown }> = {
  name: 'policy',
  rules: { policy: Rule.anything },
  problems: ({ policy }) => [{ path: '', value: policy, allowed: 'a Policy' }],
  show: ({ policy }) => [showValue(policy)],
  compile: (_settings, _services, inner) => inner
}
