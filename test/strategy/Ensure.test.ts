import * as E from 'fp-ts/Either'
import * as TE from 'fp-ts/TaskEither'
import { pipe } from 'fp-ts/function'
import * as t from 'io-ts'
import * as D from 'io-ts/Decoder'
import { Policy, Runner, Schedule } from 'resilience-ts'
import {
  fails,
  gives,
  heeding,
  rejects,
  script,
  succeeds,
  throws,
  virtual,
  type Line,
  type VirtualRuntime
} from 'resilience-ts/testing'
import { defect, nothingLeft, only, raise } from '../support'

const once = async <E2, A2>(
  policy: Policy.Policy<string, unknown, E2, A2>,
  line: Line<string, unknown>
): Promise<{ readonly answer: E.Either<unknown, A2>; readonly time: VirtualRuntime }> => {
  const time = virtual()
  const answer = await time.run(Runner.make(policy)(time.runtime)().run(script(time, line).task))
  expect(await time.settle()).toEqual(nothingLeft)
  return { answer, time }
}
const id = Policy.id<string, unknown>()
const decoding = async (decoder: { readonly decode: (u: unknown) => E.Either<unknown, unknown> }, value: unknown) =>
  (await once(pipe(id, Policy.ensure(decoder)), succeeds(value))).answer

/** The problems of a value that does not hold, each as its path and what is allowed there. */
const problemsOf = async (
  decoder: { readonly decode: (u: unknown) => E.Either<unknown, unknown> },
  value: unknown
): Promise<unknown> => {
  const answer = await decoding(decoder, value)
  const failed = E.isLeft(answer) ? (answer.left as { readonly problems: ReadonlyArray<unknown> }) : undefined
  return failed?.problems
}

const User = t.type({ id: t.number, name: t.string })

