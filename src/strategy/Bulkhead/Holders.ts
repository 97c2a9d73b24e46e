/**
 * Who holds how many permits of a bulkhead that is shared by name: pure, over plain data that JSON can carry.
 *
 * Each holder, a runner in some process, holds its permits on a lease: unless it says again that it is there, they are free
 * once that is over. A process that has died leaves nothing behind.
 *
 * @since 0.1.0
 */
import type { Changed } from '../../Cell'
import type { Millis } from '../../Duration'

/**
 * The permits, and who holds them.
 *
 * @internal
 */
export interface Holders {
  readonly permits: number
  readonly holders: { readonly [holder: string]: Held }
}

interface Held {
  readonly held: number
  readonly until: Millis
}

/**
 * What a holder is told.
 *
 * @internal
 */
export interface Granted {
  /** How many it holds from now on. */
  readonly held: number
  /** How many there are. */
  readonly permits: number
}

/**
 * Nobody holds any.
 *
 * @internal
 */
export const free = (permits: number): Holders => ({ permits, holders: {} })

/**
 * A holder that holds so many would like to hold so many, and renews its lease. What it holds and uses is not taken from it.
 *
 * @internal
 */
export const claimed = (
  { permits, holders }: Holders,
  holder: string,
  held: number,
  wanted: number,
  now: Millis,
  lease: Millis
): Changed<Holders, Granted> => {
  const others: Record<string, Held> = {}
  let taken = 0
  for (const [other, { held, until }] of Object.entries(holders)) {
    // a clock that was set back does not make a lease longer than it is
    if (other === holder || until <= now) continue
    others[other] = { held, until: Math.min(until, now + lease) }
    taken += held
  }
  const granted = Math.max(Math.min(wanted, permits - taken), Math.min(wanted, held))
  const kept = granted === 0 ? others : { ...others, [holder]: { held: granted, until: now + lease } }
  return { state: { permits, holders: kept }, result: { held: granted, permits } }
}

/**
 * There are so many permits from now on.
 *
 * @internal
 */
export const resized = (state: Holders, permits: number): Changed<Holders, undefined> => ({
  state: { ...state, permits },
  result: undefined
})

/**
 * Whether a value is such a state.
 *
 * @internal
 */
export const holds = (u: unknown): u is Holders => {
  if (!isRecord(u) || !isCount(u['permits']) || !isRecord(u['holders'])) return false
  return Object.values(u['holders']).every(
    (each) => isRecord(each) && isCount(each['held']) && Number.isFinite(each['until'])
  )
}

const isRecord = (u: unknown): u is { readonly [key: string]: unknown } => typeof u === 'object' && u !== null
const isCount = (u: unknown): boolean => Number.isSafeInteger(u) && (u as number) >= 0
