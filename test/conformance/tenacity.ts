/**
 * tenacity, in our terms: a retry of whatever its predicate does not accept, where a result that is not accepted is a failure
 * too (`ensure`), and the one that exhausts it is handed over (`retryOrElse`).
 */
import { Cause, type Event, Flag, Policy, Rejection, type Report, Runner, Schedule } from 'resilience-ts'
import { fails, script, succeeds, virtual } from 'resilience-ts/testing'
import { pipe } from 'fp-ts/function'
import * as T from 'fp-ts/Task'
import * as TE from 'fp-ts/TaskEither'
import { chained, isA, isRaised, type Outcome, outcomeOf, type Raised, raised } from './exceptions'
import { expression, formula, truthy } from './expression'
import { lineOf, type Lines, linesOf, play, type Played, scripted } from './play'
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
// waits
// -------------------------------------------------------------------------------------

type Wait = Schedule.Schedule<Rejected | Raised>

const given = (json: Json | undefined, otherwise: number): number => (json == null ? otherwise : ms(json))

/** `max(max(0, min), min(w, max))`: after a smaller `cap`, the floor wins. */
const clamped =
  ({ min, max }: Fields) =>
  (schedule: Schedule.Schedule<unknown>): Schedule.Schedule<unknown> =>
    pipe(schedule, Schedule.cap(Math.max(0, given(max, Infinity))), Schedule.floor(Math.max(0, given(min, 0))))

const exponential = (params: Fields): Schedule.Schedule<unknown> =>
  Schedule.exponential(given(params['multiplier'] ?? params['initial'], 1000), Number(params['exp_base'] ?? 2))

const waits: Readonly<Record<string, (params: Fields) => Wait>> = {
  none: () => Schedule.forever,
  fixed: ({ wait }) => Schedule.constant(given(wait, 0)),
  random: ({ min, max }) => Schedule.uniform(given(min, 0), given(max, 1000)),
  incrementing: ({ start, increment, max }) =>
    pipe(Schedule.linear(given(start, 0), given(increment, 100_000)), Schedule.cap(Math.max(0, given(max, Infinity)))),
  exponential: (params) => pipe(exponential(params), clamped(params)),
  random_exponential: (params) =>
    pipe(exponential(params), clamped(params), Schedule.jitteredFrom(Math.max(0, given(params['min'], 0)))),
  exponential_jitter: (params) =>
    pipe(exponential(params), Schedule.additiveJitter(0, given(params['jitter'], 1000)), clamped(params)),
  combine: ({ sum, combine }) =>
    list(sum ?? combine)
      .map(waitOf)
      .reduce((a, b) => pipe(a, Schedule.plus(b))),
  /** Each for one wait, the last one from there on. */
  chain: ({ chain }) => {
    const all = list(chain).map(waitOf)
    const last = all.at(-1) ?? Schedule.delays([])
    return all.slice(0, -1).reduceRight((rest, one) => pipe(one, Schedule.take(1), Schedule.andThen(rest)), last)
  },
  /** Computed from the exception; a result has none to compute it from. */
  exception: ({ fn, wait }) => {
    const wanted = formula(fn ?? wait)
    return pipe(
      Schedule.forever,
      Schedule.modify((_delay, failure: Rejected | Raised) => {
        const outcome = outcomeIn(failure)
        return 'error' in outcome
          ? 1000 * Number(wanted({ msg: outcome.error.message, e: outcome.error.type })) || 0
          : 0
      })
    )
  },
  /** Any function of the state. */
  callable: ({ fn }) => {
    const wanted = formula(fn)
    return Schedule.computed(
      ({ attempt, elapsed }) => 1000 * Number(wanted({ attempt, n: attempt, elapsed: seconds(elapsed) }))
    )
  }
}

const waitNames: Readonly<Record<string, string>> = {
  full_jitter: 'random_exponential',
  sum: 'combine',
  fn: 'callable',
  delays: 'chain'
}

