/** What is known of a call: data, where theirs has a text. */
import { succeeds } from 'resilience-ts/testing'
import { expression } from '../expression'
import { ms, text } from '../json'
import { play } from '../play'
import type { Adapter, Difference } from '../question'
import { tenacity } from './policy'
import { retryOf } from './predicates'
import { afterAttempt } from './stops'

/** At this attempt, of those that all have this result. */
export const state: Adapter = async ({ input }) => {
  const { attempt = 1, result = null } = input
  const policy = tenacity({ stop: afterAttempt(Number(attempt)), retry: retryOf('always') })
  const { report } = await play(policy, [succeeds(result)])
  const { attempts, totals } = report
  return {
    ours: { attempt: totals.attempts, waited: totals.waited, outcome: attempts.at(-1)?.outcome },
    differs: data
  }
}

/** The same as their text says. */
const data: Difference = {
  because: 'the state is data',
  instead: (theirs) => {
    const [, attempt, slept, result = ''] =
      /^<RetryCallState \w+: attempt #(\d+); slept for ([\d.]+); last result: returned (.*)>$/.exec(text(theirs)) ?? []
    return {
      attempt: Number(attempt),
      waited: ms(Number(slept)),
      outcome: { _tag: 'Right', right: expression(result)({}) }
    }
  }
}
