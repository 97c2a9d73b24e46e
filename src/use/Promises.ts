/**
 * The edge to the world of promises, for callers without fp-ts: functions that give promises go in, promises come out. It is the
 * one place where what has failed is thrown.
 *
 * @since 0.1.0
 */
import type { Either } from 'fp-ts/Either'
import { showError } from '../ErrorText'
import type { Attempt } from '../Protocol'
import { defect } from '../Rejection'
import type { Runner, RunOptions } from '../Runner'

/**
 * What a promise of `toPromise` is rejected with: a real `Error`, with a stack, that carries the typed error; its `cause` is the
 * same. A `Defect` comes in it as well.
 *
 * @example
 * import { Runner } from 'resilience-ts'
 * import assert from 'assert'
 *
 * const failure = new Runner.Failure({ _tag: 'TimedOut', timeout: 100 } as const)
 * assert.strictEqual(failure.message, 'TimedOut')
 * assert.strictEqual(failure.error.timeout, 100)
 *
 * @category model
 * @since 0.1.0
 */
export class Failure<out E> extends Error {
  constructor(readonly error: E) {
    super(showError(error), { cause: error })
    this.name = 'Failure'
  }
}

/**
 * Runs functions that give promises, and gives promises: `await get(({ signal }) => fetch(url, { signal }))`.
 *
 * **It rejects**, with a `Failure` that carries the typed error in `error`; nothing else in this library does. What the function
 * throws or rejects with is made an error of the policy by `onThrow`, and is retried like any; so there are no bugs to be told
 * from failures, but for what `onThrow` throws itself, which is a `Defect`.
 *
 * The function is told its attempt, and may give a value instead of a promise; the options are those of `runWith`.
 *
 * @param onThrow makes an error of what was thrown
 *
 * @example
 * import { Policy, Runner, Runtime, Schedule } from 'resilience-ts'
 * import { pipe } from 'fp-ts/function'
 * import assert from 'assert'
 *
 * const policy = pipe(Policy.id<Error, number>(), Policy.retry(pipe(Schedule.constant(1), Schedule.take(2))))
 * const run = pipe(
 *   Runner.make(policy)(Runtime.live)(),
 *   Runner.toPromise((cause) => (cause instanceof Error ? cause : new Error(String(cause))))
 * )
 * let calls = 0
 * const flaky = async () => {
 *   if (++calls < 3) throw new Error('busy')
 *   return 42
 * }
 * assert.strictEqual(await run(flaky), 42)
 * await assert.rejects(run(() => Promise.reject(new Error('gone'))), { name: 'Failure', message: 'gone' })
 *
 * @category using
 * @since 0.1.0
 */
export const toPromise =
  <X>(onThrow: (cause: unknown) => X) =>
  <A, E2, A2>(runner: Runner<X, A, E2, A2>) =>
  async (f: (attempt: Attempt) => A | PromiseLike<A>, options?: RunOptions): Promise<A2> => {
    const answer = await runner.runWith((attempt) => () => operate(f, attempt, onThrow), options)()
    if (answer._tag === 'Left') throw new Failure(answer.left)
    return answer.right
  }

const operate = async <A, X>(
  f: (attempt: Attempt) => A | PromiseLike<A>,
  attempt: Attempt,
  onThrow: (cause: unknown) => X
): Promise<Either<X, A>> => {
  try {
    return { _tag: 'Right', right: await f(attempt) }
  } catch (cause) {
    try {
      return { _tag: 'Left', left: onThrow(cause) }
    } catch (thrown) {
      // a runner knows a defect for what it is
      return { _tag: 'Left', left: defect('Thrown', 'toPromise.onThrow', thrown, cause) as never }
    }
  }
}
