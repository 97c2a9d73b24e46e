/**
 * What a lane of the library's own may have besides: a queue, so that a call may wait by it without a frame. Under a symbol, as
 * the lane of a user's strategy may call its own things what it likes.
 *
 * @since 0.1.0
 */

/** @internal */
export const queueing: unique symbol = /*#__PURE__*/ Symbol()

/**
 * Where calls wait by a lane.
 *
 * @internal
 */
export interface Queueing {
  /** Has a call wait that was not let in, as long as it takes: gives what its caller waits for, which is what `goOn` gives. */
  readonly join: (standby: Standby) => Promise<unknown>
  /** Calls off the wait of all who are there: their runner is closed. */
  readonly clear: () => void
}

/**
 * What a call does once its wait is over. It may be that of many calls.
 *
 * @internal
 */
export interface Standby {
  /** With a ticket, or without one where the wait was called off. */
  readonly goOn: (ticket: number | undefined) => unknown
}

/**
 * What may have a queue.
 *
 * @internal
 */
export interface MayQueue {
  readonly [queueing]?: Queueing | undefined
}
