import * as E from 'fp-ts/Either'
import * as TE from 'fp-ts/TaskEither'
import { pipe } from 'fp-ts/function'
import fc from 'fast-check'
import { Policy, Runner, Schedule } from 'resilience-ts'
import {
  fails,
  hangs,
  heeding,
  interleavings,
  rejects,
  script,
  succeeds,
  virtual,
  type VirtualRuntime
} from 'resilience-ts/testing'
import { defect, nothingLeft, only, raise } from '../support'

const exceeded = (deadline: number) => E.left({ _tag: 'DeadlineExceeded' as const, deadline })
const plain = (ms: number, options?: Policy.DeadlineOptions) =>
  pipe(Policy.id<string, number>(), Policy.deadline(ms, options))
const retrying = (delay: number) => pipe(Policy.id<string, number>(), Policy.retry(Schedule.constant(delay)))

let pause: (resolve: () => void) => void
const pausing = () => new Promise<void>((resolve) => pause(resolve))

const once = async <E2, A2>(
  policy: Policy.Policy<string, number, E2, A2>,
  lines: (time: VirtualRuntime) => ReturnType<typeof script<string, number>>,
  options: Runner.RunOptions = {}
) => {
  const time = virtual()
  const scripted = lines(time)
  /** What was left of the deadline at each call. */
  const left: Array<number> = []
  const runner = Runner.make(policy)(time.runtime)()
  const answer = await time.run(
    runner.runWith((attempt) => {
      left.push(attempt.deadline)
      return scripted.operation(attempt)
    }, options)
  )
  return { time, runner, scripted, left, answer, answeredAt: time.now(), calls: scripted.calls.map(({ at }) => at) }
}

