/**
 * wait_for, in our terms: a poll at a fixed or doubling interval, which ends when the time is up, and whose exhaustion has the
 * last result and the last error.
 */
import { Duration, type Event, Policy, type Rejection, Runner, Schedule } from 'resilience-ts'
import { fails, script, succeeds, virtual } from 'resilience-ts/testing'
import { pipe } from 'fp-ts/function'
import * as O from 'fp-ts/Option'
import * as T from 'fp-ts/Task'
import { isA, isRaised, outcomeOf, type Raised } from './exceptions'
import { expression, same, truthy, written } from './expression'
import { linesOf, play, type Played } from './play'
import { type Adapter, type Fields, isFields, isList, type Json, list, ms, seconds, text, type Vector } from './vector'

// -------------------------------------------------------------------------------------
// settings
// -------------------------------------------------------------------------------------

/** Seconds, or text such as `1h 10m 5s`. */
const limitOf = (json: Json): number =>
  typeof json === 'string'
    ? pipe(
        Duration.parse(json),
        O.fromEither,
        O.getOrElse(() => NaN)
      )
    : ms(json)

/** Whether a result is none yet: by value, by membership (`{0, None}`), by predicate. */
const failsOf = (json: Json): ((value: unknown) => boolean) => {
  if (isFields(json)) return failsOf(Object.values(json)[0] ?? null)
  if (isList(json)) return (value) => same(json, value) || json.some((one) => same(one, value))
  if (typeof json !== 'string') return (value) => same(value, json)
  if (/^\w*$/.test(json)) return (value) => value === json
  const [, members] = /^(?:set\()?[{[](.*)[}\]]\)?$/.exec(json) ?? []
  if (members !== undefined) {
    const all = members.split(',').map((member) => expression(member)({}))
    return (value) => all.some((one) => same(one, value))
  }
  const holds = expression(json.replace(/^lambda \w+: /, ''))
  return (value) => truthy(holds({ v: value, x: value, result: value, value }))
}

/** Which exceptions are waited out; those that are no `Exception` never are. */
const handledOf = (json: Json | undefined): ((error: Raised) => boolean) => {
  if (json === undefined || json === false || json === null) return () => false
  if (json === true) return isA('Exception')
  const types = list(json).map(text)
  return (error) => isA('Exception')(error) && isA(...types)(error)
}

interface Settings {
  readonly limit: number
  readonly delay: number
  readonly doubles: boolean
  readonly fails: (value: unknown) => boolean
  readonly handled: (error: Raised) => boolean
  /** Stands inside of the poll, and is told of each call. */
  readonly hook?: Hook
}

type Hook = (policy: Policy.Policy<Raised, unknown>) => Policy.Policy<Raised, unknown>

const settingsOf = (params: Fields): Settings => ({
  limit: limitOf(params['num_sec'] ?? params['timeout'] ?? 120),
  delay: ms(params['delay'] ?? 1),
  doubles: params['expo'] === true,
  fails: failsOf(params['fail_condition'] === undefined ? false : params['fail_condition']),
  handled: handledOf(params['handle_exception'])
})

// -------------------------------------------------------------------------------------
// the policy
// -------------------------------------------------------------------------------------

const waitFor = ({ limit, delay, doubles, fails, handled, hook = (policy) => policy }: Settings) =>
  pipe(
    Policy.id<Raised, unknown>(),
    hook,
    Policy.poll(pipe(doubles ? Schedule.exponential(delay) : Schedule.constant(delay), Schedule.upTo(limit)), {
      until: (value) => !fails(value),
      waitOut: handled
    })
  )

/** Never a failure: the last result, and how long it took. */
const silently = (settings: Settings) =>
  pipe(
    waitFor(settings),
    Policy.fallbackTag('PollExhausted', ({ value }) => O.toNullable(value))
  )

/** The original error, where that was the last there was. */
const originally = (settings: Settings) =>
  pipe(
    waitFor(settings),
    Policy.mapLeft((error) =>
      isRaised(error)
        ? error
        : pipe(
            error.error,
            O.filter(isRaised),
            O.getOrElseW(() => error)
          )
    )
  )

