/**
 * How a bulkhead comes by its permits that shares them by name: it holds as many as it uses, on a lease from a store.
 *
 * What runs and who waits is the bulkhead's own business, here as elsewhere; only the number of its permits is another from
 * time to time. One question at a time is asked of the store, for all who came meanwhile.
 *
 * @since 0.1.0
 */
import { Cell, type Shelf, storeFailed, unattended } from '../../Cell'
import type { Millis } from '../../Duration'
import { type Context, type Services, Sleeper } from '../../Protocol'
import { claimed, type Granted, type Holders, resized } from './Holders'
import * as Permits from './Permits'

/**
 * The bulkhead that holds permits on a lease.
 *
 * @internal
 */
export interface Tenant {
  readonly state: Permits.Permits
  readonly services: Services
  /** How many may wait. */
  readonly queueLength: number
  /** Hands on what is free. */
  readonly next: () => void
}

/**
 * Who has joined the queue before it is known whether there is room.
 *
 * @internal
 */
export interface Newcomer {
  readonly context: Context
  /** Whether it still waits. */
  readonly waits: boolean
  /** Refuses it, if it still waits; says whether it did. */
  readonly turnAway: () => boolean
}

/**
 * The permits that a bulkhead holds.
 *
 * @internal
 */
export class Lease extends Sleeper {
  readonly context: Context = unattended
  /** How many there are, of all who share them. */
  permits: number
  private readonly cell: Cell<Holders>
  private readonly holder: string
  private asking = false
  private again = false
  /** How many the store holds for it, where it said so only when nobody waited for that any more. */
  private late: number | undefined = undefined
  /** Who came since the store was asked last; some of them may find neither a permit nor room. */
  private newcomers: Array<Newcomer> = []

  constructor(
    private readonly bulkhead: Tenant,
    private readonly shelf: Shelf<Holders>,
    private readonly lease: Millis
  ) {
    super()
    this.cell = new Cell(shelf.initial, shelf)
    this.permits = shelf.initial.permits
    this.holder = shelf.owner
  }

  /** Somebody has joined the queue. */
  joined(newcomer: Newcomer): void {
    this.newcomers.push(newcomer)
    this.ask()
  }

  /** Permits may have become free: those that nobody here has a use for are given back. */
  freed(): void {
    const { active, queued, permits } = this.bulkhead.state
    if (active + queued < permits) this.ask()
  }

  /** Looks how many permits there are; where the store answers later, who asks again sees it. */
  look(): void {
    this.cell.change(this.bulkhead.services, (holders) => ({ state: holders, result: holders.permits }), {
      context: undefined,
      changed: (permits, home) => {
        if (home) this.permits = permits
      },
      late: nothing,
      trouble: nothing
    })
  }

  /** There are so many permits from now on, for all who share them. */
  resize(permits: number): void {
    const { services } = this.bulkhead
    this.permits = permits
    this.cell.change(services, (holders) => resized(holders, permits), {
      context: unattended,
      changed: () => {
        this.ask()
      },
      late: (_result, take) => {
        take()
      },
      trouble: (cause) => {
        storeFailed(services, this.shelf.name, cause)
      }
    })
  }

  wake(): void {
    const { permits, queued } = this.bulkhead.state
    if (permits + queued > 0 || this.isOff()) this.ask()
  }

  private now(): Millis {
    const { store, now, wallClock } = this.bulkhead.services
    return store?.port.clock === 'wall' ? wallClock() : now()
  }

  /** Asks the store for as many permits as there is a use for. */
  private ask(): void {
    if (this.asking) {
      this.again = true
      return
    }
    const { bulkhead } = this
    const { state, services } = bulkhead
    const wanted = state.active + state.queued
    const held = Math.min(state.permits, wanted)
    // what nobody here has a use for is not handed on any more, before the store says so to others
    Permits.resized(state, held)
    const now = this.now()
    const newcomers = this.newcomers.splice(0)
    this.asking = true
    this.late = undefined
    services.waiting.cancel(this)
    this.cell.change(services, (holders) => claimed(holders, this.holder, held, wanted, now, this.lease), {
      context: unattended,
      changed: (granted, home) => {
        if (home) this.late = undefined
        this.answered(granted, newcomers)
      },
      late: ({ held: kept }, take) => {
        if (!take()) return
        this.late = kept
        this.rest()
      },
      trouble: (cause) => {
        const { layer } = services
        const { name } = this.shelf
        for (const { context } of newcomers) {
          if (context.call.observed) context.call.emit({ _tag: 'StoreFailed', layer, name, cause })
        }
      }
    })
  }

  private answered({ held, permits }: Granted, newcomers: ReadonlyArray<Newcomer>): void {
    const { bulkhead } = this
    const { state } = bulkhead
    this.asking = false
    this.permits = permits
    // of what it held, some may have been given back meanwhile
    Permits.resized(state, held)
    bulkhead.next()
    // who came last is the first to go, where there is no room for all; who came since the store was asked is not meant
    const others = this.newcomers.filter(({ waits }) => waits).length
    let tooMany = state.queued - others - bulkhead.queueLength
    for (const newcomer of newcomers.slice().reverse()) {
      if (tooMany > 0 && newcomer.turnAway()) tooMany--
    }
    if (this.again) {
      this.again = false
      this.ask()
    } else {
      this.freed()
      this.rest()
    }
  }

  /** Whether the store was found to hold for it what it does not hold. */
  private isOff(): boolean {
    return this.late !== undefined && this.late !== this.bulkhead.state.permits
  }

  /**
   * Asks again after a while: whether others have given something back, to renew its lease, or to put right what the store holds;
   * where it is too slow for anybody to wait for it, that is not hurried.
   */
  private rest(): void {
    if (this.asking) return
    const { state, services } = this.bulkhead
    const { recheck, patience } = this.shelf.store.port
    const ms = Math.min(
      state.queued > 0 ? recheck : Infinity,
      state.queued + state.permits > 0 ? this.lease / 3 : Infinity,
      this.isOff() ? Math.max(recheck, patience) : Infinity
    )
    services.waiting.cancel(this)
    if (ms < Infinity) services.waiting.sleep(ms, this)
  }
}

const nothing = (): undefined => undefined