describe('ensure with an io-ts codec', () => {
  it('lets pass what it decodes, as it decodes it', async () => {
    const NumberFromString = new t.Type<number, string, unknown>(
      'NumberFromString',
      t.number.is,
      (u, c) =>
        typeof u === 'string' && u !== '' && !Number.isNaN(Number(u)) ? t.success(Number(u)) : t.failure(u, c),
      String
    )
    expect(await decoding(NumberFromString, '42')).toEqual(E.right(42))
    expect(await decoding(t.strict({ a: t.number }), { a: 1, b: 2 })).toEqual(E.right({ a: 1 }))
  })

  it('DecodeFailed has the very value, and each problem with path, value and what is allowed', async () => {
    const value = { id: '1', name: null }
    const answer = await decoding(User, value)
    expect(answer).toEqual(
      E.left({
        _tag: 'DecodeFailed',
        value,
        problems: [
          { path: 'id', value: '1', allowed: 'number' },
          { path: 'name', value: null, allowed: 'string' }
        ]
      })
    )
    expect(E.isLeft(answer) && (answer.left as { readonly value: unknown }).value).toBe(value)
  })

  it('a value that is wrong as a whole has an empty path', async () => {
    expect(await problemsOf(User, undefined)).toEqual([
      { path: '', value: undefined, allowed: '{ id: number, name: string }' }
    ])
  })

  it('nested paths are readable', async () => {
    const Order = t.type({ items: t.array(t.type({ name: t.string })), by: t.record(t.string, User) })
    expect(
      await problemsOf(Order, { items: [{ name: 'a' }, {}, { name: 3 }], by: { ann: { id: 1 }, '7': null } })
    ).toEqual([
      { path: 'items[1].name', value: undefined, allowed: 'string' },
      { path: 'items[2].name', value: 3, allowed: 'string' },
      { path: 'by[7]', value: null, allowed: '{ id: number, name: string }' },
      { path: 'by.ann.name', value: undefined, allowed: 'string' }
    ])
  })

  it('the members of unions and intersections are no places', async () => {
    const Shape = t.type({ shape: t.union([t.literal('dot'), t.type({ radius: t.number })]) })
    expect(await problemsOf(Shape, { shape: { radius: '1' } })).toEqual([
      { path: 'shape', value: { radius: '1' }, allowed: '"dot"' },
      { path: 'shape.radius', value: '1', allowed: 'number' }
    ])
    const Both = t.intersection([User, t.type({ tags: t.array(t.string) })])
    expect(await problemsOf(Both, { id: 1, name: 'a', tags: ['x', 2] })).toEqual([
      { path: 'tags[1]', value: 2, allowed: 'string' }
    ])
    expect(await problemsOf(t.tuple([t.number, t.string]), [1, 2])).toEqual([
      { path: '[1]', value: 2, allowed: 'string' }
    ])
  })

  it('nor where something is wrapped around the union or intersection', async () => {
    interface Tree {
      readonly left: Tree | string
    }
    const Node: t.Type<Tree | string> = t.recursion('Node', () => t.union([t.string, t.type({ left: Node })]))
    expect(await problemsOf(Node, { left: { left: 5 } })).toContainEqual({
      path: 'left.left',
      value: 5,
      allowed: 'string'
    })
    for (const wrapped of [
      t.readonly(t.intersection([User, t.type({ a: t.number })])),
      t.exact(t.intersection([User, t.type({ a: t.number })])),
      t.readonly(t.exact(t.intersection([User, t.type({ a: t.number })])))
    ]) {
      expect(await problemsOf(wrapped, { id: 1, name: 'x', a: '1' })).toEqual([
        { path: 'a', value: '1', allowed: 'number' }
      ])
    }
    const branded = t.brand(
      t.union([t.type({ n: t.number }), t.type({ s: t.string })]),
      (u): u is t.Branded<{ readonly n: number } | { readonly s: string }, { readonly Some: symbol }> =>
        typeof u === 'object',
      'Some'
    )
    expect(await problemsOf(branded, { n: 'x' })).toEqual([
      { path: 'n', value: 'x', allowed: 'number' },
      { path: 's', value: undefined, allowed: 'string' }
    ])
  })

  it('says the same thing of one place only once', async () => {
    const Either = t.union([t.type({ a: t.number, b: t.string }), t.type({ a: t.number, c: t.string })])
    expect(await problemsOf(Either, { a: 'x' })).toEqual([
      { path: 'a', value: 'x', allowed: 'number' },
      { path: 'b', value: undefined, allowed: 'string' },
      { path: 'c', value: undefined, allowed: 'string' }
    ])
  })

  it('a message of the codec itself is what is allowed', async () => {
    const Positive = new t.Type<number, number, unknown>(
      'Positive',
      t.number.is,
      (u, c) => (typeof u === 'number' && u > 0 ? t.success(u) : t.failure(u, c, 'a number above zero')),
      t.identity
    )
    expect(await problemsOf(t.type({ n: Positive }), { n: -1 })).toEqual([
      { path: 'n', value: -1, allowed: 'a number above zero' }
    ])
  })

  it('does not look at failures, defects and aborts', async () => {
    const decode = jest.fn((u: unknown) => User.decode(u))
    const policy = pipe(id, Policy.ensure({ decode }))
    expect((await once(policy, fails('x'))).answer).toEqual(E.left('x'))
    expect((await once(policy, throws('oh'))).answer).toEqual(E.left(defect('Thrown', 'operation', 'oh')))
    expect((await once(policy, rejects('oh'))).answer).toEqual(E.left(defect('Rejected', 'operation', 'oh')))
    expect((await once(policy, gives(User))).answer).toEqual(E.left(defect('Malformed', 'operation', User)))
    expect(decode).not.toHaveBeenCalled()
  })
})

