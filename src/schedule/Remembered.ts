/**
 * Whether a value, from a snapshot or another process, is something that a schedule can remember.
 *
 * @since 0.1.0
 */
import * as Rule from '../Rule'
import { noInput, type Schedule, type State, step } from './Model'

/**
 * Whether a schedule may have come to remember this. It can then go on from there; no function of the user's is asked.
 *
 * @internal
 */
export const remembers = (schedule: Schedule<never>, u: unknown): u is State => {
  const { form, inner, settings } = schedule
  const [first, second] = inner as [Schedule<never>, Schedule<never>]
  switch (form.name) {
    case 'forever':
    case 'stop':
    case 'constant':
    case 'uniform':
    case 'computed':
    case 'cadence':
      return u === 0
    case 'linear':
    case 'exponential':
    case 'delays':
      return isCount(u)
    case 'fibonacci':
      return isPair(u) && isDelay(u[0]) && isDelay(u[1])
    case 'decorrelated':
      return isDelay(u)
    case 'decorrelatedV2':
      return isPair(u) && isCount(u[0]) && isDelay(u[1]) && u[1] <= curve(u[0])
    case 'iterate':
    case 'growing':
      // -1: no delay yet
      return u === -1 || isDelay(u)
    case 'take': {
      // the number alone where what is beneath remembers 0
      const { taken, of } = isRecord(u) ? u : { taken: u, of: 0 }
      return isCount(taken) && remembers(first, of)
    }
    case 'both':
    case 'plus':
      return isRecord(u) && remembers(first, u['left']) && remembers(second, u['right'])
    case 'either':
      return isRecord(u) && orStopped(first, u['left']) && orStopped(second, u['right'])
    case 'andThen':
      return (
        isRecord(u) &&
        isTime(u['origin']) &&
        (u['first'] === stopped
          ? remembers(second, u['second'])
          : remembers(first, u['first']) && u['second'] === stopped)
      )
    case 'route': {
      const { classes } = settings as { readonly classes: ReadonlyArray<string> }
      const part = (name: string): Schedule<never> | undefined => inner[classes.indexOf(name)]
      return isRecord(u) && Object.entries(u).every(([name, each]) => isBegun(part(name), each))
    }
    case 'resetAfter':
      return isBegun(first, u)
    case 'cap':
    case 'floor':
    case 'within':
    case 'upTo':
    case 'stopAfter':
    case 'stopWhen':
    case 'jittered':
    case 'jitteredFrom':
    case 'equalJitter':
    case 'proportionalJitter':
    case 'additiveJitter':
    case 'modify':
    case 'while':
    case 'until':
    case 'contramap':
      // they remember what is beneath them
      return remembers(first, u)
    default:
      return goesOn(schedule, u)
  }
}

const stopped = 'stopped'
const orStopped = (part: Schedule<never>, u: unknown): boolean => u === stopped || remembers(part, u)

/** A part, and since when it has been asked. */
const isBegun = (part: Schedule<never> | undefined, u: unknown): boolean =>
  part !== undefined && isRecord(u) && isTime(u['origin']) && remembers(part, u['of'])

/** The most that `decorrelatedV2` can have come to in so many steps; what floating point adds is no more. */
const curve = (i: number): number => 2 ** i * Math.tanh(Math.sqrt(4 * i)) * (1 + 1e-9)

/** Of a kind that is not the library's, all that can be said is whether it can be stepped. */
const goesOn = (schedule: Schedule<never>, u: unknown): boolean => {
  const tick = { now: 0, elapsed: 0, began: 0, attempt: 1, random: () => 0.5, due: 0 }
  try {
    const answer = step(schedule, u as State, tick, noInput as never)
    return answer._tag === 'Stop' || isDelay(answer.delay)
  } catch {
    return false
  }
}

const isDelay = (u: unknown): u is number => Rule.delay.holds(u)
const isCount = (u: unknown): u is number => Rule.count.holds(u) && u !== Infinity
const isTime = (u: unknown): boolean => typeof u === 'number' && Number.isFinite(u)
const isPair = (u: unknown): u is readonly [unknown, unknown] => Array.isArray(u) && u.length === 2
const isRecord = (u: unknown): u is { readonly [key: string]: unknown } =>
  typeof u === 'object' && u !== null && !Array.isArray(u)
