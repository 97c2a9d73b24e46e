/**
 * A call that waits for a permit by the lane, without a frame: a place in the queue, and what its caller waits for.
 *
 * @since 0.1.0
 */
import { handed, handOut } from '../../Pending'
import type { Standby } from '../../Queueing'
import { Place, type Line } from './Queue'

/** Those who have been called up, in order: promises that are resolved one after the other are followed in that order. */
let first: Visitor | undefined
let last: Visitor | undefined

const callUp = (visitor: Visitor, ticket: number | undefined): void => {
  // it is in the queue no more, so that its link is free
  if (last === undefined) first = visitor
  else last.after = visitor
  last = visitor
  // given an object, as the visitor is, the engine looks for a method `then`, which takes longer than all else in here
  visitor.resolve(ticket)
}

const served = (ticket: number | undefined): unknown => {
  const visitor = first as Visitor
  first = visitor.after as Visitor | undefined
  if (first === undefined) last = undefined
  visitor.after = undefined
  return visitor.standby.goOn(ticket)
}

/**
 * Who waits by the lane.
 *
 * @internal
 */
export class Visitor extends Place {
  readonly resolve: (ticket: number | undefined) => void

  private constructor(readonly standby: Standby) {
    super()
    this.resolve = handed as (ticket: number | undefined) => void
  }

  /** Joins a queue; gives what the caller waits for. It follows a promise, and so goes on in the async context of now. */
  static join(line: Line, standby: Standby): Promise<unknown> {
    const answer = new Promise<number | undefined>(handOut).then(served)
    line.add(new Visitor(standby))
    return answer
  }

  admit(): void {
    // all have the same ticket
    callUp(this, 0)
  }

  dismiss(): void {
    callUp(this, undefined)
  }
}
