/** The vectors: numbers that were obtained by running the five systems, and what is made of each. Times are in seconds. */
import { readFileSync } from 'fs'
import { join } from 'path'

export type System = 'tenacity' | 'wait_for' | 'aioretry' | 'kaioretry' | 'poll' | 'article'

export type Json = null | boolean | number | string | ReadonlyArray<Json> | Fields
export interface Fields {
  readonly [name: string]: Json
}

/**
 * One case: what the system was told, and what it did.
 *
 * `parity` says what is asked of us: the same numbers (`match`), a sound behaviour that we document (`document`), or that we do
 * not have the bug (`avoid`).
 */
export interface Vector {
  readonly id: string
  readonly system: System
  readonly feature: string
  readonly params: Fields
  readonly input: Fields
  readonly expected: Json
  readonly parity: 'match' | 'document' | 'avoid'
}

export const vectors = JSON.parse(
  readFileSync(join(__dirname, 'seed-vectors.json'), 'utf8')
) as unknown as ReadonlyArray<Vector>

/**
 * What ours did, in the words of the vector; and, where it differs on purpose, what our documentation says instead of what the
 * vector expects, and the row of the page that says so.
 */
export interface Conformity {
  readonly ours: unknown
  readonly instead?: unknown
  readonly because?: string
}

export type Adapter = (vector: Vector) => Promise<Conformity>

// -------------------------------------------------------------------------------------
// reading
// -------------------------------------------------------------------------------------

export const isFields = (json: Json | undefined): json is Fields =>
  typeof json === 'object' && json !== null && !isList(json)

export const isList = (json: Json | undefined): json is ReadonlyArray<Json> => Array.isArray(json)

export const list = (json: Json | undefined): ReadonlyArray<Json> =>
  json === undefined || json === null ? [] : isList(json) ? json : [json]

export const numbers = (json: Json | undefined): ReadonlyArray<number> => list(json).map(Number)

export const text = (json: Json | undefined): string => (typeof json === 'string' ? json : JSON.stringify(json))

/** Seconds as milliseconds; also those of a `timedelta`. */
export const ms = (json: Json | undefined): number =>
  isFields(json) ? ms(json['timedeltaSec']) : typeof json === 'number' ? exact(json * 1000) : NaN

export const seconds = (ms: number): number => exact(ms / 1000)

/** Without what a change of units rounds. */
export const exact = (n: number): number => Number(n.toPrecision(12))

/** The same, with numbers as exact as they can be compared. */
export const rounded = (value: unknown): unknown => {
  if (typeof value === 'number') return exact(value)
  if (Array.isArray(value)) return value.map(rounded)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, of]) => [name, rounded(of)]))
}

/** Of what was seen, the fields that are spoken of. */
export const spokenOf = (said: unknown, seen: unknown): unknown => {
  if (isList(said as Json) && isList(seen as Json)) {
    const all = said as ReadonlyArray<Json>
    return (seen as ReadonlyArray<Json>).map((value, i) => (i < all.length ? spokenOf(all[i], value) : value))
  }
  if (!isFields(said as Json) || !isFields(seen as Json)) return seen
  return Object.fromEntries(
    Object.keys(said as Fields).map((name) => [name, spokenOf((said as Fields)[name], (seen as Fields)[name])])
  )
}
