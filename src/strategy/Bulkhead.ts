/**
 * `bulkhead`: only so many at once.
 *
 * ```
 * bulkhead(1, { queue: 1 })
 *                 0          100        200
 *   first         |----------|
 *   second        . queued . |----------|
 *   third         BulkheadFull
 * ```
 *
 * A permit is held until the operation has settled, not until its caller has been answered: what hangs on the other side is
 * still there.
 *
 * @since 0.1.0
 */
import type { IO } from 'fp-ts/IO'
import type { IOEither } from 'fp-ts/IOEither'
import type { Option } from 'fp-ts/Option'
import { around, type Policy } from '../Policy'
import type { Problem } from '../Problem'
import type { Layer, Steerable } from '../Protocol'
import type { BulkheadFull } from '../Rejection'
import * as Rule from '../Rule'
import type { Strategy } from '../Strategy'
import { Bulkhead, BulkheadFrame } from './Bulkhead/BulkheadFrame'
import * as Permits from './Bulkhead/Permits'
import { type BulkheadOptions, optionRules, problems, rules, type Settings, showSettings } from './Bulkhead/Settings'

export type { BulkheadCall, BulkheadOptions } from './Bulkhead/Settings'

/**
 * Lets at most `permits` operations run at once; who finds none free waits in a queue, or is refused.
 *
 * Adds `BulkheadFull` to the errors. A permit is held until the operation **settles**, though its caller may have been answered
 * long before (by a timeout, by leaving); given back, it is handed straight to the next who waits. Who is aborted while waiting
 * leaves at once. `bulkhead(Infinity)` never refuses anybody.
 *
 * The state is that of the runner, unless it has a `name`: make one runner for what is to share it. `bulkheadControl` shows and resizes it.
 *
 * @param permits how many; whole, ≥ 1, or `Infinity`
 * @param options see `BulkheadOptions`
 *
 * @example
 * import { Policy, Runner } from 'resilience-ts'
 * import { script, succeeds, virtual } from 'resilience-ts/testing'
 * import { pipe } from 'fp-ts/function'
 * import * as E from 'fp-ts/Either'
 * import assert from 'assert'
 *
 * const time = virtual()
 * const runner = Runner.make(pipe(Policy.id<never, number>(), Policy.bulkhead(1)))(time.runtime)()
 * const first = time.start(runner.run(script(time, succeeds(1, 100)).task))
 * assert.deepStrictEqual(
 *   await time.run(runner.run(script(time, succeeds(2)).task)),
 *   E.left({ _tag: 'BulkheadFull', reason: 'queue', permits: 1, active: 1, hanging: 0, queued: 0 })
 * )
 * await time.settle()
 * assert.deepStrictEqual(await first, E.right(1))
 *
 * @category limiting
 * @since 0.1.0
 */
export const bulkhead = (permits: number, options: BulkheadOptions = {}) => {
  const settings: Settings = { ...Rule.read(optionRules, options), permits }
  return <E, A, E2, A2>(policy: Policy<E, A, E2, A2>): Policy<E, A, E2 | BulkheadFull, A2> =>
    around<E2 | BulkheadFull, A2, Settings>(strategy, settings)(policy)
}

/**
 * What a bulkhead holds at the moment.
 *
 * @category model
 * @since 0.1.0
 */
export interface BulkheadStatus {
  /** How many permits there are. */
  readonly permits: number
  /** How many are held, those of hanging operations included; more than there are, for a while, after a resize. */
  readonly active: number
  /** How many of those are held by operations whose caller has been answered. */
  readonly hanging: number
  /** How many operations hang whose permits were given up: they go on besides the active ones. */
  readonly abandoned: number
  /** How many calls wait. */
  readonly queued: number
}

/**
 * Shows and steers the bulkhead of a runner, while it runs.
 *
 * @category model
 * @since 0.1.0
 */
