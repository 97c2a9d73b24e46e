import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import { Policy, Runner, Runtime, Schedule, Trip } from 'resilience-ts'

const never = (): Promise<E.Either<never, number>> => new Promise(() => {})

/** What a promise gives, if it has been settled by now. */
const seen = <A>(promise: Promise<A>): { readonly value: A | undefined } => {
  const box: { value: A | undefined } = { value: undefined }
  void promise.then((value) => (box.value = value))
  return box
}

// fake timers put another `setTimeout` and another `performance` in the place of the platform's
describe('Runtime.live, where a test has put fake timers in the place of the platform’s', () => {
  afterEach(() => {
    jest.useRealTimers()
  })

  it('a runner that is made then goes by their time', async () => {
    jest.useFakeTimers()
    const timed = Runner.make(pipe(Policy.id<never, number>(), Policy.timeout(50)))(Runtime.live)()
    const late = seen(timed.run(never)())
    await jest.advanceTimersByTimeAsync(49)
    expect(late.value).toBeUndefined()
    await jest.advanceTimersByTimeAsync(1)
    expect(late.value).toEqual(E.left({ _tag: 'TimedOut', timeout: 50 }))

    const hour = 3_600_000
    const policy = pipe(
      Policy.id<string, number>(),
      Policy.circuitBreaker({ trip: Trip.consecutiveFailures(1), openFor: hour }),
      Policy.retry(pipe(Schedule.constant(hour), Schedule.take(1)))
    )
    let calls = 0
    const retried = seen(
      Runner.make(policy)(Runtime.live)().run(async () => (++calls < 2 ? E.left('down') : E.right(calls)))()
    )
    await jest.advanceTimersByTimeAsync(hour)
    expect(retried.value).toEqual(E.right(2))
  })

  it('waits that are left behind are in nobody’s way: the next runner goes by the time that there is', async () => {
    const policy = pipe(Policy.id<never, number>(), Policy.timeout(20))
    const make = Runner.make(policy)(Runtime.live)
    for (const round of [1, 2]) {
      jest.useFakeTimers()
      expect([round, await make().run(async () => E.right(1))()]).toEqual([round, E.right(1)])
      void make().run(never)()
      jest.useRealTimers()
      expect([round, await make().run(never)()]).toEqual([round, E.left({ _tag: 'TimedOut', timeout: 20 })])
    }
  })

  it('a runner that was made before goes by the platform’s time', async () => {
    const { run } = Runner.make(pipe(Policy.id<never, number>(), Policy.deadline(20)))(Runtime.live)()
    await run(async () => E.right(1))()
    jest.useFakeTimers()
    expect(await run(never)()).toEqual(E.left({ _tag: 'DeadlineExceeded', deadline: 20 }))
  })
})
