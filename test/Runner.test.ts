import * as E from 'fp-ts/Either'
import type { ReaderTaskEither } from 'fp-ts/ReaderTaskEither'
import * as TE from 'fp-ts/TaskEither'
import { pipe } from 'fp-ts/function'
import { Policy, type Rejection, Runner, Runtime, Schedule, type Strategy } from 'resilience-ts'
import { fails, gives, hangs, heeding, rejects, script, succeeds, throws, virtual } from 'resilience-ts/testing'
import { defect, nothingLeft, only, raise } from './support'

const id = Policy.id<string, number>()
const three = pipe(Schedule.constant(10), Schedule.take(3))
const make = <E2, A2>(policy: Policy.Policy<string, number, E2, A2>) => {
  const time = virtual()
  return { time, runner: Runner.make(policy)(time.runtime)() }
}
const closed = E.left(defect('Closed', 'runner', undefined))

describe('make', () => {
  it('is an IO: nothing is made before it is called', () => {
    const compile = jest.fn((_settings: object, _services: Strategy.Services, inner: Strategy.Layer) => inner)
    const strategy = { name: 'own', rules: {}, show: () => [], compile }
    const io = Runner.make(pipe(id, Policy.around<string, number, object>(strategy, {})))(virtual().runtime)
    expect(compile).not.toHaveBeenCalled()
    io()
    io()
    expect(compile).toHaveBeenCalledTimes(2)
  })

  it('two runners share nothing', async () => {
    const time = virtual()
    const policy = pipe(id, Policy.retry(three))
    const [a, b] = [Runner.make(policy)(time.runtime)(), Runner.make(policy)(time.runtime)()]
    const running = time.start(a.run(script(time, succeeds(1, 50)).task))
    expect(b.status()).toEqual({ inFlight: 0, hanging: 0, accepting: true })
    await b.close()
    expect(a.status()).toEqual({ inFlight: 1, hanging: 0, accepting: true })
    await time.settle()
    expect(await running).toEqual(E.right(1))
    expect(await time.run(b.run(TE.right(1)))).toEqual(closed)
    expect(await time.run(a.run(TE.right(2)))).toEqual(E.right(2))
  })

  it('keepAlive is as the runtime says, and reaches the timers', async () => {
    const time = virtual()
    const timer = jest.spyOn(time.runtime.clock, 'timer')
    expect(Runner.make(id)(time.runtime)().keepAlive).toBe(true)
    const runner = Runner.make(pipe(id, Policy.timeout(77)))(Runtime.background(time.runtime))()
    expect(runner.keepAlive).toBe(false)
    await time.run(runner.run(script(time, succeeds(1, 50)).task))
    expect(timer.mock.calls.map(([ms, , keepAlive]) => [ms, keepAlive])).toEqual([[77, false]])
    await time.run(Runner.make(pipe(id, Policy.timeout(78)))(time.runtime)().run(script(time, succeeds(1, 50)).task))
    expect(timer.mock.calls.map(([ms, , keepAlive]) => [ms, keepAlive])).toEqual([
      [77, false],
      [78, true]
    ])
  })
})

