import { Policy, Runner, Runtime, Schedule } from 'resilience-ts'
import { fails, type Leaks, script, succeeds, virtual } from 'resilience-ts/testing'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as T from 'fp-ts/Task'
import { idle, nothingLeft } from '../play'

const id = Policy.id<unknown, unknown>()

/** How many objects can be reached, functions and their properties included. */
const reachable = (...roots: ReadonlyArray<unknown>): number => {
  const seen = new Set<unknown>()
  const open: Array<unknown> = [...roots]
  while (open.length > 0) {
    const next = open.pop()
    if ((typeof next !== 'object' && typeof next !== 'function') || next === null || seen.has(next)) continue
    seen.add(next)
    if (next instanceof Map) open.push(...next.keys(), ...(next.values() as Iterable<unknown>))
    if (next instanceof Set) open.push(...(next as Set<unknown>))
    open.push(...Object.values(next as Record<string, unknown>))
  }
  return seen.size
}

describe('guarantee 8: constant space', () => {
  it('a retry of 100,000 steps with no delay holds no more than one of ten', async () => {
    const steps = 100_000
    const time = virtual({ log: false })
    const schedule = pipe(
      Schedule.exponential(0),
      Schedule.take(steps),
      Schedule.both(Schedule.stopAfter(1e9)(Schedule.forever))
    )
    const runner = Runner.make(pipe(id, Policy.timeout(1000), Policy.retry(schedule)))(time.runtime)()
    const held: Array<readonly [Leaks, number]> = []
    let calls = 0
    let held10: unknown
    const operation = (attempt: unknown) => (): never => {
      calls++
      if (calls === 11) held10 = attempt
      if (calls === 11 || calls % 20_000 === 0) held.push([time.leaks(), reachable(attempt)])
      return E.left('busy') as never
    }
    expect(await time.run(runner.runWith(operation))).toEqual(E.left('busy'))
    expect(calls).toBe(steps + 1)
    const [first, ...later] = held
    expect(later).toHaveLength(5)
    // the sweep of a list that became empty is the one turn there may be
    for (const [leaks, size] of later) {
      expect({ ...leaks, turns: 0 }).toEqual({ ...first![0], turns: 0 })
      expect(leaks.turns).toBeLessThanOrEqual(1)
      expect(size).toBe(first![1])
    }
    expect(held10).toBeDefined()
    expect(await time.settle()).toEqual(nothingLeft)
    expect(runner.status()).toEqual(idle)
  })

  it('the stack does not grow with attempts that are answered at once', async () => {
    const time = virtual({ log: false })
    const depths = new Set<number>()
    let calls = 0
    const policy = pipe(
      id,
      Policy.mapLeft((e) => e),
      Policy.retry(pipe(Schedule.forever, Schedule.take(10_000)))
    )
    const { stackTraceLimit } = Error
    Error.stackTraceLimit = Infinity
    await time.run(
      Runner.make(policy)(time.runtime)().run((() => {
        if (++calls % 100 === 0) depths.add(new Error().stack!.split('\n').length)
        return E.left('busy')
      }) as never)
    )
    Error.stackTraceLimit = stackTraceLimit
    expect(calls).toBe(10_001)
    expect(Math.max(...depths)).toBeLessThan(60)
  })

  it('a retry of 10,000 steps in virtual time holds one timer and one operation at a time', async () => {
    const time = virtual({ log: false })
    const policy = pipe(id, Policy.timeout(1000), Policy.retry(pipe(Schedule.constant(10), Schedule.take(10_000))))
    const runner = Runner.make(policy)(time.runtime)()
    const operation = script(time, fails('busy', 5))
    const most = { timers: 0, turns: 0, listeners: 0, operations: 0, promises: 0, permits: 0 }
    const look = (): void => {
      const now = time.leaks()
      for (const key of Object.keys(most) as Array<keyof Leaks>) most[key] = Math.max(most[key], now[key])
    }
    const answer = time.run(
      runner.run(() => {
        look()
        return operation.task()
      })
    )
    expect(await answer).toEqual(E.left('busy'))
    expect(operation.calls).toHaveLength(10_001)
    expect(time.now()).toBe(10_001 * 5 + 10_000 * 10)
    // one timer list for the timeout, one for the backoff; what follows the last operation, and the sweep of an empty list
    expect(most.timers).toBeLessThanOrEqual(2)
    expect(most.turns).toBeLessThanOrEqual(2)
    expect(most).toMatchObject({ listeners: 0, operations: 0, promises: 1 })
    expect(await time.settle()).toEqual(nothingLeft)
  })

  it('so does one whose decisions and hooks are effects', async () => {
    const time = virtual({ log: false })
    let hooks = 0
    const policy = pipe(
      id,
      Policy.retry(pipe(Schedule.forever, Schedule.take(10_000)), {
        decide: () => T.of(Policy.again),
        beforeRetry: () => async () => {
          hooks++
        }
      })
    )
    const runner = Runner.make(policy)(time.runtime)()
    expect(await time.run(runner.run(() => Promise.resolve(E.left('busy'))))).toEqual(E.left('busy'))
    expect(hooks).toBe(10_000)
    expect(await time.settle()).toEqual(nothingLeft)
  })

  it('a report of a million steps would hold what it was asked to keep', async () => {
    const time = virtual({ log: false })
    const runner = Runner.make(pipe(id, Policy.retry(pipe(Schedule.forever, Schedule.take(20_000)))))(time.runtime)()
    const report = await time.run(runner.runReport(() => (() => E.left('busy')) as never, { keep: 10 }))
    expect(report.attempts).toHaveLength(10)
    expect(report.decisions).toHaveLength(10)
    expect(report.totals).toMatchObject({ attempts: 20_001, retries: 20_000, omitted: 20_001 + 20_001 - 20 })
  })

  it('10,000 concurrent runs share their timers, and leave nothing behind', async () => {
    const time = virtual({ log: false })
    const policy = pipe(
      id,
      Policy.timeout(1000),
      Policy.retry(pipe(Schedule.constant(50), Schedule.take(3))),
      Policy.deadline(10_000)
    )
    const runner = Runner.make(policy)(time.runtime)()
    const { signal, listeners } = time.signal()
    const answers = Array.from({ length: 10_000 }, (_, i) =>
      time.start(runner.runWith(script<unknown, unknown>(time, fails('busy', 5), succeeds(i, 5)).operation, { signal }))
    )
    // one for the timeouts, one for the deadlines
    expect(time.leaks()).toEqual({
      timers: 2,
      turns: 10_000,
      listeners: 1,
      operations: 10_000,
      promises: 10_000,
      permits: 0
    })
    await time.advance(7)
    // one for the backoffs; that of the timeouts is given back, as nobody is in time
    expect(time.leaks()).toMatchObject({ timers: 2, operations: 0, promises: 10_000 })
    expect(runner.status()).toEqual({ inFlight: 10_000, hanging: 0, accepting: true })
    await time.advance(1000)
    const got = await Promise.all(answers)
    expect(got.every((answer, i) => E.isRight(answer) && answer.right === i)).toBe(true)
    expect(await time.settle()).toEqual(nothingLeft)
    expect(runner.status()).toEqual(idle)
    expect(listeners()).toBe(0)
  })

  it('no timer of a call outlives it, on the real clock as well', async () => {
    let armed = 0
    const { clock } = Runtime.live
    const runtime: Runtime.Runtime = {
      ...Runtime.live,
      clock: {
        ...clock,
        timer: (ms, fire, keepAlive) => {
          armed++
          let open = true
          const close = (): void => {
            if (open) armed--
            open = false
          }
          const timer = clock.timer(
            ms,
            () => {
              close()
              fire()
            },
            keepAlive
          )
          return {
            cancel: () => {
              close()
              timer.cancel()
            }
          }
        }
      }
    }
    const policy = pipe(id, Policy.timeout(60_000), Policy.retry(Schedule.constant(2)), Policy.deadline(90_000))
    const runner = Runner.make(policy)(runtime)()
    let calls = 0
    const flaky = (): Promise<E.Either<unknown, unknown>> => Promise.resolve(++calls < 3 ? E.left('busy') : E.right(1))
    expect(await runner.run(flaky)()).toEqual(E.right(1))
    await new Promise((resolve) => setTimeout(resolve, 5))
    expect(armed).toBe(0)
  })
})
