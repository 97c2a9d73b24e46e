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
  if (hub === undefined) hubs.set(signal, (hub = new Hub(signal)))
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
export const abortedBy = (signal: AbortSignal): Aborted => ({ _tag: 'Aborted', by: 'caller', reason: signal.reason })

class Hub {
  private readonly calls = new Set<Abortable>()

  constructor(private readonly signal: AbortSignal) {}

  add(call: Abortable): void {
    if (this.calls.size === 0) this.signal.addEventListener('abort', this.onAbort)
    this.calls.add(call)
  }

  remove(call: Abortable): void {
    if (this.calls.delete(call) && this.calls.size === 0) this.signal.removeEventListener('abort', this.onAbort)
  }

  private readonly onAbort = (): void => {
    this.signal.removeEventListener('abort', this.onAbort)
    const cause = abortedBy(this.signal)
    for (const call of [...this.calls]) {
      this.calls.delete(call)
      call.abort(cause)
    }
  }
}
