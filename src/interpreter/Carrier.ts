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
import type { Call, Sleeper } from '../Protocol'

/**
 * A call whose caller may follow what wakes one of its sleepers: that takes less room than what would resolve a promise.
 *
 * @internal
 */
export interface Follower extends Call {
  /** The answer, or what will be. */
  readonly later: () => unknown
}

const serve = (carrier: Carrier): unknown => carrier.serve()

/** Few, as what follows a promise cannot be taken back: who has left keeps a seat until the carrier is gone. */
const most = 16

/** All who are aboard, as a set of seats. */
const everybody = -1

/**
 * Where shared carriers wait until they are due.
 *
 * @internal
 */
export interface Station {
  /** A sleeper on a carrier that waits here has left it. */
  readonly left: (carrier: Carrier) => void
  /** A carrier leaves before it is due, and without this sleeper: it goes on waiting on another. */
  readonly move: (sleeper: Sleeper, from: Carrier) => Carrier
}

/**
 * Carries those who are due at the same millisecond; or one alone, who is to be roused.
 *
 * @internal
 */
export class Carrier {
  // links of the list it waits in
  before: Carrier | undefined = undefined
  after: Carrier | undefined = undefined
  /** What those have moved to who were not roused with the first. */
  heir: Carrier | undefined = undefined
  /** How many are aboard. */
  aboard = 0
  /** In the order in which they boarded; who has left leaves a gap. */
  private readonly sleepers: Array<Sleeper | undefined>
  private boarded = 0
  private served = 0
  /** Whom it wakes, as a set of seats: nobody, as long as it is not gone. */
  private wakes = 0
  /** Whom callers follow, as a set of seats. */
  private follows = 0
  /** What follows the promise for who boarded last. */
  private turn: Promise<unknown> | undefined = undefined
  private readonly promise: Promise<Carrier>
  /** Set by the promise below, which calls what it is given at once, as a type checker cannot know. */
  private resolve!: (carrier: Carrier) => void

  constructor(
    /** Where it waits; nowhere once it is due, or if only somebody can rouse it. */
    private station: Station | undefined,
    readonly dueAt: Millis,
    seats = most
  ) {
    this.sleepers = new Array<Sleeper | undefined>(seats)
    this.promise = new Promise((resolve) => {
      this.resolve = resolve
    })
  }

  /** Whether it still takes sleepers on. */
  get boards(): boolean {
    return this.wakes === 0 && this.boarded < this.sleepers.length
  }

  /** Takes a sleeper on: what follows the promise runs in the async context of now. */
  board(sleeper: Sleeper): void {
    sleeper.carrier = this
    sleeper.seat = this.boarded++
    this.sleepers[sleeper.seat] = sleeper
    this.aboard++
    this.turn = this.promise.then(serve)
  }

  /** Gives what the caller of one who has just boarded may follow. */
  follow({ seat }: Sleeper): Promise<unknown> | undefined {
    if (seat + 1 < this.boarded) return undefined
    this.follows |= 1 << seat
    return this.turn
  }

  leave(sleeper: Sleeper): void {
    const seat = 1 << sleeper.seat
    sleeper.carrier = undefined
    this.aboard--
    // whose caller follows keeps the seat: the caller is not to wait until it would have been due
    if (this.follows & seat) this.go(seat)
    else this.sleepers[sleeper.seat] = undefined
    this.station?.left(this)
  }

  /** Wakes one sleeper; the others are moved to another carrier. */
  rouse(sleeper: Sleeper): void {
    this.go(1 << sleeper.seat)
  }

  /** It is due: wakes all. */
  arrive(): void {
    this.station = undefined
    this.go(everybody)
  }

  /** Called once for each who boarded, in their order and in their contexts; gives what a caller that follows is to follow. */
  serve(): unknown {
    const sleeper = this.sleepers[this.served]
    const seat = 1 << this.served++
    if (sleeper === undefined) return undefined
    const followed = this.follows & seat
    if (sleeper.carrier === this) {
      if (this.station !== undefined && !(this.wakes & seat)) {
        const heir = this.station.move(sleeper, this)
        return followed && heir.follow(sleeper)
      }
      this.leave(sleeper)
      try {
        sleeper.wake()
      } catch (cause) {
        sleeper.context.call.crash(cause)
      }
    }
    return followed && (sleeper.context.call as Follower).later()
  }

  private go(who: number): void {
    const waits = this.wakes === 0
    this.wakes |= who
    if (waits) this.resolve(this)
  }
}
