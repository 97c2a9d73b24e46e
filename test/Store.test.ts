import fc from 'fast-check'
import * as E from 'fp-ts/Either'
import * as O from 'fp-ts/Option'
import { pipe } from 'fp-ts/function'
import { Policy, Problem, Rule, Runner, Runtime, Schedule, Store, Trip } from 'resilience-ts'
import { fails, script, succeeds, virtual, type VirtualRuntime } from 'resilience-ts/testing'
import { runs } from './laws/runs'
import { database, odd } from './stores'
import { nothingLeft, only, tags } from './support'

const id = Policy.id<string, number>()
const options = { name: 'users', trip: Trip.consecutiveFailures(2), openFor: 1000 }
const policy = pipe(id, Policy.circuitBreaker(options))
type AnyRunner = Runner.Runner<string, number, unknown, number>

const on = (time: VirtualRuntime, store: Store.Store, of: typeof policy = policy): AnyRunner =>
  Runner.make(of)(pipe(time.runtime, Runtime.withStore(store)))()
const controlOf = (runner: AnyRunner): Policy.CircuitBreakerControl =>
  pipe(
    Policy.circuitBreakerControl(runner),
    O.getOrElseW(() => {
      throw new Error('no breaker')
    })
  )
const call = (time: VirtualRuntime, runner: AnyRunner, ok: boolean): Promise<E.Either<unknown, number>> =>
  time.run(runner.run(script(time, ok ? succeeds(1) : fails('down')).task))
const isRefused = E.match(
  (left) => (left as { readonly _tag?: unknown })._tag === 'CircuitOpen',
  () => false
)

