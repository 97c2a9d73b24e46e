/** Defects of the best-known libraries, by their numbers in the list of them, that retries, timeouts, fallbacks and runners could have. */
import * as E from 'fp-ts/Either'
import * as TE from 'fp-ts/TaskEither'
import { pipe } from 'fp-ts/function'
import { setFlagsFromString } from 'v8'
import { runInNewContext } from 'vm'
import * as O from 'fp-ts/Option'
import { type Event, Policy, Rejection, Runner, Runtime, Schedule, type Strategy, Trip } from 'resilience-ts'
import {
  fails,
  gives,
  hangs,
  heeding,
  interleavings,
  rejects,
  script,
  succeeds,
  throws,
  virtual,
  type Line
} from 'resilience-ts/testing'
import { defect, nothingLeft, only, raise } from './support'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

const id = Policy.id<string, number>()
const day = 24 * 60 * 60 * 1000

const breakerOf = (runner: Strategy.Steerable): Policy.CircuitBreakerControl =>
  pipe(
    Policy.circuitBreakerControl(runner),
    O.getOrElse((): Policy.CircuitBreakerControl => raise(new Error('no breaker')))
  )

describe('circuit breakers', () => {
  const down = (options: Partial<Policy.CircuitBreakerOptions<never, never, never>> = {}) => {
    const time = virtual({ startAt: 1_700_000_000_000 })
    const settings = { trip: Trip.consecutiveFailures(1), openFor: 100, ...options } as Policy.CircuitBreakerOptions
    const runner = Runner.make(pipe(id, Policy.circuitBreaker(settings)))(time.runtime)()
    const start = (line: Line<string, number>, given: Runner.RunOptions = {}): Promise<unknown> =>
      time.start(runner.runWith(script<string, number>(time, line).operation, given))
    const call = (line: Line<string, number>): Promise<unknown> =>
      time.run(runner.run(script<string, number>(time, line).task))
    return { time, runner, control: breakerOf(runner), start, call }
  }

  it.each([
    ['closes', succeeds(1, 150)],
    ['reopens', fails('down', 150)]
  ] as ReadonlyArray<readonly [string, Line<string, number>]>)(
    'defect 1: no result of a call admitted before the break %s the half-open breaker while the probe is running',
    async (_name, line) => {
      const { time, control, start, call } = down()
      const early = start(line)
      await call(fails('down'))
      await time.advance(100)
      const probe = start(succeeds(2, 100))
      await time.advance(50)
      await early
      expect(control.status()).toMatchObject({ state: 'half-open', probes: { running: 1, succeeded: 0, failed: 0 } })
      await time.advance(50)
      expect(await probe).toEqual(E.right(2))
      expect(control.status()).toMatchObject({ state: 'closed' })
    }
  )

  it('defect 2: a probe that hangs does not keep the breaker half-open for ever', async () => {
    const { time, control, start, call } = down({ lease: 1000 })
    control.forceOpen(1)()
    await time.advance(1)
    void start(hangs)
    await time.advance(1000)
    expect(control.status()).toMatchObject({ state: 'open', openings: 1 })
    await time.advance(100)
    expect(await call(succeeds(1))).toEqual(E.right(1))
    expect(control.status().state).toBe('closed')
  })

  it('defect 2: nor does one that is cancelled, abandoned by a timeout, or broken', async () => {
    for (const end of ['cancelled', 'abandoned', 'broken'] as const) {
      const time = virtual()
      const policy = pipe(
        id,
        Policy.circuitBreaker({ trip: Trip.consecutiveFailures(1), openFor: 100 }),
        Policy.timeout(500)
      )
      const runner = Runner.make(policy)(time.runtime)()
      breakerOf(runner).forceOpen(1)()
      await time.advance(1)
      const caller = time.signal()
      if (end === 'cancelled') time.after(50, caller.abort)
      const line = end === 'broken' ? rejects('oh', 50) : hangs
      await time.run(runner.runWith(script<string, number>(time, line).operation, { signal: caller.signal }))
      await time.advance(100)
      expect(await time.run(runner.run(TE.right(1)))).toEqual(E.right(1))
      expect(breakerOf(runner).status().state).toBe('closed')
    }
  })

  it('defect 3: a cancelled probe does not close the circuit', async () => {
    const { time, control, start } = down()
    control.forceOpen(1)()
    await time.advance(1)
    const caller = time.signal()
    void start(heeding(succeeds(1, 100)), { signal: caller.signal })
    caller.abort()
    await time.advance(0)
    expect(control.status().state).toBe('half-open')
  })

  it('defect 3: callers’ own aborts do not trip it', async () => {
    const { time, control, start } = down()
    for (const line of [hangs, heeding(fails('aborted', 100)), heeding(succeeds(1, 100))]) {
      const caller = time.signal()
      void start(line, { signal: caller.signal })
      caller.abort()
      await time.advance(0)
    }
    expect(control.status()).toMatchObject({ state: 'closed', generation: 1 })
  })

  it('defect 4: half-open does not admit every waiter at once', async () => {
    const { time, start, call } = down({ probes: 2 })
    await call(fails('down'))
    await time.advance(100)
    const all = Array.from({ length: 50 }, () => start(succeeds(1, 10)))
    await time.advance(10)
    expect(
      (await Promise.all(all)).filter((answer) => (answer as E.Either<unknown, unknown>)._tag === 'Right')
    ).toHaveLength(2)
  })

  it('defect 4: after closing, the backlog does not stampede', async () => {
    const { time, control, start, call } = down({ ramp: { over: 1000, from: 0.1 } })
    await call(fails('down'))
    await time.advance(100)
    await call(succeeds(1))
    expect(control.status()).toMatchObject({ state: 'closed', share: 0.1 })
    const all = Array.from({ length: 100 }, () => start(succeeds(1)))
    await time.advance(0)
    const passed = (await Promise.all(all)).filter(
      (answer) => (answer as E.Either<unknown, unknown>)._tag === 'Right'
    ).length
    expect(passed).toBeGreaterThanOrEqual(10)
    expect(passed).toBeLessThanOrEqual(11)
  })

  it('defect 5: a time window expires while idle: failures from three windows ago do not trip it', async () => {
    for (const trip of [Trip.timeWindow(1000, { failureRate: 0.5, minimumCalls: 5 }), Trip.failuresWithin(5, 1000)]) {
      const { time, control, call } = down({ trip })
      for (let n = 0; n < 4; n++) await call(fails('down'))
      await time.advance(3000)
      await call(fails('down'))
      expect(control.status().state).toBe('closed')
      for (let n = 0; n < 4; n++) await call(fails('down'))
      expect(control.status().state).toBe('open')
    }
  })

  it('defect 6: rejections by an inner semaphore are not counted in the error rate', async () => {
    const time = virtual()
    const policy = pipe(
      id,
      Policy.bulkhead(1),
      Policy.circuitBreaker({ trip: Trip.countWindow(10, { failureRate: 0.1, minimumCalls: 1 }), openFor: 100 })
    )
    const runner = Runner.make(policy)(time.runtime)()
    const first = time.start(runner.run(script(time, succeeds(1, 10)).task))
    for (let n = 0; n < 20; n++) {
      expect(await time.start(runner.run(TE.right(2)))).toMatchObject({ left: { _tag: 'BulkheadFull' } })
    }
    await time.advance(10)
    expect(await first).toEqual(E.right(1))
    expect(breakerOf(runner).status().state).toBe('closed')
  })

  it('defect 6: nor is what is answered without a call, such as a hit in a cache outside', async () => {
    // a cache stands outside of the breaker: what it answers never comes to that
    const { control, call } = down({ trip: Trip.countWindow(4, { failureRate: 0.5, minimumCalls: 4 }) })
    for (const line of [succeeds(1), succeeds(1), fails('down')]) await call(line)
    expect(control.status().state).toBe('closed')
    await call(fails('down'))
    expect(control.status().state).toBe('open')
  })

  it('defect 6: the first failure of all does not open it', async () => {
    for (const trip of [
      Trip.countWindow(100, { failureRate: 0.1 }),
      Trip.timeWindow(1000, { failureRate: 0.1 }),
      Trip.countWindow(100, { failureRate: 1 })
    ]) {
      const { control, call } = down({ trip })
      await call(fails('down'))
      expect(control.status().state).toBe('closed')
    }
  })

  it('defect 6: 100 % does open it, when all have failed', async () => {
    for (const trip of [Trip.countWindow(10, { failureRate: 1 }), Trip.timeWindow(1000, { failureRate: 1 })]) {
      const { control, call } = down({ trip })
      for (let n = 0; n < 9; n++) await call(fails('down'))
      expect(control.status().state).toBe('closed')
      await call(fails('down'))
      expect(control.status().state).toBe('open')
    }
  })

  it('defect 7: a restored snapshot counts its open time from when it opened', async () => {
    const { time, control, call } = down({ openFor: 1000 })
    await call(fails('down'))
    await time.advance(300)
    const text = JSON.stringify(control.snapshot())
    const later = virtual({ startAt: 1_700_000_000_000 + 700 })
    const runner = Runner.make(pipe(id, Policy.circuitBreaker({ trip: Trip.consecutiveFailures(1), openFor: 1000 })))(
      later.runtime
    )()
    breakerOf(runner).restore(JSON.parse(text) as Policy.CircuitSnapshot)()
    expect(breakerOf(runner).status()).toMatchObject({ state: 'open', retryAfter: 300 })
    await later.advance(300)
    expect(await later.run(runner.run(TE.right(1)))).toEqual(E.right(1))
  })
})

