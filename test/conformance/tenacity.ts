/**
 * tenacity, in our terms: a retry of whatever its predicate does not accept, where a result that is not accepted is a failure
 * too (`ensure`), and the one that exhausts it is handed over (`retryOrElse`).
 */
import { Flag, Policy, Rejection, type Report, Runner, Schedule } from 'resilience-ts'
import { fails, script, succeeds, virtual } from 'resilience-ts/testing'
import { pipe } from 'fp-ts/function'
import * as T from 'fp-ts/Task'
import type * as TE from 'fp-ts/TaskEither'
import { chained, circle, isA, isRaised, type Outcome, outcomeOf, type Raised, raised } from './exceptions'
import { lineOf, type Lines, linesOf, play, type Played, scripted } from './play'
import { formatter, logger } from './tenacity/log'
import { type Operation, type RetryError, scheduleOf, settingsOf, tenacity } from './tenacity/policy'
import { predicateOf, retryOf } from './tenacity/predicates'
import { afterAttempt, type Stop, stopOf } from './tenacity/stops'
import { call, type Wait } from './tenacity/waits'
import {
  type Adapter,
  type Fields,
  isFields,
  isList,
  type Json,
  list,
  ms,
  numbers,
  seconds,
  text,
  type Vector
} from './vector'

// -------------------------------------------------------------------------------------
// what was seen, in tenacity's words
// -------------------------------------------------------------------------------------

type Answer = Operation | RetryError

const outcome = (result: Played<Answer, unknown>['result']): object => {
  if (result._tag === 'Right') return { ok: result.right }
  const error = result.left
  if (error._tag === 'Defect') return { err: error.kind, at: error.at }
  if (error._tag === 'TryAgain') return { err: 'TryAgain' }
  if (error._tag === 'Raised') return { err: error.type, msg: error.message }
  const { attempts: attemptNumber, last } = error
  return 'error' in last
    ? {
        err: 'RetryError',
        lastAttempt: { attemptNumber, failed: true, exception: last.error.type },
        cause: last.error.type
      }
    : { err: 'RetryError', lastAttempt: { attemptNumber, failed: false, value: last.ok }, cause: null }
}

/** Its clock stops at the last outcome that was not accepted. */
const statistics = ({ decisions, totals }: Report.Report<unknown, unknown>): object => {
  const rejected = decisions.filter(
    (decision) => decision._tag === 'Retry' || (decision._tag === 'Stop' && decision.reason._tag !== 'Predicate')
  )
  return {
    attempt_number: totals.attempts,
    idle_for: seconds(totals.waited),
    delay_since_first_attempt: seconds(rejected.at(-1)?.at ?? 0)
  }
}

const seen = (played: Played<Answer, unknown>): object => ({
  calls: played.calls,
  sleeps: played.sleeps,
  elapsed: played.elapsed,
  outcome: outcome(played.result),
  result: played.result._tag === 'Right' ? played.result.right : undefined,
  statistics: statistics(played.report),
  ...statistics(played.report),
  ...outcome(played.result)
})

// -------------------------------------------------------------------------------------
// vectors: waits, stops, predicates, loops
// -------------------------------------------------------------------------------------

const always: Lines = [fails(raised('Exception'))]

/** The calls of a vector; `TryAgain` is asked for in our own terms. */
const calls = (input: Fields): Lines<Operation> =>
  linesOf(input).map((line) =>
    line._tag === 'Settles' && line.answer._tag === 'Left' && isA('TryAgain')(line.answer.left)
      ? fails(Rejection.tryAgain, line.after)
      : line
  ) as unknown as Lines<Operation>

/** The first delays that a wait asks for, and no time lost in waiting for them: `decide` sees each, and goes on at once. */
const delaysOf = async (wait: Wait, n: number, lines: Lines, random?: Json): Promise<Delays> => {
  const delays: Array<number> = []
  const { result } = await play(
    pipe(
      Policy.id<Raised, unknown>(),
      Policy.retry(pipe(wait, Schedule.take(n)), {
        decide: ({ delay }) => {
          delays.push(seconds(delay))
          return T.of(Policy.againAfter(0))
        }
      })
    ),
    lines,
    { random }
  )
  const invalid = result._tag === 'Left' && result.left._tag === 'Defect' && result.left.kind === 'Invalid'
  return { delays, invalid }
}

interface Delays {
  readonly delays: ReadonlyArray<number>
  readonly invalid: boolean
}

/** As many attempts, the last of which ends this many seconds after the first began. */
const endingAt = (attempt: number, elapsed: number): Lines => {
  const error = raised('Exception')
  return [...Array.from({ length: attempt - 1 }, () => fails(error)), fails(error, ms(elapsed))] as unknown as Lines
}

