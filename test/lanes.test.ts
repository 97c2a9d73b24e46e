/** Lanes: a call that nothing stands in the way of goes past the outermost layers without frames, and nobody can tell. */
import { AsyncLocalStorage } from 'node:async_hooks'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import { Policy, Random, Rejection, Runner, Runtime, Schedule, Strategy, Trip } from 'resilience-ts'
import { fails, hangs, type Line, script, succeeds, throws, virtual, type VirtualRuntime } from 'resilience-ts/testing'
import { type AnyPolicy, idle, type Lines, nothingLeft } from './play'
import { raise } from './support'
import { throwing, throwingSchedule } from './trip/throwing'

type Any = Policy.Policy<unknown, unknown, unknown, unknown>
const id: Any = Policy.id<unknown, unknown>()

/** A strategy of a user's own that counts what comes by, and is told what to do with it. */
const gate = (name: string, over: Partial<Strategy.Lane> = {}) => {
  const seen = { entered: 0, inside: 0, frames: 0, left: [] as Array<string> }
  let frameFails: string | undefined
  const lane: Strategy.Lane = {
    enter: () => {
      seen.inside++
      return ++seen.entered
    },
    leave: (ticket, exit) => {
      seen.inside--
      seen.left.push(`${String(ticket)} ${exit._tag}`)
    },
    ...over
  }
  const strategy: Strategy.Strategy<object> = {
    name,
    rules: {},
    show: () => [],
    compile: (_settings, _services, inner) => ({
      lane,
      open: (context, up) => {
        let ticket = 0
        let started = false
        const leave = (exit: Parameters<Strategy.Up['done']>[0]): void => {
          seen.inside--
          seen.left.push(`${String(ticket)} ${exit._tag}, frame`)
        }
        let last: Parameters<Strategy.Up['done']>[0] = { _tag: 'Right', right: undefined }
        const frame = inner.open(context, {
          done: (exit, settled) => {
            last = exit
            if (settled) leave(exit)
            up.done(exit, settled)
          },
          settled: () => {
            leave(last)
            up.settled()
          }
        })
        return {
          start: () => {
            seen.frames++
            const held = context.call.redeem(lane)
            if (held === undefined) seen.inside++
            ticket = held ?? ++seen.entered
            if (frameFails !== undefined) raise(frameFails)
            started = true
            frame.start()
          },
          abort: (cause) => {
            if (started) frame.abort(cause)
          }
        }
      }
    })
  }
  return {
    seen,
    frameThrows: (cause: string) => (frameFails = cause),
    around: (policy: Any): Any => Policy.around<unknown, unknown, object>(strategy, {})(policy)
  }
}

const twice = pipe(Schedule.forever, Schedule.take(1))
const once = (policy: AnyPolicy) => {
  const time = virtual({ log: false })
  const runner = Runner.make(policy as Any)(time.runtime)()
  const play = async (...lines: Lines) => time.run(runner.run(script(time, ...lines).task))
  return { time, runner, play }
}
const strategyThrew = (cause: unknown) => E.left(Rejection.defect('Thrown', 'strategy', cause))