describe('the functions of a runner', () => {
  it('need no this', async () => {
    const { runner } = make(pipe(id, Policy.retry(three)))
    const { run, runWith, runReport, runReader, runIO, status, drain, close } = runner
    expect(await run(TE.right(1))()).toEqual(E.right(1))
    expect(await runWith(() => TE.right(2))()).toEqual(E.right(2))
    expect((await runReport(() => TE.right(3))()).result).toEqual(E.right(3))
    expect(await runReader(() => TE.right(4))(undefined)()).toEqual(E.right(4))
    expect(await runIO(() => E.right(5))()).toEqual(E.right(5))
    expect(status()).toEqual({ inFlight: 0, hanging: 0, accepting: true })
    await drain()
    await close()
    expect(status().accepting).toBe(false)
  })

  it('nothing runs before the task is called, and each call is a run of its own', async () => {
    const operation = jest.fn(TE.right(1))
    const { runner } = make(id)
    const tasks = [
      runner.run(operation),
      runner.runWith(() => operation),
      runner.runReader(() => operation)(undefined),
      runner.runReport(() => operation)
    ]
    expect(operation).not.toHaveBeenCalled()
    for (const task of tasks) {
      await task()
      await task()
    }
    expect(operation).toHaveBeenCalledTimes(8)
  })

  it('runWith gives each attempt its number', async () => {
    const { time, runner } = make(pipe(id, Policy.retry(three)))
    const numbers: Array<number> = []
    await time.run(
      runner.runWith(({ number }) => {
        numbers.push(number)
        return TE.left('x')
      })
    )
    expect(numbers).toEqual([1, 2, 3, 4])
  })

  it('runReader gives each attempt the environment', async () => {
    const { time, runner } = make(pipe(id, Policy.retry(three)))
    const environments: Array<number> = []
    const reading: ReaderTaskEither<number, string, number> = (n) => async () => {
      environments.push(n)
      return environments.length < 3 ? E.left('x') : E.right(n)
    }
    expect(await time.run(runner.runReader(reading)(7))).toEqual(E.right(7))
    expect(environments).toEqual([7, 7, 7])
  })

  it('runIO retries a synchronous operation', async () => {
    const { time, runner } = make(pipe(id, Policy.retry(three)))
    let calls = 0
    const answer = await time.run(runner.runIO(() => (++calls < 3 ? E.left('x') : E.right(calls))))
    expect(answer).toEqual(E.right(3))
    expect(time.now()).toBe(20)
  })

  it('ten thousand calls at once are each answered with their own', async () => {
    const { time, runner } = make(pipe(id, Policy.timeout(100)))
    const many = Array.from({ length: 10_000 }, (_, n) => n)
    const answers = Promise.all(many.map((n) => runner.run(script(time, succeeds(n, n % 90)).task)()))
    expect(runner.status().inFlight).toBe(10_000)
    await time.settle()
    expect(await answers).toEqual(many.map(E.right))
    expect(runner.status()).toEqual({ inFlight: 0, hanging: 0, accepting: true })
  })
})

