/**
 * The article's request, in our terms: a status that may pass, and a body that its validator would not have, are failures and
 * retried; any other status is the answer at once.
 */
import { Policy, type Rejection, Schedule } from 'resilience-ts'
import { type Line, fails, succeeds } from 'resilience-ts/testing'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { expression, truthy } from './expression'
import { changed, ofRun, total } from './difference'
import { type Fields, isFields, isList, type Json, list, ms, numbers, seconds, text } from './json'
import { inTurn, play, type Played, scripted } from './play'
import { type Adapter, anything, type Difference, type Question, type Series, table } from './question'
import { together } from './scripts'

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

/** Which statuses may pass, where it is not said: the third example has a set of them, the others try all again. */
const statusesOf = (feature: string): Json => (feature.startsWith('ex3') ? [408, 500, 502, 503, 504] : null)

const isRetryable = ({ feature, params: { codes = statusesOf(feature) } }: Question): Settings['isRetryable'] => {
  const all = new Set(numbers(codes))
  return codes === null ? () => true : (status) => all.has(status)
}

const settingsOf = (question: Question): Settings => ({
  attempts: Number(question.params['max_attempts'] ?? 3),
  wait: waitOf(question.params),
  isRetryable: isRetryable(question),
  validator: validatorOf(question.input['validator'] ?? question.params['validator'])
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

// -------------------------------------------------------------------------------------
// vectors
// -------------------------------------------------------------------------------------

/** The delays alone: one after each attempt, if their number is said. */
const delays = ({ params, input }: Question): ReadonlyArray<unknown> | Series => {
  const first = (n: number): ReadonlyArray<number> =>
    Schedule.preview(n, { random: scripted(input['random']) })(waitOf(params)).delays.map(seconds)
  return params['max_attempts'] === undefined ? first : first(Number(params['max_attempts']))
}

const request: Adapter = async (question) => {
  const { responses = [], validator, random } = question.input
  const settings = settingsOf(question)
  const [first = neverCalled, ...others] = list(responses).map(lineOf)
  const played = await play(validated(settings), [first, ...others], { random })
  const shown = list(responses).findIndex((response) => isList(response) && response[0] === 200) + 1
  return {
    ours: seen(settings, played),
    asList: delays(question),
    differs: validator === 'throws' && shown > 0 ? thrown(shown) : givenUp(list(responses))
  }
}

const neverCalled: Line<HttpError, unknown> = fails({ _tag: 'Network', message: 'never called' })

/** Several scripts: a response alone is a pair of numbers at the most. */
const areScripts = ({ input: { responses } }: Question): boolean =>
  isList(responses) && responses.length > 0 && responses.every((one) => isList(one) && isList(one[0]))

const several: Adapter = async (question) => {
  const { responses, ...input } = question.input
  return together(
    await inTurn(list(responses), (script) => request({ ...question, input: { ...input, responses: script } }))
  )
}

// -------------------------------------------------------------------------------------
// where ours differs
// -------------------------------------------------------------------------------------

/** It is a bug, and another attempt would have it again: the first body that it is shown is the last. */
const thrown = (shown: number): Difference => ({
  because: 'a validator that throws is a defect',
  instead: ofRun((theirs) => {
    if (Number(theirs['calls']) < shown) return theirs
    const between = numbers(theirs['sleeps']).slice(0, shown - 1)
    return changed({
      calls: () => shown,
      sleeps: () => between,
      elapsed: () => total(between),
      outcome: () => ({ err: 'Thrown', at: 'ensureWith' })
    })(theirs)
  })
})

/** Theirs sleeps after the last attempt too, and then says how many there were, and no more. */
const givenUp = (responses: ReadonlyArray<Json>): Difference => ({
  because: 'no sleep after the last attempt, and the cause is kept',
  instead: ofRun((theirs) => {
    const calls = Number(theirs['calls'])
    const sleeps = numbers(theirs['sleeps'])
    const between = sleeps.slice(0, Math.max(0, calls - 1))
    if (between.length === sleeps.length) return theirs
    const cause = causeOf(responses[Math.min(calls, responses.length) - 1])
    return changed({
      sleeps: () => between,
      elapsed: (elapsed) => Number(elapsed) - total(sleeps.slice(between.length)),
      outcome: (how) => (isFields(how) ? { ...how, cause } : how)
    })(theirs)
  })
})

const causeOf = (response: Json = null): unknown => {
  const line = lineOf(response)
  if (line._tag !== 'Settles') return undefined
  return line.answer._tag === 'Left' ? line.answer.left : { _tag: 'NotValid', body: line.answer.right }
}

export const conform: Adapter = table([areScripts, several], [anything, request])
