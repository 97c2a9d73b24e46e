/**
 * A call that waits for a permit by the lane, without a frame: a place in the queue, and what its caller waits for.
 *
 * @since 0.1.0
 */
import type { Standby } from '../../Queueing'
import { Place, type Line } from './Queue'

/** The queue that somebody is just joining: kept here, so that it takes no closure to tell of it. */
let joined: Line

/**
 * A place of a call that waits without a frame.
 *
 * @internal
 */
export class Visitor extends Place {
  private constructor(private readonly resolve: (ticket: number | undefined) => void) {
    super()
  }

  /** Joins a queue; gives what the caller waits for. It follows a promise, and so goes on in the async context of now. */
  static join(line: Line, { goOn }: Standby): Promise<unknown> {
    joined = line
    return new Promise(Visitor.enter).then(goOn)
  }

  private static readonly enter = (resolve: (ticket: number | undefined) => void): void => {
    joined.add(new Visitor(resolve))
  }

  admit(): void {
    // all have the same ticket; given an object, the engine would look for a method `then`, which takes longer than all else
    this.resolve(0)
  }

  dismiss(): void {
    this.resolve(undefined)
  }
}
