/**
 * What is done to a circuit by hand. What is done last holds: to force open, disable, reset or restore one that is held ends
 * that hold.
 *
 * @since 0.1.0
 */
import type { Millis } from '../../Duration'
import { changed, type Circuit, closed, initial, type Move, type Rules, unmoved, unopened } from './Circuit'

/**
 * Takes hold of a circuit, so that it lets nobody in.
 *
 * @internal
 */
export const isolated = (circuit: Circuit): Move =>
  circuit._tag === 'Isolated'
    ? unmoved({ ...circuit, holds: circuit.holds + 1 })
    : changed(circuit, { _tag: 'Isolated', generation: circuit.generation + 1, holds: 1 }, { _tag: 'Isolated' })

/**
 * Lets go of a circuit that was taken hold of in this generation; when nobody holds it any more, it is closed.
 *
 * @internal
 */
export const letGo = (rules: Rules, circuit: Circuit, generation: number | undefined, now: Millis): Move => {
  if (circuit._tag !== 'Isolated' || circuit.generation !== generation) return unmoved(circuit)
  if (circuit.holds > 1) return unmoved({ ...circuit, holds: circuit.holds - 1 })
  return changed(circuit, closed(rules, generation + 1, now), { _tag: 'Released' })
}

/**
 * Opens it for so long, by hand.
 *
 * @internal
 */
export const forced = (circuit: Circuit, now: Millis, ms: Millis): Move =>
  changed(
    circuit,
    { _tag: 'Open', generation: circuit.generation + 1, since: now, until: now + ms, openings: unopened },
    { _tag: 'Forced' }
  )

/**
 * Lets everybody in from now on, whatever becomes of it.
 *
 * @internal
 */
export const disabled = (circuit: Circuit): Move =>
  circuit._tag === 'Disabled'
    ? unmoved(circuit)
    : changed(circuit, { _tag: 'Disabled', generation: circuit.generation + 1 }, { _tag: 'Disabled' })

/**
 * Closed, as if nothing had been seen, and without a ramp.
 *
 * @internal
 */
export const reset = (rules: Rules, circuit: Circuit): Move =>
  changed(circuit, { ...initial(rules), generation: circuit.generation + 1 }, { _tag: 'Reset' })

/**
 * As it was remembered, on this clock, in a generation of its own. Who was on probation then is so no more.
 *
 * @internal
 */
export const restored = (circuit: Circuit, remembered: Circuit, now: Millis): Move => {
  const generation = circuit.generation + 1
  const to: Circuit =
    remembered._tag === 'HalfOpen'
      ? { _tag: 'Open', generation, since: remembered.since, until: now, openings: remembered.openings }
      : { ...remembered, generation }
  return changed(circuit, to, { _tag: 'Restored' })
}
