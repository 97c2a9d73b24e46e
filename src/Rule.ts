/**
 * What a setting may be: a test, and the words that say it to the person who got it wrong.
 *
 * @since 0.1.0
 */
import type { Problem } from './Problem'
import { tagOf } from './Tag'

/**
 * One rule for one setting.
 *
 * @category model
 * @since 0.1.0
 */
export interface Rule {
  readonly allowed: string
  readonly holds: (value: unknown) => boolean
}

/**
 * The rules of a record of settings, one for each of its keys.
 *
 * @category model
 * @since 0.1.0
 */
export type Rules<S> = { readonly [K in keyof S]-?: Rule }

/**
 * Makes a rule of your own.
 *
 * @example
 * import { Rule } from 'resilience-ts'
 * import assert from 'assert'
 *
 * const even = Rule.make('an even number', (u) => typeof u === 'number' && u % 2 === 0)
 * assert.deepStrictEqual(Rule.check({ n: even }, { n: 3 }), [{ path: 'n', value: 3, allowed: 'an even number' }])
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (allowed: string, holds: (value: unknown) => boolean): Rule => ({ allowed, holds })

const number = (allowed: string, holds: (n: number) => boolean): Rule =>
  make(allowed, (value) => typeof value === 'number' && holds(value))

/**
 * A finite delay: milliseconds, 0 or more.
 *
 * @example
 * import { Rule } from 'resilience-ts'
 * import assert from 'assert'
 *
 * assert.strictEqual(Rule.delay.holds(0), true)
 * assert.strictEqual(Rule.delay.holds(Infinity), false)
 *
 * @category rules
 * @since 0.1.0
 */
export const delay: Rule = /*#__PURE__*/ number('finite milliseconds, >= 0', (n) => n >= 0 && n < Infinity)

/**
 * A finite length of time that cannot be zero: milliseconds, more than 0.
 *
 * @example
 * import { Rule } from 'resilience-ts'
 * import assert from 'assert'
 *
 * assert.strictEqual(Rule.interval.holds(0), false)
 *
 * @category rules
 * @since 0.1.0
 */
export const interval: Rule = /*#__PURE__*/ number('finite milliseconds, > 0', (n) => n > 0 && n < Infinity)

/**
 * A limit in time: milliseconds, more than 0, `Infinity` for no limit.
 *
 * @example
 * import { Rule } from 'resilience-ts'
 * import assert from 'assert'
 *
 * assert.strictEqual(Rule.limit.holds(Infinity), true)
 * assert.strictEqual(Rule.limit.holds(-1), false)
 *
 * @category rules
 * @since 0.1.0
 */
export const limit: Rule = /*#__PURE__*/ number('milliseconds, > 0, or Infinity', (n) => n > 0)

/**
 * A limit in time that may be zero: milliseconds, 0 or more, `Infinity` for no limit.
 *
 * @example
 * import { Rule } from 'resilience-ts'
 * import assert from 'assert'
 *
 * assert.strictEqual(Rule.patience.holds(0), true)
 * assert.strictEqual(Rule.patience.holds(NaN), false)
 *
 * @category rules
 * @since 0.1.0
 */
export const patience: Rule = /*#__PURE__*/ number('milliseconds, >= 0, or Infinity', (n) => n >= 0)

/**
 * A count: a whole number, 0 or more, `Infinity` for no limit.
 *
 * @example
 * import { Rule } from 'resilience-ts'
 * import assert from 'assert'
 *
 * assert.strictEqual(Rule.count.holds(1.5), false)
 *
 * @category rules
 * @since 0.1.0
 */
export const count: Rule = /*#__PURE__*/ number(
  'a whole number, >= 0, or Infinity',
  (n) => n >= 0 && (Number.isInteger(n) || n === Infinity)
)

/**
 * A factor: a finite number, more than 0.
 *
 * @example
 * import { Rule } from 'resilience-ts'
 * import assert from 'assert'
 *
 * assert.strictEqual(Rule.factor.holds(0), false)
 *
 * @category rules
 * @since 0.1.0
 */
export const factor: Rule = /*#__PURE__*/ number('a finite number, > 0', (n) => n > 0 && n < Infinity)

/**
 * Any finite number.
 *
 * @example
 * import { Rule } from 'resilience-ts'
 * import assert from 'assert'
 *
 * assert.strictEqual(Rule.finite.holds(-1), true)
 * assert.strictEqual(Rule.finite.holds(NaN), false)
 *
 * @category rules
 * @since 0.1.0
 */
export const finite: Rule = /*#__PURE__*/ number('a finite number', (n) => Number.isFinite(n))

/**
 * A share: a number from 0 to 1, both included.
 *
 * @example
 * import { Rule } from 'resilience-ts'
 * import assert from 'assert'
 *
 * assert.strictEqual(Rule.share.holds(1.1), false)
 *
 * @category rules
 * @since 0.1.0
 */
export const share: Rule = /*#__PURE__*/ number('a number from 0 to 1', (n) => n >= 0 && n <= 1)