describe('cancellation and time', () => {
  it('defect 8: an abort during backoff is noticed at once, and the operation is not called again', async () => {
    for (const at of [1, 500, 59_999]) {
      const time = virtual()
      const caller = time.signal()
      const scripted = script(time, fails('x'))
      const runner = Runner.make(pipe(id, Policy.retry(Schedule.constant(60_000))))(time.runtime)()
      time.after(at, () => {
        caller.abort('enough')
      })
      const answer = await time.run(runner.runWith(scripted.operation, { signal: caller.signal }))
      expect(answer).toEqual(E.left({ _tag: 'Aborted', by: 'caller', reason: 'enough' }))
      expect(time.now()).toBe(at)
      expect(await time.settle()).toEqual(nothingLeft)
      expect(time.now()).toBe(at)
      expect(scripted.calls).toHaveLength(1)
    }
  })

  it('defect 8: nor is it when the abort and the end of the backoff are due at once, in any order', async () => {
    const seen = new Set<number>()
    const found = await interleavings({ seeds: 60 }, async (time) => {
      const caller = time.signal()
      const scripted = script(time, fails('x'))
      const runner = Runner.make(pipe(id, Policy.retry(Schedule.constant(100))))(time.runtime)()
      let callsAtAbort = -1
      time.after(100, () => {
        callsAtAbort = scripted.calls.length
        caller.abort()
      })
      await time.run(runner.runWith(scripted.operation, { signal: caller.signal }))
      expect(await time.settle()).toEqual(nothingLeft)
      expect(scripted.calls).toHaveLength(callsAtAbort)
      seen.add(callsAtAbort)
    })
    expect(found).toEqual([])
    expect([...seen].sort()).toEqual([1, 2])
  })

  it('defect 9: a timeout aborts its own attempt only, not every concurrent call', async () => {
    const time = virtual()
    const runner = Runner.make(pipe(id, Policy.timeout(100)))(time.runtime)()
    const scripts = [10, 1000, 20, 2000, 30].map((after) => script(time, heeding(succeeds(after, after))))
    const all = scripts.map((scripted) => time.start(runner.runWith(scripted.operation)))
    await time.settle()
    const timedOut = E.left({ _tag: 'TimedOut', timeout: 100 })
    expect(await Promise.all(all)).toEqual([E.right(10), timedOut, E.right(20), timedOut, E.right(30)])
    expect(scripts.map(({ calls }) => calls[0]!.attempt!.signal.aborted)).toEqual([false, true, false, true, false])
  })

  it('defect 10: the signal is not aborted on success, so a body can still be read', async () => {
    const time = virtual()
    const policy = pipe(
      id,
      Policy.timeout(100),
      Policy.retry(pipe(Schedule.constant(10), Schedule.take(2))),
      Policy.deadline(500)
    )
    const caller = time.signal()
    const signals: Array<AbortSignal> = []
    const runner = Runner.make(policy)(time.runtime)()
    const scripted = script<string, number>(time, fails('x', 5), succeeds(1, 5))
    await time.run(
      runner.runWith(
        (attempt) => {
          signals.push(attempt.signal)
          return scripted.operation(attempt)
        },
        { signal: caller.signal, deadline: 800 }
      )
    )
    await time.advance(10_000)
    caller.abort()
    await runner.close()
    expect(signals.map(({ aborted }) => aborted)).toEqual([false, false])
  })

  it('defect 10: a parent’s abort is not reported as a timeout', async () => {
    const time = virtual()
    const caller = time.signal()
    const scripted = script(time, heeding(succeeds(1, 500)))
    time.after(50, () => {
      caller.abort('enough')
    })
    const runner = Runner.make(pipe(id, Policy.timeout(100)))(time.runtime)()
    const answer = await time.run(runner.runWith(scripted.operation, { signal: caller.signal }))
    expect(answer).toEqual(E.left({ _tag: 'Aborted', by: 'caller', reason: 'enough' }))
    expect(scripted.calls[0]!.attempt!.signal.reason).toEqual({ _tag: 'Aborted', by: 'caller', reason: 'enough' })
    await time.settle()
    expect(only(time.log, 'TimeoutFired')).toEqual([])
  })

  it.each([2 ** 31, 2 ** 32 + 5, 30 * day])('defect 11: a delay of %d ms does not fire at once', async (ms) => {
    const time = virtual()
    const scripted = script<string, number>(time, fails('x'), succeeds(1))
    const runner = Runner.make(pipe(id, Policy.retry(Schedule.constant(ms))))(time.runtime)()
    expect(await time.run(runner.run(scripted.task))).toEqual(E.right(1))
    expect(scripted.calls.map(({ at }) => at)).toEqual([0, ms])
  })

  it('defect 11: an infinite delay is impossible, and an infinite timeout is none', async () => {
    const time = virtual()
    const infinite = pipe(id, Policy.retry(Schedule.constant(Infinity)))
    expect(Policy.validate(infinite).map(({ path }) => path)).toEqual(['retry.schedule.constant.delay'])
    const runner = Runner.make(pipe(id, Policy.timeout(Infinity)))(time.runtime)()
    expect(await time.run(runner.run(script(time, succeeds(1, 365 * day)).task))).toEqual(E.right(1))
  })

  it('defect 11: an unbounded exponential backoff saturates, and is no hot loop', async () => {
    const time = virtual()
    const scripted = script(time, fails('x'))
    const runner = Runner.make(pipe(id, Policy.retry(Schedule.exponential(1000, 10))))(time.runtime)()
    void time.start(runner.run(scripted.task))
    await time.advance(10 * 365 * day)
    // 1 s, 10 s, 100 s, … ten years are over before the tenth retry
    expect(scripted.calls.length).toBe(10)
    await runner.close()
  })

  it('defect 12: a timed-out attempt is retried, and does not go on unseen behind the scenes', async () => {
    const time = virtual()
    const scripted = script<string, number>(time, heeding(succeeds(1, 1000)), succeeds(2, 10))
    const policy = pipe(id, Policy.timeout(100), Policy.retry(pipe(Schedule.constant(50), Schedule.take(1))))
    const runner = Runner.make(policy)(time.runtime)()
    expect(await time.run(runner.runWith(scripted.operation))).toEqual(E.right(2))
    expect(scripted.calls.map(({ at, attempt }) => [at, attempt!.signal.aborted])).toEqual([
      [0, true],
      [150, false]
    ])
    expect((await time.settle()).operations).toBe(0)
  })

  it('defect 12: one that does go on is counted as hanging until it settles', async () => {
    const time = virtual()
    const policy = pipe(id, Policy.timeout(100), Policy.retry(pipe(Schedule.constant(50), Schedule.take(1))))
    const runner = Runner.make(policy)(time.runtime)()
    expect(await time.run(runner.run(script<string, number>(time, succeeds(1, 1000), succeeds(2, 10)).task))).toEqual(
      E.right(2)
    )
    expect(runner.status()).toEqual({ inFlight: 0, hanging: 1, accepting: true })
    let drained = -1
    void runner.drain().then(() => (drained = time.now()))
    await time.settle()
    expect(drained).toBe(1000)
    expect(only(time.log, 'LateResult')).toHaveLength(1)
  })

  it('defect 13: a million calls with one long-lived signal leave no listener behind', async () => {
    const time = virtual({ log: false })
    const caller = time.signal()
    const runner = Runner.make(pipe(id, Policy.retry(pipe(Schedule.forever, Schedule.take(1)))))(time.runtime)()
    const right = Promise.resolve(E.right(1))
    const operation = () => () => right
    // in batches, so that many share the signal at once; a tenth of a million is enough to see it grow
    for (let batch = 0; batch < 100; batch++) {
      const all = Array.from({ length: 1000 }, () => runner.runWith(operation, { signal: caller.signal })())
      expect(caller.listeners()).toBe(1)
      await Promise.all(all)
      expect(caller.listeners()).toBe(0)
    }
    const broken = [throws('oh'), rejects('oh'), gives(5), fails('x')]
    for (const line of broken) {
      await time.run(runner.runWith(script<string, number>(time, line).operation, { signal: caller.signal }))
      expect(caller.listeners()).toBe(0)
    }
  })

  it('defect 14: nothing is slept after the last failure', async () => {
    const time = virtual()
    const scripted = script(time, fails('x', 1))
    const runner = Runner.make(pipe(id, Policy.retry(pipe(Schedule.constant(100), Schedule.take(2)))))(time.runtime)()
    expect(await time.run(runner.run(scripted.task))).toEqual(E.left('x'))
    expect(time.now()).toBe(203)
    expect(only(time.log, 'RetryScheduled')).toHaveLength(2)
  })

  it.each([
    ['within', pipe(id, Policy.retry(pipe(Schedule.constant(100), Schedule.within(150))))],
    ['a deadline', pipe(id, Policy.retry(Schedule.constant(100)), Policy.deadline(150))]
  ] as ReadonlyArray<readonly [string, Policy.Policy<string, number, unknown, number>]>)(
    'defect 14: the budget is checked with the sleep, not before it: %s',
    async (_name, policy) => {
      const time = virtual()
      const scripted = script(time, fails('x', 30))
      expect(await time.run(Runner.make(policy)(time.runtime)().run(scripted.task))).toEqual(E.left('x'))
      // at 30 a delay of 100 still fits; at 160 the budget is over
      expect(scripted.calls.map(({ at }) => at)).toEqual([0, 130].slice(0, scripted.calls.length))
      for (const { at, delay } of only(time.log, 'RetryScheduled')) expect(at + delay).toBeLessThan(150)
    }
  )
})

