import * as E from 'fp-ts/Either'
import * as O from 'fp-ts/Option'
import type { Task } from 'fp-ts/Task'
import { pipe } from 'fp-ts/function'
import { Policy, Runner, Schedule, type Strategy } from 'resilience-ts'
import { fails, hangs, heeding, rejects, script, succeeds, virtual, type VirtualRuntime } from 'resilience-ts/testing'
import { defect, nothingLeft, raise, tags } from '../support'

const id = Policy.id<string, number>()
const twice = pipe(Schedule.constant(100), Schedule.take(2))

/** A hook that takes so long. */
const takes = (time: VirtualRuntime, ms: number, f: () => void = () => undefined): Task<void> => {
  return () =>
    new Promise((resolve) => {
      time.after(ms, () => {
        f()
        resolve()
      })
    })
}

const play = async (
  policy: (time: VirtualRuntime) => Policy.Policy<string, number, unknown, unknown>,
  operation: (time: VirtualRuntime) => ReturnType<typeof script<string, number>>,
  options: (time: VirtualRuntime) => Runner.RunOptions = () => ({})
) => {
  const time = virtual()
  const runner = Runner.make(policy(time))(time.runtime)()
  const scripted = operation(time)
  const answer: unknown = await time.run(runner.runWith(scripted.operation, options(time)))
  const answeredAt = time.now()
  expect(await time.settle()).toEqual(nothingLeft)
  expect(runner.status()).toEqual({ inFlight: 0, hanging: 0, accepting: true })
  return { answer, answeredAt, calls: scripted.calls.map(({ at }) => at), log: time.log }
}

describe('the hooks together', () => {
  const seen: Array<string> = []
  const note =
    (text: string): Task<void> =>
    async () =>
      void seen.push(text)
  beforeEach(() => {
    seen.length = 0
  })

  it('inside a retry come for each attempt, outside of it once', async () => {
    const around =
      <E2, A2>(at: string) =>
      (policy: Policy.Policy<string, number, E2, A2>) =>
        pipe(
          policy,
          Policy.before(({ number }) => note(`${at} before ${number}`)),
          Policy.tap((value, { number }) => note(`${at} success ${number}: ${String(value)}`)),
          Policy.tapError((error, { number }) => note(`${at} failure ${number}: ${String(error)}`))
        )
    const policy = pipe(
      id,
      around('in'),
      Policy.retry(twice, { beforeRetry: ({ attempt }) => note(`sleep after ${attempt}`) }),
      around('out')
    )
    const succeeding = await play(
      () => policy,
      (time) => script(time, fails('a', 10), succeeds(42, 10))
    )
    expect(succeeding.answer).toEqual(E.right(42))
    expect(seen).toEqual([
      'out before 1',
      'in before 1',
      'in failure 1: a',
      'sleep after 1',
      'in before 2',
      'in success 2: 42',
      'out success 1: 42'
    ])
    seen.length = 0
    const failing = await play(
      () => policy,
      (time) => script(time, fails('a', 10), fails('b'), fails('c'))
    )
    expect(failing.answer).toEqual(E.left('c'))
    expect(seen.filter((line) => line.includes('failure'))).toEqual([
      'in failure 1: a',
      'in failure 2: b',
      'in failure 3: c',
      'out failure 1: c'
    ])
  })

  it('are no attempts, and give the very answer on', async () => {
    const [bad, good] = [E.left('x'), E.right(1)]
    const time = virtual()
    const policy = pipe(
      id,
      Policy.before(() => note('b')),
      Policy.tap(() => note('t')),
      Policy.tapError(() => note('e'))
    )
    const { run } = Runner.make(policy)(time.runtime)()
    expect(await time.run(run(() => Promise.resolve(bad)))).toBe(bad)
    expect(await time.run(run(() => Promise.resolve(good)))).toBe(good)
    expect(seen).toEqual(['b', 'e', 'b', 't'])
    expect(tags(time.log).filter((tag) => tag.startsWith('Attempt'))).toHaveLength(4)
  })

  it('are shown, checked, and take a function only', () => {
    const policy = pipe(
      id,
      Policy.before(1 as never),
      Policy.tap('x' as never),
      Policy.tapError(function save() {
        return note('')
      })
    )
    expect(Policy.show(policy)).toBe('tapError(save)\n└─ tap("x")\n   └─ before(1)\n      └─ operation')
    expect(Policy.validate(policy)).toEqual([
      { path: 'tap.f', value: 'x', allowed: 'a function' },
      { path: 'before.f', value: 1, allowed: 'a function' }
    ])
  })

  it('are awaited, and their time counts', async () => {
    const { answeredAt, calls } = await play(
      (time) =>
        pipe(
          id,
          Policy.before(() => takes(time, 5)),
          Policy.tap(() => takes(time, 7)),
          Policy.tapError(() => takes(time, 11)),
          Policy.retry(twice)
        ),
      (time) => script(time, fails('a', 20), succeeds(1, 20))
    )
    expect(calls).toEqual([5, 5 + 20 + 11 + 100 + 5])
    expect(answeredAt).toBe(141 + 20 + 7)
  })

  it('are told an attempt with a signal and a deadline', async () => {
    const told: Array<unknown> = []
    const look = ({ number, previous, deadline, signal }: Strategy.Attempt) => {
      told.push([number, previous, deadline, signal.aborted])
      return note('')
    }
    await play(
      () =>
        pipe(
          id,
          Policy.before(look),
          Policy.tap((_value, attempt) => look(attempt)),
          Policy.tapError((_error, attempt) => look(attempt)),
          Policy.retry(twice),
          Policy.deadline(1000)
        ),
      (time) => script(time, fails('a', 10), succeeds(1, 10))
    )
    expect(told).toEqual([
      [1, O.none, 1000, false],
      [1, O.none, 990, false],
      [2, O.some('a'), 890, false],
      [2, O.some('a'), 880, false]
    ])
  })

  it.each<[string, (hook: () => never) => Policy.Policy<string, number, unknown, unknown>, unknown]>([
    ['before', (hook) => pipe(id, Policy.before(hook), Policy.retry(twice), Policy.fallbackTo(0)), undefined],
    ['tap', (hook) => pipe(id, Policy.tap(hook), Policy.retry(twice), Policy.fallbackTo(0)), 7],
    ['tapError', (hook) => pipe(id, Policy.tapError(hook), Policy.retry(twice), Policy.fallbackTo(0)), 'bad']
  ])('%s: a hook that is broken is a defect that keeps what it dealt with', async (at, policy, during) => {
    const operation = (time: VirtualRuntime) =>
      script<string, number>(time, at === 'tapError' ? fails('bad', 5) : succeeds(7, 5))
    const broken = async (hook: () => unknown) => (await play(() => policy(hook as () => never), operation)).answer
    expect(await broken(() => raise('oh'))).toEqual(E.left(defect('Thrown', at, 'oh', during)))
    expect(await broken(() => () => raise('oh'))).toEqual(E.left(defect('Thrown', at, 'oh', during)))
    expect(await broken(() => () => Promise.reject('oh'))).toEqual(E.left(defect('Rejected', at, 'oh', during)))
    expect(await broken(() => 1)).toEqual(E.left(defect('Malformed', at, 1, during)))
    expect(await broken(() => () => 1)).toEqual(E.left(defect('Malformed', at, 1, during)))
  })

  it('a hook that hangs can be called off, and counts as hanging until it settles', async () => {
    const time = virtual()
    const policy = pipe(
      id,
      Policy.tap(() => takes(time, 500)),
      Policy.timeout(100)
    )
    const runner = Runner.make(policy)(time.runtime)()
    expect(await time.run(runner.run(script(time, succeeds(1, 50)).task))).toEqual(
      E.left({ _tag: 'TimedOut', timeout: 100 })
    )
    expect(runner.status().hanging).toBe(1)
    expect(await time.settle()).toEqual(nothingLeft)
    expect(runner.status().hanging).toBe(0)
  })
})

