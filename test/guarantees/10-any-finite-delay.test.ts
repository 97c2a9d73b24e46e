import { Duration, Policy, Runner, Runtime, Schedule } from 'resilience-ts'
import { fails, script, succeeds, virtual } from 'resilience-ts/testing'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import { nothingLeft, play } from '../play'

const id = Policy.id<unknown, unknown>()
const day = 24 * 60 * 60 * 1000
const longest = 2 ** 31 - 1

/** A runtime that counts its timers, and refuses those that a platform would fire at once. */
const strict = () => {
  const time = virtual()
  const asked: Array<number> = []
  const { clock } = time.runtime
  const runtime: Runtime.Runtime = {
    ...time.runtime,
    clock: {
      ...clock,
      timer: (ms, fire, keepAlive) => {
        asked.push(ms)
        return clock.timer(ms >= 0 && ms <= longest && Number.isInteger(ms) ? ms : 1, fire, keepAlive)
      }
    }
  }
  return { time, runtime, asked }
}

describe('guarantee 10: any finite delay works', () => {
  for (const delay of [0, 0.5, 1, day, longest - 1, longest, longest + 1, 2 ** 32, 2 ** 32 + 0.5, 2 ** 40]) {
    it(`a delay of ${String(delay)} ms is slept to the end, never fired at once`, async () => {
      const { time, runtime, asked } = strict()
      const operation = script<unknown, unknown>(time, fails('busy'), succeeds(1))
      const runner = Runner.make(pipe(id, Policy.retry(Schedule.constant(delay))))(runtime)()
      expect(await time.run(runner.run(operation.task))).toEqual(E.right(1))
      const at = operation.calls[1]!.at
      expect(at).toBeGreaterThanOrEqual(delay)
      expect(at).toBeLessThan(delay + 1)
      expect(Math.max(0, ...asked)).toBeLessThanOrEqual(longest)
      // split, and no more often than it must be
      expect(asked).toHaveLength(Math.ceil(delay / longest))
      expect(await time.settle()).toEqual(nothingLeft)
    })

    if (delay > 0) {
      it(`a timeout and a deadline of ${String(delay)} ms do not fire early`, async () => {
        for (const policy of [pipe(id, Policy.timeout(delay)), pipe(id, Policy.deadline(delay))]) {
          const { time, runtime, asked } = strict()
          const answer = await time.run(Runner.make(policy)(runtime)().run(() => new Promise(() => {})))
          expect(answer).toMatchObject({ _tag: 'Left' })
          expect(time.now()).toBeGreaterThanOrEqual(delay)
          expect(time.now()).toBeLessThan(delay + 1)
          expect(Math.max(0, ...asked)).toBeLessThanOrEqual(longest)
        }
      })
    }
  }

  it('Number.MAX_VALUE is slept without a hot loop', async () => {
    const { time, runtime, asked } = strict()
    const operation = script(time, fails('busy'))
    const answers = [
      pipe(id, Policy.retry(Schedule.constant(Number.MAX_VALUE))),
      pipe(id, Policy.retry(pipe(Schedule.exponential(Number.MAX_VALUE), Schedule.jittered), { until: () => false })),
      pipe(id, Policy.timeout(Number.MAX_VALUE), Policy.retry(Schedule.constant(Number.MAX_VALUE))),
      pipe(id, Policy.retry(Schedule.constant(Number.MAX_VALUE)), Policy.timeout(Number.MAX_VALUE))
    ].map((policy) => time.start(Runner.make(policy)(runtime)().run(operation.task)))
    const months = 12
    await time.advance(months * longest)
    expect(operation.calls).toHaveLength(answers.length)
    // at most three lengths, each with one timer a piece
    expect(asked.length).toBeLessThanOrEqual(3 * (months + 1))
    expect(new Set(asked.filter((ms) => ms !== longest))).toEqual(new Set())
  })

  it('exponentials saturate', async () => {
    const schedule = Schedule.exponential(1e300, 1e10)
    expect(Schedule.preview(5)(schedule).delays.slice(2)).toEqual([
      Number.MAX_VALUE,
      Number.MAX_VALUE,
      Number.MAX_VALUE
    ])
    for (const each of [schedule, Schedule.fibonacci(1e308), Schedule.linear(1e308, 1e308)]) {
      for (const delay of Schedule.preview(2000)(each).delays) {
        expect(delay).toBeGreaterThan(0)
        expect(delay).toBeLessThanOrEqual(Number.MAX_VALUE)
      }
    }
    const { time, runtime, asked } = strict()
    const operation = script(time, fails('busy'))
    void time.start(
      Runner.make(pipe(id, Policy.retry(pipe(schedule, Schedule.jittered))))(runtime)().run(operation.task)
    )
    await time.advance(12 * longest)
    expect(operation.calls).toHaveLength(1)
    expect(asked.length).toBeLessThanOrEqual(13)
  })

  it('what a policy inside asks to be left alone for is slept in full as well', async () => {
    const refused = { _tag: 'RateLimited', retryAfter: 2 ** 40 }
    const policy = pipe(id, Policy.retry(Schedule.constant(1), { retryRefused: true }))
    const played = await play(policy, [fails(refused), succeeds(1)])
    expect(played.calls).toEqual([0, 2 ** 40])
  })

  it('a year in pieces: other waits of the same length are woken at their own time', async () => {
    const { time, runtime } = strict()
    const runner = Runner.make(pipe(id, Policy.retry(Schedule.constant(365 * day))))(runtime)()
    const [one, two] = [0, 1].map(() => script<unknown, unknown>(time, fails('busy'), succeeds(1)))
    const first = time.start(runner.run(one!.task))
    await time.advance(30 * day)
    const second = time.start(runner.run(two!.task))
    await time.advance(400 * day)
    await Promise.all([first, second])
    expect(one!.calls.map(({ at }) => at)).toEqual([0, 365 * day])
    expect(two!.calls.map(({ at }) => at)).toEqual([30 * day, 395 * day])
  })

  it('NaN is invalid, not zero', async () => {
    for (const policy of [
      pipe(id, Policy.retry(Schedule.constant(NaN))),
      pipe(id, Policy.retry(Schedule.exponential(NaN))),
      pipe(id, Policy.retry(Schedule.delays([1, NaN]))),
      pipe(id, Policy.timeout(NaN)),
      pipe(id, Policy.timeout(1, { grace: NaN })),
      pipe(id, Policy.deadline(NaN))
    ]) {
      expect(Policy.validate(policy)).toHaveLength(1)
      const played = await play(policy, [fails('busy'), succeeds(1)])
      expect(played).toMatchObject({ answer: { left: { _tag: 'Defect', kind: 'Invalid' } }, calls: [] })
    }
    const asked = await play(id, [succeeds(1)], { deadline: NaN })
    expect(asked).toMatchObject({ answer: { left: { _tag: 'Defect', kind: 'Invalid' } }, calls: [] })
  })

  it('chance that is NaN is no delay: neither none nor without end', async () => {
    const { time, runtime } = strict()
    const chance = pipe(
      runtime,
      Runtime.withRandom(() => NaN)
    )
    for (const [at, schedule] of [
      ['uniform', Schedule.uniform(50, 100)],
      ['jittered', pipe(Schedule.constant(100), Schedule.jittered)]
    ] as const) {
      const operation = script<unknown, unknown>(time, fails('busy'))
      const answer = await time.run(Runner.make(pipe(id, Policy.retry(schedule)))(chance)().run(operation.task))
      expect(answer).toMatchObject({
        left: { _tag: 'Defect', kind: 'Malformed', at: `retry.schedule.${at}`, cause: { value: NaN }, during: 'busy' }
      })
      expect(operation.calls).toHaveLength(1)
    }
    expect(time.now()).toBe(0)
  })

  it('the longest timer is said once', () => {
    expect(Duration.maxTimer).toBe(longest)
  })
})
