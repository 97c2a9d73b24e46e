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
import { defect } from '../Rejection'

/**
 * A layer seen from the one around it. It is where frames that are started late find what has been made without them.
 *
 * @internal
 */
export class Split implements Layer {
  constructor(readonly layer: Layer) {}

  open(context: Context, up: Up): Frame {
    const { made } = context.call as unknown as Holding
    return made?.at === this ? made.found(up) : this.layer.open(context, up)
  }
}

/**
 * A call that may hold an attempt that was made before the frames around it were started.
 *
 * @internal
 */
export interface Holding {
  readonly made: Made | undefined
}

/**
 * An attempt that was made before the frames around it were started: they find it where they would have started it.
 *
 * @internal
 */
export class Made implements Frame {
  private up: Up | undefined = undefined

  constructor(
    /** Where it is to be found; nowhere once it has been. */
    public at: Split | undefined,
    private readonly exit: Exit,
    /** Whether it has answered, but not settled. */
    public hangs: boolean
  ) {}

  found(up: Up): this {
    this.at = undefined
    this.up = up
    return this
  }

  start(): void {
    this.up?.done(this.exit, !this.hangs)
  }

  // it has answered
  abort(): void {}

  settled(): void {
    this.hangs = false
    this.up?.settled()
  }
}

/**
 * How a call has gone by the lanes, and what it holds from them.
 *
 * @internal
 */
export class Passage {
  constructor(
    readonly lanes: Lanes,
    readonly tickets: Ticket | undefined
  ) {}

  /** What runs beneath the lanes has answered: what that comes to, or what is left to frames. */
  arrive(exit: Exit, settled: boolean): Exit | Rest {
    const { lanes, tickets } = this
    // the frames of all layers wait for what hangs
    return settled ? leave(exit, tickets, lanes.mender) : new Rest(new Made(lanes.beneath, exit, true), tickets)
  }
}

/**
 * A layer that deals with failures: where its frame is to find one, and how many gates that one has not passed then.
 *
 * @internal
 */
export interface Mender {
  readonly inside: Split
  readonly keeps: number
}

/**
 * A lane that has to be asked.
 *
 * @internal
 */
export class Gate {
  private latest: Ticket | undefined = undefined

  constructor(
    readonly lane: Lane,
    /** Its place, from the outermost, 0. */
    readonly index: number,
    /** Who deals with a failure that comes from here. */
    readonly mender: Mender | undefined
  ) {}

  /** Lets a call in, with what it holds from the gates outside of this one. */
  enter(outer: Ticket | undefined): Ticket | Exit | undefined {
    let entered: number | Exit | undefined
    try {
      entered = this.lane.enter()
    } catch (cause) {
      return defect('Thrown', strategyAt, cause)
    }
    if (typeof entered !== 'number') return entered
    const { latest } = this
    // equal tickets are one object, so that most calls make none, and need not be told apart
    if (latest?.number === entered && latest.outer === outer) return latest
    return (this.latest = new Ticket(this, entered, outer))
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

  /** The ticket from a lane, if there is one; the outermost, if one lane is at several places. */
  of(lane: Lane): Ticket | undefined {
    return this.outer?.of(lane) ?? (this.gate.lane === lane ? this : undefined)
  }

  /** The same without one. */
  without(ticket: Ticket): Ticket | undefined {
    return this === ticket ? this.outer : new Ticket(this.gate, this.number, this.outer?.without(ticket))
  }
}

/**
 * The path of a defect that is a strategy's.
 *
 * @internal
 */
export const strategyAt = 'strategy'

/**
 * What is left to the frames of a call that has gone by lanes: to find what was made without them, and to redeem what it holds.
 *
 * @internal
 */
export class Rest {
  constructor(
    /** Nothing, where nothing has been made. */
    readonly made: Made | undefined,
    private tickets: Ticket | undefined
  ) {}

  /** Whether nothing is left. */
  get isOver(): boolean {
    const { made, tickets } = this
    return tickets === undefined && (made === undefined || (made.at === undefined && !made.hangs))
  }

  redeem(lane: Lane): number | undefined {
    const ticket = this.tickets?.of(lane)
    if (ticket !== undefined) this.tickets = this.tickets?.without(ticket)
    return ticket?.number
  }

  /** The run has ended, perhaps because a strategy of the user's has thrown, or has not redeemed what was its own. */
  leave(exit: Exit): Exit {
    const { tickets } = this
    this.tickets = undefined
    return leave(exit, tickets, undefined) as Exit
  }
}

/**
 * An exit that has settled leaves by the gates, innermost first: it is the answer, unless it is a failure that somebody mends.
 *
 * @internal
 */
export const leave = (exit: Exit, tickets: Ticket | undefined, mender: Mender | undefined): Exit | Rest => {
  let answer = exit
  let held = tickets
  // how many gates it does not pass
  const keeps = exit._tag === 'Left' && mender !== undefined ? mender.keeps : 0
  while (held !== undefined && (held.gate.index >= keeps || answer._tag !== 'Left')) {
    try {
      held.gate.lane.leave(held.number, answer)
    } catch (cause) {
      answer = defect('Thrown', strategyAt, cause)
    }
    held = held.outer
  }
  return answer._tag === 'Left' && mender !== undefined ? new Rest(new Made(mender.inside, answer, false), held) : answer
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
  /** The whole policy. */
  readonly whole: Layer
  /** Those that have to be asked, outermost first. */
  readonly gates: ReadonlyArray<Gate>
  /** Who deals with a failure of what is beneath all of them. */
  readonly mender: Mender | undefined
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
  const gates: Array<Gate> = []
  let mender: Mender | undefined
  let beneath = whole
  for (const { layer, inside } of [...layers].reverse()) {
    const { lane } = layer
    if (lane === undefined) break
    if (lane !== openLane) gates.push(new Gate(lane, gates.length, mender))
    if (lane.mends === true) mender = { inside, keeps: gates.length }
    beneath = inside
  }
  const plain = beneath === (layers[0]?.inside ?? whole)
  return beneath === whole && !plain ? undefined : { whole: whole.layer, gates, mender, beneath, plain }
}