describe('a state that has a name', () => {
  it('is shared by all runners on the store', async () => {
    const time = virtual()
    const store = Store.memory()
    const [one, other] = [on(time, store), on(time, store)]
    await call(time, one, false)
    await call(time, other, false)
    expect(isRefused(await call(time, one, true))).toBe(true)
    expect(isRefused(await call(time, other, true))).toBe(true)
    expect(controlOf(one).status()).toMatchObject({ state: 'open', retryAfter: 1000 })
    await time.advance(1000)
    expect(await call(time, other, true)).toEqual(E.right(1))
    expect(await call(time, one, true)).toEqual(E.right(1))
    expect(await time.settle()).toEqual(nothingLeft)
  })

  it('is looked at where it is: what another runner has done is seen, and waited for', async () => {
    const time = virtual()
    const store = Store.memory()
    const [one, other] = [on(time, store), on(time, store)]
    const opened = time.start(controlOf(one).until(({ state }) => state === 'open', Infinity))
    await call(time, other, false)
    await call(time, other, false)
    expect(controlOf(one).status()).toMatchObject({ state: 'open', generation: 2 })
    await time.advance(10)
    expect(await opened).toMatchObject({ right: { state: 'open' } })
    const closed = time.start(controlOf(one).until(({ state }) => state === 'closed', 5000))
    await time.advance(1000)
    await call(time, other, true)
    await time.advance(10)
    expect(await closed).toMatchObject({ right: { state: 'closed', generation: 4 } })
    expect(await time.settle()).toEqual(nothingLeft)
  })

  it('is changed anew where a function of the user’s changes it in the middle of a change', async () => {
    const time = virtual()
    const store = Store.memory()
    const holder: { runner?: AnyRunner } = {}
    let nested = 0
    const form: Trip.Form<object, number> = {
      name: 'meddling',
      rules: {},
      initial: () => 0,
      step: (_trip, count, { failed }) => {
        if (failed && nested++ === 0) controlOf(holder.runner!).disable()
        return failed ? count + 1 : count
      },
      reason: () => undefined,
      holds: (_trip, state) => typeof state === 'number',
      moved: (_trip, count) => count,
      show: () => 'meddling'
    }
    const runner = on(time, store, pipe(id, Policy.circuitBreaker({ ...options, trip: Trip.make(form, {}) })))
    holder.runner = runner
    await call(time, runner, false)
    expect(controlOf(runner).status()).toMatchObject({ state: 'disabled' })
  })

  it('is not shared with another store, nor by another name, nor without one', async () => {
    const time = virtual()
    const store = Store.memory()
    const { name, ...unnamed } = options
    const open = on(time, store)
    await call(time, open, false)
    await call(time, open, false)
    expect(name).toBe('users')
    for (const runner of [
      on(time, Store.memory()),
      on(time, store, pipe(id, Policy.circuitBreaker({ ...options, name: 'orders' }))),
      on(time, store, pipe(id, Policy.circuitBreaker(unnamed)))
    ]) {
      expect(await call(time, runner, true)).toEqual(E.right(1))
    }
  })

  it('takes a runtime that has a store: `make` says so if not', async () => {
    const time = virtual()
    const answer = await call(time, Runner.make(policy)(time.runtime)(), true)
    expect(answer).toMatchObject({
      left: { _tag: 'Defect', kind: 'Invalid', problems: [{ path: 'circuitBreaker.name', value: 'users' }] }
    })
  })

  it('takes settings that agree: `make` says so if not', async () => {
    const time = virtual()
    const store = Store.memory()
    const first = on(time, store)
    const same = on(time, store, pipe(id, Policy.circuitBreaker({ ...options, isFailure: () => true })))
    const other = on(time, store, pipe(id, Policy.circuitBreaker({ ...options, openFor: 2000 })))
    expect(await call(time, first, true)).toEqual(E.right(1))
    expect(await call(time, same, true)).toEqual(E.right(1))
    expect(await call(time, other, true)).toMatchObject({
      left: {
        kind: 'Invalid',
        problems: [{ path: 'circuitBreaker.name', allowed: expect.stringContaining('1s') as unknown }]
      }
    })
  })

  it.each([
    [Trip.countWindow(20, { failureRate: 0.5 }), Trip.countWindow(20, { failureRate: 0.5, minimumCalls: 10 })],
    [Trip.countWindow(5, { failureRate: 0.5 }), Trip.countWindow(5, { failureRate: 0.5, minimumCalls: 5 })],
    [Trip.timeWindow(500, { failureRate: 0.5 }), Trip.timeWindow(500, { failureRate: 0.5, minimumCalls: 10 })]
  ])('agrees with itself when what holds anyway is spelt out: %#', async (trip, spelt) => {
    const time = virtual()
    const store = Store.memory()
    const of = (more: object): AnyRunner => on(time, store, pipe(id, Policy.circuitBreaker({ ...options, ...more })))
    expect(await call(time, of({ trip }), true)).toEqual(E.right(1))
    const openFor = Schedule.constant(options.openFor)
    const all = { trip: spelt, openFor, maxOpenFor: Infinity, probes: 1, probeRate: 1, lease: 30_000, watchOnly: false }
    expect(await call(time, of(all), true)).toEqual(E.right(1))
    expect(await call(time, of({ ...all, probes: 2 }), true)).toMatchObject({ left: { kind: 'Invalid' } })
  })

  it.each([
    ['a schedule', { openFor: Schedule.modify((ms: number) => ms + 1)(Schedule.constant(100)) }],
    [
      'a schedule, by another name',
      {
        openFor: Schedule.modify(function twice(ms: number) {
          return 2 * ms
        })(Schedule.constant(100))
      }
    ],
    ['a predicate', { openFor: Schedule.modify(Number)(Schedule.constant(100)), isFailure: () => true }]
  ])('compares no functions, where they are settings of a schedule neither: %s', async (_where, others) => {
    const time = virtual()
    const store = Store.memory()
    const of = (more: object): AnyRunner => on(time, store, pipe(id, Policy.circuitBreaker({ ...options, ...more })))
    const first = of({ openFor: Schedule.modify((ms: number) => ms)(Schedule.constant(100)) })
    expect(await call(time, first, true)).toEqual(E.right(1))
    expect(await call(time, of(others), true)).toEqual(E.right(1))
    const longer = of({ openFor: Schedule.modify((ms: number) => ms)(Schedule.constant(200)) })
    expect(await call(time, longer, true)).toMatchObject({ left: { kind: 'Invalid' } })
  })

  it('compares no functions of a trip, however deep they are', async () => {
    const time = virtual()
    const store = Store.memory()
    interface Counting {
      readonly weigh: () => number
      readonly n: number
    }
    const form: Trip.Form<Counting, number> = {
      name: 'weighing',
      rules: { weigh: Rule.callback, n: Rule.count },
      initial: () => 0,
      step: (_trip, sum) => sum,
      reason: () => undefined,
      holds: (_trip, state) => typeof state === 'number',
      moved: (_trip, sum) => sum,
      show: ({ weigh, n }) => `weighing(${Problem.showValue(weigh)}, ${String(n)})`
    }
    const of = (weigh: () => number, n: number): AnyRunner =>
      on(time, store, pipe(id, Policy.circuitBreaker({ ...options, trip: Trip.anyOf(Trip.make(form, { weigh, n })) })))
    const runners = [of(() => 1, 1), of(Math.random, 1), of(() => 1, 2)]
    const answers = [
      await call(time, runners[0]!, true),
      await call(time, runners[1]!, true),
      await call(time, runners[2]!, true)
    ]
    expect(answers.map(E.isRight)).toEqual([true, true, false])
  })

  it('need not agree with one that was refused itself', async () => {
    const time = virtual()
    const store = Store.memory()
    const breaker = (name: string, n: number): ((inner: typeof policy) => typeof policy) =>
      Policy.circuitBreaker({ name, trip: Trip.consecutiveFailures(n), openFor: 1000 })
    const answerOf = (...layers: ReadonlyArray<ReturnType<typeof breaker>>): Promise<E.Either<unknown, number>> =>
      call(
        time,
        on(
          time,
          store,
          layers.reduce<typeof policy>((inner, layer) => layer(inner), id)
        ),
        true
      )
    const refusal = (layer: string, value: string): object => ({
      left: { kind: 'Invalid', problems: [{ path: `${layer}.name`, value }] }
    })
    expect(await answerOf(breaker('orders', 1))).toEqual(E.right(1))
    expect(await answerOf(breaker('users', 9), breaker('orders', 2))).toMatchObject(
      refusal('circuitBreaker#2', 'orders')
    )
    expect(await answerOf(breaker('users', 1))).toEqual(E.right(1))
    // the first that runs is the one to agree with
    expect(await answerOf(breaker('users', 9))).toMatchObject(refusal('circuitBreaker', 'users'))
    expect(await answerOf(breaker('jobs', 1), breaker('jobs', 2))).toMatchObject(refusal('circuitBreaker#2', 'jobs'))
  })

  it('takes a store that can be one: `make` says what is wrong with it', async () => {
    const time = virtual()
    const store = Store.make({ update: 1, patience: NaN, clock: 'sun' } as never)()
    expect(await call(time, on(time, store), true)).toMatchObject({
      left: {
        kind: 'Invalid',
        problems: [
          { path: 'circuitBreaker.store.update', value: 1 },
          { path: 'circuitBreaker.store.clock', value: 'sun' },
          { path: 'circuitBreaker.store.patience', value: NaN }
        ]
      }
    })
  })

  it('has a place of its own for each key', async () => {
    const time = virtual()
    const { connect, rows } = database(time)
    const keyed = pipe(id, Policy.circuitBreaker({ ...options, perKey: {} }))
    const [one, other] = [on(time, connect(), keyed), on(time, connect(), keyed)]
    const at = (runner: AnyRunner, key: string, ok: boolean): Promise<E.Either<unknown, number>> =>
      time.run(runner.runWith(script(time, ok ? succeeds(1) : fails('down')).operation, { key }))
    await at(one, 'a', false)
    await at(other, 'a', false)
    expect(isRefused(await at(one, 'a', true))).toBe(true)
    expect(await at(other, 'b', true)).toEqual(E.right(1))
    expect([...rows.keys()]).toEqual(['circuitBreaker/users/a', 'circuitBreaker/users/b'])
  })

  it('has a place of its own whatever is in a name or a key', async () => {
    const time = virtual()
    const { connect, rows } = database(time)
    const store = connect()
    const places: ReadonlyArray<readonly [string, string | undefined]> = [
      ['users', 'eu/1'],
      ['users/eu', '1'],
      ['users', 'eu'],
      ['users/eu', undefined],
      ['users%2Feu', undefined],
      ['users', ''],
      ['users', undefined]
    ]
    for (const [name, key] of places) {
      const runner = on(time, store, pipe(id, Policy.circuitBreaker({ ...options, name, perKey: {} })))
      const call = runner.runWith(script(time, fails('down'), fails('down')).operation, { key })
      expect([await time.run(call), await time.run(call)]).toEqual([E.left('down'), E.left('down')])
      await time.settle()
    }
    expect([...rows.keys()]).toEqual([
      'circuitBreaker/users/eu%2F1',
      'circuitBreaker/users%2Feu/1',
      'circuitBreaker/users/eu',
      'circuitBreaker/users%2Feu',
      'circuitBreaker/users%252Feu',
      'circuitBreaker/users/',
      'circuitBreaker/users'
    ])
  })
})