/** A wait as a vector writes it: seconds, a formula, or `{ kind: params }`. */
const waitOf = (json: Json | undefined): Wait => {
  if (json == null) return Schedule.forever
  if (isList(json)) return call('random', { min: json[0] ?? 0, max: json[1] ?? 1 })
  if (isFields(json) && json['timedeltaSec'] === undefined) {
    const [[kind, params]] = Object.entries(json) as [[string, Json]]
    return call(kind, isFields(params) ? params : { [kind]: params, wait: params })
  }
  if (typeof json !== 'string') return Schedule.constant(ms(json))
  return call(json.startsWith('wait_') ? json : 'callable', { fn: json })
}

const call = (name: string, params: Fields): Wait => {
  const kind = name.replace(/^wait_/, '')
  const make = waits[waitNames[kind] ?? kind]
  if (make === undefined) throw new Error(`no such wait: ${name}`)
  return make(params)
}

// -------------------------------------------------------------------------------------
// stops
// -------------------------------------------------------------------------------------

type Stop = (schedule: Wait) => Wait

const never: Stop = (schedule) => schedule
/** A first attempt is always made. */
const afterAttempt = (n: number): Stop => Schedule.take(Math.max(0, n - 1))

const stops: Readonly<Record<string, (json: Json) => Stop>> = {
  never: () => never,
  after_attempt: (n) => afterAttempt(Number(n)),
  after_delay: (limit) => Schedule.stopAfter(Math.max(0, ms(limit))),
  before_delay: (limit) => Schedule.within(Math.max(0, ms(limit))),
  when_event_set: (isSet) => Schedule.stopWhen(() => truthy(isSet)),
  /** Bounds in a row: the first of them stops it. */
  any: (all) => (schedule) => list(all).reduce((bounded, one) => stopOf(one)(bounded), schedule),
  /** `either` goes on as long as one of its sides does. */
  all: (all) => (schedule) =>
    list(all)
      .map((one) => stopOf(one)(schedule))
      .reduce((a, b) => pipe(a, Schedule.either(b))),
  fn: (source) => {
    const holds = formula(source)
    return Schedule.stopWhen(({ attempt, elapsed }, delay) =>
      truthy(holds({ attempt, n: attempt, elapsed: seconds(elapsed), upcoming: seconds(delay) }))
    )
  }
}

const stopNames: Readonly<Record<string, string>> = {
  attempt: 'after_attempt',
  delay: 'after_delay',
  before: 'before_delay',
  event: 'when_event_set',
  '|': 'any',
  '&': 'all'
}

/** A stop as a vector writes it: a number of attempts, or `{ kind: limit }`. */
const stopOf = (json: Json | undefined): Stop => {
  if (json == null || json === 'never') return never
  if (typeof json === 'number') return afterAttempt(json)
  const [[name, limit]] = Object.entries(isFields(json) ? json : { fn: json }) as [[string, Json]]
  const kind = name.replace(/^stop_/, '')
  const make = stops[stopNames[kind] ?? kind]
  if (make === undefined) throw new Error(`no such stop: ${name}`)
  return make(limit)
}

// -------------------------------------------------------------------------------------
// predicates
// -------------------------------------------------------------------------------------

/** Which outcomes are to be had again. */
interface Retry {
  readonly error: (error: Raised) => boolean
  readonly value: (value: unknown) => boolean
}

const no = (): boolean => false
const yes = (): boolean => true
const not =
  <A>(holds: (a: A) => boolean) =>
  (a: A) =>
    !holds(a)

const ofErrors = (error: Retry['error']): Retry => ({ error, value: no })
const ofValues = (value: Retry['value']): Retry => ({ error: no, value })
const any = (all: ReadonlyArray<Retry>): Retry => ({
  error: (e) => all.some(({ error }) => error(e)),
  value: (a) => all.some(({ value }) => value(a))
})
const all = (all: ReadonlyArray<Retry>): Retry => ({
  error: (e) => all.every(({ error }) => error(e)),
  value: (a) => all.every(({ value }) => value(a))
})