describe('an operation that does what it must not', () => {
  it.each([
    ['throws an error', throws(new Error('oh')), 'Thrown', new Error('oh')],
    ['throws null', throws(null), 'Thrown', null],
    ['throws undefined', throws(undefined), 'Thrown', undefined],
    ['rejects', rejects('oh', 5), 'Rejected', 'oh'],
    ['rejects with nothing', rejects(undefined), 'Rejected', undefined],
    ['gives nothing', gives(undefined), 'Malformed', undefined],
    ['gives a number', gives(5), 'Malformed', 5],
    ['gives a promise of no Either', gives(Promise.resolve({ _tag: 'Right' })), 'Malformed', { _tag: 'Right' }],
    ['gives a promise of null', gives(Promise.resolve(null)), 'Malformed', null]
  ] as const)('%s: a defect', async (_name, line, kind, cause) => {
    const { time, runner } = make(pipe(id, Policy.retry(three), Policy.fallbackTo(0)))
    const scripted = script<string, number>(time, line)
    expect(await time.run(runner.run(scripted.task))).toEqual(E.left(defect(kind, 'operation', cause)))
    expect(await time.run(runner.runWith(scripted.operation))).toEqual(E.left(defect(kind, 'operation', cause)))
    expect(scripted.calls).toHaveLength(2)
    expect(await time.settle()).toEqual(nothingLeft)
    expect(runner.status()).toEqual({ inFlight: 0, hanging: 0, accepting: true })
  })

  it.each([[undefined], [null], [5], ['x'], [Promise.resolve(E.right(1))], [E.right(1)]])(
    'is %p instead of a task: a defect',
    async (operation) => {
      const { runner } = make(id)
      const malformed = E.left(defect('Malformed', 'operation', operation))
      expect(await runner.run(operation as never)()).toEqual(malformed)
      expect(await runner.runWith(operation as never)()).toEqual(malformed)
      expect((await runner.runReport(operation as never)()).result).toEqual(malformed)
      expect(await runner.runIO(operation as never)()).toEqual(malformed)
      expect(await runner.runReader(operation as never)(1)()).toMatchObject({
        left: { _tag: 'Defect', at: 'operation' }
      })
      expect(await runner.runWith(() => operation as never)()).toEqual(malformed)
      expect(runner.status()).toEqual({ inFlight: 0, hanging: 0, accepting: true })
    }
  )

  it.each([
    ['resolves', { then: (resolve: (e: unknown) => unknown) => resolve(E.right(1)) }, E.right(1)],
    [
      'resolves twice',
      {
        then: (resolve: (e: unknown) => void) => {
          resolve(E.right(1))
          resolve(E.right(2))
        }
      },
      E.right(1)
    ],
    [
      'resolves, then throws',
      {
        then: (resolve: (e: unknown) => void) => {
          resolve(E.right(1))
          raise('oh')
        }
      },
      E.right(1)
    ],
    ['throws', { then: () => raise('oh') }, E.left(defect('Rejected', 'operation', 'oh'))],
    [
      'rejects',
      { then: (_: unknown, reject: (e: unknown) => unknown) => reject('oh') },
      E.left(defect('Rejected', 'operation', 'oh'))
    ]
  ])('a thenable that %s is waited for', async (_name, thenable, expected) => {
    const { time, runner } = make(id)
    expect(await time.run(runner.run(() => thenable as never))).toEqual(expected)
  })

  it('a thenable that cannot be looked at is a defect', async () => {
    const { time, runner } = make(id)
    const thenable = Object.defineProperty({}, 'then', { get: () => raise('oh') })
    expect(await time.run(runner.run(() => thenable as never))).toMatchObject({ left: { _tag: 'Defect' } })
    expect(runner.status()).toEqual({ inFlight: 0, hanging: 0, accepting: true })
  })
})

