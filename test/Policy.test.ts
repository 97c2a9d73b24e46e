import { pipe, flow } from 'fp-ts/function'
import { concatAll } from 'fp-ts/Monoid'
import * as E from 'fp-ts/Either'
import * as TE from 'fp-ts/TaskEither'
import { Policy, Rejection, Rule, Runner, Runtime, Schedule, type Strategy } from 'resilience-ts'
import { fails, hangs, script, succeeds, virtual } from 'resilience-ts/testing'
import { defect, nothingLeft, only, raise } from './support'

const id = Policy.id<string, number>()
const three = pipe(Schedule.constant(100), Schedule.take(3))

describe('id and compose', () => {
  it('id adds no layer', async () => {
    const time = virtual()
    expect(id.layers).toEqual([])
    expect(Policy.show(id)).toBe('operation')
    const either = E.right(1)
    expect(await time.run(Runner.make(id)(time.runtime)().run(() => Promise.resolve(either)))).toBe(either)
  })

  it('compose puts one policy around another', () => {
    const inner = pipe(id, Policy.timeout(5), Policy.mapLeft(String))
    const outer = pipe(id, Policy.retry(three))
    expect(Policy.names(pipe(inner, Policy.compose(outer)))).toEqual(['timeout', 'mapLeft', 'retry'])
  })

  it('the monoid concatenates inner and outer', () => {
    const { concat, empty } = Policy.getMonoid<string, number>()
    const [a, b] = [
      pipe(id, Policy.retry(three)),
      pipe(
        id,
        Policy.map((n) => n + 1)
      )
    ]
    expect(Policy.names(concat(a, b))).toEqual(['retry', 'map'])
    expect(Policy.show(concat(a, empty))).toBe(Policy.show(a))
    expect(Policy.show(concat(empty, a))).toBe(Policy.show(a))
    expect(Policy.names(concatAll(Policy.getMonoid<string, number>())([a, b, a]))).toEqual(['retry', 'map', 'retry#2'])
  })

  it('a combinator makes a new policy, and changes none', () => {
    const before = pipe(id, Policy.timeout(5))
    const after = pipe(before, Policy.timeout(6))
    expect(Policy.names(before)).toEqual(['timeout'])
    expect(Policy.names(after)).toEqual(['timeout', 'timeout#2'])
  })
})

describe('names', () => {
  it('counts each name from within', () => {
    const policy = pipe(
      id,
      Policy.retry(three),
      Policy.timeout(5),
      Policy.retry(three),
      Policy.timeout(6),
      Policy.retry(three)
    )
    expect(Policy.names(policy)).toEqual(['retry', 'timeout', 'retry#2', 'timeout#2', 'retry#3'])
  })
})

describe('validate', () => {
  it('finds nothing where all is well', () => {
    expect(Policy.validate(pipe(id, Policy.timeout(5), Policy.retry(three), Policy.deadline(10)))).toEqual([])
  })

  it('lists all problems at once, outermost first, each by its path', () => {
    const policy = pipe(
      id,
      Policy.timeout(NaN, { grace: -1 }),
      Policy.retry(pipe(Schedule.exponential(-1), Schedule.take(1.5))),
      Policy.ensure('no' as never),
      Policy.retry(5 as never, { while: 'x' as never }),
      Policy.deadline(10, { reserve: 10 })
    )
    expect(Policy.validate(policy)).toEqual([
      { path: 'deadline.reserve', value: 10, allowed: 'less than the deadline, 10ms' },
      { path: 'retry#2.while', value: 'x', allowed: 'a function, or nothing' },
      { path: 'retry#2.schedule', value: 5, allowed: 'a Schedule' },
      { path: 'ensure.holds', value: 'no', allowed: 'a codec or decoder, or a predicate' },
      { path: 'retry.schedule.take.n', value: 1.5, allowed: 'a whole number, >= 0, or Infinity' },
      { path: 'retry.schedule.take.exponential.base', value: -1, allowed: 'finite milliseconds, >= 0' },
      { path: 'timeout.grace', value: -1, allowed: 'milliseconds, >= 0, or Infinity, or nothing' },
      { path: 'timeout.ms', value: NaN, allowed: 'milliseconds, > 0, or Infinity' }
    ])
  })

  it('a runner of such a policy answers with all of them, and calls nothing', async () => {
    const policy = pipe(id, Policy.timeout(NaN), Policy.retry(5 as never))
    const operation = jest.fn(TE.right(1))
    const answer = await Runner.make(policy)(virtual().runtime)().run(operation)()
    expect(answer).toEqual(E.left({ ...defect('Invalid', 'policy', undefined), problems: Policy.validate(policy) }))
    expect(operation).not.toHaveBeenCalled()
  })
})

