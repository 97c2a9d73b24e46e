/**
 * How long a circuit stays open, each time.
 *
 * @since 0.1.0
 */
import type { CircuitReason } from '../../CircuitReason'
import type { Millis } from '../../Duration'
import * as Schedule from '../../schedule/Model'
import { changed, type Fault, type HalfOpen, type Move, type Open, type Openings, type Rules } from './Circuit'

/**
 * What an opening goes by, beside the rules.
 *
 * @internal
 */
export interface Opening {
  /** Numbered draws, for jitter. */
  readonly random: (draw: number) => number
  /** The failure that opens; `noInput` where there is none at hand, as when a lease is over, or a slow success is too many. */
  readonly error: unknown
  /** How long the server asks to be left alone, in ms, if it does. Asked only when it does open. */
  readonly asked: (() => Millis | undefined | Fault) | undefined
}

/**
 * The opening of a circuit by the clock.
 *
 * @internal
 */
export const byClock = (random: Opening['random']): Opening => ({ random, error: Schedule.noInput, asked: undefined })

/**
 * Open from a time on.
 *
 * @internal
 */
export const opened = (
  { openFor, maxOpenFor }: Rules,
  generation: number,
  since: Millis,
  before: Openings,
  { random, error, asked }: Opening
): Open | Fault => {
  const times = before.times + 1
  const state = before.times === 0 ? Schedule.begin(openFor) : before.schedule
  const tick = { now: since, elapsed: 0, began: 0, attempt: times, random, due: 0 }
  const step = Schedule.step(openFor, state, tick, error as never)
  if (step._tag === 'Stop' && step.reason._tag === 'Fault') {
    const { at, cause } = step.reason
    return { _tag: 'Fault', kind: isNoDelay(cause) ? 'Malformed' : 'Thrown', at: `openFor.${at}`, cause }
  }
  const last = step._tag === 'Continue' ? step.delay : before.last
  const wish = asked?.()
  if (typeof wish === 'object') return wish
  const openings: Openings = { times, schedule: step._tag === 'Continue' ? step.state : state, last }
  return { _tag: 'Open', generation, since, until: since + Math.min(wish ?? last, maxOpenFor), openings }
}

const isNoDelay = (cause: unknown): boolean => {
  const tag = (cause as { readonly _tag?: unknown } | null | undefined)?._tag
  return tag === 'NotADelay' || tag === 'UnknownClass'
}

/**
 * Open again: the probes have not done well.
 *
 * @internal
 */
export const reopened = (
  rules: Rules,
  circuit: HalfOpen,
  at: Millis,
  reason: CircuitReason,
  opening: Opening
): Move | Fault => {
  const to = opened(rules, circuit.generation + 1, at, circuit.openings, opening)
  return to._tag === 'Fault' ? to : changed(circuit, to, reason)
}
