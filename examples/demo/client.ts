/**
 * A typed client of the service: what can go wrong as a union, `fetch` as an operation, and policies around it.
 */
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as J from 'fp-ts/Json'
import * as O from 'fp-ts/Option'
import * as TE from 'fp-ts/TaskEither'
import * as t from 'io-ts'
import { Policy, type Rejection, Runner, Runtime, Schedule, type Strategy } from 'resilience-ts'

// -------------------------------------------------------------------------------------
// what can go wrong
// -------------------------------------------------------------------------------------

/** No answer, or not all of it. */
export interface Network {
  readonly _tag: 'Network'
  readonly code: string
}

/** An answer that is no success, and for how many ms it asks to be left alone. */
export interface Status {
  readonly _tag: 'Status'
  readonly status: number
  readonly retryAfter: O.Option<number>
}

export interface NotFound {
  readonly _tag: 'NotFound'
}

/** A success whose body is not JSON. */
export interface NotJson {
  readonly _tag: 'NotJson'
  readonly body: string
}

export type HttpError = Network | Status | NotFound | NotJson

const Coded = t.type({ cause: t.type({ code: t.string }) })

const network = (thrown: unknown): HttpError => ({
  _tag: 'Network',
  code: Coded.is(thrown) ? thrown.cause.code : 'cut off'
})

const retryAfter = ({ headers }: Response): O.Option<number> =>
  pipe(
    O.fromNullable(headers.get('retry-after')),
    O.map((seconds) => Number(seconds) * 1000),
    O.filter(Number.isFinite)
  )

// -------------------------------------------------------------------------------------
// the operation
// -------------------------------------------------------------------------------------

/** GETs a URL. The attempt's signal ends the request, and the reading of its body too. */
export const fetchJson =
  (url: string) =>
  ({ signal }: Pick<Strategy.Attempt, 'signal'>): TE.TaskEither<HttpError, unknown> =>
    pipe(
      TE.tryCatch(async () => {
        const response = await fetch(url, { signal })
        return { response, body: await response.text() }
      }, network),
      TE.chainEitherK(({ response, body }) => {
        if (response.status === 404) return E.left<HttpError>({ _tag: 'NotFound' })
        if (!response.ok) return E.left({ _tag: 'Status', status: response.status, retryAfter: retryAfter(response) })
        return pipe(
          J.parse(body),
          E.mapLeft(() => ({ _tag: 'NotJson', body }))
        )
      })
    )

// -------------------------------------------------------------------------------------
// the policies
// -------------------------------------------------------------------------------------

export const User = t.readonly(t.type({ id: t.number, name: t.string }), 'User')
export type User = t.TypeOf<typeof User>

export type UserError = HttpError | Rejection.DecodeFailed | Rejection.TimedOut

/** What another attempt may mend. */
export const isTransient = (error: UserError): boolean => {
  switch (error._tag) {
    case 'NotFound':
      return false
    case 'Status':
      return error.status === 429 || error.status >= 500
    default:
      return true
  }
}

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

// -------------------------------------------------------------------------------------
// what the service has seen
// -------------------------------------------------------------------------------------

const Calls = t.type({ calls: t.number })

/** How often the service was called at a path. */
export const callsSeen = (
  service: string,
  path: string
): TE.TaskEither<HttpError | Rejection.DecodeFailed | Rejection.TimedOut | Rejection.Defect, number> =>
  pipe(
    fetchJson(`${service}/calls?of=${encodeURIComponent(path)}`),
    Runner.make(pipe(Policy.id<HttpError, unknown>(), Policy.ensure(Calls), Policy.timeout(2000)))(Runtime.live)()
      .runWith,
    TE.map(({ calls }) => calls)
  )
