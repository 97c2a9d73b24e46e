import { Policy, Problem, Rejection, Rule, Runner, Runtime, Schedule, type Strategy, Trip } from 'resilience-ts'
import { fails, gives, hangs, rejects, script, succeeds, throws, virtual } from 'resilience-ts/testing'
import * as E from 'fp-ts/Either'
import * as O from 'fp-ts/Option'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { type AnyPolicy, idle, type Lines, nothingLeft, play } from '../play'
import { witness } from '../witness'

const raise = (cause: unknown): never => {
  throw cause
}

const id = Policy.id<unknown, unknown>()

/** Everything around an operation that could take a bug for a failure; `used` says what was. */
const everything = (): { readonly policy: AnyPolicy; readonly used: ReadonlyArray<string> } => {
  const used: Array<string> = []
  const use =
    <A>(name: string, a: A) =>
    (): A => {
      used.push(name)
      return a
    }
  const policy = pipe(
    id,
    Policy.map(use('map', 1)),
    Policy.mapLeft(use('mapLeft', 1)),
    Policy.ensure(use('ensure', true)),
    Policy.timeout(1000),
    Policy.retry(Schedule.constant(10), { while: use('while', true) }),
    Policy.retryOrElse(Schedule.constant(10), use('orElse', TE.right(1)), { until: use('until', false) }),
    Policy.fallbackIf((e: unknown): e is 1 => use('refinement', e === 1)(), use('fallbackIf', 1)),
    Policy.fallbackWith(use('fallbackWith', TE.right(1))),
    Policy.fallback(use('fallback', 1)),
    Policy.deadline(10_000)
  )
  return { policy, used }
}

const defectOf = (answer: unknown): Rejection.Defect => {
  const either = answer as E.Either<unknown, unknown>
  if (either._tag === 'Left' && Rejection.isDefect(either.left)) return either.left
  throw new Error(`no defect: ${JSON.stringify(answer)}`)
}

class TwicePromise extends Promise<unknown> {
  first: unknown = E.right(1)
  override then<A, B>(ok?: ((value: unknown) => A | PromiseLike<A>) | null): Promise<A | B> {
    ok?.(this.first)
    ok?.(E.right(2))
    return new Promise(() => {})
  }
}

class BrokenPromise extends Promise<unknown> {
  override then(): never {
    throw 'broken then'
  }
}

const hostile = (key: string): object =>
  Object.defineProperty({}, key, { enumerable: true, get: () => raise('hostile getter') })
const revoked = (): object => {
  const { proxy, revoke } = Proxy.revocable({}, {})
  revoke()
  return proxy
}

interface Case {
  readonly name: string
  readonly lines: Lines
  readonly kind: Rejection.Defect['kind']
  readonly cause?: unknown
}

const bugs: ReadonlyArray<Case> = [
  { name: 'throws an error synchronously', lines: [throws('oh')], kind: 'Thrown', cause: 'oh' },
  { name: 'throws null', lines: [throws(null)], kind: 'Thrown', cause: null },
  { name: 'throws undefined', lines: [throws(undefined)], kind: 'Thrown', cause: undefined },
  { name: 'rejects with undefined', lines: [rejects(undefined)], kind: 'Rejected', cause: undefined },
  { name: 'rejects with null, late', lines: [rejects(null, 500)], kind: 'Rejected', cause: null },
  { name: 'gives nothing where a promise should be', lines: [gives(undefined)], kind: 'Malformed', cause: undefined },
  { name: 'gives null where a promise should be', lines: [gives(null)], kind: 'Malformed', cause: null },
  { name: 'gives a number where a promise should be', lines: [gives(42)], kind: 'Malformed', cause: 42 },
  { name: 'gives a promise of a number', lines: [gives(Promise.resolve(42))], kind: 'Malformed', cause: 42 },
  { name: 'gives a promise of nothing', lines: [gives(Promise.resolve())], kind: 'Malformed', cause: undefined },
  {
    name: 'gives a promise of half an Either',
    lines: [gives(Promise.resolve({ _tag: 'Left', right: 1 }))],
    kind: 'Malformed',
    cause: { _tag: 'Left', right: 1 }
  },
  { name: 'gives half an Either', lines: [gives({ _tag: 'Right' })], kind: 'Malformed', cause: { _tag: 'Right' } },
  {
    name: 'gives a thenable that rejects',
    lines: [gives({ then: (_: unknown, no: (cause: unknown) => void) => no('no') })],
    kind: 'Rejected',
    cause: 'no'
  },
  {
    name: 'gives a thenable that throws',
    lines: [gives({ then: () => raise('then') })],
    kind: 'Rejected',
    cause: 'then'
  },
  { name: 'gives a promise whose then throws', lines: [gives(new BrokenPromise(() => {}))], kind: 'Rejected' },
  { name: 'gives an object that throws when it is looked at', lines: [gives(hostile('_tag'))], kind: 'Thrown' },
  { name: 'gives a thenable that throws when it is looked at', lines: [gives(hostile('then'))], kind: 'Thrown' },
  { name: 'gives a proxy that throws at everything', lines: [gives(revoked())], kind: 'Thrown' },
  {
    name: 'gives a promise of an object that throws when it is looked at',
    lines: [gives(Promise.resolve(hostile('_tag')))],
    kind: 'Thrown'
  }
]

