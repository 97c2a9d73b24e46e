import * as E from 'fp-ts/Either'
import * as O from 'fp-ts/Option'
import { pipe } from 'fp-ts/function'
import { Policy, Random, type Rejection, Runner, Schedule, Trip } from 'resilience-ts'
import { virtual } from 'resilience-ts/testing'
import { nothingLeft } from '../support'
import { firstSeed, patience, steps } from './steps'

// a failure names its seed and step

/** After so many steps it begins anew, with another breaker. */
const chapter = 250

/** How a call ended that was let in while it was closed. */
interface Outcome {
  readonly at: number
  readonly failed: boolean
  readonly took: number
}

/** A trip, and a reading of what it says over the list of all outcomes since it was closed. */
interface TripShape {
  readonly trip: Trip.Trip
  readonly says: (outcomes: ReadonlyArray<Outcome>, now: number) => Trip.TripReason | undefined
  readonly isSlow: (took: number) => boolean
  /** Whether it goes by tenths of a window, which a clock that jumps does not keep to the ms. */
  readonly tenths: boolean
}

interface Shape {
  readonly trip: TripShape
  /** The lengths of the openings, one after the other; the last goes on. */
  readonly delays: readonly [number, ...ReadonlyArray<number>]
  readonly maxOpenFor: number
  readonly probes: number
  readonly needed: number
  readonly lease: number
  readonly halfOpenFor: number
  readonly ramp: { readonly over: number; readonly from: number } | undefined
  readonly watchOnly: boolean
}

const never = (): boolean => false

const consecutive = (n: number): TripShape => ({
  trip: Trip.consecutiveFailures(n),
  says: (outcomes) => {
    const row = [...outcomes].reverse().findIndex(({ failed }) => !failed)
    const failures = row === -1 ? outcomes.length : row
    return failures >= n ? { _tag: 'ConsecutiveFailures', failures } : undefined
  },
  isSlow: never,
  tenths: false
})

const failuresWithin = (n: number, window: number): TripShape => ({
  trip: Trip.failuresWithin(n, window),
  says: (outcomes, now) =>
    outcomes.filter(({ failed, at }) => failed && now - at <= window).length >= n
      ? { _tag: 'FailuresWithin', failures: n, window }
      : undefined,
  isSlow: never,
  tenths: false
})

const rates = (
  { failureRate, slowRate, slowAfter = 0, minimumCalls = 10 }: Trip.Rates,
  size: number,
  outcomes: ReadonlyArray<Outcome>
): Trip.TripReason | undefined => {
  const calls = outcomes.length
  if (calls < Math.min(minimumCalls, size)) return undefined
  const failed = outcomes.filter((outcome) => outcome.failed).length
  const slow = outcomes.filter(({ took }) => took >= slowAfter).length
  if (failureRate !== undefined && failed / calls >= failureRate) {
    return { _tag: 'FailureRate', rate: failed / calls, calls }
  }
  return slowRate !== undefined && slow / calls >= slowRate
    ? { _tag: 'SlowRate', rate: slow / calls, calls }
    : undefined
}
const slowness =
  ({ slowAfter = Infinity }: Trip.Rates) =>
  (took: number): boolean =>
    took >= slowAfter

const countWindow = (size: number, given: Trip.Rates): TripShape => ({
  trip: Trip.countWindow(size, given),
  says: (outcomes) => rates(given, size, outcomes.slice(-size)),
  isSlow: slowness(given),
  tenths: false
})

const timeWindow = (window: number, given: Trip.Rates): TripShape => {
  const tenth = (at: number): number => Math.floor(at / (window / 10))
  return {
    trip: Trip.timeWindow(window, given),
    says: (outcomes, now) =>
      rates(
        given,
        Infinity,
        outcomes.filter(({ at }) => tenth(at) > tenth(now) - 10)
      ),
    isSlow: slowness(given),
    tenths: true
  }
}

const anyOf = (...shapes: ReadonlyArray<TripShape>): TripShape => ({
  trip: Trip.anyOf(...shapes.map(({ trip }) => trip)),
  says: (outcomes, now) => shapes.map(({ says }) => says(outcomes, now)).find((reason) => reason !== undefined),
  isSlow: (took) => shapes.some(({ isSlow }) => isSlow(took)),
  tenths: shapes.some(({ tenths }) => tenths)
})

