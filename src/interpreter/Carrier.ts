/**
 * Carries async contexts over a wait.
 *
 * What follows a promise runs in the async context in which that was said. So a sleeper that is to be woken by a timer, which
 * knows nothing of its context, boards a carrier when it falls asleep, and is woken by what follows the carrier's promise. To
 * follow a promise is a third of the cost of making one, so those who are due at the same millisecond share a carrier, as far
 * as there are seats.
 *
 * @since 0.1.0
 */
import type { Millis } from '../Duration'
import type { Sleeper } from '../Protocol'

/** Few, as what follows a promise cannot be taken back: who has left keeps a seat until the carrier is gone. */
const seats = 8

/** Hands out the function that resolves a new promise, without a closure for each. */
let handed: (carrier: Carrier) => void
const handOut = (resolve: (carrier: Carrier) => void): void => {
  handed = resolve
}

const serve = (carrier: Carrier): void => {
  carrier.serve()
}

/** All who are aboard, as a set of seats. */
const everybody = -1

/**
 * Where carriers wait, until they are due.
 *
 * @internal
 */
export interface Station {
  /** A sleeper on a carrier that waits here has left it. */
  readonly left: (carrier: Carrier) => void
  /** A carrier leaves before it is due, and without this sleeper: it goes on waiting on another. */
  readonly move: (sleeper: Sleeper, from: Carrier) => void
}

/**
 * One promise, and those who will be woken by what follows it.
 *
 * @internal
 */
export class Carrier {
  // links of the list it waits in
  before: Carrier | undefined = undefined
  after: Carrier | undefined = undefined
  /** How many are aboard. */
  aboard = 0
  /** In the order in which they boarded, which is the order in which they will be served; who has left leaves a gap. */
  private readonly sleepers: Array<Sleeper | undefined> = []
  private served = 0
  /** Whom it wakes, as a set of seats: nobody, as long as it is not gone. */
  private wakes = 0
  private readonly promise: Promise<Carrier>
  private readonly resolve: (carrier: Carrier) => void

  constructor(
    /** Where it waits; nowhere once it is due, or if it is due only when somebody is roused. */
    public station: Station | undefined,
    readonly dueAt: Millis
  ) {
    this.promise = new Promise(handOut)
    this.resolve = handed
  }

  /** Whether it still takes sleepers on. */
  get boards(): boolean {
    return this.wakes === 0 && this.sleepers.length < seats
  }

  /** Takes a sleeper on: what follows the promise runs in the async context of now. */
  board(sleeper: Sleeper): void {
    sleeper.carrier = this
    sleeper.seat = this.sleepers.push(sleeper) - 1
    this.aboard++
    void this.promise.then(serve)
  }

  /** A sleeper is not to be woken any more. */
  leave(sleeper: Sleeper): void {
    this.sleepers[sleeper.seat] = undefined
    sleeper.carrier = undefined
    this.aboard--
    this.station?.left(this)
  }

  /** Wakes one sleeper, once promises get to run; the others are taken on by another carrier. */
  rouse(sleeper: Sleeper): void {
    this.go(1 << sleeper.seat)
  }

  /** It is due: wakes all, once promises get to run. */
  arrive(): void {
    this.station = undefined
    this.go(everybody)
  }

  /** Called once for each who boarded, in their order, each time in the context of that one. */
  serve(): void {
    const seat = this.served++
    const sleeper = this.sleepers[seat]
    if (sleeper === undefined) return
    if (this.station !== undefined && (this.wakes & (1 << seat)) === 0) {
      this.station.move(sleeper, this)
      return
    }
    this.leave(sleeper)
    try {
      sleeper.wake()
    } catch (cause) {
      sleeper.context.call.crash(cause)
    }
  }

  private go(who: number): void {
    const stays = this.wakes === 0
    this.wakes |= who
    if (stays) this.resolve(this)
  }
}