/** The draws that were made for these attempts alone, at their places among those of all attempts. */
const drawn = ({ draws }: Wait, attempts: ReadonlyArray<number>, random: Json | undefined): Json => {
  const given = numbers(random)
  return Array.from({ length: Math.max(0, ...attempts) * draws }, (_, i) => {
    const asked = Math.max(0, attempts.indexOf(Math.floor(i / draws) + 1)) * draws + (i % draws)
    return given[Math.min(asked, given.length - 1)] ?? 0.5
  })
}

/** The delays at these attempts. */
const waiting = async ({ feature, params, input }: Vector): Promise<unknown> => {
  const wait = call(kindOf(feature), params)
  if (isList(input['states'])) {
    const delaysSec = await inTurn(input['states'], async (state) => {
      const [attempt, elapsed] = numbers(state) as [number, number]
      const { delays } = await delaysOf(wait, attempt, endingAt(attempt, elapsed))
      return delays[attempt - 1]
    })
    return { delaysSec }
  }
  const outcomes = list(input['outcomes'] ?? input['calls'] ?? input['errors'] ?? input['exceptions']).map(outcomeOf)
  const lines = outcomes.length > 0 ? (outcomes.map((one) => lineOf(one)) as unknown as Lines) : always
  const attempts = numbers(input['attempts'] ?? outcomes.map((_, i) => i + 1))
  const { delays, invalid } = await delaysOf(
    wait,
    Math.max(1, ...attempts),
    lines,
    drawn(wait, attempts, input['random'])
  )
  // an impossible setting is found before anything is called
  return invalid ? { construct: 'ValueError' } : { delaysSec: attempts.map((n) => delays[n - 1]) }
}

/** Whether there is no further attempt after these. */
const stopping = async ({ feature, params, input }: Vector): Promise<unknown> => {
  const stop = stopOf(
    params['any'] !== undefined || params['all'] !== undefined
      ? params
      : { [kindOf(feature)]: Object.values(params)[0] ?? null }
  )
  const states = Object.entries(input).find(([name]) => name.startsWith('states'))?.[1] ?? Object.values(input)[0]
  return {
    stop: await inTurn(list(states), async (state) => {
      // or whether an event is set
      if (typeof state === 'boolean') return stopsAt(stopOf({ event: state }), [1, 0])
      return stopsAt(stop, numbers(state))
    })
  }
}

/** Whether an attempt that ends so late, and after which so long would be waited, is the last. */
const stopsAt = async (stop: Stop, [last = 1, elapsed = 0, upcoming = 0]: ReadonlyArray<number>): Promise<boolean> => {
  const wait = Schedule.computed(({ attempt }) => (attempt === last ? ms(upcoming) : 0))
  const lines = [...endingAt(last, elapsed), succeeds(null)] as unknown as Lines
  const { calls } = await play(tenacity({ wait, stop }), lines)
  return calls <= last
}

/** Whether each of these outcomes is had again. */
const predicate = async ({ feature, params, input }: Vector): Promise<unknown> => {
  const retry = predicateOf(kindOf(feature), params)
  const isRetried = async (outcome: Outcome): Promise<boolean> => {
    const { calls } = await play(tenacity({ retry, stop: afterAttempt(2) }), [lineOf(outcome)])
    return calls > 1
  }
  const round = input['cycle'] ?? input['circle'] ?? input['cyclic']
  if (isList(round)) return { retry: await isRetried({ error: circle(round) }) }
  if (input['chain'] !== undefined) return { retry: await isRetried({ error: chained(input['chain']) }) }
  return { retry: await inTurn(list(input['outcomes']), (outcome) => isRetried(outcomeOf(outcome))) }
}

/** A whole loop; with another wait or stop, or switched off. */
const loop = async ({ params, input }: Vector): Promise<unknown> => {
  const { enabled, retry_with, override = retry_with, ...own } = params
  const policy = tenacity(settingsOf(own))
  const anew = isFields(override) ? scheduleOf(settingsOf({ ...own, ...override })) : undefined
  const overridden =
    anew === undefined
      ? policy
      : pipe(policy, Policy.override('retryOrElse', { schedule: anew as Schedule.Schedule<unknown> }))
  const used = enabled === false ? Policy.disabled(policy) : overridden
  return seen(await play(used, calls(input), { random: input['random'] }))
}

const inTurn = async <A, B>(all: ReadonlyArray<A>, f: (a: A) => Promise<B>): Promise<ReadonlyArray<B>> => {
  const found: Array<B> = []
  for (const one of all) found.push(await f(one))
  return found
}