describe('a gate of a user’s own', () => {
  it('lets a success by without a frame', async () => {
    const { seen, around } = gate('gate')
    const { play, time, runner } = once(pipe(id, around))
    expect(await play(succeeds(1, 5))).toEqual(E.right(1))
    expect(await play(succeeds(2))).toEqual(E.right(2))
    expect(seen).toEqual({ entered: 2, inside: 0, frames: 0, left: ['1 Right', '2 Right'] })
    expect(await time.settle()).toEqual(nothingLeft)
    expect(runner.status()).toEqual(idle)
  })

  it('is held while the operation runs', async () => {
    const { seen, around } = gate('gate')
    const { time, runner } = once(pipe(id, around, Policy.retry(twice)))
    const answer = time.start(runner.run(script<unknown, unknown>(time, fails('x', 10), succeeds(1, 10)).task))
    expect([seen.inside, runner.status().inFlight]).toEqual([1, 1])
    await time.advance(15)
    expect([seen.inside, runner.status().inFlight]).toEqual([1, 1])
    await time.advance(10)
    expect(await answer).toEqual(E.right(1))
    expect([seen.inside, runner.status()]).toEqual([0, idle])
  })

  it('sees a failure leave, which is nobody’s to mend', async () => {
    const { seen, around } = gate('gate')
    const { play } = once(pipe(id, around))
    expect(await play(fails('x'))).toEqual(E.left('x'))
    expect(seen).toEqual({ entered: 1, inside: 0, frames: 0, left: ['1 Left'] })
  })

  it('inside of what mends: each attempt enters, the first by the lane', async () => {
    const { seen, around } = gate('gate')
    const { play } = once(pipe(id, around, Policy.retry(twice)))
    expect(await play(fails('x', 5), succeeds(1, 5))).toEqual(E.right(1))
    expect(seen).toEqual({ entered: 2, inside: 0, frames: 1, left: ['1 Left', '2 Right, frame'] })
  })

  it('outside of what mends: its frame goes on with the ticket', async () => {
    const { seen, around } = gate('gate')
    const { play } = once(pipe(id, Policy.retry(twice), around))
    expect(await play(fails('x', 5), succeeds(1, 5))).toEqual(E.right(1))
    expect(seen).toEqual({ entered: 1, inside: 0, frames: 1, left: ['1 Right, frame'] })
  })

  it('may mend itself', async () => {
    const { seen, around } = gate('gate', { mends: true })
    const { play } = once(pipe(id, around))
    expect(await play(succeeds(1))).toEqual(E.right(1))
    expect(await play(fails('x'))).toEqual(E.left('x'))
    expect(seen).toEqual({ entered: 2, inside: 0, frames: 1, left: ['1 Right', '2 Left, frame'] })
  })

  it('may be opened with the failure that it mends, where nothing is outside of it', async () => {
    const seen: Array<string> = []
    const mending: Strategy.Strategy<object> = {
      name: 'mending',
      rules: {},
      show: () => [],
      compile: (_settings, _services, inner) => ({
        lane: Strategy.openLane,
        reopens: true,
        open: (context, up, failure) => {
          seen.push(failure === undefined ? 'opened' : `reopened with ${String(failure.left)}`)
          const done: Strategy.Up['done'] = (exit, settled) => {
            seen.push(`told of ${exit._tag}`)
            up.done(exit._tag === 'Left' ? E.right('mended') : exit, settled)
          }
          const frame = inner.open(context, {
            done,
            settled: () => {
              up.settled()
            }
          })
          return failure === undefined
            ? frame
            : {
                start: () => {
                  up.done(E.right(`mended ${String(failure.left)}`), true)
                },
                abort: () => undefined
              }
        }
      })
    }
    const mend = Policy.around<unknown, unknown, object>(mending, {})
    const outermost = once(pipe(id, mend))
    expect(await outermost.play(succeeds(1))).toEqual(E.right(1))
    expect(seen.splice(0)).toEqual([])
    expect(await outermost.play(fails('x', 5))).toEqual(E.right('mended x'))
    expect(seen.splice(0)).toEqual(['reopened with x'])
    expect(outermost.runner.status()).toEqual(idle)

    const inside = once(pipe(id, mend, Policy.retry(twice)))
    expect(await inside.play(fails('x', 5))).toEqual(E.right('mended'))
    expect(seen.splice(0)).toEqual(['opened', 'told of Left'])

    const { seen: entries, around } = gate('gate')
    const holding = once(pipe(id, around, mend))
    expect(await holding.play(fails('x', 5))).toEqual(E.right('mended'))
    expect(seen.splice(0)).toEqual(['opened', 'told of Left'])
    expect(entries.left).toEqual(['1 Left'])
  })

  it('may have one lane for all that are made of it', async () => {
    const { seen, around } = gate('gate')
    const { play } = once(pipe(id, around, Policy.retry(twice), around))
    expect(await play(fails('x'), fails('y'))).toEqual(E.left('y'))
    expect(seen.inside).toBe(0)
    expect(seen.left).toEqual(['2 Left', '3 Left, frame', '1 Left, frame'])
  })

  it('sees a defect leave, past every layer', async () => {
    const { seen, around } = gate('gate')
    const { play } = once(pipe(id, around, Policy.retry(twice), Policy.fallbackTo(0)))
    expect(await play(throws('oh'))).toMatchObject(E.left({ _tag: 'Defect', cause: 'oh' }))
    expect(seen).toEqual({ entered: 1, inside: 0, frames: 0, left: ['1 Defect'] })
  })

  it.each([
    ['throws', () => raise('oh')],
    ['gives no promise', () => 5]
  ])('so it does of an operation that %s at once', async (_name, operation) => {
    const { seen, around } = gate('gate')
    const { runner } = once(pipe(id, around))
    expect(await runner.run(operation as never)()).toMatchObject({ left: { _tag: 'Defect', at: 'operation' } })
    expect(seen).toMatchObject({ inside: 0, frames: 0 })
    expect(runner.status()).toEqual(idle)
  })

  it('lets an operation by that answers at once, or with a thenable', async () => {
    const { seen, around } = gate('gate')
    const { runner } = once(pipe(id, around, Policy.retry(twice)))
    expect(await runner.run((() => E.right(1)) as never)()).toEqual(E.right(1))
    expect(await runner.run((() => E.left('x')) as never)()).toEqual(E.left('x'))
    const thenable = {
      then: (f: (value: unknown) => void) => {
        f(E.right(2))
      }
    }
    expect(await runner.run((() => thenable) as never)()).toEqual(E.right(2))
    expect(seen).toMatchObject({ entered: 4, inside: 0, frames: 1 })
  })
})

