/* eslint-disable @typescript-eslint/no-invalid-void-type -- an operation may give nothing */
import * as E from 'fp-ts/Either'
import type { IO } from 'fp-ts/IO'
import type { IOEither } from 'fp-ts/IOEither'
import type { Option } from 'fp-ts/Option'
import type { ReaderTaskEither } from 'fp-ts/ReaderTaskEither'
import type { Task } from 'fp-ts/Task'
import * as TE from 'fp-ts/TaskEither'
import { pipe } from 'fp-ts/function'
import { type Event, Policy, type Rejection, type Report, Runner, type Runtime, type Strategy } from 'resilience-ts'
import { describe, expect, test } from 'tstyche'
import { type AppError, type HttpError, id, type Job, type Ready, timed } from './fixtures'

type TimedOut = Rejection.TimedOut
type DeadlineExceeded = Rejection.DeadlineExceeded
type Aborted = Rejection.Aborted
type Defect = Rejection.Defect

/** What every run of `timed` may fail with. */
type Failure = HttpError | TimedOut | Defect
type Timed = Runner.Runner<HttpError, Job, Failure, Job>

declare const runtime: Runtime.Runtime
declare const runner: Timed
declare const operation: TE.TaskEither<HttpError, Job>
declare const signal: AbortSignal
declare const readyOperation: TE.TaskEither<never, Ready>
declare const wideOperation: TE.TaskEither<AppError, Job>
declare const nullOperation: TE.TaskEither<HttpError, Job | null>
declare const anyOptions: Runner.RunOptions

describe('make', () => {
  test('adds Defect to the errors', () => {
    expect(Runner.make(timed)).type.toBe<(runtime: Runtime.Runtime) => IO<Timed>>()
    expect(Runner.make(timed)(runtime)()).type.toBe<Timed>()
    expect(Runner.make(Policy.id<never, void>())(runtime)()).type.toBe<Runner.Runner<never, void, Defect, void>>()
  })

  test('of a caller’s wide error adds Defect alone', () => {
    const policy = pipe(Policy.id<AppError, Job>(), Policy.timeout(1), Policy.deadline(2))
    expect(Runner.make(policy)(runtime)()).type.toBe<Runner.Runner<AppError, Job, AppError | Defect, Job>>()
  })

  test('of a generic caller', () => {
    const ready = <A>(policy: Policy.Policy<HttpError, A>) => Runner.make(policy)(runtime)()
    expect(ready).type.toBe<
      <A>(policy: Policy.Policy<HttpError, A>) => Runner.Runner<HttpError, A, HttpError | Defect, A>
    >()
    const run = <E1, A>(task: TE.TaskEither<E1, A>) =>
      pipe(task, Runner.make(pipe(Policy.id<E1, A>(), Policy.timeout(1)))(runtime)().run)
    expect(run).type.toBe<<E1, A>(task: TE.TaskEither<E1, A>) => TE.TaskEither<E1 | TimedOut | Defect, A>>()
  })
})

describe('Runner', () => {
  test('takes its input contravariantly and gives its output covariantly', () => {
    expect(runner).type.toBeAssignableTo<Runner.Runner<HttpError, Ready, AppError | Defect, Job | null>>()
    expect(runner).type.not.toBeAssignableTo<Runner.Runner<AppError, Job, AppError | Defect, Job>>()
    expect(runner).type.not.toBeAssignableTo<Runner.Runner<HttpError, Job, HttpError | Defect, Job>>()
  })

  test('tells its state', () => {
    expect(runner.show).type.toBe<string>()
    expect(runner.status).type.toBe<IO<Runner.Status>>()
    expect(runner.drain).type.toBe<Task<void>>()
    expect(runner.close).type.toBe<Task<void>>()
  })
})

describe('run', () => {
  test('gives what the policy ends in', () => {
    expect(runner.run(operation)).type.toBe<TE.TaskEither<Failure, Job>>()
    expect(pipe(operation, runner.run)).type.toBe<TE.TaskEither<Failure, Job>>()
  })

  test('takes an operation that fails with less, or gives less', () => {
    expect(runner.run).type.toBeCallableWith(TE.right({ state: 'pending' }))
    expect(runner.run).type.toBeCallableWith(readyOperation)
  })

  test('with an operation that fails with more, gives more or is none is an error', () => {
    expect(runner.run).type.not.toBeCallableWith(wideOperation)
    expect(runner.run).type.not.toBeCallableWith(nullOperation)
    expect(runner.run).type.not.toBeCallableWith(() => Promise.resolve({ state: 'pending' }))
    expect(runner.run).type.not.toBeCallableWith(operation())
    expect(runner.run).type.not.toBeCallableWith((_: Strategy.Attempt) => operation)
  })
})

