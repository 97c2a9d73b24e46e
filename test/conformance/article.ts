/**
 * The article's request, in our terms: a status that may pass, and a body that its validator would not have, are failures and
 * retried; any other status is the answer at once.
 */
import { Policy, type Rejection, Schedule } from 'resilience-ts'
import { type Line, fails, succeeds } from 'resilience-ts/testing'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { expression, truthy } from './expression'
import { play, type Played } from './play'
import { type Adapter, type Fields, isList, type Json, list, ms, numbers, seconds, text, type Vector } from './vector'

type HttpError =
  | { readonly _tag: 'Network'; readonly message: string }
  | { readonly _tag: 'Status'; readonly status: number }
  | { readonly _tag: 'NotValid'; readonly body: unknown }

/** What is left when it is given up: as its own, but the cause is not lost. */
interface Failed {
  readonly _tag: 'Failed'
  readonly message: string
  readonly cause: HttpError
}

type Validator = (body: unknown) => TE.TaskEither<HttpError, unknown>

interface Settings {
  readonly attempts: number
  readonly wait: Schedule.Schedule<unknown>
  readonly isRetryable: (status: number) => boolean
  readonly validator: Validator
}

const failed = (attempts: number): string => `Request failed after ${attempts} attempts.`

const validated = ({ attempts, wait, isRetryable, validator }: Settings) =>
  pipe(
    Policy.id<HttpError, unknown>(),
    Policy.ensureWith(validator),
    Policy.retryOrElse(
      // n attempts are the first and n − 1 more
      pipe(wait, Schedule.take(attempts - 1)),
      ({ error, attempts, reason }: Rejection.Exhausted<HttpError>): TE.TaskEither<HttpError | Failed, never> =>
        reason._tag === 'Predicate'
          ? TE.left(error)
          : TE.left({ _tag: 'Failed', message: failed(attempts), cause: error }),
      { while: (e) => e._tag !== 'Status' || isRetryable(e.status) }
    )
  )

// -------------------------------------------------------------------------------------
// what a vector says
// -------------------------------------------------------------------------------------

/** `base·2ⁿ` and up to a second more; or a function of n. n counts from 0. */
const waitOf = ({ base_delay, delay_function }: Fields): Schedule.Schedule<unknown> => {
  if (delay_function === undefined)
    return pipe(Schedule.exponential(ms(base_delay ?? 1)), Schedule.additiveJitter(0, 1000))
  const wanted = expression(text(delay_function))
  return Schedule.computed(({ attempt }) => {
    const n = attempt - 1
    return 1000 * Number(wanted({ x: n, n, attempt: n }))
  })
}

const boom = { _tag: 'Boom' }

const validatorOf = (json: Json | undefined): Validator => {
  if (json === 'throws')
    return () => {
      throw boom
    }
  const holds = json === undefined ? undefined : expression(text(json))
  return (body) =>
    truthy(holds === undefined ? body : holds({ x: body, v: body, body, result: body }))
      ? TE.right(body)
      : TE.left({ _tag: 'NotValid', body })
}

/** Without a set of statuses every one is tried again. */
const isRetryable = ({ feature, params }: Vector): ((status: number) => boolean) => {
  if (params['codes'] === undefined && !feature.startsWith('ex3')) return () => true
  const codes = new Set(numbers(params['codes'] ?? [408, 500, 502, 503, 504]))
  return (status) => codes.has(status)
}

const settingsOf = (vector: Vector): Settings => ({
  attempts: Number(vector.params['max_attempts'] ?? 3),
  wait: waitOf(vector.params),
  isRetryable: isRetryable(vector),
  validator: validatorOf(vector.input['validator'] ?? vector.params['validator'])
})

/** `[status, body]`, or what went wrong with the network. */
const lineOf = (response: Json): Line<HttpError, unknown> => {
  if (!isList(response)) return fails({ _tag: 'Network', message: text(response) })
  const [status, body] = response
  return status === 200 ? succeeds(body) : fails({ _tag: 'Status', status: Number(status) })
}

// -------------------------------------------------------------------------------------
// what was seen
// -------------------------------------------------------------------------------------

const seen = (
  { attempts }: Settings,
  { calls, sleeps, elapsed, result }: Played<HttpError | Failed, unknown>
): object => {
  const outcome = (): object => {
    if (result._tag === 'Right') return { ok: result.right }
    const error = result.left
    // no attempts at all is an impossible setting, and is found before anything is called
    if (error._tag === 'Defect')
      return error.kind === 'Invalid' ? { err: 'Exception', msg: failed(attempts) } : { err: error.kind, at: error.at }
    if (error._tag === 'Failed') return { err: 'Exception', msg: error.message, cause: error.cause }
    return { err: 'ClientResponseError', ...(error._tag === 'Status' ? { status: error.status } : {}) }
  }
  const how = outcome()
  return { calls, sleeps, elapsed, outcome: how, ...how }
}

const run = async (vector: Vector, responses: Json): Promise<object> => {
  const settings = settingsOf(vector)
  const lines = list(responses).map(lineOf)
  const first = lines[0] ?? fails({ _tag: 'Network', message: 'never called' } as const)
  const { random } = vector.input
  return seen(settings, await play(validated(settings), [first, ...lines.slice(1)], { random }))
}

/** Whether these are several scripts: a response is a pair of numbers at the most. */
const areScripts = (responses: Json | undefined): boolean =>
  isList(responses) && responses.length > 0 && responses.every((one) => isList(one) && isList(one[0]))

export const conform: Adapter = async (vector) => {
  const { params, input, expected, parity } = vector
  const { responses = [] } = input
  if (areScripts(responses)) {
    const ours: Array<object> = []
    for (const script of list(responses)) ours.push(await run(vector, script))
    return { ours }
  }
  if (isList(expected)) {
    // the delays alone
    const { delays } = Schedule.preview(expected.length)(waitOf(params))
    return { ours: delays.map(seconds) }
  }
  const ours = await run(vector, responses)
  if (parity === 'match') return { ours }
  const { calls, sleeps, outcome } = expected as Fields
  if (input['validator'] === 'throws') {
    const instead = { calls: 1, sleeps: [], outcome: { err: 'Thrown', at: 'ensureWith' } }
    return { ours, instead, because: 'a validator that throws is a defect' }
  }
  const [last] = list(responses).slice(-1).map(lineOf)
  const answer = last?._tag === 'Settles' ? last.answer : undefined
  const cause = answer?._tag === 'Right' ? { _tag: 'NotValid', body: answer.right } : answer?.left
  return {
    ours,
    instead: { calls, sleeps: list(sleeps).slice(0, -1), outcome: { ...(outcome as Fields), cause } },
    because: 'no sleep after the last attempt, and the cause is kept'
  }
}
