import { type Event, Policy, Runner, Runtime, Schedule, Trip } from 'resilience-ts'
import { fails, script, succeeds, throws, virtual } from 'resilience-ts/testing'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as T from 'fp-ts/Task'
import * as TE from 'fp-ts/TaskEither'
import { type Lines, nothingLeft, tags } from '../play'

const id = Policy.id<unknown, unknown>()
const unlimited = pipe(
  id,
  Policy.ensure((u) => u !== 'bad'),
  Policy.timeout(100),
  Policy.retry(pipe(Schedule.constant(10), Schedule.take(3)), { while: (e) => e !== 'fatal' }),
  Policy.fallbackIf(
    (e): e is 'fatal' => e === 'fatal',
    () => 'recovered'
  ),
  Policy.deadline(1000)
)
/** The same with a breaker, whose state its calls share. */
const limited = pipe(
  id,
  Policy.ensure((u) => u !== 'bad'),
  Policy.timeout(100),
  Policy.circuitBreaker({ trip: Trip.consecutiveFailures(2), openFor: 5, probes: 2, lease: 50, ramp: { over: 20 } }),
  Policy.retry(pipe(Schedule.constant(10), Schedule.take(3)), { while: (e) => e !== 'fatal', retryRefused: true })
)
const stories: ReadonlyArray<readonly [string, Lines]> = [
  ['a success', [succeeds(1, 5)]],
  ['a success at last', [fails('busy', 5), succeeds('bad', 5), succeeds('late', 105), succeeds(1, 5)]],
  ['a failure at last', [fails('busy', 5)]],
  ['a recovery', [fails('fatal', 5)]],
  ['a deadline', [succeeds('late', 5000)]],
  ['a bug', [fails('busy', 5), throws('oh')]]
]

type Observe = ((event: Event.Event) => void) | undefined

/** All that a caller and an operation can see. */
const outcome = async (
  lines: Lines,
  observe: Observe,
  policy: Policy.Policy<unknown, unknown, unknown, unknown> = unlimited
) => {
  const time = virtual({ log: false })
  const runtime = observe === undefined ? time.runtime : pipe(time.runtime, Runtime.withObserver(observe))
  const runner = Runner.make(policy)(runtime)()
  const operation = script(time, ...lines)
  const answer = await time.run(runner.run(operation.task))
  const answeredAt = time.now()
  const calls = operation.calls.map(({ at }) => at)
  return { answer, answeredAt, calls, leaks: await time.settle(), status: runner.status() }
}

const observers: ReadonlyArray<readonly [string, Observe]> = [
  ['does nothing', () => {}],
  [
    'throws',
    () => {
      throw new Error('oh')
    }
  ],
  [
    'throws undefined',
    () => {
      throw undefined
    }
  ],
  ['gives a promise that rejects', (): unknown => new Promise(() => {})],
  [
    'changes what it is shown',
    (event) => {
      for (const key of Object.keys(event)) {
        try {
          Object.assign(event, { [key]: undefined })
        } catch {
          // frozen is fine
        }
      }
    }
  ]
]