describe('ensure with an io-ts/Decoder', () => {
  const Item = D.struct({ name: D.string, tags: D.array(D.string) })

  it('lets pass what it decodes', async () => {
    expect(await decoding(Item, { name: 'a', tags: [], more: 1 })).toEqual(E.right({ name: 'a', tags: [] }))
  })

  it('reads its tree of errors into paths', async () => {
    expect(await problemsOf(Item, { name: 1, tags: ['x', 2, null] })).toEqual([
      { path: 'name', value: 1, allowed: 'string' },
      { path: 'tags[1]', value: 2, allowed: 'string' },
      { path: 'tags[2]', value: null, allowed: 'string' }
    ])
    expect(await problemsOf(Item, null)).toEqual([{ path: '', value: null, allowed: 'Record<string, unknown>' }])
  })

  it('unions, lazies, sums, partials and wraps are no places', async () => {
    interface Tree {
      readonly left: Tree | string
    }
    const Node: D.Decoder<unknown, Tree> = D.lazy('Node', () => D.struct({ left: D.union(D.string, Node) }))
    expect(await problemsOf(Node, { left: { left: 5 } })).toContainEqual({
      path: 'left.left',
      value: 5,
      allowed: 'string'
    })
    expect(await problemsOf(D.partial({ a: D.number }), { a: 'x' })).toEqual([
      { path: 'a', value: 'x', allowed: 'number' }
    ])
    const Sum = D.sum('type')({ A: D.struct({ type: D.literal('A'), a: D.number }) })
    expect(await problemsOf(Sum, { type: 'B' })).toEqual([{ path: 'type', value: 'B', allowed: '"A"' }])
    const wrapped = pipe(
      D.string,
      D.withMessage(() => 'a name')
    )
    expect(await problemsOf(D.struct({ name: wrapped }), { name: 1 })).toEqual([
      { path: 'name', value: 1, allowed: 'string' }
    ])
    expect(await problemsOf(D.tuple(D.string, D.number), ['a', 'b'])).toEqual([
      { path: '[1]', value: 'b', allowed: 'number' }
    ])
  })
})

describe('ensure with very many errors, or a tree of them without end', () => {
  const many = 100_000
  /** Every element is told of, each at its place. */
  const places = async (decoder: { readonly decode: (u: unknown) => E.Either<unknown, unknown> }): Promise<void> => {
    const problems = (await problemsOf(decoder, Array<string>(many).fill('x'))) as ReadonlyArray<unknown>
    expect(problems).toHaveLength(many)
    for (const index of [0, 1, many - 1]) {
      expect(problems[index]).toEqual({ path: `[${index}]`, value: 'x', allowed: 'number' })
    }
  }

  it('each keeps its path, in the order of the value', async () => {
    await places(D.array(D.number))
    await places(t.array(t.number))
  })

  it('however the tree leans', async () => {
    const index = (index: number) => ({
      _tag: 'Of',
      value: { _tag: 'Index', index, kind: 'optional', errors: { _tag: 'Leaf', actual: 'x', error: 'number' } }
    })
    const leaning = Array.from<unknown, unknown>({ length: many }, (_, i) => index(i)).reduceRight((right, left) => ({
      _tag: 'Concat',
      left,
      right
    }))
    await places({ decode: () => E.left(leaning) })
  })

  it('a part of a tree may stand in many places, but not in itself', async () => {
    const leaf = { _tag: 'Leaf', actual: 1, error: 'string' }
    const key = (key: string) => ({ _tag: 'Key', key, errors: leaf })
    const endless = { _tag: 'Concat', left: { _tag: 'Concat', left: key('a'), right: key('b') }, right: {} }
    endless.right = { _tag: 'Key', key: 'c', errors: endless }
    expect(await problemsOf({ decode: () => E.left(endless) }, 5)).toEqual([
      { path: 'a', value: 1, allowed: 'string' },
      { path: 'b', value: 1, allowed: 'string' },
      { path: 'c', value: endless, allowed: 'something else' }
    ])
  })
})

