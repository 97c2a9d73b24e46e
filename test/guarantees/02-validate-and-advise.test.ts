import { Policy, Rejection, Runner, Schedule } from 'resilience-ts'
import { script, succeeds, virtual } from 'resilience-ts/testing'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { type AnyPolicy, idle, nothingLeft, play, tags } from '../play'

const id = Policy.id<unknown, unknown>()
const limit = 'milliseconds, > 0, or Infinity'
const delay = 'finite milliseconds, >= 0'
const whole = 'a whole number, >= 0, or Infinity'
const optionalFunction = 'a function, or nothing'

/** Values as they come from a configuration, or from callers without types. */
const wild = <A>(value: unknown): A => value as A

const impossible: ReadonlyArray<readonly [string, () => AnyPolicy, path: string, value: unknown, allowed: string]> = [
  ...[NaN, -1, 0, -Infinity, '3', null, undefined].map(
    (ms) => [`a timeout of ${String(ms)}`, () => pipe(id, Policy.timeout(wild(ms))), 'timeout.ms', ms, limit] as const
  ),
  ...[NaN, -1, 0, '3'].map(
    (ms) =>
      [`a deadline of ${String(ms)}`, () => pipe(id, Policy.deadline(wild(ms))), 'deadline.ms', ms, limit] as const
  ),
  ...[NaN, -1, Infinity, '3'].map(
    (ms) =>
      [
        `a delay of ${String(ms)}`,
        () => pipe(id, Policy.retry(Schedule.constant(wild(ms)))),
        'retry.schedule.constant.delay',
        ms,
        delay
      ] as const
  ),
  ...[NaN, -1, 1.5, '3'].map(
    (n) =>
      [
        `${String(n)} retries`,
        () => pipe(id, Policy.retry(pipe(Schedule.forever, Schedule.take(wild(n))))),
        'retry.schedule.take.n',
        n,
        whole
      ] as const
  ),
  [
    'a grace of NaN',
    () => pipe(id, Policy.timeout(1, { grace: NaN })),
    'timeout.grace',
    NaN,
    'milliseconds, >= 0, or Infinity, or nothing'
  ],
  [
    'a reserve of -1',
    () => pipe(id, Policy.deadline(Infinity, { reserve: -1 })),
    'deadline.reserve',
    -1,
    `${delay}, or nothing`
  ],
  [
    'a reserve that is longer than the deadline',
    () => pipe(id, Policy.deadline(100, { reserve: 200 })),
    'deadline.reserve',
    200,
    'less than the deadline, 100ms'
  ],
  ['a schedule that is none', () => pipe(id, Policy.retry(wild<never>(3))), 'retry.schedule', 3, 'a Schedule'],
  [
    'a predicate that is none',
    () => pipe(id, Policy.retry(Schedule.forever, { while: wild(true) })),
    'retry.while',
    true,
    optionalFunction
  ],
  [
    'a flag that is none',
    () => pipe(id, Policy.retry(Schedule.forever, { retryRefused: wild('yes') })),
    'retry.retryRefused',
    'yes',
    'true or false, or nothing'
  ],
  ['a fallback that is no function', () => pipe(id, Policy.fallback(wild(3))), 'fallback.f', 3, 'a function'],
  [
    'an operation that is no function',
    () => pipe(id, Policy.retryOrElse(Schedule.forever, wild(3))),
    'retryOrElse.orElse',
    3,
    'a function'
  ],
  ['a map that is no function', () => pipe(id, Policy.map(wild(3))), 'map.right', 3, 'a function'],
  [
    'a codec that is none',
    () => pipe(id, Policy.ensure(wild<never>({}))),
    'ensure.holds',
    {},
    'a codec or decoder, or a predicate'
  ],
  ['a validator that is none', () => pipe(id, Policy.ensureWith(wild(3))), 'ensureWith.validate', 3, 'a function']
]