const types = (json: Json | undefined): ReadonlyArray<string> =>
  list(json ?? 'Exception').map((type) => text(type).replace(/ \(default\)$/, ''))

/** Of whatever caused it, however deep; the error itself is none of its causes. */
const isCausedBy = (...types: ReadonlyArray<string>): Retry['error'] => {
  const isCause = Cause.exists((u) => isRaised(u) && isA(...types)(u))
  return ({ cause }) => isCause(cause)
}

const byMessage = ({ message, match }: Fields): Retry['error'] => {
  if (match === undefined) return (e) => e.message === message
  const begins = new RegExp(`^(?:${text(match)})`)
  return (e) => begins.test(e.message)
}

const conditionOnValue = (source: Json | undefined): Retry['value'] => {
  const holds = formula(source)
  return (value) => truthy(holds({ x: value, v: value, value, result: value, r: value }))
}
/** On a right side, `x` is the letter. */
const conditionOnError = (source: Json | undefined): Retry['error'] => {
  const holds = formula(source)
  return (e) => truthy(holds({ msg: e.message, message: e.message, type: e.type }))
}

const predicates: Readonly<Record<string, (params: Fields) => Retry>> = {
  exception_type: (params) => ofErrors(isA(...types(params['types']))),
  not_exception_type: (params) => ofErrors(not(isA(...types(params['types'])))),
  /** Successes are had again, too. */
  unless_exception_type: (params) => ({ error: not(isA(...types(params['types']))), value: yes }),
  exception: ({ pred }) => ofErrors(conditionOnError(pred)),
  exception_cause_type: (params) => ofErrors(isCausedBy(...types(params['types']))),
  exception_message: (params) => ofErrors(byMessage(params)),
  not_exception_message: (params) => ({ error: not(byMessage(params)), value: yes }),
  result: ({ pred }) => ofValues(conditionOnValue(pred)),
  not_result: ({ pred }) => ofValues(not(conditionOnValue(pred))),
  any: (params) => any(list(params['any']).map(retryOf)),
  all: (params) => all(list(params['all']).map(retryOf)),
  always: () => ({ error: yes, value: yes }),
  never: () => ({ error: no, value: no })
}

/** A predicate as a vector writes it: `never`, a type, or a condition; joined by `|` or `&`. */
const retryOf = (json: Json | undefined): Retry => {
  if (json == null) return ofErrors(isA('Exception'))
  if (isFields(json)) {
    const [[name, params]] = Object.entries(json) as [[string, Json]]
    return predicateOf(name, isFields(params) ? params : { [name]: params, types: params, pred: params })
  }
  const source = text(json).trim()
  for (const [sign, join] of [
    ['|', any],
    ['&', all]
  ] as const)
    if (source.includes(sign)) return join(source.split(sign).map(retryOf))
  if (source === 'always' || source === 'never') return predicateOf(source, {})
  if (/^(msg|message)\b/.test(source)) return ofErrors(conditionOnError(source))
  if (/^[A-Z]\w*( \(default\))?$/.test(source)) return ofErrors(isA(...types(source)))
  return ofValues(conditionOnValue(source))
}

const predicateOf = (name: string, params: Fields): Retry => {
  const make = predicates[name.replace(/^retry_(if_)?/, '')]
  if (make === undefined) throw new Error(`no such predicate: ${name}`)
  return make(params)
}

// -------------------------------------------------------------------------------------
// the policy
// -------------------------------------------------------------------------------------

/** What an attempt comes to that is to be made again: what its predicate would not have, or what asks for it by itself. */
type Rejected = { readonly _tag: 'Rejected'; readonly outcome: Outcome } | Rejection.TryAgain

