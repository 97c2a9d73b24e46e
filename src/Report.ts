/**
 * A result together with every decision that led to it, as data: what each retry and poll decided, and why.
 *
 * @since 0.1.0
 */
import type { Either } from 'fp-ts/Either'
import * as Duration from './Duration'
import type { Millis } from './Duration'
import { inOneLine, showError } from './ErrorText'
import type { Custom, Event } from './Event'
import type { Exit } from './Exit'

/**
 * One call of the operation.
 *
 * @category model
 * @since 0.1.0
 */
export interface AttemptRecord {
  /** From 1, in the order of their starts. */
  readonly attempt: number
  /** Milliseconds from the start of the run. */
  readonly startedAt: Millis
  /** Milliseconds until it was answered. */
  readonly duration: Millis
  readonly outcome: Exit
}

/**
 * What a layer decided, after which attempt, and when: the event of that name, told from the start of the run. What a
 * strategy of the user's has to say (`Custom`) is none.
 *
 * | decision | by |
 * |---|---|
 * | `RetryScheduled`: again, after `delay` ms | a retry |
 * | `RetryStopped`: no more, because of `reason` | a retry |
 * | `PollScheduled`: again, after `delay` ms, as `outcome` does not hold yet | a poll |
 * | `PollStopped`: no more, because of `reason` | a poll |
 * | `TimeoutFired`: no answer within `timeout` ms | a timeout |
 * | `DeadlineReached` | a deadline |
 * | `ResultRefused`: a result did not hold | `ensure` |
 * | `FallbackUsed`: another answer was taken for this error | a fallback |
 * | `CallQueued`: it has to wait for its turn, with `queued` calls in all | a bulkhead |
 * | `CallAdmitted`: its turn has come, after `waited` ms | a bulkhead |
 * | `CallRefused`: the call was refused before it began | a bulkhead, a circuit breaker |
 * | `CircuitChanged`: this call changed the state of a circuit, and why | a circuit breaker |
 * | `StoreFailed`: a store did not answer as asked; what was seen of its state here served | whoever shares a state |
 *
 * @category model
 * @since 0.1.0
 */
export type Decision = Decided<Exclude<Extract<Event, { readonly layer: string }>, Custom>>

/** An event with the moment of a decision for its own; field by field, so that an editor shows the fields. */
type Decided<T> = T extends Event
  ? { readonly [K in keyof (T & DecisionMoment) as Exclude<K, 'run'>]: (T & DecisionMoment)[K] }
  : never

/**
 * Which layer decided, after how many calls of the operation, and when.
 *
 * @category model
 * @since 0.1.0
 */
export interface DecisionMoment {
  readonly layer: string
  /** How often this run had called the operation; an event's own `attempt` is the count of its layer. */
  readonly attempt: number
  /** Milliseconds from the start of the run. */
  readonly at: Millis
}

/**
 * The result of a run and how it came about. `attempts` and `decisions` hold the latest ones, as many as were asked to be kept;
 * `omitted` counts what was let go; the totals count everything.
 *
 * @category model
 * @since 0.1.0
 */
export interface Report<out E, out A> {
  readonly result: Either<E, A>
  readonly attempts: ReadonlyArray<AttemptRecord>
  readonly decisions: ReadonlyArray<Decision>
  readonly totals: Totals
}

/**
 * The sums of a run.
 *
 * @category model
 * @since 0.1.0
 */
export interface Totals {
  /** Calls of the operation. */
  readonly attempts: number
  /** Decisions of any retry or poll to go on. */
  readonly retries: number
  /** Milliseconds from start to answer. */
  readonly elapsed: Millis
  /** Milliseconds really spent waiting for a next attempt, hooks included; until it began, or something else was decided. */
  readonly waited: Millis
  /** Milliseconds that attempts took, added up. */
  readonly working: Millis
  /** Attempts and decisions that are no longer listed. */
  readonly omitted: number
}

/**
 * Shows a report as a table of plain text: each attempt with its outcome and what was decided after it, then the totals.
 *
 * @example
 * import { Policy, Report, Runner, Runtime } from 'resilience-ts'
 * import * as TE from 'fp-ts/TaskEither'
 * import assert from 'assert'
 *
 * const runner = Runner.make(Policy.id<string, number>())(Runtime.live)()
 * const report = await runner.runReport(() => TE.right(42))()
 * assert.strictEqual(Report.show(report).split('\n').length, 2)
 *
 * @category destructors
 * @since 0.1.0
 */
