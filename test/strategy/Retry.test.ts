import * as E from 'fp-ts/Either'
import * as O from 'fp-ts/Option'
import type { Task } from 'fp-ts/Task'
import * as TE from 'fp-ts/TaskEither'
import { pipe } from 'fp-ts/function'
import fc from 'fast-check'
import { Policy, type Rejection, Runner, Schedule, Trip } from 'resilience-ts'
import {
  fails,
  gives,
  hangs,
  heeding,
  rejects,
  script,
  succeeds,
  throws,
  virtual,
  type VirtualRuntime
} from 'resilience-ts/testing'
import { defect, nothingLeft, only, raise, type Refused } from '../support'

const three = pipe(Schedule.constant(100), Schedule.take(3))
const atOnce = (times: number) => pipe(Schedule.forever, Schedule.take(times))

/** A clock that is a moment behind its timer: that may fire up to a millisecond before the monotonic clock gets there. */
const behind = () => {
  const time = virtual()
  const { clock } = time.runtime
  const runtime = { ...time.runtime, clock: { ...clock, now: () => (clock.now() === 100 ? 99.5 : clock.now()) } }
  return { time, runtime }
}

/** Runs a policy once in a time of its own, and settles. */
const once = async <E1, A1, E2, A2>(
  policy: Policy.Policy<E1, A1, E2, A2>,
  operation: (time: VirtualRuntime) => ReturnType<typeof script<E1, A1>>,
  options: Runner.RunOptions = {}
) => {
  const time = virtual()
  const scripted = operation(time)
  const runner = Runner.make(policy)(time.runtime)()
  const answer = await time.run(runner.runWith(scripted.operation, options))
  const answeredAt = time.now()
  const leaks = await time.settle()
  return { answer, answeredAt, leaks, calls: scripted.calls.map(({ at }) => at), log: time.log, scripted }
}

const stops = (log: Parameters<typeof only>[0]) => only(log, 'RetryStopped').map(({ reason }) => reason)

