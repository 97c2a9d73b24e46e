/**
 * What a circuit remembers, as data that outlives the process.
 *
 * @since 0.1.0
 */
import type { Millis } from '../../Duration'
import type { Problem } from '../../Problem'
import * as Rule from '../../Rule'
import { remembers } from '../../schedule/Remembered'
import * as Trip from '../../trip/Model'
import { type Circuit, moved, type Rules } from './Circuit'

/**
 * What a circuit remembered at a time, on the wall clock: plain data that JSON can carry.
 *
 * @category model
 * @since 0.1.0
 */
export interface CircuitSnapshot {
  readonly _tag: 'CircuitSnapshot'
  /** When it was taken, in ms since 1970; the times in it are on the same clock. */
  readonly savedAt: Millis
  /** What the breaker remembers; its form is the breaker's own business. */
  readonly circuit: { readonly [key: string]: unknown }
}

/**
 * Takes a snapshot.
 *
 * @internal
 */
export const take = (rules: Rules, circuit: Circuit, now: Millis, wallClock: Millis): CircuitSnapshot => ({
  _tag: 'CircuitSnapshot',
  savedAt: wallClock,
  circuit: copied(moved(rules, circuit, wallClock - now)) as CircuitSnapshot['circuit']
})

/**
 * What a snapshot remembers, on the clock of now; or what is wrong with it.
 *
 * @internal
 */
export const read = (rules: Rules, snapshot: unknown, now: Millis, wallClock: Millis): Circuit | Problem => {
  const copy = copied(snapshot)
  if (!Trip.isRecord(copy) || copy['_tag'] !== 'CircuitSnapshot' || !isTime(copy['savedAt'])) {
    return { path: 'snapshot', value: snapshot, allowed: 'a CircuitSnapshot' }
  }
  const { savedAt, circuit } = copy
  if (!holds(rules)(circuit)) {
    return { path: 'snapshot.circuit', value: circuit, allowed: 'what a breaker with the same trip remembered' }
  }
  // where the wall clock has been set back, no time has passed
  const age = Math.max(0, wallClock - savedAt)
  return moved(rules, circuit, now - age - savedAt)
}

/** It is read once: what is done to it later, or throws when it is looked at, is not in what is remembered. */
const copied = (u: unknown): unknown => {
  try {
    return JSON.parse(JSON.stringify(u, ifCarried))
  } catch {
    return undefined
  }
}

/** What JSON cannot carry is not there, rather than `null`, which may mean something. */
const ifCarried = (_name: string, value: unknown): unknown =>
  typeof value === 'number' && !Number.isFinite(value) ? undefined : value

/**
 * Whether a value is a circuit that these rules could have made.
 *
 * @internal
 */
export const holds =
  (rules: Rules) =>
  (u: unknown): u is Circuit => {
    if (!Trip.isRecord(u) || !isGeneration(u['generation'])) return false
    switch (u['_tag']) {
      case 'Closed':
        return Trip.holds(rules.trip, u['trip']) && isRamp(u['ramp'])
      case 'Open':
        return isTime(u['since']) && isTime(u['until']) && isOpenings(rules, u['openings'])
      case 'HalfOpen':
        return (
          isTime(u['since']) &&
          Trip.isCount(u['next']) &&
          Trip.isCount(u['succeeded']) &&
          Trip.isCount(u['failed']) &&
          isOpenings(rules, u['openings']) &&
          Array.isArray(u['probes']) &&
          u['probes'].every((each) => Trip.isRecord(each) && Trip.isCount(each['token']) && isTime(each['until']))
        )
      case 'Isolated':
        return Trip.isCount(u['holds']) && u['holds'] > 0
      case 'Disabled':
        return true
      default:
        return false
    }
  }

const isTime = (u: unknown): u is Millis => typeof u === 'number' && Number.isFinite(u)
const isGeneration = (u: unknown): boolean => Trip.isCount(u) && u > 0
const isRamp = (u: unknown): boolean => u === null || (Trip.isRecord(u) && isTime(u['since']) && isTime(u['credit']))
const isOpenings = ({ openFor }: Rules, u: unknown): boolean =>
  Trip.isRecord(u) &&
  Trip.isCount(u['times']) &&
  Rule.delay.holds(u['last']) &&
  (u['times'] === 0 || remembers(openFor, u['schedule']))
