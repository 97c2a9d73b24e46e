import fc from 'fast-check'
import * as E from 'fp-ts/Either'
import * as O from 'fp-ts/Option'
import { pipe } from 'fp-ts/function'
import { Policy, Runner, Runtime, Store } from 'resilience-ts'
import { script, succeeds, virtual, type VirtualRuntime } from 'resilience-ts/testing'
import type { Holders } from '../../src/strategy/Bulkhead/Holders'
import { runs } from '../laws/runs'
import { database, odd } from '../stores'
import { nothingLeft, only } from '../support'

const id = Policy.id<string, number>()
type AnyRunner = Runner.Runner<string, number, unknown, number>
type Options = Policy.BulkheadOptions

const on = (time: VirtualRuntime, store: Store.Store, permits: number, options: Options = {}): AnyRunner =>
  Runner.make(pipe(id, Policy.bulkhead(permits, { name: 'printer', ...options })))(
    pipe(time.runtime, Runtime.withStore(store))
  )()
/** The runtime of a process of its own. */
const of = ({ runtime }: VirtualRuntime, process?: string): Runtime.Runtime => {
  const { process: _, ...rest } = runtime
  return process === undefined ? rest : { ...rest, process }
}
const controlOf = (runner: AnyRunner): Policy.BulkheadControl =>
  pipe(
    Policy.bulkheadControl(runner),
    O.getOrElseW(() => {
      throw new Error('no bulkhead')
    })
  )
/** How many each holder holds, by the store. */
const held = (rows: ReadonlyMap<string, string>): ReadonlyArray<number> => {
  const { state } = JSON.parse(rows.get('bulkhead/printer')!) as { readonly state: Holders }
  return Object.values(state.holders).map((each) => each.held)
}
const begin = (time: VirtualRuntime, runner: AnyRunner, ms: number, value = ms): Promise<E.Either<unknown, number>> =>
  time.start(runner.run(script(time, succeeds(value, ms)).task))

