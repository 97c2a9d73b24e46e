import * as E from 'fp-ts/Either'
import * as TE from 'fp-ts/TaskEither'
import { pipe } from 'fp-ts/function'
import { Policy, type Rejection, Runner } from 'resilience-ts'
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
  type Line
} from 'resilience-ts/testing'
import { defect, nothingLeft, only, raise } from '../support'

type AppError = { readonly _tag: 'NotFound'; readonly id: number } | { readonly _tag: 'Busy' }
const notFound: AppError = { _tag: 'NotFound', id: 7 }
const busy: AppError = { _tag: 'Busy' }
const isNotFound = (e: AppError): e is Extract<AppError, { readonly _tag: 'NotFound' }> => e._tag === 'NotFound'

const id = Policy.id<AppError, string>()
const once = async <E2, A2>(policy: Policy.Policy<AppError, string, E2, A2>, line: Line<AppError, string>) => {
  const time = virtual()
  const answer = await time.run(Runner.make(policy)(time.runtime)().run(script(time, line).task))
  expect(await time.settle()).toEqual(nothingLeft)
  return { answer, time }
}

type Any = Policy.Policy<AppError, string, unknown, unknown>

/** Each of the family, made to give 'else' for `NotFound`, and whether it handles `Busy`. */
const family: ReadonlyArray<readonly [name: string, policy: Any, all: boolean]> = [
  [
    'fallback',
    pipe(
      id,
      Policy.fallback(() => 'else')
    ),
    true
  ],
  [
    'fallbackW',
    pipe(
      id,
      Policy.fallbackW(() => 'else')
    ),
    true
  ],
  ['fallbackTo', pipe(id, Policy.fallbackTo('else')), true],
  [
    'fallbackWith',
    pipe(
      id,
      Policy.fallbackWith(() => TE.right('else'))
    ),
    true
  ],
  [
    'fallbackIf',
    pipe(
      id,
      Policy.fallbackIf(isNotFound, () => 'else')
    ),
    false
  ],
  [
    'fallbackIfWith',
    pipe(
      id,
      Policy.fallbackIfWith(isNotFound, () => TE.right('else'))
    ),
    false
  ],
  [
    'fallbackTag',
    pipe(
      id,
      Policy.fallbackTag('NotFound', () => 'else')
    ),
    false
  ],
  [
    'fallbackTagWith',
    pipe(
      id,
      Policy.fallbackTagWith('NotFound', () => TE.right('else'))
    ),
    false
  ]
]

describe.each(family)('%s', (name, policy, all) => {
  it('lets the very success pass', async () => {
    const time = virtual()
    const right = E.right('x')
    const runner = Runner.make(policy)(time.runtime)()
    expect(await time.run(runner.run(() => Promise.resolve(right)))).toBe(right)
    expect(only(time.log, 'FallbackUsed')).toEqual([])
  })

  it('answers what it handles, and an event says so', async () => {
    const layer = name === 'fallbackW' ? 'fallback' : name
    const { answer, time } = await once(policy, fails(notFound, 10))
    expect(answer).toEqual(E.right('else'))
    expect(only(time.log, 'FallbackUsed')).toEqual([{ _tag: 'FallbackUsed', run: 1, at: 10, layer, error: notFound }])
  })

  it(all ? 'handles every error' : 'lets the very others pass', async () => {
    const time = virtual()
    const left = E.left(busy)
    const answer = await time.run(Runner.make(policy)(time.runtime)().run(() => Promise.resolve(left)))
    if (all) {
      expect(answer).toEqual(E.right('else'))
    } else {
      expect(answer).toBe(left)
      expect(only(time.log, 'FallbackUsed')).toEqual([])
    }
  })

  it.each([
    ['throws', throws(notFound), defect('Thrown', 'operation', notFound)],
    ['rejects', rejects(notFound), defect('Rejected', 'operation', notFound)],
    ['is malformed', gives(notFound), defect('Malformed', 'operation', notFound)]
  ])('never handles an operation that %s', async (_what, line, expected) => {
    const { answer, time } = await once(policy, line)
    expect(answer).toEqual(E.left(expected))
    expect(only(time.log, 'FallbackUsed')).toEqual([])
  })

  it('never handles the abort of a caller', async () => {
    const time = virtual()
    const caller = time.signal()
    time.after(5, () => {
      caller.abort('enough')
    })
    const runner = Runner.make(policy)(time.runtime)()
    const answer = await time.run(runner.runWith(script(time, hangs).operation, { signal: caller.signal }))
    expect(answer).toEqual(E.left({ _tag: 'Aborted', by: 'caller', reason: 'enough' }))
    expect(only(time.log, 'FallbackUsed')).toEqual([])
    expect(runner.status()).toEqual({ inFlight: 0, hanging: 1, accepting: true })
  })
})

