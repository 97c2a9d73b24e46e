/**
 * Carries async contexts over a wait.
 *
 * What follows a promise runs in the async context in which that was said. So a sleeper that is to be woken by a timer, which
 * knows nothing of its context, boards a carrier when it falls asleep, and is woken by what follows the carrier's promise. To
 * follow a promise is a third of the cost of making one, so a few sleepers share a carrier; those who are not meant when it
 * leaves board the next one, in their own contexts still.
 *
 * @since 0.1.0
 */
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

/** Where a sleeper waits from when it is roused until it is awake. */
const rousing: object = {}

/**
 * One promise, and those who will be woken by what follows it.
 *
 * @internal
 */
export class Carrier {
  /** In the order in which they boarded, which is the order in which they will be served. */
  private readonly sleepers: Array<Sleeper | undefined>
  private served = 0
  private gone = false
  private readonly promise: Promise<Carrier>
  private readonly resolve: (carrier: Carrier) => void

  private constructor(first: Sleeper) {
    // an array made with one takes no more room than that; many carriers never have a second
    this.sleepers = [first]
    this.promise = new Promise(handOut)
    this.resolve = handed
  }

  /** Puts a sleeper on this carrier, or on a new one where this one is full or gone; gives the one it is on. */
  static board(carrier: Carrier | undefined, sleeper: Sleeper): Carrier {
    if (carrier === undefined || carrier.gone || carrier.sleepers.length >= seats) {
      sleeper.seat = 0
      return Carrier.ticket(new Carrier(sleeper), sleeper)
    }
    sleeper.seat = carrier.sleepers.push(sleeper) - 1
    return Carrier.ticket(carrier, sleeper)
  }

  /** What follows the promise runs in the async context of now. */
  private static ticket(carrier: Carrier, sleeper: Sleeper): Carrier {
    sleeper.carrier = carrier
    void carrier.promise.then(serve)
    return carrier
  }

  /** Wakes a sleeper, in its own context, once promises get to run. */
  static rouse(sleeper: Sleeper): void {
    sleeper.sleepsIn = rousing
    const carrier = sleeper.carrier as Carrier
    if (carrier.gone) return
    carrier.gone = true
    carrier.resolve(carrier)
  }

  /** The sleeper is not to be woken any more. */
  static leave(sleeper: Sleeper): void {
    const carrier = sleeper.carrier as Carrier | undefined
    if (carrier !== undefined) carrier.sleepers[sleeper.seat] = undefined
    sleeper.carrier = undefined
    sleeper.sleepsIn = undefined
  }

  /** Called once for each who boarded, in their order, each time in the context of that one. */
  serve(): void {
    const sleeper = this.sleepers[this.served++]
    if (sleeper === undefined) return
    if (sleeper.sleepsIn !== rousing) {
      Carrier.board(undefined, sleeper)
      return
    }
    Carrier.leave(sleeper)
    try {
      sleeper.wake()
    } catch (cause) {
      sleeper.context.call.crash(cause)
    }
  }
}