describe('advise', () => {
  it('lists what is unwise, outermost first, and blocks nothing', async () => {
    const policy = pipe(id, Policy.timeout(100), Policy.retry(three), Policy.timeout(50), Policy.retry(three))
    expect(Policy.advise(policy).map(({ path }) => path)).toEqual(['retry#2.schedule', 'timeout#2.ms'])
    expect(Policy.validate(policy)).toEqual([])
    const time = virtual()
    expect(await time.run(Runner.make(policy)(time.runtime)().run(script(time, succeeds(1, 10)).task))).toEqual(
      E.right(1)
    )
  })
})

describe('show', () => {
  it('nests, outermost first, with every setting', () => {
    function isBusy(e: unknown): boolean {
      return e === 'busy'
    }
    const policy = pipe(
      id,
      Policy.ensure((n: number) => n > 0),
      Policy.timeout(2500, { grace: 10 }),
      Policy.retry(pipe(Schedule.exponential(100), Schedule.jittered, Schedule.take(4)), { while: isBusy }),
      Policy.deadline(90_000, { reserve: 5 }),
      Policy.fallbackTo(0)
    )
    expect(Policy.show(policy)).toBe(
      [
        'fallbackTo(0)',
        '└─ deadline(1m 30s, reserve: 5ms)',
        '   └─ retry(exponential(100ms, factor 2) |> jittered |> take(4), while: isBusy)',
        '      └─ timeout(2.5s, grace: 10ms)',
        '         └─ ensure(<function>)',
        '            └─ operation'
      ].join('\n')
    )
    expect(Runner.make(policy)(virtual().runtime)().show).toBe(Policy.show(policy))
  })

  it('shows wrong settings too', () => {
    expect(Policy.show(pipe(id, Policy.timeout('5' as never)))).toBe('timeout("5")\n└─ operation')
    expect(Policy.show(pipe(id, Policy.retry(5 as never)))).toBe('retry(<not a schedule>)\n└─ operation')
  })
})

describe('settings', () => {
  it('are read once', async () => {
    let reads = 0
    const options = {
      get while() {
        reads++
        return () => true
      }
    }
    const again = Policy.retry(pipe(Schedule.forever, Schedule.take(2)), options)
    const policy = pipe(id, again)
    Policy.validate(policy)
    Policy.show(policy)
    const time = virtual()
    const runner = Runner.make(policy)(time.runtime)()
    await time.run(runner.run(script(time, fails('x')).task))
    await time.run(runner.run(script(time, fails('x')).task))
    Policy.validate(pipe(id, again))
    expect(reads).toBe(1)
  })

  it.each<[string, (options: never) => Policy.Policy<string, number, unknown, unknown>, object, object]>([
    ['retry', (options) => pipe(id, Policy.retry(three, options)), { while: String }, { while: 5 }],
    [
      'retryOrElse',
      (options) =>
        pipe(
          id,
          Policy.retryOrElse(three, () => TE.right(1), options)
        ),
      {},
      { until: 5 }
    ],
    ['timeout', (options) => pipe(id, Policy.timeout(5, options)), { grace: 1 }, { grace: NaN }],
    ['deadline', (options) => pipe(id, Policy.deadline(5, options)), { reserve: 1 }, { reserve: NaN }]
  ])('of %s: a later change of the object changes nothing', (_name, make, options, change) => {
    const policy = make(options as never)
    const shown = Policy.show(policy)
    Object.assign(options, change)
    expect(Policy.validate(policy)).toEqual([])
    expect(Policy.show(policy)).toBe(shown)
  })

  it('nor between making a combinator and applying it', () => {
    const options: { grace?: number; reserve?: number; while?: unknown } = {}
    const combinators = [
      Policy.timeout(5, options),
      Policy.deadline(5, options),
      Policy.retry(three, options as Policy.RetryOptions<unknown>)
    ]
    Object.assign(options, { grace: NaN, reserve: NaN, while: 5 })
    for (const combinator of combinators) {
      expect(Policy.validate((combinator as (policy: unknown) => typeof id)(id))).toEqual([])
    }
  })

  it.each<[string, (options: never) => Policy.Policy<string, number, unknown, unknown>, string]>([
    ['retry', (options) => pipe(id, Policy.retry(three, options)), 'while'],
    [
      'retryOrElse',
      (options) =>
        pipe(
          id,
          Policy.retryOrElse(three, () => TE.right(1), options)
        ),
      'decide'
    ],
    ['timeout', (options) => pipe(id, Policy.timeout(5, options)), 'grace'],
    ['deadline', (options) => pipe(id, Policy.deadline(5, options)), 'reserve']
  ])('of %s that cannot be read are impossible', (name, make, key) => {
    const cause = new Error('oh')
    const policy = make(Object.defineProperty({}, key, { get: () => raise(cause) }) as never)
    expect(Policy.validate(policy)).toMatchObject([{ path: `${name}.${key}`, value: { _tag: 'Unreadable', cause } }])
    expect(typeof Policy.show(policy)).toBe('string')
    expect(Policy.advise(policy)).toEqual([])
    // null has nothing that could be read
    expect(Policy.validate(make(null as never)).length).toBeGreaterThan(0)
  })
})

