/** tenacity's stops: what bounds a schedule. */
import { Schedule } from 'resilience-ts'
import { pipe } from 'fp-ts/function'
import { formula, truthy } from '../expression'
import { isFields, type Json, list, ms, seconds } from '../json'
import type { Wait } from './waits'

export type Stop = (schedule: Wait) => Wait

export const never: Stop = (schedule) => schedule

/** A first attempt is always made. */
export const afterAttempt = (n: number): Stop => Schedule.take(Math.max(0, n - 1))

const stops: Readonly<Record<string, (json: Json) => Stop>> = {
  never: () => never,
  after_attempt: (n) => afterAttempt(Number(n)),
  after_delay: (limit) => Schedule.stopAfter(Math.max(0, ms(limit))),
  before_delay: (limit) => Schedule.within(Math.max(0, ms(limit))),
  when_event_set: (isSet) => Schedule.stopWhen(() => truthy(isSet)),
  /** Bounds in a row: the first of them stops it. */
  any: (all) => (schedule) => list(all).reduce((bounded, one) => stopOf(one)(bounded), schedule),
  /** `either` goes on as long as one of its sides does. */
  all: (all) => (schedule) =>
    list(all)
      .map((one) => stopOf(one)(schedule))
      .reduce((a, b) => pipe(a, Schedule.either(b))),
  fn: (source) => {
    const holds = formula(source)
    return Schedule.stopWhen(({ attempt, elapsed }, delay) =>
      truthy(holds({ attempt, n: attempt, elapsed: seconds(elapsed), upcoming: seconds(delay) }))
    )
  }
}

const stopNames: Readonly<Record<string, string>> = {
  attempt: 'after_attempt',
  delay: 'after_delay',
  before: 'before_delay',
  event: 'when_event_set',
  callable: 'fn',
  '|': 'any',
  '&': 'all'
}

/** A stop as a vector writes it: a number of attempts, or `{ kind: limit }`. */
export const stopOf = (json: Json | undefined): Stop => {
  if (json == null || json === 'never') return never
  if (typeof json === 'number') return afterAttempt(json)
  const [[name, limit]] = Object.entries(isFields(json) ? json : { fn: json }) as [[string, Json]]
  const kind = name.replace(/^stop_/, '')
  const make = stops[stopNames[kind] ?? kind]
  if (make === undefined) throw new Error(`no such stop: ${name}`)
  return make(limit)
}
