/**
 * What the clock makes of a circuit, and who is let in.
 *
 * @since 0.1.0
 */
import type { Millis } from '../../Duration'
import type { CircuitOpen } from '../../Rejection'
import {
  type Change,
  type Circuit,
  type Closed,
  type Fault,
  type HalfOpen,
  type Move,
  moved,
  noChange,
  type Rules,
  type Ticket,
  unmoved
} from './Circuit'
import { byClock, type Opening, reopened } from './Opening'

/**
 * What becomes of one who asks to be let in.
 *
 * @internal
 */
export type Verdict =
  | { readonly _tag: 'Pass'; readonly ticket: Ticket }
  | { readonly _tag: 'Refuse'; readonly reason: CircuitOpen['reason']; readonly retryAfter: Millis }

/**
 * The state as the clock has it: probes whose lease is over have failed, and half-open may have taken too long.
 *
 * @internal
 */
export const settled = (rules: Rules, before: Circuit, now: Millis, random: Opening['random']): Move | Fault => {
  const circuit = unwound(rules, before, now)
  if (circuit._tag !== 'HalfOpen') return unmoved(circuit)
  const ends = circuit.since + rules.halfOpenFor
  const lapsed = circuit.probes.filter(({ until }) => until <= now && until <= ends)
  // the lease that decides is the first with which too many have failed
  const spare = rules.probes - rules.needed - circuit.failed
  const deciding = lapsed.map(({ until }) => until).sort((a, b) => a - b)[spare]
  if (deciding !== undefined) return reopened(rules, circuit, deciding, { _tag: 'LeaseExpired' }, byClock(random))
  if (ends <= now) return reopened(rules, circuit, ends, { _tag: 'HalfOpenTooLong' }, byClock(random))
  if (lapsed.length === 0) return unmoved(circuit)
  const probes = circuit.probes.filter((probe) => !lapsed.includes(probe))
  return unmoved({ ...circuit, probes, failed: circuit.failed + lapsed.length })
}

/** A clock that was set back behind the beginning of a state is not held against it: it has begun now. */
const unwound = (rules: Rules, circuit: Circuit, now: Millis): Circuit => {
  switch (circuit._tag) {
    case 'Open':
    case 'HalfOpen':
      return circuit.since > now ? moved(rules, circuit, now - circuit.since) : circuit
    case 'Closed': {
      const { ramp } = circuit
      return ramp !== null && ramp.since > now ? { ...circuit, ramp: { ...ramp, since: now } } : circuit
    }
    case 'Isolated':
    case 'Disabled':
      return circuit
  }
}

/**
 * When the clock will change what is seen of a circuit that is settled, next; `Infinity` where it will not.
 *
 * @internal
 */
export const nextTurn = (rules: Rules, circuit: Circuit): Millis => {
  switch (circuit._tag) {
    case 'Open':
      return circuit.until
    case 'HalfOpen':
      return endOf(rules, circuit)
    case 'Closed':
      return circuit.ramp === null ? Infinity : circuit.ramp.since + rules.rampOver
    case 'Isolated':
    case 'Disabled':
      return Infinity
  }
}

/** When the first lease is over, or all of it. */
const endOf = (rules: Rules, { since, probes }: HalfOpen): Millis =>
  Math.min(since + rules.halfOpenFor, ...probes.map(({ until }) => until))

/**
 * The share of calls that is let in, from 0 to 1.
 *
 * @internal
 */
export const shareOf = ({ rampOver, rampFrom }: Rules, circuit: Circuit, now: Millis): number => {
  if (circuit._tag === 'Disabled') return 1
  if (circuit._tag !== 'Closed') return 0
  const { ramp } = circuit
  if (ramp === null || now - ramp.since >= rampOver) return 1
  return Math.min(1, rampFrom + (1 - rampFrom) * (Math.max(0, now - ramp.since) / rampOver))
}

/**
 * Asks to be let in.
 *
 * @internal
 */
export const admit = (rules: Rules, before: Circuit, now: Millis, random: Opening['random']): Move<Verdict> | Fault => {
  const first = settled(rules, before, now, random)
  if (!('circuit' in first)) return first
  const { circuit, changes } = first
  switch (circuit._tag) {
    case 'Closed':
      return ramped(rules, circuit, now)
    case 'Disabled':
      return { circuit, verdict: pass(circuit.generation, 0), changes }
    case 'Isolated':
      return { circuit, verdict: refuse('isolated', Infinity), changes }
    case 'Open': {
      if (now < circuit.until) return { circuit, verdict: refuse('open', circuit.until - now), changes }
      const { generation, openings } = circuit
      const to: HalfOpen = {
        _tag: 'HalfOpen',
        generation: generation + 1,
        since: now,
        probes: [],
        next: 1,
        succeeded: 0,
        failed: 0,
        openings
      }
      return probing(rules, to, now, [...changes, { from: circuit, to, reason: { _tag: 'OpenTimeOver' } }])
    }
    case 'HalfOpen':
      return probing(rules, circuit, now, changes)
  }
}

/** Each who asks brings a share of a call, and a whole one lets the next in: the share is kept to the call, without chance. */
const ramped = (rules: Rules, circuit: Closed, now: Millis): Move<Verdict> => {
  const { generation, ramp } = circuit
  const share = shareOf(rules, circuit, now)
  if (ramp === null || share === 1) {
    return { circuit: { ...circuit, ramp: null }, verdict: pass(generation, 0), changes: noChange }
  }
  const credit = ramp.credit + share
  const isIn = credit >= 1
  return {
    circuit: { ...circuit, ramp: { since: ramp.since, credit: isIn ? Math.min(credit - 1, 1) : credit } },
    verdict: isIn ? pass(generation, 0) : refuse('ramp', 0),
    changes: noChange
  }
}

const probing = (rules: Rules, circuit: HalfOpen, now: Millis, changes: ReadonlyArray<Change>): Move<Verdict> => {
  const { probes, succeeded, failed, next, generation } = circuit
  if (probes.length + succeeded + failed >= rules.probes) {
    // one of them may end at any moment
    return { circuit, verdict: refuse('half-open', 0), changes }
  }
  return {
    circuit: { ...circuit, next: next + 1, probes: [...probes, { token: next, until: now + rules.lease }] },
    verdict: pass(generation, next),
    changes
  }
}

const pass = (generation: number, probe: number): Verdict => ({ _tag: 'Pass', ticket: { generation, probe } })
const refuse = (reason: CircuitOpen['reason'], retryAfter: Millis): Verdict => ({ _tag: 'Refuse', reason, retryAfter })
