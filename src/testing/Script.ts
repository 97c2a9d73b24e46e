/**
 * Operations that do as they are told: succeed, fail, throw, hang, settle late or twice, each call as its script says.
 *
 * @since 0.1.0
 */
import type { Either } from 'fp-ts/Either'
import type { TaskEither } from 'fp-ts/TaskEither'
import type { Millis } from '../Duration'
import type { Attempt } from '../Protocol'
import type { VirtualRuntime } from './VirtualRuntime'

/**
 * What one call of a scripted operation does.
 *
 * @category model
 * @since 0.1.0
 */
export type Line<E, A> =
  | { readonly _tag: 'Settles'; readonly after: Millis; readonly answer: Either<E, A>; readonly heedsSignal: boolean }
  | { readonly _tag: 'Rejects'; readonly after: Millis; readonly cause: unknown }
  | { readonly _tag: 'Throws'; readonly cause: unknown }
  | { readonly _tag: 'Gives'; readonly value: unknown }
  | { readonly _tag: 'Hangs' }

/**
 * A call that succeeds after `after` ms; 0 unless given.
 *
 * @example
 * import { succeeds } from 'resilience-ts/testing'
 * import assert from 'assert'
 *
 * assert.strictEqual(succeeds(42, 100)._tag, 'Settles')
 *
 * @category lines
 * @since 0.1.0
 */
export const succeeds = <A>(value: A, after: Millis = 0): Line<never, A> => ({
  _tag: 'Settles',
  after,
  answer: { _tag: 'Right', right: value },
  heedsSignal: false
})

/**
 * A call that fails after `after` ms; 0 unless given.
 *
 * @example
 * import { fails } from 'resilience-ts/testing'
 * import assert from 'assert'
 *
 * assert.strictEqual(fails('busy', 100)._tag, 'Settles')
 *
 * @category lines
 * @since 0.1.0
 */
export const fails = <E>(error: E, after: Millis = 0): Line<E, never> => ({
  _tag: 'Settles',
  after,
  answer: { _tag: 'Left', left: error },
  heedsSignal: false
})

/**
 * The same call, heeding its attempt's signal: when that is aborted, or has been, it settles at once, as `fetch` would. It takes
 * `operation`, as the plain `task` of a script is told of no signal.
 *
 * @example
 * import { heeding, succeeds } from 'resilience-ts/testing'
 * import assert from 'assert'
 *
 * const line = heeding(succeeds(42, 100))
 * assert.strictEqual(line._tag === 'Settles' && line.heedsSignal, true)
 *
 * @category lines
 * @since 0.1.0
 */
export const heeding = <E, A>(line: Line<E, A>): Line<E, A> =>
  line._tag === 'Settles' ? { ...line, heedsSignal: true } : line

/**
 * A call whose promise is rejected after `after` ms; 0 unless given.
 *
 * @example
 * import { rejects } from 'resilience-ts/testing'
 * import assert from 'assert'
 *
 * assert.strictEqual(rejects(undefined)._tag, 'Rejects')
 *
 * @category lines
 * @since 0.1.0
 */
export const rejects = (cause: unknown, after: Millis = 0): Line<never, never> => ({ _tag: 'Rejects', after, cause })

/**
 * A call that throws.
 *
 * @example
 * import { throws } from 'resilience-ts/testing'
 * import assert from 'assert'
 *
 * assert.strictEqual(throws(null)._tag, 'Throws')
 *
 * @category lines
 * @since 0.1.0
 */
export const throws = (cause: unknown): Line<never, never> => ({ _tag: 'Throws', cause })

/**
 * A call that gives any value at all, a thenable of one's own for one, where a promise should be.
 *
 * @example
 * import { gives } from 'resilience-ts/testing'
 * import assert from 'assert'
 *
 * assert.strictEqual(gives(undefined)._tag, 'Gives')
 *
 * @category lines
 * @since 0.1.0
 */
export const gives = (value: unknown): Line<never, never> => ({ _tag: 'Gives', value })