describe('options', () => {
  it('are checked, all at once, and nothing is called', async () => {
    const { runner } = make(id)
    const operation = jest.fn(() => TE.right(1))
    const options = { signal: {}, deadline: NaN, key: 5, attributes: 'x', keep: -1 } as never
    const problems = [
      { path: 'signal', value: {}, allowed: 'an AbortSignal, or nothing' },
      { path: 'deadline', value: NaN, allowed: 'the milliseconds that are left, or Infinity, or nothing' },
      { path: 'key', value: 5, allowed: 'a string, or nothing' },
      { path: 'attributes', value: 'x', allowed: 'a record, or nothing' },
      { path: 'keep', value: -1, allowed: 'a whole number, >= 0, or Infinity, or nothing' }
    ]
    const invalid = E.left({ ...defect('Invalid', 'options', undefined), problems })
    expect(await runner.runWith(operation, options)()).toEqual(invalid)
    expect((await runner.runReport(operation, options)()).result).toEqual(invalid)
    expect(operation).not.toHaveBeenCalled()
  })

  it('null has nothing that could be read', async () => {
    const { runner } = make(id)
    expect(await runner.runWith(() => TE.right(1), null as never)()).toMatchObject({ left: { kind: 'Invalid' } })
    expect((await runner.runReport(() => TE.right(1), null as never)()).result).toMatchObject({
      left: { kind: 'Invalid' }
    })
  })

  it('that cannot be read are impossible', async () => {
    const { runner } = make(id)
    const options = Object.defineProperty({}, 'key', { get: () => raise('oh') })
    expect(await runner.runWith(() => TE.right(1), options)()).toMatchObject({
      left: { kind: 'Invalid', problems: [{ path: 'key', value: { _tag: 'Unreadable', cause: 'oh' } }] }
    })
  })

  it('are read once', async () => {
    const { runner } = make(id)
    const counting = () => {
      let reads = 0
      const options = {
        get key() {
          reads++
          return 'k'
        }
      }
      return { options, reads: () => reads }
    }
    const [a, b] = [counting(), counting()]
    await runner.runWith(() => TE.right(1), a.options)()
    await runner.runReport(() => TE.right(1), b.options)()
    expect([a.reads(), b.reads()]).toEqual([1, 1])
  })

  it('undefined ones are none', async () => {
    const { runner } = make(id)
    const none = { signal: undefined, deadline: undefined, key: undefined, attributes: undefined }
    expect(await runner.runWith(() => TE.right(1), none)()).toEqual(E.right(1))
    expect(await runner.runWith(() => TE.right(1), undefined)()).toEqual(E.right(1))
    expect(await runner.runWith(() => TE.right(1), {})()).toEqual(E.right(1))
  })

  it('a signal that is aborted already: nothing is called', async () => {
    const { time, runner } = make(id)
    const operation = jest.fn(() => TE.right(1))
    const answer = await time.run(runner.runWith(operation, { signal: AbortSignal.abort('enough') }))
    expect(answer).toEqual(E.left({ _tag: 'Aborted', by: 'caller', reason: 'enough' }))
    expect(operation).not.toHaveBeenCalled()
    expect(runner.status()).toEqual({ inFlight: 0, hanging: 0, accepting: true })
  })

  it('an abort after the answer changes nothing, and no listener stays', async () => {
    const { time, runner } = make(id)
    const caller = time.signal()
    const scripted = script(time, succeeds(1, 5))
    expect(await time.run(runner.runWith(scripted.operation, { signal: caller.signal }))).toEqual(E.right(1))
    expect(caller.listeners()).toBe(0)
    caller.abort()
    expect(scripted.calls[0]!.attempt!.signal.aborted).toBe(false)
  })

  it('attributes are in the first event', async () => {
    const { time, runner } = make(id)
    await time.run(runner.runWith(() => TE.right(1), { attributes: { user: 7 } }))
    expect(only(time.log, 'RunStarted')).toEqual([{ _tag: 'RunStarted', run: 1, at: 0, attributes: { user: 7 } }])
  })
})

