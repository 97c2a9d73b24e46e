/**
 * A call that waits for a permit by the lane, without a frame: a place in the queue, and what its caller waits for.
 *
 * @since 0.1.0
 */
import type { QueuedCall } from '../../QueuedCall'
import type { Aborted } from '../../Rejection'
import { Place, type Queue } from './Queue'

/** Hands out the function that resolves a new promise, without a closure for each. */
let handed: (visitor: Visitor) => void
const handOut = (resolve: (visitor: Visitor) => void): void => {
  handed = resolve
}

/** The ticket of all who are let in. */
const permit = 0

const served = ({ call, cause }: Visitor): unknown => (cause === undefined ? call.pass(permit) : call.turnBack(cause))

/**
 * Who waits by the lane.
 *
 * @internal
 */
export class Visitor extends Place {
  cause: Aborted | undefined = undefined
  private readonly resolve: (visitor: Visitor) => void

  private constructor(readonly call: QueuedCall) {
    super(0)
    this.resolve = handed
  }

  /** Joins a queue; gives what the caller waits for. It follows a promise, and so goes on in the async context of now. */
  static join(queue: Queue, call: QueuedCall): Promise<unknown> {
    const answer = new Promise(handOut).then(served)
    queue.add(new Visitor(call))
    return answer
  }

  admit(): void {
    this.resolve(this)
  }

  dismiss(cause: Aborted): void {
    this.cause = cause
    this.resolve(this)
  }
}
