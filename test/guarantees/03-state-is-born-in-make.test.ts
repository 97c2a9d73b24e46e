import * as O from 'fp-ts/Option'
import { Policy, Runner, Schedule, type Strategy, Trip } from 'resilience-ts'
import { fails, script, succeeds, virtual, type VirtualRuntime } from 'resilience-ts/testing'
import { pipe } from 'fp-ts/function'
import { play } from '../play'
import { counted } from './counting'

const id = Policy.id<unknown, unknown>()

const counts = (time: VirtualRuntime): ReadonlyArray<readonly [string, unknown]> =>
  time.log.flatMap((event) => (event._tag === 'Custom' ? [[event.layer, event.data] as const] : []))

describe('guarantee 3: state is born in make, once per occurrence, and is never keyed on object identity', () => {
  const make = () =>
    pipe(
      id,
      Policy.timeout(50),
      counted,
      Policy.retry(pipe(Schedule.exponential(10), Schedule.jittered, Schedule.take(3)))
    )
  const shared = make()

  it('replacing a shared const policy by its definition changes nothing', async () => {
    const lines = [fails('a', 5), succeeds(1, 60), fails('b', 5), fails('c', 1), succeeds(2, 5)] as const
    for (let seed = 0; seed < 20; seed++) {
      const twice = await play(pipe(shared, Policy.compose(shared)), lines, { seed })
      const inlined = await play(pipe(make(), Policy.compose(make())), lines, { seed })
      expect(twice).toEqual(inlined)
    }
  })

  it('each occurrence of one policy has its own state', async () => {
    const time = virtual()
    const runner = Runner.make(pipe(id, counted, counted))(time.runtime)()
    for (let i = 0; i < 2; i++) await time.run(runner.run(script(time, succeeds(1)).task))
    expect(counts(time)).toEqual([
      ['counting#2', 1],
      ['counting', 1],
      ['counting#2', 2],
      ['counting', 2]
    ])
  })

  it('two runners do not share', async () => {
    const time = virtual()
    const policy = pipe(id, counted)
    const [one, two] = [Runner.make(policy)(time.runtime)(), Runner.make(policy)(time.runtime)()]
    for (const runner of [one, two, one]) await time.run(runner.run(script(time, succeeds(1)).task))
    expect(counts(time).map(([, count]) => count)).toEqual([1, 1, 2])
    await one.close()
    expect(one.status().accepting).toBe(false)
    expect(two.status().accepting).toBe(true)
  })

  it('one make, run twice as an IO, makes two', async () => {
    const time = virtual()
    const make = Runner.make(pipe(id, counted))(time.runtime)
    for (const runner of [make(), make()]) await time.run(runner.run(script(time, succeeds(1)).task))
    expect(counts(time).map(([, count]) => count)).toEqual([1, 1])
  })

  it('another face of a runner is the same runner', async () => {
    const time = virtual()
    const runner = Runner.make(pipe(id, counted))(time.runtime)()
    const face = pipe(
      runner,
      Runner.mapDefect(() => 'bug')
    )
    for (const each of [runner, face, runner]) await time.run(each.run(script(time, succeeds(1)).task))
    expect(counts(time).map(([, count]) => count)).toEqual([1, 2, 3])
    await face.close()
    expect(runner.status().accepting).toBe(false)
  })

  it('a policy holds no state: it is the same after a run as before', async () => {
    const before = JSON.stringify(shared)
    await play(shared, [fails('busy')])
    expect(JSON.stringify(shared)).toBe(before)
  })

  it('two calls of one runner each begin their schedule anew', async () => {
    const time = virtual()
    const policy = pipe(id, Policy.retry(pipe(Schedule.exponential(10), Schedule.take(2))))
    const runner = Runner.make(policy)(time.runtime)()
    const scripts = [script(time, fails('a')), script(time, fails('b'))]
    await Promise.all([time.run(() => Promise.all(scripts.map(({ task }) => runner.run(task)())))])
    for (const { calls } of scripts) expect(calls.map(({ at }) => at)).toEqual([0, 10, 30])
  })

  describe('of circuit breakers', () => {
    const breaker = Policy.circuitBreaker({ trip: Trip.consecutiveFailures(1), openFor: 1000 })
    const stateOf = (runner: Strategy.Steerable, name?: string): unknown =>
      pipe(
        Policy.circuitBreakerControl(runner, name),
        O.map((control) => control.status().state),
        O.toUndefined
      )

    it('two runners do not share, nor do two places in one policy', async () => {
      const time = virtual()
      const policy = pipe(id, breaker, Policy.retry(Schedule.stop), breaker)
      const [one, two] = [Runner.make(policy)(time.runtime)(), Runner.make(policy)(time.runtime)()]
      await time.run(one.run(script(time, fails('down')).task))
      expect([stateOf(one), stateOf(one, 'circuitBreaker#2')]).toEqual(['open', 'open'])
      expect([stateOf(two), stateOf(two, 'circuitBreaker#2')]).toEqual(['closed', 'closed'])
      const inner = Runner.make(pipe(id, breaker, Policy.fallbackTo(1), breaker))(time.runtime)()
      await time.run(inner.run(script(time, fails('down')).task))
      expect([stateOf(inner), stateOf(inner, 'circuitBreaker#2')]).toEqual(['open', 'closed'])
    })

    it('replacing a shared const breaker by its definition changes nothing', async () => {
      const make = () => Policy.circuitBreaker({ trip: Trip.consecutiveFailures(1), openFor: 30 })
      const between = Policy.retry(pipe(Schedule.constant(20), Schedule.take(4)), { retryRefused: true })
      const lines = [fails('a', 5), fails('b', 5), succeeds(1, 5)] as const
      const shared = await play(pipe(id, breaker, between, breaker), lines)
      const inlined = await play(
        pipe(
          id,
          Policy.circuitBreaker({ trip: Trip.consecutiveFailures(1), openFor: 1000 }),
          between,
          Policy.circuitBreaker({ trip: Trip.consecutiveFailures(1), openFor: 1000 })
        ),
        lines
      )
      expect(shared).toEqual(inlined)
      expect(await play(pipe(id, make(), between), lines)).toEqual(await play(pipe(id, make(), between), lines))
    })

    it('another face of a runner steers the same', () => {
      const runner = Runner.make(pipe(id, breaker))(virtual().runtime)()
      const face = pipe(
        runner,
        Runner.mapDefect(() => 'bug')
      )
      const control = Policy.circuitBreakerControl(face)
      if (O.isSome(control)) control.value.isolate()
      expect([stateOf(runner), stateOf(face)]).toEqual(['isolated', 'isolated'])
    })
  })
})
