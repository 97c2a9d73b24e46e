/**
 * HTTP as operations: what can go wrong as a union, and `fetch` as a `TaskEither` that heeds the attempt's signal.
 */
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as J from 'fp-ts/Json'
import * as O from 'fp-ts/Option'
import * as TE from 'fp-ts/TaskEither'
import * as t from 'io-ts'
import type { Rejection, Strategy } from 'resilience-ts'

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
const Caused = t.type({ cause: t.type({ message: t.string }) })

const network = (thrown: unknown): HttpError => ({
  _tag: 'Network',
  code: Coded.is(thrown) ? thrown.cause.code : Caused.is(thrown) ? thrown.cause.message : 'cut off'
})

const retryAfter = ({ headers }: Response): O.Option<number> =>
  pipe(
    O.fromNullable(headers.get('retry-after')),
    O.map((seconds) => Number(seconds) * 1000),
    O.filter(Number.isFinite)
  )

/** What another attempt may mend. */
export const isTransient = (error: HttpError | Rejection.DecodeFailed | Rejection.TimedOut): boolean => {
  switch (error._tag) {
    case 'NotFound':
      return false
    case 'Status':
      return error.status === 429 || error.status >= 500
    default:
      return true
  }
}

// -------------------------------------------------------------------------------------
// the operations
// -------------------------------------------------------------------------------------

type Operation<A> = (attempt: Pick<Strategy.Attempt, 'signal'>) => TE.TaskEither<HttpError, A>

/** The attempt's signal ends the request, and the reading of its body too. */
const request =
  (method: 'GET' | 'POST', url: string): Operation<{ readonly response: Response; readonly body: string }> =>
  ({ signal }) =>
    pipe(
      TE.tryCatch(async () => {
        const response = await fetch(url, { method, signal })
        return { response, body: await response.text() }
      }, network),
      TE.filterOrElse(
        ({ response }) => response.ok,
        ({ response }): HttpError =>
          response.status === 404
            ? { _tag: 'NotFound' }
            : { _tag: 'Status', status: response.status, retryAfter: retryAfter(response) }
      )
    )

/** GETs a URL. Every 2xx is a success, 202 too: what its body says is for a codec to tell. */
export const fetchJson =
  (url: string): Operation<unknown> =>
  (attempt) =>
    pipe(
      request('GET', url)(attempt),
      TE.chainEitherK(({ body }) =>
        pipe(
          J.parse(body),
          E.mapLeft((): HttpError => ({ _tag: 'NotJson', body }))
        )
      )
    )

/** Where to find what a POST made, if the answer says so. */
export interface Created {
  readonly location: string | null
}

/** POSTs to a URL. */
export const post =
  (url: string): Operation<Created> =>
  (attempt) =>
    pipe(
      request('POST', url)(attempt),
      TE.map(({ response }) => ({ location: response.headers.get('location') }))
    )
