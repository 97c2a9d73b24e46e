/**
 * A call that waits for a permit by the lane, without a frame: a place in the queue, and what its caller waits for.
 *
 * @since 0.1.0
 */
import { Place, type Queue } from './Queue'

/** Hands out the function that resolves a new promise, without a closure for each. */
let handed: (visitor: Visitor) => void
const handOut = (resolve: (visitor: Visitor) => void): void => {
  handed = resolve
}

const served = ({ go, ticket }: Visitor): unknown => go(ticket)

/**
 * Who waits by the lane.
 *
 * @internal
 */
export class Visitor extends Place {
  /** The ticket of all who are let in. */
  ticket: number | undefined = 0
  private readonly resolve: (visitor: Visitor) => void

  private constructor(readonly go: (ticket: number | undefined) => unknown) {
    super(0)
    this.resolve = handed
  }

  /** Joins a queue; gives what the caller waits for. It follows a promise, and so goes on in the async context of now. */
  static join(queue: Queue, go: (ticket: number | undefined) => unknown): Promise<unknown> {
    const answer = new Promise(handOut).then(served)
    queue.add(new Visitor(go))
    return answer
  }

  admit(): void {
    this.resolve(this)
  }

  dismiss(): void {
    this.ticket = undefined
    this.resolve(this)
  }
}
