import * as E from 'fp-ts/Either'
import * as TE from 'fp-ts/TaskEither'
import { pipe } from 'fp-ts/function'
import { type Event, Policy, Runner, Runtime, Schedule, type Strategy } from 'resilience-ts'
import { fails, heeding, script, succeeds, throws, virtual, type VirtualRuntime } from 'resilience-ts/testing'
import { defect, raise, tags } from './support'

const id = Policy.id<string, number>()
const twice = pipe(Schedule.constant(10), Schedule.take(2))

/** The exact log of one run, late results included. */
const logOf = async (
  policy: Policy.Policy<string, number, unknown, unknown>,
  lines: (time: VirtualRuntime) => ReturnType<typeof script<string, number>>,
  options: Runner.RunOptions = {}
): Promise<ReadonlyArray<Event.Event>> => {
  const time = virtual()
  await time.run(Runner.make(policy)(time.runtime)().runWith(lines(time).operation, options))
  await time.settle()
  return time.log
}

describe('the log', () => {
  it('of a success', async () => {
    expect(await logOf(id, (time) => script(time, succeeds(1, 5)), { attributes: { user: 7 } })).toEqual([
      { _tag: 'RunStarted', run: 1, at: 0, attributes: { user: 7 } },
      { _tag: 'AttemptStarted', run: 1, at: 0, attempt: 1 },
      { _tag: 'AttemptEnded', run: 1, at: 5, attempt: 1, duration: 5, outcome: E.right(1) },
      { _tag: 'RunEnded', run: 1, at: 5, elapsed: 5, outcome: E.right(1) }
    ])
  })

  it('of retries that end', async () => {
    const log = await logOf(pipe(id, Policy.retry(twice)), (time) =>
      script<string, number>(time, fails('a', 1), fails('b', 2), fails('c', 3))
    )
    expect(log).toEqual([
      { _tag: 'RunStarted', run: 1, at: 0, attributes: {} },
      { _tag: 'AttemptStarted', run: 1, at: 0, attempt: 1 },
      { _tag: 'AttemptEnded', run: 1, at: 1, attempt: 1, duration: 1, outcome: E.left('a') },
      { _tag: 'RetryScheduled', run: 1, at: 1, layer: 'retry', attempt: 1, delay: 10, error: 'a' },
      { _tag: 'AttemptStarted', run: 1, at: 11, attempt: 2 },
      { _tag: 'AttemptEnded', run: 1, at: 13, attempt: 2, duration: 2, outcome: E.left('b') },
      { _tag: 'RetryScheduled', run: 1, at: 13, layer: 'retry', attempt: 2, delay: 10, error: 'b' },
      { _tag: 'AttemptStarted', run: 1, at: 23, attempt: 3 },
      { _tag: 'AttemptEnded', run: 1, at: 26, attempt: 3, duration: 3, outcome: E.left('c') },
      {
        _tag: 'RetryStopped',
        run: 1,
        at: 26,
        layer: 'retry',
        attempt: 3,
        reason: { _tag: 'Attempts', limit: 2 },
        error: 'c'
      },
      { _tag: 'RunEnded', run: 1, at: 26, elapsed: 26, outcome: E.left('c') }
    ])
  })

  it('of a timeout, with a late result and a fallback', async () => {
    const timedOut = { _tag: 'TimedOut', timeout: 10 }
    const aborted = { _tag: 'Aborted', by: 'timeout', reason: timedOut }
    const log = await logOf(pipe(id, Policy.timeout(10), Policy.fallbackTo(0)), (time) => script(time, succeeds(1, 30)))
    expect(log).toEqual([
      { _tag: 'RunStarted', run: 1, at: 0, attributes: {} },
      { _tag: 'AttemptStarted', run: 1, at: 0, attempt: 1 },
      { _tag: 'TimeoutFired', run: 1, at: 10, layer: 'timeout', timeout: 10 },
      { _tag: 'AttemptEnded', run: 1, at: 10, attempt: 1, duration: 10, outcome: aborted },
      { _tag: 'FallbackUsed', run: 1, at: 10, layer: 'fallbackTo', error: timedOut },
      { _tag: 'RunEnded', run: 1, at: 10, elapsed: 10, outcome: E.right(0) },
      { _tag: 'LateResult', run: 1, at: 30, attempt: 1, duration: 30, outcome: E.right(1) }
    ])
  })

  it('of a deadline that cuts off a retry', async () => {
    const log = await logOf(pipe(id, Policy.retry(twice), Policy.deadline(20)), (time) =>
      script<string, number>(time, fails('a', 1), heeding(succeeds(1, 50)))
    )
    expect(log.slice(4)).toEqual([
      { _tag: 'AttemptStarted', run: 1, at: 11, attempt: 2 },
      { _tag: 'DeadlineReached', run: 1, at: 20, layer: 'deadline' },
      {
        _tag: 'AttemptEnded',
        run: 1,
        at: 20,
        attempt: 2,
        duration: 9,
        outcome: { _tag: 'Aborted', by: 'deadline', reason: { _tag: 'DeadlineExceeded', deadline: 20 } }
      },
      {
        _tag: 'RetryStopped',
        run: 1,
        at: 20,
        layer: 'retry',
        attempt: 2,
        reason: { _tag: 'Deadline' },
        error: 'a'
      },
      { _tag: 'RunEnded', run: 1, at: 20, elapsed: 20, outcome: E.left('a') },
      { _tag: 'LateResult', run: 1, at: 20, attempt: 2, duration: 9, outcome: E.right(1) }
    ])
  })

  it('of a result that was refused', async () => {
    const error = { _tag: 'EnsureFailed', value: 1 }
    const log = await logOf(
      pipe(
        id,
        Policy.ensure((n: number) => n > 1)
      ),
      (time) => script(time, succeeds(1))
    )
    expect(log.slice(2)).toEqual([
      { _tag: 'AttemptEnded', run: 1, at: 0, attempt: 1, duration: 0, outcome: E.right(1) },
      { _tag: 'ResultRefused', run: 1, at: 0, layer: 'ensure', error },
      { _tag: 'RunEnded', run: 1, at: 0, elapsed: 0, outcome: E.left(error) }
    ])
  })

  it('of a defect, and of an abort', async () => {
    const outcome = defect('Thrown', 'operation', 'oh')
    expect(await logOf(id, (time) => script<string, number>(time, throws('oh')))).toEqual([
      { _tag: 'RunStarted', run: 1, at: 0, attributes: {} },
      { _tag: 'AttemptStarted', run: 1, at: 0, attempt: 1 },
      { _tag: 'AttemptEnded', run: 1, at: 0, attempt: 1, duration: 0, outcome },
      { _tag: 'RunEnded', run: 1, at: 0, elapsed: 0, outcome }
    ])
    const aborted = { _tag: 'Aborted', by: 'caller', reason: 'enough' }
    expect(await logOf(id, (time) => script(time, succeeds(1)), { signal: AbortSignal.abort('enough') })).toEqual([
      { _tag: 'RunStarted', run: 1, at: 0, attributes: {} },
      { _tag: 'RunEnded', run: 1, at: 0, elapsed: 0, outcome: aborted }
    ])
  })

  it('of a call that is refused: nothing but that', async () => {
    const time = virtual()
    const invalid = Runner.make(pipe(id, Policy.timeout(NaN)))(time.runtime)()
    const closed = Runner.make(id)(time.runtime)()
    await closed.close()
    const answers = [await time.run(invalid.run(TE.right(1))), await time.run(closed.run(TE.right(1)))]
    expect(time.log).toEqual(
      answers.flatMap((answer) => [
        { _tag: 'RunStarted', run: 1, at: 0, attributes: {} },
        { _tag: 'RunEnded', run: 1, at: 0, elapsed: 0, outcome: E.isLeft(answer) ? answer.left : undefined }
      ])
    )
  })

  it('runs are numbered within their runner', async () => {
    const time = virtual()
    const [a, b] = [Runner.make(id)(time.runtime)(), Runner.make(id)(time.runtime)()]
    for (const runner of [a, a, b]) await time.run(runner.run(TE.right(1)))
    expect(time.log.filter(({ _tag }) => _tag === 'RunStarted').map(({ run }) => run)).toEqual([1, 2, 1])
  })

  it('of one seed is the same to the letter', async () => {
    const play = async (seed: number): Promise<string> => {
      const time = virtual({ seed, order: 'seeded', window: 3 })
      const schedule = pipe(Schedule.exponential(5), Schedule.jittered, Schedule.take(3))
      const runner = Runner.make(pipe(id, Policy.timeout(7), Policy.retry(schedule)))(time.runtime)()
      for (const n of [1, 2, 3]) void time.start(runner.run(script(time, fails('x', n), succeeds(n, 6 + n)).task))
      await time.settle()
      return JSON.stringify(time.log)
    }
    expect(await play(7)).toBe(await play(7))
    expect(await play(7)).not.toBe(await play(8))
  })
})

