/**
 * What is possible in a circuit breaker's settings, but unwise.
 *
 * @since 0.1.0
 */
import * as Duration from '../../Duration'
import type { Millis } from '../../Duration'
import type { Problem } from '../../Problem'
import * as Schedule from '../../schedule/Model'
import type { Node } from '../../Strategy'
import type { Trip } from '../../trip/Model'
import { defaultLease, type Settings } from './Settings'

/**
 * What is unwise, given the layers inside.
 *
 * @internal
 */
export const advise = (settings: Settings, inside: ReadonlyArray<Node>): ReadonlyArray<Problem> => [
  ...openForAdvice(settings),
  ...leaseAdvice(settings, longestTimeout(inside)),
  ...windowAdvice(settings.trip, 'trip', longestTimeout(inside)),
  ...slowAdvice(settings.trip, 'trip', inside)
]

/** The longest that a timeout inside allows; 0 where there is none. */
const longestTimeout = (inside: ReadonlyArray<Node>): Millis => Math.max(0, ...timeouts(inside))

const timeouts = (inside: ReadonlyArray<Node>): ReadonlyArray<Millis> =>
  inside
    .filter(({ strategy }) => strategy.name === 'timeout')
    .map(({ settings }) => (settings as { readonly ms: Millis }).ms)
    .filter((ms) => ms < Infinity)

const openForAdvice = ({ openFor, maxOpenFor = Infinity }: Settings): ReadonlyArray<Problem> => {
  if (typeof openFor === 'number') {
    return openFor <= maxOpenFor
      ? []
      : [{ path: 'openFor', value: openFor, allowed: `no more than maxOpenFor, ${Duration.show(maxOpenFor)}` }]
  }
  return openFor.timed
    ? [
        {
          path: 'openFor',
          value: Schedule.show(openFor),
          allowed: 'a schedule that does not go by the time that is over'
        }
      ]
    : []
}

const leaseAdvice = (
  { lease = defaultLease, halfOpenFor = Infinity }: Settings,
  longest: Millis
): ReadonlyArray<Problem> => [
  ...(lease <= longest
    ? [
        {
          path: 'lease',
          value: lease,
          allowed: `more than the ${Duration.show(longest)} that a timeout inside it allows, or a probe fails before it is over`
        }
      ]
    : []),
  ...(halfOpenFor <= longest
    ? [
        {
          path: 'halfOpenFor',
          value: halfOpenFor,
          allowed: `more than the ${Duration.show(longest)} that a timeout inside it allows, or it opens again undecided`
        }
      ]
    : [])
]

/** Each trip that a trip is built from, itself included, with its path. */
const parts = (trip: Trip, path: string): ReadonlyArray<{ readonly part: Trip; readonly at: string }> => {
  const at = `${path}.${trip.form.name}`
  return [{ part: trip, at }, ...trip.inner.flatMap((each, index) => parts(each, `${at}.${String(index)}`))]
}

/** The failures that count most come as late as a timeout lets them: a window shorter than two of those sees few of them. */
const windowAdvice = (trip: Trip, path: string, longest: Millis): ReadonlyArray<Problem> =>
  parts(trip, path).flatMap(({ part, at }) => {
    const { window } = part.settings as { readonly window?: unknown }
    return typeof window === 'number' && window < 2 * longest
      ? [
          {
            path: `${at}.window`,
            value: window,
            allowed: `at least ${Duration.show(2 * longest)}, twice what a timeout inside it allows`
          }
        ]
      : []
  })

/** Where nothing inside tries again, a call is over with the shortest timeout, and none that succeeds is slower. */
const slowAdvice = (trip: Trip, path: string, inside: ReadonlyArray<Node>): ReadonlyArray<Problem> => {
  const shortest = Math.min(...timeouts(inside))
  const recurs = inside.some(({ strategy }) => /^(retry|poll)/.test(strategy.name))
  if (recurs) return []
  return parts(trip, path).flatMap(({ part, at }) => {
    const { slowAfter } = part.settings as { readonly slowAfter?: unknown }
    return typeof slowAfter === 'number' && slowAfter > shortest
      ? [
          {
            path: `${at}.slowAfter`,
            value: slowAfter,
            allowed: `no more than the ${Duration.show(shortest)} that a timeout inside it allows, or no call is ever slow`
          }
        ]
      : []
  })
}
