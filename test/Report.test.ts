import * as E from 'fp-ts/Either'
import * as TE from 'fp-ts/TaskEither'
import { pipe } from 'fp-ts/function'
import fc from 'fast-check'
import { Flag, Policy, Report, Runner, Runtime, Schedule, Store, Trip } from 'resilience-ts'
import { fails, hangs, heeding, script, succeeds, throws, virtual, type VirtualRuntime } from 'resilience-ts/testing'
import { counted } from './guarantees/counting'
import { database } from './stores'
import { defect, nothingLeft, raise, tags } from './support'

const id = Policy.id<string, number>()

const reported = async <E2, A2>(
  policy: Policy.Policy<string, number, E2, A2>,
  lines: (time: VirtualRuntime) => ReturnType<typeof script<string, number>>,
  options: Runner.RunOptions & Runner.ReportOptions = {}
) => {
  // nobody else listens
  const time = virtual({ log: false })
  const runner = Runner.make(policy)(time.runtime)()
  const report = await time.run(runner.runReport(lines(time).operation, options))
  return { report, time, runner }
}

describe('a report', () => {
  it('tells each attempt, each decision with its reason, and the totals', async () => {
    const policy = pipe(id, Policy.timeout(50), Policy.retry(pipe(Schedule.exponential(100), Schedule.take(2))))
    const { report, time } = await reported(policy, (time) =>
      script<string, number>(time, fails('a', 10), heeding(succeeds(1, 500)), fails('c', 20))
    )
    const timedOut = { _tag: 'TimedOut', timeout: 50 }
    expect(report).toEqual({
      result: E.left('c'),
      attempts: [
        { attempt: 1, startedAt: 0, duration: 10, outcome: E.left('a') },
        { attempt: 2, startedAt: 110, duration: 50, outcome: { _tag: 'Aborted', by: 'timeout', reason: timedOut } },
        { attempt: 3, startedAt: 360, duration: 20, outcome: E.left('c') }
      ],
      decisions: [
        { _tag: 'RetryScheduled', layer: 'retry', attempt: 1, at: 10, delay: 100, error: 'a' },
        { _tag: 'TimeoutFired', layer: 'timeout', attempt: 2, at: 160, timeout: 50 },
        { _tag: 'RetryScheduled', layer: 'retry', attempt: 2, at: 160, delay: 200, error: timedOut },
        {
          _tag: 'RetryStopped',
          layer: 'retry',
          attempt: 3,
          at: 380,
          reason: { _tag: 'Attempts', limit: 2 },
          error: 'c'
        }
      ],
      totals: { attempts: 3, retries: 2, elapsed: 380, waited: 300, working: 80, omitted: 0 }
    })
    expect(await time.settle()).toEqual(nothingLeft)
    expect(time.log).toEqual([])
  })

  it('tells what a circuit breaker did, and what its store did not', async () => {
    const time = virtual({ log: false })
    const store = Store.make({ update: () => Promise.reject(new Error('no connection')) })()
    const trip = Trip.consecutiveFailures(2)
    const policy = pipe(
      id,
      Policy.circuitBreaker({ trip, openFor: 1000, name: 'users' }),
      Policy.retry(pipe(Schedule.constant(10), Schedule.take(5)))
    )
    const runner = Runner.make(policy)(pipe(time.runtime, Runtime.withStore(store)))()
    const report = await time.run(runner.runReport(script(time, fails('down')).operation))
    const open = { _tag: 'CircuitOpen', reason: 'open', retryAfter: 990 }
    expect(report.result).toEqual(E.left(open))
    const failed = { _tag: 'StoreFailed', layer: 'circuitBreaker', name: 'circuitBreaker/users' }
    expect(report.decisions).toMatchObject([
      { ...failed, attempt: 0 },
      { _tag: 'RetryScheduled', attempt: 1 },
      { ...failed, attempt: 1 },
      {
        _tag: 'CircuitChanged',
        layer: 'circuitBreaker',
        from: 'closed',
        to: 'open',
        reason: { _tag: 'ConsecutiveFailures', failures: 2 }
      },
      { _tag: 'RetryScheduled', attempt: 2 },
      { ...failed, attempt: 2 },
      { _tag: 'CallRefused', error: open },
      { _tag: 'RetryStopped', reason: { _tag: 'Refused' } }
    ])
    expect(Report.show(report)).toContain('circuitBreaker: open (ConsecutiveFailures)')
    expect(await time.settle()).toEqual(nothingLeft)
  })

  it('calls a decision as its event is called, but counts calls of the operation, and from the start of the run', async () => {
    const again = Policy.retry(pipe(Schedule.constant(10), Schedule.take(1)))
    const time = virtual()
    const runner = Runner.make(pipe(Policy.id<unknown, unknown>(), again, counted, again))(time.runtime)()
    await time.advance(1000)
    const { decisions } = await time.run(runner.runReport(script<unknown, unknown>(time, fails('x', 5)).operation))
    const stop = { reason: { _tag: 'Attempts', limit: 1 }, error: 'x' }
    expect(decisions).toEqual([
      { _tag: 'RetryScheduled', layer: 'retry', attempt: 1, at: 5, delay: 10, error: 'x' },
      { _tag: 'RetryStopped', layer: 'retry', attempt: 2, at: 20, ...stop },
      { _tag: 'RetryScheduled', layer: 'retry#2', attempt: 2, at: 20, delay: 10, error: 'x' },
      { _tag: 'RetryScheduled', layer: 'retry', attempt: 3, at: 35, delay: 10, error: 'x' },
      { _tag: 'RetryStopped', layer: 'retry', attempt: 4, at: 50, ...stop },
      { _tag: 'RetryStopped', layer: 'retry#2', attempt: 4, at: 50, ...stop }
    ])
    // what the run and a strategy of the user's say is none
    const none = ['RunStarted', 'AttemptStarted', 'AttemptEnded', 'Custom', 'RunEnded']
    expect(tags(time.log)).toEqual(expect.arrayContaining(none))
    expect(decisions.map(({ _tag }) => _tag)).toEqual(tags(time.log).filter((tag) => !none.includes(tag)))
  })

  it('tells what ensure refused and a fallback recovered', async () => {
    const policy = pipe(
      id,
      Policy.ensure((n: number) => n > 5),
      Policy.fallbackTo(0)
    )
    const { report } = await reported(policy, (time) => script(time, succeeds(1, 10)))
    const error = { _tag: 'EnsureFailed', value: 1 }
    expect(report.result).toEqual(E.right(0))
    expect(report.attempts.map(({ outcome }) => outcome)).toEqual([E.right(1)])
    expect(report.decisions).toEqual([
      { _tag: 'ResultRefused', layer: 'ensure', attempt: 1, at: 10, error },
      { _tag: 'FallbackUsed', layer: 'fallbackTo', attempt: 1, at: 10, error }
    ])
  })

  it('tells that a deadline was reached', async () => {
    const { report } = await reported(id, (time) => script<string, number>(time, hangs), { deadline: 40 })
    expect(report.result).toEqual(E.left({ _tag: 'DeadlineExceeded', deadline: 40 }))
    expect(report.decisions).toEqual([{ _tag: 'DeadlineReached', layer: 'options.deadline', attempt: 1, at: 40 }])
    expect(report.totals).toEqual({ attempts: 1, retries: 0, elapsed: 40, waited: 0, working: 40, omitted: 0 })
  })

  it('counts from the start of its own run', async () => {
    const time = virtual()
    const runner = Runner.make(pipe(id, Policy.retry(pipe(Schedule.constant(5), Schedule.take(1)))))(time.runtime)()
    await time.advance(1000)
    const report = await time.run(runner.runReport(script(time, fails('x', 10)).operation))
    expect(report.attempts.map(({ startedAt }) => startedAt)).toEqual([0, 15])
    expect(report.decisions.map(({ at }) => at)).toEqual([10, 25])
    expect(report.totals.elapsed).toBe(25)
  })

  it('waited is what was really waited: hooks included, and no more than that when it is cut off', async () => {
    const schedule = pipe(Schedule.constant(100), Schedule.take(1))
    const time = virtual()
    const hook = script(time, succeeds(undefined, 30))
    const policy = pipe(id, Policy.retry(schedule, { beforeRetry: () => hook.task as never }))
    const runner = Runner.make(policy)(time.runtime)()
    expect((await time.run(runner.runReport(script(time, fails('x', 10)).operation))).totals).toMatchObject({
      elapsed: 150,
      waited: 130,
      working: 20
    })
    const { report } = await reported(pipe(id, Policy.retry(schedule), Policy.timeout(60)), (time) =>
      script<string, number>(time, fails('x', 10))
    )
    expect(report.totals).toMatchObject({ elapsed: 60, waited: 50, working: 10 })
  })

  it('waited is no more than the wait: what a timeout, a flag or another retry lets come after it is none', async () => {
    const pause = Policy.retry(Schedule.constant(1000))
    const once = (time: VirtualRuntime) => script<string, number>(time, fails('x', 10))
    const waited = async (
      policy: (time: VirtualRuntime) => Policy.Policy<string, number, unknown, unknown>
    ): Promise<unknown> => {
      const time = virtual()
      const { totals } = await time.run(Runner.make(policy(time))(time.runtime)().runReport(once(time).operation))
      return [totals.waited, totals.elapsed]
    }
    const slow = (time: VirtualRuntime) => script<never, number>(time, succeeds(1, 500)).task
    const cutOff = pipe(id, pause, Policy.timeout(100))
    expect(
      await waited((time) =>
        pipe(
          cutOff,
          Policy.fallbackWith(() => slow(time))
        )
      )
    ).toEqual([90, 600])
    expect(
      await waited((time) => {
        const flag = Flag.make()
        time.after(60, flag.set)
        return pipe(
          id,
          Policy.retryOrElse(Schedule.constant(1000), () => slow(time), { stopOn: flag })
        )
      })
    ).toEqual([50, 560])
    // each wait is counted once, though one follows the other without an attempt
    expect(await waited(() => pipe(cutOff, Policy.retry(pipe(Schedule.constant(7), Schedule.take(1)))))).toEqual([
      90 + 7 + 90,
      100 + 7 + 100
    ])
  })

  it('waited goes on while a store takes note of the attempt before', async () => {
    const time = virtual()
    const policy = pipe(
      id,
      Policy.circuitBreaker({ trip: Trip.consecutiveFailures(1), openFor: 1000, name: 'users' }),
      Policy.retry(Schedule.constant(100))
    )
    // each answer takes 20
    const runtime = pipe(time.runtime, Runtime.withStore(database(time).connect({ delay: 10 })))
    const { decisions, totals } = await time.run(
      Runner.make(policy)(runtime)().runReport(script(time, fails('x', 10)).operation)
    )
    expect(decisions.map(({ _tag, at }) => [_tag, at])).toEqual([
      ['RetryScheduled', 30],
      ['CircuitChanged', 50],
      ['CallRefused', 150],
      ['RetryStopped', 150]
    ])
    expect(totals.waited).toBe(120)
  })

  it('the task itself always succeeds', async () => {
    const broken = await reported(id, (time) => script<string, number>(time, throws('oh')))
    expect(broken.report.result).toEqual(E.left(defect('Thrown', 'operation', 'oh')))
    expect(broken.report.attempts).toHaveLength(1)
    const invalid = await reported(pipe(id, Policy.timeout(NaN)), (time) => script(time, succeeds(1)))
    expect(invalid.report).toMatchObject({
      result: { left: { kind: 'Invalid' } },
      attempts: [],
      decisions: [],
      totals: { attempts: 0, retries: 0, elapsed: 0, waited: 0, working: 0, omitted: 0 }
    })
    const aborted = await reported(id, (time) => script(time, succeeds(1)), { signal: AbortSignal.abort('enough') })
    expect(aborted.report.result).toEqual(E.left({ _tag: 'Aborted', by: 'caller', reason: 'enough' }))
    expect(aborted.report.attempts).toEqual([])
  })

  it('is of one run only, though many share a runner', async () => {
    const time = virtual()
    const runner = Runner.make(pipe(id, Policy.retry(pipe(Schedule.constant(5), Schedule.take(9)))))(time.runtime)()
    const all = [1, 2, 3].map((n) =>
      time.start(
        runner.runReport(
          script(time, ...([...Array.from({ length: n }, () => fails('x', n)), succeeds(n, n)] as never as [never]))
            .operation
        )
      )
    )
    await time.settle()
    const reports = await Promise.all(all)
    expect(reports.map(({ totals }) => totals.attempts)).toEqual([2, 3, 4])
    expect(reports.map(({ attempts }) => attempts.map(({ attempt }) => attempt))).toEqual([
      [1, 2],
      [1, 2, 3],
      [1, 2, 3, 4]
    ])
  })

  it('a late result is not in it, as it is made before', async () => {
    const { report, time } = await reported(pipe(id, Policy.timeout(10)), (time) => script(time, succeeds(1, 100)))
    const before = JSON.stringify(report)
    await time.settle()
    expect(JSON.stringify(report)).toBe(before)
    expect(report.totals).toMatchObject({ attempts: 1, working: 10 })
  })

  it('beside an observer, both see everything', async () => {
    const time = virtual()
    const runner = Runner.make(id)(time.runtime)()
    const report = await time.run(runner.runReport(script(time, succeeds(1, 5)).operation))
    expect(report.totals.attempts).toBe(1)
    expect(time.log).toHaveLength(4)
  })

  it('is not disturbed by an observer that throws', async () => {
    const time = virtual()
    const runtime = { ...time.runtime, observe: () => raise('oh') }
    const runner = Runner.make(pipe(id, Policy.retry(pipe(Schedule.forever, Schedule.take(2)))))(runtime)()
    const report = await time.run(runner.runReport(script(time, fails('x')).operation))
    expect(report.totals).toMatchObject({ attempts: 3, retries: 2 })
  })
})