describe('a lane that refuses', () => {
  const refusal: E.Either<unknown, never> = E.left({ _tag: 'CircuitOpen' })

  it('answers at once, and nothing is called', async () => {
    const { around } = gate('shut', { enter: () => refusal })
    const { runner, time } = once(pipe(id, around))
    const operation = script(time, succeeds(1))
    expect(await runner.run(operation.task)()).toBe(refusal)
    expect(operation.calls).toEqual([])
    expect(runner.status()).toEqual(idle)
  })

  it('those outside of it see the refusal leave', async () => {
    const outer = gate('outer')
    const { play } = once(pipe(id, gate('shut', { enter: () => refusal }).around, outer.around))
    expect(await play(succeeds(1))).toBe(refusal)
    expect(outer.seen).toEqual({ entered: 1, inside: 0, frames: 0, left: ['1 Left'] })
  })

  it('a fallback outside of it answers, and those around that go on with their tickets', async () => {
    const inner = gate('inner')
    const outer = gate('outer')
    const policy = pipe(
      id,
      gate('shut', { enter: () => refusal }).around,
      inner.around,
      Policy.fallbackTo('instead'),
      outer.around
    )
    const { play, runner } = once(policy)
    expect(await play(succeeds(1))).toEqual(E.right('instead'))
    expect(inner.seen).toEqual({ entered: 1, inside: 0, frames: 0, left: ['1 Left'] })
    expect(outer.seen).toEqual({ entered: 1, inside: 0, frames: 1, left: ['1 Right, frame'] })
    expect(runner.status()).toEqual(idle)
  })

  it('a retry outside of it tries again, by frames', async () => {
    let shut = true
    const shutOnce = gate('shut', {
      enter: () => {
        if (!shut) return 1
        shut = false
        return refusal
      }
    })
    const { play } = once(pipe(id, shutOnce.around, Policy.retry(twice, { retryRefused: true })))
    expect(await play(succeeds(1))).toEqual(E.right(1))
    expect(shutOnce.seen.frames).toBe(1)
  })

  it('may answer with a success, or a defect', async () => {
    const outer = gate('outer')
    const answer = E.right('cached')
    const cached = gate('cache', { enter: () => answer })
    expect(await once(pipe(id, cached.around, Policy.fallbackTo(0), outer.around)).play(succeeds(1))).toBe(answer)
    expect(outer.seen).toMatchObject({ inside: 0, frames: 0, left: ['1 Right'] })
    const broken = gate('broken', { enter: () => Rejection.defect('Thrown', 'gate', 'oh') })
    expect(await once(pipe(id, broken.around, Policy.fallbackTo(0))).play(succeeds(1))).toMatchObject({
      left: { _tag: 'Defect', at: 'gate' }
    })
  })
})

describe('a lane that needs a frame', () => {
  it('all go by frames, those outside of it with their tickets', async () => {
    const [outer, middle, inner] = [gate('outer'), gate('middle', { enter: () => undefined }), gate('inner')]
    const { play } = once(pipe(id, inner.around, middle.around, outer.around))
    expect(await play(succeeds(1, 5))).toEqual(E.right(1))
    expect(outer.seen).toEqual({ entered: 1, inside: 0, frames: 1, left: ['1 Right, frame'] })
    expect(middle.seen).toMatchObject({ frames: 1 })
    expect(inner.seen).toEqual({ entered: 1, inside: 0, frames: 1, left: ['1 Right, frame'] })
  })
})