/** What a run answers, with or without an observer, under a policy that has much to say. */
const talkative = pipe(
  id,
  Policy.ensure((n: number) => n > 1),
  Policy.timeout(10),
  Policy.retry(pipe(Schedule.constant(10), Schedule.take(3))),
  Policy.deadline(100),
  Policy.fallbackTo(-1)
)
const lines = (time: VirtualRuntime) =>
  script<string, number>(time, fails('a', 1), succeeds(1, 1), heeding(succeeds(3, 50)), fails('d', 1))

const played = async (observe: Runtime.Runtime['observe']) => {
  const time = virtual({ log: false })
  const scripted = lines(time)
  const runtime = observe === undefined ? time.runtime : { ...time.runtime, observe }
  const runner = Runner.make(talkative)(runtime)()
  const answer = await time.run(runner.runWith(scripted.operation))
  const answeredAt = time.now()
  return {
    answer,
    answeredAt,
    calls: scripted.calls.map(({ at }) => at),
    leaks: await time.settle(),
    status: runner.status()
  }
}

describe('observers', () => {
  it('one that throws changes nothing', async () => {
    const plain = await played(undefined)
    const later: unknown = () => Promise.resolve()
    expect(plain.answer).toEqual(E.right(-1))
    expect(await played(() => undefined)).toEqual(plain)
    expect(await played(() => raise('oh'))).toEqual(plain)
    expect(await played(later as Runtime.Runtime['observe'])).toEqual(plain)
  })

  it.each([
    'RunStarted',
    'AttemptStarted',
    'AttemptEnded',
    'ResultRefused',
    'RetryScheduled',
    'TimeoutFired',
    'RetryStopped',
    'FallbackUsed',
    'RunEnded'
  ])('not even one that throws only at %s', async (tag) => {
    let thrown = 0
    const observe = (event: Event.Event): void => {
      if (event._tag !== tag) return
      thrown++
      raise('oh')
    }
    expect(await played(observe)).toEqual(await played(undefined))
    expect(thrown).toBeGreaterThan(0)
  })

  it('two are both called, the first first, even if it throws', async () => {
    const time = virtual({ log: false })
    const seen: Array<string> = []
    const runtime = pipe(
      time.runtime,
      Runtime.withObserver(({ _tag }) => {
        seen.push(`a ${_tag}`)
        raise('oh')
      }),
      Runtime.withObserver(({ _tag }) => {
        seen.push(`b ${_tag}`)
        raise('ouch')
      }),
      Runtime.withObserver(({ _tag }) => seen.push(`c ${_tag}`))
    )
    expect(await time.run(Runner.make(id)(runtime)().run(TE.right(1)))).toEqual(E.right(1))
    expect(seen).toEqual(
      ['RunStarted', 'AttemptStarted', 'AttemptEnded', 'RunEnded'].flatMap((tag) => [
        `a ${tag}`,
        `b ${tag}`,
        `c ${tag}`
      ])
    )
  })

  it('withObserver leaves the runtime as it was', () => {
    const { runtime } = virtual({ log: false })
    expect(Runtime.withObserver(() => undefined)(runtime)).not.toBe(runtime)
    expect(runtime.observe).toBeUndefined()
  })

  it('one that runs another call does not disturb the first', async () => {
    const time = virtual()
    let more = 3
    const runtime = Runtime.withObserver(() => {
      if (more-- > 0) void runner.run(TE.right(2))()
    })(time.runtime)
    const runner: Runner.Runner<string, number, unknown, number> = Runner.make(pipe(id, Policy.timeout(50)))(runtime)()
    expect(await time.run(runner.run(script(time, succeeds(1, 5)).task))).toEqual(E.right(1))
    await time.settle()
    expect(runner.status()).toEqual({ inFlight: 0, hanging: 0, accepting: true })
  })
})

