/**
 * What errors say by themselves of a further attempt, before anybody is asked.
 *
 * @since 0.1.0
 */
import { tagOf } from './Tag'

/**
 * What an error says by itself of whether there is to be another attempt: no further one can mend it; the call was not made;
 * the operation asks to be tried again.
 *
 * @internal
 */
export type Standing = 'Final' | 'Refused' | 'Again'

/**
 * What an error says by itself, found with one look at its tag; most say nothing.
 *
 * @internal
 */
export const standingOf = (error: unknown): Standing | undefined => {
  const tag = tagOf(error)
  // most have none; an engine that has seen nothing but texts below compares them by their address
  if (tag === undefined) return undefined
  if (tag === 'DeadlineExceeded' || tag === 'Aborted') return 'Final'
  if (tag === 'CircuitOpen' || tag === 'BulkheadFull' || tag === 'RateLimited') return 'Refused'
  return tag === 'TryAgain' ? 'Again' : undefined
}