describe('before', () => {
  it('called off, begins nothing', async () => {
    const { answer, calls, answeredAt } = await play(
      (time) =>
        pipe(
          id,
          Policy.before(() => takes(time, 100))
        ),
      (time) => script(time, succeeds(1)),
      (time) => {
        const caller = time.signal()
        time.after(50, () => {
          caller.abort('gone')
        })
        return { signal: caller.signal }
      }
    )
    expect(answer).toEqual(E.left({ _tag: 'Aborted', by: 'caller', reason: 'gone' }))
    expect([calls, answeredAt]).toEqual([[], 50])
  })

  it('passes an abort on to what runs', async () => {
    const { answer, answeredAt } = await play(
      () =>
        pipe(
          id,
          Policy.before(() => async () => undefined),
          Policy.timeout(100)
        ),
      (time) => script(time, heeding(succeeds(1, 1000)))
    )
    expect(answer).toEqual(E.left({ _tag: 'TimedOut', timeout: 100 }))
    expect(answeredAt).toBe(100)
  })
})

describe('tap and tapError', () => {
  it('are not told of a defect or an abort', async () => {
    const hook = jest.fn(() => async () => undefined)
    const policy = () => pipe(id, Policy.tap(hook), Policy.tapError(hook), Policy.timeout(100))
    expect((await play(policy, (time) => script(time, rejects('oh')))).answer).toEqual(
      E.left(defect('Rejected', 'operation', 'oh'))
    )
    const time = virtual()
    await time.run(Runner.make(policy())(time.runtime)().run(script(time, hangs).task))
    expect(hook).not.toHaveBeenCalled()
  })

  it('a deadline that comes while an error is told leaves the error', async () => {
    const { answer, answeredAt } = await play(
      (time) =>
        pipe(
          id,
          Policy.tapError(() => takes(time, 500)),
          Policy.deadline(100)
        ),
      (time) => script(time, fails('real', 50))
    )
    expect([answer, answeredAt]).toEqual([E.left('real'), 100])
  })

  it('a deadline that comes while a success is told is the answer', async () => {
    const { answer, answeredAt } = await play(
      (time) =>
        pipe(
          id,
          Policy.tap(() => takes(time, 500)),
          Policy.deadline(100)
        ),
      (time) => script(time, succeeds(1, 50))
    )
    expect([answer, answeredAt]).toEqual([E.left({ _tag: 'DeadlineExceeded', deadline: 100 }), 100])
  })

  it('a retry inside that a deadline cuts off is not told: there is no time', async () => {
    const hook = jest.fn(() => async () => undefined)
    const { answer } = await play(
      () => pipe(id, Policy.retry(Schedule.constant(10)), Policy.tapError(hook), Policy.deadline(100)),
      (time) => script<string, number>(time, fails('real', 50), hangs0(time))
    )
    expect(answer).toEqual(E.left('real'))
    expect(hook).not.toHaveBeenCalled()
  })
})

/** Runs into the deadline, and settles after. */
const hangs0 = (_time: VirtualRuntime) => heeding(succeeds(1, 1000))
