/**
 * What all calls of one circuit breaker share: its circuits, and who is told when they change.
 *
 * @since 0.1.0
 */
import { type Changed, shelve, storeFailed, unattended } from '../../Cell'
import type { CircuitState } from '../../CircuitReason'
import type { Millis } from '../../Duration'
import type { Either } from 'fp-ts/Either'
import type { CircuitChanged, Moment } from '../../Event'
import type { Exit } from '../../Exit'
import { notify } from '../../Observer'
import type { Call, Lane, Layer, Services } from '../../Protocol'
import { noInput } from '../../schedule/Model'
import { numbered } from '../../Random'
import type { CircuitOpen } from '../../Rejection'
import { isTotal, type Outcome, tally } from '../../trip/Model'
import * as Admission from './Admission'
import * as Circuit from './Circuit'
import * as Ending from './Ending'
import type { Opening } from './Opening'
import { Seat, Seats } from './Seats'
import { agreement, rulesOf, type Settings } from './Settings'
import { holds } from './Snapshot'

/**
 * A change of a circuit's state, as those see it who watch it.
 *
 * @category model
 * @since 0.1.0
 */
export type CircuitChange = Omit<CircuitChanged, keyof Moment>

type Watcher = (change: CircuitChange) => unknown

/** A change of a circuit: pure, so that it may be made anew on newer data. */
type ChangeOf<V> = (circuit: Circuit.Circuit) => Changed<Circuit.Circuit, Result<V>>

/**
 * What came of a change, or the fault in it.
 *
 * @internal
 */
export type Result<V = undefined> = Circuit.Move<V> | Circuit.Fault

/**
 * The names of the states.
 *
 * @internal
 */
export const stateOf: { readonly [tag in Circuit.Circuit['_tag']]: CircuitState } = {
  Closed: 'closed',
  Open: 'open',
  HalfOpen: 'half-open',
  Isolated: 'isolated',
  Disabled: 'disabled'
}

/**
 * A circuit breaker.
 *
 * @internal
 */
export class Breaker implements Lane {
  readonly rules: Circuit.Rules
  private readonly watchers = new Set<Watcher>()
  /** Changes that are to be told, in their order, to those who watched when they came about; and whether they are being told. */
  private readonly untold: Array<{ readonly change: CircuitChange; readonly watchers: ReadonlyArray<Watcher> }> = []
  private telling = false
  /** Those who wait for a status. */
  private readonly waiters = new Set<() => void>()
  readonly seats: Seats
  /** That of all calls without a key. */
  private readonly alone: Seat
  /** Whether no time need be known of an outcome. */
  private readonly timeless: boolean
  /** A circuit that a success without a time has left as it was, as will the next. */
  private unmoved: Circuit.Circuit | undefined = undefined
  /** A circuit that was made by counting, and that nobody else holds: what comes next may be counted in it. */
  private own: Circuit.Closed | undefined = undefined
  /** A way past it, for a call that needs no frame here; none where there is more to a call than how it ended. */
  readonly lane: Lane | undefined
  /** What a failure means takes a frame to say. */
  readonly mends = true

  constructor(
    readonly settings: Settings,
    readonly services: Services,
    readonly inner: Layer
  ) {
    const rules = rulesOf(settings)
    this.rules = rules
    const initial = Circuit.initial(rules)
    const fresh = (name: string): Circuit.Circuit => Circuit.anew(rules, name)
    const agreed = agreement(settings)
    const shelf = shelve(services, 'circuitBreaker', settings.name, agreed, initial, holds(rules), fresh)
    this.seats = new Seats(initial, shelf, settings.perKey, (circuit) => this.isByHand(circuit))
    this.alone = this.seats.alone
    this.timeless = rules.trip.reads === 'nothing'
    const { isFailedValue, watchOnly } = settings
    const simple = shelf === undefined && settings.perKey === undefined && rules.trip.reads !== 'duration'
    // a success is told to no function of the user's that may throw: by a lane, nobody could answer for it
    const total = isTotal(rules.trip) && !rules.openFor.timed
    this.lane = simple && total && isFailedValue === undefined && watchOnly !== true ? this : undefined
  }