const allOf = (...shapes: ReadonlyArray<TripShape>): TripShape => ({
  trip: Trip.allOf(...shapes.map(({ trip }) => trip)),
  says: (outcomes, now) => {
    const reasons = shapes.flatMap(({ says }) => says(outcomes, now) ?? [])
    return reasons.length === shapes.length ? { _tag: 'All', reasons } : undefined
  },
  isSlow: (took) => shapes.some(({ isSlow }) => isSlow(took)),
  tenths: shapes.some(({ tenths }) => tenths)
})

const trips: ReadonlyArray<TripShape> = [
  consecutive(1),
  consecutive(3),
  failuresWithin(3, 500),
  failuresWithin(1, 100),
  countWindow(4, { failureRate: 0.5, minimumCalls: 2 }),
  countWindow(40, { failureRate: 0.25 }),
  countWindow(17, { slowRate: 0.5, slowAfter: 200, minimumCalls: 3 }),
  timeWindow(1000, { failureRate: 0.5, minimumCalls: 3 }),
  timeWindow(500, { failureRate: 1, slowRate: 0.75, slowAfter: 100, minimumCalls: 2 }),
  anyOf(consecutive(4), failuresWithin(3, 200)),
  anyOf(consecutive(4), timeWindow(2000, { failureRate: 0.3, minimumCalls: 5 })),
  allOf(consecutive(2), countWindow(10, { failureRate: 0.3, minimumCalls: 3 })),
  allOf(consecutive(1), failuresWithin(2, 500))
]

/** A call as the model sees it. */
interface Call {
  readonly name: number
  readonly startedAt: number
  /** In which generation it was let in to be judged; none if it was let in only to be watched. */
  readonly generation: number
}

interface Probe {
  readonly name: number
  readonly until: number
  stands: 'running' | 'succeeded' | 'failed' | 'released'
}

interface Told {
  readonly from: Trip.CircuitState
  readonly to: Trip.CircuitState
  readonly reason: Trip.CircuitReason
  readonly generation: number
}

type State = 'closed' | 'open' | 'half-open' | 'isolated' | 'disabled'

/** A breaker written for obviousness: lists of all that has been, with the times, looked through again each time. */
class Model {
  state: State = 'closed'
  generation = 1
  /** Since when it is in this state, and until when it is open. */
  since = 0
  until = 0
  outcomes: ReadonlyArray<Outcome> = []
  /** The share that each call brought which asked during the ramp, and how many were let in; none without a ramp. */
  ramp: { readonly shares: ReadonlyArray<number>; readonly admitted: number } | undefined = undefined
  probes: ReadonlyArray<Probe> = []
  openings = 0
  holds = 0
  told: ReadonlyArray<Told> = []

  constructor(readonly shape: Shape) {}

  private go(to: State, at: number, reason: Trip.CircuitReason): void {
    this.generation++
    this.told = [...this.told, { from: this.state, to, reason, generation: this.generation }]
    this.state = to
    this.since = at
    this.probes = []
    this.holds = 0
    this.ramp = undefined
  }

  private open(at: number, reason: Trip.CircuitReason, asked: number | undefined): void {
    const { delays, maxOpenFor } = this.shape
    this.openings++
    const delay = delays[Math.min(this.openings, delays.length) - 1]!
    this.go('open', at, reason)
    this.until = at + Math.min(asked ?? delay, maxOpenFor)
    this.outcomes = []
  }

  private close(at: number, reason: Trip.CircuitReason): void {
    this.go('closed', at, reason)
    this.openings = 0
    this.outcomes = []
    if (this.shape.ramp !== undefined) this.ramp = { shares: [], admitted: 0 }
  }

  private count(stands: Probe['stands']): number {
    return this.probes.filter((probe) => probe.stands === stands).length
  }
  private hasFailed(): boolean {
    return this.count('failed') > this.shape.probes - this.shape.needed
  }

