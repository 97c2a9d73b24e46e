/**
 * The lanes of a policy: a call's way past the outermost layers, as far as these have any, without frames of theirs.
 *
 * ```
 *   fallback   lane, mends                    the operation is called beneath the lanes;
 *   breaker    lane: a gate                   what it answers leaves by the gates, innermost first;
 *   retry      lane, mends ◀── a failure      a failure stops at the first layer that mends: frames from here outward
 *   timeout    no lane: a frame
 *   operation
 * ```
 *
 * @since 0.1.0
 */
import type { Exit } from '../Exit'
import { type Context, type Frame, type Lane, type Layer, openLane, type Up } from '../Protocol'
import type { MayQueue } from '../Queueing'
import { type Defect, defect } from '../Rejection'

/**
 * A layer seen from the one around it. It is where frames that are started late find what has been made without them.
 *
 * @internal
 */
export class Split implements Layer {
  /** Whether the layer around it mends a failure from here by itself: it is the outermost, and reopens. */
  mends: boolean | undefined = false

  constructor(readonly layer: Layer) {}

  open(context: Context, up: Up): Frame {
    const { way } = context.call as unknown as Traveller
    return way?.at === this ? way.found(up) : this.layer.open(context, up)
  }
}

/**
 * A call that may go by lanes.
 *
 * @internal
 */
export interface Traveller {
  readonly way: Way | undefined
}

/**
 * How a call has gone by lanes: what it holds from them, and what has been made without frames, which finds its place among
 * them as the frame that it would have had.
 *
 * @internal
 */
export class Way implements Frame {
  private up: Up | undefined = undefined

  constructor(
    protected tickets?: Ticket,
    /** Where frames find what has been made; nowhere, if nothing has, or once they have. */
    public at?: Split,
    private readonly exit?: Exit,
    /** Whether that has answered, but not settled. */
    public hangs = false
  ) {}

  /** Whether nothing is left for frames to find or to redeem. */
  get isOver(): boolean {
    return this.tickets === undefined && this.at === undefined && !this.hangs
  }

  found(up: Up): this {
    this.at = undefined
    this.up = up
    return this
  }

  start(): void {
    this.up?.done(this.exit as Exit, !this.hangs)
  }

  // it has answered
  abort(): void {}

  settled(): void {
    this.hangs = false
    this.up?.settled()
  }

  redeem(lane: Lane): number | undefined {
    let ticket: Ticket | undefined
    // the outermost frame is the first to ask, if one lane is at several places
    for (let held = this.tickets; held; held = held.outer) if (held.gate.lane === lane) ticket = held
    if (ticket) this.tickets = this.tickets?.without(ticket)
    return ticket?.number
  }

  /** The run has an answer: what that comes to, or what is left to frames. */
  arrive(exit: Exit, _settled: boolean): Exit | Way {
    // a strategy of the user's may have thrown, or not have redeemed what was its own
    const { tickets } = this
    this.tickets = undefined
    return leave(exit, tickets)
  }
}

/**
 * A lane that has to be asked.
 *
 * @internal
 */
export class Gate {
  private latest: Ticket | undefined = undefined
  /** The next one inwards. */
  inner: Gate | undefined = undefined

  constructor(
    readonly lane: Lane & MayQueue,
    /** What the layer that deals with a failure from here was put around. */
    readonly mender: Split | undefined
  ) {}

  /** What a call holds that was let in, with what it holds from the gates outside of this one. */
  ticket(number: number, outer: Ticket | undefined): Ticket {
    const { latest } = this
    // equal tickets are one object, so that most calls make none, and need not be told apart
    if (latest?.number === number && latest.outer === outer) return latest
    return (this.latest = new Ticket(this, number, outer))
  }

  /** Lets an exit out; gives it back, or the defect of a strategy of the user's. */
  leave(number: number, exit: Exit): Exit {
    try {
      this.lane.leave(number, exit)
      return exit
    } catch (cause) {
      return thrown(cause)
    }
  }
}

/**
 * What a call holds from a gate, and from those outside of it.
 *
 * @internal
 */
export class Ticket {
  constructor(
    readonly gate: Gate,
    readonly number: number,
    readonly outer: Ticket | undefined
  ) {}

  /** The same without one. */
  without(ticket: Ticket): Ticket | undefined {
    return this === ticket ? this.outer : new Ticket(this.gate, this.number, this.outer?.without(ticket))
  }
}

/**
 * The defect of a strategy, most likely of the user's, that threw what it must not.
 *
 * @internal
 */
export const thrown = (cause: unknown): Defect => defect('Thrown', 'strategy', cause)

/**
 * An exit that has settled leaves by the gates, innermost first, and nobody mends it: it is the answer.
 *
 * @internal
 */
export const leave = (exit: Exit, tickets: Ticket | undefined): Exit => {
  let answer = exit
  for (let held = tickets; held; held = held.outer) answer = held.gate.leave(held.number, answer)
  return answer
}

/**
 * An exit that has settled leaves by the gates. A failure that somebody mends leaves only by those inside of that, whose frame,
 * with those around it, is to find it, and to redeem what is still held.
 *
 * @internal
 */
export const leaveOrMend = (exit: Exit, tickets: Ticket | undefined, mender: Split | undefined): Exit | Way => {
  if (mender === undefined || exit._tag !== 'Left') return leave(exit, tickets)
  let answer: Exit = exit
  let held = tickets
  for (; held?.gate.mender === mender; held = held.outer) answer = held.gate.leave(held.number, answer)
  // a strategy of the user's may have made a defect of it, which nobody mends
  return answer._tag === 'Left' ? new Way(held, mender, answer) : leave(answer, held)
}

/**
 * A layer, and what it was put around.
 *
 * @internal
 */
export interface Compiled {
  readonly layer: Layer
  readonly inside: Split
}

/**
 * The outermost layers of a policy, as far as they have lanes.
 *
 * @internal
 */
export interface Lanes {
  /** The outermost of those that have to be asked; the others follow by their links. */
  readonly gate: Gate | undefined
  /** What the layer that deals with a failure from beneath all of them was put around. */
  readonly mender: Split | undefined
  /** What is beneath all of them. */
  readonly beneath: Split
  /** Whether that is the operation alone. */
  readonly plain: boolean
}

/**
 * The lanes of a policy; none where its outermost layer has none.
 *
 * @param layers innermost first
 *
 * @internal
 */
export const lanesOf = (whole: Split, layers: ReadonlyArray<Compiled>): Lanes | undefined => {
  let outermost: Gate | undefined
  let innermost: Gate | undefined
  let mender: Split | undefined
  let beneath = whole
  for (const { layer, inside } of [...layers].reverse()) {
    const { lane } = layer
    if (!lane) break
    if (lane !== openLane) {
      const gate: Gate = new Gate(lane, mender)
      if (innermost === undefined) outermost = gate
      else innermost.inner = gate
      innermost = gate
    }
    if (lane.mends === true) {
      mender = inside
      inside.mends = beneath === whole && layer.reopens
    }
    beneath = inside
  }
  const plain = beneath === (layers[0]?.inside ?? whole)
  return beneath === whole && !plain ? undefined : { gate: outermost, mender, beneath, plain }
}
