import * as E from 'fp-ts/Either'
import * as O from 'fp-ts/Option'
import * as TE from 'fp-ts/TaskEither'
import { pipe } from 'fp-ts/function'
import { AsyncLocalStorage } from 'node:async_hooks'
import { Flag, Policy, type Rejection, Runner, Schedule, Strategy } from 'resilience-ts'
import { fails, interleavings, script, succeeds, virtual, type VirtualRuntime } from 'resilience-ts/testing'
import { nothingLeft, only, raise } from './support'

const minute = 60_000
const id = Policy.id<string, number>()
const slow = pipe(Schedule.constant(minute), Schedule.take(9))

/** Plays a retry with flags, in a time in which more may be arranged. */
const play = async (
  options: (time: ReturnType<typeof virtual>) => Policy.RetryOptions<string>,
  lines: Array<Parameters<typeof script<string, number>>[1]>,
  schedule: Schedule.Schedule<unknown> = slow
) => {
  const time = virtual()
  const policy = pipe(id, Policy.retry(schedule, options(time)))
  const operation = script(time, lines[0]!, ...lines.slice(1))
  const answer = await time.run(Runner.make(policy)(time.runtime)().run(operation.task))
  const answeredAt = time.now()
  expect(await time.settle()).toEqual(nothingLeft)
  const stops = only(time.log, 'RetryStopped').map(({ reason }) => reason._tag)
  return { answer, answeredAt, calls: operation.calls.map(({ at }) => at), stops }
}

describe('a flag', () => {
  it('is set, cleared, and not changed by a pulse', () => {
    const { isSet, set, clear, pulse } = Flag.make()
    expect(isSet()).toBe(false)
    pulse()
    expect(isSet()).toBe(false)
    set()
    expect(isSet()).toBe(true)
    pulse()
    expect(isSet()).toBe(true)
    clear()
    expect(isSet()).toBe(false)
  })

  it('is shown, and found by validate where it is none', () => {
    const policy = pipe(id, Policy.retry(slow, { wakeOn: Flag.make(), stopOn: Flag.make() }))
    expect(Policy.show(policy)).toContain('wakeOn: "Flag", stopOn: "Flag"')
    expect(Policy.validate(policy)).toEqual([])
    const wrong = { wakeOn: 1 as never, stopOn: Flag.fromSignal('no signal' as never) }
    const problem = (path: string, value: unknown) => ({ path, value, allowed: 'a Flag, or nothing' })
    expect(Policy.validate(pipe(id, Policy.retry(slow, wrong)))).toEqual([
      problem('retry.wakeOn', 1),
      problem('retry.stopOn', 'no signal')
    ])
    expect(Policy.validate(pipe(id, Policy.poll(slow, { until: () => true, ...wrong })))).toEqual([
      problem('poll.wakeOn', 1),
      problem('poll.stopOn', 'no signal')
    ])
  })

  it('needs all of its parts', () => {
    const { isSet, over } = Flag.make()
    for (const [flag, found] of [
      [{ isSet, over }, 0],
      [{ over }, 1],
      [{ isSet }, 1]
    ] as const) {
      expect(Policy.validate(pipe(id, Policy.retry(slow, { stopOn: flag as Flag.Flag })))).toHaveLength(found)
    }
  })
})

