/** Which outcomes a predicate would have again. */
import { changed, ofRun } from '../difference'
import { chained, circle, isA, type Outcome, outcomeOf, raised } from '../exceptions'
import { type Json, list, text } from '../json'
import { inTurn, lineOf, play } from '../play'
import type { Adapter, Difference } from '../question'
import { kindOf } from './kind'
import { tenacity } from './policy'
import { predicateOf, type Retry } from './predicates'
import { afterAttempt } from './stops'

const isRetried =
  (retry: Retry) =>
  async (outcome: Outcome): Promise<boolean> => {
    const { calls } = await play(tenacity({ retry, stop: afterAttempt(2) }), [lineOf(outcome)])
    return calls > 1
  }

/** Each of these outcomes; or a chain of causes, or a circle of them. */
export const retrying: Adapter = async ({ feature, params, input }) => {
  const asked = isRetried(predicateOf(kindOf(feature), params))
  const { chain, cycle, circle: round = cycle } = input
  if (round !== undefined)
    return { ours: { retry: await asked({ error: circle(round) }) }, differs: ending(round, params['types']) }
  if (chain !== undefined) return { ours: { retry: await asked({ error: chained(chain) }) } }
  return { ours: { retry: await inTurn(list(input['outcomes']).map(outcomeOf), asked) } }
}

/** Of a circle each is looked at once: it is had again if any of them is wanted, since each is a cause of the first. */
const ending = (round: Json, types: Json | undefined): Difference => ({
  because: 'a circle of causes has an end',
  instead: ofRun(
    changed({ retry: () => list(round).some((type) => isA(...list(types).map(text))(raised(text(type)))) })
  )
})
