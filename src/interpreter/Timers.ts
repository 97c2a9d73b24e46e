/**
 * Waiting, for any number of sleepers, on few timers of the platform's.
 *
 * Sleepers of one length wait in one list, first in, first out, with one timer for the first of them. The list is one of
 * carriers: those who are due at the same millisecond share one, which holds their date and their async contexts; so to fall
 * asleep and to be called off make no object of their own. A list that has become empty keeps its timer until the event loop's
 * next turn, when it is given back: calls that follow at once find it armed.
 *
 * Who is due between two milliseconds is due at the later one, and nobody is woken before: late is better than early. Each sleeper is woken in the async
 * context in which it fell asleep. A wait longer than a platform timer can hold is split.
 *
 * @since 0.1.0
 */
import { maxTimer, type Millis } from '../Duration'
import type { Sleeper, Waiting } from '../Protocol'
import type { Clock, Timer } from '../Runtime'
import { Carrier, type Station } from './Carrier'

/** What floating point may add to a sum of times is no time, in ms. */
const nothing = 1e-6

const alive = /*#__PURE__*/ new WeakMap<Clock, Timers>()
const background = /*#__PURE__*/ new WeakMap<Clock, Timers>()

/**
 * The waiting of a clock, shared by all runners on it.
 *
 * @internal
 */
export const waitingOn = (clock: Clock, keepAlive: boolean): Waiting => {
  const known = keepAlive ? alive : background
  let timers = known.get(clock)
  if (!timers) known.set(clock, (timers = new Timers(clock, keepAlive)))
  return timers
}

class Timers implements Waiting {
  private readonly lists = new Map<Millis, List>()
  private latest: List | undefined = undefined

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
    const carrier = this.park(sleeper)
    // nobody wakes, if it was called off
    this.clock.turn(() => {
      carrier.arrive()
    })
  }

  park(sleeper: Sleeper): Carrier {
    const carrier = new Carrier(undefined, 0, 1)
    carrier.board(sleeper)
    return carrier
  }

  rouse(sleeper: Sleeper): void {
    ;(sleeper.carrier as Carrier | undefined)?.rouse(sleeper)
  }

  cancel(sleeper: Sleeper): void {
    ;(sleeper.carrier as Carrier | undefined)?.leave(sleeper)
  }

  private listOf(length: Millis): List {
    // the length asked for last is mostly the one asked for again
    if (this.latest?.length === length) return this.latest
    let list = this.lists.get(length)
    if (!list) this.lists.set(length, (list = new List(length, this)))
    this.latest = list
    return list
  }

  drop(list: List): void {
    this.lists.delete(list.length)
    if (this.latest === list) this.latest = undefined
  }
}

/** The sleepers of one length, by carriers: the first to be due first, with all who are due at the same millisecond. */
class List implements Station {
  /** How many sleep. */
  asleep = 0
  /** Whether it was found empty, and is to be given back if it still is at the next turn. */
  private idle = false
  private first: Carrier | undefined = undefined
  /** It may be empty: those who fall asleep at once find its seats. */
  private last: Carrier | undefined = undefined
  private timer: Timer | undefined = undefined

  constructor(
    readonly length: Millis,
    private readonly timers: Timers
  ) {}

  add(sleeper: Sleeper, now: Millis): void {
    const dueAt = Math.ceil(now) + this.length
    let carrier = this.last
    if (carrier?.dueAt !== dueAt || !carrier.boards) {
      if (carrier?.aboard === 0) this.remove(carrier)
      carrier = this.insert(new Carrier(this, dueAt), this.last)
    }
    this.asleep++
    carrier.board(sleeper)
    if (!this.timer) this.arm(this.length)
  }

  left(carrier: Carrier): void {
    this.asleep--
    if (carrier.aboard === 0 && carrier !== this.last) this.remove(carrier)
    if (this.asleep === 0) this.sweepLater()
  }

  move(sleeper: Sleeper, from: Carrier): Carrier {
    // right behind it, so that those who fell asleep first are woken first; one that has become empty is in the list no more
    const { heir = from } = from
    const before = heir.aboard > 0 ? heir : from
    from.heir = before.boards ? before : this.insert(new Carrier(this, from.dueAt), before)
    this.asleep++
    from.leave(sleeper)
    from.heir.board(sleeper)
    return from.heir
  }

  private sweepLater(): void {
    if (this.idle) return
    this.idle = true
    this.timers.clock.turn(() => {
      this.idle = false
      if (this.asleep > 0) return
      this.timer?.cancel()
      this.timer = undefined
      this.timers.drop(this)
    })
  }

  private insert(carrier: Carrier, before: Carrier | undefined): Carrier {
    const after = before?.after
    carrier.before = before
    carrier.after = after
    if (before) before.after = carrier
    else this.first = carrier
    if (after) after.before = carrier
    else this.last = carrier
    return carrier
  }

  private remove(carrier: Carrier): void {
    const { before, after } = carrier
    if (before) before.after = after
    else this.first = after
    if (after) after.before = before
    else this.last = before
    carrier.before = carrier.after = undefined
  }

  /** Never for less than 0: what is due has been taken out before. */
  private arm(ms: Millis): void {
    this.timer = this.timers.clock.timer(Math.min(Math.ceil(ms), maxTimer), this.fire, this.timers.keepAlive)
  }

  private readonly fire = (): void => {
    this.timer = undefined
    const now = this.timers.clock.now()
    // platform timers may fire up to a millisecond before the monotonic clock gets there: then it takes another
    for (let { first } = this; first && first.dueAt - now < nothing; first = this.first) {
      this.remove(first)
      this.asleep -= first.aboard
      first.arrive()
    }
    if (this.asleep === 0) this.sweepLater()
    else if (this.first) this.arm(this.first.dueAt - now)
  }
}