describe('retry', () => {
  it('makes one attempt when that succeeds', async () => {
    const { answer, calls, leaks, answeredAt } = await once(
      pipe(Policy.id<string, number>(), Policy.retry(three)),
      (time) => script(time, succeeds(42, 7))
    )
    expect(answer).toEqual(E.right(42))
    expect(calls).toEqual([0])
    expect(answeredAt).toBe(7)
    expect(leaks).toEqual(nothingLeft)
  })

  it('tries again after each delay until one succeeds', async () => {
    const { answer, calls, leaks } = await once(
      pipe(Policy.id<string, number>(), Policy.retry(pipe(Schedule.exponential(100), Schedule.take(4)))),
      (time) => script(time, fails('a', 10), fails('b', 20), fails('c'), succeeds(1, 5))
    )
    expect(answer).toEqual(E.right(1))
    expect(calls).toEqual([0, 110, 330, 730])
    expect(leaks).toEqual(nothingLeft)
  })

  it('gives the very same last error back, without a sleep after it', async () => {
    const errors = [{ n: 1 }, { n: 2 }, { n: 3 }, { n: 4 }]
    const lines = errors.map((error) => fails(error, 1))
    const { answer, calls, answeredAt, leaks } = await once(
      pipe(Policy.id<{ readonly n: number }, never>(), Policy.retry(three)),
      (time) => script(time, lines[0]!, ...lines.slice(1))
    )
    expect(E.isLeft(answer) && answer.left).toBe(errors[3])
    expect(calls).toEqual([0, 101, 202, 303])
    expect(answeredAt).toBe(304)
    expect(leaks).toEqual(nothingLeft)
  })

  it('gives the very Either of the operation back', async () => {
    const time = virtual()
    const [bad, good] = [E.left('x'), E.right(1)]
    const runner = Runner.make(pipe(Policy.id<string, number>(), Policy.retry(Schedule.stop)))(time.runtime)()
    expect(await time.run(runner.run(() => Promise.resolve(bad)))).toBe(bad)
    expect(await time.run(runner.run(() => Promise.resolve(good)))).toBe(good)
  })

  it('makes 1 + n attempts for take(n)', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(20), fc.nat(500), async (n, delay) => {
        const { calls } = await once(
          pipe(Policy.id<string, never>(), Policy.retry(pipe(Schedule.constant(delay), Schedule.take(n)))),
          (time) => script(time, fails('x'))
        )
        expect(calls).toEqual(Array.from({ length: n + 1 }, (_, i) => i * delay))
      }),
      { numRuns: 20 }
    )
  })

  it('feeds the schedule with each error', async () => {
    const seen: Array<string> = []
    const schedule = pipe(
      Schedule.forever,
      Schedule.modify((_delay, error: string) => {
        seen.push(error)
        return error.length
      }),
      Schedule.take(2)
    )
    const { calls } = await once(pipe(Policy.id<string, never>(), Policy.retry(schedule)), (time) =>
      script(time, fails('a'), fails('bb'), fails('ccc'))
    )
    expect(seen).toEqual(['a', 'bb', 'ccc'])
    expect(calls).toEqual([0, 1, 3])
  })

  it('takes its jitter from the runtime', async () => {
    const time = virtual({ random: () => 0.25 })
    const scripted = script(time, fails('x'))
    const policy = pipe(
      Policy.id<string, never>(),
      Policy.retry(pipe(Schedule.constant(100), Schedule.jittered, Schedule.take(2)))
    )
    await time.run(Runner.make(policy)(time.runtime)().run(scripted.task))
    expect(scripted.calls.map(({ at }) => at)).toEqual([0, 25, 50])
  })

  it('keeps the state of the schedule apart for each run', async () => {
    const time = virtual()
    const policy = pipe(Policy.id<string, never>(), Policy.retry(pipe(Schedule.exponential(100), Schedule.take(2))))
    const runner = Runner.make(policy)(time.runtime)()
    const [a, b] = [script(time, fails('a')), script(time, fails('b'))]
    const first = time.start(runner.run(a.task))
    await time.advance(50)
    const second = time.start(runner.run(b.task))
    await time.settle()
    expect(await first).toEqual(E.left('a'))
    expect(await second).toEqual(E.left('b'))
    expect(a.calls.map(({ at }) => at)).toEqual([0, 100, 300])
    expect(b.calls.map(({ at }) => at)).toEqual([50, 150, 350])
  })

  it('counts the time of attempts as elapsed for the schedule', async () => {
    const { calls, log } = await once(
      pipe(Policy.id<string, never>(), Policy.retry(pipe(Schedule.constant(10), Schedule.within(100)))),
      (time) => script(time, fails('x', 30))
    )
    // decisions at 30, 70, 110
    expect(calls).toEqual([0, 40, 80])
    expect(stops(log)).toEqual([{ _tag: 'Within', limit: 100 }])
  })

  it.each([0, 100])('tells the schedule when the attempt really began, after a beforeRetry of %d ms', async (takes) => {
    // an attempt lasts 10 ms, less than the 50 after which the schedule starts afresh; so it never does
    const schedule = pipe(Schedule.exponential(60), Schedule.take(2), Schedule.resetAfter(50))
    const time = virtual()
    const scripted = script(time, fails('x', 10))
    const beforeRetry = (): Task<void> => () =>
      new Promise((resolve) => {
        time.after(takes, resolve)
      })
    const policy = pipe(Policy.id<string, never>(), Policy.retry(schedule, { beforeRetry }))
    void time.start(Runner.make(policy)(time.runtime)().run(scripted.task))
    await time.advance(2000)
    expect(scripted.calls.map(({ at }) => at)).toEqual([0, 70 + takes, 200 + 2 * takes])
    expect(await time.settle()).toEqual(nothingLeft)
  })

  describe('while and until', () => {
    it.each([
      ['while', { while: (e: string) => e === 'busy' }],
      ['until', { until: (e: string) => e !== 'busy' }]
    ])('%s lets only some errors be retried', async (_name, options) => {
      const { answer, calls, log } = await once(
        pipe(Policy.id<string, number>(), Policy.retry(three, options)),
        (time) => script<string, number>(time, fails('busy'), fails('gone'), succeeds(1))
      )
      expect(answer).toEqual(E.left('gone'))
      expect(calls).toEqual([0, 100])
      expect(stops(log)).toEqual([{ _tag: 'Predicate' }])
    })

    it('both may be given, and are asked in this order', async () => {
      const asked: Array<string> = []
      const run = (first: boolean, second: boolean) =>
        once(
          pipe(
            Policy.id<string, never>(),
            Policy.retry(atOnce(1), {
              while: (e) => {
                asked.push(`while ${e}`)
                return first
              },
              until: (e) => {
                asked.push(`until ${e}`)
                return second
              }
            })
          ),
          (time) => script(time, fails('a'), fails('b'))
        )
      expect((await run(true, false)).calls).toHaveLength(2)
      expect(asked).toEqual(['while a', 'until a', 'while b', 'until b'])
      asked.length = 0
      expect((await run(false, false)).calls).toHaveLength(1)
      expect(asked).toEqual(['while a'])
      expect((await run(true, true)).calls).toHaveLength(1)
    })

    it('take any truthy answer for yes', async () => {
      const run = (answer: unknown) =>
        once(pipe(Policy.id<string, never>(), Policy.retry(atOnce(1), { while: () => answer as boolean })), (time) =>
          script(time, fails('x'))
        )
      expect((await run('yes')).calls).toHaveLength(2)
      expect((await run(undefined)).calls).toHaveLength(1)
    })

    it.each(['while', 'until'] as const)('%s that throws is a defect with both', async (name) => {
      const cause = new Error('oh')
      const { answer, calls, leaks } = await once(
        pipe(Policy.id<string, never>(), Policy.retry(three, { [name]: () => raise(cause) })),
        (time) => script(time, fails('busy'))
      )
      expect(answer).toEqual(E.left(defect('Thrown', `retry.${name}`, cause, 'busy')))
      expect(calls).toEqual([0])
      expect(leaks).toEqual(nothingLeft)
    })
  })

  it('asks in the order that it promises', async () => {
    const asked: Array<string> = []
    const say =
      <T>(what: string, value: T) =>
      (): T => {
        asked.push(what)
        return value
      }
    const schedule = pipe(Schedule.constant(10), Schedule.modify(say('schedule', 10)), Schedule.take(1))
    const time = virtual()
    const policy = pipe(
      Policy.id<string, never>(),
      Policy.retry(schedule, {
        while: say('while', true),
        until: say('until', false),
        decide: say('decide', async () => Policy.again),
        beforeRetry: say('beforeRetry', async () => undefined)
      })
    )
    const operation = async () => {
      asked.push(`operation at ${String(time.now())}`)
      return E.left('x')
    }
    await time.run(Runner.make(policy)(time.runtime)().run(operation))
    expect(asked).toEqual([
      'operation at 0',
      'while',
      'until',
      'schedule',
      'decide',
      'beforeRetry',
      'operation at 10',
      'while',
      'until',
      'schedule'
    ])
  })

  it('asks nothing effectful where schedule or deadline says no', async () => {
    const decide = jest.fn(() => async () => Policy.again)
    const beforeRetry = jest.fn(() => async () => undefined)
    for (const [schedule, deadline] of [
      [Schedule.stop, Infinity],
      [Schedule.constant(100), 100]
    ] as const) {
      const { calls } = await once(
        pipe(Policy.id<string, never>(), Policy.retry(schedule, { decide, beforeRetry }), Policy.deadline(deadline)),
        (time) => script(time, fails('x'))
      )
      expect(calls).toEqual([0])
    }
    expect(decide).not.toHaveBeenCalled()
    expect(beforeRetry).not.toHaveBeenCalled()
  })

  describe('decide', () => {
    const deciding = (decide: (info: Policy.RetryInfo<string>) => unknown) =>
      pipe(Policy.id<string, number>(), Policy.retry(three, { decide: decide as never }))

    it('sees the failure with every number', async () => {
      const seen: Array<Policy.RetryInfo<string>> = []
      await once(
        deciding((info) => {
          seen.push(info)
          return async () => Policy.again
        }),
        (time) => script(time, fails('a', 10), fails('b', 20), fails('c', 30), fails('d'))
      )
      expect(seen).toEqual([
        { error: 'a', attempt: 1, elapsed: 10, firstFailure: 10, idle: 0, delay: 100 },
        { error: 'b', attempt: 2, elapsed: 130, firstFailure: 10, idle: 100, delay: 100 },
        { error: 'c', attempt: 3, elapsed: 260, firstFailure: 10, idle: 200, delay: 100 }
      ])
    })

    it('again: goes on as the schedule has it', async () => {
      const { calls } = await once(
        deciding(() => async () => Policy.again),
        (time) => script(time, fails('x'))
      )
      expect(calls).toEqual([0, 100, 200, 300])
    })

    it('againAfter: goes on after another delay; below 0 counts as 0', async () => {
      const delays = [5, -1, 0]
      const { calls, log } = await once(
        deciding(
          ({ attempt }) =>
            async () =>
              Policy.againAfter(delays[attempt - 1]!)
        ),
        (time) => script(time, fails('x', 1))
      )
      expect(calls).toEqual([0, 6, 7, 8])
      expect(only(log, 'RetryScheduled').map(({ delay }) => delay)).toEqual([5, 0, 0])
    })

    it('giveUp: gives the error at hand back', async () => {
      const { answer, calls, log } = await once(
        deciding(() => async () => Policy.giveUp),
        (time) => script(time, fails('x'))
      )
      expect(answer).toEqual(E.left('x'))
      expect(calls).toEqual([0])
      expect(stops(log)).toEqual([{ _tag: 'GivenUp' }])
    })

    it.each([
      ['nothing', undefined],
      ['null', null],
      ['true', true],
      ['a tag that is none', { _tag: 'Maybe' }],
      ['no delay', { _tag: 'AgainAfter' }],
      ['an infinite delay', Policy.againAfter(Infinity)],
      ['NaN', Policy.againAfter(NaN)],
      ['a string for a delay', Policy.againAfter('5' as never)],
      ['null for a delay', Policy.againAfter(null as never)]
    ])('that answers %s is malformed', async (_name, verdict) => {
      const { answer, calls, leaks } = await once(
        deciding(() => async () => verdict),
        (time) => script(time, fails('x'))
      )
      expect(answer).toEqual(E.left(defect('Malformed', 'retry.decide', verdict, 'x')))
      expect(calls).toEqual([0])
      expect(leaks).toEqual(nothingLeft)
    })

    it.each([
      ['throws', () => raise('oh'), defect('Thrown', 'retry.decide', 'oh', 'x')],
      ['throws null', () => raise(null), defect('Thrown', 'retry.decide', null, 'x')],
      ['gives a task that throws', () => () => raise('oh'), defect('Thrown', 'retry.decide', 'oh', 'x')],
      ['rejects', () => () => Promise.reject('oh'), defect('Rejected', 'retry.decide', 'oh', 'x')],
      ['rejects with nothing', () => () => Promise.reject(), defect('Rejected', 'retry.decide', undefined, 'x')],
      ['gives no task', () => 5, defect('Malformed', 'retry.decide', 5, 'x')],
      ['gives a task of no promise', () => () => 5, defect('Malformed', 'retry.decide', 5, 'x')]
    ])('that %s is a defect with both', async (_name, decide, expected) => {
      const { answer, calls, leaks } = await once(deciding(decide), (time) => script(time, fails('x')))
      expect(answer).toEqual(E.left(expected))
      expect(calls).toEqual([0])
      expect(leaks).toEqual(nothingLeft)
    })

    it('may give any thenable', async () => {
      const { calls } = await once(
        deciding(() => () => ({
          then: (resolve: (verdict: Policy.Verdict) => void) => {
            resolve(Policy.giveUp)
          }
        })),
        (time) => script(time, fails('x'))
      )
      expect(calls).toEqual([0])
    })

    it('that never settles ends with the abort, at once', async () => {
      const time = virtual()
      const caller = time.signal()
      const scripted = script(time, fails('x'))
      const runner = Runner.make(deciding(() => () => new Promise(() => undefined)))(time.runtime)()
      time.after(50, () => {
        caller.abort('enough')
      })
      const answer = await time.run(runner.runWith(scripted.operation, { signal: caller.signal }))
      expect(answer).toEqual(E.left({ _tag: 'Aborted', by: 'caller', reason: 'enough' }))
      expect(time.now()).toBe(50)
      expect(await time.settle()).toEqual(nothingLeft)
      expect(runner.status()).toEqual({ inFlight: 0, hanging: 0, accepting: true })
    })

    it('has no say any more once the call was aborted', async () => {
      const time = virtual()
      const caller = time.signal()
      const scripted = script(time, fails('x'))
      const runner = Runner.make(
        deciding(
          () => () =>
            new Promise((resolve) => {
              time.after(100, () => {
                resolve(Policy.again)
              })
            })
        )
      )(time.runtime)()
      time.after(50, () => {
        caller.abort()
      })
      await time.run(runner.runWith(scripted.operation, { signal: caller.signal }))
      expect(await time.settle()).toEqual(nothingLeft)
      expect(scripted.calls).toHaveLength(1)
    })

    it('cannot go past the deadline with another delay', async () => {
      const { answer, answeredAt, calls, log } = await once(
        pipe(
          Policy.id<string, number>(),
          Policy.retry(three, { decide: () => async () => Policy.againAfter(1000) }),
          Policy.deadline(1000)
        ),
        (time) => script(time, fails('x', 10))
      )
      expect(answer).toEqual(E.left('x'))
      expect(answeredAt).toBe(10)
      expect(calls).toEqual([0])
      expect(stops(log)).toEqual([{ _tag: 'Deadline' }])
    })

    it.each(['decide', 'beforeRetry'] as const)(
      'a %s so slow that the next attempt could not end in time ends the retry',
      async (name) => {
        const time = virtual()
        const slow = () =>
          new Promise((resolve) => {
            time.after(950, () => {
              resolve(Policy.again)
            })
          })
        const policy = pipe(
          Policy.id<string, number>(),
          Policy.retry(three, { [name]: () => slow }),
          Policy.deadline(1000)
        )
        const scripted = script(time, fails('x'))
        const answer = await time.run(Runner.make(policy)(time.runtime)().run(scripted.task))
        expect(answer).toEqual(E.left('x'))
        // the delay of 100 would end at 1050, so it is not slept
        expect(time.now()).toBe(950)
        expect(scripted.calls).toHaveLength(1)
        expect(stops(time.log)).toEqual([{ _tag: 'Deadline' }])
      }
    )
  })

  describe('beforeRetry', () => {
    it('is awaited before the delay is slept', async () => {
      const time = virtual()
      const seen: Array<unknown> = []
      const policy = pipe(
        Policy.id<string, number>(),
        Policy.retry(pipe(Schedule.constant(100), Schedule.take(2)), {
          beforeRetry: (info) => {
            seen.push(info)
            return () =>
              new Promise((resolve) => {
                time.after(30, resolve)
              })
          }
        })
      )
      const scripted = script(time, fails('a', 1), fails('b', 1))
      await time.run(Runner.make(policy)(time.runtime)().run(scripted.task))
      expect(scripted.calls.map(({ at }) => at)).toEqual([0, 131, 262])
      expect(seen).toEqual([
        { error: 'a', attempt: 1, elapsed: 1, firstFailure: 1, idle: 0, delay: 100 },
        { error: 'b', attempt: 2, elapsed: 132, firstFailure: 1, idle: 100, delay: 100 }
      ])
      expect(await time.settle()).toEqual(nothingLeft)
    })

    it('is told the time that has passed, that of decide included', async () => {
      const seen: Array<number> = []
      const time = virtual()
      const policy = pipe(
        Policy.id<string, number>(),
        Policy.retry(pipe(Schedule.constant(100), Schedule.take(1)), {
          decide: () => () =>
            new Promise((resolve) => {
              time.after(70, () => {
                resolve(Policy.again)
              })
            }),
          beforeRetry: ({ elapsed }) => {
            seen.push(elapsed)
            return async () => undefined
          }
        })
      )
      await time.run(Runner.make(policy)(time.runtime)().run(script(time, fails('a', 5)).task))
      expect(seen).toEqual([75])
    })

    it('sees the delay that decide chose', async () => {
      const seen: Array<number> = []
      await once(
        pipe(
          Policy.id<string, number>(),
          Policy.retry(atOnce(1), {
            decide: () => async () => Policy.againAfter(7),
            beforeRetry: ({ delay }) => {
              seen.push(delay)
              return async () => undefined
            }
          })
        ),
        (time) => script(time, fails('x'))
      )
      expect(seen).toEqual([7])
    })

    it.each([
      ['throws', () => raise('oh'), defect('Thrown', 'retry.beforeRetry', 'oh', 'x')],
      ['rejects', () => () => Promise.reject('oh'), defect('Rejected', 'retry.beforeRetry', 'oh', 'x')],
      ['gives no task', () => undefined, defect('Malformed', 'retry.beforeRetry', undefined, 'x')]
    ])('that %s is a defect with both', async (_name, beforeRetry, expected) => {
      const { answer, calls, leaks } = await once(
        pipe(Policy.id<string, number>(), Policy.retry(three, { beforeRetry: beforeRetry as never })),
        (time) => script(time, fails('x'))
      )
      expect(answer).toEqual(E.left(expected))
      expect(calls).toEqual([0])
      expect(leaks).toEqual(nothingLeft)
    })

    it('cannot change the outcome with what it gives', async () => {
      const { answer, calls } = await once(
        pipe(
          Policy.id<string, number>(),
          Policy.retry(atOnce(1), { beforeRetry: () => (async () => E.right(5)) as never })
        ),
        (time) => script(time, fails('x'))
      )
      expect(answer).toEqual(E.left('x'))
      expect(calls).toHaveLength(2)
    })

    it('that never settles ends with the abort', async () => {
      const time = virtual()
      const caller = time.signal()
      const policy = pipe(
        Policy.id<string, number>(),
        Policy.retry(three, { beforeRetry: () => () => new Promise<void>(() => undefined) })
      )
      time.after(5, () => {
        caller.abort()
      })
      const runner = Runner.make(policy)(time.runtime)()
      const answer = await time.run(runner.runWith(script(time, fails('x')).operation, { signal: caller.signal }))
      expect(E.isLeft(answer) && (answer.left as Rejection.Aborted)._tag).toBe('Aborted')
      expect(await time.settle()).toEqual(nothingLeft)
    })

    it('that settles after the abort starts nothing', async () => {
      const time = virtual()
      const caller = time.signal()
      const policy = pipe(
        Policy.id<string, number>(),
        Policy.retry(three, {
          beforeRetry: () => () =>
            new Promise<void>((resolve) => {
              time.after(10, resolve)
            })
        })
      )
      time.after(5, () => {
        caller.abort()
      })
      const scripted = script(time, fails('x'))
      await time.run(Runner.make(policy)(time.runtime)().runWith(scripted.operation, { signal: caller.signal }))
      expect(await time.settle()).toEqual(nothingLeft)
      expect(scripted.calls).toHaveLength(1)
    })
  })

  describe('refusals from inside', () => {
    const refusals: ReadonlyArray<Refused['_tag']> = ['CircuitOpen', 'BulkheadFull', 'RateLimited']

    it.each(refusals)('%s is not retried', async (_tag) => {
      const error: Refused = { _tag, retryAfter: 1 }
      const { answer, calls, log } = await once(pipe(Policy.id<Refused, never>(), Policy.retry(three)), (time) =>
        script(time, fails(error))
      )
      expect(E.isLeft(answer) && answer.left).toBe(error)
      expect(calls).toEqual([0])
      expect(stops(log)).toEqual([{ _tag: 'Refused' }])
    })

    it('retryRefused: false is the same as none', async () => {
      const { calls } = await once(
        pipe(Policy.id<Refused, never>(), Policy.retry(three, { retryRefused: false })),
        (time) => script(time, fails<Refused>({ _tag: 'CircuitOpen' }))
      )
      expect(calls).toEqual([0])
    })

    it('are retried when asked for, and retryAfter is honoured where it is longer', async () => {
      const refused = (retryAfter?: unknown) => fails<Refused>({ _tag: 'CircuitOpen', retryAfter })
      const { calls } = await once(
        pipe(
          Policy.id<Refused, never>(),
          Policy.retry(pipe(Schedule.constant(100), Schedule.take(7)), { retryRefused: true })
        ),
        (time) =>
          script<Refused>(
            time,
            refused(500),
            refused(50),
            refused(),
            refused(NaN),
            refused(Infinity),
            refused('200'),
            refused(-5)
          )
      )
      expect(calls).toEqual([0, 500, 600, 700, 800, 900, 1000, 1100])
    })

    it('a breaker that was to be left alone until then lets the retry in, though the clock is a moment behind its timer', async () => {
      const { time, runtime } = behind()
      const policy = pipe(
        Policy.id<string, number>(),
        Policy.circuitBreaker({ trip: Trip.consecutiveFailures(1), openFor: 100 }),
        Policy.retry(atOnce(2), { retryRefused: true })
      )
      const scripted = script(time, fails('busy'), succeeds(1))
      expect(await time.run(Runner.make(policy)(runtime)().run(scripted.task))).toEqual(E.right(1))
      expect(scripted.calls.map(({ at }) => at)).toEqual([0, 101])
    })

    it('no retryAfter of another error is honoured', async () => {
      const { calls } = await once(
        pipe(Policy.id<{ readonly retryAfter: number }, never>(), Policy.retry(atOnce(1), { retryRefused: true })),
        (time) => script(time, fails({ retryAfter: 900 }))
      )
      expect(calls).toEqual([0, 0])
    })

    it('a retryAfter that reaches the deadline is not waited for', async () => {
      const { answeredAt, calls, log } = await once(
        pipe(Policy.id<Refused, never>(), Policy.retry(three, { retryRefused: true }), Policy.deadline(400)),
        (time) => script(time, fails<Refused>({ _tag: 'RateLimited', retryAfter: 400 }))
      )
      expect(answeredAt).toBe(0)
      expect(calls).toEqual([0])
      expect(stops(log)).toEqual([{ _tag: 'Deadline' }])
    })

    it('while is still asked', async () => {
      const { calls, log } = await once(
        pipe(Policy.id<Refused, never>(), Policy.retry(three, { retryRefused: true, while: () => false })),
        (time) => script(time, fails<Refused>({ _tag: 'CircuitOpen' }))
      )
      expect(calls).toEqual([0])
      expect(stops(log)).toEqual([{ _tag: 'Predicate' }])
    })
  })

  it.each([
    { _tag: 'DeadlineExceeded', deadline: 5 },
    { _tag: 'Aborted', by: 'caller', reason: undefined }
  ])('never retries $_tag, whatever the options say', async (error) => {
    const { answer, calls, log } = await once(
      pipe(Policy.id<typeof error, never>(), Policy.retry(three, { while: () => true, retryRefused: true })),
      (time) => script(time, fails(error))
    )
    expect(E.isLeft(answer) && answer.left).toBe(error)
    expect(calls).toEqual([0])
    expect(stops(log)).toEqual([{ _tag: 'Final' }])
  })

  it('retries TimedOut like any other error', async () => {
    const { answer, calls } = await once(
      pipe(Policy.id<string, number>(), Policy.timeout(50), Policy.retry(three)),
      (time) => script(time, heeding(succeeds(1, 60)), succeeds(2, 10))
    )
    expect(answer).toEqual(E.right(2))
    expect(calls).toEqual([0, 150])
  })

  it.each([
    ['throws', throws('oh'), defect('Thrown', 'operation', 'oh')],
    ['rejects', rejects('oh'), defect('Rejected', 'operation', 'oh')],
    ['is malformed', gives(5), defect('Malformed', 'operation', 5)]
  ])('never retries an operation that %s', async (_name, line, expected) => {
    const { answer, calls, leaks } = await once(pipe(Policy.id<never, never>(), Policy.retry(three)), (time) =>
      script(time, line)
    )
    expect(answer).toEqual(E.left(expected))
    expect(calls).toEqual([0])
    expect(leaks).toEqual(nothingLeft)
  })

  describe('a function of the schedule that', () => {
    it('throws is a defect with both', async () => {
      const schedule = pipe(
        Schedule.forever,
        Schedule.modify(() => raise('oh'))
      )
      const { answer, calls } = await once(pipe(Policy.id<string, never>(), Policy.retry(schedule)), (time) =>
        script(time, fails('x'))
      )
      expect(answer).toEqual(E.left(defect('Thrown', 'retry.schedule.modify', 'oh', 'x')))
      expect(calls).toEqual([0])
    })

    it('names no class of a route is malformed', async () => {
      const schedule = Schedule.route((_error: unknown): 'a' => 'b' as never, { a: Schedule.forever })
      const { answer } = await once(pipe(Policy.id<string, never>(), Policy.retry(schedule)), (time) =>
        script(time, fails('x'))
      )
      expect(answer).toMatchObject({
        left: { _tag: 'Defect', kind: 'Malformed', at: 'retry.schedule.route', during: 'x' }
      })
    })

    it('gives no delay is malformed', async () => {
      const schedule = pipe(
        Schedule.forever,
        Schedule.modify(() => NaN)
      )
      const { answer, log } = await once(pipe(Policy.id<string, never>(), Policy.retry(schedule)), (time) =>
        script(time, fails('x'))
      )
      expect(answer).toMatchObject({
        left: { _tag: 'Defect', kind: 'Malformed', at: 'retry.schedule.modify', during: 'x' }
      })
      // a defect is no decision
      expect(stops(log)).toEqual([])
    })
  })

  describe('space and turns', () => {
    /** A runtime that counts its timers and turns. */
    const counting = () => {
      const time = virtual({ log: false })
      const counts = { timers: 0, turns: 0 }
      const { clock } = time.runtime
      const runtime = {
        ...time.runtime,
        clock: {
          ...clock,
          timer: (...args: Parameters<typeof clock.timer>) => {
            counts.timers++
            return clock.timer(...args)
          },
          turn: (f: () => void) => {
            counts.turns++
            clock.turn(f)
          }
        }
      }
      return { time, counts, runtime }
    }

    it('a delay of 0 takes no timer, and the event loop gets a turn every 256 attempts', async () => {
      const { time, counts, runtime } = counting()
      const policy = pipe(Policy.id<string, never>(), Policy.retry(atOnce(1024)))
      let calls = 0
      const turnsAt: Array<number> = []
      const operation = async () => {
        if (counts.turns > turnsAt.length) turnsAt.push(calls)
        calls++
        return E.left('x')
      }
      await time.run(Runner.make(policy)(runtime)().run(operation))
      expect(calls).toBe(1025)
      expect(counts).toEqual({ timers: 0, turns: 4 })
      expect(turnsAt).toEqual([256, 512, 768, 1024])
      expect(time.now()).toBe(0)
    })

    it('the event loop gets its turns however many recurrences make the attempts', async () => {
      const { time, counts, runtime } = counting()
      const policy = pipe(
        Policy.id<string, number>(),
        Policy.retry(atOnce(200)),
        Policy.poll(pipe(Schedule.forever, Schedule.take(4)), { until: (n) => n > 1 }),
        Policy.retry(atOnce(9))
      )
      let calls = 0
      const operation = async () => {
        calls++
        return E.left('x')
      }
      await time.run(Runner.make(policy)(runtime)().run(operation))
      expect(calls).toBe(2010)
      // a turn for each 256 of the 2009 that were not the first
      expect(counts.turns).toBe(7)
    })

    it('calls one after the other get no turn that they have not made themselves', async () => {
      const { time, counts, runtime } = counting()
      const runner = Runner.make(pipe(Policy.id<string, number>(), Policy.retry(atOnce(100))))(runtime)()
      for (let n = 0; n < 20; n++) await time.run(runner.run(() => Promise.resolve(E.left('x'))))
      expect(counts.turns).toBe(0)
    })

    it('another call gets its turn beside a busy one', async () => {
      const { time, runtime } = counting()
      let stop = false
      const policy = pipe(Policy.id<string, never>(), Policy.retry(Schedule.forever, { while: () => !stop }))
      time.after(0, () => {
        stop = true
      })
      const runner = Runner.make(policy)(runtime)()
      expect(await time.run(runner.runIO(() => E.left('x')))).toEqual(E.left('x'))
    })

    it('10^5 synchronous attempts do not grow the stack', async () => {
      const { time, counts, runtime } = counting()
      const policy = pipe(Policy.id<number, never>(), Policy.retry(atOnce(1e5)))
      let calls = 0
      const depths = new Set<number>()
      const operation = () => {
        calls++
        if (calls % 1000 === 1) depths.add((new Error().stack ?? '').split('\n').length)
        return E.left(calls)
      }
      const runner = Runner.make(policy)(runtime)()
      expect(await time.run(runner.runIO(operation))).toEqual(E.left(1e5 + 1))
      expect(calls).toBe(1e5 + 1)
      expect(depths.size).toBeLessThan(5)
      expect(counts).toEqual({ timers: 0, turns: Math.floor(1e5 / 256) })
    })

    it('10^5 synchronous attempts of a retry inside a retry do not grow the stack', async () => {
      const { time, runtime } = counting()
      const policy = pipe(Policy.id<number, never>(), Policy.retry(atOnce(9)), Policy.retry(atOnce(9999)))
      let calls = 0
      const answer = await time.run(Runner.make(policy)(runtime)().runIO(() => E.left(++calls)))
      expect(answer).toEqual(E.left(1e5))
    })

    it('an abort during a turn ends it', async () => {
      const { time, runtime } = counting()
      const caller = time.signal()
      let calls = 0
      const operation = () => async () => {
        if (++calls === 256) {
          await Promise.resolve()
          void Promise.resolve().then(() => Promise.resolve().then(() => caller.abort('now')))
        }
        return E.left('x')
      }
      const runner = Runner.make(pipe(Policy.id<string, never>(), Policy.retry(Schedule.forever)))(runtime)()
      const answer = await time.run(runner.runWith(operation, { signal: caller.signal }))
      expect(answer).toEqual(E.left({ _tag: 'Aborted', by: 'caller', reason: 'now' }))
      expect(calls).toBe(256)
      expect(await time.settle()).toEqual(nothingLeft)
    })
  })

  describe('the attempt', () => {
    it('has its number, and the failure before', async () => {
      const { scripted } = await once(pipe(Policy.id<string, number>(), Policy.retry(three)), (time) =>
        script(time, fails('a'), fails('b'), succeeds(1))
      )
      expect(scripted.calls.map(({ attempt }) => attempt!.number)).toEqual([1, 2, 3])
      expect(scripted.calls.map(({ attempt }) => attempt!.previous)).toEqual([O.none, O.some('a'), O.some('b')])
      expect(scripted.calls.map(({ attempt }) => attempt!.deadline)).toEqual([Infinity, Infinity, Infinity])
    })

    it('has the failure as the nearest retry saw it', async () => {
      const { scripted } = await once(
        pipe(
          Policy.id<string, number>(),
          Policy.mapLeft((e) => e.toUpperCase()),
          Policy.retry(three)
        ),
        (time) => script(time, fails('a'), succeeds(1))
      )
      expect(scripted.calls[1]!.attempt!.previous).toEqual(O.some('A'))
    })

    it('has what is left until the deadline', async () => {
      const { scripted } = await once(
        pipe(Policy.id<string, number>(), Policy.retry(three), Policy.deadline(1000)),
        (time) =>
          pipe(script<string, number>(time, fails('a', 10), fails('b', 10), succeeds(1)), (inner) => {
            const left: Array<number> = []
            return {
              ...inner,
              left,
              operation: (attempt) => {
                left.push(attempt.deadline)
                return inner.operation(attempt)
              }
            } as typeof inner
          })
      )
      expect((scripted as unknown as { readonly left: ReadonlyArray<number> }).left).toEqual([1000, 890, 780])
    })

    it('has a signal of its own, that is not aborted with the next', async () => {
      const { scripted } = await once(pipe(Policy.id<string, number>(), Policy.retry(three)), (time) =>
        script(time, fails('a'), succeeds(1))
      )
      const [a, b] = scripted.calls.map(({ attempt }) => attempt!.signal)
      expect(a).not.toBe(b)
      expect(a!.aborted).toBe(false)
      expect(b!.aborted).toBe(false)
    })
  })

  describe('a retry inside a retry', () => {
    const nested = pipe(
      Policy.id<string, number>(),
      Policy.retry(atOnce(1)),
      Policy.retry(pipe(Schedule.constant(100), Schedule.take(2)))
    )

    it('multiplies the attempts, each counted by the nearest', async () => {
      const { calls, scripted, log } = await once(nested, (time) =>
        script(time, fails('a'), fails('b'), fails('c'), fails('d'), fails('e'), fails('f'))
      )
      expect(calls).toEqual([0, 0, 100, 100, 200, 200])
      expect(scripted.calls.map(({ attempt }) => attempt!.number)).toEqual([1, 2, 2, 2, 3, 2])
      expect(only(log, 'RetryScheduled').map(({ layer, attempt }) => [layer, attempt])).toEqual([
        ['retry', 1],
        ['retry#2', 1],
        ['retry', 1],
        ['retry#2', 2],
        ['retry', 1]
      ])
      expect(only(log, 'AttemptStarted').map(({ attempt }) => attempt)).toEqual([1, 2, 3, 4, 5, 6])
    })

    it('names the layer of its defects', async () => {
      const { answer } = await once(
        pipe(
          Policy.id<string, number>(),
          Policy.retry(atOnce(1)),
          Policy.retry(atOnce(1), { while: () => raise('oh') })
        ),
        (time) => script(time, fails('x'))
      )
      expect(answer).toEqual(E.left(defect('Thrown', 'retry#2.while', 'oh', 'x')))
    })
  })

  describe('abort', () => {
    it('ends the attempt that runs, at once, and its signal says so', async () => {
      const time = virtual()
      const caller = time.signal()
      const scripted = script(time, heeding(succeeds(1, 1000)))
      time.after(30, () => {
        caller.abort('enough')
      })
      const runner = Runner.make(pipe(Policy.id<never, number>(), Policy.retry(three)))(time.runtime)()
      const answer = await time.run(runner.runWith(scripted.operation, { signal: caller.signal }))
      expect(answer).toEqual(E.left({ _tag: 'Aborted', by: 'caller', reason: 'enough' }))
      expect(time.now()).toBe(30)
      expect(scripted.calls[0]!.attempt!.signal.reason).toEqual({ _tag: 'Aborted', by: 'caller', reason: 'enough' })
      expect((await time.settle()).operations).toBe(0)
      expect(scripted.calls).toHaveLength(1)
    })

    it('ends a sleep at once, and takes its timer away', async () => {
      const time = virtual()
      const caller = time.signal()
      const scripted = script(time, fails('x'))
      time.after(30, () => {
        caller.abort('enough')
      })
      const runner = Runner.make(pipe(Policy.id<string, never>(), Policy.retry(Schedule.constant(1e6))))(time.runtime)()
      const answer = await time.run(runner.runWith(scripted.operation, { signal: caller.signal }))
      expect(E.isLeft(answer) && answer.left).toMatchObject({ _tag: 'Aborted' })
      expect(time.now()).toBe(30)
      expect(await time.settle()).toEqual(nothingLeft)
      expect(time.now()).toBe(30)
      expect(scripted.calls).toHaveLength(1)
    })

    it('settles once all its attempts have', async () => {
      const time = virtual()
      const policy = pipe(
        Policy.id<string, number>(),
        Policy.timeout(10),
        Policy.retry(pipe(Schedule.constant(5), Schedule.take(1)))
      )
      const runner = Runner.make(policy)(time.runtime)()
      // both attempts outlive their timeouts: they settle at 100 and 115
      await time.run(runner.run(script(time, succeeds(1, 100)).task))
      expect(time.now()).toBe(25)
      expect(runner.status()).toEqual({ inFlight: 0, hanging: 1, accepting: true })
      await time.advance(80)
      expect(runner.status().hanging).toBe(1)
      await time.advance(10)
      expect(runner.status().hanging).toBe(0)
    })
  })

  it('makes no event where nobody listens', async () => {
    const time = virtual({ log: false })
    const runner = Runner.make(pipe(Policy.id<string, never>(), Policy.retry(three)))(time.runtime)()
    expect(await time.run(runner.run(script(time, fails('x')).task))).toEqual(E.left('x'))
    expect(time.log).toEqual([])
  })

  it('shows every setting', () => {
    function isBusy(): boolean {
      return true
    }
    const policy = pipe(
      Policy.id<string, number>(),
      Policy.retry(three, {
        while: isBusy,
        until: () => false,
        decide: () => async () => Policy.again,
        beforeRetry: () => async () => undefined,
        retryRefused: true
      })
    )
    expect(Policy.show(policy).split('\n')[0]).toBe(
      'retry(constant(100ms) |> take(3), while: isBusy, until: until, decide: decide, beforeRetry: beforeRetry, retryRefused: true)'
    )
  })

  it('lists every impossible setting at once', () => {
    const policy = pipe(
      Policy.id<string, number>(),
      Policy.retry(pipe(Schedule.constant(-1), Schedule.take(NaN)), {
        while: 5,
        until: 'x',
        decide: {},
        beforeRetry: null,
        retryRefused: 1
      } as never)
    )
    expect(Policy.validate(policy).map(({ path }) => path)).toEqual([
      'retry.while',
      'retry.until',
      'retry.decide',
      'retry.beforeRetry',
      'retry.retryRefused',
      'retry.schedule.take.n',
      'retry.schedule.take.constant.delay'
    ])
  })

  it.each([[undefined], [null], [100], [{}]])('a schedule that is %p is impossible', (schedule) => {
    const policy = pipe(Policy.id<string, number>(), Policy.retry(schedule as never))
    expect(Policy.validate(policy)).toEqual([{ path: 'retry.schedule', value: schedule, allowed: 'a Schedule' }])
    expect(typeof Policy.show(policy)).toBe('string')
  })

  it('advises against a retry inside a retry', () => {
    const inner = pipe(Policy.id<string, number>(), Policy.retry(three))
    const advice = {
      path: 'retry#2.schedule',
      value: 'a retry inside a retry',
      allowed: 'one of them: their attempts multiply'
    }
    expect(Policy.advise(inner)).toEqual([])
    expect(Policy.advise(pipe(inner, Policy.timeout(5), Policy.retry(three)))).toEqual([advice])
    expect(
      Policy.advise(
        pipe(
          inner,
          Policy.retryOrElse(three, () => TE.right(1))
        )
      )
    ).toEqual([{ ...advice, path: 'retryOrElse.schedule' }])
  })
})

