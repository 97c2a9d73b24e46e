/**
 * What the service says that it has seen: the promises are held against that too.
 */
import { pipe } from 'fp-ts/function'
import type * as TE from 'fp-ts/TaskEither'
import * as t from 'io-ts'
import { Policy, type Rejection, Runner, Runtime } from 'resilience-ts'
import { fetchJson, type HttpError } from './http'

const Traffic = t.readonly(t.type({ calls: t.number, atOnce: t.number }), 'Traffic')

/** How often a URL of the service was called, and how many of these calls were there at the same time at most. */
export type Traffic = t.TypeOf<typeof Traffic>

export const trafficOf = (
  service: string,
  url: string
): TE.TaskEither<HttpError | Rejection.DecodeFailed | Rejection.TimedOut | Rejection.Defect, Traffic> =>
  pipe(
    fetchJson(`${service}/traffic?of=${encodeURIComponent(url.slice(service.length))}`),
    Runner.make(pipe(Policy.id<HttpError, unknown>(), Policy.ensure(Traffic), Policy.timeout(5000)))(Runtime.live)()
      .runWith
  )