describe('layers beneath the lanes', () => {
  it('have their frames, those around them have none', async () => {
    const [outer, inner] = [gate('outer'), gate('inner')]
    const { play } = once(pipe(id, inner.around, Policy.timeout(50), outer.around, Policy.retry(twice)))
    expect(await play(succeeds(1, 5))).toEqual(E.right(1))
    expect([outer.seen.frames, inner.seen.frames]).toEqual([0, 1])
    expect(outer.seen.left).toEqual(['1 Right'])
  })

  it('what has failed is met by who mends it', async () => {
    const outer = gate('outer')
    const { play } = once(pipe(id, Policy.timeout(50), Policy.retry(twice), outer.around))
    expect(await play(fails('x', 5), succeeds(1, 5))).toEqual(E.right(1))
    expect(outer.seen).toEqual({ entered: 1, inside: 0, frames: 1, left: ['1 Right, frame'] })
  })

  it('what hangs is held by the frames of all that are around it, until it settles', async () => {
    const outer = gate('outer')
    const { time, runner } = once(pipe(id, Policy.timeout(50), outer.around))
    const answer = time.start(runner.run(script(time, succeeds(1, 200)).task))
    await time.advance(100)
    expect(await answer).toEqual(E.left({ _tag: 'TimedOut', timeout: 50 }))
    expect(outer.seen).toEqual({ entered: 1, inside: 1, frames: 1, left: [] })
    expect(runner.status()).toEqual({ inFlight: 0, hanging: 1, accepting: true })
    await time.advance(100)
    expect(outer.seen).toMatchObject({ inside: 0, left: ['1 Left, frame'] })
    expect(runner.status()).toEqual(idle)
  })

  it('a first attempt that hangs and a second one that succeeds are told apart', async () => {
    const [outer, inner] = [gate('outer'), gate('inner')]
    const { time, runner } = once(pipe(id, Policy.timeout(50), inner.around, Policy.retry(twice), outer.around))
    const answer = time.start(runner.run(script<unknown, unknown>(time, succeeds(1, 200), succeeds(2, 10)).task))
    await time.advance(70)
    expect(await answer).toEqual(E.right(2))
    expect([inner.seen.inside, outer.seen.inside]).toEqual([1, 1])
    await time.advance(200)
    expect(inner.seen).toEqual({ entered: 2, inside: 0, frames: 2, left: ['2 Right, frame', '1 Left, frame'] })
    expect(outer.seen).toEqual({ entered: 1, inside: 0, frames: 1, left: ['1 Right, frame'] })
    expect(runner.status()).toEqual(idle)
    expect(await time.settle()).toEqual(nothingLeft)
  })

  it('a user’s strategy beneath that throws gives back what is held outside', async () => {
    const outer = gate('outer')
    const thrower: Strategy.Strategy<object> = {
      name: 'thrower',
      rules: {},
      show: () => [],
      compile: () => ({ open: () => ({ start: () => raise('oh'), abort: () => undefined }) })
    }
    const { play, runner } = once(
      pipe(id, Policy.around<unknown, unknown, object>(thrower, {}), outer.around, Policy.fallbackTo(0))
    )
    expect(await play(succeeds(1))).toEqual(strategyThrew('oh'))
    expect(outer.seen).toEqual({ entered: 1, inside: 0, frames: 0, left: ['1 Defect'] })
    expect(runner.status()).toEqual(idle)
  })
})

describe('a lane that throws', () => {
  it('when it is entered: a defect, and those outside of it see it leave', async () => {
    const outer = gate('outer')
    const { play, runner } = once(
      pipe(id, gate('bad', { enter: () => raise('oh') }).around, Policy.retry(twice), outer.around)
    )
    expect(await play(succeeds(1))).toEqual(strategyThrew('oh'))
    expect(outer.seen).toEqual({ entered: 1, inside: 0, frames: 0, left: ['1 Defect'] })
    expect(runner.status()).toEqual(idle)
  })

  it.each([
    ['a success', succeeds(1, 5)],
    ['a failure', fails('x', 5)]
  ])('when %s leaves: a defect, and nothing is held or mended', async (_name, line) => {
    const [outer, inner] = [gate('outer'), gate('inner')]
    const bad = gate('bad', { leave: () => raise('oh') })
    const { play, runner } = once(pipe(id, inner.around, bad.around, Policy.fallbackTo(0), outer.around))
    expect(await play(line as Line<unknown, unknown>)).toEqual(strategyThrew('oh'))
    expect([inner.seen.inside, outer.seen.inside]).toEqual([0, 0])
    expect(outer.seen.left).toEqual(['1 Defect'])
    expect(runner.status()).toEqual(idle)
  })

  it('a frame that throws before it has started what is inside: nothing is held', async () => {
    const [outer, middle] = [gate('outer'), gate('middle')]
    outer.frameThrows('oh')
    const { play, runner } = once(pipe(id, Policy.retry(twice), middle.around, outer.around))
    expect(await play(fails('x', 5))).toEqual(strategyThrew('oh'))
    // what it had redeemed was its own
    expect([middle.seen.inside, middle.seen.left]).toEqual([0, ['1 Defect']])
    expect(runner.status()).toEqual(idle)
  })
})