describe('a circuit of a key that is dropped', () => {
  const keyed = (perKey: Policy.PerKey): typeof policy =>
    pipe(id, Policy.circuitBreaker({ ...options, trip: Trip.consecutiveFailures(1), perKey }))
  const at = (time: VirtualRuntime, runner: AnyRunner, key: string, ok = true): Promise<E.Either<unknown, number>> =>
    time.run(runner.runWith(script(time, ok ? succeeds(1) : fails('down')).operation, { key }))
  const inMemory = (store: Store.Store, key: string): unknown => {
    let seen: unknown
    void store.port.update(`circuitBreaker/users/${key}`, (kept) => (seen = kept))
    return seen
  }

  it('is forgotten in memory as well, and begins closed', async () => {
    const time = virtual()
    const store = Store.memory()
    const runner = on(time, store, keyed({ most: 2, idle: 1000 }))
    const keys = Array.from({ length: 20 }, (_, n) => `k${String(n)}`)
    for (const key of keys) await at(time, runner, key, false)
    expect(keys.filter((key) => inMemory(store, key) !== undefined)).toEqual(['k18', 'k19'])
    expect(await at(time, runner, 'k0')).toEqual(E.right(1))
    await time.advance(1000)
    expect(controlOf(runner).keys()).toEqual([])
    expect(keys.filter((key) => inMemory(store, key) !== undefined)).toEqual([])
  })

  it('is left to others who have used it since, and forgotten when the last of them drops it', async () => {
    const time = virtual()
    const { connect, rows } = database(time)
    const [one, other] = [connect(), connect()].map((store) => on(time, store, keyed({ most: 1 }))) as [
      AnyRunner,
      AnyRunner
    ]
    await at(time, one, 'a', false)
    // to be refused is to use it too
    expect(isRefused(await at(time, other, 'a'))).toBe(true)
    await at(time, one, 'b')
    await time.settle()
    expect(isRefused(await at(time, other, 'a'))).toBe(true)
    await at(time, other, 'b')
    await time.settle()
    expect([...rows.keys()]).toEqual(['circuitBreaker/users/b'])
    expect(await at(time, one, 'a')).toEqual(E.right(1))
  })

  it('stays where it was isolated by hand, whoever drops it', async () => {
    const time = virtual()
    const { connect, rows } = database(time)
    const [one, other] = [connect(), connect()].map((store) => on(time, store, keyed({ most: 1 }))) as [
      AnyRunner,
      AnyRunner
    ]
    await at(time, one, 'a')
    controlOf(other).of('a').isolate()
    await time.settle()
    expect(await at(time, one, 'a')).toMatchObject({ left: { reason: 'isolated' } })
    await at(time, one, 'b')
    await time.settle()
    expect([...rows.keys()]).toContain('circuitBreaker/users/a')
    expect(await at(time, one, 'a')).toMatchObject({ left: { reason: 'isolated' } })
  })

  it('leaves nothing behind of calls that were on their way, nor is it there again by what they say', async () => {
    const time = virtual()
    const { connect, rows } = database(time)
    const runner = on(time, connect({ delay: 50, patience: 1000 }), keyed({ most: 1 }))
    const slow = (key: string) => time.start(runner.runWith(script(time, fails('down', 500)).operation, { key }))
    const running = slow('a')
    await time.advance(200)
    // the one is running, the other asks to be let in
    const asking = slow('b')
    await time.advance(20)
    const last = slow('c')
    expect(await time.settle()).toEqual(nothingLeft)
    expect(await Promise.all([running, asking, last])).toEqual([E.left('down'), E.left('down'), E.left('down')])
    expect([...rows.keys()]).toEqual(['circuitBreaker/users/c'])
  })

  it('is not made, nor kept, by somebody who only looks', async () => {
    const time = virtual()
    const store = Store.memory()
    const runner = on(time, store, keyed({ most: 1 }))
    expect(controlOf(runner).of('a').status()).toMatchObject({ state: 'closed' })
    expect(inMemory(store, 'a')).toBeUndefined()
    await at(time, runner, 'a', false)
    const looker = controlOf(on(time, store, keyed({ most: 1 })))
    expect(looker.of('a').status()).toMatchObject({ state: 'open' })
    await at(time, runner, 'b')
    expect(inMemory(store, 'a')).toBeUndefined()
  })

  it('does no harm where the store does not forget it', async () => {
    const time = virtual()
    const db = database(time)
    const runner = on(time, db.connect(), keyed({ most: 1 }))
    await at(time, runner, 'a', false)
    await time.settle()
    db.mode.current = 'throws'
    await at(time, runner, 'b')
    db.mode.current = 'rejects'
    await at(time, runner, 'c')
    expect(await time.settle()).toEqual(nothingLeft)
    expect([...db.rows.keys()]).toEqual(['circuitBreaker/users/a'])
  })
})

