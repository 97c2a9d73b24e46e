/** tenacity's `Retrying` as a policy. */
import { Policy, type Rejection, Schedule } from 'resilience-ts'
import { pipe } from 'fp-ts/function'
import * as T from 'fp-ts/Task'
import * as TE from 'fp-ts/TaskEither'
import { isRaised, type Outcome, outcomeOf, type Raised } from '../exceptions'
import { expression } from '../expression'
import { type Fields, type Json, list, text } from '../json'
import { type Retry, retryOf } from './predicates'
import { outcomeIn, rejected, type Rejected } from './rejected'
import { never, type Stop, stopOf } from './stops'
import { type Wait, waitOf } from './waits'

/** The last attempt, wrapped. */
export interface RetryError {
  readonly _tag: 'RetryError'
  readonly attempts: number
  readonly last: Outcome
}

export interface Settings {
  readonly wait?: Wait
  readonly stop?: Stop
  readonly retry?: Retry
  /** Gives back the last error as it is. */
  readonly reraise?: boolean
  /** Answers in place of the error. */
  readonly callback?: (attempts: number) => unknown
  readonly hooks?: Hooks
}

interface Hooks {
  readonly before?: (attempt: number) => void
  /** After what was rejected. */
  readonly after?: (attempt: number) => void
  readonly beforeSleep?: (info: Policy.RetryInfo<unknown>) => void
}

export type Operation = Raised | Rejection.TryAgain

export const scheduleOf = ({ wait = Schedule.forever, stop = never }: Settings): Wait => stop(wait)

export const tenacity = ({ retry = retryOf(null), hooks = {}, ...settings }: Settings) =>
  pipe(
    Policy.id<Operation, unknown>(),
    Policy.before(({ number }) => T.fromIO(() => hooks.before?.(number))),
    // the predicate speaks first; from there on a failure is one that is had again, or it is not
    Policy.ensure((value: unknown) => !retry.value(value)),
    Policy.mapLeft((error): Operation | Rejected => {
      if (error._tag === 'EnsureFailed') return rejected({ ok: error.value as Json })
      return error._tag === 'Raised' && retry.error(error) ? rejected({ error }) : error
    }),
    Policy.tapError((error, { number }) =>
      T.fromIO(() => {
        if (!isRaised(error)) hooks.after?.(number)
      })
    ),
    Policy.retryOrElse(
      scheduleOf(settings),
      ({ error, attempts, reason }): TE.TaskEither<Operation | RetryError, unknown> => {
        if (isRaised(error) || reason._tag === 'Predicate') return TE.left(error as Raised)
        const last = outcomeIn(error)
        // switched off: whatever it is
        if (reason._tag === 'Never') return 'error' in last ? TE.left(last.error) : TE.right(last.ok)
        if (settings.callback !== undefined) return TE.right(settings.callback(attempts))
        if (settings.reraise === true && 'error' in last) return TE.left(last.error)
        return TE.left({ _tag: 'RetryError', attempts, last })
      },
      {
        while: (error) => !isRaised(error),
        beforeRetry: (info) => T.fromIO(() => hooks.beforeSleep?.(info))
      }
    )
  )

/**
 * What is had again where it is not said: errors; and `None`, if the calls go on after one. Nobody writes down a call that is
 * never made.
 */
const unsaid = ({ calls }: Fields): Json => {
  const isNone = (outcome: Outcome): boolean => 'ok' in outcome && outcome.ok === null
  return list(calls).slice(0, -1).map(outcomeOf).some(isNone) ? 'result is None | Exception' : null
}

/** As a vector writes it: with these set, whatever it says. */
export const settingsOf = (
  { wait, stop, retry, reraise, callback, retry_error_callback = callback }: Fields,
  input: Fields = {}
): Settings & Required<Pick<Settings, 'wait' | 'stop' | 'retry'>> => {
  const said =
    retry_error_callback === undefined ? undefined : expression(text(retry_error_callback).replace(/^returns /, ''))
  return {
    wait: waitOf(wait),
    stop: stopOf(stop),
    retry: retryOf(retry ?? unsaid(input)),
    reraise: reraise === true,
    ...(said === undefined ? {} : { callback: (attempts) => said({ attemptNumber: attempts, attempt: attempts }) })
  }
}
