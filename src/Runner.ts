/**
 * A policy made ready: `make` compiles the description against a runtime and gives its state a home.
 *
 * @since 0.1.0
 */
import type { IO } from 'fp-ts/IO'
import type { IOEither } from 'fp-ts/IOEither'
import type { ReaderTaskEither } from 'fp-ts/ReaderTaskEither'
import type { Task } from 'fp-ts/Task'
import type { TaskEither } from 'fp-ts/TaskEither'
import type { Millis } from './Duration'
import type { Attributes } from './Event'
import { Calls } from './interpreter/Calls'
import { collecting } from './interpreter/Collector'
import { invalid } from './interpreter/Compile'
import { Core, refusing, type Status } from './interpreter/Core'
import { type Answer, type Job, mapped } from './interpreter/Run'
import type { Policy } from './Policy'
import type { Problem } from './Problem'
import type { Attempt } from './Protocol'
import { type Aborted, type DeadlineExceeded, type Defect, defect, isDefect } from './Rejection'
import type { Report } from './Report'
import * as Rule from './Rule'
import type { Runtime } from './Runtime'
import { withDeadline } from './strategy/Deadline/DeadlineFrame'

export type { Status } from './interpreter/Core'

/**
 * A policy that can be run: it takes operations `TaskEither<E, A>` and gives `TaskEither<E2, A2>`, which never throw and never
 * reject. Its functions need no `this`.
 *
 * @category model
 * @since 0.1.0
 */
export interface Runner<in E, in A, out E2, out A2> {
  /** Runs an operation. */
  readonly run: (operation: TaskEither<E, A>) => TaskEither<E2, A2>
  /**
   * Runs an operation that knows its attempt (signal, number, the failure before, the time that is left), with options.
   * `Aborted` is among the errors only if a signal is given, `DeadlineExceeded` only if a deadline is.
   */
  readonly runWith: <O extends RunOptions = NoOptions>(
    operation: (attempt: Attempt) => TaskEither<E, A>,
    options?: O
  ) => TaskEither<E2 | Answers<O>, A2>
  /** Runs an operation and tells how its result came about. The task itself always succeeds. */
  readonly runReport: <O extends RunOptions & ReportOptions = NoOptions>(
    operation: (attempt: Attempt) => TaskEither<E, A>,
    options?: O
  ) => Task<Report<E2 | Answers<O>, A2>>
  /** Runs an operation that reads an environment. */
  readonly runReader: <R>(operation: ReaderTaskEither<R, E, A>) => ReaderTaskEither<R, E2, A2>
  /** Runs a synchronous operation. */
  readonly runIO: (operation: IOEither<E, A>) => TaskEither<E2, A2>
  /** What the policy looks like, outermost layer first. */
  readonly show: string
  /** How many calls are on their way, and whether new ones are taken. */
  readonly status: IO<Status>
  /** Takes no new calls, and waits until all operations have settled. New calls are answered with a `Defect`. */
  readonly drain: Task<void>
  /**
   * Takes no new calls, and aborts the ones on their way: each is answered at once with a `Defect` of kind `Closed`; only one
   * whose operation was told of no signal, under a policy that cannot answer before it, has to wait until it settles. What
   * does not heed its signal may go on; `status` counts it, and `drain` waits for it.
   */
  readonly close: Task<void>
  /**
   * What shows and steers the state of its layers, by their names as `Policy.names` gives them. Each strategy that has one knows
   * its type: `Policy.bulkheadControl(runner)`.
   */
  readonly controls: ReadonlyMap<string, object>
  /** Whether waiting (a backoff, a timeout) keeps the process alive. */
  readonly keepAlive: boolean
}

/**
 * What a call can bring besides its operation.
 *
 * - `signal`: aborts the call: sleeps, queues and attempts end at once. Any number of calls may share one;
 * - `deadline`: the milliseconds that are left, as another process may have sent them; 0 or less: none;
 * - `key`: what the call is about, for policies with state for each key;
 * - `attributes`: for the events of this run.
 *
 * @category model
 * @since 0.1.0
 */
export interface RunOptions {
  readonly signal?: AbortSignal | undefined
  readonly deadline?: Millis | undefined
  readonly key?: string | undefined
  readonly attributes?: Attributes | undefined
}

