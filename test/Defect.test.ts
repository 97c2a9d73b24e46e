import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { Policy, Rejection, Report, Runner, Runtime, Schedule, Strategy } from '../src'
import { fails, heeding, script, succeeds, virtual } from '../src/testing'

const raise = (): never => {
  throw 'oh'
}
const reject = (): Promise<never> => Promise.reject(new Error('oh'))

describe('a defect keeps what the callback was dealing with', () => {
  const policies: ReadonlyArray<readonly [string, Policy.Policy<string, number, unknown, unknown>, unknown]> = [
    ['fallbackWith that throws', pipe(Policy.id<string, number>(), Policy.fallbackWith(raise)), 'busy'],
    [
      'fallbackWith that rejects',
      pipe(
        Policy.id<string, number>(),
        Policy.fallbackWith(() => reject)
      ),
      'busy'
    ],
    [
      'retryOrElse',
      pipe(
        Policy.id<string, number>(),
        Policy.retryOrElse(Schedule.stop, () => reject)
      ),
      'busy'
    ],
    ['ensureWith that throws', pipe(Policy.id<string, number>(), Policy.fallbackTo(7), Policy.ensureWith(raise)), 7],
    [
      'ensureWith that gives no Either',
      pipe(
        Policy.id<string, number>(),
        Policy.fallbackTo(7),
        Policy.ensureWith((): TE.TaskEither<never, number> => () => Promise.resolve(1 as never))
      ),
      7
    ]
  ]
  test.each(policies)('%s', async (_name, policy, during) => {
    const answer = await Runner.make(policy)(Runtime.live)().run(TE.left('busy'))()
    expect(answer).toMatchObject({ _tag: 'Left', left: { _tag: 'Defect', during } })
  })
})

describe('a deadline inside a retry', () => {
  const policy = pipe(
    Policy.id<string, number>(),
    Policy.deadline(100),
    Policy.retry(pipe(Schedule.constant(10), Schedule.take(5)))
  )

  test('with a real last error, that error is given back', async () => {
    const time = virtual()
    const operation = script(time, fails('busy', 20), succeeds(1, 500))
    const report = await time.run(Runner.make(policy)(time.runtime)().runReport(operation.operation))
    expect(report.result).toEqual(E.left('busy'))
    expect(report.decisions.at(-1)).toMatchObject({ _tag: 'RetryStopped', reason: { _tag: 'Deadline' }, error: 'busy' })
    expect(operation.calls).toHaveLength(2)
  })

  test('without one, it is DeadlineExceeded, and is not retried', async () => {
    const time = virtual()
    const operation = script(time, heeding(succeeds(1, 500)))
    const answer = await time.run(Runner.make(policy)(time.runtime)().run(operation.task))
    expect(answer).toEqual(E.left({ _tag: 'DeadlineExceeded', deadline: 100 }))
    expect(operation.calls).toHaveLength(1)
  })

  test('retryOrElse is told of the real error', async () => {
    const time = virtual()
    const seen: Array<Rejection.Exhausted<unknown>> = []
    const orElse = pipe(
      Policy.id<string, number>(),
      Policy.deadline(100),
      Policy.retryOrElse(Schedule.constant(10), (exhausted: Rejection.Exhausted<unknown>) => {
        seen.push(exhausted)
        return TE.right(0)
      })
    )
    const operation = script(time, fails('busy', 20), succeeds(1, 500))
    expect(await time.run(Runner.make(orElse)(time.runtime)().run(operation.task))).toEqual(E.right(0))
    expect(seen).toMatchObject([{ error: 'busy', attempts: 2, elapsed: 130, reason: { _tag: 'Deadline' } }])
  })
})

test('an observer that is asynchronous after all, and rejects, does no harm', async () => {
  const unhandled = jest.fn()
  process.on('unhandledRejection', unhandled)
  const runtime = pipe(
    Runtime.live,
    Runtime.withObserver(() => void 0),
    Runtime.withObserver(reject as () => void)
  )
  expect(await Runner.make(Policy.id<never, number>())(runtime)().run(TE.right(1))()).toEqual(E.right(1))
  await new Promise((resolve) => setImmediate(resolve))
  process.off('unhandledRejection', unhandled)
  expect(unhandled).not.toHaveBeenCalled()
})