export interface BulkheadControl {
  readonly status: IO<BulkheadStatus>
  /**
   * Sets the number of permits: whole, ≥ 0, or `Infinity`. More let those who wait in, at once; fewer cut nobody off: what runs
   * goes on, and its permit is not handed on. With 0 nothing is let in, and the queue waits. A number that cannot be changes
   * nothing, and the `Problem` says what is allowed.
   */
  readonly resize: (permits: number) => IOEither<Problem, void>
  /**
   * Gives up the permits of all operations that hang right now, and gives how many these were. They are handed on; the operations
   * go on, so that more of them run than there are permits.
   */
  readonly abandon: IO<number>
}

/** A class, so that the control of a bulkhead is told for certain from another layer's. */
class Control implements BulkheadControl {
  readonly status: IO<BulkheadStatus>
  readonly resize: (permits: number) => IOEither<Problem, void>
  readonly abandon: IO<number>

  constructor(bulkhead: Bulkhead) {
    this.status = () => {
      bulkhead.lease?.look()
      const { active, hanging, abandoned, queued } = bulkhead.state
      const permits = bulkhead.lease?.permits ?? bulkhead.state.permits
      return { permits, active, hanging, abandoned, queued }
    }
    this.resize = (permits) => () => {
      const [problem] = Rule.check({ permits: bulkhead.lease === undefined ? Rule.count : wholeNumber }, { permits })
      if (problem !== undefined)
        return { _tag: 'Left', left: { ...problem, path: `${bulkhead.services.layer}.${problem.path}` } }
      if (bulkhead.lease !== undefined) {
        bulkhead.lease.resize(permits)
      } else {
        Permits.resized(bulkhead.state, permits)
        bulkhead.next()
      }
      return { _tag: 'Right', right: undefined }
    }
    this.abandon = () => {
      const { hanging } = bulkhead.state
      Permits.abandonedAll(bulkhead.state)
      bulkhead.handOn()
      return hanging
    }
  }
}

/**
 * The control of a bulkhead in a runner, by the name of its layer; `None` where there is no bulkhead of that name.
 *
 * @param runner any runner
 * @param name the layer's name, as `Policy.names` gives it; `bulkhead` unless given
 *
 * @example
 * import { Policy, Runner, Runtime } from 'resilience-ts'
 * import { pipe } from 'fp-ts/function'
 * import * as O from 'fp-ts/Option'
 * import assert from 'assert'
 *
 * const runner = Runner.make(pipe(Policy.id<never, number>(), Policy.bulkhead(10)))(Runtime.live)()
 * const control = Policy.bulkheadControl(runner)
 * assert.deepStrictEqual(
 *   pipe(control, O.map(({ status }) => status())),
 *   O.some({ permits: 10, active: 0, hanging: 0, abandoned: 0, queued: 0 })
 * )
 * assert.deepStrictEqual(Policy.bulkheadControl(runner, 'bulkhead#2'), O.none)
 *
 * @category steering
 * @since 0.1.0
 */
export const bulkheadControl = (runner: Steerable, name = 'bulkhead'): Option<BulkheadControl> => {
  const control = runner.controls.get(name)
  return control instanceof Control ? { _tag: 'Some', value: control } : { _tag: 'None' }
}

const strategy: Strategy<Settings> = {
  name: 'bulkhead',
  disabled: () => undefined,
  rules,
  problems,
  show: showSettings,
  advise: ({ queue = 0, wait, order, lease, name }) => [
    ...(queue > 0 || wait === undefined ? [] : [{ path: 'wait', value: wait, allowed: noQueue }]),
    ...(queue > 0 || order === undefined ? [] : [{ path: 'order', value: order, allowed: noQueue }]),
    ...(name !== undefined || lease === undefined ? [] : [{ path: 'lease', value: lease, allowed: 'a name with it' }])
  ],
  compile: (settings, services, inner) => {
    const shared = new Bulkhead(settings, services, inner)
    const open: Layer['open'] = (context, up) => new BulkheadFrame(shared, context, up)
    return { open, lane: shared.lease === undefined ? shared : undefined, control: new Control(shared) }
  }
}

const wholeNumber = /*#__PURE__*/ Rule.make('a whole number, >= 0', (u) => Rule.count.holds(u) && u !== Infinity)
const noQueue = 'a queue of more than 0 with it: nobody waits without one'
