/**
 * The settings of whatever recurs by a schedule: how they are checked and shown.
 *
 * @since 0.1.0
 */
import { type Problem, showValue } from '../Problem'
import { type Schedule, show, validate } from '../schedule/Model'

interface Settings {
  readonly schedule: Schedule<never>
}

/**
 * What is impossible in the schedule, under its path.
 *
 * @internal
 */
export const problems = ({ schedule }: Settings): ReadonlyArray<Problem> =>
  validate(schedule).map((problem) => ({
    ...problem,
    path: problem.path === '' ? 'schedule' : `schedule.${problem.path}`
  }))

/**
 * The schedule, then every setting of these names that was given.
 *
 * @internal
 */
export const showSettings = (settings: Settings, names: ReadonlyArray<string>): ReadonlyArray<string> => [
  show(settings.schedule),
  ...Object.entries(settings as object)
    .filter(([name, value]) => names.includes(name) && value !== undefined)
    .map(([name, value]) => `${name}: ${showValue(value)}`)
]
