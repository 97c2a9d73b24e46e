/** The operations that all contenders are given. */
import type { Either } from 'fp-ts/Either'
import type { TaskEither } from 'fp-ts/TaskEither'

export type Answer = Either<string, number>
export type Operation = TaskEither<string, number>

export const success: Answer = { _tag: 'Right', right: 42 }
export const failure: Answer = { _tag: 'Left', left: 'busy' }

/** Told without fp-ts, so that a contender who does not need it does not load it. */
export const isLeft = (u: unknown): boolean =>
  typeof u === 'object' && u !== null && '_tag' in u && (u as Answer)._tag === 'Left'

/** Resolved at once. Awaiting this is `raw`. */
export const succeeds: Operation = () => Promise.resolve(success)

/** Fails `failures` times, then succeeds; each call of a contender makes its own. */
export const flaky = (failures: number): Operation => {
  let left = failures
  return () => Promise.resolve(left-- > 0 ? failure : success)
}
