/** Ours and theirs side by side. */
import { exact, isFields, isList, type Json } from './json'
import type { Answer, Series } from './question'

/** Ours in the shape that is spoken of; and of its fields those that are. */
export const inTheShapeOf = (said: unknown, { ours, asList, asWord }: Answer): unknown => {
  if (asWord !== undefined && typeof said === 'string') return asWord
  return spokenOf(said, asList !== undefined && isList(said as Json) ? asList : ours)
}

const spokenOf = (said: unknown, seen: unknown): unknown => {
  if (isList(said as Json)) {
    const all = said as ReadonlyArray<Json>
    if (typeof seen === 'function') return spokenOf(said, (seen as Series)(all.length))
    if (!isList(seen as Json)) return seen
    return (seen as ReadonlyArray<Json>).map((value, i) => (i < all.length ? spokenOf(all[i], value) : value))
  }
  if (!isFields(said as Json) || !isFields(seen as Json)) return seen
  const [wanted, found] = [said, seen] as readonly [Record<string, unknown>, Record<string, unknown>]
  return Object.fromEntries(Object.keys(wanted).map((name) => [name, spokenOf(wanted[name], found[name])]))
}

/** The same, with numbers as exact as they can be compared. */
export const rounded = (value: unknown): unknown => {
  if (typeof value === 'number') return exact(value)
  if (Array.isArray(value)) return value.map(rounded)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, of]) => [name, rounded(of)]))
}