describe('mapDefect', () => {
  const broken = TE.fromTask<number, string>(() => Promise.reject('oh'))

  it('says defects in the caller’s own terms, in every way to run', async () => {
    const { runner } = make(id)
    const mapped = pipe(
      runner,
      Runner.mapDefect(({ kind, at }) => `${kind} at ${at}`)
    )
    const expected = E.left('Rejected at operation')
    expect(await mapped.run(broken)()).toEqual(expected)
    expect(await mapped.runWith(() => broken)()).toEqual(expected)
    expect(await mapped.runReader(() => broken)(1)()).toEqual(expected)
    expect((await mapped.runReport(() => broken)()).result).toEqual(expected)
    expect(await mapped.runIO(() => raise('oh'))()).toEqual(E.left('Thrown at operation'))
    expect(await mapped.run(5 as never)()).toEqual(E.left('Malformed at operation'))
    expect(await mapped.runWith(() => TE.right(1), { deadline: NaN })()).toEqual(E.left('Invalid at options'))
    await mapped.close()
    expect(await mapped.run(TE.right(1))()).toEqual(E.left('Closed at runner'))
  })

  it('touches nothing else', async () => {
    const f = jest.fn()
    const { time, runner } = make(pipe(id, Policy.timeout(10)))
    const mapped = pipe(runner, Runner.mapDefect(f))
    expect(await time.run(mapped.run(TE.right(1)))).toEqual(E.right(1))
    expect(await time.run(mapped.run(TE.left('x')))).toEqual(E.left('x'))
    expect(await time.run(mapped.run(script(time, hangs).task))).toEqual(E.left({ _tag: 'TimedOut', timeout: 10 }))
    expect(await time.run(mapped.runWith(() => TE.right(1), { signal: AbortSignal.abort('enough') }))).toMatchObject({
      left: { _tag: 'Aborted' }
    })
    expect(f).not.toHaveBeenCalled()
  })

  it('a function that throws leaves the defect as it is', async () => {
    const { runner } = make(id)
    const mapped = pipe(
      runner,
      Runner.mapDefect(() => raise('ouch'))
    )
    expect(await mapped.run(broken)()).toEqual(E.left(defect('Rejected', 'operation', 'oh')))
    expect(await mapped.run(5 as never)()).toEqual(E.left(defect('Malformed', 'operation', 5)))
  })

  it('is the same runner, with the same state', async () => {
    const { time, runner } = make(id)
    const mapped = pipe(
      runner,
      Runner.mapDefect(() => 'bug')
    )
    expect(mapped.show).toBe(runner.show)
    const running = time.start(mapped.run(script(time, succeeds(1, 5)).task))
    expect(runner.status()).toEqual({ inFlight: 1, hanging: 0, accepting: true })
    await time.settle()
    await running
    await runner.close()
    expect(mapped.status().accepting).toBe(false)
    // each face keeps to its own terms
    expect(await mapped.run(TE.right(1))()).toEqual(E.left('bug'))
    expect(await runner.run(TE.right(1))()).toEqual(closed)
  })

  it('of two, the second sees what is still a defect after the first', async () => {
    const { runner } = make(id)
    const seen: Array<string> = []
    const twice = pipe(
      runner,
      Runner.mapDefect((d) => (d.kind === 'Thrown' ? d : d.kind)),
      Runner.mapDefect((d: Rejection.Defect) => {
        seen.push(d.kind)
        return 'a throw'
      })
    )
    expect(await twice.run(broken)()).toEqual(E.left('Rejected'))
    expect(await twice.run(() => raise('oh'))()).toEqual(E.left('a throw'))
    expect(seen).toEqual(['Thrown'])
    const clumsy = pipe(
      runner,
      Runner.mapDefect(() => raise('ouch')),
      Runner.mapDefect((d: Rejection.Defect) => d.at)
    )
    expect(await clumsy.run(broken)()).toEqual(E.left('operation'))
  })

  it('maps any object of this shape in every way to run, and leaves it its own functions', async () => {
    const { time, runner } = make(pipe(id, Policy.timeout(10)))
    const own = jest.fn(runner.run)
    const f = jest.fn(({ kind, at }: Rejection.Defect) => `${kind} at ${at}`)
    const mapped = pipe({ ...runner, run: own }, Runner.mapDefect(f))
    const expected = E.left('Rejected at operation')
    expect(await mapped.run(broken)()).toEqual(expected)
    expect(own).toHaveBeenCalledTimes(1)
    expect(await mapped.runWith(() => broken)()).toEqual(expected)
    expect(await mapped.runReader(() => broken)(1)()).toEqual(expected)
    expect(await mapped.runReport(() => broken)()).toMatchObject({ result: expected, totals: { attempts: 1 } })
    expect(await mapped.runIO(() => raise('oh'))()).toEqual(E.left('Thrown at operation'))
    f.mockClear()
    expect(await time.run(mapped.run(TE.right(1)))).toEqual(E.right(1))
    expect(await time.run(mapped.run(TE.left('x')))).toEqual(E.left('x'))
    expect(await time.run(mapped.run(script(time, succeeds(1, 50)).task))).toMatchObject({ left: { _tag: 'TimedOut' } })
    expect(f).not.toHaveBeenCalled()
    expect(mapped).toMatchObject({ show: runner.show, controls: runner.controls, keepAlive: true })
    expect(mapped.status()).toEqual({ inFlight: 0, hanging: 1, accepting: true })
    await mapped.close()
    await time.run(mapped.drain)
    expect(runner.status()).toEqual({ inFlight: 0, hanging: 0, accepting: false })
    expect(await mapped.run(TE.right(1))()).toEqual(E.left('Closed at runner'))
  })
})

