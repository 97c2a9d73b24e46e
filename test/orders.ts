/** What the tests share that play a scenario in many orders. */
import { setting } from './setting'

// INTERLEAVINGS=1000000 tries more orders; a failure prints the seed of its order, which INTERLEAVINGS_FROM plays first

/** The seed of the first order. */
export const from = setting('INTERLEAVINGS_FROM') ?? 0

/** How many orders are tried. */
export const orders = (unlessGiven: number): number => setting('INTERLEAVINGS') ?? unlessGiven

/** What has to hold; `expect` would take longer than the race. */
export const hold = (holds: boolean, what: string): void => {
  if (!holds) throw new Error(`does not hold: ${what}`)
}

/** Whether two pieces of plain data are the same. */
export const same = (a: object, b: object): boolean => JSON.stringify(a) === JSON.stringify(b)
