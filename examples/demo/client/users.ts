/**
 * Users: their codec, and policies around a request for one.
 */
import { pipe } from 'fp-ts/function'
import * as O from 'fp-ts/Option'
import * as TE from 'fp-ts/TaskEither'
import * as t from 'io-ts'
import { Policy, type Rejection, Schedule } from 'resilience-ts'
import { type HttpError, isTransient, type Network, type NotFound, type NotJson, type Status } from './http'

export const User = t.readonly(t.type({ id: t.number, name: t.string }), 'User')
export type User = t.TypeOf<typeof User>

export type UserError = HttpError | Rejection.DecodeFailed | Rejection.TimedOut

/** At least as long as the service asks to be left alone. */
const heedRetryAfter = (delay: number, error: UserError): number =>
  error._tag === 'Status' ? Math.max(delay, O.getOrElse(() => 0)(error.retryAfter)) : delay

/** One attempt: in time, and of the right shape. */
export const attempt: Policy.Policy<HttpError, unknown, UserError, User> = pipe(
  Policy.id<HttpError, unknown>(),
  Policy.ensure(User),
  Policy.timeout(500)
)

/** A user, with patience. */
export const user: Policy.Policy<HttpError, unknown, UserError, User> = pipe(
  attempt,
  Policy.retry(
    pipe(Schedule.exponential(50), Schedule.proportionalJitter(0.2), Schedule.modify(heedRetryAfter), Schedule.take(3)),
    { while: isTransient }
  )
)

/** A user as they were when the service last answered. */
export interface Stale {
  readonly _tag: 'Stale'
  readonly user: User
}

type Outage = Network | Status | Rejection.TimedOut

const isOutage = (error: UserError): error is Outage =>
  error._tag === 'Network' || error._tag === 'Status' || error._tag === 'TimedOut'

const fromCache = (): TE.TaskEither<never, Stale> => TE.right({ _tag: 'Stale', user: { id: 42, name: 'Ada' } })

/** A user, from the cache if need be: no outage is left among the errors. */
export const userOrStale: Policy.Policy<HttpError, unknown, NotFound | NotJson | Rejection.DecodeFailed, User | Stale> =
  pipe(user, Policy.fallbackIfWith(isOutage, fromCache))

/** A user, or none: that there is no such user is an answer, and no error. */
export const userIfAny: Policy.Policy<HttpError, unknown, Exclude<UserError, NotFound>, O.Option<User>> = pipe(
  user,
  Policy.map(O.some),
  Policy.fallbackTag('NotFound', () => O.none)
)
