/** A whole loop; with another wait or stop, or switched off. */
import { Policy, type Schedule } from 'resilience-ts'
import { pipe } from 'fp-ts/function'
import { changed, ofRun } from '../difference'
import { outcomeOf } from '../exceptions'
import { isFields, list, text } from '../json'
import { play } from '../play'
import type { Adapter, Difference, Question } from '../question'
import { calls } from './calls'
import { scheduleOf, settingsOf, tenacity } from './policy'
import { seen } from './seen'

export const loop: Adapter = async (question) => {
  const { params, input } = question
  const { enabled, retry_with, override = retry_with, ...own } = params
  const policy = tenacity(settingsOf(own, input))
  const anew = isFields(override) ? scheduleOf(settingsOf({ ...own, ...override }, input)) : undefined
  const overridden =
    anew === undefined
      ? policy
      : pipe(policy, Policy.override('retryOrElse', { schedule: anew as Schedule.Schedule<unknown> }))
  const used = enabled === false ? Policy.disabled(policy) : overridden
  const ours = seen(await play(used, calls(input), { random: input['random'] }))
  return { ours, ...(/exception/.test(text(own['wait'] ?? '')) ? { differs: noException(question) } : {}) }
}

/**
 * Of a wait that is computed from the exception. Where a result was the first to be had again, theirs has none to compute it
 * from, and raises. Ours waits for nothing, and goes on until it is stopped.
 */
const noException = ({ params, input }: Question): Difference => ({
  because: 'a wait of the exception',
  instead: ofRun((theirs) => {
    const attempts = Number(params['stop'])
    const outcomes = list(input['calls']).map(outcomeOf).slice(0, attempts)
    const [first, last] = [outcomes[0], outcomes.at(-1)]
    const raises = isFields(theirs['outcome']) && theirs['outcome']['err'] === 'RuntimeError'
    if (!raises || first === undefined || last === undefined || !('ok' in first && 'ok' in last)) return theirs
    const lastAttempt = { attemptNumber: attempts, failed: false, value: last.ok }
    return changed({
      calls: () => attempts,
      sleeps: () => Array.from({ length: attempts - 1 }, () => 0),
      outcome: () => ({ err: 'RetryError', lastAttempt, cause: null })
    })(theirs)
  })
})