describe('close', () => {
  const closed = E.left(Rejection.defect('Closed', 'runner', undefined))

  it('a call without frames is answered when its operation settles, and gives back what it held', async () => {
    const { seen, around } = gate('gate')
    const { time, runner } = once(pipe(id, around, Policy.retry(twice)))
    const answers = [succeeds(1, 50), fails('x', 60)].map((line) =>
      time.start(runner.run(script(time, line as Line<unknown, unknown>).task))
    )
    await time.advance(5)
    await runner.close()
    expect(runner.status()).toEqual({ inFlight: 0, hanging: 2, accepting: false })
    expect(seen.inside).toBe(2)
    let drained = false
    void runner.drain().then(() => (drained = true))
    await time.advance(50)
    expect(drained).toBe(false)
    await time.advance(10)
    expect(await Promise.all(answers)).toEqual([closed, closed])
    expect(drained).toBe(true)
    expect(seen).toMatchObject({ inside: 0, frames: 0, left: ['1 Aborted', '2 Aborted'] })
    expect(runner.status()).toEqual({ inFlight: 0, hanging: 0, accepting: false })
  })

  it('one with frames beneath is answered at once, and held until it has settled', async () => {
    const { seen, around } = gate('gate')
    const { time, runner } = once(pipe(id, Policy.timeout(500), around, Policy.retry(twice)))
    const answer = time.start(runner.run(script(time, succeeds(1, 50)).task))
    await time.advance(5)
    await runner.close()
    expect(await answer).toEqual(closed)
    expect(seen).toMatchObject({ inside: 1, frames: 1 })
    await time.advance(50)
    expect(seen).toMatchObject({ inside: 0, left: ['1 Aborted, frame'] })
    expect(runner.status()).toEqual({ inFlight: 0, hanging: 0, accepting: false })
  })

  it('by a lane that then needs a frame: nothing is called, and what was held outside is given back', async () => {
    const closing = gate('closing', {
      enter: () => {
        void played.runner.close()
        return undefined
      }
    })
    const outer = gate('outer')
    const played = once(pipe(id, closing.around, outer.around))
    const { time, runner } = played
    const operation = script<unknown, unknown>(time, succeeds(1))
    expect(await time.run(runner.run(operation.task))).toEqual(closed)
    expect([operation.calls.length, outer.seen.inside, closing.seen.frames]).toEqual([0, 0, 0])
    expect(runner.status()).toEqual({ inFlight: 0, hanging: 0, accepting: false })
  })

  it('drain waits for a call without frames, and lets it be retried', async () => {
    const { time, runner } = once(pipe(id, Policy.retry(twice)))
    const answer = time.start(runner.run(script<unknown, unknown>(time, fails('x', 10), succeeds(1, 10)).task))
    const drained = runner.drain()
    await time.settle()
    expect(await answer).toEqual(E.right(1))
    await drained
  })
})

it('where anybody listens, all go by frames', async () => {
  const { seen, around } = gate('gate')
  const time = virtual()
  const runner = Runner.make(pipe(id, around))(time.runtime)()
  await time.run(runner.run(script(time, succeeds(1)).task))
  expect(seen.frames).toBe(1)
  const quiet = once(pipe(id, around))
  await quiet.time.run(quiet.runner.runReport(script(quiet.time, succeeds(1)).operation))
  expect(seen.frames).toBe(2)
})

