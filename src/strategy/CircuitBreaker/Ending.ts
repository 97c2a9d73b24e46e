/**
 * What the end of a call makes of a circuit.
 *
 * @since 0.1.0
 */
import type { Millis } from '../../Duration'
import * as Trip from '../../trip/Model'
import { settled } from './Admission'
import {
  changed,
  type Circuit,
  type Closed,
  closed,
  type Fault,
  type HalfOpen,
  isCurrent,
  type Move,
  type Rules,
  type Ticket,
  unmoved,
  unopened
} from './Circuit'
import { opened, type Opening, reopened } from './Opening'

/**
 * Who was let in has come to an end.
 *
 * @internal
 */
export const record = (
  rules: Rules,
  before: Circuit,
  ticket: Ticket,
  outcome: Trip.Outcome,
  opening: Opening
): Move | Fault => {
  // a lease that is over is over, whoever comes late
  const first = ticket.probe === 0 ? unmoved(before) : settled(rules, before, outcome.at, opening.random)
  if (!('circuit' in first)) return first
  const { circuit } = first
  if (!isCurrent(circuit, ticket)) return first
  return circuit._tag === 'Closed'
    ? seen(rules, circuit, outcome, opening)
    : probed(rules, circuit, ticket, outcome, opening)
}

/** What a trip is told of an outcome: no more than it reads, so that it is told the same however it is asked. */
const told = ({ reads }: Trip.Trip, { failed, at, duration }: Trip.Outcome): Trip.Outcome =>
  reads === 'nothing' ? { failed, at: 0, duration: 0 } : { failed, at, duration }

const seen = (rules: Rules, circuit: Closed, outcome: Trip.Outcome, opening: Opening): Move | Fault => {
  const given = told(rules.trip, outcome)
  const trip = Trip.step(rules.trip, circuit.trip, given)
  if (trip === circuit.trip) return unmoved(circuit)
  const { generation, ramp } = circuit
  const reason = Trip.reason(rules.trip, trip, given.at)
  const next: Closed = { _tag: 'Closed', generation, trip, ramp }
  if (reason === undefined) return unmoved(next)
  const to = opened(rules, generation + 1, outcome.at, unopened, opening)
  return to._tag === 'Fault' ? to : changed(next, to, reason)
}

const probed = (
  rules: Rules,
  circuit: HalfOpen,
  ticket: Ticket,
  outcome: Trip.Outcome,
  opening: Opening
): Move | Fault => {
  // to close for what is as slow as that which opened it would be to open again at once
  const bad = outcome.failed || Trip.isSlow(rules.trip, outcome)
  const probes = circuit.probes.filter(({ token }) => token !== ticket.probe)
  const succeeded = bad ? circuit.succeeded : circuit.succeeded + 1
  const failed = bad ? circuit.failed + 1 : circuit.failed
  const half: HalfOpen = { ...circuit, probes, succeeded, failed }
  if (failed > rules.probes - rules.needed) return reopened(rules, half, outcome.at, { _tag: 'ProbesFailed' }, opening)
  if (succeeded < rules.needed) return unmoved(half)
  return changed(half, closed(rules, half.generation + 1, outcome.at), { _tag: 'ProbesSucceeded' })
}

/**
 * The state after an outcome that leaves it closed, which most do; `undefined` where there is more to it.
 *
 * @internal
 */
export const counted = (
  { trip }: Rules,
  circuit: Circuit,
  generation: number,
  outcome: Trip.Outcome
): Closed | undefined => {
  if (circuit._tag !== 'Closed') return undefined
  if (circuit.generation !== generation) return circuit
  const next = Trip.step(trip, circuit.trip, outcome)
  if (next === circuit.trip) return circuit
  return Trip.reason(trip, next, outcome.at) === undefined
    ? { _tag: 'Closed', generation, trip: next, ramp: circuit.ramp }
    : undefined
}

/**
 * Who was let in has come to an end that says nothing: a probe gives its place back, unless its lease was over before.
 *
 * @internal
 */
export const release = (
  rules: Rules,
  before: Circuit,
  { generation, probe }: Ticket,
  now: Millis,
  random: Opening['random']
): Move | Fault => {
  const first = settled(rules, before, now, random)
  if (!('circuit' in first)) return first
  const { circuit, changes } = first
  if (circuit._tag !== 'HalfOpen' || circuit.generation !== generation) return first
  const probes = circuit.probes.filter(({ token }) => token !== probe)
  return { circuit: { ...circuit, probes }, verdict: undefined, changes }
}