describe('what the handler is given', () => {
  it('the very error', async () => {
    const seen: Array<unknown> = []
    const see = (error: unknown): string => {
      seen.push(error)
      return 'else'
    }
    const seeing = (error: unknown): TE.TaskEither<never, string> => TE.right(see(error))
    const policies: ReadonlyArray<Any> = [
      pipe(id, Policy.fallback(see)),
      pipe(id, Policy.fallbackW(see)),
      pipe(id, Policy.fallbackWith(seeing)),
      pipe(id, Policy.fallbackIf(isNotFound, see)),
      pipe(id, Policy.fallbackIfWith(isNotFound, seeing)),
      pipe(id, Policy.fallbackTag('NotFound', see)),
      pipe(id, Policy.fallbackTagWith('NotFound', seeing))
    ]
    for (const policy of policies) await once(policy, fails(notFound))
    expect(seen).toHaveLength(policies.length)
    for (const error of seen) expect(error).toBe(notFound)
  })

  it('rejections of the layers inside', async () => {
    const { answer } = await once(
      pipe(
        id,
        Policy.timeout(10),
        Policy.fallbackTag('TimedOut', (e) => `nothing within ${String(e.timeout)}`)
      ),
      heeding(succeeds('late', 20))
    )
    expect(answer).toEqual(E.right('nothing within 10'))
  })
})

describe('fallback and fallbackTo', () => {
  it('may answer with a function, an Either or nothing, as a plain value', async () => {
    const f = (): number => 1
    expect((await once(pipe(id, Policy.fallbackTo(f)), fails(busy))).answer).toEqual(E.right(f))
    expect((await once(pipe(id, Policy.fallbackTo(undefined)), fails(busy))).answer).toEqual(E.right(undefined))
    expect(
      (
        await once(
          pipe(
            id,
            Policy.fallbackW(() => E.left(1))
          ),
          fails(busy)
        )
      ).answer
    ).toEqual(E.right(E.left(1)))
    expect(
      (
        await once(
          pipe(
            id,
            Policy.fallbackW(() => undefined)
          ),
          fails(busy)
        )
      ).answer
    ).toEqual(E.right(undefined))
  })

  it('the answer that one caller gets is not another one’s to change', async () => {
    const time = virtual()
    const runner = Runner.make(pipe(id, Policy.fallbackTo('else')))(time.runtime)()
    const first = await time.run(runner.run(script(time, fails(busy)).task))
    try {
      Object.assign(first, { right: 'changed' })
    } catch {
      // it is frozen
    }
    expect(await time.run(runner.run(script(time, fails(busy)).task))).toEqual(E.right('else'))
  })
})

describe('a handler or refinement that throws is a defect with both', () => {
  const picksThrow = (_e: AppError): _e is never => raise('ouch')
  it.each<[string, Any]>([
    [
      'fallback',
      pipe(
        id,
        Policy.fallback(() => raise('ouch'))
      )
    ],
    [
      'fallback',
      pipe(
        id,
        Policy.fallbackW(() => raise('ouch'))
      )
    ],
    [
      'fallbackIf',
      pipe(
        id,
        Policy.fallbackIf(isNotFound, () => raise('ouch'))
      )
    ],
    [
      'fallbackTag',
      pipe(
        id,
        Policy.fallbackTag('NotFound', () => raise('ouch'))
      )
    ],
    [
      'fallbackIf',
      pipe(
        id,
        Policy.fallbackIf(picksThrow, () => 'else')
      )
    ],
    [
      'fallbackIfWith',
      pipe(
        id,
        Policy.fallbackIfWith(picksThrow, () => TE.right('else'))
      )
    ]
  ])('%s', async (at, policy) => {
    expect((await once(policy, fails(notFound))).answer).toEqual(E.left(defect('Thrown', at, 'ouch', notFound)))
  })

  it('a refinement may answer with anything truthy or falsy', async () => {
    const answering = (answer: unknown) =>
      once(
        pipe(
          id,
          Policy.fallbackIf(
            (_e: AppError): _e is AppError => answer as boolean,
            () => 'else'
          )
        ),
        fails(busy)
      )
    expect((await answering('yes')).answer).toEqual(E.right('else'))
    expect((await answering(1)).answer).toEqual(E.right('else'))
    expect((await answering(undefined)).answer).toEqual(E.left(busy))
    expect((await answering(0)).answer).toEqual(E.left(busy))
  })
})

