/** tenacity's log lines, from our events. */
import type { Event } from 'resilience-ts'
import type { Outcome } from '../exceptions'
import { written } from '../expression'
import { seconds } from '../json'
import { outcomeIn, type Rejected } from './rejected'

const suffixes: Readonly<Record<string, string>> = { one: 'st', two: 'nd', few: 'rd', other: 'th' }
const plurals = new Intl.PluralRules('en', { type: 'ordinal' })
const ordinal = (n: number): string => `${n}${suffixes[plurals.select(n)] ?? ''}`

/** `%.3g` and `%.3f`. */
export const formatter =
  (format = '%.3g') =>
  (ms: number): string => {
    const [, digits, kind] = /^%\d*\.(\d)([gf])$/.exec(format) ?? []
    return kind === 'f'
      ? seconds(ms).toFixed(Number(digits))
      : String(Number(seconds(ms).toPrecision(Number(digits ?? 3))))
  }

/** An observer that says what tenacity's `before_log`, `after_log` and `before_sleep_log` say. */
export const logger = (name: string, shown: (ms: number) => string, say: (line: string) => void) => {
  let startedAt = 0
  const finished = ({ at, attempt }: Event.RetryScheduled | Event.RetryStopped): void => {
    say(
      `Finished call to '${name}' after ${shown(at - startedAt)}(s), this was the ${ordinal(attempt)} time calling it.`
    )
  }
  const verdict = (outcome: Outcome): string =>
    'error' in outcome ? `raised ${outcome.error.type}: ${outcome.error.message}` : `returned ${written(outcome.ok)}`
  return (event: Event.Event): void => {
    switch (event._tag) {
      case 'RunStarted':
        startedAt = event.at
        break
      case 'AttemptStarted':
        say(`Starting call to '${name}', this is the ${ordinal(event.attempt)} time calling it.`)
        break
      case 'RetryScheduled':
        finished(event)
        say(`Retrying ${name} in ${shown(event.delay)} seconds as it ${verdict(outcomeIn(event.error as Rejected))}.`)
        break
      case 'RetryStopped':
        if (event.reason._tag !== 'Predicate') finished(event)
        break
      default:
    }
  }
}