describe('retryOrElse', () => {
  /** Runs a policy of a schedule and gives what `orElse` was told. */
  const told = async (
    schedule: Schedule.Schedule<unknown>,
    options: Policy.RetryOptions<unknown>,
    lines: (time: VirtualRuntime) => ReturnType<typeof script<unknown, never>>,
    deadline = Infinity
  ) => {
    const seen: Array<Rejection.Exhausted<unknown>> = []
    const policy = pipe(
      Policy.id<unknown, never>(),
      Policy.retryOrElse(
        schedule,
        (exhausted: Rejection.Exhausted<unknown>) => {
          seen.push(exhausted)
          return TE.right('else')
        },
        options
      ),
      Policy.deadline(deadline)
    )
    const { answer } = await once(policy, lines)
    expect(answer).toEqual(E.right('else'))
    expect(seen).toHaveLength(1)
    return seen[0]
  }
  const failing =
    (error: unknown, after = 10) =>
    (time: VirtualRuntime) =>
      script(time, fails(error, after))

  it('does not ask when an attempt succeeds', async () => {
    const orElse = jest.fn(() => TE.right(0))
    const { answer } = await once(pipe(Policy.id<string, number>(), Policy.retryOrElse(three, orElse)), (time) =>
      script(time, fails('x'), succeeds(1))
    )
    expect(answer).toEqual(E.right(1))
    expect(orElse).not.toHaveBeenCalled()
  })

  it.each<
    [
      string,
      Schedule.Schedule<unknown>,
      Policy.RetryOptions<unknown>,
      unknown,
      Omit<Rejection.Exhausted<unknown>, '_tag' | 'error' | 'errors'>
    ]
  >([
    ['Attempts', three, {}, 'x', { attempts: 4, elapsed: 340, reason: { _tag: 'Attempts', limit: 3 } }],
    ['Never', Schedule.stop, {}, 'x', { attempts: 1, elapsed: 10, reason: { _tag: 'Never' } }],
    ['Delays', Schedule.delays([5]), {}, 'x', { attempts: 2, elapsed: 25, reason: { _tag: 'Delays', limit: 1 } }],
    [
      'Elapsed',
      pipe(Schedule.constant(90), Schedule.stopAfter(100)),
      {},
      'x',
      { attempts: 2, elapsed: 110, reason: { _tag: 'Elapsed', limit: 100 } }
    ],
    [
      'Within',
      pipe(Schedule.constant(90), Schedule.within(100)),
      {},
      'x',
      { attempts: 1, elapsed: 10, reason: { _tag: 'Within', limit: 100 } }
    ],
    [
      'Input',
      pipe(
        Schedule.forever,
        Schedule.while(() => false)
      ),
      {},
      'x',
      { attempts: 1, elapsed: 10, reason: { _tag: 'Input' } }
    ],
    ['Predicate', three, { while: () => false }, 'x', { attempts: 1, elapsed: 10, reason: { _tag: 'Predicate' } }],
    [
      'Predicate (until)',
      three,
      { until: () => true },
      'x',
      { attempts: 1, elapsed: 10, reason: { _tag: 'Predicate' } }
    ],
    ['Refused', three, {}, { _tag: 'CircuitOpen' }, { attempts: 1, elapsed: 10, reason: { _tag: 'Refused' } }],
    [
      'Final',
      three,
      {},
      { _tag: 'DeadlineExceeded', deadline: 1 },
      { attempts: 1, elapsed: 10, reason: { _tag: 'Final' } }
    ],
    [
      'GivenUp',
      three,
      { decide: () => async () => Policy.giveUp },
      'x',
      { attempts: 1, elapsed: 10, reason: { _tag: 'GivenUp' } }
    ]
  ])('says why: %s', async (_name, schedule, options, error, expected) => {
    expect(await told(schedule, options, failing(error))).toEqual({ _tag: 'Exhausted', error, errors: [], ...expected })
  })

  it('says why: Deadline', async () => {
    // the next attempt would begin at 110
    expect(await told(three, {}, failing('x'), 110)).toEqual({
      _tag: 'Exhausted',
      errors: [],
      error: 'x',
      attempts: 1,
      elapsed: 10,
      reason: { _tag: 'Deadline' }
    })
  })

  it('hands the very same last error over', async () => {
    const error = { n: 1 }
    expect((await told(three, {}, failing(error)))?.error).toBe(error)
  })

  it('answers with what its operation fails with', async () => {
    const { answer } = await once(
      pipe(
        Policy.id<string, number>(),
        Policy.retryOrElse(three, ({ attempts }) => TE.left(attempts))
      ),
      (time) => script(time, fails('x'))
    )
    expect(answer).toEqual(E.left(4))
  })

  it.each([
    ['throws', () => raise('oh'), defect('Thrown', 'retryOrElse.orElse', 'oh')],
    ['gives no task', () => 5, defect('Malformed', 'retryOrElse.orElse', 5)],
    ['rejects', () => () => Promise.reject('oh'), defect('Rejected', 'retryOrElse.orElse', 'oh')]
  ])('an operation that %s is a defect', async (_name, orElse, expected) => {
    const { answer, leaks } = await once(
      pipe(Policy.id<string, number>(), Policy.retryOrElse(Schedule.stop, orElse as never)),
      (time) => script(time, fails('x'))
    )
    expect(answer).toMatchObject({ left: { kind: expected.kind, at: expected.at, cause: expected.cause } })
    expect(leaks).toEqual(nothingLeft)
  })

  it('a defect of an attempt, or of a callback, is not handed over', async () => {
    const orElse = jest.fn(() => TE.right(0))
    const policy = pipe(Policy.id<string, number>(), Policy.retryOrElse(three, orElse, { while: () => raise('oh') }))
    expect((await once(policy, (time) => script(time, throws('x')))).answer).toEqual(
      E.left(defect('Thrown', 'operation', 'x'))
    )
    expect((await once(policy, (time) => script(time, fails('x')))).answer).toEqual(
      E.left(defect('Thrown', 'retryOrElse.while', 'oh', 'x'))
    )
    expect(orElse).not.toHaveBeenCalled()
  })

  it('an abort is not handed over, and ends its operation too', async () => {
    const time = virtual()
    const caller = time.signal()
    const orElse = jest.fn(() => () => new Promise<E.Either<never, number>>(() => undefined))
    const runner = Runner.make(pipe(Policy.id<string, number>(), Policy.retryOrElse(Schedule.stop, orElse)))(
      time.runtime
    )()
    time.after(20, () => {
      caller.abort()
    })
    const answer = await time.run(runner.runWith(script(time, fails('x', 10)).operation, { signal: caller.signal }))
    expect(E.isLeft(answer) && answer.left).toMatchObject({ _tag: 'Aborted', by: 'caller' })
    expect(orElse).toHaveBeenCalledTimes(1)
    expect(runner.status()).toEqual({ inFlight: 0, hanging: 1, accepting: true })

    const later = virtual()
    const other = later.signal()
    later.after(5, () => {
      other.abort()
    })
    const again = Runner.make(pipe(Policy.id<string, number>(), Policy.retryOrElse(Schedule.stop, orElse)))(
      later.runtime
    )()
    await later.run(again.runWith(script(later, fails('x', 10)).operation, { signal: other.signal }))
    expect(orElse).toHaveBeenCalledTimes(1)
  })

  it('a deadline outside that cuts an attempt off is not exhaustion', async () => {
    const orElse = jest.fn(() => TE.right(0))
    const { answer, answeredAt } = await once(
      pipe(Policy.id<string, number>(), Policy.retryOrElse(three, orElse), Policy.deadline(150)),
      (time) => script(time, fails('x', 10), heeding(succeeds(1, 1000)))
    )
    expect(answer).toEqual(E.left({ _tag: 'DeadlineExceeded', deadline: 150 }))
    expect(answeredAt).toBe(150)
    expect(orElse).not.toHaveBeenCalled()
  })

  it('nor is one that cuts off a retry inside it', async () => {
    const orElse = jest.fn(() => () => new Promise<E.Either<never, number>>(() => undefined))
    const { answer, answeredAt } = await once(
      pipe(
        Policy.id<string, number>(),
        Policy.retry(pipe(Schedule.constant(100), Schedule.take(1))),
        Policy.retryOrElse(three, orElse),
        Policy.deadline(150)
      ),
      (time) => script(time, fails('x', 10), heeding(succeeds(1, 1000)))
    )
    expect(answer).toEqual(E.left({ _tag: 'DeadlineExceeded', deadline: 150 }))
    expect(answeredAt).toBe(150)
    expect(orElse).not.toHaveBeenCalled()
  })

  it('its operation has the deadline to heed', async () => {
    const { answer, answeredAt } = await once(
      pipe(
        Policy.id<string, number>(),
        Policy.retryOrElse(Schedule.stop, () => hanging),
        Policy.deadline(150)
      ),
      (time) => script(time, fails('x', 10))
    )
    expect(answer).toEqual(E.left({ _tag: 'DeadlineExceeded', deadline: 150 }))
    expect(answeredAt).toBe(150)
  })

  it('shows and checks its operation', () => {
    const policy = pipe(
      Policy.id<string, number>(),
      Policy.retryOrElse(Schedule.stop, () => TE.right(1), { retryRefused: false })
    )
    expect(Policy.show(policy)).toBe('retryOrElse(stop, retryRefused: false, orElse: <function>)\n└─ operation')
    expect(Policy.validate(pipe(Policy.id<string, number>(), Policy.retryOrElse(Schedule.stop, 5 as never)))).toEqual([
      { path: 'retryOrElse.orElse', value: 5, allowed: 'a function' }
    ])
  })
})

const hanging = (): Promise<E.Either<never, never>> => new Promise(() => undefined)

describe('a deadline that cuts off a retry inside a retry', () => {
  it('starts nothing more, though the clock may be a moment behind the timer', async () => {
    const { time, runtime } = behind()
    const policy = pipe(
      Policy.id<string, number>(),
      Policy.retry(atOnce(3)),
      Policy.retry(Schedule.forever),
      Policy.deadline(100)
    )
    const scripted = script(time, fails('x', 40), fails('y', 40), hangs)
    const answer = await time.run(Runner.make(policy)(runtime)().run(scripted.task))
    expect(answer).toEqual(E.left('y'))
    // and nobody is woken before the time has come
    expect(time.now()).toBe(101)
    expect(scripted.calls).toHaveLength(3)
  })
})
