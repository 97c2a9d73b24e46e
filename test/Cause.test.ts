import * as E from 'fp-ts/Either'
import * as O from 'fp-ts/Option'
import { pipe } from 'fp-ts/function'
import fc from 'fast-check'
import { Cause, Policy, Rejection, Runner, Schedule } from 'resilience-ts'
import { fails, script, succeeds, virtual } from 'resilience-ts/testing'
import { defect, raise } from './support'

const is = (wanted: unknown) => (u: unknown) => u === wanted

describe('Cause', () => {
  const root = new RangeError('root')

  it.each<[string, unknown]>([
    ['the error itself', root],
    ['cause', new Error('oh', { cause: root })],
    ['cause of cause', new Error('oh', { cause: new Error('no', { cause: root }) })],
    ['errors', new AggregateError([1, new Error('a'), root])],
    ['error', { error: root }],
    ['suppressed', { suppressed: root }],
    ['the cause of a Defect', Rejection.defect('Thrown', 'operation', root)],
    ['what a Defect dealt with', Rejection.defect('Thrown', 'retry.while', 'oh', root)],
    [
      'an Exhausted',
      { _tag: 'Exhausted', error: root, attempts: 1, elapsed: 0, reason: { _tag: 'Never' }, errors: [] }
    ],
    ['the errors of an Exhausted', { _tag: 'Exhausted', error: 'last', errors: [root, 'last'] }],
    ['a PollExhausted', { _tag: 'PollExhausted', value: O.none, error: O.some(root) }],
    ['an Aborted', { _tag: 'Aborted', by: 'caller', reason: root }],
    ['an Aborted in an Aborted', { _tag: 'Aborted', by: 'caller', reason: { _tag: 'Aborted', reason: root } }],
    ['a cause on a function', Object.assign(() => 1, { cause: root })]
  ])('looks at %s', (_name, error) => {
    expect(Cause.exists(is(root))(error)).toBe(true)
    expect(Cause.find(is(root))(error)).toEqual(O.some(root))
    expect(Cause.toArray(error)).toContain(root)
    expect(Cause.exists(is('nothing like it'))(error)).toBe(false)
    expect(Cause.find(is('nothing like it'))(error)).toEqual(O.none)
  })

  it('does not take for a cause what is none', () => {
    const stop = { _tag: 'Deadline' }
    expect(Cause.toArray({ _tag: 'Exhausted', error: 'x', reason: stop, errors: [] })).not.toContain(stop)
    expect(Cause.toArray({ value: root })).not.toContain(root)
    expect(Cause.toArray({ errors: 'abc' })).toHaveLength(1)
    expect(Cause.toArray('x')).toEqual(['x'])
    expect(Cause.toArray(undefined)).toEqual([undefined])
    expect(Cause.toArray(null)).toEqual([null])
  })

  it('gives each once, the nearest first', () => {
    const shared = { name: 'shared' }
    const error = { cause: { cause: shared, name: 'a' }, errors: [shared, { name: 'b' }] }
    expect(Cause.toArray(error).slice(1)).toEqual([error.cause, shared, { name: 'b' }])
  })

  it('survives cycles', () => {
    const a: Record<string, unknown> = { name: 'a' }
    const b = { cause: a, errors: [a, root] }
    a['cause'] = b
    a['error'] = a
    expect(Cause.exists(is(root))(a)).toBe(true)
    expect(Cause.exists(is('no'))(a)).toBe(false)
    expect(Cause.toArray(a)).toHaveLength(3)
  })

  it('survives fields that throw, and what throws whatever is asked', () => {
    const broken = {
      get cause(): never {
        return raise('no')
      },
      error: new Proxy(
        {},
        {
          get: () => raise('no'),
          has: () => raise('no')
        }
      ),
      errors: [root]
    }
    expect(Cause.exists(is(root))(broken)).toBe(true)
    const revoked = Proxy.revocable([], {})
    revoked.revoke()
    expect(Cause.toArray({ errors: revoked.proxy })).toHaveLength(1)
  })

  it('survives any depth', () => {
    const chain = (depth: number): unknown => {
      let error: unknown = root
      for (let i = 0; i < depth; i++) error = { cause: error }
      return error
    }
    expect(Cause.exists(is(root))(chain(100_000))).toBe(true)
    expect(Cause.toArray(chain(100_000))).toHaveLength(100_001)
  })

  it('comes to an end where the chain has none', () => {
    const endless = (): object => ({
      get cause() {
        return endless()
      }
    })
    expect(Cause.exists(is(root))(endless())).toBe(false)
    expect(Cause.toArray({ errors: Array.from({ length: 300_000 }, (_, i) => ({ i })) })).toHaveLength(250_000)
  })

  it('finds by a refinement', () => {
    const isRange = (u: unknown): u is RangeError => u instanceof RangeError
    const found: O.Option<RangeError> = Cause.find(isRange)(new Error('oh', { cause: root }))
    expect(found).toEqual(O.some(root))
  })

  it('finds what any tree has, wherever it stands', () => {
    const { tree } = fc.letrec<{ tree: object; list: object }>((tie) => ({
      tree: fc.oneof(
        { depthSize: 'small' },
        fc.constant({}),
        fc.record({ cause: tie('tree') }),
        fc.record({ error: tie('tree'), suppressed: tie('tree') }),
        tie('list')
      ),
      list: fc.record({ errors: fc.array(tie('tree'), { maxLength: 3 }) })
    }))
    fc.assert(
      fc.property(tree, fc.nat(), (error, n) => {
        const all = Cause.toArray(error)
        const wanted = all[n % all.length]
        expect(Cause.find(is(wanted))(error)).toEqual(O.some(wanted))
        expect(new Set(all).size).toBe(all.length)
      })
    )
  })

  it('serves as the while of a retry', async () => {
    const time = virtual()
    const isReset = (u: unknown) => u instanceof Error && u.message === 'ECONNRESET'
    const policy = pipe(
      Policy.id<Error, number>(),
      Policy.retry(pipe(Schedule.constant(10), Schedule.take(3)), { while: Cause.exists(isReset) })
    )
    const { run } = Runner.make(policy)(time.runtime)()
    const reset = new Error('no user', { cause: new Error('fetch failed', { cause: new Error('ECONNRESET') }) })
    const other = new Error('no user')
    expect(await time.run(run(script(time, fails(reset), succeeds(1)).task))).toEqual(E.right(1))
    expect(await time.run(run(script(time, fails(other), succeeds(1)).task))).toEqual(E.left(other))
  })

  it('throws what its predicate throws, which a policy makes a defect of', async () => {
    expect(() => Cause.exists(() => raise('oh'))('x')).toThrow('oh')
    const time = virtual()
    const policy = pipe(
      Policy.id<string, never>(),
      Policy.retry(Schedule.forever, { while: Cause.exists(() => raise('oh')) })
    )
    const answer = await time.run(Runner.make(policy)(time.runtime)().run(script(time, fails('x')).task))
    expect(answer).toEqual(E.left(defect('Thrown', 'retry.while', 'oh', 'x')))
  })
})
