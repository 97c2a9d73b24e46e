/** How a difference is said: what they answer, with other values in some of its fields. */
import { type Fields, isFields, type Json } from './json'
import type { Difference } from './question'

type Changes = Readonly<Record<string, (value: Json) => unknown>>

/** Other values in these fields, of those that are spoken of. */
export const changed =
  (changes: Changes) =>
  (theirs: Fields): Readonly<Record<string, unknown>> =>
    Object.fromEntries(
      Object.entries(theirs).map(([name, value]) => {
        const change = changes[name]
        return [name, change === undefined ? value : change(value)]
      })
    )

/** Of what was seen of a run; what is none, such as a log, has no difference. */
export const ofRun =
  (instead: (theirs: Fields) => unknown): Difference['instead'] =>
  (theirs) =>
    isFields(theirs) ? instead(theirs) : theirs

/**
 * Ours is over with the last call: it takes the time of the calls, and of the sleeps between them. `delay` is the one after the
 * nth call, `took` the time of each call; in seconds.
 */
export const overWithTheLastCall = (calls: number, delay: (n: number) => number, took: number): Changes => {
  const between = Array.from({ length: Math.max(0, calls - 1) }, (_, i) => delay(i + 1))
  const elapsed = total(between) + calls * took
  return { sleeps: () => between, elapsed: () => elapsed, duration: () => elapsed }
}

export const total = (all: ReadonlyArray<number>): number => all.reduce((sum, one) => sum + one, 0)
