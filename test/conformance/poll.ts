/** poll, in our terms: `poll` until a predicate holds, `retry` of some errors, and a `circuitBreaker` that counts in a window. */
import { Policy, type Rejection, Schedule } from 'resilience-ts'
import { pipe } from 'fp-ts/function'
import * as T from 'fp-ts/Task'
import { circuit, usual } from './poll-circuit'
import { isA, isRaised, type Raised, raised } from './exceptions'
import { expression, truthy } from './expression'
import { changed, ofRun, overWithTheLastCall } from './difference'
import { type Fields, isFields, isList, type Json, list, ms, numbers, seconds, text } from './json'
import { inTurn, linesOf, play, type Played } from './play'
import { about, type Adapter, anything, type Difference, type Question, type Row, table } from './question'
import { ofEachScript } from './scripts'

interface Settings {
  readonly exceptions: ReadonlyArray<string>
  /** Total calls. */
  readonly times: number | undefined
  readonly interval: number
  readonly timeout: number
  readonly until: (value: unknown) => boolean
}

const thrownBy = (json: Json | undefined): string | undefined => /^throws (\w+)$/.exec(text(json ?? ''))?.[1]

const untilOf = (json: Json | undefined): Settings['until'] => {
  if (json === undefined) return () => true
  const thrown = thrownBy(json)
  if (thrown !== undefined)
    return () => {
      throw raised(thrown)
    }
  const holds = expression(text(json))
  return (value) => truthy(holds({ x: value, v: value, result: value, value }))
}

const settingsOf = (params: Fields): Settings => ({
  exceptions: list(params['ex'] ?? []).map(text),
  times: params['times'] == null ? undefined : Number(params['times']),
  interval: ms(params['interval'] ?? 1),
  timeout: ms(params['timeout'] ?? 15),
  until: untilOf(params['until'])
})

/** Errors are the answer, unless some are named: those are waited out. */
const polled = ({ exceptions, times, interval, timeout, until }: Settings) =>
  pipe(
    Policy.id<Raised, unknown>(),
    Policy.poll(
      pipe(
        Schedule.constant(interval),
        Schedule.upTo(timeout),
        times === undefined ? (schedule) => schedule : Schedule.take(Math.max(0, times - 1))
      ),
      { until, waitOut: isA(...exceptions) }
    )
  )

type Hook = (policy: Policy.Policy<Raised, unknown>) => Policy.Policy<Raised, unknown>

/** One call is always made. A hook inside the retry is told of each attempt. */
const retried = ({ exceptions, times = 3, interval }: Settings, hook: Hook = (policy) => policy) =>
  pipe(
    Policy.id<Raised, unknown>(),
    hook,
    Policy.retry(pipe(Schedule.constant(interval), Schedule.take(Math.max(0, times - 1))), {
      while: isA(...(exceptions.length > 0 ? exceptions : [usual]))
    })
  )

// -------------------------------------------------------------------------------------
// what was seen
// -------------------------------------------------------------------------------------

type Answer = Raised | Rejection.PollExhausted<unknown>

const outcome = (result: Played<Answer, unknown>['result']): object => {
  if (result._tag === 'Right') return { ok: result.right }
  const error = result.left
  switch (error._tag) {
    case 'Raised':
      return { err: error.type }
    case 'PollExhausted':
      return { err: 'TimeoutError' }
    case 'Defect':
      return { defect: error.kind, at: error.at, cause: isRaised(error.cause) ? error.cause.type : error.cause }
  }
}

const seen = ({ calls, sleeps, elapsed, result }: Played<Answer, unknown>): object => ({
  calls,
  sleeps,
  elapsed,
  outcome: outcome(result),
  ...outcome(result)
})

// -------------------------------------------------------------------------------------
// vectors
// -------------------------------------------------------------------------------------

/** A poll where there is something to poll for, or it is called one; else a retry. */
const isPoll: Row[0] = ({ feature, params }) => params['until'] !== undefined || feature.startsWith('poll')

const loop: Adapter = async (question) => {
  const { params, input } = question
  const settings = settingsOf(params)
  const lines = linesOf(input)
  return isPoll(question)
    ? { ours: seen(await play(polled(settings), lines)), differs: differenceOf(question) }
    : { ours: seen(await play(retried(settings), lines)) }
}

/** Every error is told, the final and the unexpected ones too, with its index. */
const onErrors: Adapter = async ({ params, input }) => {
  const told: Array<readonly [string, number]> = []
  const onError = Policy.tapError((error: Raised, { number }) =>
    T.fromIO(() => void told.push([error.type, number - 1]))
  )
  await play(retried(settingsOf(params), onError), linesOf(input))
  return { ours: told }
}

/** How many calls there are, of so many at the most. */
const counts: Adapter = async ({ params, input }) => ({
  ours: await inTurn(numbers(params['times']), async (times) => {
    const { calls } = await play(retried(settingsOf({ ...params, times })), linesOf(input))
    return calls
  })
})

const areMany: Row[0] = ({ params }) => isList(params['times'])

// -------------------------------------------------------------------------------------
// where ours differs
// -------------------------------------------------------------------------------------

const differenceOf = ({ params, input }: Question): Difference => {
  const thrown = thrownBy(params['until'])
  return thrown === undefined
    ? noLastSleep(settingsOf(params), Number(input['callDurationSec'] ?? 0))
    : throwing(thrown)
}

/** Theirs may sleep once more, and only then find that the time is up. */
const noLastSleep = ({ interval }: Settings, took: number): Difference => ({
  because: 'no sleep after the last call',
  instead: ofRun((theirs) =>
    theirs['calls'] === undefined
      ? theirs
      : changed(overWithTheLastCall(Number(theirs['calls']), () => seconds(interval), took))(theirs)
  )
})

const throwing = (thrown: string): Difference => ({
  because: 'an until that throws is a defect',
  instead: ofRun(
    changed({
      outcome: (how) =>
        isFields(how) && how['err'] === thrown ? { defect: 'Thrown', at: 'poll.until', cause: thrown } : how
    })
  )
})

export const conform: Adapter = table(
  [about(/^circuitbreaker/), circuit],
  [about(/on_error/), ofEachScript(onErrors)],
  [areMany, counts],
  [anything, ofEachScript(loop)]
)
