/**
 * An observer that tells the events of a run as they happen, a line each: when, which attempt, what, the delay, why.
 */
import { Duration, type Event, Problem, type Strategy } from 'resilience-ts'

/** Sees every event, and cannot change an outcome. */
export type Observer = (event: Event.Event) => void

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

/** An error in a few words, its tag first; each problem that it lists on a line of its own. */
export const showError = (error: unknown): string => {
  if (typeof error !== 'object' || error === null) return Problem.showValue(error)
  const words = Object.values(error)
    .map((value: unknown) => (value instanceof Error ? value.message : value))
    .filter((value) => typeof value === 'string' || typeof value === 'number')
  const problems =
    'problems' in error && Array.isArray(error.problems) ? (error.problems as ReadonlyArray<Problem.Problem>) : []
  return [words.join(' '), ...problems.map(Problem.show)].join('\n')
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

const brief = (error: unknown): string => showError(error).replace(/\n.*/s, '')

const showOutcome = (outcome: Event.PollScheduled['outcome']): string =>
  outcome._tag === 'Right' ? Problem.showValue(outcome.right) : brief(outcome.left)

const outcomes = { Right: 'succeeded', Left: 'failed', Aborted: 'called off', Defect: 'defect' } as const

const stops: Readonly<Partial<Record<(Event.RetryStopped | Event.PollStopped)['reason']['_tag'], string>>> = {
  Attempts: 'no retries left',
  Predicate: 'no retry can mend that',
  Deadline: 'no attempt could end before the deadline'
}

type Cells = readonly [attempt: string, what: string, time: string, why: string]

const cells = (event: Event.Event): Cells => {
  switch (event._tag) {
    case 'RunStarted':
      return ['', 'called', '', '']
    case 'AttemptStarted':
      return [`#${event.attempt}`, 'attempt', '', '']
    case 'AttemptEnded':
      return [`#${event.attempt}`, outcomes[event.outcome._tag], `after ${ms(event.duration)}`, showExit(event.outcome)]
    case 'LateResult':
      return [`#${event.attempt}`, 'late', `after ${ms(event.duration)}`, `ignored: ${showExit(event.outcome)}`]
    case 'RetryScheduled':
      return ['', event.layer, `in ${ms(event.delay)}`, `because of ${brief(event.error)}`]
    case 'RetryStopped':
      return ['', event.layer, 'stops', `${stops[event.reason._tag] ?? event.reason._tag}: ${brief(event.error)}`]
    case 'PollScheduled':
      return ['', event.layer, `in ${ms(event.delay)}`, `not yet: ${showOutcome(event.outcome)}`]
    case 'PollStopped':
      return [
        '',
        event.layer,
        'stops',
        `${stops[event.reason._tag] ?? event.reason._tag}: ${showOutcome(event.outcome)}`
      ]
    case 'TimeoutFired':
      return ['', event.layer, 'fires', `more than ${ms(event.timeout)}`]
    case 'DeadlineReached':
      return ['', event.layer, 'fires', 'the time is over']
    case 'ResultRefused':
      return ['', event.layer, 'refuses', showError(event.error)]
    case 'FallbackUsed':
      return ['', event.layer, 'recovers', `from ${brief(event.error)}`]
    case 'CallQueued':
      return ['', event.layer, 'queues', `${event.queued} waiting`]
    case 'CallAdmitted':
      return ['', event.layer, 'admits', `after ${ms(event.waited)}`]
    case 'CallRefused':
      return ['', event.layer, 'refuses', showError(event.error)]
    case 'Custom':
      return ['', event.layer, event.name, Problem.showValue(event.data)]
    case 'RunEnded':
      return ['', 'answer', `after ${ms(event.elapsed)}`, outcomes[event.outcome._tag]]
  }
}

const weight = (event: Event.Event, paint: Paint): ((text: string) => string) => {
  switch (event._tag) {
    case 'RunEnded':
      return event.outcome._tag === 'Right' ? paint.good : paint.bad
    case 'RunStarted':
    case 'AttemptStarted':
    case 'LateResult':
      return paint.dim
    default:
      return bare
  }
}

/** Prints the first run that it sees; where there are many at once, the others are like it. */
export const timeline = (print: (line: string) => void, paint: Paint): Observer => {
  let startedAt = 0
  return (event) => {
    if (event.run !== 1) return
    if (event._tag === 'RunStarted') startedAt = event.at
    const [attempt, what, time, why] = cells(event)
    const head = `${ms(event.at - startedAt).padStart(9)}  ${attempt.padEnd(3)} ${what.padEnd(15)} ${time.padEnd(13)} `
    const line = head + why.replaceAll('\n', `\n${' '.repeat(head.length)}`)
    print(weight(event, paint)(line.trimEnd()))
  }
}
