/** Which delays a wait asks for. */
import { Policy, Schedule } from 'resilience-ts'
import { pipe } from 'fp-ts/function'
import * as T from 'fp-ts/Task'
import { changed, ofRun } from '../difference'
import { outcomeOf, type Raised } from '../exceptions'
import { type Fields, isList, type Json, list, numbers, seconds } from '../json'
import { inTurn, lineOf, type Lines, play } from '../play'
import type { Adapter, Answer, Difference, Question } from '../question'
import { always, endingAt } from './calls'
import { kindOf } from './kind'
import { call, type Wait } from './waits'

/** The first delays that a wait asks for, and no time lost in waiting for them: `decide` sees each, and goes on at once. */
const delaysOf = async (wait: Wait, n: number, lines: Lines, random?: Json): Promise<Delays> => {
  const delays: Array<number> = []
  const { result } = await play(
    pipe(
      Policy.id<Raised, unknown>(),
      Policy.retry(pipe(wait, Schedule.take(n)), {
        decide: ({ delay }) => {
          delays.push(seconds(delay))
          return T.of(Policy.againAfter(0))
        }
      })
    ),
    lines,
    { random }
  )
  const invalid = result._tag === 'Left' && result.left._tag === 'Defect' && result.left.kind === 'Invalid'
  return { delays, invalid }
}

interface Delays {
  readonly delays: ReadonlyArray<number>
  readonly invalid: boolean
}

/** The draws that were made for these attempts alone, at their places among those of all attempts. */
const drawn = ({ draws }: Wait, attempts: ReadonlyArray<number>, random: Json | undefined): Json => {
  const given = numbers(random)
  return Array.from({ length: Math.max(0, ...attempts) * draws }, (_, i) => {
    const asked = Math.max(0, attempts.indexOf(Math.floor(i / draws) + 1)) * draws + (i % draws)
    return given[Math.min(asked, given.length - 1)] ?? 0.5
  })
}

/** The delays at these attempts. */
export const waiting: Adapter = async (question) => {
  const { feature, params, input } = question
  const wait = call(kindOf(feature), params)
  if (isList(input['states'])) {
    const delaysSec = await inTurn(input['states'], async (state) => {
      const [attempt, elapsed] = numbers(state) as [number, number]
      const { delays } = await delaysOf(wait, attempt, endingAt(attempt, elapsed))
      return delays[attempt - 1]
    })
    return { ours: { delaysSec } }
  }
  const outcomes = list(input['outcomes'] ?? input['calls'] ?? input['errors'] ?? input['exceptions']).map(outcomeOf)
  const lines = outcomes.length > 0 ? (outcomes.map((one) => lineOf(one)) as unknown as Lines) : always
  const attempts = numbers(input['attempts'] ?? outcomes.map((_, i) => i + 1))
  const { delays, invalid } = await delaysOf(
    wait,
    Math.max(1, ...attempts),
    lines,
    drawn(wait, attempts, input['random'])
  )
  // an impossible setting is found before anything is called
  if (invalid) return { ours: { construct: 'ValueError' }, asWord: 'ValueError' }
  return { ours: { delaysSec: attempts.map((n) => delays[n - 1]) }, ...differenceOf(question) }
}

// -------------------------------------------------------------------------------------
// where ours differs
// -------------------------------------------------------------------------------------

/** What a wait of theirs never exceeds, of which nobody has said so; in seconds. */
const theirCap = 2 ** 62

const differenceOf = ({ feature, params, input }: Question): Pick<Answer, 'differs'> =>
  kindOf(feature) === 'wait_exponential' && params['max'] === undefined
    ? { differs: uncapped(params, numbers(input['attempts'])) }
    : {}

/** `multiplier·baseⁿ⁻¹`, as far as a number goes. */
const uncapped = ({ multiplier = 1, exp_base = 2 }: Fields, attempts: ReadonlyArray<number>): Difference => ({
  because: 'no cap unless you say one',
  instead: ofRun(
    changed({
      delaysSec: (theirs) =>
        numbers(theirs).map((delay, i) =>
          delay < theirCap
            ? delay
            : Math.min(Number(multiplier) * Number(exp_base) ** ((attempts[i] ?? 1) - 1), seconds(Number.MAX_VALUE))
        )
    })
  )
})