it('a process says which it is, whatever its chance is', () => {
  const { process } = Runtime.live
  expect(typeof process).toBe('number')
  expect(Runtime.withRandom(() => 0.5)(Runtime.live).process).toBe(process)
  expect(virtual({ seed: 1 }).runtime.process).not.toBe(virtual({ seed: 2 }).runtime.process)
})

describe('a store that answers later', () => {
  it('gives the same answers as one that answers at once', async () => {
    const step = fc.oneof(
      fc.record({ _tag: fc.constant('call' as const), runner: fc.nat(1), ok: fc.boolean() }),
      fc.record({ _tag: fc.constant('wait' as const), ms: fc.constantFrom(300, 1000) })
    )
    const seen = new Set<string>()
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
        const play = async (storeOf: (time: VirtualRuntime) => () => Store.Store): Promise<ReadonlyArray<unknown>> => {
          const time = virtual({ startAt: 1_000_000 })
          const connect = storeOf(time)
          const runners = [on(time, connect()), on(time, connect())]
          const answers: Array<unknown> = []
          for (const each of steps) {
            if (each._tag === 'wait') {
              await time.advance(each.ms)
              continue
            }
            const answer = await call(time, runners[each.runner]!, each.ok)
            // how long it is to be left alone depends on how long the store takes
            answers.push(isRefused(answer) ? 'refused' : answer)
            // what is said of the end is not waited for; here the next begins when it is known
            await time.settle()
          }
          expect(await time.settle()).toEqual(nothingLeft)
          return answers
        }
        const memory = Store.memory()
        const atOnce = await play(() => () => memory)
        for (const answer of atOnce) seen.add(JSON.stringify(answer))
        expect(await play((time) => database(time).connect)).toEqual(atOnce)
      }),
      { ...runs, numRuns: Math.min(300, runs.numRuns) }
    )
    expect(seen.size).toBe(3)
  })

  it('makes of concurrent calls what it would of the same ones in turn: no change is lost', async () => {
    const time = virtual()
    const { connect, rounds } = database(time)
    const many = pipe(id, Policy.circuitBreaker({ ...options, trip: Trip.failuresWithin(20, 60_000) }))
    const runners = [connect(), connect()].map((store) => on(time, store, many))
    const answers = Array.from({ length: 20 }, (_, n) =>
      time.start(runners[n % 2]!.run(script(time, fails('down', 50)).task))
    )
    await time.settle()
    expect(await Promise.all(answers)).toEqual(Array.from({ length: 20 }, () => E.left('down')))
    // they got into each other's way, and each was counted all the same
    expect(rounds()).toBeGreaterThan(40)
    expect(isRefused(await call(time, runners[0]!, true))).toBe(true)
  })

  it('is steered from anywhere, once it has answered', async () => {
    const time = virtual()
    const { connect } = database(time)
    const [one, other] = [on(time, connect()), on(time, connect())]
    const letGo = controlOf(one).isolate()
    await time.settle()
    expect(await call(time, other, true)).toMatchObject({ left: { reason: 'isolated', retryAfter: Infinity } })
    const another = controlOf(other).isolate()
    await time.settle()
    letGo()
    letGo()
    await time.settle()
    expect(await call(time, one, true)).toMatchObject({ left: { reason: 'isolated' } })
    another()
    await time.settle()
    expect(await call(time, one, true)).toEqual(E.right(1))
    expect(await time.settle()).toEqual(nothingLeft)
  })

  it('is not set back by what was done before, and is heard of later', async () => {
    const time = virtual()
    const pending: Array<() => void> = []
    let kept: unknown
    // what is done is done in order; what is said of it is not
    const store = Store.make({
      update: (_name, change) => {
        kept = change(kept)
        return new Promise<void>((resolve) => pending.push(resolve))
      },
      patience: Infinity
    })()
    const runner = on(time, store)
    const control = controlOf(runner)
    control.disable()
    control.reset()
    pending[1]?.()
    await time.advance(1)
    expect(kept).toMatchObject({ state: { _tag: 'Closed', generation: 3 } })
    pending[0]?.()
    await time.advance(1)
    expect(control.status()).toMatchObject({ state: 'closed', generation: 3 })
  })

  it('says so where a fault is only met when the caller has its answer', async () => {
    const time = virtual()
    const { connect } = database(time)
    const faulty = Schedule.modify<string>(() => {
      throw new Error('oh')
    })(Schedule.constant(1000))
    const trip = Trip.consecutiveFailures(1)
    const runner = on(time, connect(), pipe(id, Policy.circuitBreaker({ ...options, trip, openFor: faulty })))
    expect(await call(time, runner, false)).toEqual(E.left('down'))
    await time.settle()
    expect(only(time.log, 'StoreFailed')).toMatchObject([
      { cause: { _tag: 'Defect', kind: 'Thrown', during: 'down', cause: { message: 'oh' } } }
    ])
  })

  it('lets an abort through at once, and takes back what was let in for nothing', async () => {
    const time = virtual()
    const { connect, rows } = database(time)
    const runner = on(time, connect())
    await call(time, runner, false)
    await call(time, runner, false)
    await time.settle()
    await time.advance(1000)
    const caller = time.signal()
    const operation = script(time, succeeds(1))
    const answer = time.start(runner.runWith(operation.operation, { signal: caller.signal }))
    await time.advance(3)
    caller.abort('gone')
    expect(await answer).toMatchObject({ left: { _tag: 'Aborted' } })
    expect(await time.settle()).toEqual(nothingLeft)
    expect(operation.calls).toEqual([])
    // the probe's place is free again
    expect(JSON.parse([...rows.values()][0]!)).toMatchObject({ state: { _tag: 'HalfOpen', probes: [] } })
    expect(await call(time, runner, true)).toEqual(E.right(1))
  })
})