  /** The time on the clock that its states are kept by. */
  now(): Millis {
    const { services } = this
    return services.store?.port.clock === 'wall' && this.settings.name !== undefined
      ? services.wallClock()
      : services.now()
  }

  /** The circuit of a call; only if those of keys may grow old need it be known when. */
  seatOf(call: Call): Seat {
    const { seats, settings, services } = this
    const { perKey } = settings
    if (perKey === undefined || call.key === undefined) return seats.alone
    return seats.of(call.key, perKey.idle === undefined ? 0 : services.now())
  }

  /** Asks to be let in. */
  admit(now: Millis): ChangeOf<Admission.Verdict> {
    const random = this.draws()
    return (circuit) =>
      changed(
        circuit,
        this.guarded(() => Admission.admit(this.rules, circuit, now, random))
      )
  }

  /** Says how a call ended that was let in with this ticket. */
  record(ticket: Circuit.Ticket, outcome: Outcome, error: unknown, asked: Opening['asked']): ChangeOf<undefined> {
    const opening: Opening = { random: this.draws(), error, asked }
    return (circuit) =>
      changed(
        circuit,
        this.guarded(() => Ending.record(this.rules, circuit, ticket, outcome, opening))
      )
  }

  /** Counts an outcome that leaves the circuit closed; says whether it was one. */
  counts(seat: Seat, generation: number, outcome: Outcome): boolean {
    try {
      const { rules, own } = this
      const before = seat.state
      if (before === own && own.generation === generation && tally(rules.trip, own.trip, outcome)) return true
      const next = Ending.counted(rules, before, generation, outcome)
      // a trip of the user's may have changed the circuit meanwhile
      if (next === undefined || seat.state !== before) return false
      // whoever asks for a circuit later is given a copy, or what has been made of it
      if (next !== before) this.own = next
      seat.state = next
      return true
    } catch {
      // a trip of the user's, which throws again where it can be answered
      return false
    }
  }

  /** Gives back the place of a probe that has nothing to say. A fault is met by the next who asks to be let in. */
  release(seat: Seat, ticket: Circuit.Ticket, home: boolean, call: Call | undefined): void {
    if (ticket.probe === 0) return
    const { services } = this
    const now = this.now()
    const random = this.draws()
    const change: ChangeOf<undefined> = (circuit) =>
      changed(circuit, Ending.release(this.rules, circuit, ticket, now, random))
    const told = (result: Result): void => {
      if ('circuit' in result) this.tell(seat, result.changes, call)
    }
    const name = seat.shelf?.name ?? ''
    const trouble = (cause: unknown): void => {
      if (call?.observed === true) call.emit({ _tag: 'StoreFailed', layer: services.layer, name, cause })
      else storeFailed(services, name, cause)
    }
    if (home) seat.change(services, change, { context: unattended, changed: told, late: nothing, trouble })
    else told(seat.here(change))
  }

  /** A circuit as the clock has it now, and so from now on; one in a store that answers later, as it was last seen. */
  asOfNow(seat: Seat): Circuit.Circuit {
    const now = this.now()
    const random = this.draws()
    const change: ChangeOf<undefined> = (circuit) =>
      changed(circuit, Admission.settled(this.rules, circuit, now, random))
    const told = (result: Result): void => {
      if ('circuit' in result) this.tell(seat, result.changes, undefined)
    }
    seat.change(this.services, change, { context: undefined, changed: told, late: nothing, trouble: nothing })
    return change(seat.state).state
  }

  /** Tells of every change of state from now on, until what it gives is called. */
  watch(watcher: Watcher): () => void {
    // the same function may watch twice
    const each: Watcher = (change) => watcher(change)
    this.watchers.add(each)
    return () => {
      this.watchers.delete(each)
    }
  }

  /** Tells whenever a circuit may have come to stand otherwise, in the same state or another, until what it gives is called. */
  attend(waiter: () => void): () => void {
    this.waiters.add(waiter)
    return () => {
      this.waiters.delete(waiter)
    }
  }

