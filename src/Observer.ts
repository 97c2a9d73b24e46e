/**
 * Telling somebody who cannot change anything.
 *
 * @since 0.1.0
 */
import { promiseOf } from './Callback'

/**
 * Tells an observer of an event. What it throws is ignored, and so is what it rejects with, if it is asynchronous after all.
 *
 * @internal
 */
export const notify = <E>(observe: (event: E) => unknown, event: E): void => {
  try {
    void promiseOf(observe(event))?.then(undefined, ignore)
  } catch {
    // a listener cannot change an outcome
  }
}

const ignore = (): undefined => undefined