describe('a bulkhead that has a name', () => {
  it('shares its permits with all of the name', async () => {
    const time = virtual()
    const store = Store.memory()
    const [one, other] = [on(time, store, 2), on(time, store, 2)]
    const answers = [begin(time, one, 100), begin(time, other, 100), begin(time, one, 100), begin(time, other, 100)]
    await time.settle()
    expect(await Promise.all(answers)).toEqual([
      E.right(100),
      E.right(100),
      E.left({ _tag: 'BulkheadFull', reason: 'queue', permits: 2, active: 1, hanging: 0, queued: 0 }),
      E.left({ _tag: 'BulkheadFull', reason: 'queue', permits: 2, active: 1, hanging: 0, queued: 0 })
    ])
    expect(await time.settle()).toEqual(nothingLeft)
    expect(await time.run(one.run(script(time, succeeds(1)).task))).toEqual(E.right(1))
  })

  it('has a queue of its own, which looks again for what others have given back', async () => {
    const time = virtual()
    const shared = Store.memory()
    const [first, second] = [on(time, shared, 1, { queue: 2 }), on(time, shared, 1, { queue: 2 })]
    const running = begin(time, first, 105, 1)
    const waiting = [begin(time, second, 10, 2), begin(time, second, 10, 3), begin(time, second, 10, 4)]
    await time.advance(50)
    expect(controlOf(second).status()).toMatchObject({ permits: 1, active: 0, queued: 2 })
    expect(await waiting[2]).toMatchObject({ left: { reason: 'queue' } })
    await time.advance(59)
    expect(controlOf(second).status()).toMatchObject({ active: 0, queued: 2 })
    await time.advance(6)
    expect(controlOf(second).status()).toMatchObject({ active: 1, queued: 1 })
    expect(await time.settle()).toEqual(nothingLeft)
    expect(await Promise.all([running, waiting[0], waiting[1]])).toEqual([E.right(1), E.right(2), E.right(3)])
  })

  it.each([
    ['one process', (time: VirtualRuntime) => [time.runtime, time.runtime]],
    ['two processes', (time: VirtualRuntime) => [of(time, 'a'), of(time, 'b')]],
    ['two processes that do not say which', (time: VirtualRuntime) => [of(time), of(time)]]
  ])('knows its runners apart whatever their chance is, in %s', async (_where, runtimesOf) => {
    const time = virtual({ random: () => 0.5 })
    const { connect } = database(time)
    const runners = runtimesOf(time).map((runtime) => on({ ...time, runtime }, connect(), 1))
    const answers = runners.map((runner) => begin(time, runner, 100))
    await time.settle()
    expect((await Promise.all(answers)).map(E.isRight)).toEqual([true, false])
  })

  it('takes settings that agree, the length of the queue among them', async () => {
    const time = virtual()
    const store = Store.memory()
    const byName = ({ key = '' }: Policy.BulkheadCall): number => key.length
    const [one, other] = [on(time, store, 1, { order: byName }), on(time, store, 1, { queue: 2 })]
    expect(await time.run(one.run(script(time, succeeds(1)).task))).toEqual(E.right(1))
    expect(await begin(time, other, 1)).toMatchObject({
      left: { _tag: 'Defect', kind: 'Invalid', problems: [{ path: 'bulkhead.name' }] }
    })
    const third = on(time, store, 1)
    expect(await time.run(third.run(script(time, succeeds(1)).task))).toEqual(E.right(1))
  })

  it.each([
    { queue: 0 },
    { order: 'fifo' },
    { order: () => 1 },
    { wait: Infinity },
    { abandonAfter: Infinity },
    { lease: 30_000 }
  ] satisfies ReadonlyArray<Options>)('agrees with itself when what holds anyway is spelt out: %p', async (spelt) => {
    const time = virtual()
    const store = Store.memory()
    for (const runner of [on(time, store, 1), on(time, store, 1, spelt)]) {
      expect(await time.run(runner.run(script(time, succeeds(1)).task))).toEqual(E.right(1))
    }
    expect(await begin(time, on(time, store, 1, { ...spelt, wait: 5, queue: 1 }), 1)).toMatchObject({
      left: { kind: 'Invalid' }
    })
  })

  it('is resized for all of them', async () => {
    const time = virtual()
    const store = Store.memory()
    const [one, other] = [on(time, store, 1), on(time, store, 1)]
    expect(controlOf(one).resize(2)()).toEqual(E.right(undefined))
    expect(controlOf(one).resize(Infinity)()).toMatchObject({
      left: { path: 'bulkhead.permits', allowed: 'a whole number, >= 0' }
    })
    const answers = [begin(time, one, 100), begin(time, other, 100), begin(time, other, 100)]
    await time.settle()
    expect((await Promise.all(answers)).map(E.isRight)).toEqual([true, true, false])
    expect(controlOf(other).status()).toMatchObject({ permits: 2, active: 0 })
  })

  it.each([
    [Policy.bulkhead(Infinity, { name: 'x' }), ['bulkhead.permits']],
    [Policy.bulkhead(1, { name: '' }), ['bulkhead.name']],
    [Policy.bulkhead(1, { name: 'x', lease: 0 }), ['bulkhead.lease']]
  ])('has settings that can be: %#', (layer, paths) => {
    expect(Policy.validate(layer(id)).map(({ path }) => path)).toEqual(paths)
  })

  it('takes a runtime with a store; a lease takes a name', async () => {
    const time = virtual()
    const runner = Runner.make(pipe(id, Policy.bulkhead(1, { name: 'x' })))(time.runtime)()
    expect(await begin(time, runner, 1)).toMatchObject({ left: { problems: [{ path: 'bulkhead.name' }] } })
    expect(Policy.advise(pipe(id, Policy.bulkhead(1, { lease: 5 })))).toMatchObject([{ path: 'bulkhead.lease' }])
  })

  it('leaves nothing behind of a process that has died', async () => {
    const time = virtual()
    const { connect, rows } = database(time)
    rows.set(
      'bulkhead/printer',
      JSON.stringify({ settings: '1, lease: 1s', state: { permits: 1, holders: { dead: { held: 1, until: 1000 } } } })
    )
    const runner = on(time, connect(), 1, { lease: 1000 })
    const refused = begin(time, runner, 1)
    await time.advance(500)
    expect(await refused).toMatchObject({ left: { _tag: 'BulkheadFull' } })
    await time.advance(500)
    expect(await time.run(runner.run(script(time, succeeds(1)).task))).toEqual(E.right(1))
  })

  it('keeps its permits for as long as it is there, and its operation has not settled', async () => {
    const time = virtual()
    const { connect } = database(time)
    const options: Options = { lease: 300, queue: 0 }
    const [one, other] = [on(time, connect(), 1, options), on(time, connect(), 1, options)]
    const long = begin(time, one, 2000)
    await time.advance(1500)
    expect(await time.run(other.run(script(time, succeeds(1)).task))).toMatchObject({ left: { _tag: 'BulkheadFull' } })
    await time.settle()
    expect(await long).toEqual(E.right(2000))
    expect(await time.settle()).toEqual(nothingLeft)
    expect(await time.run(other.run(script(time, succeeds(1)).task))).toEqual(E.right(1))
  })

  it('counts what hangs among what is held', async () => {
    const time = virtual()
    const { connect } = database(time)
    const caller = time.signal()
    const [one, other] = [on(time, connect(), 1), on(time, connect(), 1)]
    const gone = time.start(one.runWith(script(time, succeeds(1, 500)).operation, { signal: caller.signal }))
    await time.advance(50)
    caller.abort('gone')
    expect(await gone).toMatchObject({ left: { _tag: 'Aborted' } })
    expect(await time.run(other.run(script(time, succeeds(1)).task))).toMatchObject({ left: { _tag: 'BulkheadFull' } })
    await time.settle()
    expect(await time.run(other.run(script(time, succeeds(1)).task))).toEqual(E.right(1))
  })

  it('never lets in more than there are permits, whatever the store’s pace, and gives all of them back', async () => {
    const step = fc.record({
      runner: fc.nat(2),
      after: fc.nat(40),
      takes: fc.nat(60),
      abortAfter: fc.option(fc.nat(80), { nil: undefined })
    })
    let most = 0
    let refused = 0
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 25 }),
        fc.integer({ min: 1, max: 3 }),
        fc.nat(3),
        fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 3, maxLength: 3 }),
        async (steps, permits, queue, delays) => {
          const time = virtual({ seed: steps.length })
          const { connect, rows } = database(time)
          const runners = delays.map((delay) => on(time, connect({ delay, patience: 100_000 }), permits, { queue }))
          let running = 0
          const answers: Array<Promise<unknown>> = []
          for (const { runner, after, takes, abortAfter } of steps) {
            await time.advance(after)
            const caller = time.signal()
            const operation = script(time, succeeds(1, takes))
            const counted = (attempt: never) => async (): Promise<E.Either<string, number>> => {
              running++
              most = Math.max(most, running)
              expect(running).toBeLessThanOrEqual(permits)
              const answer = await operation.operation(attempt)()
              running--
              return answer
            }
            answers.push(time.start(runners[runner]!.runWith(counted as never, { signal: caller.signal })))
            if (abortAfter !== undefined) {
              time.after(abortAfter, () => {
                caller.abort('gone')
              })
            }
          }
          expect(await time.settle()).toEqual(nothingLeft)
          for (const answer of await Promise.all(answers)) {
            const either = answer as E.Either<{ readonly _tag: string }, number>
            if (E.isLeft(either)) {
              expect(['BulkheadFull', 'Aborted']).toContain(either.left._tag)
              if (either.left._tag === 'BulkheadFull') refused++
            }
          }
          for (const runner of runners) {
            expect(controlOf(runner).status()).toEqual({ permits, active: 0, hanging: 0, abandoned: 0, queued: 0 })
          }
          for (const text of rows.values()) expect(JSON.parse(text)).toMatchObject({ state: { permits, holders: {} } })
        }
      ),
      { ...runs, numRuns: Math.min(500, runs.numRuns) }
    )
    expect(most).toBe(3)
    expect(refused).toBeGreaterThan(0)
  })
})

