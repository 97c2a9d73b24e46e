import { AsyncLocalStorage } from 'node:async_hooks'
import { Policy, Rejection, Runner, Schedule, type Strategy, Trip } from 'resilience-ts'
import { fails, type Line, script, succeeds, virtual } from 'resilience-ts/testing'
import * as E from 'fp-ts/Either'
import * as O from 'fp-ts/Option'
import { pipe } from 'fp-ts/function'
import { type AnyPolicy, idle, nothingLeft } from './play'

// a bulkhead whose queue nothing can end but a permit: who waits there by the lane has neither run nor frame

const id = Policy.id<unknown, unknown>()
const closed = E.left(Rejection.defect('Closed', 'runner', undefined))
const closedStatus = { inFlight: 0, hanging: 0, accepting: false }

const playing = (policy: AnyPolicy) => {
  const time = virtual({ log: false })
  const runner = Runner.make(policy as Policy.Policy<unknown, unknown, unknown, unknown>)(time.runtime)()
  const called: Array<unknown> = []
  /** Starts a call whose operation says its name when it is called. */
  const start = (name: unknown, line: Line<unknown, unknown> = succeeds(name, 10), byFrames = false) => {
    const operation = script(time, line)
    const task = () => {
      called.push(name)
      return operation.task()
    }
    return time.start(byFrames ? runner.runWith(() => task) : runner.run(task))
  }
  const control = Policy.bulkheadControl(runner)
  const counts = () =>
    pipe(
      control,
      O.map(({ status }) => status()),
      O.toUndefined
    )
  return { time, runner, called, start, counts }
}

/** A breaker that lets everybody in, but takes a frame to say so. */
const ramping = Policy.circuitBreaker({ trip: Trip.never, openFor: 1, ramp: { over: 1e6, from: 1 } })

const nobody = { active: 0, hanging: 0, abandoned: 0, queued: 0 }

