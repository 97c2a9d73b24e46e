import * as E from 'fp-ts/Either'
import * as O from 'fp-ts/Option'
import type { Predicate } from 'fp-ts/Predicate'
import * as TE from 'fp-ts/TaskEither'
import { pipe } from 'fp-ts/function'
import * as t from 'io-ts'
import * as D from 'io-ts/Decoder'
import { setFlagsFromString } from 'v8'
import { runInNewContext } from 'vm'
import { Policy, type Rejection, Report, Runner, Schedule } from 'resilience-ts'
import {
  fails,
  gives,
  hangs,
  heeding,
  rejects,
  script,
  succeeds,
  throws,
  virtual,
  type VirtualRuntime
} from 'resilience-ts/testing'
import { defect, nothingLeft, only, raise, type Refused, tags } from '../support'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

const three = pipe(Schedule.constant(100), Schedule.take(3))
const atOnce = (times: number) => pipe(Schedule.forever, Schedule.take(times))
const isNine = (n: number) => n === 9
const never = () => false

const id = Policy.id<string, number>()

/** Runs a policy once in a time of its own, and settles. */
const once = async <E1, A1, E2, A2>(
  policy: Policy.Policy<E1, A1, E2, A2>,
  operation: (time: VirtualRuntime) => ReturnType<typeof script<E1, A1>>,
  options: Runner.RunOptions = {}
) => {
  const time = virtual()
  const scripted = operation(time)
  const runner = Runner.make(policy)(time.runtime)()
  const answer = await time.run(runner.runWith(scripted.operation, options))
  const answeredAt = time.now()
  const leaks = await time.settle()
  return { answer, answeredAt, leaks, calls: scripted.calls.map(({ at }) => at), log: time.log, scripted }
}

const stops = (log: Parameters<typeof only>[0]) => only(log, 'PollStopped').map(({ reason }) => reason._tag)

/** What a poll answers that has come to its end. */
const exhausted = <A>(
  rest: Partial<Rejection.PollExhausted<A>> & Pick<Rejection.PollExhausted<A>, 'reason'>
): E.Either<Rejection.PollExhausted<A>, never> =>
  E.left({ _tag: 'PollExhausted', value: O.none, error: O.none, attempts: 1, elapsed: 0, ...rest })

