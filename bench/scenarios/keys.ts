import { pipe } from 'fp-ts/function'
import { heapInUse } from '../measure'
import { failure, isLeft, type Operation, success } from '../operations'
import { type Measure, scenario } from '../Scenario'

/** A call under a key. */
type Keyed = (key: string, operation: Operation) => Promise<unknown>

const keys = 100_000

/** What a breaker for each key takes, the keys themselves aside: when each has been called once, and when each has failed. */
const bytes: Measure<Keyed> = {
  name: 'bytes',
  metrics: [
    { title: 'heap of 100,000 keys that succeeded once, each key', unit: 'B', digits: 0 },
    { title: 'heap of 100,000 keys that have failed since, each key', unit: 'B', digits: 0 }
  ],
  flags: ['--expose-gc'],
  take: async (call) => {
    const names = Array.from({ length: keys }, (_, i) => `user-${String(i)}`)
    const succeeds: Operation = () => Promise.resolve(success)
    const fails: Operation = () => Promise.resolve(failure)
    // what is made once is made before
    await call('first', succeeds)
    await call('first', fails)
    const before = heapInUse()
    for (const name of names) await call(name, succeeds)
    const succeeded = heapInUse()
    for (const name of names) await call(name, fails)
    const failed = heapInUse()
    // all are there still
    await call(names[0]!, succeeds)
    return { values: [(succeeded - before) / keys, (failed - before) / keys] }
  }
}

const ours = (trip: 'consecutive' | 'time window') => async (): Promise<Keyed> => {
  const { Policy, Runner, Runtime, Trip } = await import('resilience-ts')
  const policy = pipe(
    Policy.id<string, number>(),
    Policy.circuitBreaker({
      trip: trip === 'consecutive' ? Trip.consecutiveFailures(5) : Trip.timeWindow(60_000, { failureRate: 0.5 }),
      openFor: 30_000,
      perKey: { most: 2 * keys }
    })
  )
  const { runWith } = Runner.make(policy)(Runtime.live)()
  return (key, operation) => runWith(() => operation, { key })()
}

export const keyed = scenario<Keyed>({
  name: 'keys',
  title: 'a circuit breaker for each of 100,000 keys',
  contenders: {
    ours: ours('consecutive'),
    'ours, time window': ours('time window'),
    cockatiel: async () => {
      const { circuitBreaker, ConsecutiveBreaker, handleWhenResult } = await import('cockatiel')
      const breakers = new Map<string, ReturnType<typeof circuitBreaker>>()
      return (key, operation) => {
        let breaker = breakers.get(key)
        if (breaker === undefined) {
          breaker = circuitBreaker(handleWhenResult(isLeft), {
            halfOpenAfter: 30_000,
            breaker: new ConsecutiveBreaker(5)
          })
          breakers.set(key, breaker)
        }
        return breaker.execute(operation)
      }
    }
  },
  measures: [bytes]
})
