/**
 * Lines for a log: an observer that says what happens in words, to `console` or any logger of the usual shape.
 *
 * ```
 * users 7: begins
 * users 7: attempt 1
 * users 7: attempt 1 failed after 20ms: busy
 * users 7: retry: again in 100ms, 3 tries remain (busy)
 * users 7: attempt 2
 * users 7: attempt 2 succeeded after 30ms
 * users 7: succeeded after 150ms
 * ```
 *
 * @since 0.1.0
 */
import type { Either } from 'fp-ts/Either'
import * as Duration from './Duration'
import type { Millis } from './Duration'
import { inOneLine, showError } from './ErrorText'
import type { Event } from './Event'
import type { Exit } from './Exit'
import { names, type Policy } from './Policy'
import { showValue } from './Problem'
import * as Rule from './Rule'
import { isSchedule } from './schedule/Model'
import { recurrences } from './schedule/Recurrences'

/**
 * How much a line matters, as loggers have it.
 *
 * @category model
 * @since 0.1.0
 */
export type Level = 'debug' | 'info' | 'warn' | 'error'

/**
 * A logger of the usual shape; `console` is one. What it has no function for goes to its `info`, or its `log`.
 *
 * @category model
 * @since 0.1.0
 */
export type Logger = { readonly [L in Level | 'log']?: (line: string) => unknown }

/**
 * A kind of line, with the level that it has unless another is set.
 *
 * | kind | level | said when |
 * |---|---|---|
 * | `start` | `info` | a run begins, with its attributes |
 * | `attempt` | `debug` | an attempt begins |
 * | `outcome` | `debug` | an attempt has ended, and how |
 * | `late` | `debug` | an operation settled after its attempt had been ended |
 * | `retry` | `warn` | a retry goes on: the delay, the tries that remain, the error |
 * | `poll` | `info` | a poll goes on: likewise |
 * | `stop` | `warn` | a retry or poll does not go on, and why |
 * | `timeout` | `warn` | a timeout fired, a deadline was reached |
 * | `refusal` | `warn` | a result does not hold, a call is not let in |
 * | `recovery` | `info` | a fallback takes over |
 * | `queue` | `debug` | a call has to wait for its turn; its turn has come |
 * | `circuit` | `warn` | a circuit breaker changed its state, and why |
 * | `success` | `info` | a run has succeeded, and how long it took |
 * | `failure` | `error` | a run has failed, likewise |
 * | `other` | `info` | whatever else there is to say |
 *
 * @category model
 * @since 0.1.0
 */
export type Kind =
  | 'attempt'
  | 'circuit'
  | 'failure'
  | 'late'
  | 'other'
  | 'outcome'
  | 'poll'
  | 'queue'
  | 'recovery'
  | 'refusal'
  | 'retry'
  | 'start'
  | 'stop'
  | 'success'
  | 'timeout'

/**
 * What is said, and how. Each kind of line is said with its own level (`true`, as unless given), with another, or not at all
 * (`false`).
 *
 * - `name`: what the lines begin with, before the number of the run; `run` unless given;
 * - `policy`: the policy of the runner; with it the lines of a retry or poll say how many tries remain, where their schedule has a
 *   bound.
 *
 * @category model
 * @since 0.1.0
 */
export type LogSettings = { readonly [K in Kind]?: Level | boolean | undefined } & {
  readonly name?: string | undefined
  readonly policy?: Policy<never, never, unknown, unknown> | undefined
}

const levels: Readonly<Record<Kind, Level>> = {
  attempt: 'debug',
  circuit: 'warn',
  failure: 'error',
  late: 'debug',
  other: 'info',
  outcome: 'debug',
  poll: 'info',
  queue: 'debug',
  recovery: 'info',
  refusal: 'warn',
  retry: 'warn',
  start: 'info',
  stop: 'warn',
  success: 'info',
  timeout: 'warn'
}

