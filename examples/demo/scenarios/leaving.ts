/**
 * A caller who does not wait for the end.
 */
import type { Observer } from '../show/lines'

export interface Caller {
  readonly signal: AbortSignal
  /** What the caller sees of their calls. */
  readonly observer: Observer
}

/** Gone soon after the last of so many calls has begun to wait for a retry. */
export const whoLeaves = (calls: number, signal: AbortSignal): Caller => {
  const controller = new AbortController()
  const leave = (): void => {
    controller.abort('the page was closed')
  }
  signal.addEventListener('abort', leave, { once: true })
  let waiting = 0
  return {
    signal: controller.signal,
    observer: ({ _tag }) => {
      if (_tag === 'RetryScheduled' && ++waiting === calls) setTimeout(leave, 50)
    }
  }
}

export const whoStays = (signal: AbortSignal): Caller => ({ signal, observer: () => {} })
