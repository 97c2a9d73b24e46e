/**
 * Waiting, for any number of sleepers, on few timers of the platform's.
 *
 * Sleepers of one length wait in one list, first in, first out, with one timer for the first of them; so to fall asleep and to
 * be called off cost a few links, and make no object. A list that has become empty keeps its timer until the event loop's
 * next turn, when it is given back: calls that follow at once find it armed.
 *
 * Each sleeper is woken in the async context in which it fell asleep. A wait longer than a platform timer can hold is split.
 *
 * @since 0.1.0
 */
import { maxTimer, type Millis } from '../Duration'
import type { Sleeper, Waiting } from '../Protocol'
import type { Clock, Timer } from '../Runtime'
import { Carrier } from './Carrier'

const waitings: { readonly alive: WeakMap<Clock, Timers>; readonly background: WeakMap<Clock, Timers> } = {
  alive: /*#__PURE__*/ new WeakMap<Clock, Timers>(),
  background: /*#__PURE__*/ new WeakMap<Clock, Timers>()
}

/**
 * The waiting of a clock, shared by all runners on it.
 *
 * @internal
 */
export const waitingOn = (clock: Clock, keepAlive: boolean): Waiting => {
  const known = keepAlive ? waitings.alive : waitings.background
  let timers = known.get(clock)
  if (timers === undefined) known.set(clock, (timers = new Timers(clock, keepAlive)))
  return timers
}

/** Where a sleeper waits that no timer will wake. */
const parked: object = {}

class Timers implements Waiting {
  private readonly lists = new Map<Millis, List>()
  private readonly empty: Array<List> = []
  private latest: List | undefined = undefined
  private sweeping = false

  constructor(
    readonly clock: Clock,
    readonly keepAlive: boolean
  ) {}

  sleep(ms: Millis, sleeper: Sleeper): void {
    // a platform timer counts whole milliseconds and cuts off the rest; to wake early would be worse than late
    const length = Math.ceil(ms)
    this.listOf(length).add(sleeper, this.clock.now())
  }

  turn(sleeper: Sleeper): void {
    const asleep = {}
    sleeper.sleepsIn = asleep
    Carrier.board(undefined, sleeper)
    this.clock.turn(() => {
      // unless it was called off, or is asleep again for another reason
      if (sleeper.sleepsIn === asleep) Carrier.rouse(sleeper)
    })
  }

  park(sleeper: Sleeper): void {
    sleeper.sleepsIn = parked
    // a carrier of its own: who shares one boards another when it leaves, and those who are parked are roused one by one
    Carrier.board(undefined, sleeper)
  }

  rouse(sleeper: Sleeper): void {
    const { sleepsIn } = sleeper
    if (sleepsIn === undefined) return
    this.unlist(sleeper, sleepsIn)
    Carrier.rouse(sleeper)
  }

  cancel(sleeper: Sleeper): void {
    const { sleepsIn } = sleeper
    if (sleepsIn === undefined) return
    this.unlist(sleeper, sleepsIn)
    Carrier.leave(sleeper)
  }

  /** Takes a sleeper off the list that it waits in, if it does. */
  private unlist(sleeper: Sleeper, sleepsIn: object): void {
    if (!(sleepsIn instanceof List)) return
    sleepsIn.remove(sleeper)
    if (sleepsIn.first === undefined) this.sweepLater(sleepsIn)
  }

  private listOf(length: Millis): List {
    // the length asked for last is mostly the one asked for again
    if (this.latest?.length === length) return this.latest
    let list = this.lists.get(length)
    if (list === undefined) this.lists.set(length, (list = new List(length, this)))
    this.latest = list
    return list
  }

  sweepLater(list: List): void {
    if (list.idle) return
    list.idle = true
    this.empty.push(list)
    if (this.sweeping) return
    this.sweeping = true
    this.clock.turn(() => {
      this.sweeping = false
      for (const list of this.empty.splice(0)) {
        list.idle = false
        if (list.first === undefined) {
          list.disarm()
          this.lists.delete(list.length)
          if (this.latest === list) this.latest = undefined
        }
      }
    })
  }
}

/** The sleepers of one length, the first to wake first. */
class List {
  first: Sleeper | undefined = undefined
  /** Whether it was found empty, and is to be given back if it still is at the next turn. */
  idle = false
  private last: Sleeper | undefined = undefined
  private timer: Timer | undefined = undefined
  private carrier: Carrier | undefined = undefined

  constructor(
    readonly length: Millis,
    private readonly timers: Timers
  ) {}

  add(sleeper: Sleeper, now: Millis): void {
    sleeper.dueAt = now + this.length
    sleeper.sleepsIn = this
    sleeper.sleepsBefore = this.last
    if (this.last === undefined) this.first = sleeper
    else this.last.sleepsAfter = sleeper
    this.last = sleeper
    this.carrier = Carrier.board(this.carrier, sleeper)
    if (this.timer === undefined) this.arm(this.length)
  }

  remove(sleeper: Sleeper): void {
    const { sleepsBefore, sleepsAfter } = sleeper
    if (sleepsBefore === undefined) this.first = sleepsAfter
    else sleepsBefore.sleepsAfter = sleepsAfter
    if (sleepsAfter === undefined) this.last = sleepsBefore
    else sleepsAfter.sleepsBefore = sleepsBefore
    sleeper.sleepsBefore = sleeper.sleepsAfter = undefined
  }

  disarm(): void {
    this.timer?.cancel()
    this.timer = undefined
  }

  private arm(ms: Millis): void {
    const part = Math.min(Math.max(Math.ceil(ms), 0), maxTimer)
    this.timer = this.timers.clock.timer(part, this.fire, this.timers.keepAlive)
  }

  private readonly fire = (): void => {
    this.timer = undefined
    if (this.first === undefined) return
    const now = this.timers.clock.now()
    // platform timers may fire up to a millisecond before the monotonic clock gets there
    let first: Sleeper | undefined = this.first
    while (first !== undefined && first.dueAt - now < 1) {
      const { sleepsAfter }: Sleeper = first
      this.remove(first)
      Carrier.rouse(first)
      first = sleepsAfter
    }
    if (first === undefined) this.timers.sweepLater(this)
    else this.arm(first.dueAt - now)
  }
}