describe('wakeOn', () => {
  it('ends a delay that is slept, and the next attempt comes at once', async () => {
    const { answer, calls, answeredAt } = await play(
      (time) => {
        const flag = Flag.make()
        time.after(500, flag.set)
        return { wakeOn: flag }
      },
      [fails('offline'), succeeds(1, 10)]
    )
    expect([answer, calls, answeredAt]).toEqual([E.right(1), [0, 500], 510])
  })

  it('by a pulse ends the delays of now, not those that follow', async () => {
    const { calls } = await play(
      (time) => {
        const flag = Flag.make()
        time.after(500, flag.pulse)
        time.after(500, flag.pulse)
        return { wakeOn: flag }
      },
      [fails('offline'), fails('offline'), succeeds(1)]
    )
    expect(calls).toEqual([0, 500, 500 + minute])
  })

  it('while set lets no delay be slept, until it is cleared', async () => {
    const flag = Flag.make()
    flag.set()
    let failures = 0
    const { calls } = await play(
      () => ({
        wakeOn: flag,
        while: () => {
          if (++failures === 3) flag.clear()
          return true
        }
      }),
      [fails('a'), fails('b'), fails('c'), succeeds(1)]
    )
    expect(calls).toEqual([0, 0, 0, minute])
  })

  it('a delay that nobody cuts short takes as long as it would', async () => {
    const { calls } = await play(() => ({ wakeOn: Flag.make() }), [fails('offline'), succeeds(1)])
    expect(calls).toEqual([0, minute])
  })

  it('lets the event loop have its turns, however long it stays set', async () => {
    const flag = Flag.make()
    flag.set()
    const time = virtual({ log: false })
    const policy = pipe(id, Policy.retry(Schedule.constant(minute), { wakeOn: flag }))
    const caller = time.signal()
    time.after(0, () => void setTimeout(caller.abort, 5))
    const answer = Runner.make(policy)(time.runtime)().runWith(() => TE.left('x'), { signal: caller.signal })
    expect(E.isLeft(await time.run(answer))).toBe(true)
  })

  it('tells the schedule and the hooks the time that was really slept', async () => {
    const seen: Array<readonly [number, number]> = []
    await play(
      (time) => {
        const flag = Flag.make()
        time.after(500, flag.pulse)
        return {
          wakeOn: flag,
          beforeRetry:
            ({ elapsed, idle }) =>
            async () =>
              void seen.push([elapsed, idle])
        }
      },
      [fails('a', 100), fails('b', 100), fails('c', 100), succeeds(1)]
    )
    expect(seen).toEqual([
      [100, 0],
      [600, 400],
      [600 + minute + 100, 400 + minute]
    ])
  })

  it('wakes everyone, each in its own async context', async () => {
    const request = new AsyncLocalStorage<string>()
    const time = virtual()
    const flag = Flag.make()
    const seen: Array<string> = []
    const runner = Runner.make(pipe(id, Policy.retry(slow, { wakeOn: flag })))(time.runtime)()
    const names = ['a', 'b', 'c']
    const answers = names.map((name) =>
      request.run(name, () =>
        time.start(
          runner.runWith(({ number }) => {
            if (number > 1) seen.push(`${name} ${request.getStore()}`)
            return number > 1 ? TE.right(number) : TE.left('x')
          })
        )
      )
    )
    time.after(10, () => request.run('flag', flag.pulse))
    await time.advance(20)
    expect(await Promise.all(answers)).toEqual(names.map(() => E.right(2)))
    expect(seen).toEqual(['a a', 'b b', 'c c'])
    expect(await time.settle()).toEqual(nothingLeft)
  })

  it('of a poll wakes it as well', async () => {
    const time = virtual()
    const flag = Flag.make()
    time.after(500, flag.pulse)
    const policy = pipe(id, Policy.poll(slow, { until: (n) => n > 1, wakeOn: flag }))
    const operation = script<string, number>(time, succeeds(1), succeeds(2))
    expect(await time.run(Runner.make(policy)(time.runtime)().run(operation.task))).toEqual(E.right(2))
    expect(time.now()).toBe(500)
  })
})

