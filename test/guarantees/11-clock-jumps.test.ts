import * as O from 'fp-ts/Option'
import { Policy, Runner, Runtime, Schedule, Trip } from 'resilience-ts'
import { fails, script, succeeds, virtual } from 'resilience-ts/testing'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import { nothingLeft } from '../play'

const id = Policy.id<unknown, unknown>()
const day = 24 * 60 * 60 * 1000
const policies = {
  'a retry': pipe(id, Policy.retry(pipe(Schedule.exponential(100), Schedule.within(5000)))),
  'a retry on a cadence': pipe(id, Policy.retry(pipe(Schedule.cadence(300), Schedule.take(4)))),
  'a timeout': pipe(id, Policy.timeout(20)),
  'a deadline': pipe(id, Policy.retry(Schedule.constant(100)), Policy.deadline(1000)),
  'a breaker': pipe(
    id,
    Policy.circuitBreaker({
      trip: Trip.anyOf(Trip.timeWindow(200, { failureRate: 0.5, minimumCalls: 3 }), Trip.failuresWithin(3, 500)),
      openFor: 300,
      lease: 100,
      ramp: { over: 500 }
    }),
    Policy.retry(pipe(Schedule.constant(50), Schedule.take(40)), { retryRefused: true })
  ),
  'a retry with a hook': pipe(
    id,
    Policy.retry(pipe(Schedule.constant(100), Schedule.stopAfter(1000)), { beforeRetry: () => async () => {} })
  )
} as const
const jumps: Readonly<Record<string, (step: number) => number>> = {
  'forward by a day': () => day,
  'back by a day': () => -day,
  'back and forth': (step) => (step % 2 === 0 ? 10 * day : -30 * day)
}

const story = async (policy: (typeof policies)[keyof typeof policies], jump?: (step: number) => number) => {
  const time = virtual({ startAt: 1_700_000_000_000 })
  const runner = Runner.make(policy)(time.runtime)()
  const operation = script(time, fails('busy', 30))
  for (let step = 0; jump !== undefined && step < 40; step++) {
    time.after(step * 50 + 7, () => {
      time.jumpWallClock(jump(step))
    })
  }
  const report = await time.run(runner.runReport(operation.operation, { deadline: 4000 }))
  const leaks = await time.settle()
  return { report, leaks, calls: operation.calls.map(({ at, attempt }) => [at, attempt?.number]), log: time.log }
}

describe('guarantee 11: clock jumps are survived', () => {
  for (const [name, policy] of Object.entries(policies)) {
    for (const [how, jump] of Object.entries(jumps)) {
      it(`${name}: the wall clock jumps ${how}, and nothing changes`, async () => {
        const jumped = await story(policy, jump)
        expect(jumped).toEqual(await story(policy))
        expect(jumped.leaks).toEqual(nothingLeft)
      })
    }
  }

  it('elapsed time is monotonic', async () => {
    const { report, log } = await story(policies['a retry'], jumps['back and forth'])
    const times = log.map(({ at }) => at)
    expect(times).toEqual([...times].sort((a, b) => a - b))
    expect(report.totals.elapsed).toBeGreaterThan(0)
    for (const { duration, startedAt } of report.attempts) {
      expect(duration).toBe(30)
      expect(startedAt).toBeGreaterThanOrEqual(0)
    }
  })

  it('no strategy of today reads the wall clock', async () => {
    for (const policy of Object.values(policies)) {
      const time = virtual()
      let reads = 0
      const runtime: Runtime.Runtime = {
        ...time.runtime,
        clock: { ...time.runtime.clock, wallClock: () => (reads++, 0) }
      }
      await time.run(Runner.make(policy)(runtime)().run(script(time, fails('busy', 30)).task))
      expect(reads).toBe(0)
    }
  })

  it('a deadline crosses processes as remaining milliseconds', async () => {
    const [here, there] = [virtual({ startAt: 0 }), virtual({ startAt: 99 * day })]
    await there.advance(123_456)
    const left: Array<number> = []
    const remote = Runner.make(pipe(id, Policy.retry(Schedule.constant(100))))(there.runtime)()
    const operation = script<unknown, unknown>(here, fails('busy', 100), succeeds(1))
    const runner = Runner.make(pipe(id, Policy.retry(Schedule.constant(50)), Policy.deadline(1000)))(here.runtime)()
    await here.run(
      runner.runWith((attempt) => {
        left.push(attempt.deadline)
        return operation.operation(attempt)
      })
    )
    expect(left).toEqual([1000, 850])
    const far = script(there, fails('far', 1))
    const begun = there.now()
    const answer = await there.run(
      remote.runWith(
        (attempt) => {
          left.push(attempt.deadline)
          return far.operation(attempt)
        },
        { deadline: left[1] }
      )
    )
    expect(answer).toEqual(E.left('far'))
    expect(left[2]).toBe(850)
    expect(there.now() - begun).toBeLessThan(850)
  })

  describe('a snapshot of a breaker outlives the process, by the wall clock', () => {
    const noon = 1_700_000_000_000
    const make = (startAt: number) => {
      const time = virtual({ startAt })
      const policy = pipe(id, Policy.circuitBreaker({ trip: Trip.consecutiveFailures(1), openFor: 60_000 }))
      const control = Policy.circuitBreakerControl(Runner.make(policy)(time.runtime)())
      if (O.isNone(control)) throw new Error('there is no breaker')
      return { time, control: control.value }
    }

    it.each([
      ['a moment later', 0, 60_000],
      ['20 s later', 20_000, 40_000],
      ['a day later', day, 0],
      ['after the clock was set back a little', -5000, 60_000],
      ['after the clock was set back a day', -day, 60_000]
    ])('restored %s', (_when, later, left) => {
      const one = make(noon)
      one.control.forceOpen(60_000)()
      const text = JSON.stringify(one.control.snapshot())
      const other = make(noon + later)
      other.control.restore(JSON.parse(text) as Policy.CircuitSnapshot)()
      expect(other.control.status()).toMatchObject({ state: left > 0 ? 'open' : 'half-open', retryAfter: left })
    })

    it('once restored, it goes by the monotonic clock again', async () => {
      const one = make(noon)
      one.control.forceOpen(60_000)()
      const other = make(noon)
      other.control.restore(one.control.snapshot())()
      other.time.jumpWallClock(day)
      expect(other.control.status().retryAfter).toBe(60_000)
      other.time.jumpWallClock(-5 * day)
      await other.time.advance(10_000)
      expect(other.control.status().retryAfter).toBe(50_000)
    })
  })
})
