/**
 * A trip that looks at the calls of the last so many milliseconds.
 *
 * @since 0.1.0
 */
import * as Duration from '../Duration'
import type { Millis } from '../Duration'
import * as Rule from '../Rule'
import { type Form, isCount, isRecord, make, type Trip } from './Model'
import * as Rates from './Rates'

interface Settings extends Rates.Rates {
  readonly window: Millis
}

/** The window is so many buckets long: what it costs does not depend on its length. */
const length = 10

/** One bucket's number (its time divided by its width), and what was counted in it. */
type Bucket = readonly [number: number, calls: number, failed: number, slow: number]

/** Counts by bucket. The one that is being filled stands apart, so that most outcomes copy none of the others. */
interface Window {
  /** The number of the bucket that is being filled. */
  readonly bucket: number
  readonly calls: number
  readonly failed: number
  readonly slow: number
  readonly past: Past
  readonly [key: string]: number | Past
}

/** The buckets before that, oldest first, without empty ones; and their sums. */
interface Past {
  readonly buckets: ReadonlyArray<Bucket>
  readonly calls: number
  readonly failed: number
  readonly slow: number
  readonly [key: string]: number | ReadonlyArray<Bucket>
}

const numberOf = ({ window }: Settings, at: Millis): number => Math.floor((at * length) / window)

/** Buckets, with how many calls there were in all of them, how many of them failed, and how many were slow. */
const summed = (buckets: ReadonlyArray<Bucket>): Past => {
  let [allCalls, allFailed, allSlow] = [0, 0, 0]
  for (const [, calls, failed, slow] of buckets) {
    allCalls += calls
    allFailed += failed
    allSlow += slow
  }
  return { buckets, calls: allCalls, failed: allFailed, slow: allSlow }
}

const nothing = /*#__PURE__*/ summed([])
const beginning = (bucket: number, past: Past): Window => ({ bucket, calls: 0, failed: 0, slow: 0, past })
const empty = /*#__PURE__*/ beginning(0, nothing)

const isBucket = (u: unknown): u is Bucket => {
  if (!Array.isArray(u) || u.length !== 4) return false
  const [number, calls, failed, slow] = u as ReadonlyArray<unknown>
  return Number.isSafeInteger(number) && isCount(calls) && isCount(failed, calls) && isCount(slow, calls)
}

/** The window as it stands when the bucket of this number is being filled: what is older than it is long has gone. */
const turned = (window: Window, bucket: number): Window => {
  // a clock that went back a little, between processes say, fills the bucket that it finds; one that was set back begins anew
  if (bucket <= window.bucket) return bucket > window.bucket - length ? window : beginning(bucket, nothing)
  const { buckets } = window.past
  const filled: Bucket = [window.bucket, window.calls, window.failed, window.slow]
  const all = window.calls > 0 ? [...buckets, filled] : buckets
  return beginning(bucket, summed(all.filter(([number]) => number > bucket - length)))
}

/** Whether anything in it speaks for opening. */
const isAgainst = ({ failed, slow, past }: Window): boolean => failed + slow + past.failed + past.slow > 0

/** A window that only who counts in it holds: to everybody else it is as readonly as it says. */
interface Counting {
  calls: number
}

const form: Form<Settings, Window> = {
  name: 'timeWindow',
  rules: { ...Rates.rules, window: Rule.interval },
  problems: Rates.problems,
  initial: () => empty,
  step: (trip, before, outcome) => {
    const settings = trip.settings as Settings
    const { bucket, calls, failed, slow, past } = turned(before, numberOf(settings, outcome.at))
    return {
      bucket,
      calls: calls + 1,
      failed: outcome.failed ? failed + 1 : failed,
      slow: Rates.isSlow(settings, outcome) ? slow + 1 : slow,
      past
    }
  },
  tally: (settings, window, outcome) => {
    if (outcome.failed || Rates.isSlow(settings, outcome) || isAgainst(window)) return false
    if (numberOf(settings, outcome.at) !== window.bucket) return false
    ;(window as Counting).calls++
    return true
  },
  reason: (trip, before, at) => {
    // where nothing is against them, time can bring nothing up
    if (!isAgainst(before)) return undefined
    const settings = trip.settings as Settings
    const { calls, failed, slow, past } = turned(before, numberOf(settings, at))
    return Rates.reached(settings, Infinity, calls + past.calls, failed + past.failed, slow + past.slow)
  },
  holds: (_trip, state) => {
    if (!isRecord(state)) return false
    const { bucket, calls, failed, slow, past } = state
    if (!isBucket([bucket, calls, failed, slow]) || !isRecord(past)) return false
    const { buckets } = past
    if (!Array.isArray(buckets) || buckets.length >= length || !buckets.every(isBucket)) return false
    const sums = summed(buckets)
    return past['calls'] === sums.calls && past['failed'] === sums.failed && past['slow'] === sums.slow
  },
  // by whole buckets: what was counted together stays together
  moved: (trip, window, by) => {
    const shift = Math.round((by * length) / (trip.settings as Settings).window)
    const { past } = window
    const buckets = past.buckets.map(([number, calls, failed, slow]) => [number + shift, calls, failed, slow] as const)
    return { ...window, bucket: window.bucket + shift, past: { ...past, buckets } }
  },
  total: true,
  unlessGiven: () => Rates.unlessGiven(Infinity),
  slow: Rates.isSlow,
  show: (settings) => `timeWindow(${[Duration.show(settings.window), ...Rates.show(settings)].join(', ')})`
}

/**
 * Opens when a share of the calls that ended in the last `window` milliseconds has failed, or was slow, once there are enough of
 * them.
 *
 * The window moves on by tenths of its length, so that it always holds at least nine tenths of it; it costs the same however
 * long it is and however many calls are in it. What is older is forgotten even where nobody called in between.
 *
 * @param window milliseconds, finite, > 0
 * @param rates see `Rates`
 *
 * @example
 * import { Trip } from 'resilience-ts'
 * import assert from 'assert'
 *
 * const trip = Trip.timeWindow(10_000, { failureRate: 0.5, minimumCalls: 2 })
 * const failed = (at: number) => ({ failed: true, at, duration: 5 })
 * const one = Trip.step(trip, Trip.initial(trip), failed(0))
 * assert.strictEqual(Trip.reason(trip, Trip.step(trip, one, failed(30_000)), 30_000), undefined)
 * assert.deepStrictEqual(Trip.reason(trip, Trip.step(trip, one, failed(5000)), 5000), {
 *   _tag: 'FailureRate',
 *   rate: 1,
 *   calls: 2
 * })
 *
 * @category trips
 * @since 0.1.0
 */
export const timeWindow = (window: Millis, rates: Rates.Rates): Trip => {
  const settings = { ...Rule.read(Rates.rules, rates), window }
  return make(form, settings, [], settings.slowRate === undefined ? 'time' : 'duration')
}