  /** All that happens by the clock up to now, one thing after the other. */
  tick(now: number): void {
    while (this.state === 'half-open') {
      const end = this.since + this.shape.halfOpenFor
      const running = this.probes.filter(({ stands }) => stands === 'running')
      const first = [...running].sort((a, b) => a.until - b.until)[0]
      if (first !== undefined && first.until <= now && first.until <= end) {
        first.stands = 'failed'
        if (this.hasFailed()) this.open(first.until, { _tag: 'LeaseExpired' }, undefined)
      } else if (end <= now) {
        this.open(end, { _tag: 'HalfOpenTooLong' }, undefined)
      } else {
        return
      }
    }
  }

  share(now: number): number {
    if (this.state === 'disabled') return 1
    if (this.state !== 'closed') return 0
    const { ramp } = this.shape
    if (ramp === undefined || this.ramp === undefined) return 1
    return Math.min(1, ramp.from + ((1 - ramp.from) * (now - this.since)) / ramp.over)
  }

  arrive(name: number, now: number): Call | Rejection.CircuitOpen {
    const verdict = this.ask(name, now)
    return '_tag' in verdict && this.shape.watchOnly ? { name, startedAt: now, generation: 0 } : verdict
  }

  private ask(name: number, now: number): Call | Rejection.CircuitOpen {
    this.tick(now)
    const refuse = (reason: Rejection.CircuitOpen['reason'], retryAfter: number): Rejection.CircuitOpen => ({
      _tag: 'CircuitOpen',
      reason,
      retryAfter
    })
    if (this.state === 'isolated') return refuse('isolated', Infinity)
    if (this.state === 'open' && now < this.until) return refuse('open', this.until - now)
    if (this.state === 'open') this.go('half-open', now, { _tag: 'OpenTimeOver' })
    if (this.state === 'half-open') {
      const taken = this.probes.filter(({ stands }) => stands !== 'released')
      if (taken.length >= this.shape.probes) return refuse('half-open', 0)
      this.probes = [...this.probes, { name, until: now + this.shape.lease, stands: 'running' }]
    }
    if (this.state === 'closed' && this.ramp !== undefined) {
      const share = this.share(now)
      if (share === 1) this.ramp = undefined
      else {
        // all that ask bring their shares together; the first need bring none
        const shares = [...this.ramp.shares, share]
        const whole = shares.reduce((sum, each) => sum + each, 1)
        const isIn = whole - this.ramp.admitted >= 1
        this.ramp = { shares, admitted: this.ramp.admitted + (isIn ? 1 : 0) }
        if (!isIn) return refuse('ramp', 0)
      }
    }
    return { name, startedAt: now, generation: this.generation }
  }

  end(call: Call, failed: boolean, asked: number | undefined, now: number): void {
    this.tick(now)
    if (call.generation !== this.generation) return
    const took = now - call.startedAt
    if (this.state === 'closed') {
      this.outcomes = [...this.outcomes, { at: now, failed, took }]
      const reason = this.shape.trip.says(this.outcomes, now)
      if (reason !== undefined) {
        this.openings = 0
        this.open(now, reason, failed ? asked : undefined)
      }
    } else if (this.state === 'half-open') {
      const probe = this.probes.find(({ name }) => name === call.name)!
      if (probe.stands !== 'running') return
      const bad = failed || this.shape.trip.isSlow(took)
      probe.stands = bad ? 'failed' : 'succeeded'
      if (this.hasFailed()) this.open(now, { _tag: 'ProbesFailed' }, failed ? asked : undefined)
      else if (this.count('succeeded') >= this.shape.needed) this.close(now, { _tag: 'ProbesSucceeded' })
    }
  }

  /** It ended, and that says nothing. */
  release(call: Call, now: number): void {
    this.tick(now)
    if (call.generation !== this.generation || this.state !== 'half-open') return
    const probe = this.probes.find(({ name }) => name === call.name)!
    if (probe.stands === 'running') probe.stands = 'released'
  }

  isolate(now: number): void {
    if (this.state !== 'isolated') {
      this.go('isolated', now, { _tag: 'Isolated' })
      this.openings = 0
    }
    this.holds++
  }