type Answer = Raised | Rejection.PollExhausted<unknown>

const policyOf = (params: Fields, hook: Hook = (policy) => policy): Policy.Policy<Raised, unknown, Answer, unknown> => {
  const settings = { ...settingsOf(params), hook }
  if (params['silent_failure'] === true) return silently(settings)
  return params['raise_original'] === true ? originally(settings) : waitFor(settings)
}

// -------------------------------------------------------------------------------------
// what was seen, in its words
// -------------------------------------------------------------------------------------

const causeOf = (error: O.Option<unknown>): string | null =>
  O.isSome(error) && isRaised(error.value) ? error.value.type : null

const outcome = ({ result, report }: Played<Answer, unknown>): object => {
  if (result._tag === 'Right') return { ok: { out: result.right, duration: seconds(report.totals.elapsed) } }
  const error = result.left
  switch (error._tag) {
    case 'Defect':
      return { err: error.kind }
    case 'Raised':
      return { err: error.type, cause: null }
    case 'PollExhausted':
      return { err: 'TimedOutError', cause: causeOf(error.error), value: O.toNullable(error.value) }
  }
}

const seen = (played: Played<Answer, unknown>): object => {
  const how = outcome(played) as { readonly ok?: object }
  return {
    calls: played.calls,
    sleeps: played.sleeps,
    elapsed: played.elapsed,
    outcome: how,
    type: 'WaitForResult',
    ...how,
    ...how.ok,
    // of a call that was made at once: its result, and nothing else to be called
    duration: seconds(played.report.totals.elapsed)
  }
}

/** `fail_func` comes after the sleep: before each call but the first. */
const run = async ({ params, input }: Vector): Promise<object> => {
  const order: Array<string> = []
  const hook = Policy.before(({ number }) =>
    T.fromIO(() => {
      if (number > 1) order.push('fail_func')
    })
  )
  const played = await play(policyOf(params, hook), linesOf(input), {
    observe: (event) => {
      if (event._tag === 'AttemptStarted') order.push('call')
      if (event._tag === 'PollScheduled') order.push(`sleep(${seconds(event.delay)})`)
    }
  })
  return { ...seen(played), order, failFuncCalls: order.filter((what) => what === 'fail_func').length }
}

// -------------------------------------------------------------------------------------
// its log lines, from our events
// -------------------------------------------------------------------------------------

interface Switches {
  readonly message: string
  /** Not how long it took. */
  readonly quiet: boolean
  /** Not even its beginning and end. */
  readonly veryQuiet: boolean
  readonly onLoop: boolean
  readonly silent: boolean
}

const logger = ({ message, quiet, veryQuiet, onLoop, silent }: Switches, say: (line: string) => void) => {
  let startedAt = 0
  const name = `'${message}'`
  return (event: Event.Event): void => {
    const took = seconds(event.at - startedAt).toFixed(2)
    switch (event._tag) {
      case 'RunStarted':
        startedAt = event.at
        if (!veryQuiet) say(`DEBUG: Started ${name}`)
        break
      case 'AttemptStarted':
        if (onLoop) say(`INFO: ${name} -- try ${event.attempt}`)
        break
      case 'PollStopped':
        if (silent) {
          const { outcome } = event
          say(`WARNING: Couldn't complete ${name}`)
          say(`WARNING: The last result of the call was: ${written(outcome._tag === 'Right' ? outcome.right : null)}`)
        }
        break
      case 'RunEnded':
        if (event.outcome._tag === 'Right' && !silent && !quiet && !veryQuiet) say(`DEBUG: Took ${took} to do ${name}`)
        if (!veryQuiet) say(`DEBUG: Finished ${name}`)
        break
      default:
    }
  }
}

const logLines = async ({ params, input }: Vector): Promise<ReadonlyArray<string>> => {
  const lines: Array<string> = []
  const switches: Switches = {
    message: text(params['message'] ?? 'call'),
    quiet: params['quiet'] === true,
    veryQuiet: params['very_quiet'] === true,
    onLoop: params['log_on_loop'] === true,
    silent: params['silent_failure'] === true
  }
  await play(policyOf(params), linesOf(input), { observe: logger(switches, (line) => lines.push(line)) })
  return lines
}

