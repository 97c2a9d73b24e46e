import * as E from 'fp-ts/Either'
import * as O from 'fp-ts/Option'
import { pipe } from 'fp-ts/function'
import { Policy, Runner, Runtime, Schedule, Store, Trip } from 'resilience-ts'
import { CircuitSnapshot } from 'resilience-ts/codec'
import { fails, script, virtual, type VirtualRuntime } from 'resilience-ts/testing'
import { only, raise } from '../support'

/** Names of the namespace that make no schedule. */
const others = [
  'initial',
  'isSchedule',
  'show',
  'step',
  'validate',
  'preview',
  'recurrences',
  'Contravariant',
  'URI',
  'getLattice',
  'getMonoidBoth',
  'getMonoidEither',
  'getMonoidAndThen'
]

const doubling = Schedule.exponential(100)
const classOf = (error: unknown): 'a' | 'b' => (error === 'down' ? 'a' : 'b')

/** A schedule of openings by each name that makes one; `stop` gives no delay, and is a part of another. */
const schedules: Readonly<Record<string, Schedule.Schedule<string>>> = {
  additiveJitter: pipe(doubling, Schedule.additiveJitter(1, 9)),
  andThen: pipe(doubling, Schedule.take(2), Schedule.andThen(pipe(Schedule.fibonacci(50), Schedule.take(2)))),
  both: pipe(doubling, Schedule.both(Schedule.fibonacci(150))),
  cadence: Schedule.cadence(100),
  cap: pipe(doubling, Schedule.cap(300)),
  computed: Schedule.computed(({ attempt }) => attempt * 10),
  constant: Schedule.constant(100),
  contramap: pipe(
    doubling,
    Schedule.contramap((error: string) => error.length)
  ),
  decorrelated: Schedule.decorrelated(100, 1000),
  decorrelatedV2: Schedule.decorrelatedV2(100),
  delays: Schedule.delays([100, 200, 300]),
  either: pipe(doubling, Schedule.take(2), Schedule.either(Schedule.linear(500, 5))),
  equalJitter: pipe(doubling, Schedule.equalJitter),
  exponential: doubling,
  fibonacci: Schedule.fibonacci(100),
  floor: pipe(doubling, Schedule.floor(150)),
  forever: Schedule.forever,
  growing: Schedule.growing({ first: 100, factor: 1.5, plus: [0, 10] }),
  iterate: Schedule.iterate(100, (ms) => ms + 7),
  jittered: pipe(doubling, Schedule.jittered),
  jitteredFrom: pipe(doubling, Schedule.jitteredFrom(50)),
  linear: Schedule.linear(100, 10),
  modify: pipe(
    doubling,
    Schedule.modify((ms, error: string) => ms + error.length)
  ),
  plus: pipe(doubling, Schedule.plus(Schedule.decorrelatedV2(10))),
  proportionalJitter: pipe(doubling, Schedule.proportionalJitter(0.5)),
  resetAfter: pipe(doubling, Schedule.resetAfter(1000)),
  route: Schedule.route(classOf, { a: doubling, b: pipe(Schedule.fibonacci(10), Schedule.take(2)) }),
  stop: pipe(Schedule.stop, Schedule.either(pipe(doubling, Schedule.take(2)))),
  stopAfter: pipe(doubling, Schedule.stopAfter(1000)),
  stopWhen: pipe(
    doubling,
    Schedule.stopWhen(({ attempt }) => attempt > 3)
  ),
  take: pipe(doubling, Schedule.take(3)),
  uniform: Schedule.uniform(100, 200),
  until: pipe(
    doubling,
    Schedule.until((error: string) => error === 'up')
  ),
  upTo: pipe(doubling, Schedule.upTo(1000)),
  while: pipe(
    doubling,
    Schedule.while((error: string) => error !== 'up')
  ),
  within: pipe(doubling, Schedule.within(1000))
}

interface Opening {
  readonly call: () => Promise<unknown>
  readonly control: Policy.CircuitBreakerControl
}

const openingBy = (
  openFor: Schedule.Schedule<string>,
  time: VirtualRuntime,
  runtime: Runtime.Runtime = time.runtime,
  name?: string
): Opening => {
  const settings = { trip: Trip.consecutiveFailures(1), openFor, ...(name === undefined ? {} : { name }) }
  const policy = pipe(Policy.id<string, number>(), Policy.circuitBreaker(settings))
  const runner: Runner.Runner<string, number, unknown, number> = Runner.make(policy)(runtime)()
  const control = pipe(
    Policy.circuitBreakerControl(runner),
    O.getOrElse((): Policy.CircuitBreakerControl => raise(new Error('no control')))
  )
  return { control, call: () => time.run(runner.run(script(time, fails('down')).task)) }
}

/** In a store, or by snapshots: what a circuit remembers goes through JSON. */
const copied = <A>(a: A): A => JSON.parse(JSON.stringify(a)) as A

describe('a schedule of openings', () => {
  it('of each kind there is one here', () => {
    expect(Object.keys(schedules)).toEqual(
      Object.keys(Schedule)
        .filter((name) => !others.includes(name))
        .sort()
    )
  })

  it.each(Object.keys(schedules))('%s: goes on where it was, however often it is saved and restored', async (name) => {
    const [time, other] = [virtual({ startAt: 5000 }), virtual({ startAt: 5000 })]
    const [kept, restored] = [time, other].map((each) => openingBy(schedules[name]!, each)) as [Opening, Opening]
    for (let opening = 1; opening <= 7; opening++) {
      for (const [{ call, control }, clock] of [
        [kept, time],
        [restored, other]
      ] as const) {
        expect(await call()).toEqual(E.left('down'))
        expect(control.status().openings).toBe(opening)
        await clock.advance(Math.ceil(control.status().retryAfter))
      }
      expect(other.now()).toBe(time.now())
      const snapshot = CircuitSnapshot.decode(copied(CircuitSnapshot.encode(restored.control.snapshot())))
      expect(E.isRight(snapshot) && restored.control.restore(snapshot.right)()).toEqual(E.right(undefined))
    }
  })

  it.each(Object.keys(schedules))('%s: is shared by name, and the store does not fail', async (name) => {
    const kept = new Map<string, unknown>()
    const store = Store.make({ update: (at, change) => void kept.set(at, copied(change(kept.get(at)))) })()
    const time = virtual({ startAt: 5000 })
    const runtime = pipe(time.runtime, Runtime.withStore(store))
    const breakers = [1, 2].map(() => openingBy(schedules[name]!, time, runtime, 'users'))
    for (let opening = 1; opening <= 7; opening++) {
      const { call, control } = breakers[opening % 2]!
      expect(await call()).toEqual(E.left('down'))
      expect(control.status().openings).toBe(opening)
      await time.advance(Math.ceil(control.status().retryAfter))
    }
    expect(only(time.log, 'StoreFailed')).toEqual([])
  })
})