  letGo(generation: number, now: number): void {
    if (this.state !== 'isolated' || generation !== this.generation) return
    this.holds--
    if (this.holds === 0) this.close(now, { _tag: 'Released' })
  }

  forceOpen(ms: number, now: number): void {
    this.go('open', now, { _tag: 'Forced' })
    this.until = now + ms
    this.openings = 0
  }

  disable(now: number): void {
    if (this.state === 'disabled') return
    this.go('disabled', now, { _tag: 'Disabled' })
    this.openings = 0
  }

  reset(now: number): void {
    this.close(now, { _tag: 'Reset' })
    this.ramp = undefined
  }

  /** As another one was that was copied then, all of its times so much later. */
  restore(then: Model, by: number, now: number): void {
    this.go(then.state === 'half-open' ? 'open' : then.state, then.since + by, { _tag: 'Restored' })
    this.until = then.state === 'half-open' ? now : then.until + by
    this.outcomes = then.outcomes.map((outcome) => ({ ...outcome, at: outcome.at + by }))
    this.ramp = then.ramp
    this.openings = then.openings
    this.holds = then.holds
  }

  copy(): Model {
    const copy = Object.assign(new Model(this.shape), this)
    copy.probes = this.probes.map((probe) => ({ ...probe }))
    return copy
  }

  status(now: number): Policy.CircuitStatus {
    this.tick(now)
    const isDue = this.state === 'open' && now >= this.until
    return {
      state: isDue ? 'half-open' : this.state,
      generation: this.generation,
      share: this.share(now),
      retryAfter: this.state === 'isolated' ? Infinity : this.state === 'open' ? Math.max(0, this.until - now) : 0,
      probes: { running: this.count('running'), succeeded: this.count('succeeded'), failed: this.count('failed') },
      openings: this.openings,
      holds: this.holds
    }
  }
}

/** What the operations fail with. */
type Failure =
  { readonly _tag: 'Failed'; readonly asks: number | undefined } | { readonly _tag: 'Ignored' | 'BulkheadFull' }

/** What can still be done with a call of the real breaker. */
interface Live {
  readonly call: Call
  readonly settle: (answer: E.Either<Failure, number>) => void
  readonly crash: () => void
  readonly abort: (() => void) | undefined
}

const show = (u: unknown): string =>
  JSON.stringify(u, (_key, value: unknown) => (value === Infinity ? 'Infinity' : value))

/** Why it has changed its state so far: all reasons there are, it is to be hoped. */
const reasons = new Set<string>()

