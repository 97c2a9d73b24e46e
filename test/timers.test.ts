/** Waiting: those who are due at the same millisecond share what carries their async contexts; nobody is the worse for it. */
import { AsyncLocalStorage } from 'node:async_hooks'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import { Policy, Rejection, Runner, Runtime, Schedule, type Strategy } from 'resilience-ts'
import { fails, script, succeeds, virtual } from 'resilience-ts/testing'
import { idle, nothingLeft } from './play'

const id = Policy.id<unknown, unknown>()

describe('those who are due at the same millisecond', () => {
  it('one that is roused leaves the others asleep, until they are due', async () => {
    const time = virtual({ log: false })
    const runner = Runner.make(pipe(id, Policy.bulkhead(1, { queue: 30, wait: 50 })))(time.runtime)()
    const ends: Array<readonly [number, number, string]> = []
    for (let i = 0; i < 25; i++) {
      void time.start(runner.run(script(time, succeeds(i, 12)).task)).then((answer) => {
        ends.push([time.now(), i, answer._tag])
      })
    }
    await time.advance(1000)
    // one after the other, as long as they may wait; who is let in at 48 ends at 60
    expect(ends.filter(([, , tag]) => tag === 'Right')).toEqual([0, 1, 2, 3, 4].map((i) => [12 * (i + 1), i, 'Right']))
    expect(ends.filter(([, , tag]) => tag === 'Left')).toEqual(
      Array.from({ length: 20 }, (_, i) => [50, i + 5, 'Left'])
    )
    expect(await time.settle()).toEqual(nothingLeft)
    expect(runner.status()).toEqual(idle)
  })

  it('however many there are, whoever is roused and whoever leaves, the others are woken in their order', async () => {
    // one is let in at 5, two are called off at 20 (one of them twice moved by then), the rest waits in vain until 50
    for (let n = 3; n <= 50; n++) {
      const time = virtual({ log: false })
      const runner = Runner.make(pipe(id, Policy.bulkhead(1, { queue: 60, wait: 50 })))(time.runtime)()
      const ends: Array<readonly [number, number]> = []
      const caller = time.signal()
      for (let i = 0; i < n; i++) {
        const { operation } = script<unknown, unknown>(time, succeeds(i, i === 0 ? 5 : 100))
        const task = runner.runWith(operation, i === 2 || i === 17 ? { signal: caller.signal } : {})
        void time.start(task).then(() => ends.push([time.now(), i]))
      }
      await time.advance(20)
      caller.abort()
      await time.advance(1000)
      const calledOff = [2, 17].filter((i) => i < n)
      expect(ends).toEqual([
        [5, 0],
        ...calledOff.map((i) => [20, i]),
        ...Array.from({ length: n }, (_, i) => i).flatMap((i) => (i < 2 || calledOff.includes(i) ? [] : [[50, i]])),
        [105, 1]
      ])
      expect(await time.settle()).toEqual(nothingLeft)
      expect(runner.status()).toEqual(idle)
    }
  })

  it('are each woken in their own async context, roused or due', async () => {
    const storage = new AsyncLocalStorage<number>()
    const policy = pipe(
      Policy.id<unknown, number>(),
      Policy.bulkhead(1, { queue: 30, wait: 15 }),
      Policy.fallback(() => storage.getStore() as number)
    )
    const runner = Runner.make(policy)(Runtime.live)()
    const operation = async () => {
      await new Promise((resolve) => setTimeout(resolve, 2))
      return E.right(storage.getStore() as number)
    }
    const answers = Array.from({ length: 25 }, (_, i) => storage.run(i, () => runner.run(operation)()))
    expect(await Promise.all(answers)).toEqual(Array.from({ length: 25 }, (_, i) => E.right(i)))
  })

  it('who is called off leaves the others', async () => {
    const time = virtual({ log: false })
    const runner = Runner.make(pipe(id, Policy.retry(pipe(Schedule.constant(100), Schedule.take(1)))))(time.runtime)()
    const caller = time.signal()
    const run = (i: number) =>
      time.start(
        runner.runWith(script<unknown, unknown>(time, fails('x'), succeeds(i)).operation, {
          ...(i % 3 === 0 ? { signal: caller.signal } : {})
        })
      )
    const answers = Array.from({ length: 20 }, (_, i) => run(i))
    await time.advance(50)
    caller.abort()
    await time.advance(100)
    expect((await Promise.all(answers)).map(({ _tag }) => _tag)).toEqual(
      Array.from({ length: 20 }, (_, i) => (i % 3 === 0 ? 'Left' : 'Right'))
    )
    expect(await time.settle()).toEqual(nothingLeft)
  })
})