describe.each(['rejects', 'throws', 'hangs', 'does it, but does not say so'] as const)('a store that %s', (mode) => {
  it('leaves what was last seen of the state here to serve, and an event says so', async () => {
    const time = virtual()
    const db = database(time)
    const runner = on(time, db.connect())
    await call(time, runner, false)
    await time.settle()
    db.mode.current = mode
    const before = time.log.length
    // one failure was seen while it answered; this is the second
    expect(await call(time, runner, false)).toEqual(E.left('down'))
    await time.settle()
    expect(isRefused(await call(time, runner, true))).toBe(true)
    const troubles = only(time.log.slice(before), 'StoreFailed')
    // once for each of the two calls that asked to be let in: how the first ended is no business of the store's
    expect(troubles).toHaveLength(2)
    for (const { layer, name, cause } of troubles) {
      expect([layer, name]).toEqual(['circuitBreaker', 'circuitBreaker/users'])
      expect(cause).toMatchObject(
        mode === 'hangs' || mode === 'does it, but does not say so'
          ? { _tag: 'Unanswered', patience: 100 }
          : { message: expect.stringContaining('connection') as unknown }
      )
    }
    expect(tags(time.log)).toContain('CircuitChanged')
    expect(controlOf(runner).status()).toMatchObject({ state: 'open' })
    expect(await time.settle()).toEqual(nothingLeft)
  })

  it('serves again when it is back: what it keeps is what counts', async () => {
    const time = virtual()
    const db = database(time)
    const [one, other] = [on(time, db.connect()), on(time, db.connect())]
    await call(time, one, true)
    await time.settle()
    db.mode.current = mode === 'does it, but does not say so' ? 'rejects' : mode
    await call(time, one, false)
    await call(time, one, false)
    await time.settle()
    expect(isRefused(await call(time, one, true))).toBe(true)
    db.mode.current = 'answers'
    await time.settle()
    expect(await call(time, one, true)).toEqual(E.right(1))
    expect(await call(time, other, true)).toEqual(E.right(1))
  })

  it('is steered by hand all the same: what is here follows within its patience, and an event of no run says why', async () => {
    const time = virtual()
    const db = database(time)
    const runner = on(time, db.connect({ patience: 40 }))
    const control = controlOf(runner)
    const seen: Array<string> = []
    control.watch(({ from, to }) => seen.push(`${from} > ${to}`))()
    db.mode.current = mode
    const letGo = control.isolate()
    await time.advance(40)
    expect(control.status()).toMatchObject({ state: 'isolated' })
    expect(await call(time, runner, true)).toMatchObject({ left: { reason: 'isolated' } })
    letGo()
    await time.advance(40)
    expect(control.status()).toMatchObject({ state: 'closed' })
    expect(control.forceOpen(5000)()).toEqual(E.right(undefined))
    await time.advance(40)
    expect(control.status()).toMatchObject({ state: 'open' })
    expect(seen).toEqual(['closed > isolated', 'isolated > closed', 'closed > open'])
    const byHand = only(time.log, 'StoreFailed').filter(({ run }) => run === 0)
    expect(byHand).toHaveLength(3)
    expect(byHand[0]).toMatchObject({ layer: 'circuitBreaker', name: 'circuitBreaker/users' })
    expect(await time.settle()).toEqual(nothingLeft)
  })

  it('leaves the place of a probe that has nothing to say to the next one here', async () => {
    const time = virtual()
    const db = database(time)
    const runner = on(time, db.connect({ patience: 40 }))
    await call(time, runner, false)
    await call(time, runner, false)
    await time.advance(1100)
    const caller = time.signal()
    const probe = time.start(runner.runWith(script(time, succeeds(1, 500)).operation, { signal: caller.signal }))
    await time.advance(50)
    db.mode.current = mode
    caller.abort('gone')
    expect(await probe).toMatchObject({ left: { _tag: 'Aborted' } })
    await time.advance(450)
    expect(await call(time, runner, true)).toEqual(E.right(1))
    expect(await time.settle()).toEqual(nothingLeft)
  })

  it('answers a call within its patience, or the abort of the caller', async () => {
    const time = virtual()
    const db = database(time)
    db.mode.current = mode
    const runner = on(time, db.connect({ patience: 40 }))
    const answer = time.start(runner.run(script(time, succeeds(1)).task))
    await time.advance(40)
    expect(await answer).toEqual(E.right(1))
    const caller = time.signal()
    const aborted = time.start(runner.runWith(script(time, succeeds(1, 500)).operation, { signal: caller.signal }))
    caller.abort('gone')
    expect(await aborted).toMatchObject({ left: { _tag: 'Aborted' } })
    expect(await time.settle()).toEqual(nothingLeft)
  })
})

