import * as E from 'fp-ts/Either'
import * as O from 'fp-ts/Option'
import { pipe } from 'fp-ts/function'
import { Policy, Runner, Trip } from 'resilience-ts'
import { fails, hangs, script, succeeds, virtual } from 'resilience-ts/testing'
import { nothingLeft } from '../support'

const id = Policy.id<string, number>()

describe('circuitBreaker', () => {
  it('opens, probes, ramps up and closes', async () => {
    const time = virtual()
    const policy = pipe(
      id,
      Policy.circuitBreaker({ trip: Trip.consecutiveFailures(2), openFor: 1000, ramp: { over: 1000, from: 0.5 } })
    )
    const runner = Runner.make(policy)(time.runtime)()
    const control = pipe(Policy.circuitBreakerControl(runner), O.toNullable)!
    const call = (line: Parameters<typeof script>[1]) => time.run(runner.run(script(time, line).task as never))
    expect([await call(fails('down')), await call(fails('down'))]).toEqual([E.left('down'), E.left('down')])
    expect(await call(succeeds(1))).toEqual(E.left({ _tag: 'CircuitOpen', reason: 'open', retryAfter: 1000 }))
    await time.advance(1000)
    expect(control.status()).toMatchObject({ state: 'half-open', openings: 1 })
    const probe = time.start(runner.run(script(time, succeeds(2, 100)).task))
    expect(await call(succeeds(3))).toMatchObject({ left: { reason: 'half-open', retryAfter: 30_000 } })
    await time.advance(100)
    expect(await probe).toEqual(E.right(2))
    expect(control.status()).toMatchObject({ state: 'closed', share: 0.5 })
    const answers = []
    for (let n = 0; n < 6; n++) answers.push(E.isRight(await call(succeeds(n) as never)))
    expect(answers).toEqual([true, true, false, true, false, true])
    await time.advance(1000)
    expect(control.status()).toMatchObject({ state: 'closed', share: 1, generation: 4 })
    expect(await time.settle()).toEqual(nothingLeft)
  })

  it('a lease that is over is a failure, and its late result moves nothing', async () => {
    const time = virtual()
    const policy = pipe(id, Policy.circuitBreaker({ trip: Trip.consecutiveFailures(1), openFor: 100, lease: 50 }))
    const runner = Runner.make(policy)(time.runtime)()
    const control = pipe(Policy.circuitBreakerControl(runner), O.toNullable)!
    await time.run(runner.run(script(time, fails('down')).task))
    await time.advance(100)
    void time.start(runner.run(script(time, hangs).task))
    void time.start(runner.run(script(time, succeeds(1, 500)).task))
    await time.advance(50)
    expect(control.status()).toMatchObject({ state: 'open', retryAfter: 100, openings: 2 })
  })
})
