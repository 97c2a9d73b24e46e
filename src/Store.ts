/**
 * Where states are that are shared by name: in memory, where the answer comes at once, or anywhere else, from where it may come
 * later, or not at all.
 *
 * A strategy keeps its state for itself unless it has a name. One that has, shares its state with all others of that name in the
 * same store: those of other runners, or, where the store is outside of the process, of other processes.
 *
 * @since 0.1.0
 */
import type { IO } from 'fp-ts/IO'
import type { Millis } from './Duration'
import type { Problem } from './Problem'
import * as Rule from './Rule'

/**
 * The port: all that a store must be able to do.
 *
 * - `update`: replaces what is kept under a name by what `change` makes of it (of `undefined`, where nothing is), so that
 *   nobody else's change falls in between. It may be done at once, or a promise may say when it is. What is kept is plain data
 *   that JSON can carry; `change` is pure, and may be called again, on newer data, until its outcome could be kept: the last
 *   call is the one that counts. Where that gives `null`, nothing is to be kept any more: it may be deleted, or `null` be kept
 *   like anything else. A store that throws or rejects has not done it;
 * - `clock`: which clock the times in its states are of: `wall` where they outlive the process, `monotonic` where they do not;
 * - `patience`: milliseconds, ≥ 0, or `Infinity`, after which an answer that has not come will not be waited for;
 * - `recheck`: milliseconds, finite, > 0, after which who waits for something that others have to give back looks again.
 *
 * @category model
 * @since 0.1.0
 */
export interface Port {
  readonly update: (name: string, change: (kept: unknown) => unknown) => void | PromiseLike<void>
  readonly clock: 'wall' | 'monotonic'
  readonly patience: Millis
  readonly recheck: Millis
}

/**
 * A store, in which a runtime's strategies share their states; see `make` and `memory`.
 *
 * @category model
 * @since 0.1.0
 */
export interface Store {
  readonly _tag: 'Store'
  readonly port: Port
  /** What is impossible in the port: a runner that uses it answers every call with a `Defect` that says so. */
  readonly problems: ReadonlyArray<Problem>
  /**
   * The settings, as text, of who came first under a name in this process: those who come after must agree; but not where anything
   * was found impossible in its policy, which then does not run.
   *
   * @internal
   */
  readonly first: Map<string, { readonly settings: string; readonly problems: ReadonlyArray<Problem> }>
}

/**
 * A store of your own, such as one in a database that several processes use.
 *
 * While it does not answer, what was last seen of a state here serves, and a `StoreFailed` event says so.
 *
 * @param port see `Port`; `patience` is 1,000 ms, `recheck` 100 ms, and `clock` is `wall`, unless given. What of it is impossible is said by each
 * runner that uses the store: it answers every call with a `Defect`
 *
 * @example
 * import { Store } from 'resilience-ts'
 * import assert from 'assert'
 *
 * // as a database would do it that compares and sets: read, change, write if nobody else has written meanwhile
 * const rows = new Map<string, { readonly version: number; readonly text: string }>()
 * let versions = 0
 * const read = async (name: string) => rows.get(name)
 * const write = async (name: string, version: number, next: unknown) => {
 *   if ((rows.get(name)?.version ?? 0) !== version) return false
 *   if (next === null) rows.delete(name)
 *   else rows.set(name, { version: ++versions, text: JSON.stringify(next) })
 *   return true
 * }
 * const store = Store.make({
 *   update: async (name, change) => {
 *     for (;;) {
 *       const row = await read(name)
 *       const next = change(row === undefined ? undefined : JSON.parse(row.text))
 *       if (await write(name, row?.version ?? 0, next)) return
 *     }
 *   },
 *   patience: 100
 * })()
 * assert.strictEqual(store.port.clock, 'wall')
 *
 * @category constructors
 * @since 0.1.0
 */
export const make =
  (port: Pick<Port, 'update'> & Partial<Port>): IO<Store> =>
  () => {
    const read = { ...unlessGiven, ...Rule.read<Partial<Port>>(rules, port) } as Port
    const problems = Rule.check(rules, read).map((problem) => ({ ...problem, path: `store.${problem.path}` }))
    return { _tag: 'Store', port: read, problems, first: new Map() }
  }

/**
 * A store in this process's memory, which answers at once.
 *
 * @example
 * import { Store } from 'resilience-ts'
 * import assert from 'assert'
 *
 * const store = Store.memory()
 * void store.port.update('greeting', () => 'hello')
 * let seen: unknown
 * void store.port.update('greeting', (kept) => (seen = kept))
 * assert.strictEqual(seen, 'hello')
 *
 * @category constructors
 * @since 0.1.0
 */
export const memory: IO<Store> = () => {
  const states = new Map<string, unknown>()
  return make({
    update: (name, change) => {
      // a function of the user's in the middle of it may change the same state: then this is done anew
      for (let tries = 1; ; tries++) {
        const before = states.get(name)
        const after = change(before)
        if (states.get(name) !== before && tries < mostTries) continue
        if (after === null || after === undefined) states.delete(name)
        else states.set(name, after)
        return
      }
    },
    clock: 'monotonic',
    recheck: 10
  })()
}

/** One that changes a state each time has its way no longer. */
const mostTries = 100

const unlessGiven: Omit<Port, 'update'> = { clock: 'wall', patience: 1000, recheck: 100 }

const rules: Rule.Rules<Port> = {
  update: Rule.callback,
  clock: /*#__PURE__*/ Rule.make('"wall" or "monotonic"', (u) => u === 'wall' || u === 'monotonic'),
  patience: Rule.patience,
  recheck: Rule.interval
}