describe('a runner inside the operation', () => {
  it('its defect stays a defect for the policy outside', async () => {
    const time = virtual()
    const inner = Runner.make(id)(time.runtime)()
    const outer = Runner.make(
      pipe(Policy.id<string | Rejection.Defect, number>(), Policy.retry(three), Policy.fallbackTo(0))
    )(time.runtime)()
    const operation = jest.fn(() => Promise.reject('oh'))
    const answer = await time.run(outer.run(inner.run(operation)))
    expect(answer).toEqual(E.left(defect('Rejected', 'operation', 'oh')))
    expect(operation).toHaveBeenCalledTimes(1)
  })

  it('one that is mapped is a failure like any other', async () => {
    const time = virtual()
    const inner = pipe(
      Runner.make(id)(time.runtime)(),
      Runner.mapDefect(() => 'bug')
    )
    const outer = Runner.make(pipe(id, Policy.retry(three)))(time.runtime)()
    const operation = jest.fn(() => Promise.reject('oh'))
    expect(await time.run(outer.run(inner.run(operation)))).toEqual(E.left('bug'))
    expect(operation).toHaveBeenCalledTimes(4)
  })
})

describe('status', () => {
  it('counts what is on its way, and what hangs', async () => {
    const { time, runner } = make(pipe(id, Policy.timeout(100)))
    const scripted = script(time, succeeds(1, 50), succeeds(2, 300))
    const all = [time.start(runner.run(scripted.task)), time.start(runner.run(scripted.task))]
    expect(runner.status()).toEqual({ inFlight: 2, hanging: 0, accepting: true })
    await time.advance(60)
    expect(runner.status()).toEqual({ inFlight: 1, hanging: 0, accepting: true })
    await time.advance(60)
    expect(runner.status()).toEqual({ inFlight: 0, hanging: 1, accepting: true })
    await time.settle()
    expect(runner.status()).toEqual({ inFlight: 0, hanging: 0, accepting: true })
    expect(await Promise.all(all)).toEqual([E.right(1), E.left({ _tag: 'TimedOut', timeout: 100 })])
  })
})

describe('drain', () => {
  it('ends at once where nothing runs', async () => {
    const { runner } = make(id)
    await runner.drain()
    expect(runner.status().accepting).toBe(false)
    expect(await runner.run(TE.right(1))()).toEqual(closed)
  })

  it('takes no new calls, and waits until what hangs has settled', async () => {
    const { time, runner } = make(pipe(id, Policy.timeout(100)))
    const running = time.start(runner.run(script(time, succeeds(1, 300)).task))
    const drained: Array<number> = []
    for (const _ of [1, 2]) void runner.drain().then(() => drained.push(time.now()))
    const operation = jest.fn(TE.right(1))
    expect(await runner.run(operation)()).toEqual(closed)
    expect(operation).not.toHaveBeenCalled()
    await time.advance(200)
    expect(await running).toEqual(E.left({ _tag: 'TimedOut', timeout: 100 }))
    expect(drained).toEqual([])
    await time.settle()
    expect(drained).toEqual([300, 300])
    expect(runner.status()).toEqual({ inFlight: 0, hanging: 0, accepting: false })
  })

  it('lets the calls on their way go on, retries and all', async () => {
    const { time, runner } = make(pipe(id, Policy.retry(three)))
    const running = time.start(runner.run(script(time, fails('x', 5), succeeds(1, 5)).task))
    const drained = runner.drain()
    await time.settle()
    expect(await running).toEqual(E.right(1))
    await drained
  })
})

