import { Policy, Runner, Schedule, Trip } from 'resilience-ts'
import { fails, hangs, heeding, script, succeeds, throws, virtual } from 'resilience-ts/testing'
import * as E from 'fp-ts/Either'
import * as O from 'fp-ts/Option'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { idle, nothingLeft } from '../play'

const id = Policy.id<unknown, unknown>()
const timedOut = E.left({ _tag: 'TimedOut', timeout: 100 })

describe('guarantee 6: a permit is held until the operation settles, not until its caller has been answered', () => {
  it('what hangs is counted where it can be seen', async () => {
    const time = virtual()
    const runner = Runner.make(pipe(id, Policy.timeout(100)))(time.runtime)()
    expect(runner.status()).toEqual(idle)
    const answer = time.start(runner.run(script(time, succeeds(1, 250)).task))
    expect(runner.status()).toEqual({ inFlight: 1, hanging: 0, accepting: true })
    await time.advance(150)
    expect(await answer).toEqual(timedOut)
    expect(runner.status()).toEqual({ inFlight: 0, hanging: 1, accepting: true })
    await time.advance(150)
    expect(runner.status()).toEqual(idle)
    expect(time.leaks()).toEqual(nothingLeft)
  })

  it('a run hangs until the last of its attempts has settled', async () => {
    const time = virtual()
    const policy = pipe(id, Policy.timeout(100), Policy.retry(pipe(Schedule.constant(0), Schedule.take(2))))
    const runner = Runner.make(policy)(time.runtime)()
    // timed out at 100, 200 and 300; settled at 500, 150 and 700
    const operation = script(time, succeeds(1, 500), succeeds(2, 150), succeeds(3, 500))
    expect(await time.run(runner.run(operation.task))).toEqual(timedOut)
    expect(time.now()).toBe(300)
    expect(runner.status().hanging).toBe(1)
    await time.advance(399)
    expect(runner.status().hanging).toBe(1)
    await time.advance(1)
    expect(runner.status()).toEqual(idle)
  })

  it('a run that succeeds hangs while an earlier attempt of it does', async () => {
    const time = virtual()
    const policy = pipe(id, Policy.timeout(100), Policy.retry(Schedule.constant(0)))
    const runner = Runner.make(policy)(time.runtime)()
    expect(await time.run(runner.run(script(time, succeeds('late', 500), succeeds('good', 5)).task))).toEqual(
      E.right('good')
    )
    expect(runner.status()).toEqual({ inFlight: 0, hanging: 1, accepting: true })
    await time.advance(500)
    expect(runner.status()).toEqual(idle)
  })

  it('an operation that heeds its signal does not hang', async () => {
    const time = virtual()
    const runner = Runner.make(pipe(id, Policy.timeout(100)))(time.runtime)()
    expect(await time.run(runner.runWith(script(time, heeding(succeeds(1, 5000))).operation))).toEqual(timedOut)
    await time.advance(0)
    expect(runner.status()).toEqual(idle)
    expect(time.now()).toBe(100)
  })

  it('an operation that never settles hangs for ever', async () => {
    const time = virtual()
    const runner = Runner.make(pipe(id, Policy.timeout(100)))(time.runtime)()
    for (let i = 0; i < 3; i++) await time.run(runner.run(script(time, hangs).task))
    await time.advance(1e12)
    expect(runner.status()).toEqual({ inFlight: 0, hanging: 3, accepting: true })
    expect(await time.settle()).toEqual({ ...nothingLeft, operations: 3 })
  })

  it('so do a fallback’s operation, a validation, and the operation of retryOrElse', async () => {
    for (const around of [
      Policy.fallbackWith<unknown, unknown, unknown>(() => slow),
      Policy.retryOrElse<unknown, unknown, unknown, unknown, unknown>(Schedule.stop, () => slow),
      (policy: typeof id) =>
        pipe(
          policy,
          Policy.fallbackTo(1),
          Policy.ensureWith(() => slow)
        )
    ]) {
      const time = virtual()
      const runner = Runner.make(pipe(id, around, Policy.timeout(100)))(time.runtime)()
      const later = script(time, succeeds(1, 500))
      slow = later.task
      expect(await time.run(runner.run(script(time, fails('busy', 10)).task))).toEqual(timedOut)
      expect(runner.status().hanging).toBe(1)
      await time.advance(500)
      expect(later.calls).toHaveLength(1)
      expect(runner.status()).toEqual(idle)
    }
  })
  let slow: TE.TaskEither<unknown, unknown> = TE.right(1)

  it('a grace waits for what was aborted, and then it does not hang', async () => {
    const time = virtual()
    const runner = Runner.make(pipe(id, Policy.timeout(100, { grace: 100 })))(time.runtime)()
    expect(await time.run(runner.run(script(time, succeeds(1, 150)).task))).toEqual(timedOut)
    expect(time.now()).toBe(150)
    expect(runner.status()).toEqual(idle)
    expect(await time.run(runner.run(script(time, succeeds(1, 900)).task))).toEqual(timedOut)
    expect(time.now()).toBe(350)
    expect(runner.status().hanging).toBe(1)
  })

  it('drain waits for what hangs', async () => {
    const time = virtual()
    const runner = Runner.make(pipe(id, Policy.timeout(100)))(time.runtime)()
    const answer = time.start(runner.run(script(time, succeeds(1, 250)).task))
    let drained = false
    const draining = [runner.drain(), runner.drain()].map((each) =>
      each.then(() => {
        drained = true
      })
    )
    expect(await runner.run(TE.right(1))()).toMatchObject({ left: { _tag: 'Defect', kind: 'Closed' } })
    await time.advance(200)
    expect(await answer).toEqual(timedOut)
    expect(drained).toBe(false)
    await time.advance(100)
    await Promise.all(draining)
    await runner.drain()
    expect(runner.status()).toEqual({ ...idle, accepting: false })
  })

  it('a defect frees what the run held', async () => {
    const time = virtual()
    const runner = Runner.make(pipe(id, Policy.timeout(100), Policy.retry(Schedule.constant(1))))(time.runtime)()
    await time.run(runner.run(script(time, throws('oh')).task))
    expect(runner.status()).toEqual(idle)
    // while what still runs of it is counted
    await time.run(runner.run(script<unknown, unknown>(time, succeeds(1, 500), throws('oh')).task))
    expect(runner.status().hanging).toBe(1)
    expect(await time.settle()).toEqual(nothingLeft)
    expect(runner.status()).toEqual(idle)
  })

  it('through a breaker what hangs is held on, and a probe that was answered is no probe any more', async () => {
    const time = virtual()
    const policy = pipe(
      id,
      Policy.bulkhead(1),
      Policy.timeout(100),
      Policy.circuitBreaker({ trip: Trip.consecutiveFailures(1), openFor: 50 })
    )
    const runner = Runner.make(policy)(time.runtime)()
    const breaker = pipe(Policy.circuitBreakerControl(runner), O.toUndefined)
    const permits = pipe(Policy.bulkheadControl(runner), O.toUndefined)
    breaker?.forceOpen(10)()
    await time.advance(10)
    expect(await time.run(runner.run(script(time, succeeds(1, 400)).task))).toEqual(timedOut)
    expect(breaker?.status()).toMatchObject({ state: 'open', probes: { running: 0 } })
    expect(permits?.status()).toMatchObject({ active: 1, hanging: 1 })
    expect(runner.status()).toMatchObject({ inFlight: 0, hanging: 1 })
    await time.advance(300)
    expect(permits?.status()).toMatchObject({ active: 0, hanging: 0 })
    expect(runner.status()).toEqual(idle)
  })
})