interface CounterSettings {
  readonly limit: number
}

/** A strategy of a user's own: no more than `limit` calls in the life of a runner. */
const counterStrategy: Strategy.Strategy<CounterSettings> = {
  name: 'counter',
  rules: { limit: Rule.count },
  show: ({ limit }) => [`limit: ${String(limit)}`],
  advise: ({ limit }, inside) =>
    limit === 0 && inside.length > 0 ? [{ path: 'limit', value: limit, allowed: 'more than 0' }] : [],
  compile: ({ limit }, services, inner) => {
    let calls = 0
    return {
      open: (context, up) => {
        const frame = inner.open(context, up)
        return {
          start: () => {
            calls++
            const { call } = context
            if (call.observed) {
              call.emit({
                _tag: 'Custom',
                layer: services.layer,
                name: 'counted',
                data: { calls, key: call.key, attributes: call.attributes, number: context.number }
              })
            }
            if (calls > limit) up.done(E.left('too many'), true)
            else frame.start()
          },
          abort: (cause) => {
            if (calls <= limit) frame.abort(cause)
          }
        }
      }
    }
  }
}
const counted = (limit: number) => Policy.around<string, number, CounterSettings>(counterStrategy, { limit })

describe('around', () => {
  it('puts a strategy of the user’s own around a policy', async () => {
    const time = virtual()
    const policy = pipe(id, counted(2))
    expect(Policy.show(policy)).toBe('counter(limit: 2)\n└─ operation')
    expect(Policy.names(pipe(policy, counted(3)))).toEqual(['counter', 'counter#2'])
    const runner = Runner.make(policy)(time.runtime)()
    const scripted = script(time, succeeds(1, 10))
    expect(await time.run(runner.run(scripted.task))).toEqual(E.right(1))
    expect(await time.run(runner.runWith(scripted.operation, { key: 'k', attributes: { a: 1 } }))).toEqual(E.right(1))
    expect(await time.run(runner.run(scripted.task))).toEqual(E.left('too many'))
    expect(scripted.calls).toHaveLength(2)
    expect(only(time.log, 'Custom').map(({ run, layer, name, data }) => [run, layer, name, data])).toEqual([
      [1, 'counter', 'counted', { calls: 1, key: undefined, attributes: {}, number: 1 }],
      [2, 'counter', 'counted', { calls: 2, key: 'k', attributes: { a: 1 }, number: 1 }],
      [3, 'counter', 'counted', { calls: 3, key: undefined, attributes: {}, number: 1 }]
    ])
    expect(await time.settle()).toEqual(nothingLeft)
    expect(runner.status()).toEqual({ inFlight: 0, hanging: 0, accepting: true })
  })

  it('it works inside and outside of the library’s own', async () => {
    const time = virtual()
    const policy = pipe(
      id,
      counted(5),
      Policy.timeout(50),
      Policy.retry(pipe(Schedule.constant(10), Schedule.take(9))),
      Policy.fallbackTag('TimedOut', () => -1)
    )
    const scripted = script<string, number>(time, fails('x'), hangs, fails('y'))
    const runner = Runner.make(policy)(time.runtime)()
    expect(await time.run(runner.run(scripted.task))).toEqual(E.left('too many'))
    expect(scripted.calls).toHaveLength(5)
    expect(only(time.log, 'Custom').map(({ data }) => (data as { readonly number: number }).number)).toEqual([
      1, 2, 3, 4, 5, 6, 7, 8, 9, 10
    ])
  })

  it('its state is born in make, once for each runner and occurrence', async () => {
    const time = virtual()
    const step = counted(1)
    const policy = pipe(id, step, Policy.fallbackTo(0), step)
    const [a, b] = [Runner.make(policy)(time.runtime)(), Runner.make(policy)(time.runtime)()]
    const run = (runner: typeof a) => time.run(runner.run(script(time, succeeds(1)).task))
    expect([await run(a), await run(a), await run(b)]).toEqual([E.right(1), E.left('too many'), E.right(1)])
  })

  it('its rules and advice are asked like any other’s', () => {
    expect(Policy.validate(pipe(id, counted(-1)))).toEqual([
      { path: 'counter.limit', value: -1, allowed: 'a whole number, >= 0, or Infinity' }
    ])
    expect(Policy.advise(pipe(id, counted(0)))).toEqual([])
    expect(Policy.advise(pipe(id, counted(1), counted(0)))).toEqual([
      { path: 'counter#2.limit', value: 0, allowed: 'more than 0' }
    ])
  })

  it('is aborted, and its caller with it', async () => {
    const time = virtual()
    const caller = time.signal()
    time.after(5, () => {
      caller.abort('enough')
    })
    const runner = Runner.make(pipe(id, counted(9)))(time.runtime)()
    const answer = await time.run(runner.runWith(script(time, succeeds(1, 50)).operation, { signal: caller.signal }))
    expect(answer).toEqual(E.left({ _tag: 'Aborted', by: 'caller', reason: 'enough' }))
    expect(await time.settle()).toEqual(nothingLeft)
    expect(runner.status().hanging).toBe(0)
  })

  it('a compile that throws is a defect, and calls nothing', async () => {
    const broken: Strategy.Strategy<CounterSettings> = { ...counterStrategy, compile: () => raise('oh') }
    const policy = pipe(id, Policy.timeout(5), Policy.around<string, number, CounterSettings>(broken, { limit: 1 }))
    const runner = Runner.make(policy)(virtual().runtime)()
    const operation = jest.fn(TE.right(1))
    expect(await runner.run(operation)()).toEqual(E.left(defect('Thrown', 'counter.compile', 'oh')))
    expect(operation).not.toHaveBeenCalled()
    expect(runner.status()).toEqual({ inFlight: 0, hanging: 0, accepting: true })
  })

  it('may use what the interpreter hands it: clock, chance, waiting, operations of its own', async () => {
    const time = virtual({ random: () => 0.25 })
    const seen: Array<unknown> = []
    const probing: Strategy.Strategy<CounterSettings> = {
      ...counterStrategy,
      name: 'probing',
      compile: (_settings, services, inner) => {
        const probe = services.operation(() => async () => E.left('probe failed'), `${services.layer}.probe`)
        return {
          open: (context, up) => {
            let current = probe.open(context, {
              done: (exit, settled) => {
                seen.push(exit, settled, services.now(), services.random(), services.layer)
                current = inner.open(context, up)
                current.start()
              },
              settled: () => undefined
            })
            return {
              start: () => {
                current.start()
              },
              abort: (cause) => {
                current.abort(cause)
              }
            }
          }
        }
      }
    }
    const policy = pipe(id, Policy.around<string, number, CounterSettings>(probing, { limit: 1 }))
    expect(await time.run(Runner.make(policy)(time.runtime)().run(script(time, succeeds(1)).task))).toEqual(E.right(1))
    expect(seen).toEqual([E.left('probe failed'), true, 0, 0.25, 'probing'])
  })
})