describe('where nobody listens', () => {
  interface Seen {
    readonly observed: Array<boolean>
    readonly emitted: Array<unknown>
  }
  /** A strategy that watches what the layers beneath it would say. */
  const watching = (seen: Seen): Strategy.Strategy<object> => ({
    name: 'watching',
    rules: {},
    show: () => [],
    compile: (_settings, _services, inner) => ({
      open: (context, up) => {
        seen.observed.push(context.call.observed)
        const { call } = context
        const watched: Strategy.Call = Object.create(call, {
          emit: {
            value: (occurrence: never) => {
              seen.emitted.push(occurrence)
              call.emit(occurrence)
            }
          }
        }) as Strategy.Call
        return inner.open(
          {
            call: watched,
            number: context.number,
            previous: context.previous,
            deadline: context.deadline,
            reserve: context.reserve
          },
          up
        )
      }
    })
  })

  it('observed says so', async () => {
    const seen: Seen = { observed: [], emitted: [] }
    const policy = pipe(id, Policy.around<string, number, object>(watching(seen), {}))
    const time = virtual({ log: false })
    await time.run(Runner.make(policy)(time.runtime)().run(TE.right(1)))
    const observed = virtual()
    await observed.run(Runner.make(policy)(observed.runtime)().run(TE.right(1)))
    // a report listens to its own run only
    const runner = Runner.make(policy)(time.runtime)()
    await time.run(runner.runReport(() => TE.right(1)))
    await time.run(runner.run(TE.right(1)))
    expect(seen.observed).toEqual([false, true, true, false])
  })

  it('no layer makes an event', async () => {
    const run = async (log: boolean): Promise<number> => {
      const seen: Seen = { observed: [], emitted: [] }
      const time = virtual({ log })
      const policy = pipe(talkative, Policy.around<string, number, object>(watching(seen), {}))
      await time.run(Runner.make(policy)(time.runtime)().runWith(lines(time).operation))
      await time.settle()
      return seen.emitted.length
    }
    expect(await run(false)).toBe(0)
    expect(await run(true)).toBeGreaterThan(8)
  })

  it('the clock is not read for events', async () => {
    const time = virtual({ log: false })
    const now = jest.fn(time.runtime.clock.now)
    const runtime = { ...time.runtime, clock: { ...time.runtime.clock, now } }
    const policy = pipe(id, Policy.retry(pipe(Schedule.forever, Schedule.take(2))), Policy.fallbackTo(0))
    await time.run(Runner.make(policy)(runtime)().run(TE.left('x')))
    expect(now).not.toHaveBeenCalled()
    expect(tags(time.log)).toEqual([])
  })
})
