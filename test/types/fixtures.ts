/**
 * What the type tests speak of. Values are only declared: nothing here runs.
 */
import type { Predicate } from 'fp-ts/Predicate'
import type { Refinement } from 'fp-ts/Refinement'
import type * as t from 'io-ts'
import type * as D from 'io-ts/Decoder'
import { Policy, type Rejection, type Schedule } from 'resilience-ts'

export interface HttpError {
  readonly _tag: 'HttpError'
  readonly status: number
}
export interface NotFound {
  readonly _tag: 'NotFound'
}
/** A caller's wide error: it names rejections of the library already. */
export type AppError = HttpError | NotFound | Rejection.TimedOut | Rejection.DeadlineExceeded

export interface Pending {
  readonly state: 'pending'
}
export interface Ready {
  readonly state: 'ready'
  readonly id: number
}
export type Job = Pending | Ready

/** Where most pipes begin. */
export const id = Policy.id<HttpError, Job>
/** The policy after a timeout: it ends in `HttpError | TimedOut`. */
export declare const timed: Policy.Policy<HttpError, Job, HttpError | Rejection.TimedOut, Job>

/** Callbacks by name: narrower than the errors at hand, as wide as the caller's union, over anything. */
export declare const narrow: Predicate<HttpError>
export declare const wide: Predicate<AppError>
export declare const anything: Predicate<unknown>
export declare const isHttp: Refinement<AppError, HttpError>
export declare const isTimedOut: Refinement<unknown, Rejection.TimedOut>

export declare const isReady: Refinement<Job, Ready>
export declare const isReadyOrNull: Refinement<Job | null, Ready>
export declare const isReadyAtAll: Refinement<unknown, Ready>

export declare const codec: t.Type<Ready>
export declare const decoder: D.Decoder<unknown, Ready>
export declare const jobDecoder: D.Decoder<Job, Ready>
export declare const wideDecoder: D.Decoder<Job | null, Ready>
export declare const stringDecoder: D.Decoder<string, number>

export declare const every: Schedule.Schedule<unknown>
export declare const onHttp: Schedule.Schedule<HttpError>
export declare const onApp: Schedule.Schedule<AppError>
export declare const onId: Schedule.Schedule<{ readonly id: number }>
