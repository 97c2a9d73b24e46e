import * as E from 'fp-ts/Either'
import * as TE from 'fp-ts/TaskEither'
import { pipe } from 'fp-ts/function'
import fc from 'fast-check'
import { Policy, Runner, Schedule } from 'resilience-ts'
import {
  fails,
  heeding,
  interleavings,
  rejects,
  script,
  succeeds,
  throws,
  virtual,
  type VirtualRuntime
} from 'resilience-ts/testing'
import { defect, nothingLeft, only, raise, tags } from '../support'

const day = 24 * 60 * 60 * 1000
const within = (ms: number, options?: Policy.TimeoutOptions) =>
  pipe(Policy.id<string, number>(), Policy.timeout(ms, options))
const timedOut = (timeout: number) => E.left({ _tag: 'TimedOut' as const, timeout })

/** Runs a policy once in a time of its own, without letting more happen than the answer needs. */
const once = async <E2, A2>(
  policy: Policy.Policy<string, number, E2, A2>,
  lines: (time: VirtualRuntime) => ReturnType<typeof script<string, number>>
) => {
  const time = virtual()
  const scripted = lines(time)
  const runner = Runner.make(policy)(time.runtime)()
  const answer = await time.run(runner.runWith(scripted.operation))
  return { time, runner, scripted, answer, answeredAt: time.now() }
}

