/**
 * Jobs: ordered by a POST, then asked about until they are done.
 */
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import * as t from 'io-ts'
import { Policy, type Rejection, Runner, type Runtime, Schedule } from 'resilience-ts'
import { type Created, type HttpError, isTransient, post } from './http'

/** A job that is not done yet. */
export const Pending = t.type({ id: t.string, status: t.literal('pending') }, 'Pending')
const Failed = t.type({ id: t.string, status: t.literal('failed'), reason: t.string }, 'Failed')

/** A job that is done, and what came of it. */
export const Done = t.type({ id: t.string, status: t.literal('done'), result: t.string }, 'Done')
export type Done = t.TypeOf<typeof Done>

/** A job in any state. */
export const Job = t.union([Pending, Failed, Done], 'Job')
export type Job = t.TypeOf<typeof Job>

/** One call: in time. */
const call: Policy.Policy<HttpError, unknown, HttpError | Rejection.TimedOut> = pipe(
  Policy.id<HttpError, unknown>(),
  Policy.timeout(10_000)
)

const often = pipe(Schedule.constant(60), Schedule.take(4))

/** Until the codec holds: whatever else comes means "not yet", and an outage is waited out. */
export const done: Policy.Policy<
  HttpError,
  unknown,
  HttpError | Rejection.TimedOut | Rejection.PollExhausted<unknown>,
  Done
> = pipe(call, Policy.poll(often, { until: Done, waitOut: isTransient }))

const mayPass = (error: HttpError | Rejection.DecodeFailed | Rejection.TimedOut): boolean =>
  error._tag !== 'DecodeFailed' && isTransient(error)

/** Stricter: what comes must be a job each time, and one that has failed is not asked about any more. */
export const doneOrFailed: Policy.Policy<
  HttpError,
  unknown,
  HttpError | Rejection.DecodeFailed | Rejection.TimedOut | Rejection.PollExhausted<Job>,
  Done
> = pipe(
  call,
  Policy.ensure(Job),
  Policy.poll(often, { until: Done, failWhen: ({ status }) => status === 'failed', waitOut: mayPass })
)

const anyError = (): boolean => true

/** Whatever comes, for as long as there is time: an error may pass too, a 404 become a job. */
export const inTime = (
  every: number,
  timeout: number
): Policy.Policy<
  HttpError,
  unknown,
  HttpError | Rejection.TimedOut | Rejection.PollExhausted<unknown> | Rejection.DeadlineExceeded,
  Done
> => pipe(call, Policy.poll(Schedule.constant(every), { until: Done, waitOut: anyError }), Policy.deadline(timeout))

const Located = t.type({ location: t.string }, 'Located')

/** Orders a job, and gives the URL to ask about it. */
export const order = (
  url: string,
  runtime: Runtime.Runtime
): TE.TaskEither<HttpError | Rejection.DecodeFailed | Rejection.TimedOut | Rejection.Defect, string> =>
  pipe(
    post(url),
    Runner.make(
      pipe(
        Policy.id<HttpError, Created>(),
        Policy.ensure(Located),
        Policy.map(({ location }) => new URL(location, url).href),
        Policy.timeout(10_000)
      )
    )(runtime)().runWith
  )