describe('fallbackTag', () => {
  it.each([[null], [undefined], ['NotFound'], [{}], [{ _tag: 'Other' }], [new Error('NotFound')]])(
    'lets %p pass',
    async (error) => {
      const time = virtual()
      const policy = pipe(
        Policy.id<unknown, string>(),
        Policy.fallbackTag('NotFound', () => 'else')
      )
      const answer = await time.run(Runner.make(policy)(time.runtime)().run(script(time, fails(error)).task))
      expect(answer).toEqual(E.left(error))
    }
  )

  it('with a tag that may be one or another answers the one that it is, and keeps the other in the type', async () => {
    const mended = (tag: AppError['_tag']): Policy.Policy<AppError, string> =>
      pipe(
        id,
        Policy.fallbackTag(tag, (e) => e._tag)
      )
    expect((await once(mended('Busy'), fails(busy))).answer).toEqual(E.right('Busy'))
    expect((await once(mended('NotFound'), fails(busy))).answer).toEqual(E.left(busy))
  })

  it('tells its handler of an error whose _tag is wider', async () => {
    const code = 7
    const wide = (_tag: 'Busy' | 'Gone') => ({ _tag, code })
    const policy = pipe(
      Policy.id<ReturnType<typeof wide>, string>(),
      Policy.fallbackTag('Gone', (e) => `${e._tag} ${String(e.code)}`)
    )
    const answer = (_tag: 'Busy' | 'Gone') => {
      const time = virtual()
      const { task } = script<ReturnType<typeof wide>, string>(time, fails(wide(_tag)))
      return time.run(Runner.make(policy)(time.runtime)().run(task))
    }
    expect(await answer('Gone')).toEqual(E.right('Gone 7'))
    expect(await answer('Busy')).toEqual(E.left(wide('Busy')))
  })
})

describe.each([
  [
    'fallbackWith',
    (
      f: (
        e: unknown,
        attempt: { readonly signal: AbortSignal; readonly number: number; readonly deadline: number }
      ) => TE.TaskEither<string, string>
    ): Any => pipe(id, Policy.fallbackWith(f))
  ],
  ['fallbackIfWith', (f): Any => pipe(id, Policy.fallbackIfWith(isNotFound, f))],
  ['fallbackTagWith', (f): Any => pipe(id, Policy.fallbackTagWith('NotFound', f))]
] as ReadonlyArray<
  readonly [
    string,
    (
      f: (
        e: unknown,
        attempt: { readonly signal: AbortSignal; readonly number: number; readonly deadline: number }
      ) => TE.TaskEither<string, string>
    ) => Any
  ]
>)('the operation of %s', (name, make) => {
  it('may fail with what it likes', async () => {
    expect(
      (
        await once(
          make(() => TE.left('no cache')),
          fails(notFound)
        )
      ).answer
    ).toEqual(E.left('no cache'))
  })

  it.each<[string, unknown, Pick<Rejection.Defect, 'kind' | 'cause'>]>([
    ['throws', () => raise('oh'), { kind: 'Thrown', cause: 'oh' }],
    ['gives a task that throws', () => () => raise('oh'), { kind: 'Thrown', cause: 'oh' }],
    ['rejects', () => () => Promise.reject('oh'), { kind: 'Rejected', cause: 'oh' }],
    ['gives no task', () => 5, { kind: 'Malformed', cause: 5 }],
    ['gives no Either', () => async () => 5, { kind: 'Malformed', cause: 5 }]
  ])('that %s is a defect', async (_what, f, expected) => {
    const { answer } = await once(make(f as never), fails(notFound))
    expect(answer).toMatchObject({ left: { _tag: 'Defect', at: name, ...expected } })
  })

  it('has an attempt of its own, with signal and deadline', async () => {
    const time = virtual()
    const first: Array<AbortSignal> = []
    const second: Array<AbortSignal> = []
    const left: Array<number> = []
    const policy = pipe(
      make((_e, attempt) => {
        second.push(attempt.signal)
        left.push(attempt.deadline)
        return heedingTask(time, attempt.signal)
      }),
      Policy.deadline(100)
    )
    const scripted = script(time, fails(notFound, 30))
    const answer = await time.run(
      Runner.make(policy)(time.runtime)().runWith((attempt) => {
        first.push(attempt.signal)
        return scripted.operation(attempt)
      })
    )
    expect(answer).toEqual(E.left({ _tag: 'DeadlineExceeded', deadline: 100 }))
    expect(left).toEqual([70])
    expect(first[0]).not.toBe(second[0])
    expect(first[0]!.aborted).toBe(false)
    expect(second[0]!.aborted).toBe(true)
  })

  it('is ended by an abort, and settles when it does', async () => {
    const time = virtual()
    const caller = time.signal()
    time.after(50, () => {
      caller.abort('enough')
    })
    const cache = script(time, succeeds('late', 100))
    const runner = Runner.make(make(() => cache.task))(time.runtime)()
    const answer = await time.run(
      runner.runWith(script(time, fails(notFound, 30)).operation, { signal: caller.signal })
    )
    expect(answer).toEqual(E.left({ _tag: 'Aborted', by: 'caller', reason: 'enough' }))
    expect(time.now()).toBe(50)
    expect(runner.status().hanging).toBe(1)
    expect(await time.settle()).toEqual(nothingLeft)
    expect(runner.status().hanging).toBe(0)
  })

  it('settles with what hangs beneath it too', async () => {
    const time = virtual()
    const policy = pipe(
      id,
      Policy.timeout(10),
      Policy.fallbackWith(() => TE.right('else'))
    )
    const runner = Runner.make(policy)(time.runtime)()
    expect(await time.run(runner.run(script(time, succeeds('late', 100)).task))).toEqual(E.right('else'))
    expect(runner.status()).toEqual({ inFlight: 0, hanging: 1, accepting: true })
    await time.settle()
    expect(runner.status().hanging).toBe(0)
  })

  it('is not handled again by the same layer', async () => {
    const f = jest.fn(() => TE.left('again'))
    await once(make(f), fails(notFound))
    expect(f).toHaveBeenCalledTimes(1)
  })
})