describe('keep', () => {
  const busy = (attempts: number, options: Runner.ReportOptions) =>
    reported(
      pipe(id, Policy.retry(pipe(Schedule.forever, Schedule.take(attempts - 1)))),
      (time) => {
        const scripted = script(time, fails('x'))
        // the calls of so many attempts are not kept
        return { ...scripted, operation: () => () => Promise.resolve(E.left('x')) }
      },
      options
    )

  it('the latest are listed, the totals count everything', async () => {
    const { report } = await busy(10, { keep: 3 })
    expect(report.attempts.map(({ attempt }) => attempt)).toEqual([8, 9, 10])
    expect(report.decisions.map(({ _tag, attempt }) => [_tag, attempt])).toEqual([
      ['RetryScheduled', 8],
      ['RetryScheduled', 9],
      ['RetryStopped', 10]
    ])
    expect(report.totals).toMatchObject({ attempts: 10, retries: 9, omitted: 14 })
  })

  it('0 lists nothing', async () => {
    const { report } = await busy(50, { keep: 0 })
    expect(report.attempts).toEqual([])
    expect(report.decisions).toEqual([])
    expect(report.totals).toMatchObject({ attempts: 50, retries: 49, omitted: 100 })
  })

  it('1000 unless given', async () => {
    const { report } = await busy(3000, {})
    expect(report.attempts).toHaveLength(1000)
    expect(report.decisions).toHaveLength(1000)
    expect(report.attempts[0]!.attempt).toBe(2001)
    expect(report.totals.omitted).toBe(4000)
  })

  it('Infinity lists all', async () => {
    const { report } = await busy(3000, { keep: Infinity })
    expect(report.attempts).toHaveLength(3000)
    expect(report.totals.omitted).toBe(0)
  })

  it.each([-1, 1.5, NaN, '5', null])('%p is impossible', async (keep) => {
    const { report } = await busy(5, { keep: keep as number })
    expect(report.result).toMatchObject({ left: { kind: 'Invalid', at: 'options', problems: [{ path: 'keep' }] } })
    expect(report.totals.attempts).toBe(0)
  })

  it('whatever it is, what is listed and what is omitted adds up', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 120 }), fc.nat(60), async (attempts, keep) => {
        const { report } = await busy(attempts, { keep })
        expect(report.attempts).toHaveLength(Math.min(attempts, keep))
        expect(report.decisions).toHaveLength(Math.min(attempts, keep))
        expect(report.attempts.length + report.decisions.length + report.totals.omitted).toBe(2 * attempts)
        expect(report.totals.attempts).toBe(attempts)
      }),
      { numRuns: 25 }
    )
  })

  it('a hundred thousand attempts hold no more errors than ten', async () => {
    const alive: Array<WeakRef<object>> = []
    const policy = pipe(Policy.id<object, number>(), Policy.retry(pipe(Schedule.forever, Schedule.take(1e5 - 1))))
    const time = virtual({ log: false })
    let calls = 0
    const report = await time.run(
      Runner.make(policy)(time.runtime)().runReport(
        () => async () => {
          const error = { call: ++calls }
          if (calls % 100 === 0) alive.push(new WeakRef(error))
          return E.left(error)
        },
        { keep: 5 }
      )
    )
    expect(report.totals).toMatchObject({ attempts: 1e5, omitted: 2e5 - 10 })
    expect(
      report.attempts.map(({ outcome }) =>
        E.isLeft(outcome as never) ? (outcome as unknown as E.Left<{ readonly call: number }>).left.call : 0
      )
    ).toEqual([99996, 99997, 99998, 99999, 100000])
  })
})