describe('close', () => {
  it('answers each call at once, aborts its signal, and takes no new one', async () => {
    const { time, runner } = make(pipe(id, Policy.retry(three), Policy.timeout(1000)))
    const scripts = [script(time, heeding(succeeds(1, 500))), script(time, fails('x')), script(time, succeeds(3, 500))]
    const all = scripts.map((scripted) => time.start(runner.runWith(scripted.operation)))
    await time.advance(5)
    await runner.close()
    expect(await Promise.all(all)).toEqual([closed, closed, closed])
    expect(time.now()).toBe(5)
    expect(scripts[0]!.calls[0]!.attempt!.signal.reason).toEqual({ _tag: 'Aborted', by: 'close', reason: undefined })
    expect(runner.status()).toMatchObject({ inFlight: 0, accepting: false })
    expect(await runner.run(TE.right(1))()).toEqual(closed)
    // what does not heed its signal is counted, and drain waits for it
    let drained = -1
    void runner.drain().then(() => (drained = time.now()))
    expect((await time.settle()).operations).toBe(0)
    expect(drained).toBe(500)
    expect(scripts.map(({ calls }) => calls.length)).toEqual([1, 1, 1])
    expect(runner.status()).toEqual({ inFlight: 0, hanging: 0, accepting: false })
  })

  it('reaches all who are still on their way, in whatever order others have been answered', async () => {
    for (const order of [
      [0, 1, 2],
      [4, 3, 2],
      [0, 4, 1],
      [2, 0, 3],
      [1, 3, 0]
    ]) {
      const { time, runner } = make(pipe(id, Policy.timeout(1000)))
      const lasts = [0, 1, 2, 3, 4].map((call) => (order.includes(call) ? 10 * (order.indexOf(call) + 1) : 500))
      const all = lasts.map((ms, call) => time.start(runner.run(script(time, succeeds(call, ms)).task)))
      for (let left = 4; left >= 2; left--) {
        await time.advance(10)
        expect(runner.status()).toEqual({ inFlight: left, hanging: 0, accepting: true })
      }
      await runner.close()
      expect(await Promise.all(all)).toEqual(lasts.map((ms, call) => (ms < 500 ? E.right(call) : closed)))
      expect(runner.status()).toEqual({ inFlight: 0, hanging: 2, accepting: false })
      expect((await time.settle()).operations).toBe(0)
      expect(runner.status()).toEqual({ inFlight: 0, hanging: 0, accepting: false })
    }
  })

  it('is no failure that a fallback or retry would handle', async () => {
    const { time, runner } = make(pipe(id, Policy.retry(three), Policy.deadline(100), Policy.fallbackTo(0)))
    const running = time.start(runner.run(script(time, fails('x', 1), hangs).task))
    await time.advance(50)
    await runner.close()
    expect(await running).toEqual(closed)
  })

  it('may be called twice, and from within an operation', async () => {
    const { time, runner } = make(pipe(id, Policy.retry(three)))
    const answer = await time.run(
      runner.run(async () => {
        await runner.close()
        await runner.close()
        return E.right(1)
      })
    )
    expect(answer).toEqual(closed)
    expect(runner.status()).toEqual({ inFlight: 0, hanging: 0, accepting: false })
  })

  it.each(['RunStarted', 'AttemptStarted', 'AttemptEnded', 'RetryScheduled', 'RunEnded'])(
    'may be called by a listener, at %s',
    async (tag) => {
      const time = virtual()
      const runtime = Runtime.withObserver((event) => {
        if (event._tag === tag) void runner.close()
      })(time.runtime)
      const runner: Runner.Runner<string, number, unknown, number> = Runner.make(pipe(id, Policy.retry(three)))(
        runtime
      )()
      const answer = await time.run(runner.run(script<string, number>(time, fails('x', 5), succeeds(1, 5)).task))
      expect(answer).toEqual(tag === 'RunEnded' ? E.right(1) : closed)
      expect(await time.settle()).toEqual(nothingLeft)
      expect(runner.status()).toEqual({ inFlight: 0, hanging: 0, accepting: false })
    }
  )
})