it('what was done by hand, and by the store when nobody waited for it any more, is undone by hand as well', async () => {
  const time = virtual()
  const { connect } = database(time)
  const runner = on(time, connect({ delay: 50, patience: 20 }))
  const other = on(time, connect({ delay: 1 }))
  // its circuit is of a later generation where it is at home
  const [once, before] = [controlOf(other).isolate(), controlOf(runner)]
  await time.settle()
  once()
  await time.settle()
  const letGo = before.isolate()
  await time.settle()
  expect([before.status().state, await call(time, other, true)]).toMatchObject([
    'isolated',
    { left: { reason: 'isolated' } }
  ])
  letGo()
  await time.settle()
  expect(before.status()).toMatchObject({ state: 'closed' })
  expect(await call(time, other, true)).toEqual(E.right(1))
})

describe('a result that was let in here, as the store did not answer', () => {
  it('is told to nobody else: it belongs to a generation of its own', async () => {
    const time = virtual()
    const db = database(time)
    const runner = on(time, db.connect())
    db.mode.current = 'rejects'
    const slow = time.start(runner.run(script(time, fails('down', 200)).task))
    await time.advance(50)
    db.mode.current = 'answers'
    await time.settle()
    expect(await slow).toEqual(E.left('down'))
    expect(db.rows.size).toBe(0)
  })
})

