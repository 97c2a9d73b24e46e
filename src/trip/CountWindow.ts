/**
 * A trip that looks at the last so many calls.
 *
 * @since 0.1.0
 */
import * as Rule from '../Rule'
import { type Form, isCount, isRecord, make, type Trip } from './Model'
import * as Rates from './Rates'

interface Settings extends Rates.Rates {
  readonly size: number
}

/** Two bits for an outcome, as many as fit into a small integer. */
const failedBit = 1
const slowBit = 2
const perWord = 15

/**
 * A ring of outcomes, two bits each. The word that is being written stands apart, so that most outcomes copy none of the
 * others.
 */
interface Window {
  /** How many calls are in the window. */
  readonly calls: number
  readonly failed: number
  readonly slow: number
  /** Where the next outcome goes. */
  readonly position: number
  /** The word of that position. */
  readonly word: number
  /** All words; the one at that position is out of date. */
  readonly words: ReadonlyArray<number>
  readonly [key: string]: number | ReadonlyArray<number>
}

const largest = 1_000_000

const form: Form<Settings, Window> = {
  name: 'countWindow',
  rules: {
    ...Rates.rules,
    size: /*#__PURE__*/ Rule.make(`a whole number, 1 to ${String(largest)}`, (u) => isCount(u, largest) && u >= 1)
  },
  problems: (settings) => [
    ...Rates.problems(settings),
    ...(settings.minimumCalls !== undefined && settings.minimumCalls > settings.size
      ? [{ path: 'minimumCalls', value: settings.minimumCalls, allowed: 'no more than the window holds' }]
      : [])
  ],
  initial: () => empty,
  step: (trip, { calls, failed, slow, position, word, words }, outcome) => {
    const settings = trip.settings as Settings
    const { size } = settings
    const shift = (position % perWord) * 2
    const before = word >> shift
    const after = (outcome.failed ? failedBit : 0) | (Rates.isSlow(settings, outcome) ? slowBit : 0)
    const written = word ^ (((before ^ after) & 3) << shift)
    const next = position + 1 === size ? 0 : position + 1
    const sums = {
      calls: calls === size ? size : calls + 1,
      failed: failed + bit(after, failedBit) - bit(before, failedBit),
      slow: slow + bit(after, slowBit) - bit(before, slowBit)
    }
    if (next % perWord !== 0) return { ...sums, position: next, word: written, words }
    // the next outcome goes into another word
    const kept = [...words]
    kept[(position - (position % perWord)) / perWord] = written
    return { ...sums, position: next, word: kept[next / perWord] ?? 0, words: kept }
  },
  reason: (trip, { calls, failed, slow }) => {
    const settings = trip.settings as Settings
    return Rates.reached(settings, settings.size, calls, failed, slow)
  },
  holds: (trip, state) => {
    const { size } = trip.settings as Settings
    if (!isRecord(state)) return false
    const { calls, failed, slow, position, word, words } = state
    return (
      isCount(calls, size) &&
      isCount(position, size - 1) &&
      // as long as it is not full, it is filled from the first place on
      (calls === size || calls === position) &&
      isWord(word) &&
      Array.isArray(words) &&
      words.length <= Math.ceil(size / perWord) &&
      words.every(isWord) &&
      isSumOf(words, word, position, calls, failed, slow)
    )
  },
  moved: (_trip, window) => window,
  total: true,
  unlessGiven: ({ size }) => Rates.unlessGiven(size),
  slow: Rates.isSlow,
  show: (settings) => `countWindow(${[String(settings.size), ...Rates.show(settings)].join(', ')})`
}

const bit = (outcome: number, which: number): number => ((outcome & which) === 0 ? 0 : 1)
const isWord = (u: unknown): u is number => isCount(u, 4 ** perWord - 1)

/** Whether the sums are those of the outcomes, and there are no outcomes beyond the calls. */
const isSumOf = (
  words: ReadonlyArray<number>,
  word: number,
  position: number,
  calls: number,
  failed: unknown,
  slow: unknown
): boolean => {
  const written = Math.floor(position / perWord)
  let [allFailed, allSlow] = [0, 0]
  for (let index = 0; index <= Math.max(written, words.length - 1); index++) {
    const each = index === written ? word : (words[index] ?? 0)
    for (let place = 0; place < perWord; place++) {
      const outcome = each >> (place * 2)
      if ((outcome & 3) !== 0 && index * perWord + place >= calls) return false
      allFailed += bit(outcome, failedBit)
      allSlow += bit(outcome, slowBit)
    }
  }
  return failed === allFailed && slow === allSlow
}
const empty: Window = { calls: 0, failed: 0, slow: 0, position: 0, word: 0, words: [] }

/**
 * Opens when a share of the last `size` calls has failed, or was slow, once there are enough of them.
 *
 * It keeps two bits a call. It reads the clock only for slow calls.
 *
 * @param size how many calls the window holds; whole, 1 to 1,000,000
 * @param rates see `Rates`
 *
 * @example
 * import { Trip } from 'resilience-ts'
 * import assert from 'assert'
 *
 * const trip = Trip.countWindow(100, { failureRate: 0.5, minimumCalls: 4 })
 * const see = (outcomes: ReadonlyArray<boolean>) => {
 *   const state = outcomes.reduce((state, failed) => Trip.step(trip, state, { failed, at: 0, duration: 0 }), Trip.initial(trip))
 *   return Trip.reason(trip, state, 0)
 * }
 * assert.strictEqual(see([true, true, false]), undefined)
 * assert.deepStrictEqual(see([true, true, false, false]), { _tag: 'FailureRate', rate: 0.5, calls: 4 })
 *
 * @category trips
 * @since 0.1.0
 */
export const countWindow = (size: number, rates: Rates.Rates): Trip => {
  const settings = { ...Rule.read(Rates.rules, rates), size }
  return make(form, settings, [], settings.slowRate === undefined ? 'nothing' : 'duration')
}