it('keeps the async context of each caller', async () => {
  const storage = new AsyncLocalStorage<number>()
  const policy = pipe(
    Policy.id<string, number>(),
    Policy.bulkhead(2, { queue: 100 }),
    Policy.retry(pipe(Schedule.constant(1), Schedule.take(3))),
    Policy.bulkhead(5, { queue: 100 })
  )
  const runner = Runner.make(policy)(Runtime.live)()
  const caller = (i: number) =>
    storage.run(i, async () => {
      let calls = 0
      const answer = await runner.run(async () => {
        await new Promise((resolve) => setTimeout(resolve, i % 3))
        expect(storage.getStore()).toBe(i)
        return ++calls <= i % 3 ? E.left('busy') : E.right(storage.getStore() as number)
      })()
      expect(storage.getStore()).toBe(i)
      expect(answer).toEqual(E.right(i))
    })
  await Promise.all(Array.from({ length: 30 }, (_, i) => caller(i)))
  expect(runner.status()).toEqual(idle)
})

describe('nobody can tell whether a call went by lanes or by frames', () => {
  const layers: ReadonlyArray<(policy: Any) => Any> = [
    Policy.retry(twice),
    Policy.retry(pipe(Schedule.constant(7), Schedule.take(2)), { retryRefused: true }),
    Policy.retry(pipe(Schedule.constant(3), Schedule.stopAfter(20))),
    Policy.bulkhead(1),
    Policy.bulkhead(2, { queue: 1 }),
    Policy.bulkhead(1, { queue: 2, wait: 11 }),
    Policy.circuitBreaker({ trip: Trip.consecutiveFailures(2), openFor: 15, ramp: { over: 20 } }),
    Policy.circuitBreaker({ trip: throwing, openFor: 7 }),
    Policy.circuitBreaker({ trip: Trip.countWindow(3, { failureRate: 0.5 }), openFor: throwingSchedule }),
    Policy.timeout(13),
    Policy.timeout(9, { grace: 5 }),
    Policy.fallbackTo('instead'),
    Policy.fallbackTag('BulkheadFull', () => 'full'),
    Policy.mapLeft((e) => ({ _tag: 'Mapped', e })),
    Policy.map((value) => ({ value })),
    Policy.ensure((value: unknown) => value !== 3)
  ] as never

  const pick = <T>(random: () => number, all: ReadonlyArray<T>): T => all[Math.floor(random() * all.length)]!

  /** A few calls of a policy, and everything that can be seen of them, ms for ms. */
  const played = async (policy: Any, seed: number, time: VirtualRuntime): Promise<ReadonlyArray<unknown>> => {
    const random = Random.seeded(seed)
    const runner = Runner.make(policy)(time.runtime)()
    const seen: Array<unknown> = []
    const calls = Array.from({ length: 6 }, (_, i) => {
      const lines = Array.from({ length: 4 }, (): Line<unknown, unknown> => {
        const ms = Math.floor(random() * 20)
        return pick(random, [succeeds(i, ms), succeeds(i, ms), fails('busy', ms), fails('busy', ms), throws('oh')])
      })
      const operation = script(time, ...(lines as unknown as Lines))
      time.after(Math.floor(random() * 30), () => {
        void time.start(runner.run(operation.task as never)).then((answer) => seen.push([time.now(), i, answer]))
      })
      return operation.calls
    })
    const controls = Policy.names(policy).flatMap((name) => [
      Policy.bulkheadControl(runner, name),
      Policy.circuitBreakerControl(runner, name)
    ])
    for (let ms = 0; ms < 200; ms++) {
      await time.advance(1)
      seen.push(controls.map((control) => (control._tag === 'Some' ? control.value.status() : undefined)))
      seen.push(runner.status())
    }
    return [...seen, calls.map((all) => all.map(({ at }) => at)), await time.settle()]
  }

  it.each(Array.from({ length: 300 }, (_, seed) => seed))('policy %i', async (seed) => {
    const random = Random.seeded(seed + 1000)
    let policy = id
    for (let n = 1 + Math.floor(random() * 4); n > 0; n--) policy = pick(random, layers)(policy)
    const byFrames = await played(policy, seed, virtual({ seed }))
    const byLanes = await played(policy, seed, virtual({ seed, log: false }))
    expect({ policy: Policy.show(policy), byLanes }).toEqual({ policy: Policy.show(policy), byLanes: byFrames })
  })
})

it('an operation that never settles holds what it holds', async () => {
  const { seen, around } = gate('gate')
  const { time, runner } = once(pipe(id, around))
  void runner.run(script(time, hangs).task)()
  await time.advance(1e9)
  expect(seen).toMatchObject({ inside: 1, frames: 0 })
  expect(runner.status()).toEqual({ inFlight: 1, hanging: 0, accepting: true })
})