describe('what a policy is', () => {
  it('stays generic in a flow', async () => {
    const careful = flow(Policy.timeout(100), Policy.retry(three))
    const time = virtual()
    const runner = Runner.make(careful(id))(time.runtime)()
    expect(await time.run(runner.run(script(time, fails('x'), succeeds(1)).task))).toEqual(E.right(1))
  })

  it('can be written down: its function-free part is data', () => {
    const { layers } = pipe(id, Policy.timeout(5, { grace: 1 }), Policy.deadline(50))
    expect(layers.map(({ strategy, settings }) => [strategy.name, settings])).toEqual([
      ['timeout', { ms: 5, grace: 1 }],
      ['deadline', { ms: 50 }]
    ])
  })

  it('rejections are told apart by their tags', () => {
    expect(Rejection.isDefect(defect('Thrown', 'x', 1))).toBe(true)
    expect(Rejection.isDefect({ _tag: 'Defect' })).toBe(false)
    expect([null, undefined, 5, 'Aborted', {}].map(Rejection.isFinal)).toEqual([false, false, false, false, false])
    expect(Rejection.isFinal({ _tag: 'Aborted' })).toBe(true)
    expect([null, undefined, 5, 'CircuitOpen', {}].map(Rejection.isRefusal)).toEqual([
      false,
      false,
      false,
      false,
      false
    ])
    expect(
      ['CircuitOpen', 'BulkheadFull', 'RateLimited', 'TimedOut'].map((_tag) => Rejection.isRefusal({ _tag }))
    ).toEqual([true, true, true, false])
  })
})

