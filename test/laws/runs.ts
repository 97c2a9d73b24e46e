import fc from 'fast-check'
import { setting } from '../setting'

// LAW_RUNS=100000 tries harder; LAW_SEED=42 (and the path that a failure prints) tries the same again

const seed = setting('LAW_SEED')

/** How often each law is tried, and from which seed. */
export const runs: { readonly numRuns: number; readonly seed?: number } = {
  numRuns: setting('LAW_RUNS') ?? 1000,
  ...(seed === undefined ? {} : { seed })
}

/** A law as a test: the name of the law, the values it speaks of, and what has to hold of them. */
export const law = <Ts extends [unknown, ...Array<unknown>]>(
  name: string,
  arbitraries: { [K in keyof Ts]: fc.Arbitrary<Ts[K]> },
  holds: (...values: Ts) => void
): void => {
  it(name, () => {
    const values = fc.tuple(...arbitraries) as fc.Arbitrary<Ts>
    fc.assert(
      fc.property(values, (drawn) => {
        holds(...drawn)
      }),
      runs
    )
  })
}