describe('runWith', () => {
  test('gives the operation its attempt', () => {
    runner.runWith((attempt) => {
      expect(attempt).type.toBe<Strategy.Attempt>()
      expect(attempt.signal).type.toBe<AbortSignal>()
      return operation
    })
  })

  test('without options adds nothing', () => {
    expect(runner.runWith(() => operation)).type.toBe<TE.TaskEither<Failure, Job>>()
    expect(runner.runWith(() => operation, {})).type.toBe<TE.TaskEither<Failure, Job>>()
  })

  test('adds Aborted with a signal only', () => {
    expect(runner.runWith(() => operation, { signal })).type.toBe<TE.TaskEither<Failure | Aborted, Job>>()
    expect(runner.runWith(() => operation, { signal, key: 'a' })).type.toBe<TE.TaskEither<Failure | Aborted, Job>>()
  })

  test('adds DeadlineExceeded with a deadline only', () => {
    expect(runner.runWith(() => operation, { deadline: 1 })).type.toBe<TE.TaskEither<Failure | DeadlineExceeded, Job>>()
  })

  test('adds both with both', () => {
    expect(runner.runWith(() => operation, { signal, deadline: 1 })).type.toBe<
      TE.TaskEither<Failure | Aborted | DeadlineExceeded, Job>
    >()
  })

  test('adds nothing with other options', () => {
    expect(runner.runWith(() => operation, { key: 'a', attributes: {} })).type.toBe<TE.TaskEither<Failure, Job>>()
  })

  test('an optional property counts as given', () => {
    const options: { readonly signal?: AbortSignal } = {}
    const orUndefined: { readonly signal?: AbortSignal | undefined; readonly key: string } = { key: 'a' }
    const late: { readonly deadline?: number } = {}
    expect(runner.runWith(() => operation, options)).type.toBe<TE.TaskEither<Failure | Aborted, Job>>()
    expect(runner.runWith(() => operation, orUndefined)).type.toBe<TE.TaskEither<Failure | Aborted, Job>>()
    expect(runner.runWith(() => operation, late)).type.toBe<TE.TaskEither<Failure | DeadlineExceeded, Job>>()
    expect(runner.runWith(() => operation, anyOptions)).type.toBe<
      TE.TaskEither<Failure | Aborted | DeadlineExceeded, Job>
    >()
  })

  test('options that may be missing count as given', () => {
    const options = {} as { readonly signal: AbortSignal } | undefined
    expect(runner.runWith(() => operation, options)).type.toBe<TE.TaskEither<Failure | Aborted, Job>>()
  })

  test('either of two kinds of options counts as both', () => {
    const options = {} as { readonly signal: AbortSignal } | { readonly deadline: number }
    expect(runner.runWith(() => operation, options)).type.toBe<
      TE.TaskEither<Failure | Aborted | DeadlineExceeded, Job>
    >()
  })

  test('undefined said outright counts as not given', () => {
    expect(runner.runWith(() => operation, { signal: undefined })).type.toBe<TE.TaskEither<Failure, Job>>()
    expect(runner.runWith(() => operation, { signal: undefined, deadline: 1 })).type.toBe<
      TE.TaskEither<Failure | DeadlineExceeded, Job>
    >()
  })

  test('with other options, or an operation that asks for more, is an error', () => {
    runner.runWith(
      () => operation,
      // @ts-expect-error 'signl' does not exist in type 'RunOptions'
      { signl: signal }
    )
    expect(runner.runWith).type.not.toBeCallableWith(() => operation, { signal: 1 })
    expect(runner.runWith).type.not.toBeCallableWith(() => operation, { deadline: '1s' })
    expect(runner.runWith).type.not.toBeCallableWith((_: { readonly attempts: number }) => operation)
    expect(runner.runWith).type.not.toBeCallableWith(operation)
  })
})

describe('runReport', () => {
  type Told<E1> = Task<Report.Report<E1, Job>>

  test('tells what runWith gives, and adds the same', () => {
    expect(runner.runReport(() => operation)).type.toBe<Told<Failure>>()
    expect(runner.runReport(() => operation, { signal })).type.toBe<Told<Failure | Aborted>>()
    expect(runner.runReport(() => operation, { deadline: 1 })).type.toBe<Told<Failure | DeadlineExceeded>>()
    expect(runner.runReport(() => operation, { signal, deadline: 1 })).type.toBe<
      Told<Failure | Aborted | DeadlineExceeded>
    >()
  })

  test('takes how much to keep, which adds nothing', () => {
    expect(runner.runReport(() => operation, { keep: 1 })).type.toBe<Told<Failure>>()
    expect(runner.runReport(() => operation, { keep: 1, signal })).type.toBe<Told<Failure | Aborted>>()
    expect(runner.runReport).type.not.toBeCallableWith(() => operation, { keep: 'all' })
  })
})

