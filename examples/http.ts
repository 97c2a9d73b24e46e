/** A request as an operation: what can go wrong is in its type, and the attempt's signal ends it. */
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import type { Strategy } from 'resilience-ts'

/** No answer, or not all of it. */
export interface Network {
  readonly _tag: 'Network'
  readonly cause: unknown
}

/** An answer that is no success. */
export interface Status {
  readonly _tag: 'Status'
  readonly status: number
}

export type HttpError = Network | Status

/** Makes a request, and reads what it is answered with as JSON. */
export const request =
  (method: 'GET' | 'PUT', url: string, body?: string) =>
  ({ signal }: Pick<Strategy.Attempt, 'signal'>): TE.TaskEither<HttpError, unknown> =>
    pipe(
      TE.tryCatch(
        async () => {
          const response = await fetch(url, { method, signal, ...(body === undefined ? {} : { body }) })
          return { ok: response.ok, status: response.status, body: JSON.parse(await response.text()) as unknown }
        },
        (cause): HttpError => ({ _tag: 'Network', cause })
      ),
      TE.filterOrElse(
        ({ ok }) => ok,
        ({ status }): HttpError => ({ _tag: 'Status', status })
      ),
      TE.map(({ body }) => body)
    )

export const get = (url: string) => request('GET', url)
export const put = (url: string, body: string) => request('PUT', url, body)

/** What another attempt may mend: no answer, and what a server says of itself. */
export const isTransient = (error: { readonly _tag: string; readonly status?: number }): boolean =>
  error._tag !== 'Status' || [408, 429, 500, 502, 503, 504].includes(error.status ?? 0)
