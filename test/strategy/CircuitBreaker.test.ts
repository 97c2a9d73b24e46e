import * as E from 'fp-ts/Either'
import * as O from 'fp-ts/Option'
import * as TE from 'fp-ts/TaskEither'
import { pipe } from 'fp-ts/function'
import { type Event, Policy, Problem, Runner, Runtime, Schedule, Store, type Strategy, Trip } from 'resilience-ts'
import {
  fails,
  hangs,
  heeding,
  type Line,
  rejects,
  script,
  succeeds,
  throws,
  virtual,
  type VirtualRuntime
} from 'resilience-ts/testing'
import { defect, nothingLeft, only, raise } from '../support'
import { throwing, throwingSchedule } from '../trip/throwing'

const id = Policy.id<string, number>()
type Options = Policy.CircuitBreakerOptions<never, never, never>
type AnyRunner = Runner.Runner<string, number, unknown, number>

const controlOf = (runner: Strategy.Steerable, name?: string): Policy.CircuitBreakerControl =>
  pipe(
    Policy.circuitBreakerControl(runner, name),
    O.getOrElse((): Policy.CircuitBreakerControl => raise(new Error('no control')))
  )

interface Bench {
  readonly time: VirtualRuntime
  readonly runner: AnyRunner
  readonly control: Policy.CircuitBreakerControl
  /** Runs a call, and lets time pass until it is answered. */
  readonly call: (line: Line<string, number>, options?: Runner.RunOptions) => Promise<unknown>
  /** Starts a call. */
  readonly start: (line: Line<string, number>, options?: Runner.RunOptions) => Promise<unknown>
  /** Every change that was watched: from, to and why. */
  readonly changes: Array<string>
}

const bench = (
  options: Partial<Options> = {},
  around: (policy: Policy.Policy<string, number, unknown, number>) => Policy.Policy<string, number, unknown, number> = (
    p
  ) => p,
  time = virtual({ startAt: 1_700_000_000_000 })
): Bench => {
  const settings = { trip: Trip.consecutiveFailures(2), openFor: 1000, ...options } as Policy.CircuitBreakerOptions
  const runner: AnyRunner = Runner.make(around(pipe(id, Policy.circuitBreaker(settings))))(time.runtime)()
  const control = controlOf(runner)
  const changes: Array<string> = []
  control.watch(({ from, to, reason }) => changes.push(`${from} > ${to}: ${reason._tag}`))()
  const start: Bench['start'] = (line, given) => time.start(runner.runWith(script(time, line).operation, given ?? {}))
  const call: Bench['call'] = (line, given) => time.run(runner.runWith(script(time, line).operation, given ?? {}))
  return { time, runner, control, call, start, changes }
}

/** The same with somebody who listens to all events. */
const listening = (options: Partial<Options>, listen: (event: Event.Event, made: Bench) => void): Bench => {
  const time = virtual()
  const runtime: Runtime.Runtime = {
    ...time.runtime,
    observe: (event) => {
      listen(event, made)
    }
  }
  const made: Bench = bench(options, undefined, { ...time, runtime })
  return made
}

const open = (retryAfter: number): unknown => E.left({ _tag: 'CircuitOpen', reason: 'open', retryAfter })
const halfOpen = E.left({ _tag: 'CircuitOpen', reason: 'half-open', retryAfter: 0 })

