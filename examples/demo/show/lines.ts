/**
 * An event as a line: when, which attempt, what, the delay, why.
 */
import { type Event, Problem } from 'resilience-ts'
import { brief, ms, objection, type Paint, showError, showExit } from './words'

/** Sees every event, and cannot change an outcome. */
export type Observer = (event: Event.Event) => void

export type Print = (line: string) => void

export type Cells = readonly [which: string, what: string, time: string, why: string]

export const outcomes = { Right: 'succeeded', Left: 'failed', Aborted: 'called off', Defect: 'defect' } as const

const retryStops: Readonly<Partial<Record<Event.RetryStopped['reason']['_tag'], string>>> = {
  Attempts: 'no retries left',
  Predicate: 'no retry can mend that',
  Deadline: 'no attempt could end before the deadline'
}

const pollStops: Readonly<Partial<Record<Event.PollStopped['reason']['_tag'], string>>> = {
  Attempts: 'no polls left',
  Predicate: 'no poll can mend that',
  FailWhen: 'it never will',
  Deadline: 'no attempt could end before the deadline'
}

const showOutcome = (outcome: Event.PollScheduled['outcome']): string =>
  outcome._tag === 'Right' ? Problem.showValue(outcome.right) : objection(outcome.left)

export const cells = (event: Event.Event): Cells => {
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
      return ['', event.layer, 'stops', `${retryStops[event.reason._tag] ?? event.reason._tag}: ${brief(event.error)}`]
    case 'PollScheduled':
      return ['', event.layer, `in ${ms(event.delay)}`, `not yet: ${showOutcome(event.outcome)}`]
    case 'PollStopped':
      return [
        '',
        event.layer,
        'stops',
        `${pollStops[event.reason._tag] ?? event.reason._tag}: ${showOutcome(event.outcome)}`
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
    case 'CircuitChanged':
      return ['', event.layer, event.to, `was ${event.from}; ${brief(event.reason)}`]
    case 'StoreFailed':
      return ['', event.layer, 'store', `${event.name}: ${brief(event.cause)}`]
    case 'Custom':
      return ['', event.layer, event.name, Problem.showValue(event.data)]
    case 'RunEnded':
      return ['', 'answer', `after ${ms(event.elapsed)}`, outcomes[event.outcome._tag]]
  }
}

export const weight = (event: Event.Event, paint: Paint): ((text: string) => string) => {
  switch (event._tag) {
    case 'RunEnded':
      return event.outcome._tag === 'Right' ? paint.good : paint.bad
    case 'RunStarted':
    case 'AttemptStarted':
    case 'LateResult':
      return paint.dim
    default:
      return (text) => text
  }
}

export const line = (time: number, [which, what, duration, why]: Cells): string => {
  const head = `${ms(time).padStart(9)}  ${which.padEnd(3)} ${what.padEnd(15)} ${duration.padEnd(13)} `
  return (head + why.replaceAll('\n', `\n${' '.repeat(head.length)}`)).trimEnd()
}
