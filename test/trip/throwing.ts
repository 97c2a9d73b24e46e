import { Schedule, Trip } from 'resilience-ts'
import { raise } from '../support'

const form: Trip.Form<object, number> = {
  name: 'throwing',
  rules: {},
  initial: () => 0,
  step: (_trip, n, { failed }) => (n % 3 === 1 && !failed ? raise('oh') : n + 1),
  reason: (_trip, n) => (n >= 5 ? { _tag: 'Custom', name: 'throwing', data: n } : undefined),
  holds: () => true,
  moved: (_trip, n) => n,
  show: () => 'throwing'
}

/** A trip of somebody's own that throws at some successes, and opens in the end. */
export const throwing: Trip.Trip = Trip.make(form, {})

/** A schedule of openings that has a bug. */
export const throwingSchedule: Schedule.Schedule<unknown> = Schedule.computed(() => raise('oh'))