describe('a store that does not answer', () => {
  it.each(['rejects', 'throws', 'hangs'] as const)(
    'leaves what was last seen to serve, and an event says so: it %s',
    async (mode) => {
      const time = virtual()
      const db = database(time)
      const [one, other] = [on(time, db.connect(), 2), on(time, db.connect(), 2)]
      const running = begin(time, other, 5000)
      await time.advance(50)
      const seen = begin(time, one, 10)
      await time.advance(100)
      expect(await seen).toEqual(E.right(10))
      db.mode.current = mode
      // one of the two is held elsewhere, as far as is known here
      const answers = [begin(time, one, 300), begin(time, one, 300)]
      // a question at a time, each for as long as there is patience
      await time.advance(250)
      expect(await answers[1]).toMatchObject({ left: { _tag: 'BulkheadFull', permits: 2 } })
      await time.advance(350)
      expect(await answers[0]).toEqual(E.right(300))
      expect(only(time.log, 'StoreFailed')[0]).toMatchObject({ layer: 'bulkhead', name: 'bulkhead/printer' })
      db.mode.current = 'answers'
      await time.settle()
      expect(await running).toEqual(E.right(5000))
      expect(await time.settle()).toEqual(nothingLeft)
      expect(JSON.parse(db.rows.get('bulkhead/printer')!)).toMatchObject({ state: { holders: {} } })
    }
  )
})

it.each(['rejects', 'throws', 'hangs'] as const)(
  'a bulkhead is resized here where its store does not answer, and an event of no run says why: it %s',
  async (mode) => {
    const time = virtual()
    const db = database(time)
    const runner = on(time, db.connect(), 1)
    db.mode.current = mode
    expect(controlOf(runner).resize(2)()).toEqual(E.right(undefined))
    await time.settle()
    expect(only(time.log, 'StoreFailed')).toMatchObject([{ run: 0, layer: 'bulkhead', name: 'bulkhead/printer' }])
    const answers = [begin(time, runner, 300), begin(time, runner, 300)]
    await time.settle()
    expect(await Promise.all(answers)).toEqual([E.right(300), E.right(300)])
    expect(controlOf(runner).status()).toMatchObject({ permits: 2, active: 0 })
    expect(time.leaks()).toEqual(nothingLeft)
  }
)