describe('what a store keeps that cannot be used', () => {
  it.each([
    ['nonsense', '"nonsense"'],
    ['of other settings', '{"settings":"other","state":{"_tag":"Disabled","generation":1}}'],
    ['no such state', 'of these settings']
  ])('is left as it is, and an event says so: %s', async (_name, kept) => {
    const time = virtual()
    const db = database(time)
    const runner = on(time, db.connect())
    await call(time, runner, true)
    await time.settle()
    const row = JSON.parse(db.rows.get('circuitBreaker/users')!) as object
    const text = kept === 'of these settings' ? JSON.stringify({ ...row, state: { _tag: 'Closed' } }) : kept
    db.rows.set('circuitBreaker/users', text)
    expect(await call(time, runner, false)).toEqual(E.left('down'))
    expect(await call(time, runner, false)).toEqual(E.left('down'))
    expect(isRefused(await call(time, runner, true))).toBe(true)
    await time.settle()
    expect(db.rows.get('circuitBreaker/users')).toBe(text)
    expect(only(time.log, 'StoreFailed')[0]).toMatchObject({ cause: { _tag: 'Unusable' } })
  })
})

describe('who has taken hold by hand', () => {
  const quick = pipe(id, Policy.circuitBreaker({ name: 'x', trip: Trip.consecutiveFailures(1), openFor: 10 }))

  it('lets go of what the store did and did not tell of', async () => {
    const time = virtual()
    let tells = true
    const store = odd(
      time,
      () => 1,
      () => tells,
      100
    )
    const [one, other] = [on(time, store, quick), on(time, store, quick)]
    await call(time, one, false)
    await time.advance(20)
    await call(time, one, true)
    await time.advance(9)
    tells = false
    const letGo = controlOf(other).isolate()
    // it is held here too, in another generation than there
    await time.advance(200)
    expect(controlOf(other).status().state).toBe('isolated')
    tells = true
    letGo()
    await time.advance(1000)
    expect(await call(time, one, true)).toEqual(E.right(1))
    expect(await call(time, other, true)).toEqual(E.right(1))
  })

  it('holds nothing where the store hears of it only after it has let go', async () => {
    const time = virtual()
    const runner = on(
      time,
      odd(time, (nth) => [50, 5][nth] ?? 1),
      quick
    )
    const letGo = controlOf(runner).isolate()
    await time.advance(10)
    letGo()
    await time.advance(1000)
    expect(await call(time, runner, true)).toEqual(E.right(1))
    expect(controlOf(runner).status().state).toBe('closed')
  })
})

