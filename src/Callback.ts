/**
 * Calling what the user handed in: whatever it throws, rejects or answers becomes a value.
 *
 * @since 0.1.0
 */
import { type Defect, defect } from './Rejection'

/**
 * What a callback gave: its value, or the defect that it made instead.
 *
 * @internal
 */
export type Answer<A> = { readonly _tag: 'Value'; readonly value: A } | Defect

/**
 * Calls a pure callback of one argument.
 *
 * @internal
 */
export const ask = <I, A>(at: string, f: (input: I) => A, input: I): Answer<A> => {
  try {
    return { _tag: 'Value', value: f(input) }
  } catch (cause) {
    return defect('Thrown', at, cause, input)
  }
}

/**
 * Calls an effectful callback and hands what its promise gives to `onAnswer`, exactly once. It never gives it before it
 * returns, unless the callback throws or gives no promise.
 *
 * @internal
 */
export const askTask = <I>(
  at: string,
  f: (input: I) => unknown,
  input: I,
  onAnswer: (answer: Answer<unknown>) => void
): void => {
  let answered = false
  const answer = (value: Answer<unknown>): void => {
    if (answered) return
    answered = true
    onAnswer(value)
  }
  try {
    const task = f(input)
    if (typeof task !== 'function') {
      answer(defect('Malformed', at, task, input))
      return
    }
    const given = (task as () => unknown)()
    const promise = promiseOf(given)
    if (promise === undefined) {
      answer(defect('Malformed', at, given, input))
      return
    }
    promise.then(
      (value) => {
        answer({ _tag: 'Value', value })
      },
      (cause: unknown) => {
        answer(defect('Rejected', at, cause, input))
      }
    )
  } catch (cause) {
    answer(defect('Thrown', at, cause, input))
  }
}

/**
 * The promise of a value that can be waited for. The platform's own takes care of a thenable that throws, or that calls back
 * twice or at once.
 *
 * @internal
 */
export const promiseOf = (u: unknown): Promise<unknown> | undefined =>
  u instanceof Promise ? u : isThenable(u) ? Promise.resolve(u) : undefined

/** What throws when it is looked at cannot be waited for. */
const isThenable = (u: unknown): u is PromiseLike<unknown> => {
  try {
    return typeof u === 'object' && u !== null && typeof (u as Partial<PromiseLike<unknown>>).then === 'function'
  } catch {
    return false
  }
}

/**
 * Whether a value is an `Either`, as an operation must give one. What throws when it is looked at is none.
 *
 * @internal
 */
export const isEither = (
  u: unknown
): u is { readonly _tag: 'Left'; readonly left: unknown } | { readonly _tag: 'Right'; readonly right: unknown } => {
  try {
    if (typeof u !== 'object' || u === null) return false
    const { _tag } = u as { readonly _tag?: unknown }
    return _tag === 'Right' ? 'right' in u : _tag === 'Left' && 'left' in u
  } catch {
    return false
  }
}