describe('guarantee 1: nothing throws, nothing rejects', () => {
  describe('an operation with a bug is a Left<Defect>, with the cause and where it arose', () => {
    for (const bug of bugs) {
      const { name, lines, kind } = bug
      it(`an operation that ${name}`, async () => {
        const played = await play(id, lines)
        const defect = defectOf(played.answer)
        expect(defect).toMatchObject({ kind, at: 'operation' })
        if ('cause' in bug) expect(defect.cause).toStrictEqual(bug.cause)
        expect(played).toMatchObject({ leaks: nothingLeft, status: idle, hanging: 0 })
      })

      it(`an operation that ${name} short-circuits every retry and fallback`, async () => {
        const { policy, used } = everything()
        const played = await play(policy, lines)
        expect(defectOf(played.answer)).toMatchObject({ kind, at: 'operation' })
        expect(used).toEqual([])
        expect(played).toMatchObject({ leaks: nothingLeft, status: idle, hanging: 0 })
        expect(played.calls).toHaveLength(1)
      })
    }

    it('an operation that does so at its second attempt', async () => {
      const { policy, used } = everything()
      const played = await play(policy, [fails('busy', 5), throws('oh')])
      expect(defectOf(played.answer)).toMatchObject({ kind: 'Thrown', cause: 'oh' })
      expect(used).toEqual(['mapLeft', 'while'])
      expect(played.leaks).toEqual(nothingLeft)
    })

    it('an operation that is no function', async () => {
      const time = virtual()
      const runner = Runner.make(id)(time.runtime)()
      for (const operation of [
        undefined,
        null,
        42,
        {},
        Promise.resolve(E.right(1))
      ] as ReadonlyArray<unknown> as ReadonlyArray<never>) {
        for (const task of [runner.run(operation), runner.runWith(operation), runner.runIO(operation)]) {
          expect(defectOf(await time.run(task))).toMatchObject({ kind: 'Malformed', at: 'operation' })
        }
        const { result } = await time.run(runner.runReport(operation))
        expect(defectOf(result)).toMatchObject({ kind: 'Malformed', at: 'operation' })
      }
      expect(runner.status()).toEqual(idle)
      expect(await time.settle()).toEqual(nothingLeft)
    })

    it('an operation that takes its attempt and gives no task', async () => {
      const time = virtual()
      const runner = Runner.make(id)(time.runtime)()
      for (const task of [undefined, null, 42, Promise.resolve(E.right(1))]) {
        const answer = await time.run(runner.runWith(() => task as never))
        expect(defectOf(answer)).toMatchObject({ kind: 'Malformed', at: 'operation', cause: task })
      }
      expect(runner.status()).toEqual(idle)
    })

    it('a Defect out of a runner inside the operation stays a Defect', async () => {
      const time = virtual()
      const inside = Runner.make(id)(time.runtime)()
      const { policy, used } = everything()
      const outside = Runner.make(policy)(time.runtime)()
      const answer = await time.run(outside.run(inside.run(() => raise('deep')) as never))
      expect(defectOf(answer)).toMatchObject({ kind: 'Thrown', at: 'operation', cause: 'deep' })
      expect(used).toEqual([])
      expect(await time.settle()).toEqual(nothingLeft)
    })
  })

  describe('an operation that does odd things, but no wrong ones, is answered as it says', () => {
    const right = E.right(1)
    const odd: ReadonlyArray<readonly [string, unknown]> = [
      ['gives its Either without a promise', right],
      ['gives a thenable that calls back at once', { then: (ok: (a: unknown) => void) => ok(right) }],
      [
        'settles twice',
        {
          then: (ok: (a: unknown) => void, no: (e: unknown) => void) => {
            ok(right)
            ok(E.right(2))
            no('no')
          }
        }
      ],
      [
        'settles, then throws',
        {
          then: (ok: (a: unknown) => void) => {
            ok(right)
            raise('after')
          }
        }
      ],
      ['is a promise that calls back at once, and twice', new TwicePromise(() => {})],
      ['gives a thenable of a thenable', { then: (ok: (a: unknown) => void) => ok(Promise.resolve(right)) }]
    ]
    for (const [name, value] of odd) {
      it(name, async () => {
        const played = await play(id, [gives(value)])
        expect(played).toMatchObject({ answer: right, leaks: nothingLeft, status: idle, hanging: 0 })
      })
    }

    it('is a promise that calls back twice: the first time counts, and it is retried once', async () => {
      const twice = Object.assign(new TwicePromise(() => {}), { first: E.left('busy') })
      const { around, breaches } = witness()
      const policy = pipe(id, around, Policy.retry(Schedule.constant(10)), around)
      const played = await play(policy, [gives(twice), fails('busy', 5), succeeds(1)])
      expect(played).toMatchObject({ answer: right, calls: [0, 10, 25], leaks: nothingLeft, status: idle })
      expect(breaches).toEqual([])
    })

    /** Promises that have a `then` of their own, and what each comes to. */
    const ownThen: ReadonlyArray<readonly [string, () => Promise<unknown>, object]> = [
      ['calls back twice, and gives a promise that never settles', () => new TwicePromise(() => {}), right],
      [
        'calls back, and gives nothing back',
        () =>
          Object.assign(Promise.resolve(), {
            then: (ok: (a: unknown) => void): void => {
              ok(right)
            }
          }),
        right
      ],
      [
        'gives itself back, and rejects',
        () => {
          const promise = Promise.reject(new Error('no'))
          promise.catch(() => {})
          const then = (_: unknown, no: (cause: unknown) => void): unknown => {
            no('no')
            return promise
          }
          return Object.assign(promise, { then })
        },
        E.left({ _tag: 'Defect', kind: 'Rejected', at: 'operation', cause: 'no' })
      ]
    ]
    for (const [name, make, expected] of ownThen) {
      it(`is a promise whose own then ${name}; by the lanes, and by frames`, async () => {
        for (const policy of [pipe(id, Policy.bulkhead(1)), pipe(id, Policy.timeout(1000), Policy.bulkhead(1))]) {
          const time = virtual({ log: false })
          const runner = Runner.make(policy)(time.runtime)()
          const answers = [await time.run(runner.run(make as never)), await time.run(runner.run(make as never))]
          for (const answer of answers) expect(answer).toMatchObject(expected)
          expect(runner.status()).toEqual(idle)
          expect(O.toNullable(Policy.bulkheadControl(runner))?.status()).toMatchObject({ active: 0, hanging: 0 })
        }
      })
    }

    it('never settles: a timeout answers, and the operation is counted as hanging', async () => {
      const played = await play(pipe(id, Policy.timeout(100)), [hangs])
      expect(played.answer).toEqual(E.left({ _tag: 'TimedOut', timeout: 100 }))
      expect(played).toMatchObject({ hanging: 1, leaks: { ...nothingLeft, operations: 1 } })
    })

    it('fails with undefined or null: a failure like any other', async () => {
      for (const error of [undefined, null]) {
        const played = await play(pipe(id, Policy.retry(pipe(Schedule.constant(1), Schedule.take(2)))), [fails(error)])
        expect(played.answer).toEqual(E.left(error))
        expect(played.calls).toHaveLength(3)
      }
    })

    it('fails with an error that throws when it is looked at', async () => {
      for (const error of [hostile('_tag'), revoked()]) {
        const retried = await play(pipe(id, Policy.retry(pipe(Schedule.constant(1), Schedule.take(2)))), [fails(error)])
        expect((retried.answer as E.Left<unknown>).left === error).toBe(true)
        expect(retried.calls).toHaveLength(3)
        const tagged = await play(
          pipe(
            id,
            Policy.fallbackTag('Gone', () => 1)
          ),
          [fails(error)]
        )
        expect((tagged.answer as E.Left<unknown>).left === error).toBe(true)
        expect(tagged).toMatchObject({ leaks: nothingLeft, status: idle })
      }
    })
  })

  describe('a callback of the user that throws is a Left<Defect>, with the cause and where it arose', () => {
    const never = (): never => raise(thrown)
    let thrown: unknown = undefined
    const forever = Schedule.constant(10)
    const busy: Lines = [fails('busy', 5)]
    const fine: Lines = [succeeds(1, 5)]
    const fullOfBugs: ReadonlyArray<readonly [string, () => AnyPolicy, Lines, at?: string]> = [
      ['retry.while', () => pipe(id, Policy.retry(forever, { while: never })), busy],
      ['retry.until', () => pipe(id, Policy.retry(forever, { until: never })), busy],
      ['retry.decide', () => pipe(id, Policy.retry(forever, { decide: never })), busy],
      ['retry.beforeRetry', () => pipe(id, Policy.retry(forever, { beforeRetry: never })), busy],
      [
        'retryOrElse.while',
        () =>
          pipe(
            id,
            Policy.retryOrElse(forever, () => TE.right(1), { while: never })
          ),
        busy
      ],
      ['retryOrElse.orElse', () => pipe(id, Policy.retryOrElse(Schedule.stop, never)), busy],
      ['poll.until', () => pipe(id, Policy.poll(forever, { until: never })), fine],
      ['poll.until (decoder)', () => pipe(id, Policy.poll(forever, { until: { decode: never } })), fine, 'poll.until'],
      ['poll.failWhen', () => pipe(id, Policy.poll(forever, { until: () => false, failWhen: never })), fine],
      ['poll.waitOut', () => pipe(id, Policy.poll(forever, { until: () => false, waitOut: never })), busy],
      ['poll.decide', () => pipe(id, Policy.poll(forever, { until: () => false, decide: never })), fine],
      ['poll.beforePoll', () => pipe(id, Policy.poll(forever, { until: () => false, beforePoll: never })), fine],
      ['pollWith.until', () => pipe(id, Policy.pollWith(forever, { until: never })), fine],
      ['retry.schedule.modify', () => pipe(id, Policy.retry(pipe(forever, Schedule.modify(never)))), busy],
      ['retry.schedule.while', () => pipe(id, Policy.retry(pipe(forever, Schedule.while(never)))), busy],
      ['retry.schedule.until', () => pipe(id, Policy.retry(pipe(forever, Schedule.until(never)))), busy],
      ['retry.schedule.contramap', () => pipe(id, Policy.retry(pipe(forever, Schedule.contramap(never)))), busy],
      ['retry.schedule.route', () => pipe(id, Policy.retry(Schedule.route(never, { a: forever }))), busy],
      ['ensure (predicate)', () => pipe(id, Policy.ensure(never)), fine, 'ensure'],
      [
        'ensure (refinement)',
        () =>
          pipe(
            id,
            Policy.ensure((_u: unknown): _u is 1 => never())
          ),
        fine,
        'ensure'
      ],
      ['ensure (decoder)', () => pipe(id, Policy.ensure({ decode: never })), fine, 'ensure'],
      ['ensureWith', () => pipe(id, Policy.ensureWith(never)), fine],
      ['fallback', () => pipe(id, Policy.fallback(never)), busy],
      ['fallback (W)', () => pipe(id, Policy.fallbackW(never)), busy, 'fallback'],
      ['fallbackWith', () => pipe(id, Policy.fallbackWith(never)), busy],
      [
        'fallbackIf (refinement)',
        () =>
          pipe(
            id,
            Policy.fallbackIf(
              (_e): _e is 1 => never(),
              () => 1
            )
          ),
        busy,
        'fallbackIf'
      ],
      [
        'fallbackIf',
        () =>
          pipe(
            id,
            Policy.fallbackIf((_e): _e is 'busy' => true, never)
          ),
        busy
      ],
      [
        'fallbackIfWith',
        () =>
          pipe(
            id,
            Policy.fallbackIfWith((_e): _e is 'busy' => true, never)
          ),
        busy
      ],
      ['fallbackTag', () => pipe(id, Policy.fallbackTag('Busy', never)), [fails({ _tag: 'Busy' }, 5)]],
      ['fallbackTagWith', () => pipe(id, Policy.fallbackTagWith('Busy', never)), [fails({ _tag: 'Busy' }, 5)]],
      ['map', () => pipe(id, Policy.map(never)), fine],
      ['mapLeft', () => pipe(id, Policy.mapLeft(never)), busy],
      [
        'bimap (left)',
        () =>
          pipe(
            id,
            Policy.bimap(never, () => 1)
          ),
        busy,
        'bimap'
      ],
      [
        'bimap (right)',
        () =>
          pipe(
            id,
            Policy.bimap(() => 1, never)
          ),
        fine,
        'bimap'
      ]
    ]
    for (const [name, make, lines, at = name] of fullOfBugs) {
      it(name, async () => {
        for (thrown of [new Error('oh'), null, undefined]) {
          const bare = await play(make(), lines)
          expect(defectOf(bare.answer)).toMatchObject({ kind: 'Thrown', at, cause: thrown })
          expect(bare).toMatchObject({ leaks: nothingLeft, status: idle, calls: [0] })
          // a bug, not a failure: nothing outside deals with it
          const { policy, used } = everything()
          const inside = await play(pipe(make() as typeof id, Policy.compose(policy as typeof id)), lines)
          expect(defectOf(inside.answer)).toMatchObject({ kind: 'Thrown', at, cause: thrown })
          expect(inside).toMatchObject({ leaks: nothingLeft, status: idle, calls: [0] })
          expect(used).toEqual([])
        }
      })
    }

    it('retry.schedule.iterate, whose function is first asked for the second delay', async () => {
      thrown = 'oh'
      const { answer, calls, leaks } = await play(pipe(id, Policy.retry(Schedule.iterate(1, never))), busy)
      expect(defectOf(answer)).toMatchObject({ kind: 'Thrown', at: 'retry.schedule.iterate', cause: 'oh' })
      expect(calls).toEqual([0, 6])
      expect(leaks).toEqual(nothingLeft)
    })

    it('keeps both what was thrown and the error that was being dealt with', async () => {
      thrown = 'oh'
      for (const [, make, lines] of fullOfBugs.slice(0, 4)) {
        expect(defectOf((await play(make(), lines)).answer)).toMatchObject({ cause: 'oh', during: 'busy' })
      }
    })

    const effects: ReadonlyArray<readonly [string, string, (effect: never) => AnyPolicy, Lines]> = [
      ['decide', 'retry.decide', (decide) => pipe(id, Policy.retry(forever, { decide })), busy],
      ['beforeRetry', 'retry.beforeRetry', (beforeRetry) => pipe(id, Policy.retry(forever, { beforeRetry })), busy],
      ['orElse', 'retryOrElse.orElse', (f) => pipe(id, Policy.retryOrElse(Schedule.stop, f)), busy],
      ['poll decide', 'poll.decide', (decide) => pipe(id, Policy.poll(forever, { until: () => false, decide })), fine],
      [
        'beforePoll',
        'poll.beforePoll',
        (beforePoll) => pipe(id, Policy.poll(forever, { until: () => false, beforePoll })),
        fine
      ],
      ['pollWith', 'pollWith.until', (until) => pipe(id, Policy.pollWith(forever, { until })), fine],
      ['ensureWith', 'ensureWith', (f) => pipe(id, Policy.ensureWith(f)), fine],
      ['fallbackWith', 'fallbackWith', (f) => pipe(id, Policy.fallbackWith(f)), busy]
    ]
    const waysToBreak: ReadonlyArray<readonly [string, () => unknown, Rejection.Defect['kind']]> = [
      ['gives no task', () => 42, 'Malformed'],
      ['gives a promise, not a task', () => Promise.resolve(), 'Malformed'],
      ['gives a task that throws', () => () => raise('oh'), 'Thrown'],
      ['gives a task that rejects', () => () => Promise.reject(undefined), 'Rejected'],
      ['gives a task that gives no promise', () => () => 42, 'Malformed'],
      ['gives a thenable that throws', () => () => ({ then: () => raise('oh') }), 'Rejected'],
      ['gives what throws when it is looked at', () => () => revoked(), 'Malformed']
    ]
    for (const [name, at, make, lines] of effects) {
      for (const [how, effect, kind] of waysToBreak) {
        it(`an effectful ${name} that ${how}`, async () => {
          const played = await play(make(effect as never), lines)
          const defect = defectOf(played.answer)
          expect(defect.at).toBe(at)
          // what is no promise and throws when looked at may be called one or the other
          if (how !== 'gives what throws when it is looked at') expect(defect.kind).toBe(kind)
          expect(played).toMatchObject({ leaks: nothingLeft, status: idle, calls: [0] })
        })
      }
    }

    it('a verdict that is none', async () => {
      for (const verdict of [undefined, null, 'Again', {}, { _tag: 'AgainAfter' }, Policy.againAfter(NaN)]) {
        const decide = () => () => Promise.resolve(verdict as Policy.Verdict)
        const played = await play(pipe(id, Policy.retry(forever, { decide })), busy)
        expect(defectOf(played.answer)).toMatchObject({ kind: 'Malformed', at: 'retry.decide', during: 'busy' })
        expect(played.leaks).toEqual(nothingLeft)
      }
    })

    it('a verdict that throws when it is looked at', async () => {
      const decide = (verdict: object) => () => () => Promise.resolve(verdict as never)
      const verdicts = [
        hostile('_tag'),
        Object.defineProperty({ _tag: 'AgainAfter' }, 'delay', { get: () => raise('oh') })
      ]
      for (const verdict of verdicts)
        for (const policy of [
          pipe(id, Policy.retry(forever, { decide: decide(verdict) }), Policy.bulkhead(1)),
          pipe(
            id,
            Policy.poll(forever, { until: () => false, waitOut: () => true, decide: decide(verdict) }),
            Policy.bulkhead(1)
          )
        ]) {
          const played = await play(policy, busy)
          expect(defectOf(played.answer)).toMatchObject({ kind: 'Thrown' })
          expect(played).toMatchObject({ leaks: nothingLeft, status: idle, calls: [0] })
        }
    })

    it('a schedule that gives no delay', async () => {
      for (const delay of [NaN, Infinity, undefined, '5']) {
        const schedule = pipe(
          forever,
          Schedule.modify(() => delay as number)
        )
        const played = await play(pipe(id, Policy.retry(schedule)), busy)
        expect(defectOf(played.answer)).toMatchObject({ at: 'retry.schedule.modify', during: 'busy' })
        expect(played.leaks).toEqual(nothingLeft)
      }
    })

    it('a decoder that gives no Either, or errors that nobody can read', async () => {
      const noEither = await play(pipe(id, Policy.ensure({ decode: () => 42 as never })), fine)
      expect(defectOf(noEither.answer)).toMatchObject({ kind: 'Malformed', at: 'ensure', cause: 42, during: 1 })
      const strange: ReadonlyArray<unknown> = [
        undefined,
        null,
        42,
        [],
        [null],
        [undefined],
        [{ context: [null] }],
        Object.create(null),
        { _tag: 'Of' }
      ]
      for (const errors of [...strange, hostile('_tag'), revoked()]) {
        const played = await play(pipe(id, Policy.ensure({ decode: () => E.left(errors) })), fine)
        expect(played.answer).toMatchObject({ _tag: 'Left' })
        expect(played).toMatchObject({ leaks: nothingLeft, status: idle })
      }
    })

    it('an observer: the outcome is what it would have been', async () => {
      const time = virtual()
      const runtime = pipe(
        time.runtime,
        Runtime.withObserver(() => raise('oh'))
      )
      const runner = Runner.make(pipe(id, Policy.retry(forever)))(runtime)()
      const operation = script<unknown, unknown>(time, fails('busy'), succeeds(1))
      expect(await time.run(runner.run(operation.task))).toEqual(E.right(1))
      expect(await time.settle()).toEqual(nothingLeft)
    })

    it('mapDefect: the answer is the defect itself', async () => {
      const time = virtual()
      const runner = pipe(
        Runner.make(id)(time.runtime)(),
        Runner.mapDefect(() => raise('in mapDefect'))
      )
      const answer = await time.run(runner.run(script(time, throws('oh')).task))
      expect(defectOf(answer)).toMatchObject({ kind: 'Thrown', at: 'operation', cause: 'oh' })
      const { result } = await time.run(runner.runReport(script(time, throws('oh')).operation))
      expect(defectOf(result)).toMatchObject({ cause: 'oh' })
    })

    it('runReader: a function of the environment', async () => {
      const time = virtual()
      const runner = Runner.make(id)(time.runtime)()
      const answer = await time.run(runner.runReader((environment: string) => raise(environment))('env'))
      expect(defectOf(answer)).toMatchObject({ kind: 'Thrown', at: 'operation', cause: 'env' })
      const malformed = await time.run(runner.runReader((_: string) => 42 as never)('env'))
      expect(defectOf(malformed)).toMatchObject({ kind: 'Thrown', at: 'operation' })
      expect(runner.status()).toEqual(idle)
    })
  })

  describe('a strategy of the user that throws is a Left<Defect>', () => {
    type Settings = object
    const passing: Strategy.Strategy<Settings> = {
      name: 'mine',
      rules: {},
      show: () => [],
      compile: (_settings, _services, inner) => inner
    }
    const around = (strategy: Partial<Strategy.Strategy<Settings>>): AnyPolicy =>
      pipe(id, Policy.around<unknown, unknown, Settings>({ ...passing, ...strategy }, {}))
    const never = (): never => raise('oh')

    const broken: ReadonlyArray<readonly [string, Partial<Strategy.Strategy<Settings>>]> = [
      ['compile', { compile: never }],
      ['compile, by giving no layer', { compile: () => undefined as never }],
      ['problems', { problems: never }],
      ['open', { compile: () => ({ open: never }) }],
      ['open, by giving no frame', { compile: () => ({ open: () => undefined as never }) }],
      ['start', { compile: () => ({ open: () => ({ start: never, abort: () => {} }) }) }]
    ]
    for (const [name, strategy] of broken) {
      it(name, async () => {
        const played = await play(around(strategy), [succeeds(1)])
        defectOf(played.answer)
        expect(played).toMatchObject({ calls: [], leaks: nothingLeft, status: idle })
      })
    }

    it('a rule', async () => {
      const rules = { n: Rule.make('a number', never) }
      const policy = pipe(id, Policy.around<unknown, unknown, { n: number }>({ ...passing, rules }, { n: 1 }))
      expect(Policy.validate(policy)).toEqual([{ path: 'mine.n', value: 1, allowed: 'a number' }])
      const played = await play(policy, [succeeds(1)])
      expect(defectOf(played.answer)).toMatchObject({ kind: 'Invalid' })
      expect(played.calls).toEqual([])
    })

    it('show and advise: the policy runs all the same', async () => {
      const policy = around({ show: never, advise: never })
      expect(Policy.show(policy)).toContain('operation')
      expect(Policy.advise(policy)).toEqual([])
      expect((await play(policy, [succeeds(1)])).answer).toEqual(E.right(1))
    })

    /** A strategy that passes everything on, but for what it throws at the second attempt. */
    const throwsIn = (place: 'open' | 'start' | 'done'): ((policy: typeof id) => typeof id) => {
      let calls = 0
      const at = (here: string): void => {
        if (here === place && calls > 1) raise(`in ${place}`)
      }
      return Policy.around<unknown, unknown, object>(
        {
          ...passing,
          compile: (_settings, _services, inner) => ({
            open: (context, up) => {
              calls++
              at('open')
              const frame = inner.open(context, {
                done: (exit, settled) => {
                  at('done')
                  up.done(exit, settled)
                },
                settled: () => {
                  up.settled()
                }
              })
              return {
                start: () => {
                  at('start')
                  frame.start()
                },
                abort: (cause) => {
                  frame.abort(cause)
                }
              }
            }
          })
        },
        {}
      )
    }
    const holders: ReadonlyArray<readonly [string, (policy: typeof id) => typeof id]> = [
      ['a permit', Policy.bulkhead(1)],
      [
        'the lease of a probe',
        Policy.circuitBreaker({ trip: Trip.consecutiveFailures(1), openFor: 1, isFailure: (e) => e === 'down' })
      ],
      ['a timer', Policy.timeout(5000)]
    ]
    for (const log of [true, false])
      for (const [held, holding] of holders)
        for (const place of ['open', 'start', 'done'] as const)
          for (const hook of [undefined, { beforeRetry: () => () => Promise.resolve() }])
            for (const delay of [0, 5])
              it(`${place}, at the second attempt after ${String(delay)} ms${hook ? ' and a hook' : ''}: ${held} is given back${log ? ', and told' : ''}`, async () => {
                const time = virtual({ log })
                const twice = pipe(Schedule.constant(delay), Schedule.take(1))
                const policy = pipe(
                  id,
                  throwsIn(place),
                  Policy.retry(twice, { ...hook, while: (e) => e === 'busy' }),
                  holding
                )
                const runner = Runner.make(policy)(time.runtime)()
                if (held.includes('probe')) {
                  expect(await time.run(runner.run(script(time, fails('down')).task))).toEqual(E.left('down'))
                  await time.advance(2)
                }
                const operation = script(time, fails('busy', 5), succeeds(1, 5))
                const answer: unknown = await time.run(runner.run(operation.task))
                expect(defectOf(answer)).toMatchObject({ kind: 'Thrown', cause: `in ${place}` })
                const at = time.now()
                expect(await time.settle()).toEqual(nothingLeft)
                expect(time.now()).toBe(at)
                expect(runner.status()).toEqual(idle)
                // whatever it holds would now be in the way
                const next: unknown = await time.run(runner.run(script(time, succeeds(1)).task))
                expect(defectOf(next)).toMatchObject({ cause: `in ${place}` })
              })

    it('abort: the caller is answered, and the other calls are aborted too', async () => {
      const time = virtual()
      const never = (): never => raise('in abort')
      const policy = around({ compile: () => ({ open: () => ({ start: () => {}, abort: never }) }) })
      const runner = Runner.make(policy)(time.runtime)()
      const fine = Runner.make(id)(time.runtime)()
      const caller = time.signal()
      const { signal } = caller
      const answers = [runner, fine, runner, fine].map((each) =>
        time.start(each.runWith(script(time, hangs).operation, { signal }))
      )
      caller.abort('gone')
      const [a, b, c, d] = await Promise.all(answers)
      expect(defectOf(a)).toMatchObject({ kind: 'Thrown', cause: 'in abort' })
      expect(defectOf(c)).toMatchObject({ kind: 'Thrown', cause: 'in abort' })
      expect([b, d]).toMatchObject([{ left: { _tag: 'Aborted' } }, { left: { _tag: 'Aborted' } }])
      expect(caller.listeners()).toBe(0)
    })
  })

  describe('options that are none are a Left<Defect>', () => {
    const bad: ReadonlyArray<readonly [string, object | null]> = [
      ['null', null],
      ['a signal that is none', { signal: 42 }],
      ['a deadline that is none', { deadline: NaN }],
      ['a key that is none', { key: 42 }],
      ['attributes that are none', { attributes: 42 }],
      ['a getter that throws', hostile('signal')],
      ['a signal that throws at everything', { signal: revoked() }]
    ]
    for (const [name, options] of bad) {
      it(name, async () => {
        const time = virtual()
        const runner = Runner.make(id)(time.runtime)()
        const operation = script(time, succeeds(1))
        const answer: unknown = await time.run(runner.runWith(operation.operation, options as never))
        expect(defectOf(answer)).toMatchObject({ kind: 'Invalid', at: 'options' })
        const report = await time.run(runner.runReport(operation.operation, options as never))
        expect(defectOf(report.result)).toMatchObject({ kind: 'Invalid', at: 'options' })
        expect(operation.calls).toEqual([])
        expect(runner.status()).toEqual(idle)
      })
    }

    it('a signal whose listeners cannot be removed: the caller is answered', async () => {
      const time = virtual()
      const runner = Runner.make(pipe(id, Policy.retry(pipe(Schedule.constant(1), Schedule.take(1)))))(time.runtime)()
      const operation = script(time, succeeds(1, 5))
      const signal = { aborted: false, addEventListener: () => {}, removeEventListener: () => raise('oh') }
      expect(await time.run(runner.runWith(operation.operation, { signal: signal as never }))).toEqual(E.right(1))
      expect(runner.status()).toEqual(idle)
      const mute: unknown = await time.run(
        runner.runWith(operation.operation, { signal: { aborted: false, addEventListener: () => {} } as never })
      )
      expect(defectOf(mute)).toMatchObject({ kind: 'Invalid', at: 'options' })
    })

    it('a signal whose reason throws: the caller is called off all the same', async () => {
      const time = virtual()
      const runner = Runner.make(pipe(id, Policy.timeout(1000)))(time.runtime)()
      let abort = (): void => {}
      const signal = Object.defineProperty(
        { aborted: false, addEventListener: (_: string, f: () => void) => (abort = f), removeEventListener: () => {} },
        'reason',
        { get: () => raise('oh') }
      )
      const answer = time.start(runner.runWith(script(time, hangs).operation, { signal: signal as never }))
      await time.advance(1)
      abort()
      expect(await answer).toEqual(E.left({ _tag: 'Aborted', by: 'caller', reason: undefined }))
    })

    it('a signal whose listeners cannot be added', async () => {
      const time = virtual()
      const runner = Runner.make(id)(time.runtime)()
      const operation = script(time, succeeds(1))
      const signal = { aborted: false, addEventListener: () => raise('oh'), removeEventListener: () => {} }
      const answer: unknown = await time.run(runner.runWith(operation.operation, { signal: signal as never }))
      expect(defectOf(answer)).toMatchObject({ kind: 'Thrown', cause: 'oh' })
      expect(operation.calls).toEqual([])
      expect(runner.status()).toEqual(idle)
    })
  })

  it('a clock that throws, while somebody listens: the caller is answered', async () => {
    for (const reads of [0, 1, 2, 3, 4]) {
      const time = virtual()
      let left = reads
      const now = (): number => (left-- > 0 ? time.now() : raise('no time'))
      const runtime = { ...time.runtime, clock: { ...time.runtime.clock, now } }
      const runner = Runner.make(id)(runtime)()
      const answer: unknown = await time.run(runner.run(script(time, succeeds(1)).task))
      expect(['Left', 'Right']).toContain((answer as E.Either<unknown, unknown>)._tag)
      expect(runner.status()).toEqual(idle)
    }
  })

  it('constructors are total', () => {
    const wild: ReadonlyArray<never> = [
      undefined,
      null,
      NaN,
      -1,
      '3',
      {},
      [],
      Symbol('s'),
      5n,
      hostile('grace'),
      revoked()
    ] as never
    for (const value of wild) {
      const policies: ReadonlyArray<AnyPolicy> = [
        pipe(id, Policy.timeout(value)),
        pipe(id, Policy.timeout(1, value)),
        pipe(id, Policy.timeout(1, { grace: value })),
        pipe(id, Policy.deadline(value)),
        pipe(id, Policy.deadline(1, value)),
        pipe(id, Policy.deadline(1, { reserve: value })),
        pipe(id, Policy.retry(value)),
        pipe(id, Policy.retry(Schedule.constant(value))),
        pipe(id, Policy.retry(Schedule.forever, value)),
        pipe(id, Policy.retry(Schedule.forever, { while: value, decide: value })),
        pipe(id, Policy.retryOrElse(Schedule.forever, value)),
        pipe(id, Policy.circuitBreaker(value)),
        pipe(id, Policy.circuitBreaker({ trip: value, openFor: value, ramp: value, perKey: value })),
        pipe(id, Policy.circuitBreaker({ trip: Trip.anyOf(value, Trip.allOf(value)), openFor: 1 })),
        pipe(id, Policy.circuitBreaker({ trip: Trip.countWindow(value, value), openFor: 1 })),
        pipe(id, Policy.circuitBreaker({ trip: Trip.failuresWithin(value, value), openFor: 1 })),
        pipe(id, Policy.fallback(value)),
        pipe(id, Policy.fallbackTo(value)),
        pipe(id, Policy.fallbackWith(value)),
        pipe(id, Policy.fallbackTag(value, value)),
        pipe(id, Policy.fallbackIf(value, value)),
        pipe(id, Policy.ensure(value)),
        pipe(id, Policy.ensureWith(value)),
        pipe(id, Policy.map(value)),
        pipe(id, Policy.mapLeft(value)),
        pipe(id, Policy.bimap(value, value))
      ]
      for (const policy of policies) {
        for (const problem of [...Policy.validate(policy), ...Policy.advise(policy)]) {
          expect(typeof Problem.show(problem)).toBe('string')
        }
        expect(typeof Policy.show(policy)).toBe('string')
        expect(typeof Runner.make(policy)(virtual().runtime)().show).toBe('string')
      }
    }
  })

  it('errors that are expected come in by TE.tryCatch', async () => {
    const time = virtual()
    const runner = Runner.make(pipe(id, Policy.retry(pipe(Schedule.constant(1), Schedule.take(2)))))(time.runtime)()
    let calls = 0
    const operation = TE.tryCatch(
      () => {
        calls++
        return Promise.reject('expected')
      },
      (cause) => ({ cause })
    )
    expect(await time.run(runner.run(operation))).toEqual(E.left({ cause: 'expected' }))
    expect(calls).toBe(3)
  })

  it('one combinator maps a Defect into the caller’s own error', async () => {
    const time = virtual()
    const runner = pipe(
      Runner.make(id)(time.runtime)(),
      Runner.mapDefect(({ at, cause }) => ({ at, cause }))
    )
    expect(await time.run(runner.run(script(time, throws('oh')).task))).toEqual(
      E.left({ at: 'operation', cause: 'oh' })
    )
    expect(await time.run(runner.run(script(time, fails('busy')).task))).toEqual(E.left('busy'))
  })
})