describe('poll', () => {
  it('makes one attempt when that holds, and gives its very Either back', async () => {
    const time = virtual()
    const right = E.right(9)
    const runner = Runner.make(pipe(id, Policy.poll(three, { until: isNine })))(time.runtime)()
    expect(await time.run(runner.run(() => Promise.resolve(right)))).toBe(right)
    expect(time.now()).toBe(0)
    expect(tags(time.log)).toEqual(['RunStarted', 'AttemptStarted', 'AttemptEnded', 'RunEnded'])
    expect(await time.settle()).toEqual(nothingLeft)
  })

  it('asks again after each delay until one holds', async () => {
    const { answer, calls, answeredAt, leaks } = await once(
      pipe(id, Policy.poll(pipe(Schedule.exponential(100), Schedule.take(4)), { until: isNine })),
      (time) => script(time, succeeds(1, 10), succeeds(2, 20), succeeds(3), succeeds(9, 5))
    )
    expect(answer).toEqual(E.right(9))
    expect(calls).toEqual([0, 110, 330, 730])
    expect(answeredAt).toBe(735)
    expect(leaks).toEqual(nothingLeft)
  })

  it('tells of its end with the very last value, without a sleep after it', async () => {
    const values = [{ n: 1 }, { n: 2 }, { n: 3 }, { n: 4 }]
    const lines = values.map((value) => succeeds(value, 1))
    const { answer, answeredAt } = await once(
      pipe(Policy.id<never, { readonly n: number }>(), Policy.poll(three, { until: never })),
      (time) => script(time, lines[0]!, ...lines.slice(1))
    )
    expect(answer).toEqual(
      exhausted({ value: O.some({ n: 4 }), attempts: 4, elapsed: 304, reason: { _tag: 'Attempts', limit: 3 } })
    )
    expect(answer).toHaveProperty('left.value.value', values[3])
    expect((answer as E.Left<Rejection.PollExhausted<object>>).left.value).toHaveProperty('value')
    expect(answeredAt).toBe(304)
    expect(answer).not.toBeInstanceOf(Error)
  })

  it('the last value is the very same', async () => {
    const value = { n: 1 }
    const { answer } = await once(
      pipe(Policy.id<never, object>(), Policy.poll(Schedule.stop, { until: never })),
      (time) => script(time, succeeds<object>(value))
    )
    expect(E.isLeft(answer) && answer.left._tag === 'PollExhausted' && O.toUndefined(answer.left.value)).toBe(value)
  })

  it.each<[string, Schedule.Schedule<unknown>, object]>([
    ['Attempts', three, { attempts: 4, elapsed: 340, reason: { _tag: 'Attempts', limit: 3 } }],
    ['Never', Schedule.stop, { attempts: 1, elapsed: 10, reason: { _tag: 'Never' } }],
    ['Delays', Schedule.delays([5]), { attempts: 2, elapsed: 25, reason: { _tag: 'Delays', limit: 1 } }],
    [
      'Elapsed',
      pipe(Schedule.constant(90), Schedule.stopAfter(100)),
      { attempts: 2, elapsed: 110, reason: { _tag: 'Elapsed', limit: 100 } }
    ],
    [
      'Within',
      pipe(Schedule.constant(90), Schedule.within(100)),
      { attempts: 1, elapsed: 10, reason: { _tag: 'Within', limit: 100 } }
    ],
    [
      'Within, by upTo',
      pipe(Schedule.constant(90), Schedule.upTo(99)),
      { attempts: 1, elapsed: 10, reason: { _tag: 'Within', limit: 99 } }
    ],
    [
      'Input',
      pipe(
        Schedule.forever,
        Schedule.while(() => false)
      ),
      { attempts: 1, elapsed: 10, reason: { _tag: 'Input' } }
    ]
  ])('says why: %s', async (_name, schedule, expected) => {
    const { answer } = await once(pipe(id, Policy.poll(schedule, { until: never })), (time) =>
      script(time, succeeds(1, 10))
    )
    expect(answer).toEqual(E.left({ _tag: 'PollExhausted', value: O.some(1), error: O.none, ...expected }))
  })

  it('feeds the schedule with each value', async () => {
    const seen: Array<number> = []
    const schedule = pipe(
      Schedule.forever,
      Schedule.modify((_delay, value: number) => {
        seen.push(value)
        return value * 10
      }),
      Schedule.take(2)
    )
    const { calls } = await once(pipe(id, Policy.poll(schedule, { until: never })), (time) =>
      script(time, succeeds(1), succeeds(2), succeeds(3))
    )
    expect(seen).toEqual([1, 2, 3])
    expect(calls).toEqual([0, 10, 30])
  })

  it('steps the schedule without a value when it waits out an error', async () => {
    const seen: Array<unknown> = []
    const see =
      <A>(answer: A) =>
      (...given: ReadonlyArray<unknown>): A => {
        seen.push(given.find((each) => typeof each !== 'number') ?? 'a value')
        return answer
      }
    const schedule = pipe(
      Schedule.route((n: number) => (n > 5 ? 'large' : 'small'), {
        small: Schedule.constant(10),
        large: Schedule.constant(20)
      }),
      Schedule.while(see(true)),
      Schedule.until(see(false)),
      Schedule.contramap((n: number) => n + 1),
      Schedule.modify((delay, n: number) => (typeof n === 'number' ? delay + 1 : NaN)),
      Schedule.take(3)
    )
    const { answer, calls } = await once(
      pipe(id, Policy.poll(schedule, { until: isNine, waitOut: () => true })),
      (time) => script(time, fails('busy'), succeeds(1), fails('busy'), succeeds(9))
    )
    expect(answer).toEqual(E.right(9))
    expect(calls).toEqual([0, 10, 21, 31])
    expect(new Set(seen)).toEqual(new Set(['a value']))
  })

  it('takes its jitter from the runtime', async () => {
    const time = virtual({ random: () => 0.25 })
    const scripted = script(time, succeeds(1))
    const schedule = pipe(Schedule.constant(100), Schedule.jittered, Schedule.take(2))
    await time.run(Runner.make(pipe(id, Policy.poll(schedule, { until: never })))(time.runtime)().run(scripted.task))
    expect(scripted.calls.map(({ at }) => at)).toEqual([0, 25, 50])
  })

  it('keeps what it knows apart for each run', async () => {
    const time = virtual()
    const runner = Runner.make(
      pipe(id, Policy.poll(pipe(Schedule.exponential(100), Schedule.take(2)), { until: never }))
    )(time.runtime)()
    const [a, b] = [script(time, succeeds(1)), script(time, succeeds(2))]
    const first = time.start(runner.run(a.task))
    await time.advance(50)
    const second = time.start(runner.run(b.task))
    await time.settle()
    const reason = { _tag: 'Attempts', limit: 2 } as const
    expect(await first).toEqual(exhausted({ value: O.some(1), attempts: 3, elapsed: 300, reason }))
    expect(await second).toEqual(exhausted({ value: O.some(2), attempts: 3, elapsed: 300, reason }))
    expect(b.calls.map(({ at }) => at)).toEqual([50, 150, 350])
  })

  it.each([0, 100])('tells the schedule when the attempt really began, after a beforePoll of %d ms', async (takes) => {
    // an attempt lasts 10 ms, less than the 50 after which the schedule starts afresh; so it never does
    const schedule = pipe(Schedule.exponential(60), Schedule.take(2), Schedule.resetAfter(50))
    const time = virtual()
    const scripted = script(time, succeeds(1, 10))
    const beforePoll = () => () =>
      new Promise<void>((resolve) => {
        time.after(takes, resolve)
      })
    const policy = pipe(id, Policy.poll(schedule, { until: never, beforePoll }))
    void time.start(Runner.make(policy)(time.runtime)().run(scripted.task))
    await time.advance(2000)
    expect(scripted.calls.map(({ at }) => at)).toEqual([0, 70 + takes, 200 + 2 * takes])
    expect(await time.settle()).toEqual(nothingLeft)
  })

  describe('until', () => {
    it('a predicate: any truthy answer is a yes', async () => {
      for (const [said, holds] of [
        ['yes', true],
        [1, true],
        [0, false],
        [undefined, false]
      ] as const) {
        const { answer } = await once(
          pipe(id, Policy.poll(Schedule.stop, { until: () => said as unknown as boolean })),
          (time) => script(time, succeeds(1))
        )
        expect(E.isRight(answer)).toBe(holds)
      }
    })

    const Ready = t.type({ state: t.literal('ready'), items: t.array(t.type({ name: t.string })) }, 'Ready')
    const pending = { state: 'pending', items: [{ name: 7 }] }

    it('a codec: gives what it decodes to', async () => {
      const Twice = new t.Type<number, number, unknown>(
        'Twice',
        t.number.is,
        (u, c) => (typeof u === 'number' && u > 2 ? t.success(u * 2) : t.failure(u, c)),
        (n) => n / 2
      )
      const { answer, calls } = await once(
        pipe(Policy.id<never, unknown>(), Policy.poll(three, { until: Twice })),
        (time) => script<never, unknown>(time, succeeds('x'), succeeds(2), succeeds(21))
      )
      expect(answer).toEqual(E.right(42))
      expect(calls).toEqual([0, 100, 200])
    })

    it('a codec: at the end, what it has against the last value is there with readable paths', async () => {
      const { answer, log } = await once(
        pipe(Policy.id<never, unknown>(), Policy.poll(pipe(Schedule.constant(1), Schedule.take(1)), { until: Ready })),
        (time) => script<never, unknown>(time, succeeds(pending))
      )
      const failed = {
        _tag: 'DecodeFailed',
        value: pending,
        problems: [
          { path: 'state', value: 'pending', allowed: '"ready"' },
          { path: 'items[0].name', value: 7, allowed: 'string' }
        ]
      }
      expect(answer).toEqual(
        exhausted({
          value: O.some(pending),
          error: O.some(failed),
          attempts: 2,
          elapsed: 1,
          reason: { _tag: 'Attempts', limit: 1 }
        })
      )
      expect(only(log, 'PollScheduled')[0]?.outcome).toEqual(E.left(failed))
      expect(only(log, 'PollStopped')[0]?.outcome).toEqual(E.left(failed))
    })

    it('a decoder of io-ts/Decoder, or anything of that shape, called as a method', async () => {
      const decoder = D.struct({ id: D.number })
      const { answer } = await once(pipe(Policy.id<never, unknown>(), Policy.poll(three, { until: decoder })), (time) =>
        script<never, unknown>(time, succeeds({}), succeeds({ id: 1 }))
      )
      expect(answer).toEqual(E.right({ id: 1 }))
      const own = {
        least: 5,
        decode(n: number): E.Either<string, string> {
          return n >= this.least ? E.right(String(n)) : E.left('too small')
        }
      }
      const other = await once(pipe(id, Policy.poll(three, { until: own })), (time) =>
        script(time, succeeds(1), succeeds(6))
      )
      expect(other.answer).toEqual(E.right('6'))
    })

    it.each([
      ['an effectful decoder that gives a promise', { decode: () => Promise.resolve(E.right(1)) }],
      ['a decoder that gives nothing', { decode: () => undefined }]
    ])('%s is malformed', async (_name, until) => {
      const { answer } = await once(pipe(id, Policy.poll(three, { until: until as never })), (time) =>
        script(time, succeeds(7))
      )
      expect(answer).toMatchObject({ left: { kind: 'Malformed', at: 'poll.until', during: 7 } })
    })

    it.each([
      ['a predicate', () => raise('oh')],
      ['a decoder', { decode: () => raise('oh') }]
    ])('%s that throws is a defect with the value', async (_name, until) => {
      const { answer, calls, leaks } = await once(pipe(id, Policy.poll(three, { until: until as never })), (time) =>
        script(time, succeeds(7))
      )
      expect(answer).toEqual(E.left(defect('Thrown', 'poll.until', 'oh', 7)))
      expect(calls).toEqual([0])
      expect(leaks).toEqual(nothingLeft)
    })

    it('may call the poll off', async () => {
      const time = virtual()
      const caller = time.signal()
      const policy = pipe(
        id,
        Policy.poll(three, {
          until: () => {
            caller.abort('enough')
            return true
          }
        })
      )
      const runner = Runner.make(policy)(time.runtime)()
      const scripted = script(time, succeeds(1))
      const answer = await time.run(runner.runWith(scripted.operation, { signal: caller.signal }))
      expect(answer).toEqual(E.left({ _tag: 'Aborted', by: 'caller', reason: 'enough' }))
      expect(await time.settle()).toEqual(nothingLeft)
      expect(scripted.calls).toHaveLength(1)
    })

    describe('invalid', () => {
      it.each([
        ['a codec', { until: Ready }],
        ['a codec, by name', { until: Ready, invalid: 'wait' as const }]
      ])('wait: %s is asked again', async (_name, options) => {
        const { answer } = await once(pipe(Policy.id<never, unknown>(), Policy.poll(three, options)), (time) =>
          script<never, unknown>(time, succeeds(pending), succeeds({ state: 'ready', items: [] }))
        )
        expect(answer).toEqual(E.right({ state: 'ready', items: [] }))
      })

      it('fail: what cannot be decoded ends it at once, with readable paths', async () => {
        const { answer, calls, log } = await once(
          pipe(Policy.id<never, unknown>(), Policy.poll(three, { until: Ready, invalid: 'fail' })),
          (time) => script<never, unknown>(time, succeeds({ state: 'ready', items: 5 }))
        )
        expect(answer).toEqual(
          E.left({
            _tag: 'DecodeFailed',
            value: { state: 'ready', items: 5 },
            problems: [{ path: 'items', value: 5, allowed: 'Array<{ name: string }>' }]
          })
        )
        expect(calls).toEqual([0])
        expect(stops(log)).toEqual(['Invalid'])
      })

      it('fail: errors may still be waited out', async () => {
        const { answer, calls } = await once(
          pipe(
            Policy.id<string, unknown>(),
            Policy.poll(three, { until: t.number, invalid: 'fail', waitOut: (e) => e === 'not found' })
          ),
          (time) => script<string, unknown>(time, fails('not found'), fails('not found'), succeeds(1))
        )
        expect(answer).toEqual(E.right(1))
        expect(calls).toEqual([0, 100, 200])
      })
    })
  })

  describe('failWhen', () => {
    it('ends it at once, and says so with the value', async () => {
      const { answer, calls, log } = await once(
        pipe(id, Policy.poll(three, { until: isNine, failWhen: (n) => n < 0 })),
        (time) => script(time, succeeds(1, 10), succeeds(-1, 10), succeeds(9))
      )
      expect(answer).toEqual(exhausted({ value: O.some(-1), attempts: 2, elapsed: 120, reason: { _tag: 'FailWhen' } }))
      expect(calls).toEqual([0, 110])
      expect(stops(log)).toEqual(['FailWhen'])
    })

    it('is asked before until, so what it ends is never a success', async () => {
      const until = jest.fn(() => true)
      const { answer } = await once(pipe(id, Policy.poll(three, { until, failWhen: (n) => n < 0 })), (time) =>
        script(time, succeeds(-1))
      )
      expect(answer).toMatchObject({ left: { _tag: 'PollExhausted' } })
      expect(until).not.toHaveBeenCalled()
    })

    it('sees the value as it came, not as it is decoded', async () => {
      const seen: Array<unknown> = []
      await once(
        pipe(
          Policy.id<never, number>(),
          Policy.poll(three, {
            until: { decode: (n: number) => E.right(String(n)) },
            failWhen: (n) => {
              seen.push(n)
              return false
            }
          })
        ),
        (time) => script(time, succeeds(5))
      )
      expect(seen).toEqual([5])
    })

    it('that throws is a defect with the value', async () => {
      const { answer } = await once(
        pipe(id, Policy.poll(three, { until: isNine, failWhen: () => raise('oh') })),
        (time) => script(time, succeeds(7))
      )
      expect(answer).toEqual(E.left(defect('Thrown', 'poll.failWhen', 'oh', 7)))
    })

    it('may call the poll off', async () => {
      const time = virtual()
      const caller = time.signal()
      const until = jest.fn(() => true)
      const failWhen = (): boolean => {
        caller.abort('enough')
        return true
      }
      const runner = Runner.make(pipe(id, Policy.poll(three, { until, failWhen })))(time.runtime)()
      const answer = await time.run(runner.runWith(script(time, succeeds(1)).operation, { signal: caller.signal }))
      expect(answer).toMatchObject({ left: { _tag: 'Aborted' } })
      expect(until).not.toHaveBeenCalled()
      expect(stops(time.log)).toEqual([])
    })
  })

  describe('waitOut', () => {
    it('without it, an error is the answer, the very same', async () => {
      const error = { n: 1 }
      const { answer, calls, log } = await once(
        pipe(Policy.id<{ readonly n: number }, number>(), Policy.poll(three, { until: isNine })),
        (time) => script(time, succeeds(1), fails(error))
      )
      expect(E.isLeft(answer) && answer.left).toBe(error)
      expect(calls).toEqual([0, 100])
      expect(stops(log)).toEqual(['Predicate'])
    })

    it('waits out only the errors that satisfy it', async () => {
      const policy = pipe(id, Policy.poll(three, { until: isNine, waitOut: (e) => e === 'busy' }))
      const { answer, calls } = await once(policy, (time) => script(time, fails('busy'), fails('gone'), succeeds(9)))
      expect(answer).toEqual(E.left('gone'))
      expect(calls).toEqual([0, 100])
      expect((await once(policy, (time) => script(time, fails('busy'), succeeds(9)))).answer).toEqual(E.right(9))
    })

    it('at the end tells the last error beside the last value', async () => {
      const policy = pipe(id, Policy.poll(three, { until: isNine, waitOut: () => true }))
      const reason = { _tag: 'Attempts', limit: 3 } as const
      const of = async (
        ...lines: Parameters<typeof script<string, number>> extends [unknown, ...infer L] ? L : never
      ) => (await once(policy, (time) => script(time, ...lines))).answer
      expect(await of(succeeds(1), succeeds(2), fails('a'), fails('b'))).toEqual(
        exhausted({ value: O.some(2), error: O.some('b'), attempts: 4, elapsed: 300, reason })
      )
      expect(await of(fails('a'), fails('b'), fails('c'), fails('d'))).toEqual(
        exhausted({ value: O.none, error: O.some('d'), attempts: 4, elapsed: 300, reason })
      )
      // a value came last: the error is past
      expect(await of(fails('a'), fails('b'), fails('c'), succeeds(1))).toEqual(
        exhausted({ value: O.some(1), error: O.none, attempts: 4, elapsed: 300, reason })
      )
    })

    it('what a codec had against a value is past when an error comes last', async () => {
      const { answer } = await once(
        pipe(Policy.id<string, unknown>(), Policy.poll(atOnce(1), { until: t.number, waitOut: () => true })),
        (time) => script<string, unknown>(time, succeeds('x'), fails('busy'))
      )
      expect(answer).toMatchObject({ left: { value: O.some('x'), error: O.some('busy') } })
    })

    it('that throws is a defect with the error', async () => {
      const { answer } = await once(
        pipe(id, Policy.poll(three, { until: isNine, waitOut: () => raise('oh') })),
        (time) => script(time, fails('busy'))
      )
      expect(answer).toEqual(E.left(defect('Thrown', 'poll.waitOut', 'oh', 'busy')))
    })

    it('may call the poll off', async () => {
      const time = virtual()
      const caller = time.signal()
      const waitOut = (): boolean => {
        caller.abort('enough')
        return false
      }
      const runner = Runner.make(pipe(id, Policy.poll(three, { until: isNine, waitOut })))(time.runtime)()
      const answer = await time.run(runner.runWith(script(time, fails('x')).operation, { signal: caller.signal }))
      expect(answer).toMatchObject({ left: { _tag: 'Aborted' } })
      expect(await time.settle()).toEqual(nothingLeft)
    })

    it('waits out the TimedOut of an attempt', async () => {
      const { answer, calls } = await once(
        pipe(id, Policy.timeout(50), Policy.poll(three, { until: isNine, waitOut: (e) => e !== 'gone' })),
        (time) => script(time, heeding(succeeds(1, 1000)), succeeds(9))
      )
      expect(answer).toEqual(E.right(9))
      expect(calls).toEqual([0, 150])
    })

    it.each([
      ['DeadlineExceeded', { _tag: 'DeadlineExceeded', deadline: 1 }],
      ['Aborted', { _tag: 'Aborted', by: 'caller', reason: 'gone' }]
    ])('never waits out %s', async (_name, error) => {
      const waitOut = jest.fn(() => true)
      const { answer, calls, log } = await once(
        pipe(Policy.id<unknown, number>(), Policy.poll(three, { until: isNine, waitOut, waitOutRefused: true })),
        (time) => script<unknown, number>(time, fails(error))
      )
      expect(answer).toEqual(E.left(error))
      expect(calls).toEqual([0])
      expect(waitOut).not.toHaveBeenCalled()
      expect(stops(log)).toEqual(['Final'])
    })

    it('a DeadlineExceeded from inside, with a value at hand, tells of that', async () => {
      const { answer, log } = await once(
        pipe(id, Policy.deadline(50), Policy.poll(three, { until: isNine, waitOut: () => true })),
        (time) => script(time, succeeds(1), heeding(succeeds(2, 1000)))
      )
      expect(answer).toEqual(exhausted({ value: O.some(1), attempts: 2, elapsed: 150, reason: { _tag: 'Deadline' } }))
      expect(stops(log)).toEqual(['Deadline'])
    })

    describe.each(['CircuitOpen', 'BulkheadFull', 'RateLimited'] as const)('of %s', (_tag) => {
      const line = (retryAfter?: unknown) => fails<Refused>({ _tag, retryAfter })
      const policyOf = (options: object) =>
        pipe(Policy.id<Refused, number>(), Policy.poll(three, { until: isNine, ...options }))

      it('not unless asked for, whatever waitOut says', async () => {
        const { answer, calls, log } = await once(policyOf({ waitOut: () => true }), (time) => script(time, line()))
        expect(answer).toMatchObject({ left: { _tag } })
        expect(calls).toEqual([0])
        expect(stops(log)).toEqual(['Refused'])
      })

      it('asked for: all of them, or those that satisfy waitOut; a longer retryAfter is honoured', async () => {
        const all = await once(policyOf({ waitOutRefused: true }), (time) =>
          script(time, line(500), line(20), line(NaN), succeeds(9))
        )
        expect(all.answer).toEqual(E.right(9))
        expect(all.calls).toEqual([0, 500, 600, 700])
        const some = await once(policyOf({ waitOutRefused: true, waitOut: () => false }), (time) =>
          script(time, line())
        )
        expect(some.calls).toEqual([0])
        expect(stops(some.log)).toEqual(['Predicate'])
      })
    })
  })

  it('a defect of an attempt ends it, and nothing is asked', async () => {
    const asked = jest.fn(() => true)
    for (const [line, expected] of [
      [throws('oh'), defect('Thrown', 'operation', 'oh')],
      [rejects('oh'), defect('Rejected', 'operation', 'oh')],
      [gives(5), defect('Malformed', 'operation', 5)]
    ] as const) {
      const { answer, calls } = await once(
        pipe(id, Policy.poll(three, { until: asked, failWhen: asked, waitOut: asked })),
        (time) => script<string, number>(time, line)
      )
      expect(answer).toEqual(E.left(expected))
      expect(calls).toEqual([0])
    }
    expect(asked).not.toHaveBeenCalled()
  })

  it('a function of the schedule that throws is a defect with what was at hand', async () => {
    const throwing = pipe(
      Schedule.forever,
      Schedule.modify(() => raise('oh'))
    )
    const { answer } = await once(pipe(id, Policy.poll(throwing, { until: never })), (time) =>
      script(time, succeeds(7))
    )
    expect(answer).toEqual(E.left(defect('Thrown', 'poll.schedule.modify', 'oh', 7)))
    const odd = pipe(
      Schedule.forever,
      Schedule.modify(() => NaN)
    )
    const other = await once(pipe(id, Policy.poll(odd, { until: never })), (time) => script(time, succeeds(7)))
    expect(other.answer).toMatchObject({ left: { kind: 'Malformed', at: 'poll.schedule.modify', during: 7 } })
  })

  it('asks in the order that it promises', async () => {
    const asked: Array<string> = []
    const say =
      <T>(what: string, value: T) =>
      (): T => {
        asked.push(what)
        return value
      }
    const schedule = pipe(Schedule.constant(10), Schedule.while(say('schedule', true)), Schedule.take(2))
    await once(
      pipe(
        id,
        Policy.poll(schedule, {
          failWhen: say('failWhen', false),
          until: say('until', false),
          waitOut: say('waitOut', true),
          decide: say('decide', async () => Policy.again),
          beforePoll: say('beforePoll', async () => undefined)
        })
      ),
      (time) => script<string, number>(time, succeeds(1), fails('x'), succeeds(1))
    )
    expect(asked).toEqual([
      ...['failWhen', 'until', 'schedule', 'decide', 'beforePoll'],
      // the error is no value, so the schedule has nothing to look at
      ...['waitOut', 'decide', 'beforePoll'],
      ...['failWhen', 'until', 'schedule']
    ])
  })

  describe('decide', () => {
    const deciding = (decide: (info: Policy.PollInfo<string, number>) => unknown) =>
      pipe(id, Policy.poll(three, { until: isNine, waitOut: () => true, decide: decide as never }))

    it('sees every number, and what does not hold', async () => {
      const seen: Array<Policy.PollInfo<string, number>> = []
      await once(
        deciding((info) => {
          seen.push(info)
          return async () => Policy.again
        }),
        (time) => script(time, succeeds(1, 10), fails('b', 20), succeeds(3, 30), succeeds(9))
      )
      expect(seen).toEqual([
        { outcome: E.right(1), attempt: 1, elapsed: 10, idle: 0, delay: 100 },
        { outcome: E.left('b'), attempt: 2, elapsed: 130, idle: 100, delay: 100 },
        { outcome: E.right(3), attempt: 3, elapsed: 260, idle: 200, delay: 100 }
      ])
    })

    it('againAfter: another delay; below 0 counts as 0', async () => {
      const delays = [5, -1]
      const { calls } = await once(
        deciding(
          ({ attempt }) =>
            async () =>
              Policy.againAfter(delays[attempt - 1] ?? 0)
        ),
        (time) => script(time, succeeds(1, 1))
      )
      expect(calls).toEqual([0, 6, 7, 8])
    })

    it('giveUp: tells of the value at hand', async () => {
      const { answer, log } = await once(
        deciding(() => async () => Policy.giveUp),
        (time) => script(time, succeeds(1, 10))
      )
      expect(answer).toEqual(exhausted({ value: O.some(1), elapsed: 10, reason: { _tag: 'GivenUp' } }))
      expect(stops(log)).toEqual(['GivenUp'])
    })

    it.each([[undefined], [{ _tag: 'AgainAfter', delay: NaN }]])('that answers %p is malformed', async (verdict) => {
      const { answer } = await once(
        deciding(() => async () => verdict),
        (time) => script(time, succeeds(7))
      )
      expect(answer).toEqual(E.left(defect('Malformed', 'poll.decide', verdict, 7)))
    })

    it('that throws is a defect with what was at hand, value or error', async () => {
      const policy = deciding(() => raise('oh'))
      expect((await once(policy, (time) => script(time, succeeds(7)))).answer).toEqual(
        E.left(defect('Thrown', 'poll.decide', 'oh', 7))
      )
      expect((await once(policy, (time) => script(time, fails('busy')))).answer).toEqual(
        E.left(defect('Thrown', 'poll.decide', 'oh', 'busy'))
      )
    })

    it('has no say any more once the call was aborted', async () => {
      const time = virtual()
      const caller = time.signal()
      const scripted = script(time, succeeds(1))
      const runner = Runner.make(
        deciding(
          () => () =>
            new Promise((resolve) => {
              time.after(100, () => {
                resolve(Policy.again)
              })
            })
        )
      )(time.runtime)()
      time.after(50, () => {
        caller.abort()
      })
      const answer = await time.run(runner.runWith(scripted.operation, { signal: caller.signal }))
      expect(answer).toMatchObject({ left: { _tag: 'Aborted' } })
      expect(time.now()).toBe(50)
      expect(await time.settle()).toEqual(nothingLeft)
      expect(scripted.calls).toHaveLength(1)
    })

    it('cannot go past the deadline with another delay', async () => {
      const { answer, answeredAt } = await once(
        pipe(
          deciding(() => async () => Policy.againAfter(1000)),
          Policy.deadline(500)
        ),
        (time) => script(time, succeeds(1, 10))
      )
      expect(answer).toMatchObject({ left: { value: O.some(1), reason: { _tag: 'Deadline' } } })
      expect(answeredAt).toBe(10)
    })
  })

  describe('beforePoll', () => {
    it('is awaited before the delay, and told what comes', async () => {
      const time = virtual()
      const told: Array<unknown> = []
      const scripted = script(time, succeeds(1, 10), succeeds(9))
      const policy = pipe(
        id,
        Policy.poll(three, {
          until: isNine,
          beforePoll: (info) => () => {
            told.push(info)
            return new Promise((resolve) => {
              time.after(40, resolve)
            })
          }
        })
      )
      await time.run(Runner.make(policy)(time.runtime)().run(scripted.task))
      expect(told).toEqual([{ outcome: E.right(1), attempt: 1, elapsed: 10, idle: 0, delay: 100 }])
      expect(scripted.calls.map(({ at }) => at)).toEqual([0, 150])
    })

    it('that rejects is a defect with the value', async () => {
      const { answer } = await once(
        pipe(id, Policy.poll(three, { until: never, beforePoll: () => () => Promise.reject('oh') })),
        (time) => script(time, succeeds(7))
      )
      expect(answer).toEqual(E.left(defect('Rejected', 'poll.beforePoll', 'oh', 7)))
    })
  })

  describe('deadlines', () => {
    const every = (seconds: number) => Schedule.constant(seconds * 1000)
    const numberOfCalls = async (policy: Policy.Policy<string, number, unknown, unknown>, takes = 0) => {
      const { calls, answeredAt } = await once(policy, (time) => script(time, succeeds(1, takes)))
      return [calls.length, calls[calls.length - 1], answeredAt]
    }
    const polling = (schedule: Schedule.Schedule<number>) => pipe(id, Policy.poll(schedule, { until: isNine }))

    it.each([
      // source: wait_for
      [1, 10, 11],
      [10, 120, 13],
      // source: poll
      [1, 2, 3]
    ])('inclusive: every %d s for %d s makes %d calls, and no sleep after the last', async (interval, total, calls) => {
      const expected = [calls, total * 1000, total * 1000]
      expect(await numberOfCalls(polling(pipe(every(interval), Schedule.stopAfter(total * 1000))))).toEqual(expected)
      expect(await numberOfCalls(polling(pipe(every(interval), Schedule.upTo(total * 1000))))).toEqual(expected)
    })

    it('exclusive: within makes no call at the limit, nor after it', async () => {
      expect(await numberOfCalls(polling(pipe(every(1), Schedule.within(10_000))))).toEqual([10, 9000, 9000])
    })

    it('no overshoot: neither does a deadline, which also cuts off what runs', async () => {
      expect(await numberOfCalls(pipe(polling(every(1)), Policy.deadline(10_000)))).toEqual([10, 9000, 9000])
      // calls at 0, 1700 … 8500, of 700 ms each, and one at 9350 that is cut off
      expect(await numberOfCalls(pipe(polling(Schedule.constant(1000)), Policy.deadline(9200)), 700)).toEqual([
        6, 8500, 9200
      ])
    })

    it('when calls take time: stopAfter begins one after the limit, upTo and within do not', async () => {
      // every 1.5 s: 0, 1.5 … 9, 10.5
      expect(await numberOfCalls(polling(pipe(every(1), Schedule.stopAfter(10_000))), 500)).toEqual([8, 10_500, 11_000])
      // as wait_for has it: the limit is looked at before each call
      expect(await numberOfCalls(polling(pipe(every(1), Schedule.upTo(10_000))), 500)).toEqual([7, 9000, 9500])
      expect(await numberOfCalls(polling(pipe(every(1), Schedule.within(10_000))), 500)).toEqual([7, 9000, 9500])
      expect(await numberOfCalls(polling(pipe(every(1), Schedule.upTo(9000))), 500)).toEqual([7, 9000, 9500])
      expect(await numberOfCalls(polling(pipe(every(1), Schedule.within(9000))), 500)).toEqual([6, 7500, 8000])
    })

    it('a deadline outside: what was seen last is the answer, while it sleeps, runs or hooks', async () => {
      const inAttempt = await once(pipe(polling(every(1)), Policy.deadline(1500)), (time) =>
        script(time, succeeds(1, 10), heeding(succeeds(2, 9999)))
      )
      expect(inAttempt.answer).toEqual(
        exhausted({ value: O.some(1), attempts: 2, elapsed: 1500, reason: { _tag: 'Deadline' } })
      )
      expect(inAttempt.leaks).toEqual(nothingLeft)
      const inHook = await once(
        pipe(
          id,
          Policy.poll(Schedule.forever, { until: isNine, beforePoll: () => () => new Promise(() => undefined) }),
          Policy.deadline(100)
        ),
        (time) => script(time, succeeds(1, 10))
      )
      expect(inHook.answer).toEqual(
        exhausted({ value: O.some(1), attempts: 1, elapsed: 100, reason: { _tag: 'Deadline' } })
      )
      expect(stops(inHook.log)).toEqual(['Deadline'])
    })

    it('a deadline outside, with nothing seen yet, is DeadlineExceeded', async () => {
      const { answer } = await once(pipe(polling(every(1)), Policy.deadline(100)), (time) =>
        script(time, heeding(succeeds(1, 9999)))
      )
      expect(answer).toEqual(E.left({ _tag: 'DeadlineExceeded', deadline: 100 }))
    })

    it('a deadline outside that cuts off a retry inside gives the real error back, unless that is waited out', async () => {
      const retried = pipe(id, Policy.retry(Schedule.constant(10)))
      const lines = (time: VirtualRuntime) => script<string, number>(time, fails('x', 10), heeding(succeeds(1, 9999)))
      const plain = await once(pipe(retried, Policy.poll(every(1), { until: isNine }), Policy.deadline(100)), lines)
      expect(plain.answer).toEqual(E.left('x'))
      const waiting = await once(
        pipe(retried, Policy.poll(every(1), { until: isNine, waitOut: () => true }), Policy.deadline(100)),
        lines
      )
      expect(waiting.answer).toEqual(
        exhausted({ error: O.some('x'), attempts: 1, elapsed: 100, reason: { _tag: 'Deadline' } })
      )
    })

    it('a value that comes as it is called off is the answer if it holds', async () => {
      const recovering = (value: number) =>
        pipe(
          Policy.id<string, number>(),
          // answers with a value when it is called off
          Policy.around<string, number, object>(
            {
              name: 'recovering',
              rules: {},
              show: () => [],
              compile: (_settings, _services, inner) => ({
                open: (context, up) =>
                  inner.open(context, {
                    done: (exit, settled) => {
                      up.done(exit._tag === 'Aborted' ? E.right(value) : exit, settled)
                    },
                    settled: () => {
                      up.settled()
                    }
                  })
              })
            },
            {}
          )
        )
      const play = async (value: number, options: object = {}) =>
        (
          await once(
            pipe(recovering(value), Policy.poll(every(1), { until: isNine, ...options }), Policy.deadline(100)),
            (time) => script(time, heeding(succeeds(1, 9999)))
          )
        ).answer
      expect(await play(9)).toEqual(E.right(9))
      expect(await play(8)).toMatchObject({ left: { value: O.some(8), reason: { _tag: 'Deadline' } } })
      expect(await play(9, { failWhen: isNine })).toMatchObject({
        left: { value: O.some(9), reason: { _tag: 'Deadline' } }
      })
      const validated = await once(
        pipe(recovering(9), Policy.pollWith(every(1), { until: (n) => TE.right(n) }), Policy.deadline(100)),
        (time) => script(time, heeding(succeeds(1, 9999)))
      )
      expect(validated.answer).toMatchObject({ left: { value: O.some(9), reason: { _tag: 'Deadline' } } })
    })

    it('a timeout outside: TimedOut, and the last value is lost', async () => {
      const { answer } = await once(pipe(polling(every(1)), Policy.timeout(1500)), (time) => script(time, succeeds(1)))
      expect(answer).toEqual(E.left({ _tag: 'TimedOut', timeout: 1500 }))
    })
  })

  describe('abort', () => {
    it.each([
      ['an attempt', 30, heeding(succeeds(1, 1000))],
      ['a sleep', 30, succeeds(1)]
    ])('ends %s at once, and leaves nothing', async (_name, at, line) => {
      const time = virtual()
      const caller = time.signal()
      const scripted = script(time, line)
      time.after(at, () => {
        caller.abort('enough')
      })
      const policy = pipe(id, Policy.poll(Schedule.constant(1e6), { until: isNine, waitOut: () => true }))
      const runner = Runner.make(policy)(time.runtime)()
      const answer = await time.run(runner.runWith(scripted.operation, { signal: caller.signal }))
      expect(answer).toEqual(E.left({ _tag: 'Aborted', by: 'caller', reason: 'enough' }))
      expect(time.now()).toBe(at)
      expect(await time.settle()).toEqual(nothingLeft)
      expect(scripted.calls).toHaveLength(1)
    })

    it('ends the answer that comes up with it, without asking about it', async () => {
      const time = virtual()
      const caller = time.signal()
      const waitOut = jest.fn(() => true)
      time.after(30, () => {
        caller.abort('enough')
      })
      const policy = pipe(
        id,
        Policy.retry(Schedule.constant(10)),
        Policy.deadline(1000),
        Policy.mapLeft((e) => e),
        Policy.poll(three, { until: isNine, waitOut })
      )
      const scripted = script<string, number>(time, fails('x', 10), hangs)
      const answer = await time.run(
        Runner.make(policy)(time.runtime)().runWith(scripted.operation, { signal: caller.signal })
      )
      expect(answer).toMatchObject({ left: { _tag: 'Aborted', by: 'caller' } })
      expect(waitOut).not.toHaveBeenCalled()
    })

    it('settles once all its attempts have', async () => {
      const time = virtual()
      const policy = pipe(
        id,
        Policy.timeout(10),
        Policy.poll(pipe(Schedule.constant(5), Schedule.take(1)), { until: isNine, waitOut: () => true })
      )
      const runner = Runner.make(policy)(time.runtime)()
      // both attempts outlive their timeouts: they settle at 100 and 115
      await time.run(runner.run(script(time, succeeds(1, 100)).task))
      expect(time.now()).toBe(25)
      expect(runner.status()).toEqual({ inFlight: 0, hanging: 1, accepting: true })
      await time.advance(80)
      expect(runner.status().hanging).toBe(1)
      await time.advance(10)
      expect(runner.status().hanging).toBe(0)
    })
  })

  describe('a listener', () => {
    it.each(['PollScheduled', 'PollStopped', 'AttemptStarted', 'AttemptEnded'] as const)(
      'may close the runner when it sees %s',
      async (tag) => {
        const time = virtual()
        const runtime = {
          ...time.runtime,
          observe: (event: { readonly _tag: string }) => {
            if (event._tag === tag) void runner.close()
          }
        }
        const scripted = script(time, succeeds(1))
        const policy = pipe(id, Policy.poll(pipe(Schedule.constant(10), Schedule.take(1)), { until: never }))
        const runner = Runner.make(policy)(runtime)()
        const answer = await time.run(runner.run(scripted.task))
        expect(answer).toEqual(E.left(defect('Closed', 'runner', undefined)))
        expect(await time.settle()).toEqual(nothingLeft)
        expect(runner.status().inFlight).toBe(0)
      }
    )

    it('makes no event where there is none', async () => {
      const time = virtual({ log: false })
      await time.run(
        Runner.make(pipe(id, Policy.poll(three, { until: never })))(time.runtime)().run(script(time, succeeds(1)).task)
      )
      expect(time.log).toEqual([])
    })
  })

  describe('a zero delay', () => {
    it('takes no timer, and gives the event loop a turn every 256 attempts', async () => {
      const time = virtual()
      let timers = 0
      let turns = 0
      const { clock } = time.runtime
      const runtime = {
        ...time.runtime,
        clock: {
          ...clock,
          timer: (...args: Parameters<typeof clock.timer>) => {
            timers++
            return clock.timer(...args)
          },
          turn: (f: () => void) => {
            turns++
            clock.turn(f)
          }
        }
      }
      const policy = pipe(id, Policy.poll(atOnce(1000), { until: never }))
      const answer = await time.run(Runner.make(policy)(runtime)().run(TE.right(1)))
      expect(answer).toMatchObject({ left: { attempts: 1001 } })
      expect([timers, turns]).toEqual([0, 3])
    })

    it.each(['poll', 'pollWith'])('%s: answers without a promise do not grow the stack', async (name) => {
      const time = virtual({ log: false })
      const steps = 100_000
      let deepest = 0
      const depth = () => {
        const limit = Error.stackTraceLimit
        Error.stackTraceLimit = Infinity
        deepest = Math.max(deepest, String(new Error().stack).split('\n').length)
        Error.stackTraceLimit = limit
      }
      let calls = 0
      const operation = () => {
        if (++calls % 250 === 0) depth()
        return E.right(calls) as never
      }
      const schedule = Schedule.forever
      const policy =
        name === 'poll'
          ? pipe(id, Policy.poll(schedule, { until: (n) => n === steps }))
          : pipe(
              id,
              Policy.pollWith(schedule, {
                until: (n) => () => (n === steps ? E.right(n) : E.left('no')) as never
              })
            )
      expect(await time.run(Runner.make(policy)(time.runtime)().run(operation))).toEqual(E.right(steps))
      expect(deepest).toBeGreaterThan(0)
      expect(deepest).toBeLessThan(60)
    })
  })

  it('reads the clock at the start and the end alone, where nothing asks for the time', async () => {
    const time = virtual({ log: false })
    let reads = 0
    const { clock } = time.runtime
    const now = () => {
      reads++
      return clock.now()
    }
    const policy = pipe(id, Policy.poll(atOnce(100), { until: never }))
    await time.run(Runner.make(policy)({ ...time.runtime, clock: { ...clock, now } })().run(TE.right(1)))
    expect(reads).toBe(2)
  })

  describe('the attempt', () => {
    it('has its number, and the error before it if that was waited out', async () => {
      const time = virtual()
      const scripted = script<string, number>(time, succeeds(1), fails('busy'), succeeds(9))
      const policy = pipe(id, Policy.poll(three, { until: isNine, waitOut: () => true }))
      await time.run(Runner.make(policy)(time.runtime)().runWith(scripted.operation))
      expect(scripted.calls.map(({ attempt }) => [attempt!.number, attempt!.previous])).toEqual([
        [1, O.none],
        [2, O.none],
        [3, O.some('busy')]
      ])
    })
  })

  describe('in a report', () => {
    it('are its decisions, the total and the time of each attempt', async () => {
      const time = virtual()
      const policy = pipe(
        id,
        Policy.poll(pipe(Schedule.constant(100), Schedule.take(2)), { until: isNine, waitOut: () => true })
      )
      const report = await time.run(
        Runner.make(policy)(time.runtime)().runReport(
          script(time, succeeds(1, 10), fails('busy', 20), succeeds(2, 30)).operation
        )
      )
      const layer = 'poll'
      expect(report.decisions).toEqual([
        { _tag: 'PollScheduled', layer, attempt: 1, at: 10, delay: 100, outcome: E.right(1) },
        { _tag: 'PollScheduled', layer, attempt: 2, at: 130, delay: 100, outcome: E.left('busy') },
        { _tag: 'PollStopped', layer, attempt: 3, at: 260, reason: { _tag: 'Attempts', limit: 2 }, outcome: E.right(2) }
      ])
      expect(report.attempts.map(({ startedAt, duration }) => [startedAt, duration])).toEqual([
        [0, 10],
        [110, 20],
        [230, 30]
      ])
      expect(report.totals).toEqual({ attempts: 3, retries: 2, elapsed: 260, waited: 200, working: 60, omitted: 0 })
      expect(Report.show(report).split('\n')).toEqual([
        '#1   at 0ms      took 10ms     success -> poll: again in 100ms',
        '#2   at 110ms    took 20ms     failure busy -> poll: again in 100ms',
        '#3   at 230ms    took 30ms     success -> poll: stop (Attempts)',
        '3 attempts, 2 retries, 260ms in all, 200ms of it waiting'
      ])
    })

    it('a success has the total too', async () => {
      // source: wait_for, whose answer is (result, duration)
      const time = virtual()
      const policy = pipe(id, Policy.poll(Schedule.constant(500), { until: (n) => n !== 0 }))
      const report = await time.run(
        Runner.make(policy)(time.runtime)().runReport(script(time, succeeds(0, 100), succeeds(7, 100)).operation)
      )
      expect([report.result, report.totals.elapsed]).toEqual([E.right(7), 700])
    })
  })

  it('shows every setting', () => {
    const options = {
      until: isNine,
      failWhen: never,
      waitOut: () => true,
      waitOutRefused: true,
      decide: () => async () => Policy.again,
      beforePoll: () => async () => undefined
    }
    expect(Policy.show(pipe(id, Policy.poll(three, options))).split('\n')[0]).toBe(
      'poll(constant(100ms) |> take(3), until: isNine, failWhen: never, waitOut: waitOut, waitOutRefused: true, decide: decide, beforePoll: beforePoll)'
    )
    expect(
      Policy.show(pipe(Policy.id<string, unknown>(), Policy.poll(three, { until: t.number, invalid: 'fail' })))
    ).toBe('poll(constant(100ms) |> take(3), until: number, invalid: "fail")\n└─ operation')
    expect(Policy.show(pipe(id, Policy.poll(undefined as never, undefined as never)))).toContain('poll(')
  })

  it('lists every impossible setting at once', () => {
    const wrong = {
      until: 5,
      failWhen: 'x',
      invalid: 'no',
      waitOut: 1,
      waitOutRefused: 'yes',
      decide: {},
      beforePoll: null
    } as never
    const schedule = pipe(Schedule.constant(-1), Schedule.take(NaN))
    const names = ['failWhen', 'invalid', 'waitOut', 'waitOutRefused', 'decide', 'beforePoll']
    for (const [layer, policy] of [
      ['poll', pipe(id, Policy.poll(schedule, wrong))],
      ['pollWith', pipe(id, Policy.pollWith(schedule, wrong))]
    ] as const) {
      expect(
        Policy.validate(policy)
          .map(({ path }) => path)
          .sort()
      ).toEqual(
        [
          ...['until', ...names].map((name) => `${layer}.${name}`),
          `${layer}.schedule.take.n`,
          `${layer}.schedule.take.constant.delay`
        ].sort()
      )
    }
  })

  it.each([[undefined], [null], [100], [{}]])('a schedule that is %p is impossible', (schedule) => {
    const policy = pipe(id, Policy.poll(schedule as never, { until: never }))
    expect(Policy.validate(policy)).toEqual([{ path: 'poll.schedule', value: schedule, allowed: 'a Schedule' }])
  })

  it('cannot do without until, and invalid says nothing about a predicate', () => {
    expect(Policy.validate(pipe(id, Policy.poll(three, {} as never)))).toEqual([
      { path: 'poll.until', value: undefined, allowed: 'a codec or decoder, or a predicate' }
    ])
    expect(Policy.validate(pipe(id, Policy.poll(three, undefined as never))).length).toBeGreaterThan(0)
    const until: Predicate<number> = isNine
    expect(Policy.validate(pipe(id, Policy.poll(three, { until, invalid: 'fail' } as never)))).toEqual([
      { path: 'poll.invalid', value: 'fail', allowed: 'nothing, where `until` is a predicate: see `failWhen`' }
    ])
  })

  it('advises against a poll inside a poll, and one that never waits', () => {
    const inner = pipe(id, Policy.poll(three, { until: isNine }))
    expect(Policy.advise(inner)).toEqual([])
    expect(Policy.advise(pipe(inner, Policy.timeout(5), Policy.poll(three, { until: isNine })))).toEqual([
      { path: 'poll#2.schedule', value: 'a poll inside a poll', allowed: 'one of them: their attempts multiply' }
    ])
    const unknown = Policy.id<string, unknown>()
    const failing = (options: object) =>
      pipe(unknown, Policy.poll(three, { until: t.number, invalid: 'fail', ...options }))
    expect(Policy.advise(failing({}))).toEqual([
      {
        path: 'poll.invalid',
        value: 'fail',
        allowed: "'wait', or errors to wait out: there is never a second attempt"
      }
    ])
    expect(Policy.advise(failing({ waitOut: () => true }))).toEqual([])
    expect(Policy.advise(failing({ waitOutRefused: true }))).toEqual([])
  })
})