describe('Decision', () => {
  type Decision<T> = Extract<Report.Decision, { readonly _tag: T }>

  test('is any event of a layer, but for what a strategy of the user’s says', () => {
    type None = Event.RunStarted | Event.AttemptStarted | Event.AttemptEnded | Event.LateResult | Event.RunEnded
    expect<Report.Decision['_tag']>().type.toBe<Exclude<Event.Event, None | Event.Custom>['_tag']>()
  })

  test('has the fields of its event, without `run`', () => {
    expect<Decision<'RetryScheduled'>>().type.toBe<{
      readonly _tag: 'RetryScheduled'
      readonly layer: string
      readonly attempt: number
      readonly at: number
      readonly delay: number
      readonly error: unknown
    }>()
  })

  test('has an `attempt`, also where its event has none', () => {
    expect<Decision<'TimeoutFired'>>().type.toBe<{
      readonly _tag: 'TimeoutFired'
      readonly layer: string
      readonly attempt: number
      readonly at: number
      readonly timeout: number
    }>()
    expect<Report.Decision>().type.toBeAssignableTo<Report.DecisionMoment>()
  })
})

describe('runReader, runIO', () => {
  interface Env {
    readonly url: string
  }

  test('run an operation that reads an environment', () => {
    const reader = (): ReaderTaskEither<Env, HttpError, Job> => () => operation
    const wide = (): TE.TaskEither<AppError, Job> => wideOperation
    expect(runner.runReader(reader())).type.toBe<ReaderTaskEither<Env, Failure, Job>>()
    expect(pipe(reader(), runner.runReader)).type.toBe<ReaderTaskEither<Env, Failure, Job>>()
    expect(runner.runReader).type.not.toBeCallableWith(wide)
  })

  test('run a synchronous operation', () => {
    const io: IOEither<HttpError, Job> = () => E.right({ state: 'pending' })
    const wide: IOEither<AppError, Job> = () => E.left({ _tag: 'NotFound' })
    expect(runner.runIO(io)).type.toBe<TE.TaskEither<Failure, Job>>()
    expect(runner.runIO(() => E.right({ state: 'pending' }))).type.toBe<TE.TaskEither<Failure, Job>>()
    expect(runner.runIO).type.not.toBeCallableWith(operation)
    expect(runner.runIO).type.not.toBeCallableWith(wide)
  })
})

describe('mapDefect', () => {
  test('takes Defect out, and adds what the function gives', () => {
    expect(
      pipe(
        runner,
        Runner.mapDefect((defect) => {
          expect(defect).type.toBe<Defect>()
          return defect.kind
        })
      )
    ).type.toBe<Runner.Runner<HttpError, Job, HttpError | TimedOut | Defect['kind'], Job>>()
  })

  test('that gives an error of the caller’s adds nothing', () => {
    expect(
      pipe(
        runner,
        Runner.mapDefect((): HttpError => ({ _tag: 'HttpError', status: 500 }))
      )
    ).type.toBe<Runner.Runner<HttpError, Job, HttpError | TimedOut, Job>>()
  })

  test('over unknown, and kept in a constant', () => {
    const bug = Runner.mapDefect((_: unknown) => 'bug' as const)
    expect(bug).type.toBe<
      <E1, A, E2, A2>(runner: Runner.Runner<E1, A, E2 | Defect, A2>) => Runner.Runner<E1, A, E2 | 'bug', A2>
    >()
    expect(pipe(runner, bug)).type.toBe<Runner.Runner<HttpError, Job, HttpError | TimedOut | 'bug', Job>>()
  })

  test('leaves no Defect in any run', () => {
    const mended = pipe(
      runner,
      Runner.mapDefect(() => 'bug' as const)
    )
    type Rest = HttpError | TimedOut | 'bug'
    expect(mended.run(operation)).type.toBe<TE.TaskEither<Rest, Job>>()
    expect(mended.runWith(() => operation, { signal })).type.toBe<TE.TaskEither<Rest | Aborted, Job>>()
    expect(mended.runReport(() => operation)).type.toBe<Task<Report.Report<Rest, Job>>>()
  })

  test('of a generic caller', () => {
    const mend = <E1, A>(policy: Policy.Policy<E1, A>) =>
      pipe(
        Runner.make(policy)(runtime)(),
        Runner.mapDefect(() => 'bug' as const)
      )
    expect(mend).type.toBe<<E1, A>(policy: Policy.Policy<E1, A>) => Runner.Runner<E1, A, E1 | 'bug', A>>()
  })

  test('with a function of something else is an error', () => {
    expect(Runner.mapDefect).type.not.toBeCallableWith((e: HttpError) => e.status)
  })
})

describe('Attempt', () => {
  test('knows nothing of the type of the failure before', () => {
    expect<Strategy.Attempt['previous']>().type.toBe<Option<unknown>>()
    pipe(
      id(),
      Policy.fallbackWith((_, attempt) => {
        expect(attempt.previous).type.toBe<Option<unknown>>()
        return operation
      })
    )
  })
})
