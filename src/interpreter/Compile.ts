/**
 * From a description to something that runs: each layer of a policy is compiled once, around the one before it.
 *
 * @since 0.1.0
 */
import { names, type Policy } from '../Policy'
import type { Layer, Services } from '../Protocol'
import { defect, type Defect } from '../Rejection'
import type { Runtime } from '../Runtime'
import type { Node } from '../Strategy'
import { operationAt, OperationLayer } from './Operation'
import { waitingOn } from './Timers'

/**
 * What a layer of this name may use of the runtime.
 *
 * @internal
 */
export const servicesOf = (runtime: Runtime, layer: string): Services => {
  const { clock, random, keepAlive } = runtime
  return {
    layer,
    now: clock.now,
    random,
    waiting: waitingOn(clock, keepAlive),
    operation: (f, at, during) => new OperationLayer({ f, aware: true }, at, clock.now, during)
  }
}

/**
 * Compiles a policy that has been found valid. State is born here, once for each layer of each runner. A strategy of the
 * user's that throws is a `Defect`.
 *
 * @param controls takes the controls of the layers, by their names
 *
 * @internal
 */
export const compile = (
  policy: Policy<never, never, unknown, unknown>,
  runtime: Runtime,
  controls: Map<string, object>
): Layer | Defect => {
  const layerNames = names(policy)
  // the innermost layer calls whatever operation the run brings
  let layer: Layer = new OperationLayer(undefined, operationAt, runtime.clock.now)
  for (const [index, node] of policy.layers.entries()) {
    const name = layerNames[index] as string
    try {
      const inner = layer
      layer = compileNode(node, servicesOf(runtime, name), inner)
      if (typeof (layer as Layer | undefined)?.open !== 'function') {
        return defect('Malformed', `${name}.compile`, layer)
      }
      // a layer that does nothing is the one inside it, whose control is its own
      if (layer !== inner && layer.control !== undefined) controls.set(name, layer.control)
    } catch (cause) {
      return defect('Thrown', `${name}.compile`, cause)
    }
  }
  return layer
}

const compileNode = ({ strategy, settings }: Node, services: Services, inner: Layer): Layer =>
  strategy.compile(settings, services, inner)