describe('what is no policy', () => {
  const problem = (value: unknown) => [{ path: 'policy', value, allowed: 'a Policy' }]
  const forgotten = Policy.timeout(5)

  it.each<readonly [string, () => unknown, unknown]>([
    ['id that was not called', () => pipe(Policy.id as never, Policy.timeout(5)), Policy.id],
    ['nothing', () => pipe(undefined as never, Policy.timeout(5)), undefined],
    [
      'a combinator that was not applied',
      () => pipe(id, Policy.compose(forgotten as never), Policy.map(String)),
      forgotten
    ]
  ])('%s is found like any setting, and nothing is called', async (_name, make, value) => {
    const policy = make() as Policy.Policy<string, number, unknown, unknown>
    expect(Policy.validate(policy)).toEqual(problem(value))
    expect(Policy.show(policy)).toContain('policy(')
    const operation = jest.fn(TE.right(1))
    const answer = await Runner.make(policy)(Runtime.live)().run(operation)()
    expect(answer).toMatchObject({ left: { _tag: 'Defect', kind: 'Invalid', problems: problem(value) } })
    expect(operation).not.toHaveBeenCalled()
  })

  it('by itself is answered likewise', async () => {
    const answer = await Runner.make(forgotten as never)(Runtime.live)().run(TE.right(1))()
    expect(answer).toMatchObject({ left: { kind: 'Invalid', problems: problem(forgotten) } })
    expect(Policy.names(5 as never)).toEqual(['policy'])
    expect(Policy.advise(null as never)).toEqual([])
    expect(Policy.show(Policy.disabled({} as never))).toBe('policy({})\n└─ operation')
  })
})

describe('a strategy of one’s own that answers junk', () => {
  const own = (junk: object): Policy.Policy<string, number> =>
    Policy.around<string, number, { readonly n: number }>(
      {
        name: 'own',
        rules: { n: Rule.count },
        show: ({ n }) => [String(n)],
        compile: (_settings, _services, inner) => inner,
        ...junk
      },
      { n: 1 }
    )(id)

  it.each([5, [null], [undefined], {}])('problems may not be %j', async (junk) => {
    const policy = own({ problems: () => junk })
    expect(Policy.validate(policy)).toMatchObject([{ path: 'own.problems', allowed: 'a list of problems' }])
    const answer = await Runner.make(policy)(Runtime.live)().run(TE.right(1))()
    expect(answer).toMatchObject({ left: { kind: 'Invalid' } })
  })

  it.each([5, [null], 'no'])('of advice that is %j there is none', (junk) => {
    expect(Policy.advise(own({ advise: () => junk }))).toEqual([])
  })
})