  /**
   * Tells those who listen to the call in which it happened, and those who watch. Either may change the circuit again, and those
   * who watch are to hear of all changes in their order: what happened first is queued first, whoever hears of it when.
   */
  tell(seat: Seat, changes: ReadonlyArray<Circuit.Change>, call: Call | undefined): void {
    const all = changes.length === 0 ? noChanges : changes.map((change) => this.seen(seat, change))
    if (this.watchers.size > 0) for (const change of all) this.untold.push({ change, watchers: [...this.watchers] })
    for (const waiter of this.waiters) waiter()
    if (call?.observed === true) for (const change of all) call.emit(change)
    this.tellWatchers()
  }

  private seen({ key }: Seat, { from, to, reason }: Circuit.Change): CircuitChange {
    return {
      _tag: 'CircuitChanged',
      layer: this.services.layer,
      key,
      from: stateOf[from._tag],
      to: stateOf[to._tag],
      reason,
      generation: to.generation
    }
  }

  /** A watcher may change the circuit again: that is told once all have heard of this. */
  private tellWatchers(): void {
    if (this.telling) return
    this.telling = true
    for (let next = this.untold.shift(); next !== undefined; next = this.untold.shift()) {
      for (const watcher of next.watchers) if (this.watchers.has(watcher)) notify(watcher, next.change)
    }
    this.telling = false
  }

  // the lane

  enter(): number | Exit | undefined {
    const circuit = this.alone.state
    return Circuit.isWide(circuit) ? circuit.generation : this.refuses(circuit)
  }

  /** What answers a call as long as the circuit is open. */
  private refuses(circuit: Circuit.Circuit): Exit | undefined {
    if (circuit._tag !== 'Open') return undefined
    const left = circuit.until - this.services.now()
    return left > 0 ? refusal('open', left) : undefined
  }

  leave(generation: number, exit: Exit): void {
    // what is no success says nothing: failures are met by a frame
    if (exit._tag !== 'Right') return
    const { alone } = this
    const before = alone.state
    const isCurrent = generation === before.generation
    if (isCurrent && before === this.unmoved) return
    if (this.counts(alone, generation, this.timeless ? succeeded : this.success())) {
      // what came too late says nothing of what comes in time
      if (isCurrent && this.timeless && alone.state === before) this.unmoved = before
      return
    }
    const result = alone.here(this.record({ generation, probe: 0 }, this.success(), noInput, undefined))
    // with what may have a fault in it there is no lane
    if ('circuit' in result) this.tell(alone, result.changes, undefined)
  }

  private success(): Outcome {
    return { failed: false, at: this.services.now(), duration: 0 }
  }

  /** The numbered draws of one decision. */
  private draws(): Opening['random'] {
    return this.rules.openFor.draws === 0 ? noDraws : numbered(this.services.random)
  }

  /** A trip of the user's may throw. */
  private guarded<V>(f: () => Result<V>): Result<V> {
    try {
      return f()
    } catch (cause) {
      return { _tag: 'Fault', kind: 'Thrown', at: 'trip', cause }
    }
  }

  /** What was done by hand is not to be forgotten, as long as it lasts. */
  private isByHand(circuit: Circuit.Circuit): boolean {
    switch (circuit._tag) {
      case 'Isolated':
      case 'Disabled':
        return true
      case 'Open':
        return circuit.openings.times === 0 && this.now() < circuit.until
      case 'Closed':
      case 'HalfOpen':
        return false
    }
  }
}

/**
 * A success of which no time need be known.
 *
 * @internal
 */
export const succeeded: Outcome = { failed: false, at: 0, duration: 0 }

/**
 * The answer to a call that is not let in.
 *
 * @internal
 */
export const refusal = (
  reason: CircuitOpen['reason'],
  retryAfter: Millis
): Either<CircuitOpen, never> & { readonly _tag: 'Left' } => ({
  _tag: 'Left',
  left: { _tag: 'CircuitOpen', reason, retryAfter }
})

const changed = <V>(circuit: Circuit.Circuit, result: Result<V>): Changed<Circuit.Circuit, Result<V>> => ({
  state: 'circuit' in result ? result.circuit : circuit,
  result
})

const noChanges: ReadonlyArray<CircuitChange> = []
const noDraws = (): number => 0
const nothing = (): undefined => undefined
