import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import { Policy, Runner, Schedule } from 'resilience-ts'
import { fails, hangs, script, succeeds, throws, virtual, type Line } from 'resilience-ts/testing'
import { defect, nothingLeft, raise } from '../support'

const once = async <E2, A2>(policy: Policy.Policy<string, number, E2, A2>, line: Line<string, number>) => {
  const time = virtual()
  const answer = await time.run(Runner.make(policy)(time.runtime)().run(script(time, line).task))
  expect(await time.settle()).toEqual(nothingLeft)
  return answer
}
const id = Policy.id<string, number>()
const broken = E.left(defect('Thrown', 'operation', 'oh'))

describe.each([
  [
    'map',
    pipe(
      id,
      Policy.map((n) => n + 1)
    ),
    E.right(2),
    E.left('x')
  ],
  [
    'mapLeft',
    pipe(
      id,
      Policy.mapLeft((e) => e + e)
    ),
    E.right(1),
    E.left('xx')
  ],
  [
    'bimap',
    pipe(
      id,
      Policy.bimap(
        (e) => e + e,
        (n) => n + 1
      )
    ),
    E.right(2),
    E.left('xx')
  ],
  ['Functor.map', Policy.Functor.map(id, (n) => n + 1), E.right(2), E.left('x')],
  ['Bifunctor.mapLeft', Policy.Bifunctor.mapLeft(id, (e) => e + e), E.right(1), E.left('xx')],
  [
    'Bifunctor.bimap',
    Policy.Bifunctor.bimap(
      id,
      (e) => e + e,
      (n) => n + 1
    ),
    E.right(2),
    E.left('xx')
  ]
])('%s', (_name, policy, right, left) => {
  it('changes a success', async () => {
    expect(await once(policy, succeeds(1))).toEqual(right)
  })

  it('changes a failure', async () => {
    expect(await once(policy, fails('x'))).toEqual(left)
  })

  it('does not touch a defect', async () => {
    expect(await once(policy, throws('oh'))).toEqual(broken)
  })

  it('does not touch the abort of a caller', async () => {
    const time = virtual()
    const caller = time.signal()
    time.after(5, () => {
      caller.abort('enough')
    })
    const runner = Runner.make(policy)(time.runtime)()
    const answer = await time.run(runner.runWith(script(time, hangs).operation, { signal: caller.signal }))
    expect(answer).toEqual(E.left({ _tag: 'Aborted', by: 'caller', reason: 'enough' }))
    expect(runner.status()).toEqual({ inFlight: 0, hanging: 1, accepting: true })
  })
})

describe('a function that throws is a defect with both', () => {
  it.each([
    [
      'map',
      pipe(
        id,
        Policy.map(() => raise('ouch'))
      ),
      succeeds(1),
      1
    ],
    [
      'mapLeft',
      pipe(
        id,
        Policy.mapLeft(() => raise('ouch'))
      ),
      fails('x'),
      'x'
    ],
    [
      'bimap',
      pipe(
        id,
        Policy.bimap(
          () => raise('ouch'),
          () => 1
        )
      ),
      fails('x'),
      'x'
    ],
    [
      'bimap',
      pipe(
        id,
        Policy.bimap(
          () => 1,
          () => raise('ouch')
        )
      ),
      succeeds(1),
      1
    ]
  ])('%s', async (at, policy, line, during) => {
    expect(await once<unknown, unknown>(policy, line)).toEqual(E.left(defect('Thrown', at, 'ouch', during)))
  })

  it('which a retry outside does not retry', async () => {
    const f = jest.fn(() => raise('ouch'))
    expect(await once(pipe(id, Policy.mapLeft(f), Policy.retry(Schedule.forever)), fails('x'))).toEqual(
      E.left(defect('Thrown', 'mapLeft', 'ouch', 'x'))
    )
    expect(f).toHaveBeenCalledTimes(1)
  })
})

describe('map and mapLeft', () => {
  it('may give undefined, or an Either, as a plain value', async () => {
    expect(
      await once(
        pipe(
          id,
          Policy.map(() => undefined)
        ),
        succeeds(1)
      )
    ).toEqual(E.right(undefined))
    expect(
      await once(
        pipe(
          id,
          Policy.map(() => E.left('no'))
        ),
        succeeds(1)
      )
    ).toEqual(E.right(E.left('no')))
    expect(
      await once(
        pipe(
          id,
          Policy.mapLeft(() => undefined)
        ),
        fails('x')
      )
    ).toEqual(E.left(undefined))
  })

  it('change rejections too', async () => {
    const time = virtual()
    const policy = pipe(
      id,
      Policy.timeout(10),
      Policy.mapLeft((e) => (typeof e === 'string' ? e : `nothing within ${e.timeout}`))
    )
    const answer = await time.run(Runner.make(policy)(time.runtime)().run(script(time, succeeds(1, 20)).task))
    expect(answer).toEqual(E.left('nothing within 10'))
  })

  it('settle with what is beneath', async () => {
    const time = virtual()
    const policy = pipe(id, Policy.timeout(10), Policy.mapLeft(String), Policy.map(String))
    const runner = Runner.make(policy)(time.runtime)()
    await time.run(runner.run(script(time, succeeds(1, 20)).task))
    expect(runner.status().hanging).toBe(1)
    await time.settle()
    expect(runner.status().hanging).toBe(0)
  })

  it('show their functions by name', () => {
    function half(n: number): number {
      return n / 2
    }
    expect(Policy.show(pipe(id, Policy.map(half)))).toBe('map(half)\n└─ operation')
    expect(Policy.show(pipe(id, Policy.bimap(String, half)))).toBe('bimap(String, half)\n└─ operation')
    expect(Policy.show(pipe(id, Policy.mapLeft(String)))).toBe('mapLeft(String)\n└─ operation')
  })

  it.each([
    ['map.right', pipe(id, Policy.map(5 as never))],
    ['mapLeft.left', pipe(id, Policy.mapLeft(5 as never))],
    ['bimap.left', pipe(id, Policy.bimap(5 as never, String))],
    ['bimap.right', pipe(id, Policy.bimap(String, 5 as never))]
  ])('%s must be a function', (path, policy) => {
    expect(Policy.validate(policy as Policy.Policy<string, number, unknown, unknown>)).toMatchObject([
      { path, value: 5 }
    ])
  })

  it.each([
    ['map.right', pipe(id, Policy.map(undefined as never))],
    ['mapLeft.left', pipe(id, Policy.mapLeft(undefined as never))]
  ])('%s must be there', (path, policy) => {
    expect(Policy.validate(policy as Policy.Policy<string, number, unknown, unknown>).map((p) => p.path)).toEqual([
      path
    ])
  })
})