describe('timeout', () => {
  it.each([
    ['a success', succeeds(1, 99), E.right(1)],
    ['a failure', fails('x', 99), E.left('x')],
    ['a throw', throws('oh'), E.left(defect('Thrown', 'operation', 'oh'))],
    ['a rejection', rejects('oh', 99), E.left(defect('Rejected', 'operation', 'oh'))]
  ])('lets %s in time pass as it is, and leaves nothing', async (_name, line, expected) => {
    const { answer, time, scripted } = await once(within(100), (time) => script<string, number>(time, line))
    expect(answer).toEqual(expected)
    expect(await time.settle()).toEqual(nothingLeft)
    expect(time.now()).toBeLessThan(100)
    expect(scripted.calls[0]!.attempt!.signal.aborted).toBe(false)
  })

  it('gives the very Either of the operation back', async () => {
    const time = virtual()
    const either = E.right(1)
    const runner = Runner.make(within(100))(time.runtime)()
    expect(await time.run(runner.run(() => Promise.resolve(either)))).toBe(either)
  })

  it('answers at once when the time is over, though the operation goes on', async () => {
    const { answer, answeredAt, runner, time } = await once(within(100), (time) => script(time, succeeds(1, 300)))
    expect(answer).toEqual(timedOut(100))
    expect(answeredAt).toBe(100)
    expect(runner.status()).toEqual({ inFlight: 0, hanging: 1, accepting: true })
    expect(await time.settle()).toEqual(nothingLeft)
    expect(runner.status()).toEqual({ inFlight: 0, hanging: 0, accepting: true })
  })

  it('aborts the signal of the attempt, with the reason', async () => {
    const { answer, scripted, time } = await once(within(100), (time) => script(time, heeding(succeeds(1, 300))))
    expect(answer).toEqual(timedOut(100))
    const { signal } = scripted.calls[0]!.attempt!
    expect(signal.aborted).toBe(true)
    expect(signal.reason).toEqual({ _tag: 'Aborted', by: 'timeout', reason: { _tag: 'TimedOut', timeout: 100 } })
    expect((await time.settle()).operations).toBe(0)
  })

  it('a signal that is first read when the time is over is aborted already', async () => {
    const { scripted } = await once(within(100), (time) => script(time, succeeds(1, 300)))
    expect(scripted.calls[0]!.attempt!.signal.aborted).toBe(true)
  })

  it('never aborts the signal on success, however long one waits', async () => {
    const { scripted, time } = await once(within(100), (time) => script(time, heeding(succeeds(1, 10))))
    await time.settle()
    await time.advance(1000)
    expect(scripted.calls[0]!.attempt!.signal.aborted).toBe(false)
  })

  it.each([
    ['success', succeeds(1, 300), E.right(1)],
    ['failure', fails('x', 300), E.left('x')],
    ['rejection', rejects('oh', 300), defect('Rejected', 'operation', 'oh')]
  ])('a late %s changes nothing, and is seen as an event', async (_name, line, outcome) => {
    const { answer, time } = await once(within(100), (time) => script<string, number>(time, line))
    expect(answer).toEqual(timedOut(100))
    await time.settle()
    expect(only(time.log, 'LateResult')).toEqual([
      { _tag: 'LateResult', run: 1, at: 300, attempt: 1, duration: 300, outcome }
    ])
    expect(tags(time.log)).toEqual([
      'RunStarted',
      'AttemptStarted',
      'TimeoutFired',
      'AttemptEnded',
      'RunEnded',
      'LateResult'
    ])
  })

  it('names its layer and length in the event', async () => {
    const { time } = await once(within(100), (time) => script(time, succeeds(1, 300)))
    expect(only(time.log, 'TimeoutFired')).toEqual([
      { _tag: 'TimeoutFired', run: 1, at: 100, layer: 'timeout', timeout: 100 }
    ])
  })

  it('aborts only its own attempt among concurrent calls', async () => {
    const time = virtual()
    const runner = Runner.make(within(100))(time.runtime)()
    const slow = script(time, heeding(succeeds(1, 1000)))
    const quick = script(time, heeding(succeeds(2, 80)))
    const first = time.start(runner.runWith(slow.operation))
    await time.advance(50)
    const second = time.start(runner.runWith(quick.operation))
    await time.settle()
    expect(await first).toEqual(timedOut(100))
    expect(await second).toEqual(E.right(2))
    expect(slow.calls[0]!.attempt!.signal.aborted).toBe(true)
    expect(quick.calls[0]!.attempt!.signal.aborted).toBe(false)
  })

  it('counts from the start of each call, in any order of lengths', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ startsAt: fc.nat(200), takes: fc.nat(200) }), { minLength: 1, maxLength: 20 }),
        fc.integer({ min: 1, max: 200 }),
        async (calls, limit) => {
          const time = virtual()
          const runner = Runner.make(within(limit))(time.runtime)()
          const answers: Array<readonly [E.Either<unknown, number>, number]> = []
          for (const [index, { startsAt, takes }] of calls.entries()) {
            time.after(startsAt, () => {
              void time.start(runner.run(script(time, succeeds(index, takes)).task)).then((answer) => {
                answers[index] = [answer, time.now()]
              })
            })
          }
          expect(await time.settle()).toEqual(nothingLeft)
          for (const [index, { startsAt, takes }] of calls.entries()) {
            const [answer, at] = answers[index]!
            if (takes < limit) expect([answer, at]).toEqual([E.right(index), startsAt + takes])
            if (takes > limit) expect([answer, at]).toEqual([timedOut(limit), startsAt + limit])
          }
        }
      ),
      { numRuns: 15 }
    )
  })

  it('gives one answer, whichever of two is first, when both are due at once', async () => {
    const seen = new Set<string>()
    const found = await interleavings({ seeds: 40 }, async (time) => {
      const runner = Runner.make(within(100))(time.runtime)()
      const answer = await time.run(runner.run(script(time, succeeds(1, 100)).task))
      seen.add(answer._tag)
      expect(await time.settle()).toEqual(nothingLeft)
      expect(only(time.log, 'RunEnded')).toHaveLength(1)
      expect(runner.status()).toEqual({ inFlight: 0, hanging: 0, accepting: true })
    })
    expect(found).toEqual([])
    expect([...seen].sort()).toEqual(['Left', 'Right'])
  })

  describe('how long', () => {
    it('Infinity is no layer at all', async () => {
      const time = virtual()
      const timer = jest.spyOn(time.runtime.clock, 'timer')
      const runner = Runner.make(within(Infinity))(time.runtime)()
      expect(await time.run(runner.run(script(time, succeeds(1, 100 * day)).task))).toEqual(E.right(1))
      expect(timer).not.toHaveBeenCalled()
      expect(tags(time.log)).toEqual(['RunStarted', 'AttemptStarted', 'AttemptEnded', 'RunEnded'])
    })

    it.each([2 ** 31 - 1, 2 ** 31, 2 ** 31 + 1, 30 * day, 365 * day])('%d ms really wait', async (ms) => {
      const late = await once(within(ms), (time) => script(time, succeeds(1, ms + 1)))
      expect(late.answer).toEqual(timedOut(ms))
      expect(late.answeredAt).toBe(ms)
      const early = await once(within(ms), (time) => script(time, succeeds(1, ms - 1)))
      expect(early.answer).toEqual(E.right(1))
      expect(await early.time.settle()).toEqual(nothingLeft)
    })

    it('no timer is armed for longer than the platform can', async () => {
      const time = virtual()
      const timer = jest.spyOn(time.runtime.clock, 'timer')
      const runner = Runner.make(within(60 * day))(time.runtime)()
      await time.run(runner.run(script(time, succeeds(1, 61 * day)).task))
      expect(timer.mock.calls.length).toBeGreaterThan(2)
      for (const [ms] of timer.mock.calls) expect(ms).toBeLessThanOrEqual(2 ** 31 - 1)
    })

    it('a fraction of a millisecond is rounded up, never down', async () => {
      const { answeredAt, answer } = await once(within(10.2), (time) => script(time, succeeds(1, 300)))
      expect(answer).toEqual(timedOut(10.2))
      expect(answeredAt).toBe(11)
    })

    it.each([0, -1, NaN, '3', null, undefined, -Infinity])('%p is impossible', async (ms) => {
      const policy = within(ms as number)
      expect(Policy.validate(policy)).toEqual([
        { path: 'timeout.ms', value: ms, allowed: 'milliseconds, > 0, or Infinity' }
      ])
      const operation = jest.fn(TE.right(1))
      const answer = await Runner.make(policy)(virtual().runtime)().run(operation)()
      expect(answer).toMatchObject({ left: { _tag: 'Defect', kind: 'Invalid', at: 'policy' } })
      expect(operation).not.toHaveBeenCalled()
    })
  })

  describe('where it stands', () => {
    const again = Policy.retry(pipe(Schedule.constant(10), Schedule.take(3)))

    it('inside a retry it bounds each attempt', async () => {
      const { answer, answeredAt, scripted } = await once(pipe(within(100), again), (time) =>
        script<string, number>(time, succeeds(1, 150), fails('x', 90), succeeds(2, 99))
      )
      expect(answer).toEqual(E.right(2))
      expect(answeredAt).toBe(100 + 10 + 90 + 10 + 99)
      expect(scripted.calls).toHaveLength(3)
      expect(scripted.calls.map(({ attempt }) => attempt!.signal.aborted)).toEqual([true, false, false])
    })

    it('outside it the total: one that fires during an attempt', async () => {
      const { answer, answeredAt, scripted, time } = await once(
        pipe(Policy.id<string, number>(), again, Policy.timeout(100)),
        (time) => script<string, number>(time, fails('x', 60), heeding(succeeds(1, 60)))
      )
      expect(answer).toEqual(timedOut(100))
      expect(answeredAt).toBe(100)
      await time.settle()
      expect(scripted.calls.map(({ attempt }) => attempt!.signal.aborted)).toEqual([false, true])
    })

    it('one that fires during a backoff calls nothing more', async () => {
      const { answer, answeredAt, scripted, time } = await once(
        pipe(Policy.id<string, number>(), Policy.retry(Schedule.constant(1000)), Policy.timeout(100)),
        (time) => script<string, number>(time, fails('x', 60))
      )
      expect(answer).toEqual(timedOut(100))
      expect(answeredAt).toBe(100)
      expect(await time.settle()).toEqual(nothingLeft)
      expect(time.now()).toBe(100)
      expect(scripted.calls).toHaveLength(1)
    })

    it('the nearer of two ends the attempt; the outer one bounds the sum', async () => {
      const { answer, answeredAt } = await once(pipe(within(50), again, Policy.timeout(100)), (time) =>
        script(time, succeeds(1, 500))
      )
      // 50, 10, then 40 of the second attempt
      expect(answer).toEqual(timedOut(100))
      expect(answeredAt).toBe(100)
    })

    it('counts the time of an effectful validator inside it', async () => {
      const time = virtual()
      const validating = script(time, heeding(succeeds(2, 60)))
      const policy = pipe(
        Policy.id<string, number>(),
        Policy.ensureWith((_n: number) => validating.task),
        Policy.timeout(100)
      )
      const answer = await time.run(Runner.make(policy)(time.runtime)().run(script(time, succeeds(1, 60)).task))
      expect(answer).toEqual(timedOut(100))
      expect(time.now()).toBe(100)
    })
  })

  describe('grace', () => {
    it('waits for an operation that settles in it, and answers then', async () => {
      const { answer, answeredAt, runner, time } = await once(within(100, { grace: 50 }), (time) =>
        script(time, succeeds(1, 120))
      )
      expect(answer).toEqual(timedOut(100))
      expect(answeredAt).toBe(120)
      expect(runner.status().hanging).toBe(0)
      expect(await time.settle()).toEqual(nothingLeft)
      expect(time.now()).toBe(120)
    })

    it('answers at its end if the operation has not settled', async () => {
      const { answer, answeredAt, runner, time } = await once(within(100, { grace: 50 }), (time) =>
        script(time, succeeds(1, 500))
      )
      expect(answer).toEqual(timedOut(100))
      expect(answeredAt).toBe(150)
      expect(runner.status().hanging).toBe(1)
      expect(await time.settle()).toEqual(nothingLeft)
      expect(runner.status().hanging).toBe(0)
    })

    it('Infinity waits for as long as it takes', async () => {
      const { answer, answeredAt, time } = await once(within(100, { grace: Infinity }), (time) =>
        script(time, fails('x', 5000))
      )
      expect(answer).toEqual(timedOut(100))
      expect(answeredAt).toBe(5000)
      expect(await time.settle()).toEqual(nothingLeft)
    })

    it('the attempt is aborted when the time is over, not when the grace is', async () => {
      const { answeredAt, scripted } = await once(within(100, { grace: 50 }), (time) =>
        script(time, heeding(succeeds(1, 500)))
      )
      expect(scripted.calls[0]!.attempt!.signal.aborted).toBe(true)
      expect(answeredAt).toBe(100)
    })

    it('waits for nothing where nothing runs', async () => {
      const { answeredAt, answer } = await once(
        pipe(
          Policy.id<string, number>(),
          Policy.retry(Schedule.constant(1000)),
          Policy.timeout(100, { grace: Infinity })
        ),
        (time) => script<string, number>(time, fails('x'))
      )
      expect(answer).toEqual(timedOut(100))
      expect(answeredAt).toBe(100)
    })

    it.each([50, Infinity])('an abort within a grace of %d ends it at once', async (grace) => {
      const time = virtual()
      const caller = time.signal()
      time.after(120, () => {
        caller.abort('enough')
      })
      const runner = Runner.make(within(100, { grace }))(time.runtime)()
      const answer = await time.run(runner.runWith(script(time, succeeds(1, 500)).operation, { signal: caller.signal }))
      expect(answer).toEqual(E.left({ _tag: 'Aborted', by: 'caller', reason: 'enough' }))
      expect(time.now()).toBe(120)
      expect(runner.status().hanging).toBe(1)
      expect(await time.settle()).toEqual(nothingLeft)
      expect(runner.status().hanging).toBe(0)
    })

    it('a timeout outside is not kept waiting by it', async () => {
      const { answer, answeredAt } = await once(pipe(within(100, { grace: Infinity }), Policy.timeout(150)), (time) =>
        script(time, succeeds(1, 500))
      )
      expect(answer).toEqual(timedOut(150))
      expect(answeredAt).toBe(150)
    })

    it('0 is the same as none', async () => {
      const { answeredAt } = await once(within(100, { grace: 0 }), (time) => script(time, succeeds(1, 500)))
      expect(answeredAt).toBe(100)
    })

    it.each([-1, NaN, '5', null])('%p is impossible', (grace) => {
      expect(Policy.validate(within(100, { grace: grace as number }))).toEqual([
        { path: 'timeout.grace', value: grace, allowed: 'milliseconds, >= 0, or Infinity, or nothing' }
      ])
    })

    it('that cannot be read is impossible, and nothing throws', () => {
      const policy = within(100, {
        get grace(): number {
          return raise('oh')
        }
      })
      expect(Policy.validate(policy).map(({ path }) => path)).toEqual(['timeout.grace'])
      expect(typeof Policy.show(policy)).toBe('string')
    })
  })

  it("an abort is the caller's, though the time is over a moment later", async () => {
    const time = virtual()
    const caller = time.signal()
    time.after(99, () => {
      caller.abort('enough')
    })
    const scripted = script(time, heeding(succeeds(1, 500)))
    const runner = Runner.make(within(100))(time.runtime)()
    const answer = await time.run(runner.runWith(scripted.operation, { signal: caller.signal }))
    expect(answer).toEqual(E.left({ _tag: 'Aborted', by: 'caller', reason: 'enough' }))
    expect(scripted.calls[0]!.attempt!.signal.reason).toEqual({ _tag: 'Aborted', by: 'caller', reason: 'enough' })
    const { operations, timers } = await time.settle()
    expect({ operations, timers }).toEqual({ operations: 0, timers: 0 })
    expect(only(time.log, 'TimeoutFired')).toEqual([])
  })

  it('the rejection that one caller gets is not another one’s to change', async () => {
    const time = virtual()
    const runner = Runner.make(within(100))(time.runtime)()
    const first = await time.run(runner.run(script(time, succeeds(1, 500)).task))
    try {
      Object.assign(first, { left: 'changed' })
    } catch {
      // it is frozen
    }
    expect(await time.run(runner.run(script(time, succeeds(1, 500)).task))).toEqual(timedOut(100))
  })

  it('shows its settings', () => {
    expect(Policy.show(within(2500))).toBe('timeout(2.5s)\n└─ operation')
    expect(Policy.show(within(100, { grace: 50 }))).toBe('timeout(100ms, grace: 50ms)\n└─ operation')
    expect(Policy.show(within(Infinity, { grace: Infinity }))).toBe('timeout(forever, grace: forever)\n└─ operation')
    expect(Policy.show(within(NaN))).toBe('timeout(NaN)\n└─ operation')
  })

  it('advises where an outer one never lets an inner one fire', () => {
    const nested = (inner: number, outer: number) => Policy.advise(pipe(within(inner), Policy.timeout(outer)))
    expect(nested(100, 101)).toEqual([])
    expect(nested(100, 100).map(({ path }) => path)).toEqual(['timeout#2.ms'])
    expect(nested(100, 50)).toEqual([
      {
        path: 'timeout#2.ms',
        value: 50,
        allowed: 'more than the 100ms that a timeout inside it allows, or that one never fires'
      }
    ])
    // one that never fires anyway is no reason
    expect(nested(Infinity, 100)).toEqual([])
    expect(nested(Infinity, Infinity)).toEqual([])
    // and what cannot be is for validate
    expect(Policy.advise(pipe(Policy.id<string, number>(), Policy.timeout(-1)))).toEqual([])
    expect(
      Policy.advise(pipe(Policy.id<string, number>(), Policy.timeout(100, { grace: 400 }), Policy.deadline(500)))
    ).toEqual([
      { path: 'deadline.ms', value: 500, allowed: 'more than the 500ms that a timeout inside it allows with its grace' }
    ])
    expect(
      Policy.advise(pipe(Policy.id<string, number>(), Policy.timeout(100, { grace: 400 }), Policy.deadline(501)))
    ).toEqual([])
    expect(
      Policy.advise(pipe(Policy.id<string, number>(), Policy.timeout(100, { grace: Infinity }), Policy.deadline(500)))
    ).toEqual([])
  })
})
