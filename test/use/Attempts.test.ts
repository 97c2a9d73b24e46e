import fc from 'fast-check'
import * as E from 'fp-ts/Either'
import * as O from 'fp-ts/Option'
import * as TE from 'fp-ts/TaskEither'
import { pipe } from 'fp-ts/function'
import { AsyncLocalStorage } from 'node:async_hooks'
import { Policy, Runner, Schedule } from 'resilience-ts'
import {
  fails,
  hangs,
  heeding,
  rejects,
  script,
  succeeds,
  throws,
  virtual,
  type VirtualRuntime
} from 'resilience-ts/testing'
import { runs } from '../laws/runs'
import { defect, nothingLeft, raise } from '../support'

const id = Policy.id<string, number>()
const again = Policy.retry(pipe(Schedule.constant(100), Schedule.take(3)))
const left = { _tag: 'Aborted', by: 'caller', reason: 'the loop was left' }

/** So much time passes. */
const passing = (time: VirtualRuntime, ms: number): Promise<void> =>
  new Promise((resolve) => {
    time.after(ms, resolve)
  })

/** A signal that is listened to in its own way, and throws where a listener is to go. */
const strange = (addEventListener: () => unknown): AbortSignal =>
  ({ aborted: false, addEventListener, removeEventListener: () => raise('never') }) as never

/** Options one of which throws when it is read. */
const unreadable = (key: keyof Runner.RunOptions): Runner.RunOptions =>
  Object.defineProperty({}, key, { enumerable: true, get: () => raise('unreadable') })

/** Runs a block over the attempts of a policy, and tells what came of it; nothing may be left behind. */
const loop = async <E2, A2>(
  policy: Policy.Policy<string, number, E2, A2>,
  block: (attempt: Runner.BlockAttempt<string, number>, time: VirtualRuntime) => Promise<'break' | undefined>,
  options: (time: VirtualRuntime) => Runner.RunOptions = () => ({})
) => {
  const time = virtual()
  const runner = Runner.make(policy)(time.runtime)()
  const attempts = Runner.attempts(runner, options(time))()
  const numbers: Array<number> = []
  let thrown: unknown
  await time.run(async () => {
    try {
      for await (const attempt of attempts) {
        numbers.push(attempt.number)
        if ((await block(attempt, time)) === 'break') break
      }
    } catch (cause) {
      thrown = cause
    }
  })
  const leftAt = time.now()
  const answer: unknown = await time.run(attempts.result)
  expect(await time.settle()).toEqual(nothingLeft)
  expect(runner.status()).toEqual({ inFlight: 0, hanging: 0, accepting: true })
  return { answer, numbers, leftAt, endedAt: time.now(), thrown, log: time.log }
}

/** A block that runs a script. */
const running = (...lines: Array<Parameters<typeof script<string, number>>[1]>) => {
  let operation: ReturnType<typeof script<string, number>> | undefined
  const answers: Array<unknown> = []
  const block = async (attempt: Runner.BlockAttempt<string, number>, time: VirtualRuntime): Promise<undefined> => {
    operation ??= script(time, lines[0]!, ...lines.slice(1))
    answers.push(await attempt.run(operation.operation(attempt)))
  }
  return { block, answers, calls: () => operation?.calls.map(({ at }) => at) }
}