describe('what belongs to another generation', () => {
  const trip = Trip.consecutiveFailures(1)

  it('a result of before a key was forgotten says nothing to the circuit that the key has next', async () => {
    const time = virtual()
    const store = Store.memory()
    const keyed = pipe(id, Policy.circuitBreaker({ name: 'x', trip, openFor: 10, perKey: { most: 1 } }))
    const [one, other] = [on(time, store, keyed), on(time, store, keyed)]
    const play = (runner: AnyRunner, key: string, ok: boolean, ms = 0) =>
      time.start(runner.runWith(script(time, ok ? succeeds(1, ms) : fails('down', ms)).operation, { key }))
    const late = play(other, 'k', false, 500)
    void play(one, 'k', false)
    await time.advance(10)
    void play(one, 'k', true)
    await time.advance(1)
    // there is room for one key: this one is dropped, and cleared in the store
    void play(one, 'other', true)
    await time.advance(1)
    void play(one, 'k', true)
    await time.settle()
    expect(await late).toEqual(E.left('down'))
    expect(controlOf(one).of('k').status()).toMatchObject({ state: 'closed' })
    expect(controlOf(other).of('k').status()).toMatchObject({ state: 'closed' })
  })

  it('a probe that was let in here, while the store did not answer, moves nothing once that has answered', async () => {
    const time = virtual()
    const rows = new Map<string, unknown>()
    let isDown = true
    const connected = (mine: boolean): AnyRunner =>
      on(
        time,
        Store.make({
          update: (name, change) => {
            if (mine && isDown) throw new Error('no connection')
            rows.set(name, change(rows.get(name)))
          }
        })(),
        pipe(id, Policy.circuitBreaker({ name: 'x', trip, openFor: 10 }))
      )
    const [one, other] = [connected(false), connected(true)]
    await call(time, other, false)
    await time.advance(10)
    const late = time.start(other.run(script<string, number>(time, fails('late', 500)).task))
    await time.advance(1)
    isDown = false
    await call(time, one, false)
    await time.advance(10)
    void time.start(one.run(script(time, succeeds(1, 2000)).task))
    await time.advance(1)
    const seen = controlOf(other).status()
    expect(seen).toMatchObject({ state: 'half-open', generation: 3, probes: { running: 1 } })
    isDown = true
    await time.advance(600)
    expect(await late).toEqual(E.left('late'))
    expect(controlOf(other).status()).toMatchObject({ state: 'half-open', generation: 3, probes: { running: 1 } })
  })
})

it('the place of a probe that the store gave after all, when nobody waited for it any more, is free again', async () => {
  const time = virtual()
  const asked: Array<number> = []
  const store = odd(
    time,
    (nth) => {
      asked.push(nth)
      // the third question is that of the other runner: it is answered long after its patience
      return nth === 2 ? 200 : 1
    },
    undefined,
    100
  )
  const probing = pipe(id, Policy.circuitBreaker({ name: 'x', trip: Trip.consecutiveFailures(1), openFor: 10 }))
  const [one, other] = [on(time, store, probing), on(time, store, probing)]
  await call(time, one, false)
  await time.advance(20)
  expect(asked).toHaveLength(2)
  expect(await call(time, other, true)).toEqual(E.right(1))
  await time.advance(150)
  // a lease is 30 s: but for this it would be held for as long
  expect(await call(time, one, true)).toEqual(E.right(1))
  await time.advance(10)
  expect(controlOf(one).status().state).toBe('closed')
})

describe('the circuit of a key that no call here has used', () => {
  const keyed = (most: number) =>
    pipe(
      id,
      Policy.circuitBreaker({ name: 'x', trip: Trip.consecutiveFailures(1), openFor: 100_000, perKey: { most } })
    )

  it('is seen, and waited for, where the store answers later', async () => {
    const time = virtual()
    const store = odd(time)
    const [one, other] = [on(time, store, keyed(10)), on(time, store, keyed(10))]
    await time.run(one.runWith(script(time, fails('down')).operation, { key: 'k' }))
    await time.advance(50)
    const { status, until, snapshot } = controlOf(other).of('k')
    expect(status().state).toBe('closed')
    await time.advance(50)
    expect(status().state).toBe('open')
    expect(snapshot().circuit).toMatchObject({ _tag: 'Open' })
    expect(controlOf(other).keys()).toEqual([])
    const opened = await time.run(until(({ state }) => state === 'open', 5000))
    expect(opened).toMatchObject({ _tag: 'Right' })
  })

  it('is remembered for as many keys as there may be', async () => {
    const time = virtual()
    const store = odd(time)
    const [one, other] = [on(time, store, keyed(2)), on(time, store, keyed(2))]
    const look = (key: string) => controlOf(other).of(key).status().state
    await time.run(one.runWith(script(time, fails('down')).operation, { key: 'a' }))
    for (const key of ['a', 'b']) look(key)
    await time.advance(50)
    expect(look('a')).toBe('open')
    look('c')
    await time.advance(50)
    // looked at anew, it has to be asked for anew
    expect(look('a')).toBe('closed')
    await time.advance(50)
    expect(look('a')).toBe('open')
  })
})

it('a snapshot is data of its own: what is done to it changes no circuit', async () => {
  const time = virtual()
  const trip = Trip.countWindow(10, { failureRate: 0.5, minimumCalls: 2 })
  const runner = Runner.make(pipe(id, Policy.circuitBreaker({ trip, openFor: 1000 })))(time.runtime)()
  await call(time, runner, true)
  const { circuit } = controlOf(runner).snapshot()
  ;(circuit as { trip: { failed: number } }).trip.failed = 9
  await call(time, runner, true)
  expect(controlOf(runner).status()).toMatchObject({ state: 'closed' })
})