describe('guarantee 7: listeners cannot change outcomes, and cost nothing where there are none', () => {
  for (const [name, observe] of observers) {
    for (const [story, lines] of stories) {
      it(`an observer that ${name}: ${story}`, async () => {
        for (const policy of [unlimited, limited]) {
          const without = await outcome(lines, undefined, policy)
          expect(await outcome(lines, observe, policy)).toEqual(without)
          expect(without.leaks).toEqual(nothingLeft)
        }
      })
    }
  }

  it('one observer that throws does not keep the others from seeing', async () => {
    const time = virtual()
    const after: Array<Event.Event> = []
    const runtime = pipe(
      time.runtime,
      Runtime.withObserver(() => {
        throw new Error('oh')
      }),
      Runtime.withObserver((event) => after.push(event))
    )
    await time.run(Runner.make(unlimited)(runtime)().run(script(time, succeeds(1)).task))
    expect(tags(after)).toEqual(['RunStarted', 'AttemptStarted', 'AttemptEnded', 'RunEnded'])
    expect(time.log).toEqual(after)
  })

  it('where nobody listens, no event is made', async () => {
    const time = virtual({ log: false })
    expect(time.runtime.observe).toBeUndefined()
    for (const [, lines] of stories) {
      const seen: Array<boolean> = []
      const watching = pipe(
        unlimited,
        Policy.around<unknown, unknown, object>(
          {
            name: 'watching',
            rules: {},
            show: () => [],
            compile: (_settings, _services, inner) => ({
              open: (context, up) => {
                seen.push(context.call.observed)
                return inner.open(context, up)
              }
            })
          },
          {}
        )
      )
      await time.run(Runner.make(watching)(time.runtime)().run(script(time, ...lines).task))
      expect(seen).toEqual([false])
    }
    await time.settle()
    expect(time.log).toEqual([])
  })

  it('a report is a listener of its own run alone', async () => {
    const time = virtual({ log: false })
    const runner = Runner.make(unlimited)(time.runtime)()
    for (const [, lines] of stories) {
      const alone = await outcome(lines, undefined)
      const [report, other] = await time.run(() =>
        Promise.all([runner.runReport(script(time, ...lines).operation)(), runner.run(script(time, ...lines).task)()])
      )
      expect(report.result).toEqual(alone.answer)
      expect(other).toEqual(alone.answer)
      expect(report.totals.attempts).toBe(alone.calls.length)
    }
  })

  describe('effects that should be awaited are typed parts of the policy, not listeners', () => {
    it('a hook before a retry is awaited before the delay is slept', async () => {
      const time = virtual()
      const hook = script(time, succeeds(1, 40))
      const beforeRetry = () =>
        pipe(
          hook.task,
          T.map(() => undefined)
        )
      const operation = script<unknown, unknown>(time, fails('busy', 5), succeeds(1))
      await time.run(
        Runner.make(pipe(id, Policy.retry(Schedule.constant(10), { beforeRetry })))(time.runtime)().run(operation.task)
      )
      expect(operation.calls.map(({ at }) => at)).toEqual([0, 55])
    })

    it('an effectful decision and an effectful validator too', async () => {
      const time = virtual()
      const flags = script(time, succeeds(1, 40))
      const decide = () =>
        pipe(
          flags.task,
          T.map(() => Policy.againAfter(20))
        )
      const validator = script(time, succeeds('checked', 7))
      const operation = script<unknown, unknown>(time, fails('busy', 5), succeeds(1))
      const answer = await time.run(
        Runner.make(
          pipe(
            id,
            Policy.ensureWith(() => validator.task),
            Policy.retry(Schedule.constant(10), { decide })
          )
        )(time.runtime)().run(operation.task)
      )
      expect(answer).toEqual(E.right('checked'))
      expect(operation.calls.map(({ at }) => at)).toEqual([0, 65])
      expect(time.now()).toBe(72)
    })

    it('and what they throw is a Defect, since they are no listeners', async () => {
      const time = virtual()
      const beforeRetry = () => (): Promise<void> => Promise.reject('oh')
      const runner = Runner.make(pipe(id, Policy.retry(Schedule.constant(10), { beforeRetry })))(time.runtime)()
      expect(await time.run(runner.run(TE.left('busy')))).toMatchObject({
        left: { _tag: 'Defect', kind: 'Rejected', at: 'retry.beforeRetry', cause: 'oh', during: 'busy' }
      })
    })
  })

  it('who watches a breaker cannot change an outcome either', async () => {
    const watchers: ReadonlyArray<() => unknown> = [
      () => {
        throw new Error('oh')
      },
      () => Promise.reject(new Error('oh')),
      () => undefined
    ]
    const seen: Array<unknown> = []
    for (const watcher of watchers) {
      const time = virtual({ log: false })
      const runner = Runner.make(pipe(id, Policy.circuitBreaker({ trip: Trip.consecutiveFailures(1), openFor: 10 })))(
        time.runtime
      )()
      const control = Policy.circuitBreakerControl(runner)
      if (control._tag === 'None') throw new Error('there is no breaker')
      control.value.watch(watcher)()
      const answers: Array<unknown> = []
      for (const line of [fails('down', 5), succeeds(1)]) {
        answers.push(await time.run(runner.run(script<unknown, unknown>(time, line).task)))
      }
      await time.advance(10)
      answers.push(await time.run(runner.run(script(time, succeeds(1)).task)), control.value.status())
      seen.push(answers)
    }
    expect(seen[0]).toEqual(seen[2])
    expect(seen[1]).toEqual(seen[2])
  })
})