describe('pollWith', () => {
  const validating = (until: (n: number) => unknown, options: object = {}) =>
    pipe(id, Policy.pollWith(three, { until: until as (n: number) => TE.TaskEither<string, string>, ...options }))

  it('asks until the validator gives a result, which is the answer', async () => {
    const { answer, calls, leaks } = await once(
      validating((n) => (n > 2 ? TE.right(`no. ${n}`) : TE.left('too small'))),
      (time) => script(time, succeeds(1), succeeds(2), succeeds(3))
    )
    expect(answer).toEqual(E.right('no. 3'))
    expect(calls).toEqual([0, 100, 200])
    expect(leaks).toEqual(nothingLeft)
  })

  it('keeps what the validator failed with', async () => {
    const { answer, log } = await once(
      validating((n) => TE.left(`not ${n}`)),
      (time) => script(time, succeeds(1), succeeds(2))
    )
    expect(answer).toEqual(
      exhausted({
        value: O.some(2),
        error: O.some('not 2'),
        attempts: 4,
        elapsed: 300,
        reason: { _tag: 'Attempts', limit: 3 }
      })
    )
    expect(only(log, 'PollScheduled').map(({ outcome }) => outcome)).toEqual(['not 1', 'not 2', 'not 2'].map(E.left))
  })

  it('fail: what the validator fails with is the answer, the very Either', async () => {
    const left = E.left('no')
    const { answer, calls, log } = await once(
      validating(() => async () => left, { invalid: 'fail' }),
      (time) => script(time, succeeds(1))
    )
    expect(answer).toBe(left)
    expect(calls).toEqual([0])
    expect(stops(log)).toEqual(['Invalid'])
  })

  it('does not ask the validator about what failWhen ends', async () => {
    const until = jest.fn(() => TE.right('x'))
    const { answer } = await once(validating(until, { failWhen: (n: number) => n < 0 }), (time) =>
      script(time, succeeds(-1))
    )
    expect(answer).toMatchObject({ left: { reason: { _tag: 'FailWhen' } } })
    expect(until).not.toHaveBeenCalled()
  })

  it('tells the validator of an attempt of its own: signal, number, deadline', async () => {
    const time = virtual()
    const seen: Array<unknown> = []
    const signals: Array<AbortSignal> = []
    const policy = pipe(
      id,
      Policy.pollWith(three, {
        until: (n, attempt) => {
          seen.push([n, attempt.number, attempt.deadline])
          signals.push(attempt.signal)
          return n === 1 ? TE.left('no') : () => new Promise<E.Either<string, number>>(() => undefined)
        }
      }),
      Policy.deadline(500)
    )
    const runner = Runner.make(policy)(time.runtime)()
    const answer = await time.run(runner.run(script(time, succeeds(1, 10), succeeds(2, 10)).task))
    expect(answer).toEqual(exhausted({ value: O.some(2), attempts: 2, elapsed: 500, reason: { _tag: 'Deadline' } }))
    expect(seen).toEqual([
      [1, 1, 490],
      [2, 2, 380]
    ])
    expect(signals.map(({ aborted }) => aborted)).toEqual([false, true])
    // it has not settled, and counts as hanging until it does
    expect(runner.status()).toEqual({ inFlight: 0, hanging: 1, accepting: true })
  })

  it('is no attempt of the run', async () => {
    const { log } = await once(
      validating(() => TE.right('x')),
      (time) => script(time, succeeds(1))
    )
    expect(tags(log)).toEqual(['RunStarted', 'AttemptStarted', 'AttemptEnded', 'RunEnded'])
  })

  it.each<[string, () => unknown, Rejection.Defect['kind'], unknown]>([
    ['throws', () => raise('oh'), 'Thrown', 'oh'],
    ['gives no task', () => 5, 'Malformed', 5],
    ['rejects', () => () => Promise.reject('oh'), 'Rejected', 'oh'],
    ['gives no Either', () => async () => 5, 'Malformed', 5]
  ])('a validator that %s is a defect with the value', async (_name, until, kind, cause) => {
    const { answer, calls, leaks } = await once(validating(until), (time) => script(time, succeeds(7)))
    expect(answer).toEqual(E.left(defect(kind, 'pollWith.until', cause, 7)))
    expect(calls).toEqual([0])
    expect(leaks).toEqual(nothingLeft)
  })

  it('an abort ends the validator at once', async () => {
    const time = virtual()
    const caller = time.signal()
    time.after(50, () => {
      caller.abort('enough')
    })
    const runner = Runner.make(validating(() => () => new Promise(() => undefined)))(time.runtime)()
    const answer = await time.run(runner.runWith(script(time, succeeds(1, 10)).operation, { signal: caller.signal }))
    expect(answer).toEqual(E.left({ _tag: 'Aborted', by: 'caller', reason: 'enough' }))
    expect(time.now()).toBe(50)
  })

  it('a validator may call the poll off as it is asked', async () => {
    const time = virtual()
    const caller = time.signal()
    const runner = Runner.make(
      validating(() => {
        caller.abort('enough')
        return TE.right('x')
      })
    )(time.runtime)()
    const scripted = script(time, succeeds(1, 10))
    const answer = await time.run(runner.runWith(scripted.operation, { signal: caller.signal }))
    expect(answer).toMatchObject({ left: { _tag: 'Aborted' } })
    expect(await time.settle()).toEqual(nothingLeft)
    expect(runner.status()).toEqual({ inFlight: 0, hanging: 0, accepting: true })
  })

  it('shows its validator', () => {
    function isKnown() {
      return TE.right(1)
    }
    expect(Policy.show(validating(isKnown))).toBe('pollWith(constant(100ms) |> take(3), until: isKnown)\n└─ operation')
    expect(Policy.validate(validating(5 as never))).toEqual([
      { path: 'pollWith.until', value: 5, allowed: 'a function' }
    ])
  })
})