describe('a store that answers when nobody waits for it any more', () => {
  it('is asked nothing once nothing is held and nobody waits', async () => {
    const time = virtual()
    const { connect, rounds, rows } = database(time)
    const runner = on(time, connect({ delay: 25, patience: 20 }), 1)
    expect(await time.run(runner.run(script(time, succeeds(1)).task))).toEqual(E.right(1))
    await time.run(runner.close)
    await time.run(runner.drain)
    await time.advance(1000)
    const asked = rounds()
    expect(asked).toBeLessThanOrEqual(3)
    await time.advance(100_000)
    expect(rounds()).toBe(asked)
    expect(held(rows)).toEqual([])
    expect(time.leaks()).toEqual(nothingLeft)
  })

  it('is asked no more often than it takes to renew a lease, while what it granted is held', async () => {
    const time = virtual()
    const { connect, rounds } = database(time)
    const runner = on(time, connect({ delay: 25, patience: 20 }), 1, { lease: 3000 })
    const long = begin(time, runner, 10_000)
    await time.advance(9990)
    expect(rounds()).toBeLessThanOrEqual(10)
    await time.settle()
    expect(await long).toEqual(E.right(10_000))
  })

  it('has back, long before the lease is over, what it granted too late', async () => {
    const time = virtual()
    const db = database(time)
    const runner = on(time, db.connect({ delay: 200, patience: 20 }), 1)
    const answer = begin(time, runner, 1)
    await time.advance(20)
    // what is given back at 21 is lost; what was asked for at first is granted at 400
    db.mode.current = 'rejects'
    await time.advance(20)
    db.mode.current = 'answers'
    expect(await answer).toEqual(E.right(1))
    await time.advance(400)
    expect(held(db.rows)).toEqual([1])
    await time.advance(1000)
    expect(held(db.rows)).toEqual([])
    expect(await time.settle()).toEqual(nothingLeft)
  })
})

describe('the bound of a shared queue', () => {
  it('holds where another caller has left while the store was asked', async () => {
    const time = virtual()
    const store = odd(time)
    const [one, other] = [on(time, store, 1), on(time, store, 1)]
    void begin(time, one, 5000)
    await time.advance(100)
    const waits = begin(time, other, 1)
    await time.advance(1)
    const caller = time.signal()
    void time.start(other.runWith(script(time, succeeds(2)).operation, { signal: caller.signal }))
    await time.advance(1)
    caller.abort()
    await time.advance(1000)
    expect(await waits).toMatchObject(E.left({ _tag: 'BulkheadFull', reason: 'queue' }))
    expect(controlOf(other).status().queued).toBe(0)
    await time.settle()
  })

  it('goes against who came last, and not against those for whom the store was not asked', async () => {
    const time = virtual()
    const store = odd(time)
    const [one, other] = [on(time, store, 1, { queue: 2 }), on(time, store, 1, { queue: 2 })]
    void begin(time, one, 500)
    await time.advance(100)
    const answers: Array<Promise<E.Either<unknown, number>>> = []
    for (let n = 1; n <= 3; n++) {
      answers.push(begin(time, other, 10, n))
      await time.advance(1)
    }
    await time.advance(100)
    expect(controlOf(other).status().queued).toBe(2)
    await time.settle()
    const [first, second, third] = await Promise.all(answers)
    expect([first, second]).toEqual([E.right(1), E.right(2)])
    expect(third).toMatchObject(E.left({ _tag: 'BulkheadFull', reason: 'queue' }))
  })

  it('holds where who came last is the first to be let in', async () => {
    const time = virtual()
    const runner = on(time, odd(time), 1, { order: 'lifo' })
    const first = begin(time, runner, 5000, 1)
    await time.advance(1)
    const second = begin(time, runner, 5000, 2)
    await time.advance(1000)
    expect(controlOf(runner).status()).toMatchObject({ active: 1, queued: 0 })
    await time.settle()
    expect(await first).toMatchObject(E.left({ _tag: 'BulkheadFull', reason: 'queue' }))
    expect(await second).toEqual(E.right(2))
  })
})

it('how many permits there are is looked up where they are shared', async () => {
  const time = virtual()
  for (const store of [Store.memory(), odd(time)]) {
    const [one, other] = [on(time, store, 2), on(time, store, 2)]
    controlOf(one).resize(5)()
    await time.advance(100)
    controlOf(other).status()
    await time.advance(100)
    expect(controlOf(other).status()).toMatchObject({ permits: 5 })
    // who only looks leaves nothing behind
    expect(await time.settle()).toEqual(nothingLeft)
  }
})