describe('stopOn', () => {
  it('ends a delay that is slept, with the last error', async () => {
    const error = 'busy'
    const { answer, answeredAt, calls, stops } = await play(
      (time) => {
        const flag = Flag.make()
        time.after(500, flag.set)
        return { stopOn: flag }
      },
      [fails(error, 10)]
    )
    expect([answer, answeredAt, calls, stops]).toEqual([E.left(error), 500, [0], ['Flagged']])
  })

  it('lets what runs go on, and makes no further attempt', async () => {
    const run = (...lines: Array<Parameters<typeof script<string, number>>[1]>) =>
      play((time) => {
        const flag = Flag.make()
        time.after(50, flag.set)
        return { stopOn: flag }
      }, lines)
    expect(await run(succeeds(1, 100))).toMatchObject({ answer: E.right(1), answeredAt: 100 })
    expect(await run(fails('x', 100))).toMatchObject({ answer: E.left('x'), answeredAt: 100, stops: ['Flagged'] })
  })

  it('makes the first attempt all the same', async () => {
    const flag = Flag.make()
    flag.set()
    const { answer, calls } = await play(() => ({ stopOn: flag }), [fails('x'), succeeds(1)], Schedule.forever)
    expect([answer, calls]).toEqual([E.left('x'), [0]])
  })

  it.each(['decide', 'beforeRetry'])('is heeded after %s', async (name) => {
    const flag = Flag.make()
    const hook = () => async () => {
      flag.set()
      return Policy.again
    }
    const { answer, calls } = await play(() => ({ stopOn: flag, [name]: hook }), [fails('x'), succeeds(1)])
    expect([answer, calls]).toEqual([E.left('x'), [0]])
  })

  it('a pulse, or one that is cleared again, only ends the delay', async () => {
    const { answer, calls } = await play(
      (time) => {
        const flag = Flag.make()
        time.after(500, () => {
          flag.set()
          flag.clear()
        })
        return { stopOn: flag }
      },
      [fails('x'), succeeds(1)]
    )
    expect([answer, calls]).toEqual([E.right(1), [0, 500]])
  })

  it('of a poll gives what was seen last', async () => {
    const time = virtual()
    const flag = Flag.make()
    time.after(500, flag.set)
    const policy = pipe(id, Policy.poll(slow, { until: (n) => n > 1, stopOn: flag }))
    const answer = await time.run(Runner.make(policy)(time.runtime)().run(script(time, succeeds(1)).task))
    expect(answer).toEqual(
      E.left({
        _tag: 'PollExhausted',
        value: O.some(1),
        error: O.none,
        attempts: 1,
        elapsed: 500,
        reason: { _tag: 'Flagged' }
      })
    )
    expect(await time.settle()).toEqual(nothingLeft)
  })

  it('of a retryOrElse hands over what was tried', async () => {
    const time = virtual()
    const flag = Flag.make()
    time.after(500, flag.set)
    const policy = pipe(
      id,
      Policy.retryOrElse(slow, ({ reason, elapsed }) => TE.left({ reason, elapsed }), { stopOn: flag })
    )
    const answer = await time.run(Runner.make(policy)(time.runtime)().run(script(time, fails('x')).task))
    expect(answer).toEqual(E.left({ reason: { _tag: 'Flagged' }, elapsed: 500 }))
  })

  it('and wakeOn may be given together', async () => {
    const run = (first: 'set' | 'wake') =>
      play(
        (time) => {
          const [wakeOn, stopOn] = [Flag.make(), Flag.make()]
          time.after(first === 'wake' ? 100 : 200, wakeOn.pulse)
          time.after(first === 'wake' ? 200 : 100, stopOn.set)
          return { wakeOn, stopOn }
        },
        [fails('a'), fails('b'), fails('c')]
      )
    expect(await run('wake')).toMatchObject({ answer: E.left('b'), answeredAt: 200, calls: [0, 100] })
    expect(await run('set')).toMatchObject({ answer: E.left('a'), answeredAt: 100, calls: [0] })
    const one = Flag.make()
    const both = await play(
      (time) => {
        time.after(100, one.set)
        return { wakeOn: one, stopOn: one }
      },
      [fails('a')]
    )
    expect(both).toMatchObject({ answer: E.left('a'), answeredAt: 100, calls: [0] })
  })
})

describe('a flag over the waiting of a strategy of the user', () => {
  /** Waits in the given way before what is inside begins. */
  const waits = (flag: Flag.Flag, wait: (waiting: Strategy.Waiting, sleeper: Strategy.Sleeper) => void) => {
    const strategy: Strategy.Strategy<object> = {
      name: 'waits',
      rules: {},
      show: () => [],
      compile: (_settings, services, inner) => {
        const waiting = flag.over(services.waiting)
        class Frame extends Strategy.Sleeper implements Strategy.Frame {
          private begun = false
          private readonly inner: Strategy.Frame
          constructor(
            readonly context: Strategy.Context,
            private readonly up: Strategy.Up
          ) {
            super()
            this.inner = inner.open(context, up)
          }
          start() {
            wait(waiting, this)
          }
          wake() {
            this.begun = true
            this.inner.start()
          }
          abort(cause: Rejection.Aborted) {
            if (this.begun) {
              this.inner.abort(cause)
              return
            }
            waiting.cancel(this)
            this.up.done(cause, true)
          }
        }
        return { open: (context, up) => new Frame(context, up) }
      }
    }
    return Policy.around<string, number, object>(strategy, {})(id)
  }

  it.each<[string, number, (waiting: Strategy.Waiting, sleeper: Strategy.Sleeper, time: VirtualRuntime) => void]>([
    [
      'sleep',
      500,
      (waiting, sleeper) => {
        waiting.sleep(minute, sleeper)
      }
    ],
    [
      'turn',
      0,
      (waiting, sleeper) => {
        waiting.turn(sleeper)
      }
    ],
    [
      'park',
      700,
      (waiting, sleeper, time) => {
        waiting.park(sleeper)
        time.after(700, () => {
          waiting.rouse(sleeper)
        })
      }
    ]
  ])('%s', async (_name, at, wait) => {
    const time = virtual()
    const flag = Flag.make()
    time.after(500, flag.pulse)
    const policy = waits(flag, (waiting, sleeper) => {
      wait(waiting, sleeper, time)
    })
    expect(await time.run(Runner.make(policy)(time.runtime)().run(script(time, succeeds(1)).task))).toEqual(E.right(1))
    expect(time.now()).toBe(at)
    expect(await time.settle()).toEqual(nothingLeft)
  })

  it.each(['sleep', 'park'] as const)('%s can be called off', async (name) => {
    const time = virtual()
    const policy = waits(Flag.make(), (waiting, sleeper) => {
      if (name === 'sleep') waiting.sleep(minute, sleeper)
      else waiting.park(sleeper)
    })
    const caller = time.signal()
    time.after(10, caller.abort)
    const answer = await time.run(
      Runner.make(policy)(time.runtime)().runWith(() => TE.right(1), { signal: caller.signal })
    )
    expect(answer).toMatchObject(E.left({ _tag: 'Aborted', by: 'caller' }))
    expect(await time.settle()).toEqual(nothingLeft)
  })

  it('a retry without delays takes its turns', async () => {
    const time = virtual({ log: false })
    const policy = pipe(id, Policy.retry(pipe(Schedule.forever, Schedule.take(600)), { wakeOn: Flag.make() }))
    const operation = script<string, number>(time, fails('x'))
    expect(await time.run(Runner.make(policy)(time.runtime)().run(operation.task))).toEqual(E.left('x'))
    expect(operation.calls).toHaveLength(601)
  })
})