describe('Runner.attempts', () => {
  it('goes on until an attempt succeeds', async () => {
    const { block, answers, calls } = running(fails('a', 10), fails('b', 10), succeeds(3, 10))
    const { answer, numbers, leftAt } = await loop(pipe(id, again), block)
    expect(answer).toEqual(E.right(3))
    expect(numbers).toEqual([1, 2, 3])
    expect(answers).toEqual([E.left('a'), E.left('b'), E.right(3)])
    expect(calls()).toEqual([0, 110, 220])
    expect(leftAt).toBe(230)
  })

  it('ends when the policy has no further attempt, and the last error is its answer', async () => {
    const { block } = running(fails('a'), fails('b'), fails('c'), fails('d'))
    const { answer, numbers, leftAt } = await loop(pipe(id, again), block)
    expect([answer, numbers, leftAt]).toEqual([E.left('d'), [1, 2, 3, 4], 300])
  })

  it('says what the policy makes of it: predicates, fallbacks, rejections', async () => {
    const once = running(fails('gone'))
    const policy = pipe(id, Policy.retry(Schedule.forever, { while: (e) => e !== 'gone' }), Policy.fallbackTo(0))
    expect(await loop(policy, once.block)).toMatchObject({ answer: E.right(0), numbers: [1] })
    const late = await loop(id, running(succeeds(1)).block, () => ({ deadline: 0 }))
    expect(late).toMatchObject({ answer: E.left({ _tag: 'DeadlineExceeded' }), numbers: [] })
    const invalid = await loop(pipe(id, Policy.timeout(-1)), running(succeeds(1)).block)
    expect(invalid).toMatchObject({ answer: E.left({ _tag: 'Defect', kind: 'Invalid' }), numbers: [] })
  })

  it('a block may say itself how its attempt ended; the first word counts', async () => {
    const { answer, numbers } = await loop(pipe(id, again), async (attempt) => {
      const { settle } = attempt
      settle(attempt.number < 3 ? E.left('no') : E.right(attempt.number))
      settle(E.right(99))
      return undefined
    })
    expect([answer, numbers]).toEqual([E.right(3), [1, 2, 3]])
  })

  it('tells each attempt what an operation is told', async () => {
    const told: Array<unknown> = []
    await loop(pipe(id, again, Policy.deadline(1000)), async ({ number, previous, deadline, signal, settle }) => {
      told.push([number, previous, deadline, signal.aborted])
      settle(number < 2 ? E.left('a') : E.right(1))
      return undefined
    })
    expect(told).toEqual([
      [1, O.none, 1000, false],
      [2, O.some('a'), 900, false]
    ])
  })

  it('an attempt that times out answers at once, and the next one comes', async () => {
    const { block, answers } = running(heeding(succeeds(1, 500)), succeeds(2, 10))
    const { answer, leftAt } = await loop(pipe(id, Policy.timeout(50), again), block)
    expect(answers).toEqual([
      E.left({ _tag: 'Aborted', by: 'timeout', reason: { _tag: 'TimedOut', timeout: 50 } }),
      E.right(2)
    ])
    expect([answer, leftAt]).toEqual([E.right(2), 160])
  })

  it('what goes on behind a timeout holds what it holds until it settles', async () => {
    const time = virtual()
    const policy = pipe(id, Policy.bulkhead(1), Policy.timeout(50))
    const runner = Runner.make(policy)(time.runtime)()
    const attempts = Runner.attempts(runner)()
    await time.run(async () => {
      for await (const attempt of attempts) await attempt.run(script(time, succeeds(1, 500)).task)
    })
    expect(await attempts.result()).toEqual(E.left({ _tag: 'TimedOut', timeout: 50 }))
    expect(runner.status().hanging).toBe(1)
    await time.settle()
    expect(time.now()).toBe(500)
    expect(runner.status().hanging).toBe(0)
  })

  it.each([
    [70, 2],
    // the second and the third have come to their timeouts by then
    [500, 4]
  ])('a block that settles late is told by the signal, and changes nothing; %d ms later comes %d', async (ms, next) => {
    const { answer, numbers } = await loop(
      pipe(id, Policy.timeout(50), again),
      async ({ number, signal, settle }, time) => {
        if (number === 1) {
          await passing(time, ms)
          expect(signal.aborted).toBe(true)
        }
        settle(E.right(number))
        return undefined
      }
    )
    expect([answer, numbers]).toEqual([E.right(next), [1, next]])
  })

  describe('left', () => {
    it('after a failure calls the run off: no wait, nothing left', async () => {
      const { answer, numbers, leftAt, endedAt } = await loop(pipe(id, again), async ({ settle }) => {
        settle(E.left('a'))
        return 'break'
      })
      expect([answer, numbers, leftAt, endedAt]).toEqual([E.left(left), [1], 0, 0])
    })

    it('in the middle of an attempt, too', async () => {
      const { answer, endedAt } = await loop(pipe(id, again), async () => 'break')
      expect([answer, endedAt]).toEqual([E.left(left), 0])
    })

    it('while an operation runs, aborts that', async () => {
      const { answer } = await loop(pipe(id, again), async (attempt, time) => {
        void attempt.run(script(time, heeding(succeeds(1, 1000))).operation(attempt))
        return 'break'
      })
      expect(answer).toEqual(E.left(left))
    })

    it('after a success leaves that to the policy', async () => {
      const success = async ({ settle }: Runner.BlockAttempt<string, number>) => {
        settle(E.right(7))
        return 'break' as const
      }
      const told: Array<number> = []
      const tapped = pipe(
        id,
        again,
        Policy.map((n) => n + 1),
        Policy.tap((n) => async () => void told.push(n))
      )
      expect((await loop(tapped, success)).answer).toEqual(E.right(8))
      expect(told).toEqual([8])
      // the policy would rather have another attempt, but there is nobody any more to make it
      const refused = pipe(
        id,
        Policy.ensure((n: number) => n > 7),
        again
      )
      expect((await loop(refused, success)).answer).toEqual(E.left(left))
    })

    it('after a success that came too late is left without one', async () => {
      const policy = pipe(id, Policy.timeout(50), Policy.retry(Schedule.constant(1000)))
      const { answer, endedAt } = await loop(policy, async (attempt, time) => {
        void attempt.run(script(time, succeeds(1, 100)).task)
        await passing(time, 200)
        return 'break'
      })
      expect([answer, endedAt]).toEqual([E.left(left), 200])
    })

    it.each([
      ['a retry that has asked for the next attempt', 0, 0],
      ['one that did so in the meantime', 10, 30],
      ['one that waits before it would', 100, 30]
    ])('after a success that is refused by %s calls the run off', async (_name, delay, pause) => {
      const policy = pipe(
        id,
        Policy.ensure((n: number) => n > 1),
        Policy.retry(pipe(Schedule.constant(delay), Schedule.take(3))),
        Policy.bulkhead(1)
      )
      const { answer, numbers, endedAt } = await loop(policy, async (attempt, time) => {
        await attempt.run(TE.right(1))
        await passing(time, pause)
        return 'break'
      })
      expect([answer, numbers, endedAt]).toEqual([E.left(left), [1], Math.max(delay, pause)])
    })

    it('whenever it is: the result answers, and nothing is left', async () => {
      const good = (n: number): boolean => n > 1
      type Always = ReturnType<typeof Schedule.constant>
      const recurring = fc.constantFrom<(s: Always) => Policy.Policy<string, number, unknown, number>>(
        (s) => pipe(id, Policy.ensure(good), Policy.retry(s)),
        (s) => pipe(id, Policy.poll(s, { until: good }), Policy.retry(s)),
        // what nobody takes times out, and is passed over
        (s) => pipe(id, Policy.timeout(50), Policy.ensure(good), Policy.retry(s))
      )
      const step = fc.record({
        answer: fc.constantFrom(E.left('busy'), E.right(1), E.right(2)),
        by: fc.constantFrom('run' as const, 'settle' as const),
        works: fc.constantFrom(0, 5, 40),
        ticks: fc.nat(12),
        pause: fc.constantFrom(0, 0, 10, 30, 200)
      })
      await fc.assert(
        fc.asyncProperty(
          recurring,
          fc.constantFrom(0, 0, 10, 100),
          fc.array(step, { minLength: 1, maxLength: 4 }),
          async (make, delay, plan) => {
            let done = 0
            let accepted: E.Either<string, number> | undefined
            const policy = pipe(make(Schedule.constant(delay)), Policy.bulkhead(1))
            const { answer } = await loop(policy, async ({ run, settle, signal }, time) => {
              const { answer, by, works, ticks, pause } = plan[done++]!
              if (by === 'run') await run(() => passing(time, works).then(() => answer))
              else settle(answer)
              if (E.isRight(answer) && good(answer.right) && !signal.aborted) accepted = answer
              for (let tick = 0; tick < ticks; tick++) await Promise.resolve()
              await passing(time, pause)
              return done === plan.length ? 'break' : undefined
            })
            expect(answer).toEqual(accepted ?? E.left(left))
          }
        ),
        runs
      )
    })

    it('by a throw does likewise, and the throw goes on', async () => {
      const { answer, thrown } = await loop(pipe(id, again), () => raise('oh'))
      expect([answer, thrown]).toEqual([E.left(left), 'oh'])
    })

    it('before it began calls nothing', async () => {
      const time = virtual()
      const attempts = Runner.attempts(Runner.make(pipe(id, again))(time.runtime)())()
      const iterator = attempts[Symbol.asyncIterator]()
      expect(await iterator.return?.()).toEqual({ done: true, value: undefined })
      expect(await iterator.next()).toEqual({ done: true, value: undefined })
      expect(await attempts.result()).toEqual(E.left(left))
      expect(time.log).toEqual([])
    })
  })

  describe('a bug is a defect', () => {
    it.each([
      ['throws', throws('oh'), defect('Thrown', 'operation', 'oh')],
      ['rejects', rejects('oh'), defect('Rejected', 'operation', 'oh')]
    ])('where the operation %s', async (_name, line, expected) => {
      const { block, answers } = running(line)
      const { answer, numbers } = await loop(pipe(id, again, Policy.fallbackTo(0)), block)
      expect([answer, numbers, answers]).toEqual([E.left(expected), [1], [E.left(expected)]])
    })

    it('where it gives no Either', async () => {
      const { answer } = await loop(pipe(id, again), async (attempt) => {
        await attempt.run((async () => 1) as never)
        return undefined
      })
      expect(answer).toEqual(E.left(defect('Malformed', 'operation', 1)))
      const settled = await loop(pipe(id, again), async ({ settle }) => {
        settle(1 as never)
        return undefined
      })
      expect(settled.answer).toEqual(E.left(defect('Malformed', 'attempts', 1)))
    })

    it('where a block goes on without a word about its attempt', async () => {
      const { answer, numbers } = await loop(pipe(id, again), async () => undefined)
      expect([answer, numbers]).toEqual([E.left(defect('Malformed', 'attempts', undefined)), [1]])
    })

    it('where the result is asked for before the loop', async () => {
      const time = virtual()
      const attempts = Runner.attempts(Runner.make(id)(time.runtime)())()
      expect(await attempts.result()).toEqual(E.left(defect('Malformed', 'attempts.result', undefined)))
    })
  })

  it('a second run of one attempt calls nothing', async () => {
    const second = jest.fn(TE.right(2))
    const answers: Array<unknown> = []
    await loop(pipe(id, again), async (attempt) => {
      answers.push(await attempt.run(TE.right(1)), await attempt.run(second))
      return undefined
    })
    expect(answers).toEqual([E.right(1), E.left(defect('Closed', 'attempts', undefined))])
    expect(second).not.toHaveBeenCalled()
  })

  describe('heeds the signal of its caller', () => {
    it.each([
      [0, 'before'],
      [5, 'in an attempt'],
      [50, 'in a wait']
    ])('at %d: %s', async (at) => {
      const { block } = running(heeding(fails('a', 10)))
      const { answer, endedAt } = await loop(pipe(id, again), block, (time) => {
        const caller = time.signal()
        const abort = () => {
          caller.abort('gone')
        }
        if (at === 0) abort()
        else time.after(at, abort)
        return { signal: caller.signal }
      })
      expect(answer).toEqual(E.left({ _tag: 'Aborted', by: 'caller', reason: 'gone' }))
      expect(endedAt).toBeLessThanOrEqual(Math.max(at, 10))
    })

    it('and a deadline', async () => {
      const { block } = running(fails('a', 10))
      expect((await loop(pipe(id, again), block, () => ({ deadline: 150 }))).answer).toEqual(E.left('a'))
      const { block: hanging } = running(heeding(succeeds(1, 500)))
      expect((await loop(pipe(id, again), hanging, () => ({ deadline: 150 }))).answer).toEqual(
        E.left({ _tag: 'DeadlineExceeded', deadline: 150 })
      )
    })
  })

  it.each<[string, unknown]>([
    ['no record', null],
    ['a signal that is none', { signal: 'x' }],
    ['one that nobody can listen to', { signal: {} }],
    ['one that throws when it is listened to', { signal: strange(() => raise('no')) }],
    ['a signal that cannot be read', unreadable('signal')],
    ['a key that cannot', unreadable('key')],
    ['no deadline', { deadline: NaN, signal: new AbortController().signal }]
  ])('says what `runWith` says of impossible options: %s', async (_name, options) => {
    const { block, calls } = running(succeeds(1))
    const { answer, numbers, thrown } = await loop(pipe(id, again), block, () => options as Runner.RunOptions)
    const runner = Runner.make(pipe(id, again))(virtual().runtime)()
    expect(answer).toEqual(await runner.runWith(() => TE.right(1), options as Runner.RunOptions)())
    expect(answer).toMatchObject(E.left({ _tag: 'Defect' }))
    expect([numbers, thrown, calls()]).toEqual([[], undefined, undefined])
  })

  it('reads options as `runWith` does: once, and those that are inherited', async () => {
    const read = jest.fn(() => 150)
    class Options {
      get deadline(): number {
        return read()
      }
    }
    const { answer } = await loop(pipe(id, again), running(fails('a', 10)).block, () => new Options())
    expect(answer).toEqual(E.left('a'))
    expect(read).toHaveBeenCalledTimes(1)
  })

  it('a signal that does not let go of its listeners changes nothing', async () => {
    const signal = strange(() => undefined)
    expect((await loop(pipe(id, again), running(succeeds(1)).block, () => ({ signal }))).answer).toEqual(E.right(1))
  })

  it('ends when the runner is closed', async () => {
    const time = virtual()
    const runner = Runner.make(pipe(id, again))(time.runtime)()
    const attempts = Runner.attempts(runner)()
    let calls = 0
    await time.run(async () => {
      for await (const { settle } of attempts) {
        calls++
        if (calls === 1) settle(E.left('x'))
        await runner.close()
      }
    })
    expect(await attempts.result()).toEqual(E.left(defect('Closed', 'runner', undefined)))
    expect(calls).toBe(1)
    await time.run(runner.drain)
    expect(await time.settle()).toEqual(nothingLeft)
  })

  it('each call is a run of its own, and a loop that is over stays over', async () => {
    const time = virtual()
    const attempts = Runner.attempts(Runner.make(pipe(id, again))(time.runtime)())
    const [a, b] = [attempts(), attempts()]
    const numbers: Array<string> = []
    await time.run(async () => {
      for (const [name, one] of [
        ['a', a],
        ['b', b],
        ['a', a]
      ] as const) {
        for await (const { number, settle } of one) {
          numbers.push(`${name}${number}`)
          settle(number < 2 ? E.left('x') : E.right(number))
        }
      }
    })
    expect(numbers).toEqual(['a1', 'a2', 'b1', 'b2'])
    expect(await a.result()).toEqual(E.right(2))
    expect(await time.settle()).toEqual(nothingLeft)
  })

  it('the block keeps its async context', async () => {
    const request = new AsyncLocalStorage<string>()
    const seen: Array<string | undefined> = []
    await request.run('request 7', () =>
      loop(pipe(id, again), async ({ number, settle }) => {
        seen.push(request.getStore())
        settle(number < 3 ? E.left('x') : E.right(1))
        return undefined
      })
    )
    expect(seen).toEqual(['request 7', 'request 7', 'request 7'])
  })

  it('holds no more after a thousand attempts than after ten', async () => {
    const time = virtual({ log: false })
    const policy = pipe(id, Policy.retry(pipe(Schedule.constant(1), Schedule.take(1000))))
    let most = 0
    await time.run(async () => {
      for await (const { settle } of Runner.attempts(Runner.make(policy)(time.runtime)())()) {
        most = Math.max(most, time.leaks().timers + time.leaks().listeners)
        settle(E.left('x'))
      }
    })
    expect(most).toBeLessThanOrEqual(2)
    expect(await time.settle()).toEqual(nothingLeft)
  })

  it('of two who wait for the next attempt without a loop, the first waits in vain', async () => {
    const time = virtual()
    const attempts = Runner.attempts(Runner.make(pipe(id, again))(time.runtime)())()
    const iterator = attempts[Symbol.asyncIterator]()
    const attempt = await iterator.next()
    attempt.value?.settle(E.left('x'))
    const waiting = [iterator.next(), iterator.next()]
    await time.advance(100)
    expect((await waiting[0])?.done).toBe(true)
    const second = await waiting[1]
    expect(second?.value?.number).toBe(2)
    second?.value?.settle(E.right(2))
    expect((await iterator.next()).done).toBe(true)
    expect(await attempts.result()).toEqual(E.right(2))
    expect(await time.settle()).toEqual(nothingLeft)
  })

  it('what a block does not wait for does not hold it up', async () => {
    const time = virtual()
    const attempts = Runner.attempts(Runner.make(pipe(id, Policy.timeout(10)))(time.runtime)())()
    await time.run(async () => {
      for await (const attempt of attempts) void attempt.run(script(time, hangs).task)
    })
    expect(await attempts.result()).toEqual(E.left({ _tag: 'TimedOut', timeout: 10 }))
  })
})