describe('errors, hooks, composition', () => {
  it('defect 18: a throwing listener does not make a successful call run again, or fail', async () => {
    const time = virtual()
    const observe = jest.fn((_event: Event.Event): void => raise('oh'))
    const runtime: Runtime.Runtime = { ...time.runtime, observe }
    const operation = jest.fn(TE.right(1))
    const policy = pipe(id, Policy.timeout(100), Policy.retry(pipe(Schedule.forever, Schedule.take(3))))
    expect(await time.run(Runner.make(policy)(runtime)().run(operation))).toEqual(E.right(1))
    expect(operation).toHaveBeenCalledTimes(1)
    expect(observe.mock.calls.map(([event]) => event._tag)).toEqual([
      'RunStarted',
      'AttemptStarted',
      'AttemptEnded',
      'RunEnded'
    ])
  })

  it.each<[string, Line<never, never>, Rejection.Defect['kind'], unknown]>([
    ['throw null', throws(null), 'Thrown', null],
    ['throw undefined', throws(undefined), 'Thrown', undefined],
    ['a rejection with undefined', rejects(undefined, 5), 'Rejected', undefined],
    ['a rejection with null', rejects(null, 5), 'Rejected', null],
    ['a promise of undefined', gives(Promise.resolve(undefined)), 'Malformed', undefined]
  ])('defect 19: %s neither hangs it nor is taken for success', async (_name, line, kind, cause) => {
    const time = virtual()
    const runner = Runner.make(pipe(id, Policy.timeout(100), Policy.retry(Schedule.constant(10))))(time.runtime)()
    expect(await time.run(runner.run(script<string, number>(time, line).task))).toEqual(
      E.left(defect(kind, 'operation', cause))
    )
    expect(await time.settle()).toEqual(nothingLeft)
  })

  it('defect 19: a synchronous throw that is expected is retried like any failure', async () => {
    const time = virtual()
    let calls = 0
    const flaky = TE.tryCatch(
      () => (++calls < 3 ? raise(new Error('busy')) : Promise.resolve(calls)),
      (e) => (e as Error).message
    )
    const runner = Runner.make(pipe(id, Policy.retry(pipe(Schedule.constant(1), Schedule.take(5)))))(time.runtime)()
    expect(await time.run(runner.run(flaky))).toEqual(E.right(3))
  })

  it('defect 20: the last error is given back, not the most frequent', async () => {
    const time = virtual()
    const scripted = script(time, fails('often'), fails('often'), fails('often'), fails('last'))
    const runner = Runner.make(pipe(id, Policy.retry(pipe(Schedule.forever, Schedule.take(3)))))(time.runtime)()
    expect(await time.run(runner.run(scripted.task))).toEqual(E.left('last'))
  })

  it('defect 20: exhaustion can be told from a plain failure', async () => {
    const reasonOf = async (line: Line<string, number>): Promise<unknown> => {
      const time = virtual()
      const policy = pipe(
        id,
        Policy.retryOrElse(
          pipe(Schedule.forever, Schedule.take(2)),
          (exhausted: Rejection.Exhausted<string>) => TE.left(exhausted),
          { while: (e) => e === 'busy' }
        )
      )
      const answer = await time.run(Runner.make(policy)(time.runtime)().run(script(time, line).task))
      return E.isLeft(answer) && answer.left._tag === 'Exhausted' ? [answer.left.attempts, answer.left.reason] : answer
    }
    expect(await reasonOf(fails('busy'))).toEqual([3, { _tag: 'Attempts', limit: 2 }])
    expect(await reasonOf(fails('gone'))).toEqual([1, { _tag: 'Predicate' }])
  })

  it('defect 20: a bad result after exhaustion does not look like success', async () => {
    const time = virtual()
    const policy = pipe(
      id,
      Policy.ensure((n: number) => n > 5),
      Policy.retry(pipe(Schedule.constant(10), Schedule.take(2)))
    )
    const scripted = script(time, succeeds(1), succeeds(2), succeeds(3))
    expect(await time.run(Runner.make(policy)(time.runtime)().run(scripted.task))).toEqual(
      E.left({ _tag: 'EnsureFailed', value: 3 })
    )
    expect(scripted.calls).toHaveLength(3)
  })

  describe.each([NaN, -1, '3', null])('defect 22: %p is no setting', (wrong) => {
    const bad = wrong as number
    const policies: ReadonlyArray<readonly [string, Policy.Policy<string, number, unknown, unknown>]> = [
      ['timeout.ms', pipe(id, Policy.timeout(bad))],
      ['timeout.grace', pipe(id, Policy.timeout(5, { grace: bad }))],
      ['deadline.ms', pipe(id, Policy.deadline(bad))],
      ['deadline.reserve', pipe(id, Policy.deadline(5, { reserve: bad }))],
      ['retry.schedule.take.n', pipe(id, Policy.retry(pipe(Schedule.forever, Schedule.take(bad))))],
      ['retry.schedule.constant.delay', pipe(id, Policy.retry(Schedule.constant(bad)))],
      ['retry.while', pipe(id, Policy.retry(Schedule.forever, { while: bad as never }))],
      ['retry.retryRefused', pipe(id, Policy.retry(Schedule.forever, { retryRefused: bad as never }))],
      ['circuitBreaker.openFor', pipe(id, Policy.circuitBreaker({ trip: Trip.never, openFor: bad }))],
      ['circuitBreaker.lease', pipe(id, Policy.circuitBreaker({ trip: Trip.never, openFor: 1, lease: bad }))],
      ['circuitBreaker.probes', pipe(id, Policy.circuitBreaker({ trip: Trip.never, openFor: 1, probes: bad }))],
      [
        'circuitBreaker.trip.consecutiveFailures.n',
        pipe(id, Policy.circuitBreaker({ trip: Trip.consecutiveFailures(bad), openFor: 1 }))
      ],
      [
        'circuitBreaker.trip.timeWindow.window',
        pipe(id, Policy.circuitBreaker({ trip: Trip.timeWindow(bad, { failureRate: 1 }), openFor: 1 }))
      ]
    ]
    it.each(policies)('for %s', async (path, policy) => {
      expect(Policy.validate(policy).map((problem) => problem.path)).toContain(path)
      const operation = jest.fn(TE.right(1))
      const answer = await Runner.make(policy)(virtual().runtime)().run(operation)()
      expect(answer).toMatchObject({ left: { _tag: 'Defect', kind: 'Invalid' } })
      expect(operation).not.toHaveBeenCalled()
    })
  })

  it.each([
    ['timeout', pipe(id, Policy.timeout(0)), 'timeout.ms'],
    ['deadline', pipe(id, Policy.deadline(0)), 'deadline.ms']
  ] as ReadonlyArray<readonly [string, Policy.Policy<string, number, unknown, number>, string]>)(
    'defect 22: nor is 0, for a %s',
    (_name, policy, path) => {
      expect(Policy.validate(policy).map((problem) => problem.path)).toEqual([path])
    }
  )

  it('defect 23: a fallback can recover, by a value, a function, or an operation that takes its time', async () => {
    const time = virtual()
    const policies = [
      pipe(id, Policy.fallbackTo(0)),
      pipe(
        id,
        Policy.fallback((e) => e.length)
      ),
      pipe(
        id,
        Policy.fallbackWith((e) => script(time, succeeds(e.length, 50)).task)
      )
    ]
    for (const [index, policy] of policies.entries()) {
      expect(await time.run(Runner.make(policy)(time.runtime)().run(TE.left('x')))).toEqual(
        E.right(index === 0 ? 0 : 1)
      )
    }
  })

  it('defect 23: it does not recover what it was told to let pass', async () => {
    const time = virtual()
    const isGone = (e: string): e is 'gone' => e === 'gone'
    const f = jest.fn(() => 0)
    const runner = Runner.make(pipe(id, Policy.fallbackIf(isGone, f)))(time.runtime)()
    expect(await time.run(runner.run(TE.left('busy')))).toEqual(E.left('busy'))
    expect(await time.run(runner.run(() => raise('gone')))).toEqual(E.left(defect('Thrown', 'operation', 'gone')))
    expect(f).not.toHaveBeenCalled()
    expect(await time.run(runner.run(TE.left('gone')))).toEqual(E.right(0))
  })

  it('defect 25: a long retry keeps nothing for each attempt that it has made', async () => {
    const time = virtual({ log: false })
    const errors: Array<WeakRef<object>> = []
    let calls = 0
    let alive = -1
    const operation = async () => {
      const error = { call: ++calls }
      errors.push(new WeakRef(error))
      // between two turns of the retry, while it runs
      if (calls === 40_000) {
        time.after(0, () => {
          collectGarbage()
          alive = errors.filter((ref) => ref.deref() !== undefined).length
        })
      }
      return E.left(error)
    }
    const policy = pipe(Policy.id<object, number>(), Policy.retry(pipe(Schedule.forever, Schedule.take(49_999))))
    await time.run(Runner.make(policy)(time.runtime)().run(operation))
    expect(calls).toBe(50_000)
    // the last failure, and what the engine may still hold of the one before
    expect(alive).toBeGreaterThanOrEqual(1)
    expect(alive).toBeLessThan(10)
  })

  it('defect 26: neither attempts nor state are shared between concurrent calls', async () => {
    const time = virtual()
    const policy = pipe(id, Policy.timeout(40), Policy.retry(pipe(Schedule.exponential(10), Schedule.take(3))))
    const runner = Runner.make(policy)(time.runtime)()
    const hanging = time.start(runner.runReport(script(time, hangs).operation))
    const failing = time.start(runner.runReport(script(time, fails('x', 1)).operation))
    const passing = time.start(runner.runReport(script(time, fails('y', 1), succeeds(1, 1)).operation))
    await time.advance(1000)
    const reports = await Promise.all([hanging, failing, passing])
    expect(reports.map(({ totals }) => [totals.attempts, totals.retries, totals.waited])).toEqual([
      [4, 3, 70],
      [4, 3, 70],
      [2, 1, 10]
    ])
    expect(reports.map(({ attempts }) => attempts.map(({ startedAt }) => startedAt))).toEqual([
      [0, 50, 110, 190],
      [0, 11, 32, 73],
      [0, 11]
    ])
    expect(reports.map(({ result }) => result)).toEqual([
      E.left({ _tag: 'TimedOut', timeout: 40 }),
      E.left('x'),
      E.right(1)
    ])
  })
})