describe('circuitBreaker', () => {
  it('opens, probes, ramps up and closes', async () => {
    const { time, control, call, start, changes } = bench({ ramp: { over: 1000, from: 0.5 } })
    expect([await call(fails('down')), await call(fails('down'))]).toEqual([E.left('down'), E.left('down')])
    expect(await call(succeeds(1))).toEqual(open(1000))
    await time.advance(1000)
    expect(control.status()).toMatchObject({ state: 'half-open', openings: 1 })
    const probe = start(succeeds(2, 100))
    expect(await call(succeeds(3))).toEqual(halfOpen)
    await time.advance(100)
    expect(await probe).toEqual(E.right(2))
    expect(control.status()).toMatchObject({ state: 'closed', share: 0.5 })
    const answers = []
    for (let n = 0; n < 6; n++) answers.push(E.isRight((await call(succeeds(n))) as E.Either<unknown, number>))
    expect(answers).toEqual([true, true, false, true, false, true])
    await time.advance(1000)
    expect(control.status()).toMatchObject({ state: 'closed', share: 1, generation: 4 })
    expect(changes).toEqual([
      'closed > open: ConsecutiveFailures',
      'open > half-open: OpenTimeOver',
      'half-open > closed: ProbesSucceeded'
    ])
    expect(await time.settle()).toEqual(nothingLeft)
  })

  it('starts nothing while it is open, and says so as an event', async () => {
    const { time, runner, call } = bench()
    await call(fails('down'))
    await call(fails('down'))
    const operation = script(time, succeeds(1))
    await time.advance(250)
    expect(await time.run(runner.run(operation.task))).toEqual(open(750))
    expect(operation.calls).toEqual([])
    expect(only(time.log, 'CallRefused')).toMatchObject([
      { layer: 'circuitBreaker', error: { _tag: 'CircuitOpen', reason: 'open', retryAfter: 750 } }
    ])
    expect(only(time.log, 'CircuitChanged')).toMatchObject([
      { run: 2, from: 'closed', to: 'open', reason: { _tag: 'ConsecutiveFailures', failures: 2 }, generation: 2 }
    ])
  })

  it('a success in between begins the count anew', async () => {
    const { control, call } = bench()
    for (const line of [fails('down'), succeeds(1), fails('down')]) await call(line)
    expect(control.status()).toMatchObject({ state: 'closed', generation: 1 })
  })

  it('the result of a call that was let in before it opened moves nothing', async () => {
    const { time, control, start, call } = bench()
    const early = [start(succeeds(1, 1500)), start(fails('down', 1500)), start(fails('down', 1500))]
    await call(fails('down'))
    await call(fails('down'))
    await time.advance(1100)
    const probe = start(succeeds(2, 1000))
    await time.advance(500)
    expect(await Promise.all(early)).toEqual([E.right(1), E.left('down'), E.left('down')])
    expect(control.status()).toMatchObject({ state: 'half-open', probes: { running: 1, succeeded: 0, failed: 0 } })
    await time.advance(1000)
    expect(await probe).toEqual(E.right(2))
    expect(control.status()).toMatchObject({ state: 'closed', generation: 4 })
  })

  describe('half-open', () => {
    const opened = async (options: Partial<Options> = {}): Promise<Bench> => {
      const made = bench(options)
      await made.call(fails('down'))
      await made.call(fails('down'))
      await made.time.advance(1000)
      return made
    }

    it('closes when enough of the probes have succeeded, without waiting for the others', async () => {
      const { control, call, start, time } = await opened({ probes: 4, probeRate: 0.5 })
      void start(hangs)
      void start(succeeds(1, 5))
      await call(succeeds(1))
      await time.advance(5)
      expect(control.status()).toMatchObject({ state: 'closed', generation: 4 })
    })

    it('opens again when too many have failed', async () => {
      const { control, call, start } = await opened({ probes: 4, probeRate: 0.5 })
      void start(hangs)
      await call(fails('down'))
      expect(control.status()).toMatchObject({ state: 'half-open', probes: { running: 1, succeeded: 0, failed: 1 } })
      await call(fails('down'))
      expect(control.status().state).toBe('half-open')
      expect(await call(fails('down'))).toEqual(E.left('down'))
      expect(control.status()).toMatchObject({ state: 'open', openings: 2 })
    })

    it.each([
      [10, 0.3, 3],
      [3, 0.3, 1],
      [3, 0.34, 2],
      [3, 1, 3],
      [1, 0.001, 1]
    ])('of %d probes, %d means that %d must succeed', async (probes, probeRate, needed) => {
      const { control, call } = await opened({ probes, probeRate })
      for (let n = 1; n < needed; n++) await call(succeeds(n))
      expect(control.status().generation).toBe(needed === 1 ? 2 : 3)
      await call(succeeds(0))
      expect(control.status()).toMatchObject({ state: 'closed', generation: 4 })
    })

    it('a lease that is over is a failure, and its late result moves nothing', async () => {
      const { time, control, start, call } = await opened({ lease: 50 })
      const late = start(succeeds(1, 500))
      await time.advance(49)
      expect(await call(succeeds(2))).toEqual(halfOpen)
      await time.advance(1)
      expect(control.status()).toMatchObject({ state: 'open', retryAfter: 1000, openings: 2 })
      await time.advance(450)
      expect(await late).toEqual(E.right(1))
      expect(control.status()).toMatchObject({ state: 'open', retryAfter: 550 })
    })

    it('a lease counts from when it was over, not from when somebody noticed', async () => {
      const { time, call, start } = await opened({ lease: 50 })
      void start(hangs)
      await time.advance(550)
      expect(await call(succeeds(1))).toEqual(open(500))
    })

    it('the lease that is over decides among several only if too many have failed with it', async () => {
      const { time, control, start } = await opened({ lease: 50, probes: 3, probeRate: 0.6 })
      void start(hangs)
      await time.advance(20)
      void start(hangs)
      await time.advance(30)
      expect(control.status()).toMatchObject({ state: 'half-open', probes: { running: 1, succeeded: 0, failed: 1 } })
      await time.advance(100)
      expect(control.status()).toMatchObject({ state: 'open', retryAfter: 920, openings: 2 })
    })

    it('a probe that its caller aborts gives its place back, and has neither failed nor succeeded', async () => {
      const { time, control, start, call } = await opened()
      const caller = time.signal()
      const probe = start(hangs, { signal: caller.signal })
      expect(await call(succeeds(1))).toEqual(halfOpen)
      caller.abort('gone')
      expect(await probe).toMatchObject({ left: { _tag: 'Aborted' } })
      expect(control.status()).toMatchObject({ state: 'half-open', probes: { running: 0, succeeded: 0, failed: 0 } })
      expect(await call(succeeds(2))).toEqual(E.right(2))
      expect(control.status().state).toBe('closed')
    })

    it('unless its lease was over before: then it has failed', async () => {
      const { time, control, start, changes } = await opened({ lease: 50 })
      const caller = time.signal()
      void start(hangs, { signal: caller.signal })
      await time.advance(80)
      caller.abort('gone')
      expect(changes).toContain('half-open > open: LeaseExpired')
      expect(control.status()).toMatchObject({ state: 'open', retryAfter: 970, openings: 2 })
    })

    it('so do a bug and a refusal from further in', async () => {
      const { control, call } = await opened()
      for (const line of [throws('oh'), rejects('oh', 5), fails({ _tag: 'BulkheadFull' } as never)]) {
        await call(line)
        expect(control.status()).toMatchObject({ state: 'half-open', probes: { running: 0, succeeded: 0, failed: 0 } })
      }
    })

    it('undecided for too long, it opens again', async () => {
      const { time, call, start, changes } = await opened({ halfOpenFor: 200, probes: 2 })
      void start(hangs)
      await time.advance(150)
      await call(succeeds(1))
      void start(hangs)
      await time.advance(150)
      expect(await call(succeeds(2))).toEqual(open(900))
      expect(changes).toContain('half-open > open: HalfOpenTooLong')
    })

    it('a probe that is slow, as the trip has it, has failed', async () => {
      const { time, control, call } = bench({
        trip: Trip.countWindow(2, { slowRate: 1, slowAfter: 100 }),
        openFor: 1000
      })
      await call(succeeds(1, 100))
      await call(succeeds(1, 100))
      expect(control.status().state).toBe('open')
      await time.advance(1000)
      expect(await call(succeeds(1, 100))).toEqual(E.right(1))
      expect(control.status()).toMatchObject({ state: 'open', openings: 2 })
      await time.advance(1000)
      await call(succeeds(1, 99))
      expect(control.status().state).toBe('closed')
    })
  })

  describe('how long it is open', () => {
    const opens = async (made: Bench, times: number): Promise<ReadonlyArray<number>> => {
      const { time, control, call } = made
      await call(fails('down'))
      await call(fails('down'))
      const lengths: Array<number> = []
      for (let n = 0; n < times; n++) {
        lengths.push(control.status().retryAfter)
        await time.advance(control.status().retryAfter)
        await call(fails('down'))
      }
      return lengths
    }

    it('grows by a schedule, whose last delay goes on, and begins anew once it has been closed', async () => {
      const made = bench({ openFor: pipe(Schedule.exponential(100), Schedule.take(3)) })
      expect(await opens(made, 5)).toEqual([100, 200, 400, 400, 400])
      expect(made.control.status().openings).toBe(6)
      await made.time.advance(400)
      await made.call(succeeds(1))
      expect(await opens(made, 2)).toEqual([100, 200])
    })

    it('with jitter, by the runtime’s chance', async () => {
      const made = bench(
        { openFor: pipe(Schedule.constant(1000), Schedule.jittered) },
        undefined,
        virtual({ random: () => 0.25 })
      )
      expect(await opens(made, 2)).toEqual([250, 250])
    })

    it('never longer than it may', async () => {
      expect(await opens(bench({ openFor: Schedule.exponential(100), maxOpenFor: 300 }), 4)).toEqual([
        100, 200, 300, 300
      ])
    })

    it('a schedule is fed the error that opens, and passes where there is none', async () => {
      const seen: Array<unknown> = []
      const openFor = pipe(
        Schedule.constant(100),
        Schedule.modify((delay: number, error: string) => {
          seen.push(error)
          return delay * error.length
        })
      )
      const { time, call, control, start } = bench({ openFor: openFor as Schedule.Schedule<never>, lease: 50 })
      await call(fails('down'))
      await call(fails('very much down'))
      expect(control.status().retryAfter).toBe(1400)
      await time.advance(1400)
      // a lease that is over is no error
      void start(hangs)
      await time.advance(50)
      expect(control.status()).toMatchObject({ state: 'open', retryAfter: 100 })
      expect(seen).toEqual(['very much down'])
    })

    it('a schedule that throws, or gives no delay, is a defect of the call that would open it, and leaves it as it was', async () => {
      for (const [f, kind, cause] of [
        [(): number => raise('oh'), 'Thrown', 'oh'],
        [() => NaN, 'Malformed', { _tag: 'NotADelay', value: NaN, allowed: 'finite milliseconds; below 0 counts as 0' }]
      ] as const) {
        const { control, call } = bench({ openFor: pipe(Schedule.constant(100), Schedule.modify(f)) })
        await call(fails('down'))
        expect(await call(fails('down'))).toEqual(E.left(defect(kind, 'circuitBreaker.openFor.modify', cause, 'down')))
        expect(control.status()).toMatchObject({ state: 'closed', generation: 1 })
        expect(await call(succeeds(1))).toEqual(E.right(1))
      }
    })

    it('what the server asks goes before', async () => {
      const asked: Array<string> = []
      const wishes: Readonly<Record<string, O.Option<number>>> = {
        soon: O.some(50),
        later: O.some(5000),
        now: O.some(0)
      }
      const { time, call, control } = bench({
        maxOpenFor: 3000,
        retryAfter: (error: string) => {
          asked.push(error)
          return wishes[error] ?? O.none
        }
      })
      await call(fails('soon'))
      expect(asked).toEqual([])
      await call(fails('later'))
      expect(control.status().retryAfter).toBe(3000)
      // 0 is no wish to be left alone
      for (const [error, ms] of [
        ['soon', 50],
        ['now', 1000],
        ['down', 1000]
      ] as const) {
        await time.advance(3000)
        await call(fails(error))
        expect(control.status().retryAfter).toBe(ms)
      }
      // asked of each error that opens, once
      expect(asked).toEqual(['later', 'soon', 'now', 'down'])
    })

    it('it is not asked of a timeout', async () => {
      const retryAfter = jest.fn(() => O.none)
      const time = virtual()
      const policy = pipe(
        id,
        Policy.timeout(10),
        Policy.circuitBreaker({ trip: Trip.consecutiveFailures(1), openFor: 100, retryAfter })
      )
      const runner = Runner.make(policy)(time.runtime)()
      await time.run(runner.run(script(time, hangs).task))
      expect(controlOf(runner).status().state).toBe('open')
      expect(retryAfter).not.toHaveBeenCalled()
    })

    it.each([
      ['throws', () => raise('oh'), 'Thrown', 'oh'],
      ['gives garbage', () => 'soon', 'Malformed', 'soon'],
      ['gives nothing', () => undefined, 'Malformed', undefined],
      ['gives NaN', () => O.some(NaN), 'Malformed', O.some(NaN)],
      ['gives Infinity', () => O.some(Infinity), 'Malformed', O.some(Infinity)]
    ] as ReadonlyArray<readonly [string, () => unknown, 'Thrown' | 'Malformed', unknown]>)(
      'a retryAfter that %s is a defect, and leaves it as it was',
      async (_name, retryAfter, kind, cause) => {
        const { control, call } = bench({ retryAfter: retryAfter as never })
        await call(fails('down'))
        expect(await call(fails('down'))).toEqual(E.left(defect(kind, 'circuitBreaker.retryAfter', cause, 'down')))
        expect(control.status()).toMatchObject({ state: 'closed', generation: 1 })
      }
    )

    it('of a probe, a defect gives its place back', async () => {
      const { time, control, call } = bench({ retryAfter: () => raise('oh') })
      control.forceOpen(10)()
      await time.advance(10)
      expect(await call(fails('down'))).toMatchObject({ left: { _tag: 'Defect', at: 'circuitBreaker.retryAfter' } })
      expect(control.status()).toMatchObject({ state: 'half-open', probes: { running: 0, succeeded: 0, failed: 0 } })
    })
  })

  describe('the ramp', () => {
    const ramping = async (ramp: Policy.Ramp): Promise<Bench> => {
      const made = bench({ ramp })
      made.control.forceOpen(1)()
      await made.time.advance(1)
      await made.call(succeeds(1))
      return made
    }
    const passed = async ({ time, call }: Bench, calls: number, each: number): Promise<ReadonlyArray<boolean>> => {
      const passes: Array<boolean> = []
      for (let n = 0; n < calls; n++) {
        passes.push(E.isRight((await call(succeeds(n))) as E.Either<unknown, number>))
        await time.advance(each)
      }
      return passes
    }

    it.each([0, 0.1, 0.5, 1])('from %d on: the first is let in, the share grows and never shrinks', async (from) => {
      const made = await ramping({ over: 1000, from })
      let share = from
      const passes: Array<boolean> = []
      for (let n = 0; n < 100; n++) {
        expect(made.control.status().share).toBeGreaterThanOrEqual(share)
        share = made.control.status().share
        passes.push(...(await passed(made, 1, 10)))
      }
      expect(passes[0]).toBe(true)
      const [first, second] = [passes.slice(0, 50), passes.slice(50)].map((half) => half.filter(Boolean).length)
      // the mean share of each half, to the call
      expect(Math.abs(first! - 50 * (from + (1 - from) / 4))).toBeLessThanOrEqual(1.5)
      expect(Math.abs(second! - 50 * (from + ((1 - from) * 3) / 4))).toBeLessThanOrEqual(1.5)
      expect(made.control.status().share).toBe(1)
    })

    it('nobody stampedes: of many at once, only the share is let in', async () => {
      const made = await ramping({ over: 1000, from: 0.1 })
      const passes = await passed(made, 100, 0)
      expect(Math.abs(passes.filter(Boolean).length - 11)).toBeLessThanOrEqual(1)
      const next = [await made.call(succeeds(1)), await made.call(succeeds(1))]
      expect(next).toContainEqual(E.left({ _tag: 'CircuitOpen', reason: 'ramp', retryAfter: 0 }))
    })

    it.each([0.1, 0.3, 0.7, 1 / 3, 0.999])(
      'from %d on: is over when it is over, whatever floating point makes of it',
      async (from) => {
        const made = await ramping({ over: 333, from })
        const over = made.time.start(made.control.until(({ share }) => share === 1, 400))
        await made.time.advance(333)
        expect(await over).toMatchObject({ right: { share: 1 } })
      }
    )

    it('a share that was not asked for is not saved up', async () => {
      const made = await ramping({ over: 1000, from: 0 })
      await made.time.advance(500)
      const passes = await passed(made, 10, 0)
      expect(passes.filter(Boolean)).toHaveLength(6)
    })

    it('is a sub-state of closed: what fails in it opens it again', async () => {
      const made = await ramping({ over: 1000, from: 0.5 })
      const { control, call } = made
      await call(fails('down'))
      await call(fails('down'))
      expect(control.status()).toMatchObject({ state: 'open', openings: 1 })
    })
  })

  describe('what counts', () => {
    it('isFailure, isFailedValue and ignore', async () => {
      const { control, call } = bench({
        trip: Trip.countWindow(10, { failureRate: 1, minimumCalls: 10 }),
        isFailure: (error: string) => error === 'down',
        isFailedValue: (value: number) => value < 0,
        ignore: (error: string) => error === 'bad request'
      })
      for (let n = 0; n < 4; n++) await call(fails('down'))
      for (let n = 0; n < 5; n++) await call(succeeds(-1))
      for (let n = 0; n < 5; n++) await call(fails('bad request'))
      expect(control.status().state).toBe('closed')
      expect(await call(succeeds(-1))).toEqual(E.right(-1))
      expect(control.status().state).toBe('open')
      control.reset()
      for (let n = 0; n < 9; n++) await call(fails('down'))
      await call(fails('not found'))
      expect(control.status().state).toBe('closed')
    })

    it.each(['isFailure', 'ignore', 'isFailedValue'])(
      'a %s that throws is a defect, and says nothing',
      async (name) => {
        const { time, control, call } = bench({ [name]: () => raise('oh') })
        const line = name === 'isFailedValue' ? succeeds(1) : fails('down')
        control.forceOpen(10)()
        await time.advance(10)
        const during = name === 'isFailedValue' ? 1 : 'down'
        expect(await call(line)).toEqual(E.left(defect('Thrown', `circuitBreaker.${name}`, 'oh', during)))
        expect(control.status()).toMatchObject({ state: 'half-open', probes: { running: 0, succeeded: 0, failed: 0 } })
      }
    )

    it('a trip of the user’s that throws is a defect of the call that it was told of, and leaves the circuit as it was', async () => {
      const form: Trip.Form<object, number> = {
        name: 'broken',
        rules: {},
        initial: () => 0,
        step: (_trip, n) => (n === 1 ? raise('oh') : n + 1),
        reason: () => undefined,
        holds: () => raise('oh'),
        moved: () => raise('oh'),
        show: () => 'broken'
      }
      for (const log of [true, false]) {
        const { control, call, runner, time } = bench({ trip: Trip.make(form, {}) }, undefined, virtual({ log }))
        await time.run(runner.run(TE.right(1)))
        expect(await call(fails('down'))).toEqual(E.left(defect('Thrown', 'circuitBreaker.trip', 'oh', 'down')))
        expect(control.status().state).toBe('closed')
        // nor does what it cannot carry over, or judge, throw
        const snapshot = control.snapshot()
        expect(control.restore(snapshot)()).toMatchObject({ left: { path: 'circuitBreaker.snapshot.circuit' } })
      }
    })

    it('a trip that reads no time is told of none', async () => {
      const seen: Array<Trip.Outcome> = []
      const form: Trip.Form<object, number> = {
        name: 'seeing',
        rules: {},
        initial: () => 0,
        step: (_trip, n, outcome) => {
          seen.push(outcome)
          return n + 1
        },
        reason: (_trip, n, at) => (n === 2 && at === 0 ? { _tag: 'Custom', name: 'seeing', data: n } : undefined),
        holds: () => true,
        moved: (_trip, n) => n,
        show: () => 'seeing'
      }
      const { control, call, time } = bench({ trip: Trip.make(form, {}) })
      await time.advance(500)
      await call(fails('down', 5))
      await call(fails('down', 5))
      expect(control.status().state).toBe('open')
      for (const outcome of seen) expect(outcome).toEqual({ failed: true, at: 0, duration: 0 })
    })
  })

  describe('watchOnly', () => {
    it('counts, changes its state and says so, but lets everybody in', async () => {
      const { time, control, call, changes } = bench({ watchOnly: true })
      await call(fails('down'))
      await call(fails('down'))
      expect(control.status().state).toBe('open')
      expect(await call(succeeds(1))).toEqual(E.right(1))
      expect(control.status().state).toBe('open')
      await time.advance(1000)
      expect(await call(succeeds(2))).toEqual(E.right(2))
      expect(control.status().state).toBe('closed')
      expect(changes).toHaveLength(3)
      control.isolate()
      expect(await call(succeeds(3))).toEqual(E.right(3))
      expect(only(time.log, 'CallRefused')).toEqual([])
    })

    it('who is let in only to be watched is no probe', async () => {
      const { time, control, start } = bench({ watchOnly: true })
      control.forceOpen(10)()
      await time.advance(10)
      const [probe, other] = [start(succeeds(1, 50)), start(fails('down', 20))]
      await time.advance(20)
      expect(await other).toEqual(E.left('down'))
      expect(control.status()).toMatchObject({ state: 'half-open', probes: { running: 1, succeeded: 0, failed: 0 } })
      await time.advance(30)
      expect(await probe).toEqual(E.right(1))
      expect(control.status().state).toBe('closed')
    })
  })

  describe('by hand', () => {
    it('is isolated until all who hold it have let go', async () => {
      const { control, call, changes } = bench()
      const [one, other] = [control.isolate(), control.isolate()]
      expect(control.status()).toMatchObject({ state: 'isolated', holds: 2, retryAfter: Infinity, share: 0 })
      expect(await call(succeeds(1))).toEqual(E.left({ _tag: 'CircuitOpen', reason: 'isolated', retryAfter: Infinity }))
      one()
      one()
      expect(control.status()).toMatchObject({ state: 'isolated', holds: 1 })
      other()
      expect(control.status()).toMatchObject({ state: 'closed', holds: 0 })
      other()
      expect(await call(succeeds(1))).toEqual(E.right(1))
      expect(changes).toEqual(['closed > isolated: Isolated', 'isolated > closed: Released'])
    })

    it('who let go once cannot let go of what somebody else holds later', () => {
      const { control } = bench()
      const first = control.isolate()
      control.reset()
      control.isolate()
      first()
      expect(control.status()).toMatchObject({ state: 'isolated', holds: 1 })
    })

    it('what is done last holds', () => {
      const { control } = bench()
      control.isolate()
      control.forceOpen(100)()
      expect(control.status()).toMatchObject({ state: 'open', retryAfter: 100, holds: 0 })
      control.disable()
      expect(control.status()).toMatchObject({ state: 'disabled', share: 1 })
      control.isolate()
      expect(control.status().state).toBe('isolated')
      control.reset()
      expect(control.status()).toMatchObject({ state: 'closed', holds: 0 })
    })

    it('is forced open for so long, and then lets probes in', async () => {
      const { time, control, call } = bench({ openFor: Schedule.exponential(100), maxOpenFor: 150 })
      expect(control.forceOpen(500)()).toEqual(E.right(undefined))
      await time.advance(200)
      expect(await call(succeeds(1))).toEqual(open(300))
      await time.advance(300)
      await call(fails('down'))
      // its schedule begins here
      expect(control.status()).toMatchObject({ state: 'open', retryAfter: 100, openings: 1 })
    })

    it.each([0, -1, NaN, Infinity, '5'])('but not for %p ms', (ms) => {
      const { control } = bench()
      expect(control.forceOpen(ms as number)()).toEqual(
        E.left({ path: 'circuitBreaker.ms', value: ms, allowed: 'finite milliseconds, > 0' })
      )
      expect(control.status().generation).toBe(1)
    })

    it('is disabled: everybody is let in, and nothing counts', async () => {
      const { control, call } = bench({ retryAfter: () => raise('not asked') })
      control.disable()
      control.disable()
      for (let n = 0; n < 5; n++) expect(await call(fails('down'))).toEqual(E.left('down'))
      expect(control.status()).toMatchObject({ state: 'disabled', generation: 2 })
      control.reset()
      await call(fails('down'))
      expect(control.status().state).toBe('closed')
    })

    it('is reset: as if nothing had been seen, in a new generation', async () => {
      const { time, control, call, start } = bench({ ramp: { over: 1000 } })
      const before = start(fails('down', 100))
      await call(fails('down'))
      control.reset()
      expect(control.status()).toMatchObject({ state: 'closed', share: 1, generation: 2 })
      await time.advance(100)
      await before
      await call(fails('down'))
      expect(control.status().state).toBe('closed')
    })
  })

  describe('watch', () => {
    it('tells of every change, until it is called off; what a watcher throws is ignored', async () => {
      const { control, call } = bench()
      const seen: Array<string> = []
      const watcher = ({ to }: Policy.CircuitChange): void => {
        seen.push(to)
        raise('oh')
      }
      const [one, other] = [control.watch(watcher)(), control.watch(watcher)()]
      await call(fails('down'))
      await call(fails('down'))
      expect(seen).toEqual(['open', 'open'])
      one()
      control.reset()
      expect(seen).toEqual(['open', 'open', 'closed'])
      other()
      control.disable()
      expect(seen).toHaveLength(3)
    })

    it('a watcher that steers: all hear of all changes, in their order', async () => {
      const { control, call } = bench()
      const logs: ReadonlyArray<Array<number>> = [[], [], []]
      control.watch(({ generation }) => logs[0]!.push(generation))()
      control.watch(({ to, generation }) => {
        logs[1]!.push(generation)
        if (to === 'open') control.reset()
      })()
      control.watch(({ generation }) => logs[2]!.push(generation))()
      await call(fails('down'))
      expect(await call(fails('down'))).toEqual(E.left('down'))
      expect(logs).toEqual([
        [2, 3],
        [2, 3],
        [2, 3]
      ])
      expect(control.status()).toMatchObject({ state: 'closed', generation: 3 })
    })

    it('a listener that steers, or watches anew: all hear of all changes since they watch, in their order', async () => {
      const late: Array<string> = []
      const made = listening({}, (event, { control }) => {
        if (event._tag !== 'CircuitChanged' || event.to !== 'open') return
        control.watch(({ from, to }) => late.push(`${from} > ${to}`))()
        control.reset()
      })
      await made.call(fails('down'))
      await made.call(fails('down'))
      expect(made.changes).toEqual(['closed > open: ConsecutiveFailures', 'open > closed: Reset'])
      expect(late).toEqual(['open > closed'])
    })

    it('a listener that steers at the first of two changes: the other is heard of before what it did', async () => {
      const made = listening({ lease: 50, openFor: 100 }, (event, { control }) => {
        if (event._tag === 'CircuitChanged' && event.reason._tag === 'LeaseExpired') control.disable()
      })
      made.control.forceOpen(10)()
      await made.time.advance(10)
      void made.start(hangs)
      await made.time.advance(500)
      await made.call(succeeds(1))
      expect(made.changes.slice(2)).toEqual([
        'half-open > open: LeaseExpired',
        'open > half-open: OpenTimeOver',
        'half-open > disabled: Disabled'
      ])
    })

    it('a watcher that calls off another, or watches anew, does so for the next change', async () => {
      const { control } = bench()
      const seen: Array<string> = []
      let off = (): void => undefined
      control.watch(() => {
        seen.push('first')
        off()
        control.watch(() => seen.push('third'))()
      })()
      off = control.watch(() => seen.push('second'))()
      control.reset()
      expect(seen).toEqual(['first'])
      control.reset()
      expect(seen).toEqual(['first', 'first', 'third'])
    })
  })

  describe('until', () => {
    it('answers at once where it holds already', async () => {
      const { time, control } = bench()
      expect(await time.run(control.until(({ state }) => state === 'closed', 0))).toMatchObject({
        right: { state: 'closed' }
      })
      expect(await time.settle()).toEqual(nothingLeft)
    })

    it('answers when the state changes, by itself or by hand', async () => {
      const { time, control, call } = bench()
      const opens = time.start(control.until(({ state }) => state === 'open', Infinity))
      const isolated = time.start(control.until(({ holds }) => holds === 1, 10_000))
      await call(fails('down'))
      await call(fails('down'))
      expect(await opens).toMatchObject({ right: { state: 'open', retryAfter: 1000 } })
      control.isolate()
      expect(await isolated).toMatchObject({ right: { state: 'isolated' } })
      expect(await time.settle()).toEqual(nothingLeft)
    })

    it('answers when the clock has brought it about, though nobody calls', async () => {
      const { time, control, call, start } = bench({ lease: 50, ramp: { over: 400 } })
      await call(fails('down'))
      await call(fails('down'))
      await time.run(control.until(({ state }) => state === 'half-open', Infinity))
      expect(time.now()).toBe(1000)
      void start(hangs)
      await time.run(control.until(({ state }) => state === 'open', Infinity))
      expect(time.now()).toBe(1050)
      // and again, while the probe that hangs is all there is
      await time.run(control.until(({ state }) => state === 'half-open', Infinity))
      expect(time.now()).toBe(2050)
      await call(succeeds(1))
      expect(control.status().share).toBeLessThan(1)
      await time.run(control.until(({ share }) => share === 1, Infinity))
      expect(time.now()).toBe(2450)
    })

    it('answers when anything in the status changes, also within one state', async () => {
      const { time, control, call, start } = bench({ probes: 3 })
      const noticed: Array<string> = []
      const wait = (name: string, holds: (status: Policy.CircuitStatus) => boolean): void => {
        void time.start(control.until(holds, Infinity)).then(() => noticed.push(`${name} at ${String(time.now())}`))
      }
      wait('two hold it', ({ holds }) => holds === 2)
      wait('one holds it', ({ holds, generation }) => holds === 1 && generation > 2)
      wait('one runs', ({ probes }) => probes.running === 1)
      wait('none runs', ({ state, probes }) => state === 'half-open' && probes.running === 0 && probes.succeeded === 0)
      wait('one succeeded', ({ probes }) => probes.succeeded === 1)
      wait('two succeeded', ({ probes }) => probes.succeeded === 2)
      const holds = [control.isolate(), control.isolate()]
      await time.advance(5)
      for (const letGo of holds) letGo()
      control.isolate()
      control.forceOpen(10)()
      await time.advance(15)
      const caller = time.signal()
      void start(hangs, { signal: caller.signal })
      await time.advance(5)
      caller.abort('gone')
      await time.advance(5)
      for (let n = 0; n < 2; n++) await call(succeeds(1, 5))
      expect(noticed).toEqual([
        'two hold it at 0',
        'one holds it at 5',
        'none runs at 15',
        'one runs at 20',
        'one succeeded at 35',
        'two succeeded at 40'
      ])
    })

    it.each([
      [1000, 500],
      [30_000, 29_000],
      [86_400_000, 50]
    ])('of an opening of %d ms it finds out when %d are left', async (openFor, left) => {
      const { time, control } = bench()
      control.forceOpen(openFor)()
      const found = await time.run(control.until(({ retryAfter }) => retryAfter <= left, Infinity))
      expect(E.isRight(found) && found.right.state).toBe('open')
      expect(openFor - left).toBeLessThanOrEqual(time.now())
      expect(time.now()).toBeLessThanOrEqual(openFor - left + Math.max(10, left / 50))
      expect(await time.settle()).toEqual(nothingLeft)
    })

    it.each([0.2, 0.5, 0.9])('of a ramp it finds out when a share of %d is let in', async (half) => {
      const { time, control, call } = bench({ ramp: { over: 1000, from: 0 } })
      control.forceOpen(10)()
      await time.advance(10)
      await call(succeeds(1))
      await time.run(control.until(({ share }) => share >= half, Infinity))
      expect(time.now()).toBeGreaterThanOrEqual(10 + half * 1000)
      expect(time.now()).toBeLessThanOrEqual(20 + half * 1000)
      expect(await time.settle()).toEqual(nothingLeft)
    })

    it('several who wait do not rouse each other, nor ask a store more often than it says', async () => {
      let asked = 0
      const kept = new Map<string, string>()
      const store = Store.make({
        update: async (name, change) => {
          asked++
          await Promise.resolve()
          const before = kept.get(name)
          kept.set(name, JSON.stringify(change(before === undefined ? undefined : JSON.parse(before))))
        },
        recheck: 100
      })()
      const time = virtual({ startAt: 1_700_000_000_000 })
      const runtime = pipe(time.runtime, Runtime.withStore(store))
      const { control } = bench({ name: 'users' }, undefined, { ...time, runtime })
      control.forceOpen(5000)()
      const waits = [1000, 1000, 500].map((left) =>
        time.start(control.until(({ state, retryAfter }) => state === 'open' && retryAfter <= left, Infinity))
      )
      await time.advance(3000)
      expect(asked).toBeLessThanOrEqual(1 + 3 * 2 * (2 + 3000 / 100))
      await time.advance(2000)
      expect((await Promise.all(waits)).map(E.isRight)).toEqual([true, true, true])
    })

    it('waits through a lease and an opening for the state after both', async () => {
      const { time, control, call, start } = bench({ lease: 50 })
      await call(fails('down'))
      await call(fails('down'))
      await time.advance(1000)
      void start(hangs)
      await time.run(control.until(({ state, openings }) => state === 'half-open' && openings === 2, Infinity))
      expect(time.now()).toBe(2050)
    })

    it('gives up when its time is over, and leaves nothing behind', async () => {
      const { time, control } = bench()
      expect(await time.run(control.until(({ state }) => state === 'open', 300))).toEqual(
        E.left({ _tag: 'TimedOut', timeout: 300 })
      )
      expect(time.now()).toBe(300)
      expect(await time.settle()).toEqual(nothingLeft)
    })

    it.each([NaN, -1, '5', 1n, Symbol('soon'), {}])('a time of %p is a defect', async (within) => {
      const { time, control } = bench()
      expect(await time.run(control.until(() => false, within as never))).toEqual(
        E.left(defect('Malformed', 'circuitBreaker.until', within))
      )
    })

    it('a predicate that throws is a defect, whenever that is', async () => {
      const { time, control } = bench()
      const holds = ({ state }: Policy.CircuitStatus): boolean => (state === 'disabled' ? raise('oh') : false)
      const waits = time.start(control.until(holds, Infinity))
      control.disable()
      expect(await waits).toMatchObject({ left: { _tag: 'Defect', at: 'circuitBreaker.until', cause: 'oh' } })
      expect(await time.settle()).toEqual(nothingLeft)
    })

    it('a predicate that steers is asked again, and does not hang the process', async () => {
      const { time, control } = bench()
      const holds = ({ generation }: Policy.CircuitStatus): boolean => {
        control.reset()
        return generation > 5
      }
      expect(await time.run(control.until(holds, Infinity))).toMatchObject({ right: { generation: 6 } })
      // one that never holds ends when its time is over
      const never = (): boolean => {
        control.reset()
        return false
      }
      const waits = time.start(control.until(never, 100))
      await time.advance(100)
      expect(await waits).toEqual(E.left({ _tag: 'TimedOut', timeout: 100 }))
      expect(await time.settle()).toEqual(nothingLeft)
    })
  })

  describe('snapshots', () => {
    const copied = ({ control }: Bench): Policy.CircuitSnapshot =>
      JSON.parse(JSON.stringify(control.snapshot())) as Policy.CircuitSnapshot
    const start = 1_700_000_000_000

    it('an open circuit stays open for as long as it was to be, by the wall clock', async () => {
      const one = bench()
      await one.call(fails('down'))
      await one.call(fails('down'))
      await one.time.advance(300)
      const snapshot = copied(one)
      // another process, whose monotonic clock began later
      const other = bench({}, undefined, virtual({ startAt: start + 500 }))
      expect(other.control.restore(snapshot)()).toEqual(E.right(undefined))
      expect(other.control.status()).toMatchObject({ state: 'open', retryAfter: 500, openings: 1, generation: 2 })
      const late = bench({}, undefined, virtual({ startAt: start + 86_400_000 }))
      late.control.restore(snapshot)()
      expect(late.control.status()).toMatchObject({ state: 'half-open', retryAfter: 0 })
    })

    it('and no longer, where the wall clock has been set back', () => {
      const one = bench()
      one.control.forceOpen(1000)()
      const other = bench({}, undefined, virtual({ startAt: start - 86_400_000 }))
      other.control.restore(copied(one))()
      expect(other.control.status()).toMatchObject({ state: 'open', retryAfter: 1000 })
    })

    it('what is counted after it was taken is not in it', async () => {
      const trip = Trip.timeWindow(10_000, { failureRate: 0.5, minimumCalls: 100 })
      for (const restored of [false, true]) {
        const one = bench({ trip })
        for (let n = 0; n < 3; n++) await one.call(succeeds(n))
        const snapshot = one.control.snapshot()
        const before = JSON.stringify(snapshot)
        if (restored) one.control.restore(snapshot)()
        for (let n = 0; n < 3; n++) await one.call(succeeds(n))
        expect(JSON.stringify(snapshot)).toBe(before)
        expect(one.control.snapshot().circuit['trip']).toMatchObject({ calls: 6 })
      }
    })

    it('what was counted counts on', async () => {
      for (const trip of [
        Trip.consecutiveFailures(2),
        Trip.countWindow(20, { failureRate: 0.1, minimumCalls: 2 }),
        Trip.timeWindow(1000, { failureRate: 0.1, minimumCalls: 2 }),
        Trip.failuresWithin(2, 1000),
        Trip.anyOf(Trip.consecutiveFailures(2), Trip.never)
      ]) {
        const one = bench({ trip })
        await one.call(fails('down'))
        const snapshot = copied(one)
        const other = bench({ trip }, undefined, virtual({ startAt: start + 500 }))
        other.control.restore(snapshot)()
        await other.call(fails('down'))
        expect(other.control.status().state).toBe('open')
        const later = bench({ trip }, undefined, virtual({ startAt: start + 5000 }))
        later.control.restore(snapshot)()
        await later.call(fails('down'))
        const timed = trip.reads === 'time'
        expect(later.control.status().state).toBe(timed ? 'closed' : 'open')
      }
    })

    it('begins a new generation: who was let in before moves nothing, leases are void', async () => {
      const one = bench({ lease: 100 })
      one.control.forceOpen(10)()
      await one.time.advance(10)
      const probe = one.start(succeeds(1, 50))
      const snapshot = copied(one)
      expect(snapshot.circuit['_tag']).toBe('HalfOpen')
      one.control.restore(snapshot)()
      expect(one.control.status()).toMatchObject({ state: 'half-open', probes: { running: 0 } })
      const generation = one.control.status().generation
      await one.time.advance(50)
      expect(await probe).toEqual(E.right(1))
      expect(one.control.status()).toMatchObject({ state: 'half-open', generation })
      await one.call(succeeds(2))
      expect(one.control.status().state).toBe('closed')
    })

    it('a ramp goes on, a schedule of openings goes on', async () => {
      const options = { openFor: Schedule.exponential(100), ramp: { over: 1000, from: 0 } }
      const one = bench(options)
      one.control.forceOpen(10)()
      await one.time.advance(10)
      await one.call(succeeds(1))
      await one.time.advance(250)
      const other = bench(options)
      other.control.restore(copied(one))()
      await other.time.advance(250)
      // the wall clocks differ by what the first has spent
      expect(other.control.status().share).toBeCloseTo(0.25 + 0.25 - 0, 5)
      await other.call(fails('down'))
      await other.call(fails('down'))
      await other.call(fails('down'))
      const third = bench(options)
      third.control.restore(copied(other))()
      expect(third.control.status()).toMatchObject({ openings: other.control.status().openings })
    })

    it('what is done to one after it has been restored is not remembered', async () => {
      const trip = Trip.countWindow(2, { failureRate: 1 })
      const { control, call } = bench({ trip })
      await call(fails('down'))
      const snapshot = copied({ control } as Bench)
      control.restore(snapshot)()
      Object.assign(snapshot.circuit['trip'] as object, { calls: 'none', words: null })
      await call(fails('down'))
      expect(control.status().state).toBe('open')
    })

    it('an isolated one is so until it is reset', () => {
      const one = bench()
      const letGo = one.control.isolate()
      const snapshot = copied(one)
      one.control.restore(snapshot)()
      letGo()
      one.control.isolate()()
      expect(one.control.status()).toMatchObject({ state: 'isolated', holds: 1 })
      one.control.reset()
      expect(one.control.status().state).toBe('closed')
    })

    it('what is none, or of another trip or schedule, changes nothing, and it is said why', () => {
      const hiding = (record: object, name: string): unknown =>
        Object.defineProperty({ ...record }, name, { enumerable: true, get: () => raise('oh') })
      const { control } = bench({ openFor: Schedule.exponential(100) })
      const good = control.snapshot()
      const broken: ReadonlyArray<unknown> = [
        undefined,
        null,
        5,
        'closed',
        [],
        {},
        { ...good, _tag: 'Other' },
        { ...good, savedAt: NaN },
        { ...good, savedAt: 'now' },
        { ...good, circuit: null },
        { ...good, circuit: { ...good.circuit, _tag: 'Ajar' } },
        { ...good, circuit: { ...good.circuit, generation: 0 } },
        { ...good, circuit: { ...good.circuit, trip: [1] } },
        { ...good, circuit: { ...good.circuit, ramp: NaN } },
        { ...good, circuit: { ...good.circuit, ramp: { since: NaN, credit: 0 } } },
        { ...good, circuit: { _tag: 'Isolated', generation: 1, holds: 0 } },
        {
          ...good,
          circuit: { _tag: 'Open', generation: 1, since: 0, until: 5, openings: { times: 1, last: 5, schedule: 'no' } }
        },
        {
          ...good,
          circuit: { _tag: 'Open', generation: 1, since: 0, until: 5, openings: { times: 1, last: -5, schedule: 1 } }
        },
        {
          ...good,
          circuit: { _tag: 'Open', generation: 1, since: 0, until: Infinity, openings: { times: 0, last: 0 } }
        },
        { ...good, circuit: { _tag: 'HalfOpen', generation: 1, since: 0, probes: 5 } },
        1n,
        Symbol('closed'),
        hiding(good, 'savedAt'),
        hiding(good, 'circuit'),
        { ...good, circuit: hiding(good.circuit, '_tag') },
        { ...good, circuit: hiding(good.circuit, 'trip') }
      ]
      for (const each of broken) {
        const answer = control.restore(each as Policy.CircuitSnapshot)()
        expect(answer._tag).toBe('Left')
        if (answer._tag === 'Left') expect(answer.left.path).toMatch(/^circuitBreaker\.snapshot(\.circuit)?$/)
      }
      expect(control.status()).toMatchObject({ state: 'closed', generation: 1 })
      const other = bench({ trip: Trip.countWindow(10, { failureRate: 0.5 }) })
      expect(E.isLeft(other.control.restore(good)())).toBe(true)
    })
  })

  describe('perKey', () => {
    const keyed = (perKey: Policy.PerKey, options: Partial<Options> = {}): Bench =>
      bench({ trip: Trip.consecutiveFailures(1), perKey, ...options })

    it('each key has a circuit of its own, and calls without one share one', async () => {
      const { control, call } = keyed({})
      await call(fails('down'), { key: 'a' })
      expect(await call(succeeds(1), { key: 'a' })).toEqual(open(1000))
      expect(await call(succeeds(1), { key: 'b' })).toEqual(E.right(1))
      expect(await call(succeeds(1))).toEqual(E.right(1))
      await call(fails('down'))
      expect(await call(succeeds(1))).toEqual(open(1000))
      expect(await call(succeeds(1), { key: 'b' })).toEqual(E.right(1))
      expect(control.keys()).toEqual(['a', 'b'])
      expect(control.of('a').status().state).toBe('open')
      expect(control.of('b').status().state).toBe('closed')
      expect(control.status().state).toBe('open')
    })

    it('changes name the key', async () => {
      const { control, call, time } = keyed({})
      const seen: Array<unknown> = []
      control.watch(({ key }) => seen.push(key))()
      await call(fails('down'), { key: 'a' })
      await call(fails('down'))
      control.of('c').reset()
      expect(seen).toEqual(['a', undefined, 'c'])
      expect(only(time.log, 'CircuitChanged').map(({ key }) => key)).toEqual(['a', undefined])
    })

    it('the least recently used makes room', async () => {
      const { control, call } = keyed({ most: 2 })
      await call(fails('down'), { key: 'a' })
      await call(succeeds(1), { key: 'b' })
      await call(succeeds(1), { key: 'a' })
      await call(succeeds(1), { key: 'c' })
      expect(control.keys()).toEqual(['a', 'c'])
      await call(succeeds(1), { key: 'd' })
      expect(control.keys()).toEqual(['c', 'd'])
      // what was forgotten begins anew
      expect(await call(succeeds(1), { key: 'a' })).toEqual(E.right(1))
    })

    it('of 100,000 keys it keeps as many as it may', async () => {
      const { control, runner } = keyed({ most: 1000 })
      for (let n = 0; n < 100_000; n++) await runner.runWith(() => TE.right(n), { key: String(n) })()
      expect(control.keys()).toHaveLength(1000)
      expect(control.keys()[999]).toBe('99999')
    })

    it('what is not used is dropped, and its key begins anew', async () => {
      const { time, control, call } = keyed({ idle: 500 }, { openFor: 5000 })
      await call(fails('down'), { key: 'a' })
      await time.advance(300)
      await call(succeeds(1), { key: 'b' })
      await time.advance(300)
      expect(control.keys()).toEqual(['b'])
      expect(await call(succeeds(1), { key: 'a' })).toEqual(E.right(1))
    })

    it('to look at one neither makes nor keeps it', async () => {
      const { time, control, call } = keyed({ idle: 500, most: 2 })
      expect(control.of('z').status()).toMatchObject({ state: 'closed', generation: 1 })
      control.of('z').snapshot()
      expect(control.keys()).toEqual([])
      await call(succeeds(1), { key: 'a' })
      await call(succeeds(1), { key: 'b' })
      control.of('a').status()
      await call(succeeds(1), { key: 'c' })
      expect(control.keys()).toEqual(['b', 'c'])
      const waits = time.start(control.of('b').until(({ state }) => state === 'open', 2000))
      await time.advance(600)
      expect(control.keys()).toEqual([])
      await call(fails('down'), { key: 'b' })
      expect(await waits).toMatchObject({ right: { state: 'open' } })
    })

    it('one that was isolated, forced open or disabled stays', async () => {
      const { time, control, call } = keyed({ idle: 500, most: 1 })
      const letGo = control.of('a').isolate()
      control.of('b').disable()
      control.of('c').forceOpen(1000)()
      for (const key of ['d', 'e', 'f']) await call(succeeds(1), { key })
      expect([...control.keys()].sort()).toEqual(['a', 'b', 'c', 'f'])
      await time.advance(600)
      expect([...control.keys()].sort()).toEqual(['a', 'b', 'c'])
      letGo()
      control.of('b').reset()
      // and goes once it is no more: what was forced open, when that time is over
      await time.advance(600)
      expect(control.keys()).toEqual([])
    })

    it('a result for a circuit that was dropped moves no other', async () => {
      const { time, control, start, call } = keyed({ most: 1 })
      const late = start(fails('down', 100), { key: 'a' })
      await call(succeeds(1), { key: 'b' })
      void start(succeeds(1, 500), { key: 'a' })
      await time.advance(100)
      expect(await late).toEqual(E.left('down'))
      expect(control.of('a').status()).toMatchObject({ state: 'closed', generation: 1 })
    })

    it('a breaker without keys has one circuit, whatever key is asked for', () => {
      const { control } = bench()
      control.of('a').isolate()
      expect(control.status().state).toBe('isolated')
      expect(control.keys()).toEqual([])
    })
  })

  describe('two of them', () => {
    it('in one policy each has its own state and control', async () => {
      const time = virtual()
      const inner = Policy.circuitBreaker({ trip: Trip.consecutiveFailures(1), openFor: 100 })
      const outer = Policy.circuitBreaker({ trip: Trip.consecutiveFailures(2), openFor: 100 })
      const runner = Runner.make(pipe(id, inner, outer))(time.runtime)()
      const [one, two] = [controlOf(runner), controlOf(runner, 'circuitBreaker#2')]
      expect(O.isNone(Policy.circuitBreakerControl(runner, 'circuitBreaker#3'))).toBe(true)
      await time.run(runner.run(script(time, fails('down')).task))
      // what the inner one refuses says nothing to the outer
      for (let n = 0; n < 5; n++) await time.run(runner.run(script(time, succeeds(1)).task))
      expect([one.status().state, two.status().state]).toEqual(['open', 'closed'])
      await time.advance(100)
      await time.run(runner.run(script(time, fails('down')).task))
      expect([one.status().state, two.status().state]).toEqual(['open', 'open'])
    })

    it('inside of a retry it is asked for each attempt, outside for all of them', async () => {
      const twice = pipe(Schedule.constant(10), Schedule.take(5))
      const breaker = Policy.circuitBreaker({ trip: Trip.consecutiveFailures(2), openFor: 1000 })
      const time = virtual()
      const inside = Runner.make(pipe(id, breaker, Policy.retry(twice)))(time.runtime)()
      const operation = script(time, fails('down'))
      expect(await time.run(inside.run(operation.task))).toEqual(open(990))
      expect(operation.calls).toHaveLength(2)
      const outside = Runner.make(pipe(id, Policy.retry(twice), breaker))(time.runtime)()
      const other = script(time, fails('down'))
      expect(await time.run(outside.run(other.task))).toEqual(E.left('down'))
      expect(other.calls).toHaveLength(6)
      expect(controlOf(outside).status().state).toBe('closed')
    })

    it('a retry outside waits until it lets probes in, if asked to', async () => {
      const time = virtual()
      const policy = pipe(
        id,
        Policy.circuitBreaker({ trip: Trip.consecutiveFailures(1), openFor: 1000 }),
        Policy.retry(pipe(Schedule.constant(10), Schedule.take(5)), { retryRefused: true })
      )
      const runner = Runner.make(policy)(time.runtime)()
      const operation = script<string, number>(time, fails('down'), succeeds(1))
      expect(await time.run(runner.run(operation.task))).toEqual(E.right(1))
      expect(operation.calls.map(({ at }) => at)).toEqual([0, 1000])
      // of one that is isolated nobody knows when: it goes by its schedule
      controlOf(runner).isolate()
      expect(await time.run(runner.run(operation.task))).toMatchObject({ left: { reason: 'isolated' } })
      expect(time.now()).toBe(1050)
    })
  })

  describe('callbacks and listeners that do more than they should', () => {
    it('a listener that aborts the call as it opens the circuit', async () => {
      const caller = virtual().signal()
      const { control, call } = listening({}, ({ _tag }) => {
        if (_tag === 'CircuitChanged') caller.abort('gone')
      })
      await call(fails('down'))
      expect(await call(fails('down'), { signal: caller.signal })).toMatchObject({ left: { _tag: 'Aborted' } })
      expect(control.status()).toMatchObject({ state: 'open', generation: 2 })
    })

    it('a listener that aborts the call that was let in as a probe: its place is free again', async () => {
      const caller = virtual().signal()
      const { time, control, call, runner } = listening({}, ({ _tag }) => {
        if (_tag === 'CircuitChanged') caller.abort('gone')
      })
      control.forceOpen(10)()
      await time.advance(10)
      const operation = script(time, succeeds(1))
      expect(await time.run(runner.runWith(operation.operation, { signal: caller.signal }))).toMatchObject({
        left: { _tag: 'Aborted' }
      })
      expect(operation.calls).toEqual([])
      expect(control.status()).toMatchObject({ state: 'half-open', probes: { running: 0 } })
      expect(await call(succeeds(2))).toEqual(E.right(2))
    })

    it('a listener that closes the runner as a call is refused', async () => {
      const { control, call } = listening({}, ({ _tag }, { runner }) => {
        if (_tag === 'CallRefused') void runner.close()
      })
      control.isolate()
      expect(await call(succeeds(1))).toMatchObject({ left: { _tag: 'Defect', kind: 'Closed' } })
    })

    it.each(['isFailure', 'ignore', 'retryAfter', 'isFailedValue'])('a %s that aborts its call', async (name) => {
      const caller = virtual().signal()
      const { time, control, call } = bench({
        trip: Trip.consecutiveFailures(1),
        [name]: () => {
          caller.abort('gone')
          return name === 'retryAfter' ? O.none : name === 'isFailure' || name === 'isFailedValue'
        }
      })
      control.forceOpen(10)()
      await time.advance(10)
      const line = name === 'isFailedValue' ? succeeds(1) : fails('down')
      expect(await call(line, { signal: caller.signal })).toMatchObject({ left: { _tag: 'Aborted' } })
      expect(control.status()).toMatchObject({ state: 'half-open', probes: { running: 0, succeeded: 0, failed: 0 } })
    })

    it.each(['isFailure', 'ignore', 'isFailedValue'])('a %s that aborts its call: that is no failure', async (name) => {
      const caller = virtual().signal()
      const { control, call } = bench({
        trip: Trip.consecutiveFailures(1),
        [name]: () => {
          caller.abort('gone')
          return name !== 'ignore'
        }
      })
      const line = name === 'isFailedValue' ? succeeds(1) : fails('down')
      expect(await call(line, { signal: caller.signal })).toMatchObject({ left: { _tag: 'Aborted' } })
      expect(control.status()).toMatchObject({ state: 'closed', generation: 1 })
    })

    it.each(['isFailure', 'retryAfter'])(
      'a %s that steers the breaker: its own result belongs to what was before',
      async (name) => {
        const made: Bench = bench({
          trip: Trip.consecutiveFailures(1),
          [name]: () => {
            made.control.reset()
            return name === 'retryAfter' ? O.some(5) : true
          }
        })
        expect(await made.call(fails('down'))).toEqual(E.left('down'))
        expect(made.control.status()).toMatchObject({ state: 'closed', generation: 2 })
      }
    )

    it('a schedule of openings that runs another call through it: no change is lost', async () => {
      let nested = false
      const made: Bench = bench({
        trip: Trip.consecutiveFailures(1),
        openFor: pipe(
          Schedule.constant(100),
          Schedule.modify((delay) => {
            if (!nested) {
              nested = true
              void made.runner.run(TE.right(1))()
              made.control.disable()
            }
            return delay
          })
        )
      })
      expect(await made.call(fails('down'))).toEqual(E.left('down'))
      expect(made.control.status()).toMatchObject({ state: 'disabled', generation: 2 })
      expect(made.changes).toEqual(['closed > disabled: Disabled'])
    })

    it.each([true, false])(
      'a trip of the user’s that steers the breaker: no change is lost (a listener: %p)',
      async (log) => {
        let steer = (): void => undefined
        const form: Trip.Form<object, number> = {
          name: 'steering',
          rules: {},
          initial: () => 0,
          step: (_trip, n) => {
            steer()
            return n + 1
          },
          reason: () => undefined,
          holds: () => true,
          moved: (_trip, n) => n,
          show: () => 'steering'
        }
        for (const line of [succeeds(1), fails('down')]) {
          const { time, runner, control } = bench({ trip: Trip.make(form, {}) }, undefined, virtual({ log }))
          let left = 1
          steer = () => {
            if (left-- > 0) control.disable()
          }
          await time.run(runner.run(script(time, line).task))
          expect(control.status()).toMatchObject({ state: 'disabled', generation: 2 })
        }
      }
    )

    it('an operation that throws in a strategy inside gives its place back', async () => {
      const breaking: Strategy.Strategy<object> = {
        name: 'breaking',
        rules: {},
        show: () => [],
        compile: () => ({ open: () => ({ start: () => raise('oh'), abort: () => undefined }) })
      }
      const time = virtual()
      const runner = Runner.make(
        pipe(
          id,
          Policy.around<string, number, object>(breaking, {}),
          Policy.circuitBreaker({ trip: Trip.consecutiveFailures(1), openFor: 10 })
        )
      )(time.runtime)()
      const control = controlOf(runner)
      control.forceOpen(10)()
      await time.advance(10)
      expect(await time.run(runner.run(TE.right(1)))).toMatchObject({ left: { _tag: 'Defect', cause: 'oh' } })
      expect(control.status()).toMatchObject({ state: 'half-open', probes: { running: 0 } })
    })
  })

  describe('a wall clock that jumps, as the states in a store of several processes are kept by it', () => {
    const day = 86_400_000
    const shared = (options: Partial<Options> = {}): Bench => {
      const kept = new Map<string, unknown>()
      const store = Store.make({
        update: (name, change) => {
          kept.set(name, JSON.parse(JSON.stringify(change(kept.get(name)))))
        }
      })()
      const time = virtual({ startAt: 1_700_000_000_000 })
      const runtime = pipe(time.runtime, Runtime.withStore(store))
      return bench({ name: 'users', ...options }, undefined, { ...time, runtime })
    }

    it('set back while it is open: it is open for a whole opening more at the most', async () => {
      const { time, call } = shared()
      await call(fails('down'))
      await call(fails('down'))
      await time.advance(400)
      time.jumpWallClock(-day)
      expect(await call(succeeds(1))).toEqual(open(1000))
      await time.advance(300)
      expect(await call(succeeds(1))).toEqual(open(700))
      await time.advance(700)
      expect(await call(succeeds(1))).toEqual(E.right(1))
    })

    it('set forth while it is open: the opening is over', async () => {
      const { time, call } = shared()
      await call(fails('down'))
      await call(fails('down'))
      time.jumpWallClock(day)
      expect(await call(succeeds(1))).toEqual(E.right(1))
    })

    it('set back while it is half-open: its lease runs anew', async () => {
      const { time, call, start } = shared({ lease: 500 })
      await call(fails('down'))
      await call(fails('down'))
      await time.advance(1000)
      const probe = start(succeeds(1, 450))
      await time.advance(400)
      time.jumpWallClock(-day)
      expect(await call(succeeds(2))).toEqual(halfOpen)
      await time.advance(50)
      expect(await probe).toEqual(E.right(1))
      expect(await call(succeeds(2))).toEqual(E.right(2))
    })

    it('set back while it ramps up: the ramp runs anew', async () => {
      const { time, call, control } = shared({ ramp: { over: 1000, from: 0.5 } })
      control.forceOpen(10)()
      await time.advance(10)
      await call(succeeds(1))
      await time.advance(900)
      time.jumpWallClock(-day)
      await call(succeeds(1))
      expect(control.status()).toMatchObject({ state: 'closed', share: 0.5 })
      await time.advance(500)
      expect(control.status().share).toBe(0.75)
      await time.advance(500)
      expect(control.status().share).toBe(1)
    })

    it('set back: failures of before count on for no longer than a window', async () => {
      const { time, call, control } = shared({ trip: Trip.failuresWithin(2, 1000) })
      await call(fails('down'))
      time.jumpWallClock(-day)
      await time.advance(500)
      await call(succeeds(1))
      await call(fails('down'))
      expect(control.status().state).toBe('open')
      const other = shared({ trip: Trip.timeWindow(1000, { failureRate: 0.5, minimumCalls: 2 }) })
      await other.call(fails('down'))
      other.time.jumpWallClock(-day)
      await other.call(fails('down'))
      expect(other.control.status().state).toBe('closed')
      await other.call(fails('down'))
      expect(other.control.status().state).toBe('open')
    })
  })

  describe('lanes and frames', () => {
    it('give the same answers and the same states', async () => {
      const lines = [
        succeeds(1),
        fails('down'),
        succeeds(-1),
        throws('oh'),
        rejects('oh'),
        fails({ _tag: 'BulkheadFull' } as never)
      ]
      for (const options of [
        {},
        { ramp: { over: 500, from: 0.5 } },
        { trip: Trip.timeWindow(500, { failureRate: 0.5, minimumCalls: 2 }) },
        { trip: Trip.countWindow(4, { slowRate: 0.5, slowAfter: 0, minimumCalls: 2 }) },
        { trip: throwing },
        { trip: Trip.anyOf(Trip.never, throwing) },
        { trip: Trip.countWindow(4, { failureRate: 0.5, minimumCalls: 2 }), openFor: throwingSchedule },
        { isFailedValue: (n: number) => n < 0 },
        { watchOnly: true },
        { perKey: {} }
      ] as ReadonlyArray<Partial<Options>>) {
        const play = async (log: boolean): Promise<ReadonlyArray<unknown>> => {
          const { time, runner, control, changes } = bench({ openFor: 300, ...options }, undefined, virtual({ log }))
          const seen: Array<unknown> = []
          for (let n = 0; n < 120; n++) {
            const line = lines[(n * 7 + (n % 5)) % lines.length]!
            seen.push(await time.run(runner.run(script(time, line).task)), control.status())
            if (n % 4 === 0) await time.advance(90)
          }
          return [...seen, ...changes]
        }
        expect(await play(false)).toEqual(await play(true))
      }
    })

    it.each([true, false])(
      'a trip or a schedule that throws at a success is a defect of that call (a listener: %p)',
      async (log) => {
        const by = (options: Partial<Options>): Bench => bench(options, undefined, virtual({ log }))
        const tripped = by({ trip: throwing })
        await tripped.call(fails('down'))
        expect(await tripped.call(succeeds(1))).toEqual(E.left(defect('Thrown', 'circuitBreaker.trip', 'oh')))
        const trip = Trip.countWindow(2, { failureRate: 0.5 })
        const opening = by({ trip, openFor: throwingSchedule })
        await opening.call(fails('down'))
        expect(await opening.call(succeeds(1))).toEqual(
          E.left(defect('Thrown', 'circuitBreaker.openFor.computed', 'oh'))
        )
        expect(opening.control.status()).toMatchObject({ state: 'closed', generation: 1 })
      }
    )

    it('a lane is left by one who was let in before a change, and moves nothing', async () => {
      const time = virtual({ log: false })
      const { runner, control } = bench({}, undefined, time)
      const late = time.start(runner.run(script(time, succeeds(1, 100)).task))
      for (let n = 0; n < 2; n++) await time.run(runner.run(TE.left('down')))
      await time.advance(100)
      expect(await late).toEqual(E.right(1))
      expect(control.status()).toMatchObject({ state: 'open', generation: 2 })
    })

    it('a success that is one too many opens it, though nobody listens', async () => {
      const trip = Trip.timeWindow(1000, { failureRate: 0.5, minimumCalls: 2 })
      const { time, runner, control, changes } = bench({ trip }, undefined, virtual({ log: false }))
      await time.run(runner.run(TE.left('down')))
      expect(control.status().state).toBe('closed')
      expect(await time.run(runner.run(TE.right(1)))).toEqual(E.right(1))
      expect(control.status().state).toBe('open')
      expect(changes).toEqual(['closed > open: FailureRate'])
    })
  })

  describe('settings', () => {
    const check = (options: object): ReadonlyArray<readonly [string, unknown]> =>
      Policy.validate(pipe(id, Policy.circuitBreaker({ trip: Trip.never, openFor: 1, ...options }))).map(
        ({ path, value }) => [path, value]
      )

    it('all that is impossible is listed at once, with its path', () => {
      const wrong = {
        trip: Trip.anyOf(
          Trip.consecutiveFailures(NaN),
          Trip.timeWindow(0, { failureRate: 2 }),
          Trip.countWindow(5, {})
        ),
        openFor: NaN,
        maxOpenFor: 0,
        retryAfter: 5,
        probes: 1.5,
        probeRate: 0,
        lease: Infinity,
        halfOpenFor: NaN,
        ramp: { over: 0, from: 2 },
        isFailure: 'all',
        isFailedValue: null,
        ignore: 1,
        watchOnly: 'yes',
        perKey: { most: 0, idle: -1 },
        name: ''
      }
      expect(check(wrong).map(([path]) => path)).toEqual([
        'circuitBreaker.openFor',
        'circuitBreaker.maxOpenFor',
        'circuitBreaker.retryAfter',
        'circuitBreaker.probes',
        'circuitBreaker.probeRate',
        'circuitBreaker.lease',
        'circuitBreaker.halfOpenFor',
        'circuitBreaker.isFailure',
        'circuitBreaker.isFailedValue',
        'circuitBreaker.ignore',
        'circuitBreaker.watchOnly',
        'circuitBreaker.name',
        'circuitBreaker.trip.anyOf.0.consecutiveFailures.n',
        'circuitBreaker.trip.anyOf.1.timeWindow.failureRate',
        'circuitBreaker.trip.anyOf.1.timeWindow.window',
        'circuitBreaker.trip.anyOf.2.countWindow.failureRate',
        'circuitBreaker.ramp.over',
        'circuitBreaker.ramp.from',
        'circuitBreaker.perKey.most',
        'circuitBreaker.perKey.idle'
      ])
    })

    it.each([
      ['trip', undefined, 'trip'],
      ['trip', 5, 'trip'],
      ['openFor', 0, 'openFor'],
      ['openFor', Infinity, 'openFor'],
      ['openFor', '30s', 'openFor'],
      ['openFor', Schedule.constant(NaN), 'openFor.constant.delay'],
      ['openFor', Schedule.stop, 'openFor'],
      ['ramp', 1000, 'ramp'],
      ['ramp', {}, 'ramp.over'],
      ['perKey', true, 'perKey'],
      ['probes', Infinity, 'probes'],
      ['probeRate', 1.1, 'probeRate'],
      ['lease', 0, 'lease']
    ])('%s: %p is no setting', (name, value, path) => {
      expect(check({ [name]: value }).map(([at]) => at)).toEqual([`circuitBreaker.${path}`])
    })

    it('are read once, guarded', () => {
      let reads = 0
      const options = {
        trip: Trip.never,
        get openFor() {
          reads++
          return 1
        },
        get lease(): number {
          return raise('oh')
        },
        ramp: {
          get over(): number {
            return raise('oh')
          }
        }
      }
      const policy = pipe(id, Policy.circuitBreaker(options))
      expect(Policy.validate(policy).map(({ path }) => path)).toEqual([
        'circuitBreaker.lease',
        'circuitBreaker.ramp.over'
      ])
      expect(reads).toBe(1)
      expect(Policy.validate(pipe(id, Policy.circuitBreaker(undefined as never))).length).toBeGreaterThan(0)
    })

    it('are shown', () => {
      const isDown = (): boolean => true
      const policy = pipe(
        id,
        Policy.circuitBreaker({
          trip: Trip.anyOf(Trip.consecutiveFailures(5), Trip.failuresWithin(20, 60_000)),
          openFor: Schedule.exponential(1000),
          maxOpenFor: 60_000,
          probes: 3,
          probeRate: 0.5,
          lease: 5000,
          halfOpenFor: 20_000,
          ramp: { over: 10_000, from: 0.2 },
          isFailure: isDown,
          watchOnly: true,
          perKey: { idle: 60_000 }
        })
      )
      expect(Policy.show(policy)).toBe(
        'circuitBreaker(anyOf(consecutiveFailures(5), failuresWithin(20, 1m)), openFor: exponential(1s, factor 2), ' +
          'maxOpenFor: 1m, probes: 3, probeRate: 0.5, lease: 5s, halfOpenFor: 20s, ramp: over 10s from 0.2, ' +
          'isFailure: isDown, watchOnly: true, perKey: most 10000 idle 1m)\n└─ operation'
      )
    })

    it.each([null, 5, 'soon', Symbol('soon')])('a ramp or perKey of %p, which is none, is shown as it is', (none) => {
      const broken = { trip: Trip.never, openFor: 5, ramp: none, perKey: none } as never
      const policy = pipe(id, Policy.circuitBreaker(broken))
      expect(Policy.validate(policy).map(({ path }) => path)).toEqual(['circuitBreaker.ramp', 'circuitBreaker.perKey'])
      const text = Problem.showValue(none)
      expect(Policy.show(policy)).toBe(
        `circuitBreaker(never, openFor: 5ms, ramp: ${text}, perKey: ${text})\n└─ operation`
      )
    })

    it('can be overridden, and switched off with the policy', async () => {
      const policy = pipe(id, Policy.circuitBreaker({ trip: Trip.consecutiveFailures(1), openFor: 1000 }))
      const other = pipe(policy, Policy.override('circuitBreaker', { openFor: 50, ramp: { over: 10 } }))
      expect(Policy.show(other)).toContain('openFor: 50ms')
      expect(Policy.show(Policy.disabled(policy))).toBe('operation')
      const time = virtual()
      const runner = Runner.make(other)(time.runtime)()
      await time.run(runner.run(TE.left('down')))
      expect(controlOf(runner).status().retryAfter).toBe(50)
    })
  })

  describe('advice', () => {
    const advice = (options: Partial<Options>, ...inside: ReadonlyArray<number | 'retry'>): ReadonlyArray<string> => {
      const policy = inside.reduce<Policy.Policy<string, number, unknown, number>>(
        (made, each) =>
          each === 'retry' ? pipe(made, Policy.retry(Schedule.constant(1))) : pipe(made, Policy.timeout(each)),
        id
      )
      const settings = { trip: Trip.never, openFor: 1000, ...options } as Policy.CircuitBreakerOptions
      return Policy.advise(pipe(policy, Policy.circuitBreaker(settings))).map(({ path }) => path)
    }

    it('a time window is at least two timeouts long', () => {
      const trip = Trip.anyOf(Trip.never, Trip.timeWindow(10_000, { failureRate: 0.5 }), Trip.failuresWithin(3, 19_999))
      expect(advice({ trip }, 5000)).toEqual([])
      expect(advice({ trip }, 10_000)).toEqual([
        'circuitBreaker.trip.anyOf.1.timeWindow.window',
        'circuitBreaker.trip.anyOf.2.failuresWithin.window'
      ])
      expect(advice({ trip }, Infinity)).toEqual([])
    })

    it('a lease, and half-open, are longer than a timeout inside', () => {
      expect(advice({}, 30_000)).toEqual(['circuitBreaker.lease'])
      expect(advice({ lease: 30_001 }, 30_000)).toEqual([])
      expect(advice({ lease: 2000, halfOpenFor: 500 }, 500)).toEqual(['circuitBreaker.halfOpenFor'])
    })

    it('slow is less than a timeout inside, unless there is more than one attempt', () => {
      const trip = Trip.countWindow(10, { slowRate: 0.5, slowAfter: 1000 })
      expect(advice({ trip }, 500)).toEqual(['circuitBreaker.trip.countWindow.slowAfter'])
      expect(advice({ trip }, 500, 'retry')).toEqual([])
      expect(advice({ trip }, 2000)).toEqual([])
    })

    it('openFor within maxOpenFor, and a schedule that knows no time', () => {
      expect(advice({ maxOpenFor: 500 })).toEqual(['circuitBreaker.openFor'])
      expect(advice({ openFor: pipe(Schedule.constant(1), Schedule.stopAfter(1000)) })).toEqual([
        'circuitBreaker.openFor'
      ])
      expect(advice({ openFor: pipe(Schedule.exponential(1000), Schedule.jittered, Schedule.cap(5)) })).toEqual([])
    })
  })

  it('calls that heed their signal, time out inside and hang leave nothing behind', async () => {
    const { time, call, start } = bench({}, (policy) => pipe(policy, Policy.timeout(100)))
    for (const line of [heeding(succeeds(1, 500)), succeeds(1, 300), fails('down')]) await call(line)
    void start(succeeds(1, 50))
    expect(await time.settle()).toEqual(nothingLeft)
  })

  it('half-open, it keeps nobody waiting: a retry outside comes back by its own schedule', async () => {
    const time = virtual()
    const policy = pipe(
      Policy.id<string, number>(),
      Policy.circuitBreaker({ trip: Trip.consecutiveFailures(1), openFor: 1000 }),
      Policy.retry(pipe(Schedule.constant(20), Schedule.take(9)), { retryRefused: true })
    )
    const runner = Runner.make(policy)(time.runtime)()
    const control = pipe(
      Policy.circuitBreakerControl(runner),
      O.getOrElseW(() => {
        throw new Error('no breaker')
      })
    )
    control.forceOpen(100)()
    await time.advance(100)
    const probe = time.start(runner.run(script(time, succeeds(1, 50)).task))
    const other = script(time, succeeds(2))
    const answer = time.start(runner.run(other.task))
    await time.advance(200)
    expect([await probe, await answer]).toEqual([E.right(1), E.right(2)])
    // refused at 100, 120 and 140; let in at 160, as the probe had ended at 150
    expect(other.calls.map(({ at }) => at)).toEqual([160])
  })

  it('a success of an earlier generation says nothing of those to come', async () => {
    const time = virtual({ log: false })
    const policy = pipe(id, Policy.circuitBreaker({ trip: Trip.consecutiveFailures(2), openFor: 1000 }))
    const runner = Runner.make(policy)(time.runtime)()
    const call = (line: Line<string, number>) => time.run(runner.run(script(time, line).task))
    const early = time.start(runner.run(script(time, succeeds(0, 2000)).task))
    for (const line of [fails('down'), fails('down')]) await call(line)
    await time.advance(1000)
    // the probe closes it, and one of two failures counts already when the early one ends
    expect([await call(succeeds(1)), await call(fails('down'))]).toEqual([E.right(1), E.left('down')])
    await time.advance(1000)
    expect(await early).toEqual(E.right(0))
    for (const line of [succeeds(2), fails('down'), succeeds(3)]) await call(line)
    expect(controlOf(runner).status().state).toBe('closed')
  })
})