/** The last attempt, wrapped. */
interface RetryError {
  readonly _tag: 'RetryError'
  readonly attempts: number
  readonly last: Outcome
}

interface Settings {
  readonly wait?: Schedule.Schedule<Rejected | Raised>
  readonly stop?: Stop
  readonly retry?: Retry
  /** Gives back the last error as it is. */
  readonly reraise?: boolean
  /** Answers in place of the error. */
  readonly callback?: (attempts: number) => unknown
  readonly hooks?: Hooks
}

interface Hooks {
  readonly before?: (attempt: number) => void
  /** After what was rejected. */
  readonly after?: (attempt: number) => void
  readonly beforeSleep?: (info: Policy.RetryInfo<unknown>) => void
}

const rejected = (outcome: Outcome): Rejected => ({ _tag: 'Rejected', outcome })

const outcomeIn = (error: Rejected | Raised): Outcome => {
  if (error._tag === 'Rejected') return error.outcome
  return { error: error._tag === 'Raised' ? error : raised('TryAgain') }
}

type Operation = Raised | Rejection.TryAgain

const tenacity = ({ wait = Schedule.forever, stop = never, retry = retryOf(null), hooks = {}, ...end }: Settings) =>
  pipe(
    Policy.id<Operation, unknown>(),
    Policy.before(({ number }) => T.fromIO(() => hooks.before?.(number))),
    // the predicate speaks first; from there on a failure is one that is had again, or it is not
    Policy.ensure((value: unknown) => !retry.value(value)),
    Policy.mapLeft((error): Operation | Rejected => {
      if (error._tag === 'EnsureFailed') return rejected({ ok: error.value as Json })
      return error._tag === 'Raised' && retry.error(error) ? rejected({ error }) : error
    }),
    Policy.tapError((error, { number }) =>
      T.fromIO(() => {
        if (!isRaised(error)) hooks.after?.(number)
      })
    ),
    Policy.retryOrElse(
      stop(wait),
      ({ error, attempts, reason }): TE.TaskEither<Operation | RetryError, unknown> => {
        if (isRaised(error) || reason._tag === 'Predicate') return TE.left(error as Raised)
        const last = outcomeIn(error)
        if (end.callback !== undefined) return TE.right(end.callback(attempts))
        if (end.reraise === true && 'error' in last) return TE.left(last.error)
        return TE.left({ _tag: 'RetryError', attempts, last })
      },
      {
        while: (error) => !isRaised(error),
        beforeRetry: (info) => T.fromIO(() => hooks.beforeSleep?.(info))
      }
    )
  )

const settingsOf = ({ wait, stop, retry, reraise, callback, retry_error_callback = callback }: Fields): Settings => {
  const said =
    retry_error_callback === undefined ? undefined : expression(text(retry_error_callback).replace(/^returns /, ''))
  return {
    wait: waitOf(wait),
    stop: stopOf(stop),
    retry: retryOf(retry),
    reraise: reraise === true,
    ...(said === undefined ? {} : { callback: (attempts) => said({ attemptNumber: attempts, attempt: attempts }) })
  }
}

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
// vectors
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
  const outcomes = list(input['outcomes'] ?? input['calls']).map(outcomeOf)
  const lines = outcomes.length > 0 ? (outcomes.map((one) => lineOf(one)) as unknown as Lines) : always
  const attempts = numbers(input['attempts'] ?? outcomes.map((_, i) => i + 1))
  const { delays, invalid } = await delaysOf(wait, Math.max(1, ...attempts), lines, input['random'])
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
  const states = Object.entries(input).find(([name]) => name.startsWith('states'))?.[1]
  return {
    stop: await inTurn(list(states), async (state) => {
      const [last, elapsed, upcoming] = numbers(state) as [number, number, number]
      const wait = Schedule.computed(({ attempt }) => (attempt === last ? ms(upcoming ?? 0) : 0))
      const lines = [...endingAt(last, elapsed), succeeds(null)] as unknown as Lines
      const { calls } = await play(tenacity({ wait, stop }), lines)
      return calls <= last
    })
  }
}

