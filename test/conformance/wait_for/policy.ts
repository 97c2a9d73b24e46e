/**
 * A poll at a fixed or doubling interval, which ends when the time is up, and whose exhaustion has the last result and the last
 * error.
 */
import { Duration, Policy, type Rejection, Schedule } from 'resilience-ts'
import { pipe } from 'fp-ts/function'
import * as O from 'fp-ts/Option'
import { isA, isRaised, type Raised } from '../exceptions'
import { expression, same, truthy } from '../expression'
import { type Fields, isFields, isList, type Json, list, ms, text } from '../json'

/** Seconds, or text such as `1h 10m 5s`. */
const limitOf = (json: Json): number =>
  typeof json === 'string'
    ? pipe(
        Duration.parse(json),
        O.fromEither,
        O.getOrElse(() => NaN)
      )
    : ms(json)

/** Whether a result is none yet: by value, by membership (`{0, None}`), by predicate. */
const failsOf = (json: Json): ((value: unknown) => boolean) => {
  if (isFields(json)) return failsOf(Object.values(json)[0] ?? null)
  if (isList(json)) return (value) => same(json, value) || json.some((one) => same(one, value))
  if (typeof json !== 'string') return (value) => same(value, json)
  if (/^\w*$/.test(json)) return (value) => value === json
  const [, members] = /^(?:set\()?[{[](.*)[}\]]\)?$/.exec(json) ?? []
  if (members !== undefined) {
    const all = members.split(',').map((member) => expression(member)({}))
    return (value) => all.some((one) => same(one, value))
  }
  const holds = expression(json.replace(/^lambda \w+: /, ''))
  return (value) => truthy(holds({ v: value, x: value, result: value, value }))
}

/** Which exceptions are waited out; those that are no `Exception` never are. */
const handledOf = (json: Json | undefined): ((error: Raised) => boolean) => {
  if (json === undefined || json === false || json === null) return () => false
  if (json === true) return isA('Exception')
  const types = list(json).map(text)
  return (error) => isA('Exception')(error) && isA(...types)(error)
}

export interface Settings {
  readonly limit: number
  readonly delay: number
  readonly doubles: boolean
  readonly fails: (value: unknown) => boolean
  readonly handled: (error: Raised) => boolean
  /** Stands inside of the poll, and is told of each call. */
  readonly hook?: Hook
}

export type Hook = (policy: Policy.Policy<Raised, unknown>) => Policy.Policy<Raised, unknown>

export const settingsOf = (params: Fields): Settings => ({
  limit: limitOf(params['num_sec'] ?? params['timeout'] ?? 120),
  delay: ms(params['delay'] ?? 1),
  doubles: params['expo'] === true,
  fails: failsOf(params['fail_condition'] === undefined ? false : params['fail_condition']),
  handled: handledOf(params['handle_exception'])
})

const waitFor = ({ limit, delay, doubles, fails, handled, hook = (policy) => policy }: Settings) =>
  pipe(
    Policy.id<Raised, unknown>(),
    hook,
    Policy.poll(pipe(doubles ? Schedule.exponential(delay) : Schedule.constant(delay), Schedule.upTo(limit)), {
      until: (value) => !fails(value),
      waitOut: handled
    })
  )

/** Never a failure: the last result, and how long it took. */
const silently = (settings: Settings) =>
  pipe(
    waitFor(settings),
    Policy.fallbackTag('PollExhausted', ({ value }) => O.toNullable(value))
  )

/** The original error, where that was the last there was. */
const originally = (settings: Settings) =>
  pipe(
    waitFor(settings),
    Policy.mapLeft((error) =>
      isRaised(error)
        ? error
        : pipe(
            error.error,
            O.filter(isRaised),
            O.getOrElseW(() => error)
          )
    )
  )

export type Ending = Raised | Rejection.PollExhausted<unknown>

export const policyOf = (
  params: Fields,
  hook: Hook = (policy) => policy
): Policy.Policy<Raised, unknown, Ending, unknown> => {
  const settings = { ...settingsOf(params), hook }
  if (params['silent_failure'] === true) return silently(settings)
  return params['raise_original'] === true ? originally(settings) : waitFor(settings)
}
