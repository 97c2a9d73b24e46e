import * as E from 'fp-ts/Either'
import * as TE from 'fp-ts/TaskEither'
import { pipe } from 'fp-ts/function'
import { Policy, Runner, Schedule, type Strategy } from 'resilience-ts'
import { nothingLeft, raise } from '../support'
import { virtual } from 'resilience-ts/testing'

const policy = pipe(Policy.id<string, string>(), Policy.retry(pipe(Schedule.constant(100), Schedule.take(2))))

describe('Runner.wrap', () => {
  it('keeps the arguments, and calls the function for each attempt', async () => {
    const time = virtual()
    const calls: Array<unknown> = []
    const get = Runner.wrap(Runner.make(policy)(time.runtime)())((
      name: string,
      page: number = 1,
      ...tags: Array<string>
    ) => {
      calls.push([name, page, tags])
      return calls.length < 3 ? TE.left('busy') : TE.right(`${name} ${page} ${tags.join()}`)
    })
    expect(calls).toEqual([])
    expect(await time.run(get('users', 2, 'a', 'b'))).toEqual(E.right('users 2 a,b'))
    expect(calls).toEqual(Array.from({ length: 3 }, () => ['users', 2, ['a', 'b']]))
    expect(await time.run(get('users'))).toEqual(E.right('users 1 '))
    expect(await time.settle()).toEqual(nothingLeft)
  })

  it('keeps this', async () => {
    const time = virtual()
    const runner = Runner.make(policy)(time.runtime)()
    class Client {
      constructor(readonly base: string) {}
      readonly own = Runner.wrap(runner)((path: string) => TE.right(this.base + path))
      shared = shared
    }
    const shared = Runner.wrap(runner)(function (this: Client, path: string) {
      return TE.right(this.base + path)
    })
    const client = new Client('/api')
    expect(await time.run(client.own('/users'))).toEqual(E.right('/api/users'))
    expect(await time.run(client.shared('/users'))).toEqual(E.right('/api/users'))
  })

  it('a function that throws, or gives no operation, is a defect', async () => {
    const time = virtual()
    const wrap = Runner.wrap(Runner.make(policy)(time.runtime)())
    for (const f of [() => raise('oh'), () => 1, 1]) {
      const answer = await time.run(wrap(f as never)())
      expect(answer).toMatchObject(E.left({ _tag: 'Defect', at: 'operation' }))
    }
  })
})

describe('Runner.wrapWith', () => {
  it('tells the attempt first, and takes options', async () => {
    const time = virtual()
    const caller = time.signal()
    const runner = Runner.make(policy)(time.runtime)()
    const get = Runner.wrapWith(runner, { signal: caller.signal, deadline: 150 })(
      ({ number, deadline }: Strategy.Attempt, name: string) => TE.left(`${name} ${number} ${deadline}`)
    )
    expect(await time.run(get('a'))).toEqual(E.left('a 2 50'))
    caller.abort('gone')
    expect(await time.run(get('a'))).toEqual(E.left({ _tag: 'Aborted', by: 'caller', reason: 'gone' }))
    expect(await time.settle()).toEqual(nothingLeft)
  })

  it('keeps this, and makes a defect of what throws', async () => {
    const time = virtual()
    const runner = Runner.make(policy)(time.runtime)()
    const get = Runner.wrapWith(runner)(function (this: { readonly base: string }, _attempt, path: string) {
      return TE.right(this.base + path)
    })
    expect(await time.run(get.call({ base: '/api' }, '/users'))).toEqual(E.right('/api/users'))
    const broken = Runner.wrapWith(runner)(() => raise('oh'))
    expect(await time.run(broken())).toMatchObject(E.left({ _tag: 'Defect', kind: 'Thrown' }))
  })
})

describe('Runner.perInstance', () => {
  const time = virtual()
  class Client {
    calls = 0
    made = 0
    constructor(readonly retries: number) {}
    get() {
      return runnerOf(this).run(() => {
        this.calls++
        return TE.left('busy')()
      })
    }
  }
  const runnerOf = Runner.perInstance((client: Client) => () => {
    client.made++
    const retries = pipe(
      Policy.id<string, string>(),
      Policy.retry(pipe(Schedule.forever, Schedule.take(client.retries)))
    )
    return Runner.make(retries)(time.runtime)()
  })

  it('makes one for each instance, when it is first asked for', async () => {
    const [a, b] = [new Client(1), new Client(2)]
    expect([a.made, b.made]).toEqual([0, 0])
    for (const client of [a, b, a]) await time.run(client.get())
    expect([a.made, b.made]).toEqual([1, 1])
    expect([a.calls, b.calls]).toEqual([4, 3])
    expect(runnerOf(a)).toBe(runnerOf(a))
    expect(runnerOf(a)).not.toBe(runnerOf(b))
  })

  it('keeps apart what looks alike: two instances of one policy share no state', async () => {
    const one = pipe(Policy.id<string, string>(), Policy.bulkhead(1))
    const of = Runner.perInstance((_: object) => Runner.make(one)(time.runtime))
    const [a, b] = [{}, {}]
    const hanging = time.start(of(a).run(() => new Promise(() => undefined)))
    void hanging
    expect(await time.run(of(b).run(TE.right('x')))).toEqual(E.right('x'))
    expect(await time.run(of(a).run(TE.right('x')))).toMatchObject(E.left({ _tag: 'BulkheadFull' }))
  })

  it('keeps nothing of what could not be made', () => {
    let calls = 0
    const of = Runner.perInstance((_: object) => () => (++calls === 1 ? raise('oh') : calls))
    const instance = {}
    expect(() => of(instance)).toThrow('oh')
    expect(of(instance)).toBe(2)
    expect(of(instance)).toBe(2)
  })
})
