/**
 * Values, errors and times in a few words.
 */
import * as O from 'fp-ts/Option'
import { Duration, Problem, type Rejection, type Strategy } from 'resilience-ts'

/** How to show that a line is good, bad, or of little weight. */
export type Paint = Readonly<Record<'good' | 'bad' | 'dim', (text: string) => string>>

const bare = (text: string): string => text
const code =
  (n: number) =>
  (text: string): string =>
    `\x1b[${n}m${text}\x1b[0m`

export const plain: Paint = { good: bare, bad: bare, dim: bare }
export const coloured: Paint = { good: code(32), bad: code(31), dim: code(2) }

export const ms = (time: number): string => Duration.show(Math.round(time))

/** Text from outside: on one line, not too long, and with nothing in it that a terminal obeys. */
const tame = (text: string): string => {
  const line = text.replace(/[\p{Cc}\s]+/gu, ' ').trim()
  return line.length > 80 ? `${line.slice(0, 77)}...` : line
}

type Told = Rejection.PollExhausted<unknown> | Rejection.CircuitOpen | Rejection.BulkheadFull

const tags: ReadonlyArray<unknown> = ['PollExhausted', 'CircuitOpen', 'BulkheadFull'] satisfies ReadonlyArray<
  Told['_tag']
>

const isTold = (error: object): error is Told => '_tag' in error && tags.includes(error._tag)

const tell = (rejection: Told): string => {
  switch (rejection._tag) {
    case 'PollExhausted': {
      const { reason, attempts, value, error } = rejection
      const last = O.isSome(value) ? `; the last value: ${Problem.showValue(value.value)}` : ''
      const against = O.isSome(error) ? `\n${showError(error.value)}` : ''
      return `PollExhausted ${reason._tag}: ${attempts} attempts${last}${against}`
    }
    case 'CircuitOpen':
      return rejection.retryAfter > 0
        ? `CircuitOpen ${rejection.reason}: not before ${ms(rejection.retryAfter)}`
        : `CircuitOpen ${rejection.reason}`
    case 'BulkheadFull': {
      const { reason, active, permits, queued } = rejection
      return `BulkheadFull ${reason}: ${active} of ${permits} permits taken, ${queued} waiting`
    }
  }
}

/** An error in a few words, its tag first; each problem that it lists on a line of its own. */
export const showError = (error: unknown): string => {
  if (typeof error !== 'object' || error === null) return Problem.showValue(error)
  if (isTold(error)) return tell(error)
  const words = Object.values(error)
    .map((value: unknown) => (value instanceof Error ? value.message : value))
    .filter((value) => typeof value === 'string' || typeof value === 'number')
  return [tame(words.join(' ')), ...problemsOf(error).map(Problem.show)].join('\n')
}

const problemsOf = (error: object): ReadonlyArray<Problem.Problem> =>
  'problems' in error && Array.isArray(error.problems) ? (error.problems as ReadonlyArray<Problem.Problem>) : []

/** An error on one line, without the problems that it lists. */
export const brief = (error: unknown): string => showError(error).replace(/\n.*/s, '')

/** What is wrong with a value, on one line: the first problem, if there are any. */
export const objection = (error: unknown): string => {
  const [problem, ...others] = typeof error === 'object' && error !== null ? problemsOf(error) : []
  if (problem === undefined) return brief(error)
  return `${Problem.show(problem)}${others.length === 0 ? '' : `, and ${others.length} more`}`
}

/** How something ended: with a value, or an error. */
export const showExit = (exit: Strategy.Exit): string => {
  switch (exit._tag) {
    case 'Right':
      return Problem.showValue(exit.right)
    case 'Left':
      return showError(exit.left)
    default:
      return showError(exit)
  }
}