/** In which order everything is asked and told. */
const order = async ({ params, input, expected }: Vector): Promise<unknown> => {
  const said: Array<string> = []
  const { wait, stop, retry } = params
  const [attempts, delay, predicate] = [Number(stop ?? Infinity), ms(wait ?? 0), retryOf(retry)]
  let attempt = 0
  const saying =
    <B>(what: string, f: () => B) =>
    (): B => {
      said.push(what.replace('#', `#${attempt}`))
      return f()
    }
  const nothing = (): void => {}
  const policy = tenacity({
    wait: Schedule.computed(saying('wait#', () => delay)),
    stop: Schedule.stopWhen((_tick, upcoming) =>
      saying(`stop#(upcoming=${seconds(upcoming)})`, () => attempt >= attempts)()
    ),
    retry: {
      error: (error) => saying('retry#', () => predicate.error(error))(),
      value: (value) => saying('retry#', () => predicate.value(value))()
    },
    // whether there is one is only to be seen from what is expected
    ...(text(expected).includes('retry_error_callback') ? { callback: saying('retry_error_callback#', nothing) } : {}),
    hooks: {
      before: (number) => {
        attempt = number
        saying('before#', nothing)()
      },
      after: saying('after#', nothing),
      beforeSleep: ({ delay, idle }) =>
        saying(`before_sleep#(next=${seconds(delay)},idle=${seconds(idle + delay)})`, nothing)()
    }
  })
  const time = virtual()
  await play(policy, calls(input), {
    time,
    observe: (event) => {
      if (event._tag === 'AttemptStarted') said.push(`call#${event.attempt}`)
      if (event._tag === 'RetryScheduled' && event.delay > 0) said.push(`sleep(${seconds(event.delay)})`)
    }
  })
  return said
}

// -------------------------------------------------------------------------------------
// vectors: log lines
// -------------------------------------------------------------------------------------

const logLines = async ({ params, input }: Vector): Promise<unknown> => {
  const lines: Array<string> = []
  const { name = 'f', sec_format, retry = 'result is None | Exception' } = params
  const shown = formatter(sec_format === undefined ? undefined : text(sec_format))
  const observe = logger(text(name), shown, (line) => lines.push(line))
  await play(tenacity(settingsOf({ ...params, retry })), calls(input), { observe })
  return lines
}

/** Read off the log of so many attempts. */
const ordinals = async ({ input }: Vector): Promise<unknown> => {
  const said: Array<string> = []
  const wanted = numbers(input['n'])
  await play(tenacity({ stop: afterAttempt(Math.max(...wanted)) }), always, {
    observe: logger('f', String, (line) => {
      const [, nth] = /this is the (\w+) time/.exec(line) ?? []
      if (nth !== undefined) said.push(nth)
    })
  })
  return wanted.map((n) => said[n - 1])
}

// -------------------------------------------------------------------------------------
// vectors: ways to use it
// -------------------------------------------------------------------------------------

/** A synchronous function, whose sleeps are not. */
const synchronous = async ({ params, input }: Vector): Promise<unknown> => {
  const sleeps: Array<number> = []
  const time = virtual({ random: scripted(input['random']) })
  const outcomes = list(input['calls']).map(outcomeOf)
  let calls = 0
  const f = () => {
    const one = outcomes[Math.min(calls++, outcomes.length - 1)] as Outcome
    return 'error' in one ? ({ _tag: 'Left', left: one.error } as const) : ({ _tag: 'Right', right: one.ok } as const)
  }
  const policy = tenacity(settingsOf({ ...params, retry: params['retry'] ?? 'result is None' }))
  const answer = await time.run(Runner.make(policy)(time.runtime)().runIO(f))
  for (const event of time.log) if (event._tag === 'RetryScheduled') sleeps.push(seconds(event.delay))
  return { result: answer._tag === 'Right' ? answer.right : undefined, calls, sleeps }
}

/** One policy, used again while it runs, from its own hook; both share nothing. */
const reentrant = async (): Promise<unknown> => {
  const said: Array<string> = []
  const time = virtual()
  const runner = Runner.make(
    tenacity({
      stop: afterAttempt(2),
      reraise: true,
      hooks: {
        beforeSleep: () => void runner.run(working('Fix'))()
      }
    })
  )(time.runtime)()
  const working =
    (name: string): TE.TaskEither<Raised, unknown> =>
    async () => {
      said.push(`${name} is working`)
      return { _tag: 'Right', right: name }
    }
  const broken: TE.TaskEither<Raised, unknown> = async () => {
    said.push('Error is not working')
    return { _tag: 'Left', left: raised('RuntimeError', 'Error is not working') }
  }
  const answer = await time.run(runner.run(broken))
  if (answer._tag === 'Left' && isRaised(answer.left)) said.push(`raised ${answer.left.message}`)
  return said
}