describe('ensure with a decoder of one’s own', () => {
  it.each<[string, unknown, ReadonlyArray<unknown>]>([
    ['a string', 'too short', [{ path: '', value: 5, allowed: 'too short' }]],
    ['an exception', new TypeError('no number'), [{ path: '', value: 5, allowed: 'no number' }]],
    ['nothing', undefined, [{ path: '', value: 5, allowed: 'something else' }]],
    ['null', null, [{ path: '', value: 5, allowed: 'something else' }]],
    ['an unknown tag', { _tag: 'TooShort' }, [{ path: '', value: 5, allowed: 'TooShort' }]],
    ['a record', { issues: ['a'] }, [{ path: '', value: 5, allowed: '{"issues":["a"]}' }]],
    [
      'a list of strings',
      ['a', 'b'],
      [
        { path: '', value: 5, allowed: 'a' },
        { path: '', value: 5, allowed: 'b' }
      ]
    ],
    ['a list with messages', [{ message: 'no' }], [{ path: '', value: 5, allowed: 'no' }]],
    ['an empty list', [], []]
  ])('its error may be %s', async (_name, error, problems) => {
    const answer = await decoding({ decode: () => E.left(error) }, 5)
    expect(answer).toEqual(E.left({ _tag: 'DecodeFailed', value: 5, problems }))
  })

  it('a list of errors that name their paths is read by them', async () => {
    const value = { users: [{ name: 'Ada' }, { name: 7 }], note: null }
    const errors = [
      { path: ['users', 1, 'name'], message: 'Expected a string' },
      { path: ['note', 'text'], message: 'Required' },
      { path: [], message: 'Too much' }
    ]
    const answer = await decoding({ decode: () => E.left(errors) }, value)
    expect(answer).toEqual(
      E.left({
        _tag: 'DecodeFailed',
        value,
        problems: [
          { path: 'users[1].name', value: 7, allowed: 'Expected a string' },
          { path: 'note.text', value: undefined, allowed: 'Required' },
          { path: '', value, allowed: 'Too much' }
        ]
      })
    )
  })

  it.each<[string, unknown]>([
    ['a list with null', [null]],
    ['a list with nothing', [undefined]],
    ['a context of strings', [{ context: ['a', 'b'] }]],
    ['an object without a prototype', Object.create(null)],
    ['a tree that ends nowhere', { _tag: 'Concat' }]
  ])('an error of an odd shape throws nothing: %s', async (_name, error) => {
    const answer = await decoding({ decode: () => E.left(error) }, 5)
    expect(answer).toMatchObject({ left: { _tag: 'DecodeFailed', value: 5 } })
  })

  it('is called as the method that it is', async () => {
    class Doubling {
      constructor(private readonly factor: number) {}
      decode(n: unknown): E.Either<unknown, number> {
        return E.right((n as number) * this.factor)
      }
    }
    expect(await decoding(new Doubling(2), 21)).toEqual(E.right(42))
  })

  it('may be a function too: a class with a static decode, or a predicate that can say more', async () => {
    class Id {
      constructor(readonly of: number) {}
      static decode(u: unknown): E.Either<string, Id> {
        return typeof u === 'number' ? E.right(new Id(u)) : E.left('no number')
      }
    }
    expect(await decoding(Id, 5)).toEqual(E.right(new Id(5)))
    expect(await decoding(Id, 'x')).toMatchObject({ left: { _tag: 'DecodeFailed', value: 'x' } })
    const both = Object.assign(() => true, { decode: () => E.left('no') })
    expect(await decoding(both, 5)).toMatchObject({ left: { _tag: 'DecodeFailed', value: 5 } })
  })

  it.each([[undefined], [null], [true], [{ _tag: 'Left' }], [Promise.resolve(E.right(1))], [{ success: true }]])(
    'that answers %p is malformed',
    async (value) => {
      expect(await decoding({ decode: () => value as never }, 5)).toEqual(
        E.left(defect('Malformed', 'ensure', value, 5))
      )
    }
  )

  it('that throws is a defect with both', async () => {
    expect(await decoding({ decode: () => raise('oh') }, 5)).toEqual(E.left(defect('Thrown', 'ensure', 'oh', 5)))
    expect(await decoding({ decode: () => raise(undefined) }, 5)).toEqual(
      E.left(defect('Thrown', 'ensure', undefined, 5))
    )
  })
})