describe('show', () => {
  it('is a table of attempts and decisions, then the totals', async () => {
    const policy = pipe(
      id,
      Policy.timeout(50),
      Policy.retry(pipe(Schedule.exponential(100), Schedule.take(2))),
      Policy.fallbackTo(0)
    )
    const { report } = await reported(policy, (time) =>
      script<string, number>(time, fails('a', 10), heeding(succeeds(1, 500)), fails('c', 20))
    )
    expect(Report.show(report).split('\n')).toEqual([
      '#1   at 0ms      took 10ms     failure a -> retry: again in 100ms',
      '#2   at 110ms    took 50ms     aborted by timeout -> timeout: timed out after 50ms -> retry: again in 200ms',
      '#3   at 360ms    took 20ms     failure c -> retry: stop (Attempts) -> fallbackTo: recovered',
      '3 attempts, 2 retries, 380ms in all, 300ms of it waiting'
    ])
  })

  it('shows every kind of outcome and decision, by tag where there is one', async () => {
    const shown = async (
      policy: Policy.Policy<string, number, unknown, number>,
      lines: Parameters<typeof reported>[1],
      options?: Runner.RunOptions
    ) => Report.show((await reported(policy, lines, options)).report).split('\n')[0]
    expect(await shown(id, (time) => script(time, succeeds(1)))).toContain('success')
    expect(await shown(id, (time) => script<string, number>(time, throws('oh')))).toContain(
      'defect Thrown at operation'
    )
    expect(
      await shown(
        pipe(
          id,
          Policy.ensure((n: number) => n > 5)
        ),
        (time) => script(time, succeeds(1))
      )
    ).toContain('success -> ensure: refused (EnsureFailed)')
    expect(await shown(id, (time) => script<string, number>(time, hangs), { deadline: 5 })).toContain(
      'aborted by deadline -> options.deadline: reached'
    )
    expect(await shown(id, (time) => script<never, number>(time, fails({ _tag: 'Busy' } as never)))).toContain(
      'failure Busy'
    )
  })

  it('keeps its columns apart, however long it took', async () => {
    const [hour, minute] = [3_600_000, 60_000]
    const policy = pipe(id, Policy.retry(pipe(Schedule.constant(hour + 11 * minute + 6250), Schedule.take(1))))
    const { report } = await reported(policy, (time) =>
      script(time, fails('x', 0), fails('x', hour + 2 * minute + 3250))
    )
    expect(
      Report.show({ ...report, decisions: [] })
        .split('\n')
        .slice(0, 2)
    ).toEqual(['#1   at 0ms      took 0ms      failure x', '#2   at 1h 11m 6.25s took 1h 2m 3.25s failure x'])
  })

  it('has one line for each attempt, whatever line breaks are in the errors; and so has a summary', async () => {
    const { report } = await reported(id, (time) => script<string, number>(time, fails('a\nb\r\nc\u2028d\u2029e')))
    const shown = String.raw`a\nb\r\nc\u2028d\u2029e`
    expect(Report.show(report).split('\n')).toEqual([
      `#1   at 0ms      took 0ms      failure ${shown}`,
      '1 attempt, 0 retries, 0ms in all, 0ms of it waiting'
    ])
    expect(Report.summary(report)).toBe(`failed (${shown}) after 1 attempt in 0ms`)
  })

  it('says how much was omitted', async () => {
    const { report } = await reported(
      pipe(id, Policy.retry(pipe(Schedule.constant(5), Schedule.take(4)))),
      (time) => script(time, fails('x')),
      { keep: 1 }
    )
    expect(Report.show(report).split('\n')).toEqual([
      '#5   at 20ms     took 0ms      failure x -> retry: stop (Attempts)',
      '5 attempts, 4 retries, 20ms in all, 20ms of it waiting, 8 entries omitted'
    ])
  })

  it.each([
    ['an object without a prototype', Object.create(null)],
    ['one that cannot be shown', { toString: () => raise('oh') }],
    ['one with a tag that cannot be shown', { _tag: Object.create(null) as object }],
    ['a symbol', Symbol('x')],
    ['nothing', undefined],
    ['null', null]
  ])('never throws, whatever the error is: %s', async (_name, error: unknown) => {
    const time = virtual()
    const runner = Runner.make(Policy.id<unknown, number>())(time.runtime)()
    const report = await time.run(runner.runReport(() => TE.left(error)))
    expect(Report.show(report)).toContain('failure')
  })
})

