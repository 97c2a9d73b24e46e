/**
 * From a description to something that runs: each layer of a policy is compiled once, around the one before it.
 *
 * @since 0.1.0
 */
import { names, type Policy } from '../Policy'
import { within } from '../Path'
import type { Problem } from '../Problem'
import type { Layer, Services } from '../Protocol'
import { defect, type Defect } from '../Rejection'
import type { Runtime } from '../Runtime'
import { type Compiled, type Lanes, lanesOf, Split } from './Lanes'
import { operationAt, OperationLayer } from './Operation'
import { waitingOn } from './Timers'

/**
 * What a layer of a name may use of the runtime: all layers of a runner share how they wait.
 *
 * @param problems takes what is found impossible in any layer of the policy, while it is compiled
 *
 * @internal
 */
export type ServicesOf = (layer: string, problems?: Array<Problem>) => Services

/** @internal */
export const servicesOf = (runtime: Runtime): ServicesOf => {
  const { clock, random, keepAlive, store } = runtime
  const { now, wallClock } = clock
  const shared: Omit<Services, 'layer' | 'impossible' | 'problems'> = {
    runtime,
    now,
    wallClock,
    random,
    waiting: waitingOn(clock, keepAlive),
    store,
    operation: (f, at, during) => new OperationLayer({ f, aware: true }, at, now, during)
  }
  return (layer, problems = []) => ({
    ...shared,
    layer,
    problems,
    impossible: (problem) => {
      problems.push(...within(layer, [problem]))
    }
  })
}

/**
 * A defect that lists impossible settings.
 *
 * @internal
 */
export const invalid = (at: string, problems: ReadonlyArray<Problem>): Defect => ({
  ...defect('Invalid', at, undefined),
  problems
})

/**
 * A policy that has been compiled.
 *
 * @internal
 */
export interface Ready {
  readonly layer: Layer
  /** The way past its outermost layers, where there is one. */
  readonly lanes: Lanes | undefined
}

/**
 * Compiles a policy that has been found valid. State is born here, once for each layer of each runner. A strategy of the
 * user's that throws is a `Defect`, and so is a policy that cannot run in this runtime.
 *
 * @param controls takes the controls of the layers, by their names
 *
 * @internal
 */
export const compile = (
  policy: Policy<never, never, unknown, unknown>,
  services: ServicesOf,
  controls: Map<string, object>
): Ready | Defect => {
  const layerNames = names(policy)
  const problems: Array<Problem> = []
  // the innermost layer calls whatever operation the run brings
  let inside = new Split(new OperationLayer(undefined, operationAt, services('').now))
  const layers: Array<Compiled> = []
  for (const [index, { strategy, settings }] of policy.layers.entries()) {
    const name = layerNames[index] as string
    try {
      const layer = strategy.compile(settings, services(name, problems), inside)
      if (typeof (layer as Layer | undefined)?.open !== 'function') {
        return defect('Malformed', `${name}.compile`, layer)
      }
      // a layer that does nothing is the one inside it
      if (layer === inside) continue
      if (layer.control !== undefined) controls.set(name, layer.control)
      layers.push({ layer, inside })
      inside = new Split(layer)
    } catch (cause) {
      return defect('Thrown', `${name}.compile`, cause)
    }
  }
  return problems.length > 0 ? invalid('policy', problems) : { layer: inside.layer, lanes: lanesOf(inside, layers) }
}
