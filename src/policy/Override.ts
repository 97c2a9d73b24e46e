/**
 * One setting of a policy set anew, and all else as it was.
 *
 * @since 0.1.0
 */
import type { Millis } from '../Duration'
import { layersOf } from '../Layers'
import { names, type Policy } from '../Policy'
import type { Problem } from '../Problem'
import type { Attempt } from '../Protocol'
import * as Rule from '../Rule'
import type { Schedule } from '../schedule/Model'
import type { Node, Strategy } from '../Strategy'
import { complaining } from './Complaining'
import type { BulkheadOptions } from '../strategy/Bulkhead'
import type { CircuitBreakerOptions } from '../strategy/CircuitBreaker'
import type { DeadlineOptions } from '../strategy/Deadline'
import type { PollOptions } from '../strategy/Poll'
import type { RetryOptions, RetryOrElseOptions } from '../strategy/Retry'
import type { TimeoutOptions } from '../strategy/Timeout'
import type { Task } from 'fp-ts/Task'

/**
 * The settings of each strategy that may be overridden without a change of the policy's types. What stands inside is not known
 * from without, so callbacks are told of an `unknown`.
 *
 * @category model
 * @since 0.1.0
 */
export interface Overridable {
  readonly retry: Recurring & RetryOptions<unknown>
  readonly retryOrElse: Recurring & RetryOrElseOptions<unknown>
  readonly poll: PollOptions<unknown, unknown> & Recurring
  readonly pollWith: PollOptions<unknown, unknown> & Recurring
  readonly timeout: TimeoutOptions & { readonly ms: Millis }
  readonly deadline: DeadlineOptions & { readonly ms: Millis }
  readonly bulkhead: BulkheadOptions & { readonly permits: number }
  readonly circuitBreaker: CircuitBreakerOptions
  readonly before: { readonly f: (attempt: Attempt) => Task<void> }
  readonly tap: { readonly f: (value: unknown, attempt: Attempt) => Task<void> }
  readonly tapError: { readonly f: (error: unknown, attempt: Attempt) => Task<void> }
}

interface Recurring {
  readonly schedule: Schedule<unknown>
}

/** The strategies all of whose settings the types of a policy rest on. */
type Fixed =
  | 'map'
  | 'mapLeft'
  | 'bimap'
  | 'ensure'
  | 'ensureWith'
  | 'fallback'
  | 'fallbackTo'
  | 'fallbackWith'
  | 'fallbackIf'
  | 'fallbackIfWith'
  | 'fallbackTag'
  | 'fallbackTagWith'

/**
 * What may be set anew in a layer of this name: nothing where the types of the policy rest on all of it (`map`, `ensure`, a
 * fallback); of a strategy of your own, any setting that is not among its `fixed` ones, which `validate` looks at.
 *
 * @category model
 * @since 0.1.0
 */
export type Overrides<N extends string> = N extends keyof Overridable
  ? Given<Overridable[N]>
  : N extends `${infer K extends keyof Overridable}#${string}`
    ? Given<Overridable[K]>
    : N extends Fixed | `${Fixed}#${string}`
      ? Readonly<Record<string, never>>
      : Readonly<Record<string, unknown>>

/** To give `undefined` takes the setting out. */
type Given<S> = { readonly [K in keyof S]?: S[K] | undefined }

/**
 * Sets some settings of one layer anew, and leaves all else as it is. The types of the policy stay.
 *
 * A setting that is given as `undefined` is taken out. Total: a layer that there is not, a setting that it does not have or
 * that the types rest on (a poll's `until`, the function of a `map`), and a value that cannot be are found by `validate`.
 *
 * @param layer its name, as `Policy.names` has it: `retry`, or `retry#2` for the second from within
 * @param settings the settings as they are called in `validate`'s paths (`ms`, `schedule`, `while`)
 *
 * @example
 * import { Policy, Schedule } from 'resilience-ts'
 * import { pipe } from 'fp-ts/function'
 * import assert from 'assert'
 *
 * const policy = pipe(Policy.id<string, number>(), Policy.timeout(1000), Policy.retry(Schedule.constant(100)))
 * const patient = pipe(policy, Policy.override('timeout', { ms: 30_000 }))
 * assert.strictEqual(Policy.show(patient), 'retry(constant(100ms))\n└─ timeout(30s)\n   └─ operation')
 *
 * @category combinators
 * @since 0.1.0
 */
export const override =
  <N extends string>(layer: N | keyof Overridable, settings: Overrides<N>) =>
  <E, A, E2, A2>(policy: Policy<E, A, E2, A2>): Policy<E, A, E2, A2> => {
    const layers = layersOf(policy)
    const known = names(policy)
    const index = known.indexOf(layer)
    return {
      _tag: 'Policy',
      layers:
        index === -1
          ? [...layers, missing(layer, known)]
          : layers.map((node, i) => (i === index ? overridden(node, layer, settings) : node))
    }
  }

const overridden = (node: Node, layer: string, given: object): Node => {
  const { strategy, settings } = node
  const asked = keysOf(given)
  if (asked === undefined) return complaining(node, [{ path: '', value: given, allowed: 'a record of settings' }])
  const { rules: known, fixed = [] } = strategy
  const isFixed = (name: string): boolean => (fixed as ReadonlyArray<string>).includes(name)
  const free = Object.keys(known).filter((name) => !isFixed(name))
  const rules = Object.fromEntries(asked.map((name) => [name, Rule.anything]))
  const read = Rule.read(rules, given as Readonly<Record<string, unknown>>)
  const allowed =
    free.length === 0 ? `nothing: ${layer} has no setting to override` : `a setting of ${layer}: ${free.join(', ')}`
  const wrong = asked
    .filter((name) => !free.includes(name))
    .map((path): Problem => ({
      path,
      value: read[path],
      allowed: isFixed(path) ? 'nothing new: the types of the policy rest on it' : allowed
    }))
  // what is fixed stays, so that the policy is what its type says even where nobody asks `validate`
  const kept = Object.entries(settings as object).filter(([name]) => isFixed(name) || !asked.includes(name))
  const anew = Object.entries(read).filter(([name]) => !isFixed(name))
  const next = Object.fromEntries([...kept, ...anew])
  // a node does not tell of what type its settings are
  const changed = { strategy, settings: next } as unknown as Node
  return wrong.length === 0 ? changed : complaining(changed, wrong)
}

/** The settings that a record names; none of what is no record, or throws when it is looked at. */
const keysOf = (given: unknown): ReadonlyArray<string> | undefined => {
  try {
    return typeof given === 'object' && given !== null ? Object.keys(given) : undefined
  } catch {
    return undefined
  }
}

/** Stands for an override of nothing, so that `validate` finds it. */
const missing = (layer: string, known: ReadonlyArray<string>): Node => {
  const allowed = known.length === 0 ? 'nothing: the policy has no layers' : `one of ${known.join(', ')}`
  const strategy: Strategy<{ readonly layer: string }> = {
    name: 'override',
    rules: { layer: Rule.make(allowed, () => false) },
    show: () => [layer],
    compile: (_settings, _services, inner) => inner
  }
  return { strategy, settings: { layer } } as unknown as Node
}
