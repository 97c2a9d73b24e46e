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
  let given: unknown
  let promise: Promise<unknown> | undefined
  try {
    given = f(input)
    if (typeof given === 'function') promise = promiseOf((given = (given as () => unknown)()))
  } catch (cause) {
    onAnswer(defect('Thrown', at, cause, input))
    return
  }
  if (promise === undefined) onAnswer(defect('Malformed', at, given, input))
  else
    promise.then(
      (value) => {
        onAnswer({ _tag: 'Value', value })
      },
      (cause: unknown) => {
        onAnswer(defect('Rejected', at, cause, input))
      }
    )
}

/**
 * The promise of a value that can be waited for. One of the platform's own takes care of whatever has a `then` that is not the
 * platform's: that may throw, call back twice or at once, or give back anything. Throws what the value throws when it is looked at.
 *
 * @internal
 */
export const promiseOf = (u: unknown): Promise<unknown> | undefined => {
  if (typeof u !== 'object' || u === null) return undefined
  const { then } = u as Partial<PromiseLike<unknown>>
  if (then === Promise.prototype.then && u instanceof Promise) return u
  return typeof then === 'function' ? adopted(u) : undefined
}

/** Apart, as what a closure holds on to is allocated whenever the function around it is entered. */
const adopted = (u: unknown): Promise<unknown> =>
  new Promise((resolve) => {
    resolve(u)
  })

/**
 * Whether a value is an `Either`, as an operation must give one. Throws what the value throws when it is looked at.
 *
 * @internal
 */
export const isEither = (
  u: unknown
): u is { readonly _tag: 'Left'; readonly left: unknown } | { readonly _tag: 'Right'; readonly right: unknown } => {
  if (typeof u !== 'object' || u === null) return false
  const { _tag } = u as { readonly _tag?: unknown }
  return _tag === 'Right' ? 'right' in u : _tag === 'Left' && 'left' in u
}
