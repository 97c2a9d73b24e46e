/** poll, in our terms: `poll` until a predicate holds, `retry` of some errors, and a `circuitBreaker` that counts in a window. */
import { Policy, type Rejection, Schedule } from 'resilience-ts'
import { pipe } from 'fp-ts/function'
import * as T from 'fp-ts/Task'
import { circuit, message, prose } from './poll-circuit'
import { isA, isRaised, type Raised, raised } from './exceptions'
import { expression, truthy } from './expression'
import { linesOf, play, type Played } from './play'
import { type Adapter, type Fields, isList, type Json, list, ms, numbers, text, type Vector } from './vector'

interface Settings {
  readonly exceptions: ReadonlyArray<string>
  /** Total calls. */
  readonly times: number | undefined
  readonly interval: number
  readonly timeout: number
  readonly until: (value: unknown) => boolean
}

const untilOf = (json: Json | undefined): Settings['until'] => {
  if (json === undefined) return () => true
  const thrown = /^throws (\w+)$/.exec(text(json))?.[1]
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
      while: isA(...(exceptions.length > 0 ? exceptions : ['ValueError']))
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

/** A poll where there is something to poll for, else a retry. */
const policyOf = ({ feature, params }: Vector): Policy.Policy<Raised, unknown, Answer, unknown> =>
  params['until'] !== undefined || feature.startsWith('poll') ? polled(settingsOf(params)) : retried(settingsOf(params))

const run = async (vector: Vector, calls: Json | undefined = vector.input['calls']): Promise<object> =>
  seen(await play(policyOf(vector), linesOf({ ...vector.input, ...(calls === undefined ? {} : { calls }) })))

// -------------------------------------------------------------------------------------
// vectors
// -------------------------------------------------------------------------------------

/** Every error is told, the final and the unexpected ones too, with its index. */
const onErrors = async ({ params, input }: Vector): Promise<ReadonlyArray<unknown>> => {
  const found: Array<unknown> = []
  for (const calls of list(input['scripts'] ?? [input['calls'] ?? null])) {
    const told: Array<readonly [string, number]> = []
    const onError = Policy.tapError((error: Raised, { number }) =>
      T.fromIO(() => void told.push([error.type, number - 1]))
    )
    await play(retried(settingsOf(params), onError), linesOf({ ...input, calls }))
    found.push(told)
  }
  return found
}

/** Ours sleeps only before another call. */
const withoutLastSleep =
  (interval: number) =>
  (expected: Json): object => {
    const { calls, elapsed, outcome } = expected as Fields
    return { calls, elapsed: Number(elapsed) - interval / 1000, outcome }
  }

export const conform: Adapter = async (vector) => {
  const { feature, params, input, expected, parity } = vector
  if (feature.startsWith('circuitbreaker')) {
    if (/message/.test(feature)) return message(vector)
    return typeof input['steps'] === 'string' ? prose(vector) : { ours: await circuit(vector) }
  }
  if (/on_error/.test(feature)) return { ours: await onErrors(vector) }
  if (isList(params['times'])) {
    const ours: Array<number> = []
    for (const times of numbers(params['times'])) {
      const { calls } = await play(retried(settingsOf({ ...params, times })), linesOf(input))
      ours.push(calls)
    }
    return { ours }
  }
  const ours =
    input['scripts'] === undefined
      ? await run(vector)
      : await list(input['scripts']).reduce<Promise<ReadonlyArray<object>>>(
          async (before, calls) => [...(await before), await run(vector, calls)],
          Promise.resolve([])
        )
  if (parity === 'match') return { ours }
  const thrown = /^throws (\w+)$/.exec(text(params['until'] ?? ''))?.[1]
  if (thrown !== undefined) {
    const { calls } = expected as Fields
    const instead = { calls, outcome: { defect: 'Thrown', at: 'poll.until', cause: thrown } }
    return { ours, instead, because: 'an until that throws is a defect' }
  }
  const { interval } = settingsOf(params)
  const instead = isList(expected) ? expected.map(withoutLastSleep(interval)) : withoutLastSleep(interval)(expected)
  return { ours, instead, because: 'no sleep after the last call' }
}