const heedingTask =
  (_time: unknown, signal: AbortSignal): TE.TaskEither<string, string> =>
  () =>
    new Promise((resolve) => {
      signal.addEventListener('abort', () => {
        resolve(E.left('aborted'))
      })
    })

describe('showing and checking', () => {
  function cached(): string {
    return 'else'
  }
  it('shows what it picks, and the function', () => {
    const shown = (policy: Any) => Policy.show(policy).split('\n')[0]
    expect(shown(pipe(id, Policy.fallback(cached)))).toBe('fallback(cached)')
    expect(shown(pipe(id, Policy.fallbackTo('else')))).toBe('fallbackTo("else")')
    expect(
      shown(
        pipe(
          id,
          Policy.fallbackWith(() => TE.right('x'))
        )
      )
    ).toBe('fallbackWith(<function>)')
    expect(shown(pipe(id, Policy.fallbackIf(isNotFound, cached)))).toBe('fallbackIf(isNotFound, cached)')
    expect(shown(pipe(id, Policy.fallbackTag('Busy', cached)))).toBe('fallbackTag("Busy", cached)')
  })

  it.each<[string, Any, ReadonlyArray<string>]>([
    ['fallback', pipe(id, Policy.fallback(5 as never)), ['fallback.f']],
    ['fallbackWith', pipe(id, Policy.fallbackWith(5 as never)), ['fallbackWith.f']],
    ['fallbackIf', pipe(id, Policy.fallbackIf(5 as never, 5 as never)), ['fallbackIf.picks', 'fallbackIf.f']],
    ['fallbackTag', pipe(id, Policy.fallbackTag(5 as never, 5 as never)), ['fallbackTag.tag', 'fallbackTag.f']],
    ['fallbackTo', pipe(id, Policy.fallbackTo(undefined)), []]
  ])('%s lists all that is impossible', (_name, policy, paths) => {
    expect(Policy.validate(policy).map(({ path }) => path)).toEqual(paths)
  })

  it.each<[string, Any, string]>([
    ['fallbackIf', pipe(id, Policy.fallbackIf(undefined as never, cached)), 'fallbackIf.picks'],
    ['fallbackIfWith', pipe(id, Policy.fallbackIfWith(undefined as never, cached as never)), 'fallbackIfWith.picks'],
    ['fallbackTag', pipe(id, Policy.fallbackTag(undefined as never, cached)), 'fallbackTag.tag'],
    ['fallbackTagWith', pipe(id, Policy.fallbackTagWith(undefined as never, cached as never)), 'fallbackTagWith.tag']
  ])('%s without what it picks by is impossible, as it would pick everything', (_name, policy, path) => {
    expect(Policy.validate(policy).map((problem) => problem.path)).toEqual([path])
  })
})
