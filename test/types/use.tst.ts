import type { IO } from 'fp-ts/IO'
import type { Either } from 'fp-ts/Either'
import type { Option } from 'fp-ts/Option'
import type { TaskEither } from 'fp-ts/TaskEither'
import * as TE from 'fp-ts/TaskEither'
import { pipe } from 'fp-ts/function'
import { Cause, Duration, Flag, Log, Policy, type Rejection, Runner, type Strategy } from 'resilience-ts'
import { describe, expect, test } from 'tstyche'
import { every, type HttpError, id, type Job } from './fixtures'

type Defect = Rejection.Defect
type Aborted = Rejection.Aborted
type DeadlineExceeded = Rejection.DeadlineExceeded
declare const runner: Runner.Runner<HttpError, Job, HttpError | Rejection.TimedOut | Defect, number>
declare const getJob: (id: string, page?: number, ...tags: Array<string>) => TaskEither<HttpError, Job>

describe('wrap', () => {
  test('keeps the parameters, and gives the errors and results of the runner', () => {
    expect(Runner.wrap(runner)(getJob)).type.toBe<
      (
        this: unknown,
        id: string,
        page?: number,
        ...tags: Array<string>
      ) => TaskEither<HttpError | Rejection.TimedOut | Defect, number>
    >()
  })

  test('takes operations that the policy takes, and no others', () => {
    expect(Runner.wrap(runner)).type.toBeCallableWith((_: string) => TE.left({ _tag: 'HttpError', status: 1 } as const))
    expect(Runner.wrap(runner)).type.not.toBeCallableWith((_: string) => TE.left('x'))
    expect(Runner.wrap(runner)).type.not.toBeCallableWith(() => Promise.resolve(1))
  })

  test('keeps this', () => {
    class Client {
      get = Runner.wrap(runner)(function (this: Client, _id: string) {
        return getJob('x')
      })
    }
    const client = new Client()
    expect(client.get('x')).type.toBe<TaskEither<HttpError | Rejection.TimedOut | Defect, number>>()
    const { get } = client
    // @ts-expect-error 'this' context
    get('x')
  })

  test('wrapWith tells the attempt first, and knows its options', () => {
    const wrapped = Runner.wrapWith(runner, { deadline: 1 })((attempt, id: string) => {
      expect(attempt).type.toBe<Strategy.Attempt>()
      return getJob(id)
    })
    expect(wrapped('x')).type.toBe<TaskEither<HttpError | Rejection.TimedOut | Defect | DeadlineExceeded, number>>()
  })

  test('perInstance', () => {
    class Client {
      readonly retries = 1
    }
    const of = Runner.perInstance((_: Client) => Runner.make(id())({} as never))
    expect(of).type.toBe<(instance: Client) => Runner.Runner<HttpError, Job, HttpError | Defect, Job>>()
  })
})

describe('attempts', () => {
  test('the block gives what the policy takes, the result is what it ends in', async () => {
    const attempts = Runner.attempts(runner)()
    for await (const attempt of attempts) {
      expect(attempt).type.toBe<Runner.BlockAttempt<HttpError, Job>>()
      expect(await attempt.run(getJob('x'))).type.toBe<Either<HttpError | Defect | Aborted, Job>>()
      expect(await attempt.run(TE.right({ state: 'pending' } as const))).type.toBe<
        Either<Defect | Aborted, { readonly state: 'pending' }>
      >()
      expect(attempt.run).type.not.toBeCallableWith(TE.left('x'))
      expect(attempt.settle).type.not.toBeCallableWith({ _tag: 'Right', right: 1 } as const)
    }
    expect(await attempts.result()).type.toBe<Either<HttpError | Rejection.TimedOut | Defect | Aborted, number>>()
    const withDeadline = Runner.attempts(runner, { deadline: 1 })()
    expect(await withDeadline.result()).type.toBe<
      Either<HttpError | Rejection.TimedOut | Defect | Aborted | DeadlineExceeded, number>
    >()
  })

  test('is an IO', () => {
    expect(Runner.attempts(runner)).type.toBeAssignableTo<IO<AsyncIterable<Runner.BlockAttempt<HttpError, Job>>>>()
  })
})

describe('toPromise', () => {
  test('takes what gives the results of the policy', () => {
    const run = pipe(
      runner,
      Runner.toPromise((cause): HttpError => ({ _tag: 'HttpError', status: Number(cause) }))
    )
    expect(run(() => Promise.resolve<Job>({ state: 'pending' }))).type.toBe<Promise<number>>()
    expect(run).type.toBeCallableWith(({ signal }: Strategy.Attempt) =>
      Promise.resolve<Job>({ state: signal.aborted ? 'pending' : 'pending' })
    )
    expect(run).type.not.toBeCallableWith(() => Promise.resolve('x'))
  })

  test('onThrow makes errors that the policy takes', () => {
    expect(Runner.toPromise(() => 'x')).type.not.toBeCallableWith(runner)
    expect(Runner.toPromise((): never => 1 as never)).type.toBeCallableWith(runner)
  })

  test('a Failure carries its error', () => {
    expect(new Runner.Failure({ _tag: 'X' } as const).error).type.toBe<{ readonly _tag: 'X' }>()
  })
})

describe('values', () => {
  test('a duration that is parsed may not be one', () => {
    expect(Duration.parse('1h')).type.toBe<Either<Duration.InvalidDuration, number>>()
  })

  test('a duration that is written is checked as it is written', () => {
    expect(Duration.millis).type.toBeCallableWith('1h 10m 5s')
    expect(Duration.millis).type.toBeCallableWith('1.5s')
    expect(Duration.millis).type.not.toBeCallableWith('2 seconds')
    expect(Duration.millis).type.not.toBeCallableWith('')
    expect(Duration.millis).type.not.toBeCallableWith('10')
    expect(Duration.millis).type.not.toBeCallableWith('')
  })

  test('a cause is found by its type', () => {
    expect(Cause.find((u) => u instanceof RangeError)('x')).type.toBe<Option<RangeError>>()
    expect(Cause.find(() => true)('x')).type.toBe<Option<unknown>>()
    expect(pipe(id(), Policy.retry(every, { while: Cause.exists(() => true) }))).type.toBe<
      Policy.Policy<HttpError, Job>
    >()
  })

  test('a flag of a signal cannot be set by hand', () => {
    expect(Flag.fromSignal(new AbortController().signal)).type.toBe<Flag.Flag>()
    expect(Flag.make()).type.toBe<Flag.OwnFlag>()
    expect(pipe(id(), Policy.retry(every, { wakeOn: Flag.make(), stopOn: Flag.make() }))).type.toBe<
      Policy.Policy<HttpError, Job>
    >()
  })

  test('a log takes console, a logger or a function, and any policy', () => {
    expect(Log.to).type.toBeCallableWith(console)
    expect(Log.to).type.toBeCallableWith(console, { policy: id(), retry: 'info', start: false })
    expect(Log.to).type.toBeCallableWith((_level: Log.Level, _line: string) => undefined)
    expect(Log.to).type.not.toBeCallableWith(console, { retyr: false })
    expect(Log.to).type.not.toBeCallableWith(console, { retry: 'loud' })
  })
})