test('runReader of something that is no function is Malformed, as every other way to run', async () => {
  const runner = Runner.make(Policy.id<never, number>())(Runtime.live)()
  const answer = await runner.runReader(undefined as never)({})()
  expect(answer).toMatchObject({ left: { _tag: 'Defect', kind: 'Malformed', at: 'operation' } })
})

test('a report shows what was decided before anything was called', async () => {
  const runner = Runner.make(Policy.id<never, number>())(Runtime.live)()
  const report = await runner.runReport(() => TE.right(1), { deadline: 0 })()
  expect(Report.show(report).split('\n')).toEqual([
    'options.deadline: reached',
    expect.stringContaining('0 attempts, 0 retries')
  ])
})

describe('an operation of a strategy’s own is told of an attempt', () => {
  const waits = (signals: Array<AbortSignal>) => (_: unknown, attempt: Strategy.Attempt) => {
    signals.push(attempt.signal)
    return () => new Promise<E.Either<never, number>>(() => undefined)
  }
  const policies: ReadonlyArray<
    readonly [string, (signals: Array<AbortSignal>) => Policy.Policy<string, number, unknown, unknown>]
  > = [
    ['fallbackWith', (signals) => pipe(Policy.id<string, number>(), Policy.fallbackWith(waits(signals)))],
    ['retryOrElse', (signals) => pipe(Policy.id<string, number>(), Policy.retryOrElse(Schedule.stop, waits(signals)))],
    [
      'ensureWith',
      (signals) => pipe(Policy.id<string, number>(), Policy.fallbackTo(1), Policy.ensureWith(waits(signals)))
    ]
  ]
  test.each(policies)('%s: its signal is aborted by a timeout outside', async (_name, policy) => {
    const time = virtual()
    const signals: Array<AbortSignal> = []
    const runner = Runner.make(pipe(policy(signals), Policy.timeout(100)))(time.runtime)()
    const answer = await time.run(runner.run(TE.left('busy')))
    expect(answer).toEqual(E.left({ _tag: 'TimedOut', timeout: 100 }))
    expect(signals.map((signal) => signal.reason as unknown)).toMatchObject([{ _tag: 'Aborted', by: 'timeout' }])
  })
})

test('within is held against the delay that a refusal asks for', async () => {
  const time = virtual()
  const refused = { _tag: 'RateLimited', retryAfter: 5000 } as const
  const policy = pipe(
    Policy.id<typeof refused, number>(),
    Policy.retry(pipe(Schedule.constant(10), Schedule.within(1000)), { retryRefused: true })
  )
  expect(await time.run(Runner.make(policy)(time.runtime)().run(TE.left(refused)))).toEqual(E.left(refused))
  expect(time.now()).toBe(0)
})

test('a strategy that throws when it wakes ends the run, and what is held beneath and around it is given back', async () => {
  class Waking extends Strategy.Sleeper implements Strategy.Frame {
    constructor(
      private readonly services: Strategy.Services,
      private readonly inner: Strategy.Frame,
      readonly context: Strategy.Context
    ) {
      super()
    }
    start(): void {
      this.services.waiting.sleep(10, this)
      this.inner.start()
    }
    wake(): void {
      raise()
    }
    abort(cause: Rejection.Aborted): void {
      this.inner.abort(cause)
    }
  }
  const broken: Strategy.Strategy<object> = {
    name: 'broken',
    rules: {},
    show: () => [],
    compile: (_settings, services, inner) => ({
      open: (context, up) => new Waking(services, inner.open(context, up), context)
    })
  }
  const time = virtual()
  const policy = pipe(
    Policy.id<never, number>(),
    Policy.bulkhead(1),
    Policy.around<never, number, object>(broken, {}),
    Policy.bulkhead(1)
  )
  const runner = Runner.make(policy)(time.runtime)()
  const operation = script(time, heeding(succeeds(1, 1000)))
  const answer = await time.run(runner.runWith(operation.operation))
  expect(answer).toMatchObject({ left: { _tag: 'Defect', kind: 'Thrown', at: 'strategy', cause: 'oh' } })
  await time.settle()
  for (const name of ['bulkhead', 'bulkhead#2']) {
    const control = Policy.bulkheadControl(runner, name)
    expect(control._tag === 'Some' && control.value.status()).toMatchObject({ active: 0, hanging: 0 })
  }
})
