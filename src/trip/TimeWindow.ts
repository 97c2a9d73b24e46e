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
const buckets = 10

/** One bucket's number (its time divided by its width), and what was counted in it. */
type Bucket = readonly [number: number, calls: number, failed: number, slow: number]

/**
 * Counts by bucket, and their sums. The bucket that is being filled stands apart, so that most outcomes copy none of the
 * others.
 */
interface Window {
  /** The number of the bucket that is being filled. */
  readonly bucket: number
  readonly calls: number
  readonly failed: number
  readonly slow: number
  /** Those before it, oldest first; empty ones are left out. */
  readonly older: ReadonlyArray<Bucket>
  /** The sums over the older ones. */
  readonly olderCalls: number
  readonly olderFailed: number
  readonly olderSlow: number
  readonly [key: string]: number | ReadonlyArray<Bucket>
}

const numberOf = ({ window }: Settings, at: Millis): number => Math.floor((at * buckets) / window)

const none: ReadonlyArray<Bucket> = []
const empty: Window = {
  bucket: 0,
  calls: 0,
  failed: 0,
  slow: 0,
  older: none,
  olderCalls: 0,
  olderFailed: 0,
  olderSlow: 0
}

/** How many calls there were in some buckets, how many of them failed, and how many were slow. */
const sums = (older: ReadonlyArray<Bucket>): readonly [number, number, number] => {
  let [allCalls, allFailed, allSlow] = [0, 0, 0]
  for (const [, calls, failed, slow] of older) {
    allCalls += calls
    allFailed += failed
    allSlow += slow
  }
  return [allCalls, allFailed, allSlow]
}

const isBucket = (u: unknown): u is Bucket => {
  if (!Array.isArray(u) || u.length !== 4) return false
  const [number, calls, failed, slow] = u as ReadonlyArray<unknown>
  return Number.isSafeInteger(number) && isCount(calls) && isCount(failed, calls) && isCount(slow, calls)
}

/** The window as it stands when the bucket of this number is being filled: what is older than it is long has gone. */
const turned = (window: Window, bucket: number): Window => {
  // a clock that went back a little, between processes say, fills the bucket that it finds; one that was set back begins anew
  if (bucket <= window.bucket) return bucket > window.bucket - buckets ? window : { ...empty, bucket }
  const filled: Bucket = [window.bucket, window.calls, window.failed, window.slow]
  const older = (window.calls > 0 ? [...window.older, filled] : window.older).filter(
    ([number]) => number > bucket - buckets
  )
  const [olderCalls, olderFailed, olderSlow] = sums(older)
  return { bucket, calls: 0, failed: 0, slow: 0, older, olderCalls, olderFailed, olderSlow }
}

const form: Form<Settings, Window> = {
  name: 'timeWindow',
  rules: { ...Rates.rules, window: Rule.interval },
  problems: Rates.problems,
  initial: () => empty,
  step: (trip, before, outcome) => {
    const settings = trip.settings as Settings
    const window = turned(before, numberOf(settings, outcome.at))
    return {
      bucket: window.bucket,
      calls: window.calls + 1,
      failed: outcome.failed ? window.failed + 1 : window.failed,
      slow: Rates.isSlow(settings, outcome) ? window.slow + 1 : window.slow,
      older: window.older,
      olderCalls: window.olderCalls,
      olderFailed: window.olderFailed,
      olderSlow: window.olderSlow
    }
  },
  reason: (trip, before, at) => {
    // where nothing is against them, time can bring nothing up
    if (before.failed + before.olderFailed + before.slow + before.olderSlow === 0) return undefined
    const settings = trip.settings as Settings
    const { calls, failed, slow, olderCalls, olderFailed, olderSlow } = turned(before, numberOf(settings, at))
    return Rates.reached(settings, Infinity, calls + olderCalls, failed + olderFailed, slow + olderSlow)
  },
  holds: (_trip, state) => {
    if (!isRecord(state)) return false
    const { bucket, calls, failed, slow, older, olderCalls, olderFailed, olderSlow } = state
    if (!isBucket([bucket, calls, failed, slow]) || !Array.isArray(older) || older.length >= buckets) return false
    if (!older.every(isBucket)) return false
    const [sumCalls, sumFailed, sumSlow] = sums(older)
    return olderCalls === sumCalls && olderFailed === sumFailed && olderSlow === sumSlow
  },
  // by whole buckets: what was counted together stays together
  moved: (trip, window, by) => {
    const shift = Math.round((by * buckets) / (trip.settings as Settings).window)
    return {
      ...window,
      bucket: window.bucket + shift,
      older: window.older.map(([number, calls, failed, slow]) => [number + shift, calls, failed, slow] as const)
    }
  },
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