export const show = <E, A>({ attempts, decisions, totals }: Report<E, A>): string => {
  // a deadline may be over before anything was called
  const before = decisions.filter((decision) => decision.attempt === 0).map(showDecision)
  const lines = attempts.map(({ attempt, startedAt, duration, outcome }) => {
    const after = decisions.filter((decision) => decision.attempt === attempt).map(showDecision)
    return [
      // whatever is wider than its column still stands apart from the next
      `#${String(attempt)} `.padEnd(5),
      `at ${Duration.show(Math.round(startedAt))} `.padEnd(12),
      `took ${Duration.show(Math.round(duration))} `.padEnd(14),
      showExit(outcome),
      ...after.map((text) => ` -> ${text}`)
    ].join('')
  })
  return [...before, ...lines, showTotals(totals)].map(inOneLine).join('\n')
}

/**
 * Says in one line, for people, how a run went: the result, attempts, time, and why there was no further attempt.
 *
 * @example
 * import { Policy, Report, Runner, Schedule } from 'resilience-ts'
 * import { fails, script, virtual } from 'resilience-ts/testing'
 * import { pipe } from 'fp-ts/function'
 * import assert from 'assert'
 *
 * const time = virtual()
 * const policy = pipe(Policy.id<string, number>(), Policy.retry(pipe(Schedule.constant(100), Schedule.take(2))))
 * const report = await time.run(Runner.make(policy)(time.runtime)().runReport(script(time, fails('busy', 10)).operation))
 * assert.strictEqual(
 *   Report.summary(report),
 *   'failed (busy) after 3 attempts in 230ms, 200ms of it waiting; retry: Attempts'
 * )
 *
 * @category destructors
 * @since 0.1.0
 */
export const summary = <E, A>({ result, decisions, totals }: Report<E, A>): string => {
  const { attempts, elapsed, waited } = totals
  const how = result._tag === 'Right' ? 'succeeded' : `failed (${showError(result.left)})`
  const waiting = waited > 0 ? `, ${Duration.show(Math.round(waited))} of it waiting` : ''
  // the last of them says it: around one that stopped there may be another that went on
  const whys = decisions.flatMap((decision) => {
    switch (decision._tag) {
      case 'RetryStopped':
      case 'PollStopped':
        return [`; ${decision.layer}: ${decision.reason._tag}`]
      case 'RetryScheduled':
      case 'PollScheduled':
        return ['']
      default:
        return []
    }
  })
  return inOneLine(
    `${how} after ${counted(attempts, 'attempt', 'attempts')} ` +
      `in ${Duration.show(Math.round(elapsed))}${waiting}${whys.at(-1) ?? ''}`
  )
}

const counted = (n: number, one: string, more: string): string => `${String(n)} ${n === 1 ? one : more}`

const showTotals = ({ attempts, retries, elapsed, waited, omitted }: Totals): string =>
  `${counted(attempts, 'attempt', 'attempts')}, ${counted(retries, 'retry', 'retries')}, ${Duration.show(Math.round(elapsed))} in all, ` +
  `${Duration.show(Math.round(waited))} of it waiting${omitted === 0 ? '' : `, ${String(omitted)} entries omitted`}`

const showExit = (exit: Exit): string => {
  switch (exit._tag) {
    case 'Right':
      return 'success'
    case 'Left':
      return `failure ${showError(exit.left)}`
    case 'Aborted':
      return `aborted by ${exit.by}`
    case 'Defect':
      return `defect ${exit.kind} at ${exit.at}`
  }
}

const showDecision = (decision: Decision): string => {
  switch (decision._tag) {
    case 'RetryScheduled':
    case 'PollScheduled':
      return `${decision.layer}: again in ${Duration.show(Math.round(decision.delay))}`
    case 'RetryStopped':
    case 'PollStopped':
      return `${decision.layer}: stop (${decision.reason._tag})`
    case 'TimeoutFired':
      return `${decision.layer}: timed out after ${Duration.show(decision.timeout)}`
    case 'DeadlineReached':
      return `${decision.layer}: reached`
    case 'ResultRefused':
      return `${decision.layer}: refused (${showError(decision.error)})`
    case 'FallbackUsed':
      return `${decision.layer}: recovered`
    case 'CallQueued':
      return `${decision.layer}: queued (${String(decision.queued)} waiting)`
    case 'CallAdmitted':
      return `${decision.layer}: admitted after ${Duration.show(Math.round(decision.waited))}`
    case 'CallRefused':
      return `${decision.layer}: turned away (${showError(decision.error)})`
    case 'CircuitChanged':
      return `${decision.layer}: ${decision.to} (${decision.reason._tag})`
    case 'StoreFailed':
      return `${decision.layer}: no answer from the store (${showError(decision.cause)})`
  }
}