/**
 * How much a report tells.
 *
 * - `keep`: how many attempts, and how many decisions, are listed: the latest; whole, ≥ 0; 1000 unless given.
 *
 * @category model
 * @since 0.1.0
 */
export interface ReportOptions {
  readonly keep?: number | undefined
}

/**
 * The options of a call that brings none.
 *
 * @category model
 * @since 0.1.0
 */
export interface NoOptions {
  readonly signal?: undefined
  readonly deadline?: undefined
}

/**
 * What options add to the errors.
 *
 * @category model
 * @since 0.1.0
 */
export type Answers<O> =
  | (Given<O, 'signal'> extends undefined ? never : Aborted)
  | (Given<O, 'deadline'> extends undefined ? never : DeadlineExceeded)

/** What an option can be, in any member of a union; `never` where there is no such option. */
type Given<O, K extends keyof RunOptions> = O extends unknown ? O[K & keyof O] : never

/**
 * What an option may be.
 *
 * @internal
 */
export const optionRules: Rule.Rules<RunOptions & ReportOptions> = {
  signal: /*#__PURE__*/ Rule.optional(
    /*#__PURE__*/ Rule.make(
      'an AbortSignal',
      (u) => 'aborted' in (u as AbortSignal) && typeof (u as Partial<AbortSignal>).removeEventListener === 'function'
    )
  ),
  deadline: /*#__PURE__*/ Rule.optional(
    /*#__PURE__*/ Rule.make('the milliseconds that are left, or Infinity', (u) => typeof u === 'number' && u === u)
  ),
  key: /*#__PURE__*/ Rule.optional(/*#__PURE__*/ Rule.make('a string', (u) => typeof u === 'string')),
  attributes: /*#__PURE__*/ Rule.optional(
    /*#__PURE__*/ Rule.make('a record', (u) => typeof u === 'object' && u !== null)
  ),
  keep: /*#__PURE__*/ Rule.optional(Rule.count)
}

/**
 * Makes a policy ready to run: compiles it against a runtime, and gives its state a home. Two runners share nothing.
 *
 * Adds `Defect` to the errors. A policy with impossible settings makes a runner too: it answers every call with a `Defect` of
 * kind `Invalid` that lists them all, and never calls the operation.
 *
 * @param policy what to do
 *
 * @example
 * import { Policy, Runner, Runtime, Schedule } from 'resilience-ts'
 * import { pipe } from 'fp-ts/function'
 * import * as TE from 'fp-ts/TaskEither'
 * import * as E from 'fp-ts/Either'
 * import assert from 'assert'
 *
 * const policy = pipe(Policy.id<string, number>(), Policy.retry(pipe(Schedule.constant(10), Schedule.take(2))))
 * const runner = Runner.make(policy)(Runtime.live)()
 * assert.deepStrictEqual(await pipe(TE.right(42), runner.run)(), E.right(42))
 *
 * @category constructors
 * @since 0.1.0
 */
export const make =
  <E, A, E2, A2>(policy: Policy<E, A, E2, A2>) =>
  (runtime: Runtime): IO<Runner<E, A, E2 | Defect, A2>> =>
  () => {
    const core = new Core(policy, runtime)
    const runner = runnerOf(core, undefined)
    cores.set(runner, core)
    return runner as Runner<E, A, E2 | Defect, A2>
  }

/**
 * Says defects in the caller's own terms. The runner is the same, with the same state.
 *
 * Takes `Defect` out of the errors, and adds what `f` gives. If `f` throws, the answer is the defect itself, as nothing may
 * throw. Of two, the second sees what is still a defect after the first. A copy of a runner (`{ ...runner, run }`) keeps its own
 * functions.
 *
 * @param f makes an error of a defect
 *
 * @example
 * import { Policy, Runner, Runtime } from 'resilience-ts'
 * import { pipe } from 'fp-ts/function'
 * import * as E from 'fp-ts/Either'
 * import assert from 'assert'
 *
 * const runner = pipe(
 *   Runner.make(Policy.id<'gone', number>())(Runtime.live)(),
 *   Runner.mapDefect((defect) => `bug at ${defect.at}` as const)
 * )
 * const broken = () => Promise.reject(new Error('oh'))
 * assert.deepStrictEqual(await runner.run(broken)(), E.left('bug at operation'))
 *
 * @category combinators
 * @since 0.1.0
 */
