import { pipe } from 'fp-ts/function'
import { Policy, Rejection, Runner, Schedule } from 'resilience-ts'
import { virtual } from 'resilience-ts/testing'
import { nothingLeft, raise } from '../support'

interface Http {
  readonly _tag: 'Http'
  readonly cause: unknown
}
const onThrow = (cause: unknown): Http => ({ _tag: 'Http', cause })
const schedule = pipe(Schedule.constant(100), Schedule.take(2))

const rejection = async (promise: Promise<unknown>): Promise<Runner.Failure<unknown>> => {
  const failure: unknown = await promise.then(
    () => 'no rejection',
    (cause: unknown) => cause
  )
  expect(failure).toBeInstanceOf(Runner.Failure)
  return failure as Runner.Failure<unknown>
}

const runOn = <E2, A2>(time: ReturnType<typeof virtual>, policy: Policy.Policy<Http, number, E2, A2>) => {
  const run = pipe(Runner.make(policy)(time.runtime)(), Runner.toPromise(onThrow))
  return (f: Parameters<typeof run>[0], options?: Runner.RunOptions): Promise<A2> => time.run(() => run(f, options))
}

describe('Runner.toPromise', () => {
  it('gives the result', async () => {
    const time = virtual()
    const run = runOn(time, pipe(Policy.id<Http, number>(), Policy.retry(schedule)))
    let calls = 0
    const answer = run(async ({ number }) => (++calls < 3 ? raise('busy') : number))
    expect(await answer).toBe(3)
    expect(time.now()).toBe(200)
    expect(await time.settle()).toEqual(nothingLeft)
  })

  it('rejects with an Error that carries the typed error', async () => {
    const time = virtual()
    const run = runOn(time, pipe(Policy.id<Http, number>(), Policy.retry(schedule)))
    const busy = new Error('busy')
    const failure = await rejection(run(() => Promise.reject(busy)))
    expect(failure).toBeInstanceOf(Error)
    expect(failure.name).toBe('Failure')
    expect(failure.message).toBe('Http')
    expect(failure.error).toEqual({ _tag: 'Http', cause: busy })
    expect(failure.cause).toBe(failure.error)
    expect(failure.stack).toContain('Promises')
  })

  it('likewise what a policy adds', async () => {
    const time = virtual()
    const run = runOn(time, pipe(Policy.id<Http, number>(), Policy.timeout(50)))
    const hangs = (): Promise<number> => new Promise(() => undefined)
    expect((await rejection(run(hangs))).error).toEqual({ _tag: 'TimedOut', timeout: 50 })
    const caller = time.signal()
    time.after(10, () => {
      caller.abort('gone')
    })
    expect((await rejection(run(hangs, { signal: caller.signal }))).error).toEqual({
      _tag: 'Aborted',
      by: 'caller',
      reason: 'gone'
    })
    expect((await rejection(run(hangs, { deadline: NaN }))).error).toMatchObject({ _tag: 'Defect', kind: 'Invalid' })
  })

  it('takes functions that throw at once, or give no promise', async () => {
    const time = virtual()
    const run = runOn(time, Policy.id<Http, number>())
    expect((await rejection(run(() => raise('oh')))).error).toEqual({ _tag: 'Http', cause: 'oh' })
    expect(await run(() => 7)).toBe(7)
    const thenable = {
      then: (resolve: (n: number) => void) => {
        resolve(8)
      }
    }
    expect(await run(() => thenable as PromiseLike<number>)).toBe(8)
    expect((await rejection(run(1 as never))).error).toMatchObject({ _tag: 'Http' })
  })

  it('a result that looks like an Either is a result', async () => {
    const time = virtual()
    const run = pipe(
      Runner.make(Policy.id<Http, { readonly _tag: 'Left'; readonly left: number }>())(time.runtime)(),
      Runner.toPromise(onThrow)
    )
    expect(await time.run(() => run(async () => ({ _tag: 'Left', left: 1 })))).toEqual({ _tag: 'Left', left: 1 })
  })

  it('an onThrow that throws is a Defect that keeps both', async () => {
    const time = virtual()
    const policy = pipe(Policy.id<never, number>(), Policy.retry(schedule))
    const run = pipe(
      Runner.make(policy)(time.runtime)(),
      Runner.toPromise((cause) => raise(`broken by ${String(cause)}`))
    )
    const failure = await rejection(time.run(() => run(() => raise('oh'))))
    expect(failure.error).toEqual(Rejection.defect('Thrown', 'toPromise.onThrow', 'broken by oh', 'oh'))
    expect(failure.message).toBe('Defect Thrown at toPromise.onThrow: broken by oh')
  })

  it.each<[unknown, string]>([
    ['busy', 'busy'],
    [new Error('no'), 'no'],
    [new TypeError(''), 'TypeError'],
    [{ _tag: 'NotFound' }, 'NotFound'],
    [{ status: 404 }, '{"status":404}'],
    [undefined, 'undefined'],
    [Rejection.defect('Rejected', 'operation', new Error('oh')), 'Defect Rejected at operation: oh'],
    [Rejection.defect('Closed', 'runner', undefined), 'Defect Closed at runner']
  ])('says in its message what %p is', (error, message) => {
    const failure = new Runner.Failure(error)
    expect(failure.message).toBe(message)
    expect(failure.error).toBe(error)
  })

  it('says so where an error cannot be read', () => {
    const error: object = new Proxy({}, { get: () => raise('no'), getPrototypeOf: () => raise('no') })
    expect(new Runner.Failure(error).message).toBe('<unreadable>')
  })
})
