/**
 * Lengths of time: always milliseconds, always plain numbers.
 *
 * @since 0.1.0
 */
import { showValue } from './Problem'

/**
 * A length of time in milliseconds. Fractions are fine; what a setting allows (0, `Infinity`) is said where it is taken.
 *
 * @category model
 * @since 0.1.0
 */
export type Millis = number

/**
 * The longest delay that a JavaScript timer can hold, in milliseconds (2³¹ − 1, some 24.8 days). A longer one fires at once,
 * which is why the interpreter splits longer waits.
 *
 * @example
 * import { Duration } from 'resilience-ts'
 * import assert from 'assert'
 *
 * assert.strictEqual(Duration.maxTimer, 2 ** 31 - 1)
 *
 * @category constants
 * @since 0.1.0
 */
export const maxTimer: Millis = 2147483647

const units: ReadonlyArray<readonly [name: string, ms: number]> = [
  ['d', 86400000],
  ['h', 3600000],
  ['m', 60000],
  ['s', 1000]
]

/**
 * Shows a length of time in the two largest units that say it, for people: `1m 30s`, `250ms`, `1.5s`.
 *
 * Below a minute the seconds keep up to three decimals, and milliseconds below one second keep up to three as well.
 *
 * @example
 * import { Duration } from 'resilience-ts'
 * import assert from 'assert'
 *
 * assert.strictEqual(Duration.show(250), '250ms')
 * assert.strictEqual(Duration.show(1500), '1.5s')
 * assert.strictEqual(Duration.show(90_000), '1m 30s')
 * assert.strictEqual(Duration.show(Infinity), 'forever')
 *
 * @category destructors
 * @since 0.1.0
 */
export const show = (ms: Millis): string => {
  // settings are shown even where they are wrong, and then they may be anything
  if (typeof ms !== 'number' || Number.isNaN(ms) || ms === -Infinity) return showValue(ms)
  if (ms === Infinity) return 'forever'
  if (trim(ms) < 1000) return `${String(trim(ms))}ms`
  if (trim(ms / 1000) < 60) return `${String(trim(ms / 1000))}s`
  const parts: Array<string> = []
  let rest = Math.round(ms / 1000) * 1000
  for (const [name, size] of units) {
    const count = Math.floor(rest / size)
    rest %= size
    if (count > 0 || parts.length > 0) parts.push(`${String(count)}${name}`)
    if (parts.length === 2) break
  }
  return parts.filter((part) => !part.startsWith('0')).join(' ')
}

const trim = (n: number): number => Math.round(n * 1000) / 1000
