/** The data that vectors are written in, and how it is read. Times are in seconds. */

export type Json = null | boolean | number | string | ReadonlyArray<Json> | Fields
export interface Fields {
  readonly [name: string]: Json
}

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