describe('a summary', () => {
  const retrying = pipe(Policy.id<string, number>(), Policy.retry(pipe(Schedule.constant(100), Schedule.take(2))))
  const summary = async (
    policy: Policy.Policy<string, number, unknown, unknown>,
    ...lines: readonly [
      Parameters<typeof script<string, number>>[1],
      ...Array<Parameters<typeof script<string, number>>[1]>
    ]
  ) => {
    const time = virtual()
    const report = await time.run(Runner.make(policy)(time.runtime)().runReport(script(time, ...lines).operation))
    return Report.summary(report)
  }

  it('says in one line how a run went', async () => {
    expect(await summary(retrying, succeeds(1, 30))).toBe('succeeded after 1 attempt in 30ms')
    expect(await summary(retrying, fails('a', 10), succeeds(1, 30))).toBe(
      'succeeded after 2 attempts in 140ms, 100ms of it waiting'
    )
    expect(await summary(retrying, fails('a'))).toBe(
      'failed (a) after 3 attempts in 200ms, 200ms of it waiting; retry: Attempts'
    )
    expect(await summary(pipe(retrying, Policy.timeout(50)), hangs)).toBe('failed (TimedOut) after 1 attempt in 50ms')
    const invalid = pipe(retrying, Policy.timeout(-1), Policy.timeout(NaN))
    expect(await summary(invalid, hangs)).toBe(
      'failed (Defect Invalid at policy: timeout#2.ms is NaN; allowed: milliseconds, > 0, or Infinity, and 1 more) ' +
        'after 0 attempts in 0ms'
    )
    const polling = pipe(Policy.id<string, number>(), Policy.poll(Schedule.stop, { until: () => false }))
    expect(await summary(polling, succeeds(1))).toBe('failed (PollExhausted) after 1 attempt in 0ms; poll: Never')
  })

  it('gives no reason to stop where a retry outside went on, and the last one where it stopped as well', async () => {
    const twice = pipe(
      id,
      Policy.retry(pipe(Schedule.constant(5), Schedule.take(1))),
      Policy.retry(Schedule.delays([10]))
    )
    const failure = fails('x')
    expect(await summary(twice, failure, failure, succeeds(1))).toBe(
      'succeeded after 3 attempts in 15ms, 15ms of it waiting'
    )
    expect(await summary(twice, failure)).toBe(
      'failed (x) after 4 attempts in 20ms, 20ms of it waiting; retry#2: Delays'
    )
    const polled = pipe(
      id,
      Policy.poll(pipe(Schedule.constant(5), Schedule.take(1)), { until: (n) => n === 3 }),
      Policy.retry(Schedule.constant(10))
    )
    expect(await summary(polled, succeeds(1), succeeds(2), succeeds(3))).toBe(
      'succeeded after 3 attempts in 15ms, 15ms of it waiting'
    )
  })
})