/**
 * `true` or `false`.
 *
 * @example
 * import { Rule } from 'resilience-ts'
 * import assert from 'assert'
 *
 * assert.strictEqual(Rule.flag.holds('yes'), false)
 *
 * @category rules
 * @since 0.1.0
 */
export const flag: Rule = /*#__PURE__*/ make('true or false', (value) => typeof value === 'boolean')

/**
 * A function.
 *
 * @example
 * import { Rule } from 'resilience-ts'
 * import assert from 'assert'
 *
 * assert.strictEqual(Rule.callback.holds(() => 1), true)
 *
 * @category rules
 * @since 0.1.0
 */
export const callback: Rule = /*#__PURE__*/ make('a function', (value) => typeof value === 'function')

/**
 * A name: a text that is not empty.
 *
 * @example
 * import { Rule } from 'resilience-ts'
 * import assert from 'assert'
 *
 * assert.strictEqual(Rule.name.holds(''), false)
 *
 * @category rules
 * @since 0.1.0
 */
export const name: Rule = /*#__PURE__*/ make(
  'a text that is not empty',
  (value) => typeof value === 'string' && value !== ''
)

/**
 * Anything at all, as long as it can be read.
 *
 * @example
 * import { Rule } from 'resilience-ts'
 * import assert from 'assert'
 *
 * assert.strictEqual(Rule.anything.holds(undefined), true)
 *
 * @category rules
 * @since 0.1.0
 */
export const anything: Rule = /*#__PURE__*/ make('anything that can be read', () => true)

/**
 * A setting that may be left out.
 *
 * @example
 * import { Rule } from 'resilience-ts'
 * import assert from 'assert'
 *
 * assert.strictEqual(Rule.optional(Rule.callback).holds(undefined), true)
 * assert.strictEqual(Rule.optional(Rule.callback).allowed, 'a function, or nothing')
 *
 * @category rules
 * @since 0.1.0
 */
export const optional = (rule: Rule): Rule =>
  make(`${rule.allowed}, or nothing`, (value) => value === undefined || rule.holds(value))

/**
 * A list of at least one value, each of which keeps the given rule.
 *
 * @example
 * import { Rule } from 'resilience-ts'
 * import assert from 'assert'
 *
 * assert.strictEqual(Rule.listOf(Rule.delay).holds([]), false)
 *
 * @category rules
 * @since 0.1.0
 */
export const listOf = (rule: Rule): Rule =>
  make(
    `a list of at least one: ${rule.allowed}`,
    (value) => Array.isArray(value) && value.length > 0 && value.every(rule.holds)
  )

/**
 * What a settings record could not be read from: a getter that threw, or something that is not a record.
 *
 * @category model
 * @since 0.1.0
 */
export interface Unreadable {
  readonly _tag: 'Unreadable'
  readonly cause: unknown
}

/**
 * Reads each setting once, guarded, into a plain copy; a getter that throws leaves an `Unreadable` in its place, which no
 * rule lets pass, and what is no record at all leaves one in the place of its first setting. Later changes of the original change
 * nothing.
 *
 * @example
 * import { Rule } from 'resilience-ts'
 * import assert from 'assert'
 *
 * const copy = Rule.read({ ms: Rule.delay }, { ms: 5 })
 * assert.deepStrictEqual(copy, { ms: 5 })
 *
 * @category reading
 * @since 0.1.0
 */
export const read = <S extends object>(rules: Rules<S>, settings: S): S => {
  const copy: Record<string, unknown> = {}
  const isRecord = typeof settings === 'object' && (settings as S | null) !== null
  for (const key of Object.keys(rules)) {
    try {
      const value = isRecord ? (settings as Record<string, unknown>)[key] : unreadable(settings)
      if (value !== undefined) copy[key] = value
    } catch (cause) {
      copy[key] = unreadable(cause)
    }
    // what is no record, a function or a number in place of options, is one mistake, and its first setting says so
    if (!isRecord) break
  }
  return copy as S
}

const unreadable = (cause: unknown): Unreadable => ({ _tag: 'Unreadable', cause })

/** Whether a value keeps a rule. One that throws when it is looked at does not. */
const keeps = (rule: Rule, value: unknown): boolean => {
  try {
    return tagOf(value) !== 'Unreadable' && rule.holds(value)
  } catch {
    return false
  }
}

/**
 * Lists every setting that breaks its rule, all at once.
 *
 * @example
 * import { Rule } from 'resilience-ts'
 * import assert from 'assert'
 *
 * assert.deepStrictEqual(Rule.check({ ms: Rule.delay, times: Rule.count }, { ms: NaN, times: 1.5 }), [
 *   { path: 'ms', value: NaN, allowed: 'finite milliseconds, >= 0' },
 *   { path: 'times', value: 1.5, allowed: 'a whole number, >= 0, or Infinity' }
 * ])
 *
 * @category reading
 * @since 0.1.0
 */
export const check = <S extends object>(rules: Rules<S>, settings: S): ReadonlyArray<Problem> => {
  const problems: Array<Problem> = []
  for (const [path, rule] of Object.entries<Rule>(rules)) {
    const value = (settings as Record<string, unknown>)[path]
    if (!keeps(rule, value)) problems.push({ path, value, allowed: rule.allowed })
  }
  return problems
}