/**
 * A call that never settles.
 *
 * @example
 * import { hangs } from 'resilience-ts/testing'
 * import assert from 'assert'
 *
 * assert.strictEqual(hangs._tag, 'Hangs')
 *
 * @category lines
 * @since 0.1.0
 */
export const hangs: Line<never, never> = { _tag: 'Hangs' }

/**
 * What was seen of one call.
 *
 * @category model
 * @since 0.1.0
 */
export interface CallRecord {
  readonly at: Millis
  /** What the call was told, if it was run with its attempt. */
  readonly attempt: Attempt | undefined
}

/**
 * A scripted operation: for `run` its `task`, for `runWith` its `operation`; and what was seen of it.
 *
 * @category model
 * @since 0.1.0
 */
export interface Script<E, A> {
  readonly task: TaskEither<E, A>
  readonly operation: (attempt: Attempt) => TaskEither<E, A>
  readonly calls: ReadonlyArray<CallRecord>
}

/**
 * Makes an operation that does at its first call what the first line says, and so on; the last line repeats.
 *
 * @param time the virtual runtime in which it takes its time
 * @param lines at least one
 *
 * @example
 * import { Policy, Runner, Schedule } from 'resilience-ts'
 * import { fails, script, succeeds, virtual } from 'resilience-ts/testing'
 * import { pipe } from 'fp-ts/function'
 * import * as E from 'fp-ts/Either'
 * import assert from 'assert'
 *
 * const time = virtual()
 * const flaky = script(time, fails('busy', 20), succeeds(42, 30))
 * const policy = pipe(Policy.id<string, number>(), Policy.retry(Schedule.constant(100)))
 * assert.deepStrictEqual(await time.run(Runner.make(policy)(time.runtime)().run(flaky.task)), E.right(42))
 * assert.deepStrictEqual(flaky.calls.map((call) => call.at), [0, 120])
 *
 * @category constructors
 * @since 0.1.0
 */
export const script = <E = never, A = never>(
  time: VirtualRuntime,
  ...lines: readonly [Line<E, A>, ...ReadonlyArray<Line<E, A>>]
): Script<E, A> => {
  const calls: Array<CallRecord> = []
  const call = (attempt: Attempt | undefined): unknown => {
    calls.push({ at: time.now(), attempt })
    return play(time, lines[Math.min(calls.length, lines.length) - 1] as Line<E, A>, attempt)
  }
  return {
    task: () => call(undefined) as Promise<Either<E, A>>,
    operation: (attempt) => () => call(attempt) as Promise<Either<E, A>>,
    calls
  }
}

const play = <E, A>(time: VirtualRuntime, line: Line<E, A>, attempt: Attempt | undefined): unknown => {
  switch (line._tag) {
    case 'Settles':
      return settling(time, (resolve) => {
        const settle = (): void => {
          resolve(line.answer)
        }
        const signal = line.heedsSignal ? attempt?.signal : undefined
        if (signal?.aborted === true) {
          settle()
          return
        }
        time.after(line.after, settle)
        signal?.addEventListener('abort', settle, { once: true })
      })
    case 'Rejects':
      return settling(time, (_resolve, reject) => {
        time.after(line.after, () => {
          reject(line.cause)
        })
      })
    case 'Throws':
      return raise(line.cause)
    case 'Gives':
      return line.value
    case 'Hangs':
      return settling(time, () => undefined)
  }
}

/** A promise that counts as pending until it is settled, however often it is told to. */
const settling = <T>(
  time: VirtualRuntime,
  arrange: (resolve: (value: T) => void, reject: (cause: unknown) => void) => void
): Promise<T> => {
  time.operation(1)
  const promise = new Promise<T>(arrange)
  const settled = (): void => {
    time.operation(-1)
  }
  promise.then(settled, settled)
  return promise
}

/** The one place that throws, since to throw is what it was told. */
const raise = (cause: unknown): never => {
  throw cause
}
