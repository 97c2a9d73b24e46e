/**
 * Trying a schedule that holds bounds against its final delay (`within`, `upTo`).
 *
 * A bound cannot know that delay when it is stepped, as it depends on which parts go on, and so on the bounds themselves. So the
 * schedule is tried: stepped with what is known, then with the delay that came out, to see which bounds that breaks. Those have
 * stopped; it is tried anew without them, until none is broken. Each trial stops at least one more, so there are no more trials
 * than bounds.
 *
 * ```
 * constant(100) |> within(50) |> andThen(constant(10) |> within(20))
 *   1st trial   100: breaks the first bound; what takes over is not held against 100, which nobody will sleep
 *   2nd trial   10: breaks none, and is the answer
 * ```
 *
 * @since 0.1.0
 */
import { advance, type Schedule, type State, type Step, type Tick, type Trial } from './Model'

/**
 * Steps a schedule with bounds until its answer breaks none of them.
 *
 * @internal
 */
export const settle = (schedule: Schedule<never>, state: State, tick: Tick, input: unknown): Step => {
  const trial: Trial = { first: 0, stopped: new Set(), least: tick.due }
  for (;;) {
    const answer = advance(schedule, state, { ...tick, trial }, input, 0)
    if (answer._tag === 'Stop' || answer.delay <= tick.due) return answer
    const { size } = trial.stopped
    advance(schedule, state, { ...tick, trial, due: answer.delay }, input, 0)
    if (trial.stopped.size === size) return answer
  }
}

/**
 * The tick as a part sees it that has `n` bounds before it.
 *
 * @internal
 */
export const beyond = (tick: Tick, n: number): Tick =>
  tick.trial === undefined || n === 0 ? tick : { ...tick, trial: { ...tick.trial, first: tick.trial.first + n } }

/**
 * Whether the bound at hand has stopped, or is broken now.
 *
 * @internal
 */
export const stops = ({ trial }: Tick, isBroken: boolean): boolean => {
  if (isBroken) trial?.stopped.add(trial.first)
  return isBroken || trial?.stopped.has(trial.first) === true
}

/**
 * The tick as a part sees it that takes over from one which has stopped just now: if a bound of that was broken by the delay
 * that is being tried, nothing is known yet of the delay to come.
 *
 * @internal
 */
export const takingOver = (tick: Tick, stoppedBefore: number | undefined): Tick =>
  tick.trial === undefined || tick.trial.stopped.size === stoppedBefore ? tick : { ...tick, due: tick.trial.least }
