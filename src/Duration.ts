/**
 * Lengths of time: always milliseconds, always plain numbers; and how they are written as text.
 *
 * @since 0.1.0
 */
import type { Either } from 'fp-ts/Either'
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
  ['m', 60000]
]

/**
 * Shows a length of time for people, exactly to the millisecond: `1h 10m 5s`, `250ms`, `1.5s`. `parse` reads it back.
 *
 * Below one second it keeps up to three decimals of a millisecond; `Infinity` is `forever`.
 *
 * @example
 * import { Duration } from 'resilience-ts'
 * import assert from 'assert'
 *
 * assert.strictEqual(Duration.show(250), '250ms')
 * assert.strictEqual(Duration.show(1500), '1.5s')
 * assert.strictEqual(Duration.show(4_205_000), '1h 10m 5s')
 * assert.strictEqual(Duration.show(Infinity), 'forever')
 *
 * @category destructors
 * @since 0.1.0
 */
export const show = (ms: Millis): string => {
  // settings are shown even where they are wrong, and then they may be anything
  if (typeof ms !== 'number' || !(ms > -Infinity)) return showValue(ms)
  if (ms === Infinity) return 'forever'
  const small = Math.round(ms * 1000) / 1000
  if (small < 1000) return `${String(small)}ms`
  let rest = Math.round(ms)
  const parts: Array<string> = []
  for (const [name, size] of units) {
    const count = Math.floor(rest / size)
    rest %= size
    if (count > 0) parts.push(`${String(count)}${name}`)
  }
  if (rest > 0) parts.push(`${String(rest / 1000)}s`)
  return parts.join(' ')
}

/**
 * Why a text is no length of time: which part of it is wrong, where that begins (from 0), and what is allowed there.
 *
 * @category model
 * @since 0.1.0
 */
export interface InvalidDuration {
  readonly _tag: 'InvalidDuration'
  readonly text: string
  readonly part: string
  readonly position: number
  readonly allowed: string
}

const sizes: Readonly<Record<string, number>> = { w: 604800000, d: 86400000, h: 3600000, m: 60000, s: 1000, ms: 1 }

/** A unit, lower-case, by its letter or by its word. */
const words =
  /^(?:(w)(?:eeks?)?|(d)(?:ays?)?|(h)(?:ours?|rs?)?|(m)(?:in(?:ute)?s?)?|(s)(?:ec(?:ond)?s?)?|(ms)|milli(?:second)?s?)$/

/** A word without blanks, or a number and the word after it. */
const pieces = /(-?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)\s*([a-z]*)|\S+/iy
const blanks = /\s*/y

/**
 * Reads a length of time that is written as text: numbers with their units, `1h 10m 5s`, `250ms`, `1.5s`, `2d`.
 *
 * Units are `w`, `d`, `h`, `m` (minutes), `s` and `ms`, or their words (`2 minutes`, `1 hour`, `30 sec`), in any case and order,
 * each at most once; blanks are optional. `forever` is `Infinity`. Anything else is an `InvalidDuration`: no text at all, a
 * negative number, a unit that is unknown, missing or repeated, a length that no number holds. A number alone is one of these,
 * as it does not say of what.
 *
 * @param text what to read
 *
 * @example
 * import { Duration } from 'resilience-ts'
 * import * as E from 'fp-ts/Either'
 * import assert from 'assert'
 *
 * assert.deepStrictEqual(Duration.parse('1h 10m 5s'), E.right(4_205_000))
 * assert.deepStrictEqual(Duration.parse('2 minutes'), E.right(120_000))
 * assert.deepStrictEqual(
 *   Duration.parse('2h 5 parsecs'),
 *   E.left({
 *     _tag: 'InvalidDuration',
 *     text: '2h 5 parsecs',
 *     part: '5 parsecs',
 *     position: 3,
 *     allowed: 'a number with one of the units w, d, h, m, s, ms'
 *   })
 * )
 *
 * @category constructors
 * @since 0.1.0
 */
export const parse = (text: string): Either<InvalidDuration, Millis> => {
  const invalid = (part: string, position: number, allowed: string): Either<InvalidDuration, never> => ({
    _tag: 'Left',
    left: { _tag: 'InvalidDuration', text, part, position, allowed }
  })
  // callers without types give anything
  if (typeof text !== 'string') return invalid(showValue(text), 0, 'text')
  const trimmed = text.trim()
  if (trimmed === '') return invalid('', 0, 'a length of time, such as 1h 10m 5s, 250ms or forever')
  if (/^forever$/i.test(trimmed)) return { _tag: 'Right', right: Infinity }
  const seen = new Set<string>()
  let sum = 0
  for (let at = 0; ;) {
    blanks.lastIndex = at
    blanks.exec(text)
    at = blanks.lastIndex
    if (at === text.length) return { _tag: 'Right', right: sum }
    pieces.lastIndex = at
    const [piece, digits, word] = pieces.exec(text) as unknown as readonly [string, string?, string?]
    const part = piece.trim()
    const position = at
    at = pieces.lastIndex
    const unit = unitOf(word)
    const size = sizes[unit]
    if (digits === undefined || size === undefined) {
      return invalid(part, position, 'a number with one of the units w, d, h, m, s, ms')
    }
    if (digits.startsWith('-')) return invalid(part, position, 'a number, >= 0')
    if (seen.has(unit)) return invalid(part, position, 'each unit once')
    seen.add(unit)
    sum += exactly(Number(digits) * size)
    if (sum === Infinity) return invalid(part, position, 'a finite length of time, or forever')
  }
}

/** The letter of a unit; none where there is no such unit. */
const unitOf = (word = ''): string => {
  const found = words.exec(word.toLowerCase())
  if (found === null) return ''
  const letters: ReadonlyArray<string | undefined> = found.slice(1)
  return letters.find((letter) => letter !== undefined) ?? 'ms'
}

/** Without what floating point adds: 1.005 · 1000 is 1004.9999999999999. */
const exactly = (ms: Millis): Millis => (Number.isInteger(ms) ? ms : Number(ms.toPrecision(15)))

/**
 * A length of time as a literal of up to three parts: `1h 10m 5s`.
 *
 * @category model
 * @since 0.1.0
 */
export type Text = Part | `${Part} ${Part} ${Part}` | `${Part} ${Part}`

type Part = `${number}${'w' | 'd' | 'h' | 'm' | 's' | 'ms'}`

/**
 * The milliseconds of a literal, for settings that are written as text. A typing error in it is a type error; what `parse`
 * would not have all the same (`-1s`) is `NaN`, which `validate` finds where it is set.
 *
 * @param text as `parse` reads it; for text from elsewhere take `parse`
 *
 * @example
 * import { Duration, Policy, Schedule } from 'resilience-ts'
 * import { pipe } from 'fp-ts/function'
 * import assert from 'assert'
 *
 * const policy = pipe(
 *   Policy.id<string, number>(),
 *   Policy.timeout(Duration.millis('1.5s')),
 *   Policy.retry(pipe(Schedule.constant(Duration.millis('250ms')), Schedule.within(Duration.millis('1h 10m'))))
 * )
 * assert.strictEqual(Policy.show(policy), 'retry(constant(250ms) |> within(1h 10m))\n└─ timeout(1.5s)\n   └─ operation')
 *
 * @category constructors
 * @since 0.1.0
 */
export const millis = (text: Text): Millis => {
  const read = parse(text)
  return read._tag === 'Right' ? read.right : NaN
}