/**
 * An observer that writes a line for each event, with the number of its run: for `Runtime.withObserver`.
 *
 * Each event is one line, whatever its texts: line breaks are written as in a program. It never throws, whatever the logger does;
 * and like every observer it cannot change an outcome. A setting that is impossible is as if it were not given.
 *
 * @param logger `console`, a logger, or a function of level, line and event
 * @param settings see `LogSettings`
 *
 * @example
 * import { Log, Policy, Runner, Runtime, Schedule } from 'resilience-ts'
 * import { fails, script, succeeds, virtual } from 'resilience-ts/testing'
 * import { pipe } from 'fp-ts/function'
 * import assert from 'assert'
 *
 * const lines: Array<string> = []
 * const policy = pipe(Policy.id<string, number>(), Policy.retry(pipe(Schedule.constant(100), Schedule.take(3))))
 * const time = virtual()
 * const log = Log.to((_level, line) => lines.push(line), { name: 'users', policy, attempt: false, outcome: false })
 * const runtime = pipe(time.runtime, Runtime.withObserver(log))
 * await time.run(Runner.make(policy)(runtime)().run(script(time, fails('busy', 20), succeeds(1, 30)).task))
 * assert.deepStrictEqual(lines, [
 *   'users 1: begins',
 *   'users 1: retry: again in 100ms, 3 tries remain (busy)',
 *   'users 1: succeeded after 150ms'
 * ])
 *
 * @category constructors
 * @since 0.1.0
 */
export const to = (
  logger: Logger | ((level: Level, line: string, event: Event) => unknown),
  settings: LogSettings = {}
): ((event: Event) => unknown) => {
  const given = possible(settings)
  const { name = 'run', policy } = given
  const most = policy === undefined ? new Map<string, number>() : tries(policy)
  return (event) => {
    try {
      const kind = kindOf(event)
      const asked = given[kind] ?? true
      if (asked === false) return undefined
      const level = asked === true ? levels[kind] : asked
      const line = inOneLine(`${name} ${String(event.run)}: ${lineOf(event, most)}`)
      if (typeof logger === 'function') return logger(level, line, event)
      // as a method: a logger may need its `this`
      const method = [level, 'info', 'log'].find((method) => typeof logger[method as Level] === 'function')
      return method === undefined ? undefined : logger[method as Level]?.(line)
    } catch {
      // a log that cannot be written changes nothing
      return undefined
    }
  }
}

const isLevel = (u: unknown): boolean => u === 'debug' || u === 'info' || u === 'warn' || u === 'error'

const said: Rule.Rule = /*#__PURE__*/ Rule.optional(
  /*#__PURE__*/ Rule.make('a level, true or false', (u) => typeof u === 'boolean' || isLevel(u))
)

const rules = (): Rule.Rules<LogSettings> => ({
  ...(Object.fromEntries(Object.keys(levels).map((kind) => [kind, said])) as Record<Kind, Rule.Rule>),
  name: Rule.optional(Rule.make('a text', (u) => typeof u === 'string')),
  policy: Rule.anything
})

/** The settings, read once; without those that are impossible. */
const possible = (settings: LogSettings): LogSettings => {
  const given = Rule.read(rules(), settings)
  const wrong = Rule.check(rules(), given).map(({ path }) => path)
  return Object.fromEntries(Object.entries(given).filter(([key]) => !wrong.includes(key)))
}

/** How many attempts each layer makes at most, where something bounds them. */
const tries = (policy: Policy<never, never, unknown, unknown>): ReadonlyMap<string, number> => {
  try {
    const layerNames = names(policy)
    return new Map(
      policy.layers.flatMap(({ settings }, index): ReadonlyArray<readonly [string, number]> => {
        const { schedule } = settings as { readonly schedule?: unknown }
        return isSchedule(schedule) ? [[layerNames[index] as string, recurrences(schedule) + 1]] : []
      })
    )
  } catch {
    // of what is no policy nobody knows
    return new Map()
  }
}

const kinds: { readonly [T in Event['_tag']]?: Kind } = {
  RunStarted: 'start',
  AttemptStarted: 'attempt',
  AttemptEnded: 'outcome',
  LateResult: 'late',
  RetryScheduled: 'retry',
  PollScheduled: 'poll',
  RetryStopped: 'stop',
  PollStopped: 'stop',
  TimeoutFired: 'timeout',
  DeadlineReached: 'timeout',
  ResultRefused: 'refusal',
  CallRefused: 'refusal',
  FallbackUsed: 'recovery',
  CallQueued: 'queue',
  CallAdmitted: 'queue',
  CircuitChanged: 'circuit'
}