describe('a queue by the lane', () => {
  it.each([
    ['fifo', ['a', 'b', 'c', 'd', 'e']],
    ['lifo', ['a', 'e', 'd', 'c', 'b']]
  ] as const)('%s: those who wait by frames and those who do not are one queue', async (order, expected) => {
    const { time, runner, called, start, counts } = playing(pipe(id, Policy.bulkhead(1, { queue: 9, order })))
    const answers = ['a', 'b', 'c', 'd', 'e'].map((name, i) => start(name, succeeds(name, 10), i % 2 === 0))
    await time.advance(5)
    expect(called).toEqual(['a'])
    expect(counts()).toEqual({ ...nobody, permits: 1, active: 1, queued: 4 })
    expect(runner.status()).toEqual({ inFlight: 5, hanging: 0, accepting: true })
    await time.advance(45)
    expect(called).toEqual(expected)
    expect(await Promise.all(answers)).toEqual(['a', 'b', 'c', 'd', 'e'].map(E.right))
    expect(counts()).toEqual({ ...nobody, permits: 1 })
    expect(runner.status()).toEqual(idle)
    expect(await time.settle()).toEqual(nothingLeft)
  })

  it('one more than may wait is refused, without a frame', async () => {
    const { time, called, start } = playing(pipe(id, Policy.bulkhead(1, { queue: 1 })))
    const answers = ['a', 'b', 'c'].map((name) => start(name))
    await time.settle()
    expect(await answers[2]).toEqual(
      E.left({ _tag: 'BulkheadFull', reason: 'queue', permits: 1, active: 1, hanging: 0, queued: 1 })
    )
    expect(called).toEqual(['a', 'b'])
  })

  it('what fails after the wait is met by who mends it, and what it held outside is its frames’', async () => {
    const twice = pipe(Schedule.constant(5), Schedule.take(1))
    const { time, runner, called, start, counts } = playing(
      pipe(
        id,
        Policy.bulkhead(1, { queue: 9 }),
        Policy.retry(twice),
        Policy.circuitBreaker({ trip: Trip.consecutiveFailures(1), openFor: 1000 })
      )
    )
    const answers = [start('a'), start('b', fails('x', 10)), start('c')]
    await time.settle()
    expect(called).toEqual(['a', 'b', 'c', 'b'])
    expect(await Promise.all(answers)).toEqual([E.right('a'), E.left('x'), E.right('c')])
    expect(counts()).toEqual({ ...nobody, permits: 1 })
    expect(await start('d')).toEqual(E.left({ _tag: 'CircuitOpen', reason: 'open', retryAfter: 1000 }))
    expect(runner.status()).toEqual(idle)
  })

  it('what is inside of the bulkhead is asked after the wait, and may refuse', async () => {
    const { time, called, start, counts } = playing(
      pipe(
        id,
        Policy.circuitBreaker({ trip: Trip.consecutiveFailures(1), openFor: 1000 }),
        Policy.bulkhead(1, { queue: 9 })
      )
    )
    const answers = [start('a', fails('x', 10)), start('b')]
    await time.advance(10)
    expect(await Promise.all(answers)).toEqual([
      E.left('x'),
      E.left({ _tag: 'CircuitOpen', reason: 'open', retryAfter: 1000 })
    ])
    expect(called).toEqual(['a'])
    expect(counts()).toEqual({ ...nobody, permits: 1 })
  })

  it('who is called up in one go, by several bulkheads, goes on as itself and in its own async context', async () => {
    const names = ['a', 'b', 'c', 'd', 'e', 'f']
    const context = new AsyncLocalStorage<unknown>()
    const heard: Array<unknown> = []
    const made = [
      playing(pipe(id, Policy.bulkhead(1, { queue: 9 }))),
      playing(pipe(id, Policy.bulkhead(1, { queue: 9 })))
    ]
    for (const { start } of made) void start('first', succeeds('first', 50))
    const answers = names.map((name, i) =>
      context.run(name, () =>
        made[i % 2]!.runner.run(() => {
          heard.push([name, context.getStore()])
          return Promise.resolve(E.right(name))
        })()
      )
    )
    const [one, other] = made.map(({ runner }) => runner)
    const resize = (permits: number) =>
      pipe(
        Policy.bulkheadControl(one!),
        O.map((control) => control.resize(permits)())
      )
    resize(2)
    // who is called off is called up as well, here between those who are let in
    void other!.close()
    resize(9)
    expect(await Promise.all(answers)).toEqual(names.map((name, i) => (i % 2 === 0 ? E.right(name) : closed)))
    expect(heard).toEqual(['a', 'c', 'e'].map((name) => [name, name]))
  })

  it('two queues, one after the other', async () => {
    const { time, runner, called, start } = playing(
      pipe(id, Policy.bulkhead(1, { queue: 9 }), Policy.bulkhead(2, { queue: 9 }))
    )
    const names = ['a', 'b', 'c', 'd', 'e']
    const answers = names.map((name) => start(name))
    await time.settle()
    expect(called).toEqual(names)
    expect(await Promise.all(answers)).toEqual(names.map(E.right))
    expect(runner.status()).toEqual(idle)
  })

  it('frames beneath are started after the wait', async () => {
    const { time, runner, start, counts } = playing(pipe(id, Policy.timeout(20), Policy.bulkhead(1, { queue: 9 })))
    const answers = [start('a', succeeds('a', 15)), start('b', succeeds('b', 15)), start('c', succeeds('c', 30))]
    await time.advance(60)
    expect(await Promise.all(answers)).toEqual([E.right('a'), E.right('b'), E.left({ _tag: 'TimedOut', timeout: 20 })])
    await time.settle()
    expect(counts()).toEqual({ ...nobody, permits: 1 })
    expect(runner.status()).toEqual(idle)
  })
})

