/** Whether a stop ends it, in the states that are asked about. */
import { Schedule } from 'resilience-ts'
import { succeeds } from 'resilience-ts/testing'
import { list, ms, numbers } from '../json'
import { inTurn, type Lines, play } from '../play'
import type { Adapter } from '../question'
import { endingAt } from './calls'
import { kindOf } from './kind'
import { tenacity } from './policy'
import { type Stop, stopOf } from './stops'

/** Whether there is no further attempt after these. */
export const stopping: Adapter = async ({ feature, params, input }) => {
  const stop = stopOf(
    params['any'] !== undefined || params['all'] !== undefined
      ? params
      : { [kindOf(feature)]: Object.values(params)[0] ?? null }
  )
  const states = Object.entries(input).find(([name]) => name.startsWith('states'))?.[1] ?? Object.values(input)[0]
  const stops = await inTurn(list(states), async (state) =>
    // or whether an event is set
    typeof state === 'boolean' ? stopsAt(stopOf({ event: state }), [1, 0]) : stopsAt(stop, numbers(state))
  )
  return { ours: { stop: stops } }
}

/** Whether an attempt that ends so late, and after which so long would be waited, is the last. */
const stopsAt = async (stop: Stop, [last = 1, elapsed = 0, upcoming = 0]: ReadonlyArray<number>): Promise<boolean> => {
  const wait = Schedule.computed(({ attempt }) => (attempt === last ? ms(upcoming) : 0))
  const lines = [...endingAt(last, elapsed), succeeds(null)] as unknown as Lines
  const { calls } = await play(tenacity({ wait, stop }), lines)
  return calls <= last
}