const kindOf = (event: Event): Kind =>
  event._tag === 'RunEnded' ? (event.outcome._tag === 'Right' ? 'success' : 'failure') : (kinds[event._tag] ?? 'other')

const lineOf = (event: Event, most: ReadonlyMap<string, number>): string => {
  switch (event._tag) {
    case 'RunStarted':
      return Object.keys(event.attributes).length === 0 ? 'begins' : `begins ${showValue(event.attributes)}`
    case 'AttemptStarted':
      return `attempt ${String(event.attempt)}`
    case 'AttemptEnded':
      return `attempt ${String(event.attempt)} ${ended(event.outcome, event.duration)}`
    case 'LateResult':
      return `attempt ${String(event.attempt)}, late: ${ended(event.outcome, event.duration)}`
    case 'RetryScheduled':
      return `${again(event, most)} (${showError(event.error)})`
    case 'PollScheduled':
      return `${again(event, most)} (${showOutcome(event.outcome)})`
    case 'RetryStopped':
      return `${stopped(event)} (${showError(event.error)})`
    case 'PollStopped':
      return `${stopped(event)} (${showOutcome(event.outcome)})`
    case 'TimeoutFired':
      return `${event.layer}: over after ${Duration.show(event.timeout)}`
    case 'DeadlineReached':
      return `${event.layer}: reached`
    case 'ResultRefused':
    case 'CallRefused':
      return `${event.layer}: refused (${showError(event.error)})`
    case 'FallbackUsed':
      return `${event.layer}: takes over (${showError(event.error)})`
    case 'CallQueued':
      return `${event.layer}: waits, ${String(event.queued)} in all`
    case 'CallAdmitted':
      return `${event.layer}: its turn, after ${showMillis(event.waited)}`
    case 'CircuitChanged': {
      const key = event.key === undefined ? '' : ` of ${event.key}`
      return `${event.layer}${key}: ${event.from}, now ${event.to} (${event.reason._tag})`
    }
    case 'StoreFailed':
      return `${event.layer}: no answer from the store for ${event.name} (${showError(event.cause)})`
    case 'RunEnded':
      return ended(event.outcome, event.elapsed)
    case 'Custom':
      return `${event.layer}: ${event.name} ${showValue(event.data)}`
    default: {
      const { _tag, run: _run, at: _at, ...rest } = event as Event
      return `${_tag} ${showValue(rest)}`
    }
  }
}

const showMillis = (ms: Millis): string => Duration.show(Math.round(ms))

const again = (
  { layer, attempt, delay }: { readonly layer: string; readonly attempt: number; readonly delay: Millis },
  most: ReadonlyMap<string, number>
): string => {
  const left = (most.get(layer) ?? Infinity) - attempt
  const remain = left === Infinity ? '' : left === 1 ? ', 1 try remains' : `, ${String(left)} tries remain`
  return `${layer}: again in ${showMillis(delay)}${remain}`
}

const stopped = ({
  layer,
  attempt,
  reason
}: {
  readonly layer: string
  readonly attempt: number
  readonly reason: { readonly _tag: string }
}): string => `${layer}: no more after attempt ${String(attempt)}: ${reason._tag}`

const ended = (outcome: Exit, duration: Millis): string => {
  const after = `after ${showMillis(duration)}`
  switch (outcome._tag) {
    case 'Right':
      return `succeeded ${after}`
    case 'Left':
      return `failed ${after}: ${showError(outcome.left)}`
    case 'Aborted':
      return `was aborted by ${outcome.by} ${after}`
    case 'Defect':
      return `broke ${after}: ${showError(outcome)}`
  }
}

const showOutcome = (outcome: Either<unknown, unknown>): string =>
  outcome._tag === 'Left' ? showError(outcome.left) : showValue(outcome.right)