describe('deadline', () => {
  it.each([
    ['success', succeeds(1, 99), E.right(1)],
    ['failure', fails('x', 99), E.left('x')],
    ['defect', rejects('oh', 99), E.left(defect('Rejected', 'operation', 'oh'))]
  ])('lets a %s in time pass as it is, and leaves nothing', async (_name, line, expected) => {
    const { answer, time, scripted } = await once(plain(100), (time) => script<string, number>(time, line))
    expect(answer).toEqual(expected)
    expect(await time.settle()).toEqual(nothingLeft)
    expect(scripted.calls[0]!.attempt!.signal.aborted).toBe(false)
    expect(only(time.log, 'DeadlineReached')).toEqual([])
  })

  it('aborts what runs when the time is over; with no error at hand the answer is DeadlineExceeded', async () => {
    const { answer, answeredAt, scripted, time, runner } = await once(plain(100), (time) =>
      script(time, succeeds(1, 300))
    )
    expect(answer).toEqual(exceeded(100))
    expect(answeredAt).toBe(100)
    expect(scripted.calls[0]!.attempt!.signal.reason).toEqual({
      _tag: 'Aborted',
      by: 'deadline',
      reason: { _tag: 'DeadlineExceeded', deadline: 100 }
    })
    expect(runner.status().hanging).toBe(1)
    expect(await time.settle()).toEqual(nothingLeft)
    expect(runner.status().hanging).toBe(0)
    expect(only(time.log, 'DeadlineReached')).toEqual([{ _tag: 'DeadlineReached', run: 1, at: 100, layer: 'deadline' }])
    expect(only(time.log, 'LateResult')).toHaveLength(1)
  })

  it('tells the operation what is left, in milliseconds', async () => {
    const { left } = await once(pipe(retrying(50), Policy.deadline(1000)), (time) =>
      script<string, number>(time, fails('a', 100), fails('b', 100), succeeds(1))
    )
    expect(left).toEqual([1000, 850, 700])
  })

  it('what is left shrinks as the attempt goes on, to 0', async () => {
    const { scripted, time } = await once(plain(100), (time) => script(time, succeeds(1, 40)))
    const { attempt } = scripted.calls[0]!
    expect(attempt!.deadline).toBe(60)
    await time.advance(30)
    expect(attempt!.deadline).toBe(30)
    await time.advance(1000)
    expect(attempt!.deadline).toBe(0)
  })

  it('where there is none, Infinity is left', async () => {
    const { left } = await once(retrying(5), (time) => script(time, succeeds(1)))
    expect(left).toEqual([Infinity])
  })

  describe('a retry inside', () => {
    it('does not sleep where the next attempt could not end in time; the last real error is the answer', async () => {
      const { answer, answeredAt, calls, time } = await once(pipe(retrying(600), Policy.deadline(1000)), (time) =>
        script(time, fails('a', 300), fails('b', 50))
      )
      expect(answer).toEqual(E.left('b'))
      expect(answeredAt).toBe(950)
      expect(calls).toEqual([0, 900])
      expect(await time.settle()).toEqual(nothingLeft)
      expect(time.now()).toBe(950)
      expect(only(time.log, 'RetryStopped').map(({ reason }) => reason)).toEqual([{ _tag: 'Deadline' }])
      // it ended by itself
      expect(only(time.log, 'DeadlineReached')).toEqual([])
    })

    it('does not start an attempt at the very deadline', async () => {
      const { calls } = await once(pipe(retrying(100), Policy.deadline(100)), (time) => script(time, fails('a')))
      expect(calls).toEqual([0])
      const other = await once(pipe(retrying(99), Policy.deadline(100)), (time) => script(time, fails('a')))
      expect(other.calls).toEqual([0, 99])
    })

    it('gives its last real error back when an attempt is cut off', async () => {
      const { answer, answeredAt, scripted } = await once(pipe(retrying(10), Policy.deadline(100)), (time) =>
        script<string, number>(time, fails('a', 20), hangs)
      )
      expect(answer).toEqual(E.left('a'))
      expect(answeredAt).toBe(100)
      expect(scripted.calls[1]!.attempt!.signal.reason).toMatchObject({ _tag: 'Aborted', by: 'deadline' })
    })

    it('has none to give back when the first attempt is cut off', async () => {
      const { answer } = await once(pipe(retrying(10), Policy.deadline(100)), (time) =>
        script<string, number>(time, hangs)
      )
      expect(answer).toEqual(exceeded(100))
    })

    it('gives back the very same error', async () => {
      const time = virtual()
      const error = { n: 1 }
      const policy = pipe(
        Policy.id<{ readonly n: number }, never>(),
        Policy.retry(Schedule.constant(10)),
        Policy.deadline(100)
      )
      const answer = await time.run(Runner.make(policy)(time.runtime)().run(script(time, fails(error, 20), hangs).task))
      expect(E.isLeft(answer) && answer.left).toBe(error)
    })

    it('never begins an attempt or a sleep that reaches the deadline', async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.record({ takes: fc.integer({ min: 0, max: 40 }), delay: fc.nat(60) }), {
            minLength: 1,
            maxLength: 12
          }),
          fc.integer({ min: 1, max: 300 }),
          fc.nat(100),
          async (steps, ms, reserve) => {
            fc.pre(reserve < ms)
            const policy = pipe(
              Policy.id<string, number>(),
              Policy.retry(Schedule.delays(steps.map(({ delay }) => delay))),
              Policy.deadline(ms, { reserve })
            )
            const lines = steps.map(({ takes }, index) => fails(String(index), takes))
            const { answeredAt, calls, time, left } = await once(policy, (time) =>
              script(time, lines[0]!, ...lines.slice(1))
            )
            for (const at of calls) expect(at + reserve).toBeLessThan(ms)
            expect(left).toEqual(calls.map((at) => ms - at))
            expect(answeredAt).toBeLessThanOrEqual(ms)
            for (const { at, delay } of only(time.log, 'RetryScheduled')) expect(at + delay + reserve).toBeLessThan(ms)
            expect(await time.settle()).toEqual(nothingLeft)
          }
        ),
        { numRuns: 30 }
      )
    })
  })

  describe('a busy event loop', () => {
    /** A runtime whose clock is late by so many ms from 10 ms on: nothing was woken in between. */
    const busy = (ms: number) => {
      const time = virtual()
      const { clock } = time.runtime
      const runtime = {
        ...time.runtime,
        clock: { ...clock, now: () => (clock.now() > 10 ? clock.now() + ms : clock.now()) }
      }
      return { time, runtime }
    }

    it.each([
      ['the deadline', 200, Policy.deadline(100)],
      ['the reserve', 20, Policy.deadline(100, { reserve: 50 })]
    ])('a retry that wakes after %s makes no further attempt', async (_name, ms, limit) => {
      const { time, runtime } = busy(ms)
      const scripted = script(time, fails('busy', 10), fails('late', 10))
      const policy = pipe(retrying(30), limit)
      const answer = await time.run(Runner.make(policy)(runtime)().run(scripted.task))
      expect(answer).toEqual(E.left('busy'))
      expect(scripted.calls.map(({ at }) => at)).toEqual([0])
      expect(only(time.log, 'RetryStopped').map(({ reason }) => reason._tag)).toEqual(['Deadline'])
      expect(await time.settle()).toEqual(nothingLeft)
    })

    it('a poll that wakes after it makes none either', async () => {
      const { time, runtime } = busy(200)
      const scripted = script(time, succeeds(1, 10))
      const policy = pipe(
        Policy.id<string, number>(),
        Policy.poll(Schedule.constant(30), { until: (n) => n > 1 }),
        Policy.deadline(100)
      )
      const answer = await time.run(Runner.make(policy)(runtime)().run(scripted.task))
      expect(answer).toMatchObject(E.left({ _tag: 'PollExhausted', attempts: 1, reason: { _tag: 'Deadline' } }))
      expect(scripted.calls).toHaveLength(1)
    })

    it('no order of things begins an attempt after the deadline, or with less than the reserve left', async () => {
      const found = await interleavings({ seeds: 2000, window: 20 }, async (time, seed) => {
        const reserve = seed % 2 === 0 ? 0 : 20
        const scripted = script(time, fails('busy', 5))
        const policy = pipe(retrying(40), Policy.deadline(100, { reserve }))
        time.after(105, () => undefined)
        const late: Array<number> = []
        const operation = (attempt: Parameters<typeof scripted.operation>[0]) => {
          if (attempt.deadline <= reserve) late.push(attempt.deadline)
          return scripted.operation(attempt)
        }
        await time.run(Runner.make(policy)(time.runtime)().runWith(operation))
        expect(late).toEqual([])
      })
      expect(found).toEqual([])
    })
  })

  it('a delay that would end within the last millisecond is not slept in vain', async () => {
    const time = virtual({ random: () => 0.9995 })
    const policy = pipe(
      Policy.id<string, number>(),
      Policy.retry(pipe(Schedule.constant(1000), Schedule.jittered)),
      Policy.deadline(1000)
    )
    const answer = await time.run(Runner.make(policy)(time.runtime)().run(script(time, fails('busy')).task))
    expect([answer, time.now()]).toEqual([E.left('busy'), 0])
  })

  describe('reserve', () => {
    it('is kept before the deadline: with less, no attempt starts', async () => {
      const { calls, answer } = await once(pipe(retrying(10), Policy.deadline(100, { reserve: 60 })), (time) =>
        script(time, fails('a', 10), fails('b', 10), fails('c', 10))
      )
      // at 20 there are 80 left; the next would begin at 40, with no more than 60 left
      expect(calls).toEqual([0, 20])
      expect(answer).toEqual(E.left('b'))
    })

    it('does not cut off an attempt that runs', async () => {
      const { answer, answeredAt } = await once(plain(100, { reserve: 60 }), (time) => script(time, succeeds(1, 90)))
      expect(answer).toEqual(E.right(1))
      expect(answeredAt).toBe(90)
    })

    it.each<readonly [string, Policy.Policy<string, number, unknown, number>]>([
      [
        'a hook before it',
        pipe(
          Policy.id<string, number>(),
          Policy.before(() => pausing)
        )
      ],
      [
        'a hook before it, within a retry',
        pipe(
          retrying(10),
          Policy.before(() => pausing)
        )
      ]
    ])('holds where %s has taken its time', async (_name, policy) => {
      const { answer, calls, answeredAt, time } = await once(
        pipe(policy, Policy.deadline(100, { reserve: 50 })),
        (time) => {
          pause = (resolve) => {
            time.after(60, resolve)
          }
          return script(time, succeeds(1))
        }
      )
      expect(answer).toEqual(exceeded(100))
      expect([calls, answeredAt]).toEqual([[], 60])
      expect(only(time.log, 'DeadlineReached').map(({ layer }) => layer)).toEqual(['deadline'])
      expect(only(time.log, 'AttemptStarted')).toEqual([])
    })

    it('with a real failure at hand, that is the answer', async () => {
      let hooks = 0
      const policy = pipe(
        Policy.id<string, number>(),
        Policy.before(() => (hooks++ === 0 ? async () => undefined : pausing)),
        Policy.retry(Schedule.constant(10)),
        Policy.deadline(100, { reserve: 50 })
      )
      const { answer, calls, time } = await once(policy, (time) => {
        pause = (resolve) => {
          time.after(60, resolve)
        }
        return script(time, fails('busy'))
      })
      expect(answer).toEqual(E.left('busy'))
      expect(calls).toEqual([0])
      expect(only(time.log, 'RetryStopped').map(({ reason }) => reason._tag)).toEqual(['Deadline'])
    })

    it('of nested deadlines the larger counts', async () => {
      const policy = (inner: number, outer: number) =>
        pipe(retrying(10), Policy.deadline(100, { reserve: inner }), Policy.deadline(200, { reserve: outer }))
      const run = async (inner: number, outer: number) =>
        (await once(policy(inner, outer), (time) => script(time, fails('a', 10)))).calls
      expect(await run(60, 0)).toEqual([0, 20])
      expect(await run(0, 60)).toEqual([0, 20])
    })

    it('where less is left from the start, nothing is called', async () => {
      const { answer, calls, time } = await once(pipe(plain(500, { reserve: 100 }), Policy.deadline(100)), (time) =>
        script(time, succeeds(1))
      )
      expect(answer).toEqual(exceeded(500))
      expect(calls).toEqual([])
      expect(only(time.log, 'DeadlineReached').map(({ layer }) => layer)).toEqual(['deadline'])
    })

    it.each([-1, NaN, Infinity, '5', null])('%p is impossible', (reserve) => {
      expect(Policy.validate(plain(100, { reserve: reserve as number }))[0]).toEqual({
        path: 'deadline.reserve',
        value: reserve,
        allowed: 'finite milliseconds, >= 0, or nothing'
      })
    })

    it('as long as the deadline itself is impossible', () => {
      const problem = (reserve: number) => [
        { path: 'deadline.reserve', value: reserve, allowed: 'less than the deadline, 100ms' }
      ]
      expect(Policy.validate(plain(100, { reserve: 100 }))).toEqual(problem(100))
      expect(Policy.validate(plain(100, { reserve: 101 }))).toEqual(problem(101))
      expect(Policy.validate(plain(100, { reserve: 99 }))).toEqual([])
      expect(Policy.validate(plain(Infinity, { reserve: 1e9 }))).toEqual([])
    })

    it('that cannot be read is impossible, and nothing throws', () => {
      const policy = plain(100, {
        get reserve(): number {
          return raise('oh')
        }
      })
      expect(Policy.validate(policy)[0]?.path).toBe('deadline.reserve')
      expect(typeof Policy.show(policy)).toBe('string')
    })
  })

  describe('nested', () => {
    it.each([
      [50, 100, 50],
      [100, 50, 50]
    ])('%d inside %d: the nearest counts', async (inner, outer, nearest) => {
      const { answer, answeredAt, left } = await once(pipe(plain(inner), Policy.deadline(outer)), (time) =>
        script(time, succeeds(1, 300))
      )
      expect(left).toEqual([nearest])
      expect(answeredAt).toBe(nearest)
      expect(answer).toEqual(exceeded(nearest))
    })

    it('two of one length answer once', async () => {
      const { answer, answeredAt, time } = await once(pipe(plain(50), Policy.deadline(50)), (time) =>
        script(time, succeeds(1, 300))
      )
      expect(answer).toEqual(exceeded(50))
      expect(answeredAt).toBe(50)
      expect(only(time.log, 'DeadlineReached')).toHaveLength(1)
    })

    it('an inner one counts from the start of its own attempt', async () => {
      const { left, calls } = await once(
        pipe(
          plain(50),
          Policy.mapLeft(String),
          Policy.retry(pipe(Schedule.constant(30), Schedule.take(2))),
          Policy.deadline(100)
        ),
        (time) => script(time, fails('a', 20))
      )
      expect(calls).toEqual([0, 50])
      expect(left).toEqual([50, 50])
    })

    it('a retry outside never retries what an inner deadline ended', async () => {
      const { answer, calls } = await once(pipe(plain(50), Policy.retry(Schedule.constant(10))), (time) =>
        script(time, succeeds(1, 100))
      )
      expect(answer).toEqual(exceeded(50))
      expect(calls).toEqual([0])
    })
  })

  it('passes timeouts by: the nearer ends the attempt', async () => {
    const { answer, calls, answeredAt } = await once(
      pipe(Policy.id<string, number>(), Policy.timeout(40), Policy.retry(Schedule.constant(10)), Policy.deadline(120)),
      (time) => script(time, succeeds(1, 1000))
    )
    // attempts at 0, 50, 100; the third is cut off at 120 and the last real error is the second's
    expect(answer).toEqual(E.left({ _tag: 'TimedOut', timeout: 40 }))
    expect(calls).toEqual([0, 50, 100])
    expect(answeredAt).toBe(120)
  })

  it('a fallback outside recovers from it', async () => {
    const { answer } = await once(pipe(plain(50), Policy.fallbackTo(0)), (time) => script(time, succeeds(1, 300)))
    expect(answer).toEqual(E.right(0))
  })

  it('a value or function of a fallback inside still answers, as it takes no time', async () => {
    const { answer, answeredAt } = await once(pipe(retrying(10), Policy.fallbackTo(0), Policy.deadline(100)), (time) =>
      script<string, number>(time, fails('a', 20), hangs)
    )
    expect(answer).toEqual(E.right(0))
    expect(answeredAt).toBe(100)
  })

  it('an operation of a fallback inside does not begin when the deadline is over', async () => {
    const cache = jest.fn((_error: string) => () => new Promise<E.Either<never, number>>(() => undefined))
    const { answer, answeredAt } = await once(
      pipe(retrying(10), Policy.fallbackWith(cache), Policy.deadline(100)),
      (time) => script<string, number>(time, fails('a', 20), hangs)
    )
    expect(answer).toEqual(exceeded(100))
    expect(answeredAt).toBe(100)
    expect(cache).not.toHaveBeenCalled()
  })

  it('ends an operation of a fallback inside', async () => {
    const { answer, answeredAt } = await once(
      pipe(
        Policy.id<string, number>(),
        Policy.fallbackWith(() => () => new Promise<E.Either<never, number>>(() => undefined)),
        Policy.deadline(100)
      ),
      (time) => script(time, fails('a', 20))
    )
    expect(answer).toEqual(exceeded(100))
    expect(answeredAt).toBe(100)
  })

  it('gives one answer when the operation is due at the same instant', async () => {
    const seen = new Set<string>()
    const found = await interleavings({ seeds: 40 }, async (time) => {
      const runner = Runner.make(plain(100))(time.runtime)()
      const answer = await time.run(runner.run(script(time, succeeds(1, 100)).task))
      seen.add(answer._tag)
      expect(await time.settle()).toEqual(nothingLeft)
    })
    expect(found).toEqual([])
    expect([...seen].sort()).toEqual(['Left', 'Right'])
  })

  it('ends with the abort of the caller', async () => {
    const time = virtual()
    const caller = time.signal()
    time.after(30, () => {
      caller.abort('enough')
    })
    const runner = Runner.make(plain(100))(time.runtime)()
    const answer = await time.run(
      runner.runWith(script(time, heeding(succeeds(1, 300))).operation, { signal: caller.signal })
    )
    expect(answer).toEqual(E.left({ _tag: 'Aborted', by: 'caller', reason: 'enough' }))
    const { timers, operations, listeners } = await time.settle()
    expect({ timers, operations, listeners }).toEqual({ timers: 0, operations: 0, listeners: 0 })
  })

  it('Infinity does nothing', async () => {
    const time = virtual()
    const timer = jest.spyOn(time.runtime.clock, 'timer')
    const answer = await time.run(
      Runner.make(plain(Infinity))(time.runtime)().run(script(time, succeeds(1, 1e12)).task)
    )
    expect(answer).toEqual(E.right(1))
    expect(timer).not.toHaveBeenCalled()
  })

  it('really waits for longer than a platform timer can', async () => {
    const ms = 30 * 24 * 60 * 60 * 1000
    const { answeredAt, answer } = await once(plain(ms), (time) => script(time, succeeds(1, ms + 1)))
    expect(answer).toEqual(exceeded(ms))
    expect(answeredAt).toBe(ms)
  })

  it('does not notice the wall clock', async () => {
    const time = virtual()
    const runner = Runner.make(plain(100))(time.runtime)()
    time.after(10, () => {
      time.jumpWallClock(1e9)
    })
    expect(await time.run(runner.run(script(time, succeeds(1, 90)).task))).toEqual(E.right(1))
  })

  it.each([0, -1, NaN, '3', null, undefined])('%p is impossible', (ms) => {
    expect(Policy.validate(plain(ms as number)).map(({ path }) => path)).toContain('deadline.ms')
  })

  it('shows its settings', () => {
    expect(Policy.show(plain(1000))).toBe('deadline(1s)\n└─ operation')
    expect(Policy.show(plain(1000, { reserve: 50 }))).toBe('deadline(1s, reserve: 50ms)\n└─ operation')
  })
})