describe('ensure with a refinement or predicate', () => {
  const isString = (u: unknown): u is string => typeof u === 'string'

  it('lets the very result pass if it holds', async () => {
    const time = virtual()
    const right = E.right<string, unknown>('x')
    const runner = Runner.make(pipe(id, Policy.ensure(isString)))(time.runtime)()
    expect(await time.run(runner.run(() => Promise.resolve(right)))).toBe(right)
  })

  it('EnsureFailed carries the very result', async () => {
    const value = { n: 1 }
    const { answer, time } = await once(pipe(id, Policy.ensure(isString)), succeeds(value))
    expect(answer).toEqual(E.left({ _tag: 'EnsureFailed', value }))
    expect(E.isLeft(answer) && (answer.left as { readonly value: unknown }).value).toBe(value)
    expect(only(time.log, 'ResultRefused')).toEqual([
      { _tag: 'ResultRefused', run: 1, at: 0, layer: 'ensure', error: { _tag: 'EnsureFailed', value } }
    ])
  })

  it('takes any truthy answer for yes', async () => {
    const answering = async (answer: unknown) =>
      (
        await once(
          pipe(
            id,
            Policy.ensure(() => answer as boolean)
          ),
          succeeds(1)
        )
      ).answer._tag
    expect(await answering('yes')).toBe('Right')
    expect(await answering(0)).toBe('Left')
    expect(await answering(undefined)).toBe('Left')
  })

  it('that throws is a defect with both', async () => {
    const { answer, time } = await once(
      pipe(
        id,
        Policy.ensure(() => raise('oh'))
      ),
      succeeds(5)
    )
    expect(answer).toEqual(E.left(defect('Thrown', 'ensure', 'oh', 5)))
    expect(only(time.log, 'ResultRefused')).toEqual([])
  })

  it('a retry outside sees a failure like any other', async () => {
    const time = virtual()
    const scripted = script<string, unknown>(time, succeeds('pending'), succeeds('pending'), succeeds('done'))
    const policy = pipe(
      id,
      Policy.ensure((status: unknown) => status === 'done'),
      Policy.retry(Schedule.constant(10))
    )
    expect(await time.run(Runner.make(policy)(time.runtime)().run(scripted.task))).toEqual(E.right('done'))
    expect(scripted.calls.map(({ at }) => at)).toEqual([0, 10, 20])
  })

  it.each([[undefined], [null], ['x'], [{}], [{ decode: 5 }]])('%p is impossible', (holds) => {
    const policy = pipe(id, Policy.ensure(holds as never))
    expect(Policy.validate(policy)).toEqual([
      { path: 'ensure.holds', value: holds, allowed: 'a codec or decoder, or a predicate' }
    ])
    expect(typeof Policy.show(policy)).toBe('string')
  })

  it('a decoder that cannot be read is impossible, and nothing throws', () => {
    const policy = pipe(
      id,
      Policy.ensure({
        get decode(): never {
          return raise('oh')
        }
      } as never)
    )
    expect(Policy.validate(policy).map(({ path }) => path)).toEqual(['ensure.holds'])
    expect(typeof Policy.show(policy)).toBe('string')
  })

  it('shows a codec or function by its name', () => {
    expect(Policy.show(pipe(id, Policy.ensure(User)))).toBe('ensure({ id: number, name: string })\n└─ operation')
    expect(Policy.show(pipe(id, Policy.ensure(isString)))).toBe('ensure(isString)\n└─ operation')
  })
})

