/**
 * How often a schedule recurs at most.
 *
 * @since 0.1.0
 */
import { isSchedule, type Schedule } from './Model'

/**
 * How many recurrences a schedule allows at most, whatever its inputs and the clock are: with those of a retry, one attempt more.
 * `Infinity` where nothing bounds their number, as with `within` alone.
 *
 * @param schedule may be invalid; what is no count then bounds nothing
 *
 * @example
 * import { Schedule } from 'resilience-ts'
 * import { pipe } from 'fp-ts/function'
 * import assert from 'assert'
 *
 * const three = pipe(Schedule.exponential(100), Schedule.jittered, Schedule.take(3))
 * assert.strictEqual(Schedule.recurrences(three), 3)
 * assert.strictEqual(Schedule.recurrences(pipe(three, Schedule.andThen(Schedule.delays([1000, 5000])))), 5)
 * assert.strictEqual(Schedule.recurrences(Schedule.constant(100)), Infinity)
 *
 * @category checking
 * @since 0.1.0
 */
export const recurrences = <I>(schedule: Schedule<I>): number => {
  if (!isSchedule(schedule)) return Infinity
  const { form, settings } = schedule
  const parts = schedule.inner.map((part) => recurrences(part))
  const { n, list } = settings as { readonly n?: unknown; readonly list?: unknown }
  switch (form.name) {
    case 'stop':
      return 0
    case 'take':
      return Math.min(...parts, typeof n === 'number' && n >= 0 ? n : Infinity)
    case 'delays':
      return Array.isArray(list) ? list.length : Infinity
    case 'either':
      return Math.max(...parts)
    case 'andThen':
    case 'route':
      // each class of a route counts for itself
      return parts.reduce((sum, part) => sum + part, 0)
    case 'resetAfter':
      // it may begin anew any number of times
      return parts[0] === 0 ? 0 : Infinity
    default:
      // the others bend delays, or stop earlier; together, the first to stop is the end
      return Math.min(...parts, Infinity)
  }
}