export const mapDefect =
  <G>(f: (defect: Defect) => G) =>
  <E, A, E2, A2>(runner: Runner<E, A, E2 | Defect, A2>): Runner<E, A, E2 | G, A2> => {
    const known = cores.get(runner)
    return (known === undefined ? inTerms(runner as AnyRunner, f) : runnerOf(known, f)) as Runner<E, A, E2 | G, A2>
  }

/** The core of each runner that says defects as they are, so that another face of it shares its state. */
const cores = /*#__PURE__*/ new WeakMap<object, Core>()

/** Any runner at all, a copy or one whose defects are mapped already, with the defects that it answers said by `f`. */
const inTerms = (runner: AnyRunner, f: (defect: Defect) => unknown): AnyRunner => {
  const { show, status, drain, close, controls, keepAlive } = runner
  const say = (answer: Answer): Answer =>
    answer._tag === 'Left' && isDefect(answer.left) ? { _tag: 'Left', left: mapped(answer.left, f) } : answer
  const saying = (task: AnyTask) => () => task().then(say)
  return {
    run: (operation) => saying(runner.run(operation)),
    runWith: (operation, options) => saying(runner.runWith(operation, options)),
    runReport: (operation, options) => async () => {
      const report = await runner.runReport(operation, options)()
      return { ...report, result: say(report.result) }
    },
    runReader: (operation) => (environment) => saying(runner.runReader(operation)(environment)),
    runIO: (operation) => saying(runner.runIO(operation)),
    show,
    status,
    drain,
    close,
    controls,
    keepAlive
  }
}

type AnyRunner = Runner<unknown, unknown, unknown, unknown>

const runnerOf = (core: Core, mapDefect: Job['mapDefect']): AnyRunner => {
  const services = core.services('options.deadline')

  // each closes over what it needs, and over nothing else: tasks may be many
  const within = (deadline: Millis, job: Job) => () =>
    core.start(job).begin(withDeadline(deadline, 0, services, core.layer))
  /** A task that answers with a defect, and is seen to. */
  const refusal = (found: Defect, job: Job) => () => core.start(job).begin(refusing(found))

  /** A task that runs an operation: one that is told nothing, or, with options, one that knows its attempt. */
  const taskOf = (operation: unknown, options?: AllOptions, listener?: Job['listener']): AnyTask => {
    const problems = options === undefined ? noProblems : Rule.check<AllOptions>(optionRules, options)
    const {
      signal,
      key,
      attributes = nothing,
      deadline = Infinity
    } = problems.length > 0 ? nothing : (options ?? nothing)
    const job: Job = {
      f: operation as Job['f'],
      aware: options !== undefined,
      home: core,
      mapDefect,
      signal,
      key,
      attributes,
      listener,
      attended: (listener ?? core.runtime.observe ?? signal) !== undefined
    }
    if (problems.length > 0) return refusal(invalid('options', problems), job)
    if (typeof operation !== 'function') return refusal(defect('Malformed', 'operation', operation), job)
    if (job.aware) return within(deadline, job)
    const calls = new Calls(core, job)
    return calls.begin.bind(calls)
  }

  const reportOf = (operation: unknown, options: AllOptions) => async () => {
    const { keep } = options
    const { see, report } = collecting(Rule.count.holds(keep) ? (keep as number) : 1000)
    return report(await taskOf(operation, options, see)())
  }

  const run = (operation: unknown): AnyTask => taskOf(operation)

  return {
    run,
    runWith: (operation, options) => taskOf(operation, readOptions(options)),
    runReport: (operation, options) => reportOf(operation, readOptions(options)),
    runReader: (operation) => (environment) =>
      taskOf(typeof operation === 'function' ? () => operation(environment)() : operation),
    runIO: run,
    show: core.shown,
    status: () => core.status(),
    drain: () => core.drain(),
    close: () => core.close(),
    controls: core.controls,
    keepAlive: core.runtime.keepAlive
  }
}

type AnyTask = () => Promise<Answer>
type AllOptions = RunOptions & ReportOptions

const nothing: AllOptions & Attributes = {}
const noProblems: ReadonlyArray<Problem> = []

/**
 * Reads the options once, guarded.
 *
 * @internal
 */
export const readOptions = (options: AllOptions | undefined): AllOptions =>
  options === undefined ? {} : Rule.read<AllOptions>(optionRules, options)
