/**
 * One listener on an outside signal, however many calls share it: a platform's signal gets slower with each listener, warns
 * after the tenth, and keeps those that nobody removes.
 *
 * @since 0.1.0
 */
import type { Aborted } from '../Rejection'

/**
 * A call that is to be aborted with its caller's signal.
 *
 * @internal
 */
export interface Abortable {
  readonly abort: (cause: Aborted) => void
}

const hubs = /*#__PURE__*/ new WeakMap<AbortSignal, Hub>()

/**
 * Aborts the call when the signal is aborted, until it is given back.
 *
 * @internal
 */
export const listen = (signal: AbortSignal, call: Abortable): void => {
  let hub = hubs.get(signal)
  if (!hub) hubs.set(signal, (hub = hubOf(signal)))
  hub.add(call)
}

/**
 * The call has ended: it no longer listens.
 *
 * @internal
 */
export const unlisten = (signal: AbortSignal, call: Abortable): void => {
  hubs.get(signal)?.remove(call)
}

/**
 * What a caller's signal says once it is aborted.
 *
 * @internal
 */
export const abortedBy = (signal: AbortSignal): Aborted => {
  let reason: unknown
  try {
    reason = signal.reason as unknown
  } catch {
    // a signal of another make may throw whatever it is asked
  }
  return { _tag: 'Aborted', by: 'caller', reason }
}

interface Hub {
  readonly add: (call: Abortable) => void
  readonly remove: (call: Abortable) => void
}

const hubOf = (signal: AbortSignal): Hub => {
  const calls = new Set<Abortable>()
  const onAbort = (): void => {
    const cause = abortedBy(signal)
    // who has been aborted no longer listens
    for (const call of calls) call.abort(cause)
  }
  return {
    add: (call) => {
      if (calls.size === 0) signal.addEventListener('abort', onAbort, { once: true })
      calls.add(call)
    },
    remove: (call) => {
      if (calls.delete(call) && calls.size === 0) signal.removeEventListener('abort', onAbort)
    }
  }
}