describe('ensureWith', () => {
  const withValidator = (validate: (value: unknown) => TE.TaskEither<string, unknown>) =>
    pipe(id, Policy.ensureWith(validate))

  it('answers with what the validator gives', async () => {
    expect(
      (
        await once(
          withValidator((n) => TE.right({ n })),
          succeeds(7)
        )
      ).answer
    ).toEqual(E.right({ n: 7 }))
  })

  it('adds what the validator fails with, which an event says', async () => {
    const { answer, time } = await once(
      withValidator(() => TE.left('unknown')),
      succeeds(7)
    )
    expect(answer).toEqual(E.left('unknown'))
    expect(only(time.log, 'ResultRefused')).toEqual([
      { _tag: 'ResultRefused', run: 1, at: 0, layer: 'ensureWith', error: 'unknown' }
    ])
  })

  it('does not look at failures and defects', async () => {
    const validate = jest.fn(() => TE.right<string, unknown>(1))
    expect((await once(withValidator(validate), fails('x'))).answer).toEqual(E.left('x'))
    expect((await once(withValidator(validate), throws('oh'))).answer).toEqual(
      E.left(defect('Thrown', 'operation', 'oh'))
    )
    expect(validate).not.toHaveBeenCalled()
  })

  it.each<[string, unknown, ReturnType<typeof defect>]>([
    ['throws', () => raise('oh'), defect('Thrown', 'ensureWith', 'oh')],
    ['gives a task that throws', () => () => raise('oh'), defect('Thrown', 'ensureWith', 'oh')],
    ['rejects', () => () => Promise.reject('oh'), defect('Rejected', 'ensureWith', 'oh')],
    ['rejects with nothing', () => () => Promise.reject(), defect('Rejected', 'ensureWith', undefined)],
    ['gives no task', () => 5, defect('Malformed', 'ensureWith', 5)],
    ['gives no Either', () => async () => true, defect('Malformed', 'ensureWith', true)]
  ])('a validator that %s is a defect', async (_name, validate, { kind, at, cause }) => {
    const { answer, time } = await once(withValidator(validate as never), succeeds(7))
    expect(answer).toMatchObject({ left: { _tag: 'Defect', kind, at, cause } })
    expect(only(time.log, 'ResultRefused')).toEqual([])
  })

  it('a validator that hangs is ended by a timeout around it, and settles when it does', async () => {
    const time = virtual()
    const validating = script(time, succeeds(1, 500))
    const policy = pipe(
      withValidator(() => validating.task),
      Policy.timeout(100)
    )
    const runner = Runner.make(policy)(time.runtime)()
    const answer = await time.run(runner.run(script(time, succeeds(7, 30)).task))
    expect(answer).toEqual(E.left({ _tag: 'TimedOut', timeout: 100 }))
    expect(time.now()).toBe(100)
    expect(runner.status()).toEqual({ inFlight: 0, hanging: 1, accepting: true })
    expect(await time.settle()).toEqual(nothingLeft)
    expect(time.now()).toBe(530)
    expect(runner.status().hanging).toBe(0)
  })

  it.each([
    [10, 'the operation', 0],
    [50, 'the validator', 1]
  ])('an abort at %d ms ends %s', async (at, _what, validations) => {
    const time = virtual()
    const caller = time.signal()
    time.after(at, () => {
      caller.abort('enough')
    })
    const validate = jest.fn(() => script(time, succeeds(1, 500)).task)
    const scripted = script(time, heeding(succeeds(7, 30)))
    const runner = Runner.make(withValidator(validate))(time.runtime)()
    const answer = await time.run(runner.runWith(scripted.operation, { signal: caller.signal }))
    expect(answer).toEqual(E.left({ _tag: 'Aborted', by: 'caller', reason: 'enough' }))
    expect(time.now()).toBe(at)
    await time.settle()
    expect(validate).toHaveBeenCalledTimes(validations)
    expect(runner.status()).toEqual({ inFlight: 0, hanging: 0, accepting: true })
  })

  it('shows and checks the validator', () => {
    function isKnown(): TE.TaskEither<string, unknown> {
      return TE.right(1)
    }
    expect(Policy.show(withValidator(isKnown))).toBe('ensureWith(isKnown)\n└─ operation')
    expect(Policy.validate(withValidator(5 as never))).toEqual([
      { path: 'ensureWith.validate', value: 5, allowed: 'a function' }
    ])
  })
})