describe('known defects', () => {
  it('defect 20: a bad result after exhaustion does not look like success', async () => {
    // source: tenacity, which raises with the value
    const { answer, calls } = await once(
      pipe(Policy.id<never, boolean | null>(), Policy.poll(atOnce(2), { until: (b) => b !== null })),
      (time) => script<never, boolean | null>(time, succeeds(null))
    )
    expect(answer).toEqual(
      exhausted<null>({ value: O.some(null), attempts: 3, reason: { _tag: 'Attempts', limit: 2 } })
    )
    expect(calls).toHaveLength(3)
    for (const value of [undefined, null, 0, '', NaN]) {
      for (const until of [never, { decode: () => E.left([]) }]) {
        const bad = await once(
          pipe(Policy.id<never, unknown>(), Policy.poll(atOnce(1), { until: until as never })),
          (time) => script<never, unknown>(time, succeeds(value))
        )
        expect(bad.answer).toMatchObject({ left: { _tag: 'PollExhausted', value: O.some(value), attempts: 2 } })
      }
    }
  })

  it('defect 20: exhaustion can be told from a plain failure, and the last error is given back', async () => {
    const policy = pipe(id, Policy.poll(atOnce(2), { until: isNine, waitOut: (e) => e !== 'gone' }))
    const end = (await once(policy, (time) => script(time, fails('a'), fails('a'), fails('b')))).answer
    expect(end).toMatchObject({ left: { _tag: 'PollExhausted', value: O.none, error: O.some('b') } })
    expect((await once(policy, (time) => script(time, fails('a'), fails('gone')))).answer).toEqual(E.left('gone'))
  })

  it('defect 25: a long poll keeps nothing for each attempt that it has made', async () => {
    const time = virtual({ log: false })
    const values: Array<WeakRef<object>> = []
    let alive = -1
    const operation = async (): Promise<E.Either<object, object>> => {
      const value = { call: values.length }
      values.push(new WeakRef(value))
      // between two turns of the poll, while it runs
      if (values.length === 40_000) {
        time.after(0, () => {
          collectGarbage()
          alive = values.filter((ref) => ref.deref() !== undefined).length
        })
      }
      return values.length % 2 === 0 ? E.left(value) : E.right(value)
    }
    const policy = pipe(Policy.id<object, object>(), Policy.poll(atOnce(49_999), { until: never, waitOut: () => true }))
    await time.run(Runner.make(policy)(time.runtime)().run(operation))
    expect(values).toHaveLength(50_000)
    // the last value, the last error, and what the engine may still hold of those before
    expect(alive).toBeGreaterThanOrEqual(1)
    expect(alive).toBeLessThan(10)
  })

  it('defect 21: a poll of no further attempts ends', async () => {
    for (const schedule of [atOnce(0), Schedule.stop, pipe(Schedule.stop, Schedule.cap(10))]) {
      const { calls } = await once(pipe(id, Policy.poll(schedule, { until: never })), (time) =>
        script(time, succeeds(1))
      )
      expect(calls).toEqual([0])
    }
  })
})
