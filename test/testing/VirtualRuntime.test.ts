import { Policy, Random, Runner, Schedule, Trip } from 'resilience-ts'
import { fails, hangs, script, succeeds, virtual, type VirtualOptions } from 'resilience-ts/testing'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { nothingLeft, tags } from '../play'

const id = Policy.id<unknown, unknown>()
const day = 24 * 60 * 60 * 1000

/** Things that happen, by name, in order. */
const happening = (options?: VirtualOptions) => {
  const time = virtual(options)
  const seen: Array<string> = []
  const happen = (name: string, ms: number): void => {
    time.after(ms, () => seen.push(`${name} at ${String(time.now())}`))
  }
  return { time, seen, happen }
}

describe('virtual', () => {
  describe('24 hours of retrying take milliseconds', () => {
    const policy = pipe(
      id,
      Policy.timeout(500),
      Policy.retry(pipe(Schedule.exponential(100), Schedule.jittered, Schedule.cap(60_000), Schedule.within(day)))
    )
    const retryForADay = async (seed: number) => {
      const time = virtual({ seed })
      const runner = Runner.make(policy)(time.runtime)()
      const operation = script<unknown, unknown>(time, fails('busy', 20), succeeds('late', 700), fails('busy', 5))
      const answer = await time.run(runner.run(operation.task))
      return { answer, now: time.now(), log: time.log, calls: operation.calls.length, leaks: await time.settle() }
    }

    it('and tell every event', async () => {
      const { answer, now, log, calls, leaks } = await retryForADay(1)
      expect(answer).toEqual(E.left('busy'))
      expect(now).toBeGreaterThan(day - 120_000)
      expect(now).toBeLessThan(day)
      // 24 hours in steps of half a minute on average, and a few short ones in the beginning
      expect(calls).toBeGreaterThan(day / 60_000)
      expect(calls).toBeLessThan((day / 60_000) * 2.2)
      // the run's start and end; each attempt's start and end; each decision; one timeout and one late result
      expect(log).toHaveLength(2 + 2 * calls + calls + 2)
      expect(tags(log).filter((tag) => tag === 'RetryScheduled')).toHaveLength(calls - 1)
      expect(leaks).toEqual(nothingLeft)
    })

    it('and take milliseconds', async () => {
      const start = performance.now()
      await retryForADay(1)
      expect(performance.now() - start).toBeLessThan(2000)
    })

    it('with the same log for the same seed, to the letter', async () => {
      expect(JSON.stringify(await retryForADay(42))).toBe(JSON.stringify(await retryForADay(42)))
    })

    it('with another log for another seed', async () => {
      expect(JSON.stringify((await retryForADay(42)).log)).not.toBe(JSON.stringify((await retryForADay(43)).log))
    })
  })

  describe('order', () => {
    it('what is due earlier happens earlier; in one instant, in the order in which it was arranged', async () => {
      const { time, seen, happen } = happening()
      happen('c', 20)
      happen('a', 10)
      happen('d', 20)
      happen('b', 10)
      await time.settle()
      expect(seen).toEqual(['a at 10', 'b at 10', 'c at 20', 'd at 20'])
    })

    it('seeded: in any order, the same for the same seed, and never across instants', async () => {
      const play = async (seed: number): Promise<string> => {
        const { time, seen, happen } = happening({ seed, order: 'seeded' })
        for (const name of ['a', 'b', 'c']) happen(name, 10)
        happen('later', 11)
        await time.settle()
        expect(seen[3]).toBe('later at 11')
        return seen.join()
      }
      const orders = new Set<string>()
      for (let seed = 0; seed < 200; seed++) {
        const order = await play(seed)
        expect(await play(seed)).toBe(order)
        orders.add(order)
      }
      expect(orders.size).toBe(6)
    })

    it('seeded, in a window: things that are no further apart change places, and the clock never goes back', async () => {
      const orders = new Set<string>()
      for (let seed = 0; seed < 200; seed++) {
        const { time, seen, happen } = happening({ seed, order: 'seeded', window: 5 })
        happen('a', 10)
        happen('b', 15)
        happen('c', 21)
        await time.settle()
        const times = seen.map((each) => Number(each.split(' at ')[1]))
        expect(times).toEqual([...times].sort((x, y) => x - y))
        orders.add(seen.map((each) => each.charAt(0)).join(''))
      }
      expect([...orders].sort()).toEqual(['abc', 'bac'])
    })

    it('promises get to run between things; seeded, not always, but always before time passes', async () => {
      const play = async (options: VirtualOptions): Promise<string> => {
        const time = virtual(options)
        const seen: Array<string> = []
        const happen = (name: string, ms: number): void => {
          time.after(ms, () => {
            seen.push(name)
            void Promise.resolve().then(() => seen.push(`${name}'`))
          })
        }
        happen('a', 10)
        happen('b', 10)
        happen('c', 20)
        await time.settle()
        return seen.join(' ')
      }
      expect(await play({})).toBe("a a' b b' c c'")
      const seen = new Set<string>()
      for (let seed = 0; seed < 100; seed++) seen.add(await play({ seed, order: 'seeded' }))
      expect([...seen].sort()).toEqual(["a a' b b' c c'", "a b a' b' c c'", "b a b' a' c c'", "b b' a a' c c'"])
    })

    it('the order does not change what is drawn', () => {
      const draws = (options: VirtualOptions): ReadonlyArray<number> => {
        const { runtime } = virtual(options)
        return [1, 2, 3].map(() => runtime.random())
      }
      expect(draws({ seed: 7 })).toEqual(draws({ seed: 7, order: 'seeded' }))
      expect(draws({ seed: 7 })).not.toEqual(draws({ seed: 8 }))
      const seeded = Random.seeded(7)
      expect(draws({ seed: 7 })).toEqual([seeded(), seeded(), seeded()])
      expect(draws({ random: () => 0.25 })).toEqual([0.25, 0.25, 0.25])
    })
  })

  describe('advance', () => {
    it('lets exactly so much time pass', async () => {
      const { time, seen, happen } = happening()
      happen('a', 10)
      happen('b', 11)
      await time.advance(9)
      expect([time.now(), seen]).toEqual([9, []])
      await time.advance(1)
      expect([time.now(), seen]).toEqual([10, ['a at 10']])
      await time.advance(100)
      expect([time.now(), seen]).toEqual([110, ['a at 10', 'b at 11']])
    })

    it('lets happen what is arranged meanwhile', async () => {
      const { time, seen, happen } = happening()
      time.after(10, () => {
        happen('in time', 5)
        happen('too late', 50)
      })
      await time.advance(20)
      expect([time.now(), seen]).toEqual([20, ['in time at 15']])
    })

    it('of nothing lets what is due now happen', async () => {
      const { time, seen, happen } = happening()
      happen('now', 0)
      await time.advance(0)
      expect(seen).toEqual(['now at 0'])
    })
  })

  it('time never goes back, whoever else lets it pass', async () => {
    const { time, happen, seen } = happening()
    const task = script(time, succeeds(1, 1000)).task
    await Promise.all([time.run(task), time.advance(100)])
    expect(time.now()).toBe(1000)
    happen('later', 0)
    await time.advance(-50)
    expect([time.now(), seen]).toEqual([1000, []])
  })

  describe('run', () => {
    it('lets no more time pass than the task takes', async () => {
      const time = virtual()
      const operation = script(time, succeeds(1, 25))
      time.after(1000, () => {})
      expect(await time.run(operation.task)).toEqual(E.right(1))
      expect(time.now()).toBe(25)
      expect(time.leaks()).toEqual({ ...nothingLeft, turns: 1 })
    })

    it('says so when it is stuck', async () => {
      const time = virtual()
      await time.advance(7)
      await expect(time.run(script(time, hangs).task)).rejects.toThrow(
        'stuck at 7 ms: {"timers":0,"turns":0,"listeners":0,"operations":1,"promises":1,"permits":0}'
      )
    })

    it('rejects with what the task rejects with', async () => {
      const time = virtual()
      await expect(time.run(() => Promise.reject(new Error('oh')))).rejects.toThrow('oh')
      expect(await time.settle()).toEqual(nothingLeft)
    })

    it('start lets no time pass', async () => {
      const time = virtual()
      const promise = time.start(script(time, succeeds(1, 25)).task)
      await Promise.resolve()
      expect([time.now(), time.leaks()]).toEqual([0, { ...nothingLeft, turns: 1, operations: 1, promises: 1 }])
      await time.advance(25)
      expect(await promise).toEqual(E.right(1))
    })
  })

  describe('settle and leaks count each kind of thing that is left behind', () => {
    const only = (kind: keyof typeof nothingLeft, count = 1) => ({ ...nothingLeft, [kind]: count })

    it('nothing, to begin with', async () => {
      expect(virtual().leaks()).toEqual(nothingLeft)
      expect(await virtual().settle()).toEqual(nothingLeft)
    })

    it('timers that are armed, until they fire or are called off', async () => {
      const time = virtual()
      const { clock } = time.runtime
      const timers = [1, 2, 3].map((ms) => clock.timer(ms * 10, () => {}, true))
      expect(time.leaks()).toEqual(only('timers', 3))
      await time.advance(10)
      expect(time.leaks()).toEqual(only('timers', 2))
      timers[1]!.cancel()
      expect(time.leaks()).toEqual(only('timers'))
      timers[1]!.cancel()
      timers[0]!.cancel()
      expect(await time.settle()).toEqual(nothingLeft)
      expect(time.now()).toBe(30)
    })

    it('turns that are asked for', async () => {
      const time = virtual()
      let turned = 0
      time.runtime.clock.turn(() => turned++)
      expect(time.leaks()).toEqual(only('turns'))
      expect(await time.settle()).toEqual(nothingLeft)
      expect([turned, time.now()]).toEqual([1, 0])
    })

    it('listeners on its signals, each once', async () => {
      const time = virtual()
      const [one, two] = [time.signal(), time.signal()]
      const [f, g] = [jest.fn(), jest.fn()]
      one.signal.addEventListener('abort', f)
      one.signal.addEventListener('abort', f)
      one.signal.addEventListener('abort', g)
      two.signal.addEventListener('abort', f)
      expect([one.listeners(), two.listeners(), time.leaks()]).toEqual([2, 1, only('listeners', 3)])
      one.signal.removeEventListener('abort', g)
      one.signal.removeEventListener('abort', g)
      expect([one.listeners(), await time.settle()]).toEqual([1, only('listeners', 2)])
      one.abort('why')
      expect([f.mock.calls.length, g.mock.calls.length, one.signal.reason]).toEqual([1, 0, 'why'])
      one.signal.removeEventListener('abort', f)
      two.signal.removeEventListener('abort', f)
      expect(time.leaks()).toEqual(nothingLeft)
    })

    it('operations that have not settled, and tasks that have not ended', async () => {
      const time = virtual()
      const promise = time.start(script(time, hangs).task)
      expect(promise).toBeInstanceOf(Promise)
      expect(await time.settle()).toEqual({ ...nothingLeft, operations: 1, promises: 1 })
      void script(time, hangs).task()
      expect(await time.settle()).toEqual({ ...nothingLeft, operations: 2, promises: 1 })
    })

    it('a leak of a policy is seen: here one that forgets to cancel', async () => {
      const forgetful = Policy.around<unknown, unknown, object>(
        {
          name: 'forgetful',
          rules: {},
          show: () => [],
          compile: (_settings, _services, inner) => {
            time.runtime.clock.timer(1e15, () => {}, true)
            return inner
          }
        },
        {}
      )
      const time = virtual()
      await time.run(Runner.make(forgetful(id))(time.runtime)().run(TE.right(1)))
      expect(time.leaks()).toEqual(only('timers'))
    })

    it('permits, of the runners that are named', async () => {
      const time = virtual()
      const make = Runner.make(
        pipe(
          id,
          Policy.bulkhead(3),
          Policy.timeout(10),
          Policy.circuitBreaker({ trip: Trip.consecutiveFailures(5), openFor: 1 })
        )
      )
      const [one, other] = [make(time.runtime)(), make(time.runtime)()]
      const hanging = script(time, hangs)
      await Promise.all([one, one, other].map((runner) => time.run(runner.run(hanging.task))))
      await time.run(one.run(script(time, succeeds(1)).task))
      const left = { ...nothingLeft, operations: 3 }
      expect([time.leaks(), time.leaks(one), time.leaks(one, other)].map(({ permits }) => permits)).toEqual([0, 2, 3])
      expect(await time.settle(other)).toEqual({ ...left, permits: 1 })
    })
  })

  describe('clocks', () => {
    it('the wall clock starts where it is told, goes with time, and jumps; the monotonic clock does not', async () => {
      const time = virtual({ startAt: 1000 })
      const { clock } = time.runtime
      expect([clock.now(), clock.wallClock()]).toEqual([0, 1000])
      await time.advance(50)
      expect([clock.now(), clock.wallClock()]).toEqual([50, 1050])
      time.jumpWallClock(-5000)
      expect([clock.now(), clock.wallClock()]).toEqual([50, -3950])
      time.jumpWallClock(10_000)
      expect([clock.now(), clock.wallClock()]).toEqual([50, 6050])
    })
  })

  describe('log', () => {
    it('every event, in order', async () => {
      const time = virtual()
      await time.run(Runner.make(id)(time.runtime)().run(script(time, succeeds(1, 5)).task))
      expect(time.log).toEqual([
        { _tag: 'RunStarted', run: 1, at: 0, attributes: {} },
        { _tag: 'AttemptStarted', run: 1, at: 0, attempt: 1 },
        { _tag: 'AttemptEnded', run: 1, at: 5, attempt: 1, duration: 5, outcome: E.right(1) },
        { _tag: 'RunEnded', run: 1, at: 5, elapsed: 5, outcome: E.right(1) }
      ])
    })

    it('none, where it is not wanted: then nobody listens', async () => {
      const time = virtual({ log: false })
      await time.run(Runner.make(id)(time.runtime)().run(script(time, succeeds(1, 5)).task))
      expect(time.log).toEqual([])
      expect('observe' in time.runtime).toBe(false)
    })
  })
})

describe('no number in place of a time', () => {
  it.each([NaN, Infinity, undefined])('advance(%p) rejects, and the clock stands', async (ms) => {
    const time = virtual()
    await time.advance(5)
    await expect(time.advance(ms as number)).rejects.toThrow('allowed: a finite number')
    expect(time.now()).toBe(5)
  })

  it.each([NaN, Infinity])('what is to happen after %p ms never does, and everything else does', async (ms) => {
    const time = virtual()
    const seen: Array<number> = []
    for (const at of [20, ms, 10]) time.after(at, () => seen.push(at))
    const leaks = await time.settle()
    expect([seen, time.now(), leaks.turns]).toEqual([[10, 20], 20, 1])
    await expect(time.run(() => new Promise(() => undefined))).rejects.toThrow('stuck at 20 ms')
  })
})
