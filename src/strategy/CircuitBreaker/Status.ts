/**
 * How a circuit stands.
 *
 * @since 0.1.0
 */
import type { CircuitState } from '../../CircuitReason'
import type { Millis } from '../../Duration'
import * as Admission from './Admission'
import { type Breaker, stateOf } from './Breaker'
import type { Circuit } from './Circuit'
import type { Seat } from './Seats'

/**
 * How a circuit stands, as a call would find it now.
 *
 * @category model
 * @since 0.1.0
 */
export interface CircuitStatus {
  readonly state: CircuitState
  /** Grows by one with each change of state. */
  readonly generation: number
  /** The share of calls that is let in, from 0 to 1: less than 1 while a closed circuit ramps up. */
  readonly share: number
  /** While it is open: milliseconds until it lets probes in; 0 otherwise, and `Infinity` while it is isolated. */
  readonly retryAfter: Millis
  /** Of a half-open circuit, how many probes are on their way, have succeeded, have failed. */
  readonly probes: { readonly running: number; readonly succeeded: number; readonly failed: number }
  /** How often it has opened since it was last closed. */
  readonly openings: number
  /** How many hold it by hand. */
  readonly holds: number
}

/**
 * How a circuit stands now.
 *
 * @internal
 */
export const statusOf = (breaker: Breaker, seat: Seat): CircuitStatus => {
  const { rules } = breaker
  const circuit = breaker.asOfNow(seat)
  const now = breaker.now()
  const { _tag, generation } = circuit
  const isDue = _tag === 'Open' && circuit.until <= now
  const half = _tag === 'HalfOpen' ? circuit : undefined
  return {
    state: isDue ? 'half-open' : stateOf[_tag],
    generation,
    share: Admission.shareOf(rules, circuit, now),
    retryAfter: _tag === 'Isolated' ? Infinity : _tag === 'Open' ? Math.max(0, circuit.until - now) : 0,
    probes: { running: half?.probes.length ?? 0, succeeded: half?.succeeded ?? 0, failed: half?.failed ?? 0 },
    openings: 'openings' in circuit ? circuit.openings.times : 0,
    holds: _tag === 'Isolated' ? circuit.holds : 0
  }
}

/**
 * What of a circuit its status and its next turn go by, but for the time: as long as this is the same, only the clock changes
 * what is seen.
 *
 * @internal
 */
export const standing = (circuit: Circuit): string => {
  const { _tag, generation } = circuit
  return [_tag, generation, ...partsOf(circuit)].join(' ')
}

const partsOf = (circuit: Circuit): ReadonlyArray<Millis | undefined> => {
  switch (circuit._tag) {
    case 'Closed':
      return [circuit.ramp?.since]
    case 'Open':
      return [circuit.until, circuit.openings.times]
    case 'HalfOpen':
      return [circuit.next, circuit.probes.length, circuit.succeeded, circuit.failed, circuit.openings.times]
    case 'Isolated':
      return [circuit.holds]
    case 'Disabled':
      return []
  }
}
