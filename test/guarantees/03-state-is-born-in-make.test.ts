import { Policy, Runner, Schedule } from 'resilience-ts'
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
})
