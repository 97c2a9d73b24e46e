/**
 * What a circuit breaker remembers, as plain data that JSON can carry, and how its states follow each other. It is a pure state
 * machine: time is what it is told, and nothing in here waits for it; what is over by the clock is found when somebody asks.
 *
 * ```
 *              the trip says "enough"                    time is over
 *   Closed ───────────────────────────▶ Open ───────────────────────────▶ HalfOpen
 *     ▲ (ramp)                            ▲                                 │  │
 *     │                                   └────── probes failed, lapsed ────┘  │
 *     └────────────────────── enough probes have succeeded ────────────────────┘
 * ```
 *
 * Each change of state begins a new generation. A result that was let in during another one moves nothing.
 *
 * | file | what |
 * |---|---|
 * | this one | the states |
 * | `Admission` | what the clock makes of them, and who is let in |
 * | `Ending` | what the end of a call makes of them |
 * | `Opening` | how long it stays open |
 * | `ByHand` | what is done by hand |
 *
 * @since 0.1.0
 */
import type { CircuitReason } from '../../CircuitReason'
import type { Millis } from '../../Duration'
import * as Schedule from '../../schedule/Model'
import * as Trip from '../../trip/Model'

/**
 * What a breaker remembers.
 *
 * @internal
 */
export type Circuit = Closed | Open | HalfOpen | Isolated | Disabled

/**
 * Calls are let in; while it ramps up, a growing share of them.
 *
 * @internal
 */
export interface Closed {
  readonly _tag: 'Closed'
  readonly generation: number
  readonly trip: Trip.State
  readonly ramp: Ramp | null
}

/** Since when a share is let in, and how much of a call has been saved up: at 1 the next is let in. */
interface Ramp {
  readonly since: Millis
  readonly credit: number
}

/**
 * Calls are refused until a time.
 *
 * @internal
 */
export interface Open {
  readonly _tag: 'Open'
  readonly generation: number
  readonly since: Millis
  readonly until: Millis
  readonly openings: Openings
}

/**
 * How often it has opened since it was last closed, and what the schedule of that remembers; not once where it was opened by
 * hand.
 *
 * @internal
 */
export interface Openings {
  readonly times: number
  readonly schedule: Schedule.State
  /** The delay that the schedule gave last, in ms; one that has come to an end goes on giving it. */
  readonly last: Millis
}

/**
 * A few calls are let in as probes; their ends decide.
 *
 * @internal
 */
export interface HalfOpen {
  readonly _tag: 'HalfOpen'
  readonly generation: number
  readonly since: Millis
  readonly probes: ReadonlyArray<Probe>
  /** The token of the next probe. */
  readonly next: number
  readonly succeeded: number
  readonly failed: number
  readonly openings: Openings
}

/** A probe on its way, and until when it may take. */
interface Probe {
  readonly token: number
  readonly until: Millis
}

/** Calls are refused until as many have let go as have taken hold. */
interface Isolated {
  readonly _tag: 'Isolated'
  readonly generation: number
  readonly holds: number
}

/** Calls are let in, whatever becomes of them. */
interface Disabled {
  readonly _tag: 'Disabled'
  readonly generation: number
}

/**
 * What a breaker goes by.
 *
 * @internal
 */
export interface Rules {
  readonly trip: Trip.Trip
  /** What the trip remembers before the first outcome. It is asked only once, as a trip of the user's may throw. */
  readonly untouched: Trip.State
  readonly openFor: Schedule.Schedule<never>
  /** The longest that it stays open at a time, whatever the schedule or the server says. */
  readonly maxOpenFor: Millis
  readonly probes: number
  /** How many of the probes must succeed. */
  readonly needed: number
  readonly lease: Millis
  readonly halfOpenFor: Millis
  readonly rampOver: Millis
  readonly rampFrom: number
}

/**
 * What lets a call in: the generation in which it was, and the token of a probe, or 0.
 *
 * @internal
 */
export interface Ticket {
  readonly generation: number
  readonly probe: number
}