describe('the flag of a signal', () => {
  it.each<[string, () => unknown]>([
    ['nothing', () => undefined],
    ['null', () => null],
    ['an empty object', () => ({})],
    [
      'an object that throws when it is looked at',
      () => Object.defineProperty({}, 'addEventListener', { get: () => raise('oh') })
    ],
    [
      'a proxy that throws at everything',
      () => {
        const { proxy, revoke } = Proxy.revocable({}, {})
        revoke()
        return proxy
      }
    ]
  ])('that is none is no flag, which validate finds: %s', (_name, make) => {
    const flag = Flag.fromSignal(make() as never)
    const policy = pipe(id, Policy.retry(slow, { wakeOn: flag, stopOn: flag }))
    expect(Policy.validate(policy).map(({ path }) => path)).toEqual(['retry.wakeOn', 'retry.stopOn'])
    expect(Policy.show(policy)).toContain('stopOn')
  })

  it('is set once that is aborted', async () => {
    const { answer, answeredAt } = await play(
      (time) => {
        const caller = time.signal()
        time.after(500, caller.abort)
        return { stopOn: Flag.fromSignal(caller.signal) }
      },
      [fails('x')]
    )
    expect([answer, answeredAt]).toEqual([E.left('x'), 500])
  })

  it('is one for each signal, with one listener while anybody sleeps, and none else', async () => {
    const time = virtual()
    const caller = time.signal()
    expect(Flag.fromSignal(caller.signal)).toBe(Flag.fromSignal(caller.signal))
    const policy = () =>
      pipe(
        id,
        Policy.retry(pipe(Schedule.constant(100), Schedule.take(3)), {
          wakeOn: Flag.fromSignal(caller.signal),
          stopOn: Flag.fromSignal(caller.signal)
        })
      )
    const runners = [1, 2].map(() => Runner.make(policy())(time.runtime)())
    expect(caller.listeners()).toBe(0)
    const aborted = time.signal()
    const answers = runners.flatMap((runner) =>
      Array.from({ length: 50 }, (_, i) =>
        time.start(runner.runWith(script(time, fails('x', i)).operation, i % 5 === 0 ? { signal: aborted.signal } : {}))
      )
    )
    await time.advance(20)
    expect(caller.listeners()).toBe(1)
    aborted.abort()
    await time.advance(1)
    expect(caller.listeners()).toBe(1)
    await time.settle()
    expect(caller.listeners()).toBe(0)
    expect((await Promise.all(answers)).every(E.isLeft)).toBe(true)
    expect(time.leaks()).toEqual(nothingLeft)
  })

  it('leaves nothing behind, whoever comes first: the flag, the delay, the abort', async () => {
    const seen = new Set<string>()
    const found = await interleavings({ seeds: 100 }, async (time) => {
      const [wake, stop, caller] = [Flag.make(), time.signal(), time.signal()]
      const policy = pipe(
        id,
        Policy.retry(pipe(Schedule.constant(100), Schedule.take(1)), {
          wakeOn: wake,
          stopOn: Flag.fromSignal(stop.signal)
        })
      )
      time.after(100, wake.pulse)
      time.after(100, stop.abort)
      time.after(100, caller.abort)
      const operation = script(time, fails('x'), fails('y', 1))
      const answer = await time.run(
        Runner.make(policy)(time.runtime)().runWith(operation.operation, { signal: caller.signal })
      )
      seen.add(E.isLeft(answer) && typeof answer.left === 'string' ? answer.left : 'Aborted')
      expect(await time.settle()).toEqual(nothingLeft)
      expect([stop.listeners(), caller.listeners()]).toEqual([0, 0])
    })
    expect(found).toEqual([])
    expect([...seen].sort()).toEqual(['Aborted', 'x'])
  })
})