const tell = async (seed: number, length: number): Promise<number> => {
  const random = Random.seeded(seed)
  const upTo = (n: number): number => Math.floor(random() * n)
  const oneOf = <T>(values: ReadonlyArray<T>): T => values[upTo(values.length)] as T
  const probes = 1 + upTo(4)
  const needed = 1 + upTo(probes)
  const shape: Shape = {
    trip: oneOf(trips),
    delays: oneOf([[100], [100, 200, 400], [50, 500]] as const),
    maxOpenFor: oneOf([Infinity, 250]),
    probes,
    needed,
    lease: oneOf([100, 300, 1000]),
    halfOpenFor: oneOf([Infinity, 200, 800]),
    // binary fractions, so that sums are exact in whatever order
    ramp: oneOf([undefined, { over: 1024, from: 0.25 }, { over: 512, from: 0 }]),
    watchOnly: random() < 0.1
  }
  // without listeners it goes by its lane, with them by frames
  const time = virtual({ log: random() < 0.5, startAt: 1_700_000_000_000 })
  const { trip, delays, maxOpenFor, lease, halfOpenFor, ramp, watchOnly } = shape
  const policy = pipe(
    Policy.id<Failure, number>(),
    Policy.circuitBreaker({
      trip: trip.trip,
      openFor: delays.length === 1 ? delays[0] : Schedule.delays([...delays]),
      maxOpenFor,
      retryAfter: (error) => (error._tag === 'Failed' ? O.fromNullable(error.asks) : O.none),
      probes,
      probeRate: needed / probes,
      lease,
      halfOpenFor,
      ignore: ({ _tag }) => _tag === 'Ignored',
      watchOnly,
      ...(ramp === undefined ? {} : { ramp })
    })
  )
  const runner = Runner.make(policy)(time.runtime)()
  const control = pipe(
    Policy.circuitBreakerControl(runner),
    O.getOrElse((): Policy.CircuitBreakerControl => {
      throw new Error('no control')
    })
  )
  const model = new Model(shape)
  let watched: ReadonlyArray<Told> = []
  control.watch(({ from, to, reason, generation }) => {
    watched = [...watched, { from, to, reason, generation }]
  })()

  let live: ReadonlyArray<Live> = []
  let began: ReadonlyArray<number> = []
  const answers = new Map<number, string>()
  const wanted = new Map<number, string>()
  let names = 0
  let seen = 0

  const arrive = (): void => {
    const name = names++
    const controller = new AbortController()
    let settle: Live['settle'] = () => undefined
    let crash: Live['crash'] = () => undefined
    const task = (): Promise<E.Either<Failure, number>> => {
      began = [...began, name]
      return new Promise((resolve, reject) => {
        settle = resolve
        crash = () => {
          reject(new Error('oh'))
        }
      })
    }
    const abortable = random() < 0.5
    const run = abortable ? runner.runWith(() => task, { signal: controller.signal }) : runner.run(task)
    const verdict = model.arrive(name, time.now())
    void run().then((answer) => {
      if (answers.has(name)) throw new Error(`two answers of ${String(name)}`)
      answers.set(name, show(answer))
    })
    if ('_tag' in verdict) {
      wanted.set(name, show(E.left(verdict)))
      return
    }
    const abort = abortable
      ? (): void => {
          controller.abort('gone')
        }
      : undefined
    live = [...live, { call: verdict, settle: (answer) => settle(answer), crash: () => crash(), abort }]
  }

  const end = (): void => {
    const one = oneOf(live)
    live = live.filter((each) => each !== one)
    const { call } = one
    const dice = random()
    const settle = (answer: E.Either<Failure, number>): void => {
      one.settle(answer)
      wanted.set(call.name, show(answer))
    }
    if (dice < 0.4) {
      settle(E.right(call.name))
      model.end(call, false, undefined, time.now())
    } else if (dice < 0.8) {
      const asks = random() < 0.2 ? oneOf([0, 70, 600]) : undefined
      settle(E.left({ _tag: 'Failed', asks }))
      model.end(call, true, asks === 0 ? undefined : asks, time.now())
    } else if (dice < 0.9) {
      settle(E.left({ _tag: oneOf(['Ignored', 'BulkheadFull'] as const) }))
      model.release(call, time.now())
    } else if (one.abort !== undefined) {
      one.abort()
      wanted.set(call.name, show(E.left({ _tag: 'Aborted', by: 'caller', reason: 'gone' })))
      model.release(call, time.now())
      // what it was about settles one day
      late = [...late, one]
    } else {
      one.crash()
      wanted.set(call.name, 'defect')
      model.release(call, time.now())
    }
  }
  let late: ReadonlyArray<Live> = []
  let handles: ReadonlyArray<{ readonly generation: number; readonly letGo: () => void }> = []
  let saved: { readonly text: string; readonly then: Model; readonly at: number; readonly wall: number } | undefined
  let wall = 0

  const steer = (): void => {
    const now = time.now()
    switch (oneOf(['isolate', 'letGo', 'letGo', 'letGo', 'force', 'disable', 'reset', 'reset', 'save', 'restore'])) {
      case 'isolate':
        model.tick(now)
        model.isolate(now)
        control.status()
        handles = [...handles, { generation: model.generation, letGo: control.isolate() }]
        break
      case 'letGo': {
        const handle = oneOf(handles)
        if (handles.length === 0) return
        handles = handles.filter((each) => each !== handle)
        handle.letGo()
        handle.letGo()
        model.letGo(handle.generation, now)
        break
      }
      case 'force': {
        const ms = oneOf([50, 300])
        model.tick(now)
        control.status()
        control.forceOpen(ms)()
        model.forceOpen(ms, now)
        break
      }
      case 'disable':
        model.tick(now)
        control.status()
        control.disable()
        model.disable(now)
        break
      case 'reset':
        model.tick(now)
        control.status()
        control.reset()
        model.reset(now)
        break
      case 'save':
        model.tick(now)
        saved = { text: JSON.stringify(control.snapshot()), then: model.copy(), at: now, wall: now + wall }
        break
      case 'restore': {
        if (saved === undefined) return
        model.tick(now)
        control.status()
        // the wall clock may have been set forth or back since
        const jump = trip.tenths ? 0 : oneOf([0, 0, 400, -5000])
        time.jumpWallClock(jump)
        wall += jump
        const age = Math.max(0, now + wall - saved.wall)
        const restored = control.restore(JSON.parse(saved.text) as Policy.CircuitSnapshot)()
        if (restored._tag === 'Left') throw new Error(show(restored.left))
        if (!trip.tenths || age === now - saved.at) model.restore(saved.then.copy(), now - age - saved.at, now)
        break
      }
    }
  }

  const act = async (): Promise<void> => {
    const dice = random()
    if (dice < 0.4) arrive()
    else if (dice < 0.75 && live.length > 0) end()
    else if (dice < 0.8 && late.length > 0) {
      oneOf(late).settle(E.left({ _tag: 'Failed', asks: undefined }))
    } else if (dice < 0.95) await time.advance(oneOf([1, 10, 50, 100, 300, 1100]))
    else steer()
  }

  const check = async (what: string): Promise<void> => {
    await time.advance(0)
    const now = time.now()
    const [status, expected] = [show(control.status()), show(model.status(now))]
    if (status !== expected) throw new Error(`${what}: ${status}, and the model has ${expected}`)
    if (show(watched) !== show(model.told)) {
      throw new Error(`${what}: ${show(watched)} was told, and in the model ${show(model.told)}`)
    }
    for (const { reason } of watched) reasons.add(reason._tag)
    watched = model.told = []
    for (const name of began) if (wanted.get(name)?.includes('CircuitOpen') === true) throw new Error(`${what}: began`)
    began = []
    for (const [name, answer] of answers) {
      const asked = wanted.get(name)
      if (asked === undefined || (asked === 'defect' ? !answer.includes('"Defect"') : asked !== answer)) {
        throw new Error(`${what}: ${answer}, and in the model ${String(asked)}`)
      }
      answers.delete(name)
      wanted.delete(name)
    }
    if (wanted.size > 0) throw new Error(`${what}: ${show([...wanted])} has not come`)
    seen++
  }

  for (let step = 0; step < length; step++) {
    await act()
    await check(`seed ${String(seed)}, step ${String(step)}`)
  }
  // all come to an end
  for (const each of [...live, ...late]) {
    each.settle(E.right(0))
    wanted.set(each.call.name, show(E.right(0)))
  }
  for (const { call } of late) wanted.delete(call.name)
  await time.advance(0)
  expect(new Map([...answers].sort())).toEqual(new Map([...wanted].sort()))
  expect(control.status().probes.running).toBe(0)
  expect(runner.status()).toMatchObject({ inFlight: 0, hanging: 0 })
  expect(await time.settle()).toEqual(nothingLeft)
  return seen
}

describe('circuitBreaker: a naive model', () => {
  it(
    `says the same for ${String(steps)} random steps`,
    async () => {
      let taken = 0
      for (let seed = firstSeed; taken < steps; seed++) taken += await tell(seed, Math.min(chapter, steps - taken))
      expect(taken).toBeGreaterThanOrEqual(steps)
      if (steps < 10_000) return
      const possible: ReadonlyArray<Trip.CircuitReason['_tag']> = [
        'ConsecutiveFailures',
        'FailureRate',
        'SlowRate',
        'FailuresWithin',
        'All',
        'OpenTimeOver',
        'ProbesSucceeded',
        'ProbesFailed',
        'LeaseExpired',
        'HalfOpenTooLong',
        'Isolated',
        'Released',
        'Forced',
        'Disabled',
        'Reset',
        'Restored'
      ]
      expect([...reasons].sort()).toEqual([...possible].sort())
    },
    patience
  )
})