describe('the deadline of a call', () => {
  it('stands around the whole policy', async () => {
    const { answer, answeredAt, left } = await once(
      pipe(retrying(10)),
      (time) => script<string, number>(time, fails('a', 20), hangs),
      { deadline: 100 }
    )
    expect(answer).toEqual(E.left('a'))
    expect(answeredAt).toBe(100)
    expect(left).toEqual([100, 70])
  })

  it.each([
    [50, 100],
    [100, 50]
  ])('%d beside one of the policy of %d: the nearest counts', async (own, ofPolicy) => {
    const { answer, answeredAt } = await once(plain(ofPolicy), (time) => script(time, succeeds(1, 300)), {
      deadline: own
    })
    expect(answer).toEqual(exceeded(50))
    expect(answeredAt).toBe(50)
  })

  it.each([0, -0, -1, -Infinity])('%d: no time is left, and nothing is called', async (deadline) => {
    const { answer, calls, time, runner } = await once(plain(100), (time) => script(time, succeeds(1)), { deadline })
    expect(answer).toEqual(exceeded(deadline))
    expect(calls).toEqual([])
    expect(only(time.log, 'DeadlineReached').map(({ layer }) => layer)).toEqual(['options.deadline'])
    expect(runner.status()).toEqual({ inFlight: 0, hanging: 0, accepting: true })
    expect(await time.settle()).toEqual(nothingLeft)
  })

  it('Infinity is none', async () => {
    const { left } = await once(Policy.id<string, number>(), (time) => script(time, succeeds(1)), {
      deadline: Infinity
    })
    expect(left).toEqual([Infinity])
  })

  it.each([NaN, '5', null])('%p is impossible', async (deadline) => {
    const runner = Runner.make(Policy.id<string, number>())(virtual().runtime)()
    const operation = jest.fn(() => TE.right(1))
    const answer = await runner.runWith(operation, { deadline: deadline as number })()
    expect(answer).toEqual(
      E.left({
        ...defect('Invalid', 'options', undefined),
        problems: [
          { path: 'deadline', value: deadline, allowed: 'the milliseconds that are left, or Infinity, or nothing' }
        ]
      })
    )
    expect(operation).not.toHaveBeenCalled()
  })

  it('crosses runners as remaining milliseconds', async () => {
    const time = virtual()
    const inner = Runner.make(Policy.id<string, number>())(time.runtime)()
    const left: Array<number> = []
    const runner = Runner.make(plain(100))(time.runtime)()
    const operation = (attempt: { readonly deadline: number }) =>
      pipe(
        inner.runWith(
          (own) => {
            left.push(own.deadline)
            return TE.right(1)
          },
          { deadline: attempt.deadline }
        ),
        TE.mapLeft(() => 'inner')
      )
    await time.run(runner.runWith(operation))
    expect(left).toEqual([100])
  })
})