/** A sleep that ends when an event is set. */
const interruptible = async ({ input }: Vector): Promise<unknown> => {
  const sleep = ms(input['sleepSec'])
  const slept = async (setAt: number): Promise<number> => {
    const time = virtual()
    const event = Flag.make()
    time.after(setAt, event.set)
    const policy = pipe(
      tenacity({ wait: Schedule.constant(sleep), stop: afterAttempt(2) }),
      Policy.override('retryOrElse', { wakeOn: event })
    )
    const { elapsed } = await play(policy, always, { time })
    return elapsed
  }
  const [whole, cut] = [await slept(2 * sleep), await slept(sleep / 2)]
  return cut === seconds(sleep / 2) ? [whole] : [whole, cut]
}

/** A block of code in place of a function. */
const block = async ({ params, input }: Vector): Promise<unknown> => {
  const time = virtual({ random: scripted(input['random']) })
  const saw: Array<unknown> = []
  const { retry = retryOf(null), ...settings } = settingsOf(params)
  const value = (given: unknown): boolean => {
    saw.push(given)
    return retry.value(given)
  }
  const attempts = Runner.attempts(Runner.make(tenacity({ ...settings, retry: { ...retry, value } }))(time.runtime)())()
  // a block without a result gives none
  const operation = script(time, ...calls(input))
  await time.run(async () => {
    for await (const attempt of attempts) await attempt.run(operation.task)
  })
  const result = await attempts.result()
  const answer =
    result._tag === 'Left' && result.left._tag === 'Aborted' ? undefined : (result as Played<Answer, unknown>['result'])
  return {
    calls: operation.calls.length,
    predicateSaw: saw,
    ...(answer === undefined ? {} : { outcome: outcome(answer) })
  }
}

// -------------------------------------------------------------------------------------
// what differs on purpose
// -------------------------------------------------------------------------------------

const uncapped = ({ params, input }: Vector): unknown => {
  const { multiplier = 1, exp_base = 2 } = params
  return {
    delaysSec: numbers(input['attempts']).map((n) =>
      Math.min(Number(multiplier) * Number(exp_base) ** (n - 1), seconds(Number.MAX_VALUE))
    )
  }
}

/** A call's state is data: a report. */
const state = async ({ input }: Vector): Promise<unknown> => {
  const { report } = await play(tenacity({ stop: afterAttempt(Number(input['attempt'])), retry: retryOf('always') }), [
    succeeds(input['result'])
  ])
  const { attempts, totals } = report
  return { attempt: totals.attempts, waited: totals.waited, outcome: attempts.at(-1)?.outcome }
}

/** The name of what a vector is about: `wait_fixed`, `stop_any / |`, `wait callable(retry_state)`, `async retry_if_result`. */
const kindOf = (feature: string): string => /\b(?:wait|stop|retry)[_ ]\w+/.exec(feature)?.[0].replace(' ', '_') ?? ''

export const conform: Adapter = async (vector) => {
  const { feature, input, expected, parity } = vector
  if (/^wait[_ ](?!.*result retry)/.test(feature)) {
    return parity === 'match'
      ? { ours: await waiting(vector) }
      : { ours: await waiting(vector), instead: uncapped(vector), because: 'no cap unless you say one' }
  }
  if (/^stop[_ ]/.test(feature)) return { ours: await stopping(vector) }
  if (input['outcomes'] !== undefined || /^(async )?retry_(if|any|all|unless|always|never)/.test(feature)) {
    const ours = await predicate(vector)
    if (parity === 'match') return { ours }
    // of a circle of causes each is looked at once
    const wanted = list(vector.params['types']).map(text)
    const causes = Object.values(input).find(isList) ?? []
    return {
      ours,
      instead: { retry: causes.some((cause) => isA(...wanted)(raised(text(cause)))) },
      because: 'a circle of causes has an end'
    }
  }
  if (/callback order/.test(feature)) return { ours: await order(vector) }
  if (/_log/.test(feature)) return { ours: await logLines(vector) }
  if (/ordinal/.test(feature)) return { ours: await ordinals(vector) }
  if (/re-entrant/.test(feature)) return { ours: await reentrant() }
  if (/^iterator/.test(feature)) return { ours: await block(vector) }
  if (/sleep_using_event/.test(feature)) return { ours: await interruptible(vector) }
  if (/^sync function/.test(feature)) return { ours: await synchronous(vector) }
  if (/repr/.test(feature)) {
    const { attempt = 1, result = null } = input
    const instead = { attempt, waited: 0, outcome: { _tag: 'Right', right: result } }
    return { ours: await state(vector), instead, because: 'the state is data' }
  }
  if (parity === 'match') return { ours: await loop(vector) }
  // a wait of the exception has nothing to say about a result, and breaks nothing
  const [answer] = list(input['calls']).map(outcomeOf)
  const value = answer !== undefined && 'ok' in answer ? answer.ok : null
  const { calls } = expected as Fields
  const instead = {
    calls,
    outcome: { err: 'RetryError', lastAttempt: { attemptNumber: calls, failed: false, value }, cause: null }
  }
  return { ours: await loop(vector), instead, because: 'a wait of the exception' }
}
