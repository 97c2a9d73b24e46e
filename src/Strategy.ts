/**
 * One kind of policy: its settings, what may stand in them, how it is shown, and how it is run. The library's strategies are
 * made with it, and so are the user's own; there is no list of them anywhere.
 *
 * @since 0.1.0
 */
import type { Problem } from './Problem'
import type { Layer, Services } from './Protocol'
import type { Rules } from './Rule'

/**
 * One kind of policy, with settings of type `S`.
 *
 * @category model
 * @since 0.1.0
 */
export interface Strategy<S extends object> {
  /** The standard name, as it is shown and as paths begin with it. */
  readonly name: string
  /** What may stand in each setting. */
  readonly rules: Rules<S>
  /**
   * What the rules cannot say: settings that contradict each other, or that have settings of their own. It is asked even
   * where a rule is broken, so it takes nothing for granted.
   */
  readonly problems?: (settings: S) => ReadonlyArray<Problem>
  /**
   * The settings that the types of a policy rest on: what a layer of it gives, takes out or adds is said by them. They stay as
   * they are, whatever an override asks for. None unless given.
   */
  readonly fixed?: ReadonlyArray<keyof S>
  /** What is possible but unwise, given the layers inside, innermost first. */
  readonly advise?: (settings: S, inside: ReadonlyArray<Node>) => ReadonlyArray<Problem>
  /** The settings as they are shown: name and text, in order. */
  readonly show: (settings: S) => ReadonlyArray<string>
  /**
   * What is left of a layer with these settings in a policy that is disabled, where the operation is called once: nothing
   * (`undefined`), or the layer with other settings, where results or errors must still be what its type says. Without this it
   * stays as it is.
   */
  readonly disabled?: (settings: S) => object | undefined
  /** Makes a policy's layer, once for each runner; this is where state is born. */
  readonly compile: (settings: S, services: Services, inner: Layer) => Layer
}

/**
 * One layer of a policy: a strategy and its settings.
 *
 * @category model
 * @since 0.1.0
 */
export interface Node<S extends object = never> {
  readonly strategy: Strategy<S>
  readonly settings: S
}
