/**
 * What was done to a layer, and could not be done, so that `validate` finds it.
 *
 * @since 0.1.0
 */
import type { Problem } from '../Problem'
import type { Node, Strategy } from '../Strategy'

/**
 * The same layer, which has something more to say against its settings.
 *
 * @internal
 */
export const complaining = ({ strategy, settings }: Node, wrong: ReadonlyArray<Problem>): Node => ({
  strategy: Object.assign(Object.create(strategy) as Strategy<never>, {
    problems: (settings: never) => [...(strategy.problems?.(settings) ?? []), ...wrong]
  }),
  settings
})
