/**
 * A setting that cannot work: where it stands, what was found there, and what is allowed.
 *
 * @since 0.1.0
 */

/**
 * One impossible (or, from `advise`, unwise) setting.
 *
 * - `path` names the setting from the outermost layer inwards, e.g. `retry.schedule.exponential.base`;
 * - `value` is what was found;
 * - `allowed` says, in words, what may stand there.
 *
 * @category model
 * @since 0.1.0
 */
export interface Problem {
  readonly path: string
  readonly value: unknown
  readonly allowed: string
}

/**
 * Shows a problem as one line. One that has no path is about the value itself.
 *
 * @example
 * import { Problem } from 'resilience-ts'
 * import assert from 'assert'
 *
 * assert.strictEqual(
 *   Problem.show({ path: 'timeout.ms', value: NaN, allowed: 'milliseconds, > 0, or Infinity' }),
 *   'timeout.ms is NaN; allowed: milliseconds, > 0, or Infinity'
 * )
 *
 * @category destructors
 * @since 0.1.0
 */
export const show = (problem: Problem): string =>
  `${problem.path === '' ? 'the value' : problem.path} is ${showValue(problem.value)}; allowed: ${problem.allowed}`

/**
 * Shows any value in a few words and never throws: strings quoted, functions by name, the rest as JSON would; and what JSON would
 * lose (`NaN`, `10n`, an exception) by its text.
 *
 * @example
 * import { Problem } from 'resilience-ts'
 * import assert from 'assert'
 *
 * assert.strictEqual(Problem.showValue('3'), '"3"')
 * assert.strictEqual(Problem.showValue(Infinity), 'Infinity')
 * assert.strictEqual(Problem.showValue(function isTransient() {}), 'isTransient')
 * assert.strictEqual(Problem.showValue([1, NaN]), '[1,"NaN"]')
 *
 * @category destructors
 * @since 0.1.0
 */
export const showValue = (value: unknown): string => {
  if (typeof value === 'string') return JSON.stringify(value)
  if (typeof value === 'bigint') return `${String(value)}n`
  if (Object(value) !== value) return String(value)
  try {
    if (typeof value === 'function') {
      // a class may have a static member of this name
      const { name }: { readonly name: unknown } = value
      return typeof name === 'string' && name !== '' ? name : '<function>'
    }
    const text = JSON.stringify(value, kept)
    return text.length > 80 ? `${text.slice(0, 77)}...` : text
  } catch {
    // cyclic, or a getter or toJSON of the user's that throws
    return '<object>'
  }
}

/** What JSON makes nothing of, as a text. */
const kept = (_key: string, value: unknown): unknown =>
  value instanceof Error
    ? String(value)
    : typeof value === 'bigint' || typeof value === 'function' || (typeof value === 'number' && !Number.isFinite(value))
      ? showValue(value)
      : value
