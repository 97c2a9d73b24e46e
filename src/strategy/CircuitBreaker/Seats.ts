/**
 * The circuits of a breaker: one for all calls, or one for each key, of which only so many are kept.
 *
 * @since 0.1.0
 */
import { Cell, placeIn, type Shelf, type Tenant } from '../../Cell'
import type { Millis } from '../../Duration'
import { type Circuit } from './Circuit'
import { defaultMost, type PerKey } from './Settings'

/**
 * The place of one circuit, linked to those used before and after it. There may be very many of them.
 *
 * @internal
 */
export class Seat extends Cell<Circuit> {
  newer: Seat | undefined = undefined
  older: Seat | undefined = undefined

  constructor(
    circuit: Circuit,
    shelf: Shelf<Circuit> | undefined,
    readonly key: string | undefined,
    public usedAt: Millis
  ) {
    super(circuit, shelf)
  }
}

/**
 * The circuits of a breaker.
 *
 * @internal
 */
export class Seats {
  /** That of all calls without a key. */
  readonly alone: Seat
  private readonly seats = new Map<string, Seat>()
  /** What was looked at in a store, and is used by no call here: it may answer later, and is asked for again. */
  private readonly looked = new Map<string, Seat>()
  private newest: Seat | undefined = undefined
  private oldest: Seat | undefined = undefined
  private readonly most: number
  private readonly idle: Millis
  private made = 0

  constructor(
    private readonly initial: Circuit,
    private readonly shelf: Shelf<Circuit> | undefined,
    { most = defaultMost, idle = Infinity }: PerKey = {},
    /** Whether a circuit may not be dropped. */
    private readonly isKept: (circuit: Circuit) => boolean
  ) {
    this.alone = new Seat(initial, shelf, undefined, 0)
    this.most = most
    this.idle = idle
  }

  /** The keys that have a circuit, the least recently used first. */
  keys(now: Millis): ReadonlyArray<string> {
    this.dropIdle(now)
    const keys: Array<string> = []
    for (let seat = this.oldest; seat !== undefined; seat = seat.newer) keys.push(seat.key as string)
    return keys
  }

  /** The circuit of a key, which is now the one used last; it is made if there is none yet. */
  of(key: string, now: Millis): Seat {
    this.dropIdle(now)
    const known = this.seats.get(key)
    if (known === undefined) {
      this.looked.delete(key)
      this.dropMost(now)
      const seat = this.make(key, now, this.tenant())
      this.seats.set(key, seat)
      this.link(seat)
      return seat
    }
    this.use(known, now)
    return known
  }

  /** The circuit of a key, just to be looked at; where there is none, what one would look like. */
  find(key: string, now: Millis): Seat {
    this.dropIdle(now)
    const known = this.seats.get(key) ?? this.looked.get(key)
    if (known !== undefined) return known
    const seat = this.make(key, now, undefined)
    if (this.shelf !== undefined) {
      const [oldest] = this.looked.keys()
      if (oldest !== undefined && this.looked.size >= this.most) this.looked.delete(oldest)
      this.looked.set(key, seat)
    }
    return seat
  }

  private make(key: string, now: Millis, tenant: Tenant<Circuit> | undefined): Seat {
    const { shelf, initial } = this
    const own = shelf === undefined ? undefined : { ...shelf, name: placeIn(shelf.name, key), tenant }
    return new Seat(initial, own, key, now)
  }

  /** Each seat is a tenant of its own: what is still said for one that was dropped is not taken for its successor's. */
  private tenant(): Tenant<Circuit> | undefined {
    const { shelf, isKept } = this
    if (shelf === undefined) return undefined
    return { name: `${shelf.owner}/${String(++this.made)}`, stays: isKept, gone: false }
  }

  private dropIdle(now: Millis): void {
    if (this.idle === Infinity) return
    this.dropWhile((seat) => now - seat.usedAt >= this.idle, now)
  }

  /** Makes room for one more. */
  private dropMost(now: Millis): void {
    this.dropWhile(() => this.seats.size >= this.most, now)
  }

  /** Drops the least recently used; those that are kept count as used, so that they are not in the way the next time. */
  private dropWhile(isToGo: (seat: Seat) => boolean, now: Millis): void {
    let looked = this.seats.size
    for (let seat = this.oldest; looked > 0 && seat !== undefined && isToGo(seat); looked--) {
      const { newer }: Seat = seat
      if (this.isKept(seat.state)) this.use(seat, now)
      else this.drop(seat)
      seat = newer ?? this.oldest
    }
  }

  private use(seat: Seat, now: Millis): void {
    seat.usedAt = now
    if (seat === this.newest) return
    this.unlink(seat)
    this.link(seat)
  }

  private drop(seat: Seat): void {
    this.unlink(seat)
    this.seats.delete(seat.key as string)
    seat.moveOut()
  }

  private link(seat: Seat): void {
    seat.older = this.newest
    if (this.newest === undefined) this.oldest = seat
    else this.newest.newer = seat
    this.newest = seat
  }

  private unlink(seat: Seat): void {
    const { older, newer } = seat
    if (older === undefined) this.oldest = newer
    else older.newer = newer
    if (newer === undefined) this.newest = older
    else newer.older = older
    seat.older = seat.newer = undefined
  }
}