/** Whether each of these outcomes is had again. */
const predicate = async ({ feature, params, input }: Vector): Promise<unknown> => {
  const retry = predicateOf(kindOf(feature), params)
  const isRetried = async (outcome: Outcome): Promise<boolean> => {
    const { calls } = await play(tenacity({ retry, stop: afterAttempt(2) }), [lineOf(outcome)])
    return calls > 1
  }
  if (input['chain'] !== undefined) return { retry: await isRetried({ error: chained(input['chain']) }) }
  return { retry: await inTurn(list(input['outcomes']), (outcome) => isRetried(outcomeOf(outcome))) }
}

/** A whole loop. */
const loop = async ({ params, input }: Vector): Promise<unknown> =>
  seen(await play(tenacity(settingsOf(params)), calls(input), { random: input['random'] }))

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
// its log lines, from our events
// -------------------------------------------------------------------------------------

const suffixes: Readonly<Record<string, string>> = { one: 'st', two: 'nd', few: 'rd', other: 'th' }
const plurals = new Intl.PluralRules('en', { type: 'ordinal' })
const ordinal = (n: number): string => `${n}${suffixes[plurals.select(n)] ?? ''}`

const shownAs = (json: unknown): string =>
  json === null ? 'None' : typeof json === 'boolean' ? (json ? 'True' : 'False') : String(json)

/** `%.3g` and `%.3f`. */
const formatter =
  (format = '%.3g') =>
  (ms: number): string => {
    const [, digits, kind] = /^%\d*\.(\d)([gf])$/.exec(format) ?? []
    return kind === 'f'
      ? seconds(ms).toFixed(Number(digits))
      : String(Number(seconds(ms).toPrecision(Number(digits ?? 3))))
  }

/** An observer that says what tenacity's `before_log`, `after_log` and `before_sleep_log` say. */
const logger = (name: string, shown: (ms: number) => string, say: (line: string) => void) => {
  let startedAt = 0
  const finished = ({ at, attempt }: Event.RetryScheduled | Event.RetryStopped): void => {
    say(
      `Finished call to '${name}' after ${shown(at - startedAt)}(s), this was the ${ordinal(attempt)} time calling it.`
    )
  }
  const verdict = (outcome: Outcome): string =>
    'error' in outcome ? `raised ${outcome.error.type}: ${outcome.error.message}` : `returned ${shownAs(outcome.ok)}`
  return (event: Event.Event): void => {
    switch (event._tag) {
      case 'RunStarted':
        startedAt = event.at
        break
      case 'AttemptStarted':
        say(`Starting call to '${name}', this is the ${ordinal(event.attempt)} time calling it.`)
        break
      case 'RetryScheduled':
        finished(event)
        say(`Retrying ${name} in ${shown(event.delay)} seconds as it ${verdict(outcomeIn(event.error as Rejected))}.`)
        break
      case 'RetryStopped':
        if (event.reason._tag !== 'Predicate') finished(event)
        break
      default:
    }
  }
}

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
// ways to use it
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

const kindOf = (feature: string): string =>
  feature
    .replace(/\(.*|\/.*/g, '')
    .trim()
    .replace(/^(wait|stop|retry) /, '$1_')
    .split(' ')[0] ?? ''

export const conform: Adapter = async (vector) => {
  const { feature, input, expected, parity } = vector
  if (/^wait[_ ](?!.*result retry)/.test(feature)) {
    return parity === 'match'
      ? { ours: await waiting(vector) }
      : { ours: await waiting(vector), instead: uncapped(vector), because: 'no cap unless you say one' }
  }
  if (feature.startsWith('stop_')) return { ours: await stopping(vector) }
  if (input['outcomes'] !== undefined || input['chain'] !== undefined) return { ours: await predicate(vector) }
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