/**
 * What was asked of a circuit has made of it; with a verdict, where one was asked for, and why its state changed, where it did.
 *
 * @internal
 */
export interface Move<V = undefined> {
  readonly circuit: Circuit
  readonly verdict: V
  readonly changes: ReadonlyArray<Change>
}

/**
 * One change of state.
 *
 * @internal
 */
export interface Change {
  readonly from: Circuit
  readonly to: Circuit
  readonly reason: CircuitReason
}

/**
 * What a function of the user's did in the middle of a change, which is then not made: a trip, a schedule of openings, or what
 * the server asks.
 *
 * @internal
 */
export interface Fault {
  readonly _tag: 'Fault'
  readonly kind: 'Thrown' | 'Malformed'
  /** Which setting it was, as paths have it. */
  readonly at: string
  readonly cause: unknown
}

/**
 * A circuit that is as it was, or has changed without a change of state.
 *
 * @internal
 */
export const unmoved = (circuit: Circuit): Move => ({ circuit, verdict: undefined, changes: noChange })

/** @internal */
export const noChange: ReadonlyArray<Change> = []

/**
 * A circuit that has changed its state.
 *
 * @internal
 */
export const changed = (from: Circuit, to: Circuit, reason: CircuitReason): Move => ({
  circuit: to,
  verdict: undefined,
  changes: [{ from, to, reason }]
})

/**
 * Closed, and nothing has been seen yet.
 *
 * @internal
 */
export const initial = ({ untouched }: Rules): Closed => ({
  _tag: 'Closed',
  generation: 1,
  trip: untouched,
  ramp: null
})

/**
 * The same, under a name that no other has: its generations are no other's.
 *
 * @internal
 */
export const anew = (rules: Rules, name: string): Closed => ({ ...initial(rules), generation: 1 + 1024 * digest(name) })

/** 32 bits of a text (FNV-1a). */
const digest = (text: string): number => {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return hash >>> 0
}

/**
 * Closed from now on; with a ramp, if there is to be one.
 *
 * @internal
 */
export const closed = ({ untouched, rampOver }: Rules, generation: number, since: Millis): Closed => ({
  _tag: 'Closed',
  generation,
  trip: untouched,
  // the first is let in at once
  ramp: rampOver > 0 ? { since, credit: 1 } : null
})

/**
 * Never opened since it was last closed.
 *
 * @internal
 */
export const unopened: Openings = { times: 0, schedule: null, last: 0 }

/**
 * Whether a call is let in without a question, and no clock need be read.
 *
 * @internal
 */
export const isWide = (circuit: Circuit): boolean => circuit._tag === 'Closed' && circuit.ramp === null

/**
 * Whether the result of one who was let in with this ticket can still move anything.
 *
 * @internal
 */
export const isCurrent = (circuit: Circuit, { generation, probe }: Ticket): circuit is Closed | HalfOpen =>
  circuit.generation === generation &&
  (circuit._tag === 'Closed' || (circuit._tag === 'HalfOpen' && circuit.probes.some(({ token }) => token === probe)))

/**
 * The same state on a clock that is `by` ms ahead.
 *
 * @internal
 */
export const moved = (rules: Rules, circuit: Circuit, by: Millis): Circuit => {
  switch (circuit._tag) {
    case 'Closed': {
      const { ramp } = circuit
      return {
        ...circuit,
        trip: movedTrip(rules, circuit.trip, by),
        ramp: ramp === null ? null : { ...ramp, since: ramp.since + by }
      }
    }
    case 'Open':
      return { ...circuit, since: circuit.since + by, until: circuit.until + by }
    case 'HalfOpen': {
      const probes = circuit.probes.map(({ token, until }) => ({ token, until: until + by }))
      return { ...circuit, since: circuit.since + by, probes }
    }
    case 'Isolated':
    case 'Disabled':
      return circuit
  }
}

/** What a trip of the user's cannot carry over is forgotten. */
const movedTrip = ({ trip, untouched }: Rules, state: Trip.State, by: Millis): Trip.State => {
  try {
    return Trip.moved(trip, state, by)
  } catch {
    return untouched
  }
}