// -------------------------------------------------------------------------------------
// vectors
// -------------------------------------------------------------------------------------

/** Ours sleeps only before another call. */
const withoutLastSleep = ({ params, expected }: Vector) => {
  const { calls, elapsed, outcome } = expected as Fields
  const { delay, doubles } = settingsOf(params)
  const last = doubles ? delay * 2 ** (Number(calls) - 1) : delay
  return { calls, elapsed: Number(elapsed) - seconds(last), outcome }
}

/** What is no predicate is impossible, and nothing is called. */
const byTruth = async ({ params, input }: Vector): Promise<ReadonlyArray<unknown>> => {
  const found: Array<unknown> = []
  for (const given of list(input['handle_exception'])) {
    const waitOut = given as unknown as () => boolean
    const policy = pipe(
      Policy.id<Raised, unknown>(),
      Policy.poll(Schedule.upTo(settingsOf(params).limit)(Schedule.constant(1000)), { until: () => true, waitOut })
    )
    const { result, calls } = await play(policy, linesOf(input))
    found.push(calls === 0 && result._tag === 'Left' && result.left._tag === 'Defect' ? result.left.kind : 'run')
  }
  return found
}

const timeouts = ({ input }: Vector): ReadonlyArray<unknown> =>
  list(input['strings']).map((string) => {
    const parsed = Duration.parse(text(string))
    return parsed._tag === 'Right' ? seconds(parsed.right) : 'ValueError'
  })

/** Called back once, after so many seconds: whether it has been, at these times. */
const refreshed = async ({ params, input }: Vector): Promise<ReadonlyArray<boolean>> => {
  const [after] = Object.values(params)
  const timer = pipe(Policy.id<'not yet', null>(), Policy.retry(Schedule.delays([ms(after)])))
  const found: Array<boolean> = []
  for (const at of list(Object.values(input)[0])) {
    const time = virtual()
    let isTime = false
    const callback = script<'not yet', null>(time, fails('not yet'), succeeds(null))
    const { runWith } = Runner.make(timer)(time.runtime)()
    void time.start(
      runWith((attempt) => {
        isTime = attempt.number > 1
        return callback.task
      })
    )
    await time.advance(ms(at))
    found.push(isTime)
  }
  return found
}

export const conform: Adapter = async (vector) => {
  const { feature, params, input, expected, parity } = vector
  if (input['strings'] !== undefined) return { ours: timeouts(vector) }
  if (/refresh/i.test(feature)) return { ours: await refreshed(vector) }
  if (feature.startsWith('logs')) return { ours: await logLines(vector) }
  if (isList(expected) && /fail_func/.test(feature)) {
    const { order } = (await run(vector)) as { readonly order: unknown }
    return { ours: order }
  }
  if (parity === 'match') return { ours: await run(vector) }
  if (isList(input['handle_exception'])) {
    const instead = list(input['handle_exception']).map(() => 'Invalid')
    return { ours: await byTruth(vector), instead, because: 'a predicate, not a truth value' }
  }
  const ours = await run(vector)
  if (settingsOf(params).limit < 0) {
    return {
      ours,
      instead: { calls: 0, elapsed: 0, outcome: { err: 'Invalid' } },
      because: 'a negative timeout is impossible'
    }
  }
  if (params['silent_failure'] === true) {
    const last = list(input['calls']).map(outcomeOf).at(-1)
    if (last !== undefined && 'ok' in last) {
      const { calls, elapsed } = withoutLastSleep(vector)
      return {
        ours,
        instead: { calls, outcome: { ok: { out: last.ok, duration: elapsed } } },
        because: 'no sleep after the last call'
      }
    }
    // there was no result, and none is made up
    return { ours, instead: { outcome: { ok: { out: null } } }, because: 'no result is made up' }
  }
  return { ours, instead: withoutLastSleep(vector), because: 'no sleep after the last call' }
}