describe('drain', () => {
  it.each([
    ['a second queue', pipe(id, Policy.bulkhead(1, { wait: 1000, queue: 1 }), Policy.bulkhead(2, { queue: 1 }))],
    ['the ramp of a breaker', pipe(id, ramping, Policy.bulkhead(1, { queue: 2 }))]
  ])('who was taken before it goes on after it, by frames too: %s', async (_name, policy) => {
    for (const byFrames of [true, false]) {
      const { time, runner, start } = playing(policy)
      const answers = ['a', 'b', 'c'].map((name) => start(name, succeeds(name, 100), byFrames))
      await time.advance(50)
      void time.start(runner.drain)
      expect(await time.settle()).toEqual(nothingLeft)
      expect(await Promise.all(answers)).toEqual(['a', 'b', 'c'].map(E.right))
    }
  })
})

describe('close', () => {
  it('answers at once who waits, calls nothing more, and gives back what was held outside', async () => {
    const { time, runner, called, start, counts } = playing(
      pipe(id, Policy.bulkhead(1, { queue: 9 }), Policy.bulkhead(5))
    )
    const answers = ['a', 'b', 'c'].map((name, i) => start(name, succeeds(name, 50), i === 2))
    await time.advance(5)
    await runner.close()
    expect(await Promise.all(answers.slice(1))).toEqual([closed, closed])
    expect(counts()).toEqual({ ...nobody, permits: 1, active: 1 })
    expect(runner.status()).toEqual({ inFlight: 0, hanging: 1, accepting: false })
    await time.settle()
    expect(await answers[0]).toEqual(closed)
    expect(called).toEqual(['a'])
    expect(counts()).toEqual({ ...nobody, permits: 1 })
    expect(runner.status()).toEqual(closedStatus)
  })

  it('between being handed a permit and going in: the permit comes back, and nothing is called', async () => {
    const time = virtual({ log: false })
    const runner = Runner.make(pipe(id, Policy.bulkhead(1, { queue: 9 })))(time.runtime)()
    let settle: (answer: E.Either<unknown, unknown>) => void = () => undefined
    const called: Array<string> = []
    const first = runner.run(() => {
      called.push('first')
      return new Promise((resolve) => (settle = resolve))
    })()
    const second = runner.run(() => {
      called.push('second')
      return Promise.resolve(E.right(2))
    })()
    settle(E.right(1))
    // the first is answered, and hands its permit on, before anything else: then the second is on its way
    void Promise.resolve().then(() => runner.close())
    expect(await Promise.all([first, second])).toEqual([E.right(1), closed])
    expect(called).toEqual(['first'])
    await runner.drain()
    expect(runner.status()).toEqual(closedStatus)
  })
})

it('drain waits for those who wait, and lets them in', async () => {
  const { time, runner, called, start } = playing(pipe(id, Policy.bulkhead(1, { queue: 9 })))
  const answers = ['a', 'b', 'c'].map((name) => start(name))
  let drained = false
  void runner.drain().then(() => (drained = true))
  await time.advance(25)
  expect([drained, called]).toEqual([false, ['a', 'b', 'c']])
  expect(await start('d')).toEqual(closed)
  await time.advance(5)
  expect(drained).toBe(true)
  expect(await Promise.all(answers)).toEqual([E.right('a'), E.right('b'), E.right('c')])
})

it('a lane of a user’s strategy may call its own things what it likes', async () => {
  const lane = {
    queue: ['mine'],
    join: 'mine',
    clear: 'mine',
    enter: () => undefined,
    leave: () => undefined
  }
  const strategy: Strategy.Strategy<object> = {
    name: 'named',
    rules: {},
    show: () => [],
    compile: (_settings, _services, inner) => ({ lane, open: (context, up) => inner.open(context, up) })
  }
  const { time, start, runner } = playing(pipe(id, Policy.around<unknown, unknown, object>(strategy, {})))
  const answer = start('a')
  await time.advance(10)
  expect(await answer).toEqual(E.right('a'))
  await runner.close()
})