/** A layer of a user's around others, which lets everybody by and would mend failures. */
const mending = (frameOf: (inner: Strategy.Frame, up: Strategy.Up) => Strategy.Frame) => {
  const strategy: Strategy.Strategy<object> = {
    name: 'mending',
    rules: {},
    show: () => [],
    compile: (_settings, _services, inner) => ({
      lane: { mends: true, enter: () => 0, leave: () => undefined },
      open: (context, up) => frameOf(inner.open(context, up), up)
    })
  }
  return Policy.around<unknown, unknown, object>(strategy, {})
}

describe('callers who wait for a retry to wake', () => {
  const policy = pipe(id, Policy.retry(pipe(Schedule.constant(100), Schedule.take(2))))
  const closed = E.left(Rejection.defect('Closed', 'runner', undefined))

  it('of runners that close are answered at once; the others’ are woken when due, in order and in their contexts', async () => {
    // three runners share the carriers; one closes at 20, one at 40, when the others have been moved once
    for (let n = 3; n <= 50; n++) {
      const time = virtual({ log: false })
      const context = new AsyncLocalStorage<number>()
      const runners = [0, 1, 2].map(() => Runner.make(policy)(time.runtime)())
      const ends: Array<readonly [number, number]> = []
      const called: Array<readonly [number, number | undefined]> = []
      const answers = Array.from({ length: n }, (_, i) =>
        context.run(i, () => {
          let attempts = 0
          const task = runners[i % 3]!.run(() => {
            called.push([i, context.getStore()])
            return Promise.resolve(++attempts < 3 ? E.left('x') : E.right(i))
          })
          return task().then((answer) => {
            ends.push([time.now(), i])
            return answer
          })
        })
      )
      await time.advance(20)
      void runners[0]!.close()
      await time.advance(20)
      void runners[1]!.close()
      await time.advance(60)
      const all = Array.from({ length: n }, (_, i) => i)
      const third = (left: number) => all.filter((i) => i % 3 === left)
      const [some, others, rest] = [third(0), third(1), third(2)]
      const inOrder = () => [...ends].sort(([at, i], [at2, i2]) => at - at2 || i - i2)
      const early = [...some.map((i) => [20, i]), ...others.map((i) => [40, i])]
      expect(inOrder()).toEqual(early)
      expect(await time.settle()).toEqual(nothingLeft)
      expect(inOrder()).toEqual([...early, ...rest.map((i) => [200, i])])
      expect(called).toEqual([...all, ...rest, ...rest].map((i) => [i, i]))
      expect(await Promise.all(answers)).toEqual(all.map((i) => (i % 3 === 2 ? E.right(i) : closed)))
    }
  })

  it('are answered at once even where a layer around does not pass on that it was called off', async () => {
    const curt = mending((frame, up) => ({ start: () => frame.start(), abort: (cause) => up.done(cause, true) }))
    const time = virtual({ log: false })
    const runner = Runner.make(pipe(policy, curt))(time.runtime)()
    const answer = time.start(runner.run(script<unknown, unknown>(time, fails('x'), succeeds(1)).task))
    await time.advance(50)
    await runner.close()
    expect([await answer, time.now()]).toEqual([closed, 50])
  })

  it('are told apart, where a callback makes another call that begins to wait', async () => {
    const time = virtual({ log: false })
    const other = Runner.make(policy)(time.runtime)()
    const others: Array<unknown> = []
    /** Has failed, and waits, before it gives anything. */
    const callOther = (name: string) => {
      let attempts = 0
      const operation = () => (++attempts < 3 ? E.left('x') : E.right(name))
      void time.start(other.run(operation as never)).then((answer) => others.push([time.now(), answer]))
    }
    const busy = mending((frame) => {
      const start = () => {
        frame.start()
        callOther('after')
      }
      return { start, abort: (cause) => frame.abort(cause) }
    })
    const runner = Runner.make(
      pipe(
        id,
        Policy.retry(pipe(Schedule.constant(100), Schedule.take(1)), {
          while: () => {
            callOther('before')
            return true
          }
        }),
        busy
      )
    )(time.runtime)()
    const answer = time.start(runner.run(script<unknown, unknown>(time, fails('x'), succeeds(1)).task))
    await time.advance(100)
    expect(await answer).toEqual(E.right(1))
    await time.advance(100)
    expect(others).toEqual([
      [200, E.right('before')],
      [200, E.right('after')]
    ])
  })
})

it('nobody is woken early, but for the millisecond that platform timers take', async () => {
  const { clock } = Runtime.live
  const woken: Array<number> = []
  const runner = Runner.make(pipe(id, Policy.timeout(20)))(Runtime.live)()
  await Promise.all(
    Array.from({ length: 40 }, async (_, i) => {
      await new Promise((resolve) => setTimeout(resolve, i % 5))
      const start = clock.now()
      await runner.run(() => new Promise(() => undefined))()
      woken.push(clock.now() - start)
    })
  )
  // platform timers may fire up to a millisecond early; how late they are is the platform's business
  expect(Math.min(...woken)).toBeGreaterThan(19 - 0.001)
  expect(woken).toHaveLength(40)
})
