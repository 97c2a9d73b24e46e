/**
 * Functions of any arguments, run by a runner; and a runner for each instance.
 *
 * @since 0.1.0
 */
import type { IO } from 'fp-ts/IO'
import type { TaskEither } from 'fp-ts/TaskEither'
import type { Attempt } from '../Protocol'
import type { Answers, NoOptions, Runner, RunOptions } from '../Runner'

/**
 * Wraps a function that makes operations, so that what it makes is run by the runner: same arguments, same `this`, and the errors
 * and results of the runner. The function is called anew for each attempt.
 *
 * A function that throws is a `Defect`. A generic function is no longer generic, and of overloads the last is taken, as
 * TypeScript has it.
 *
 * @param runner runs all calls
 *
 * @example
 * import { Policy, Runner, Runtime } from 'resilience-ts'
 * import { pipe } from 'fp-ts/function'
 * import * as E from 'fp-ts/Either'
 * import * as TE from 'fp-ts/TaskEither'
 * import assert from 'assert'
 *
 * const runner = Runner.make(pipe(Policy.id<'gone', string>(), Policy.timeout(1000)))(Runtime.live)()
 * const getPage = Runner.wrap(runner)((name: string, page: number) => TE.right(`${name}, page ${page}`))
 * assert.deepStrictEqual(await getPage('users', 2)(), E.right('users, page 2'))
 *
 * @category using
 * @since 0.1.0
 */
export const wrap =
  <E, A, E2, A2>(runner: Runner<E, A, E2, A2>) =>
  <P extends Array<unknown>, T = unknown>(
    f: (this: T, ...args: P) => TaskEither<E, A>
  ): ((this: T, ...args: P) => TaskEither<E2, A2>) =>
    function (this: T, ...args: P) {
      return runner.run(() => f.apply(this, args)())
    }

/**
 * Like `wrap`, for a function that is told its attempt, before its own arguments.
 *
 * @param runner runs all calls
 * @param options for all calls; `signal` adds `Aborted` to the errors, `deadline` adds `DeadlineExceeded`
 *
 * @example
 * import { Policy, Runner, Runtime } from 'resilience-ts'
 * import type { Strategy } from 'resilience-ts'
 * import { pipe } from 'fp-ts/function'
 * import * as E from 'fp-ts/Either'
 * import * as TE from 'fp-ts/TaskEither'
 * import assert from 'assert'
 *
 * const runner = Runner.make(pipe(Policy.id<'gone', string>(), Policy.timeout(1000)))(Runtime.live)()
 * const get = Runner.wrapWith(runner)(({ number }: Strategy.Attempt, name: string) => TE.right(`${name}, attempt ${number}`))
 * assert.deepStrictEqual(await get('users')(), E.right('users, attempt 1'))
 *
 * @category using
 * @since 0.1.0
 */
export const wrapWith =
  <E, A, E2, A2, O extends RunOptions = NoOptions>(runner: Runner<E, A, E2, A2>, options?: O) =>
  <P extends Array<unknown>, T = unknown>(
    f: (this: T, attempt: Attempt, ...args: P) => TaskEither<E, A>
  ): ((this: T, ...args: P) => TaskEither<E2 | Answers<O>, A2>) =>
    function (this: T, ...args: P) {
      return runner.runWith((attempt) => f.call(this, attempt, ...args), options)
    }

/**
 * A runner for each instance of a class, or for each of any other objects: made when it is first asked for, and kept as long as
 * the instance is. The instance says what its policy is; two of them share nothing.
 *
 * @param make makes the runner of an instance; what it throws is thrown on, and nothing is kept then
 *
 * @example
 * import { Policy, Runner, Runtime, Schedule } from 'resilience-ts'
 * import { pipe } from 'fp-ts/function'
 * import * as E from 'fp-ts/Either'
 * import * as TE from 'fp-ts/TaskEither'
 * import assert from 'assert'
 *
 * const runnerOf = Runner.perInstance((client: Client) =>
 *   Runner.make(
 *     pipe(Policy.id<'busy', string>(), Policy.retry(pipe(Schedule.constant(1), Schedule.take(client.retries))))
 *   )(Runtime.live)
 * )
 * class Client {
 *   calls = 0
 *   constructor(readonly retries: number) {}
 *   get(name: string) {
 *     return runnerOf(this).run(() => (++this.calls < 3 ? TE.left('busy' as const) : TE.right(name))())
 *   }
 * }
 * assert.deepStrictEqual(await new Client(1).get('Ada')(), E.left('busy'))
 * assert.deepStrictEqual(await new Client(2).get('Ada')(), E.right('Ada'))
 *
 * @category using
 * @since 0.1.0
 */
export const perInstance = <T extends object, R>(make: (instance: T) => IO<R>): ((instance: T) => R) => {
  const made = new WeakMap<T, { readonly runner: R }>()
  return (instance) => {
    const known = made.get(instance)
    if (known !== undefined) return known.runner
    const runner = make(instance)()
    made.set(instance, { runner })
    return runner
  }
}