describe('guarantee 2: validate finds the impossible, advise the unwise', () => {
  describe('validate lists every impossible setting with its path and what is allowed', () => {
    for (const [name, make, path, value, allowed] of impossible) {
      it(name, () => {
        expect(Policy.validate(make())).toEqual([{ path, value, allowed }])
      })
    }

    it('all at once, outermost first', () => {
      const policy = pipe(
        id,
        Policy.timeout(NaN, { grace: -1 }),
        Policy.retry(pipe(Schedule.exponential(NaN, 0), Schedule.cap(-1), Schedule.take(1.5))),
        Policy.timeout(0)
      )
      expect(Policy.validate(policy).map(({ path }) => path)).toEqual([
        'timeout#2.ms',
        'retry.schedule.take.n',
        'retry.schedule.take.cap.ms',
        'retry.schedule.take.cap.exponential.base',
        'retry.schedule.take.cap.exponential.factor',
        'timeout.grace',
        'timeout.ms'
      ])
    })

    it('nothing, for a policy that can run', () => {
      const policy = pipe(
        id,
        Policy.timeout(Infinity, { grace: Infinity }),
        Policy.retry(pipe(Schedule.constant(0), Schedule.take(0), Schedule.within(Infinity))),
        Policy.deadline(Infinity, { reserve: 5 })
      )
      expect(Policy.validate(policy)).toEqual([])
    })
  })

  describe('running an invalid policy answers Defect and never calls the operation', () => {
    for (const [name, make, path, value, allowed] of impossible) {
      it(name, async () => {
        const played = await play(make(), [succeeds(1)])
        expect(played.answer).toEqual(
          E.left({
            _tag: 'Defect',
            kind: 'Invalid',
            at: 'policy',
            cause: undefined,
            problems: [{ path, value, allowed }],
            during: undefined
          })
        )
        expect(played).toMatchObject({ calls: [], leaks: nothingLeft, status: idle })
        expect(tags(played.log)).toEqual(['RunStarted', 'RunEnded'])
      })
    }

    it('in every way to run it', async () => {
      const time = virtual()
      const runner = Runner.make(pipe(id, Policy.timeout(-1)))(time.runtime)()
      let called = 0
      const operation = (): Promise<E.Either<unknown, unknown>> => {
        called++
        return Promise.resolve(E.right(1))
      }
      const answers = await Promise.all([
        runner.run(operation)(),
        runner.runWith(() => operation)(),
        runner
          .runReport(() => operation)()
          .then(({ result }) => result),
        runner.runReader(() => operation)(1)(),
        runner.runIO(() => E.right(++called))()
      ])
      for (const answer of answers) expect(answer).toMatchObject({ left: { _tag: 'Defect', kind: 'Invalid' } })
      expect(called).toBe(0)
      expect(runner.show).toBe('timeout(-1ms)\n└─ operation')
    })
  })

  describe('advise only warns and blocks nothing', () => {
    const unwise: ReadonlyArray<readonly [string, AnyPolicy, string]> = [
      [
        'a total timeout shorter than one attempt',
        pipe(id, Policy.timeout(1000), Policy.retry(Schedule.constant(1)), Policy.timeout(500)),
        'timeout#2.ms'
      ],
      [
        'a total timeout shorter than the deadline of one attempt',
        pipe(id, Policy.deadline(1000), Policy.retry(Schedule.constant(1)), Policy.timeout(100)),
        'timeout.ms'
      ],
      [
        'a total deadline shorter than one attempt',
        pipe(id, Policy.timeout(1000), Policy.retry(Schedule.constant(1)), Policy.deadline(100)),
        'deadline.ms'
      ],
      [
        'a total timeout shorter than one attempt with its grace',
        pipe(id, Policy.timeout(100, { grace: 1000 }), Policy.retry(Schedule.constant(1)), Policy.timeout(500)),
        'timeout#2.ms'
      ],
      [
        'a retry inside a retry',
        pipe(id, Policy.retry(Schedule.constant(1)), Policy.retry(Schedule.constant(1))),
        'retry#2.schedule'
      ],
      [
        'a retry inside a retryOrElse',
        pipe(
          id,
          Policy.retry(Schedule.constant(1)),
          Policy.retryOrElse(Schedule.constant(1), () => TE.right(0))
        ),
        'retryOrElse.schedule'
      ]
    ]
    for (const [name, policy, path] of unwise) {
      it(name, async () => {
        expect(Policy.advise(policy).map((problem) => problem.path)).toEqual([path])
        expect(Policy.validate(policy)).toEqual([])
        expect((await play(policy, [succeeds(1)])).answer).toEqual(E.right(1))
      })
    }

    it('nothing, where nothing is unwise', () => {
      const policy = pipe(id, Policy.timeout(100), Policy.retry(Schedule.constant(1)), Policy.timeout(1000))
      expect(Policy.advise(policy)).toEqual([])
    })
  })

  describe('settings are read once, guarded', () => {
    it('each once, when the policy is made', async () => {
      const reads: Record<string, number> = {}
      const counted = <A extends object>(settings: A): A =>
        new Proxy(settings, {
          get: (target, key, receiver): unknown => {
            reads[String(key)] = (reads[String(key)] ?? 0) + 1
            return Reflect.get(target, key, receiver)
          }
        })
      const policy = pipe(
        id,
        Policy.timeout(100, counted({ grace: 5 })),
        Policy.retry(Schedule.forever, counted({ while: () => true, until: () => false })),
        Policy.deadline(1000, counted({ reserve: 5 }))
      )
      const read = { ...reads }
      expect(read).toMatchObject({ grace: 1, while: 1, until: 1, reserve: 1 })
      Policy.validate(policy)
      Policy.show(policy)
      await play(policy, [succeeds(1, 10)])
      expect(reads).toEqual(read)
    })

    it('a later change of the object changes nothing', async () => {
      const options: { while: (error: unknown) => boolean } = { while: () => false }
      const timing = { grace: 0 }
      const list = [1, 2]
      const policy = pipe(
        id,
        Policy.timeout(100, timing),
        Policy.retry(Schedule.delays(list), options),
        Policy.retry(Schedule.delays(list))
      )
      const before = Policy.show(policy)
      options.while = () => true
      timing.grace = NaN
      list.push(NaN)
      expect(Policy.validate(policy)).toEqual([])
      expect(Policy.show(policy)).toBe(before)
      const time = virtual()
      const operation = script<unknown, unknown>(time, {
        _tag: 'Settles',
        after: 0,
        answer: E.left('busy'),
        heedsSignal: false
      })
      await time.run(Runner.make(policy)(time.runtime)().run(operation.task))
      expect(operation.calls.map(({ at }) => at)).toEqual([0, 1, 3])
    })

    it('a getter that throws is an impossible setting', async () => {
      const bad = {
        get grace(): number {
          throw new Error('oh')
        }
      }
      const policy = pipe(id, Policy.timeout(100, bad))
      expect(Policy.validate(policy)).toMatchObject([{ path: 'timeout.grace', value: { _tag: 'Unreadable' } }])
      const played = await play(policy, [succeeds(1)])
      expect(played.answer).toMatchObject({ left: { _tag: 'Defect', kind: 'Invalid' } })
      expect(Rejection.isDefect((played.answer as E.Left<unknown>).left)).toBe(true)
      expect(played.calls).toEqual([])
    })
  })
})
