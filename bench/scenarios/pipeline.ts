import { pipe } from 'fp-ts/function'
import { bytesPerCall, type Call, cpuRatio, heapInUse } from '../measure'
import { failure, isLeft, type Operation, succeeds, success } from '../operations'
import { type Measure, scenario } from '../Scenario'

// fallback ∘ breaker ∘ retry ∘ timeout ∘ bulkhead, each with settings that let the call through

const ours = (operation: Operation, permits: number) => async (): Promise<Call> => {
  const { Policy, Runner, Runtime, Schedule, Trip } = await import('resilience-ts')
  const policy = pipe(
    Policy.id<string, number>(),
    Policy.bulkhead(permits),
    Policy.timeout(1000),
    Policy.retry(pipe(Schedule.exponential(100), Schedule.take(3))),
    Policy.circuitBreaker({ trip: Trip.consecutiveFailures(5), openFor: 30_000 }),
    Policy.fallback(() => 0)
  )
  return Runner.make(policy)(Runtime.live)().run(operation)
}

const cockatiel = (operation: Operation, permits: number) => async (): Promise<Call> => {
  const {
    bulkhead,
    circuitBreaker,
    ConsecutiveBreaker,
    ExponentialBackoff,
    fallback,
    handleWhenResult,
    retry,
    timeout,
    TimeoutStrategy,
    wrap
  } = await import('cockatiel')
  const failed = handleWhenResult(isLeft)
  const policy = wrap(
    fallback(failed, success),
    circuitBreaker(failed, { halfOpenAfter: 30_000, breaker: new ConsecutiveBreaker(5) }),
    retry(failed, { maxAttempts: 3, backoff: new ExponentialBackoff() }),
    timeout(1000, TimeoutStrategy.Aggressive),
    bulkhead(permits)
  )
  return () => policy.execute(operation)
}

export const pipeline = scenario<Call>({
  name: 'pipeline',
  title: 'fallback ∘ breaker ∘ retry ∘ timeout ∘ bulkhead, first try succeeds',
  contenders: { ours: ours(succeeds, 1000), cockatiel: cockatiel(succeeds, 1000) },
  measures: [cpuRatio(8, 50_000), bytesPerCall(1800)]
})

const together = 10_000
const pause = 50

let running = 0

/** Takes 50 ms, on a timer of its own. */
const slow: Operation = () => {
  running++
  return new Promise((resolve) =>
    setTimeout(() => {
      running--
      resolve(success)
    }, pause)
  )
}

/** How long it takes for all to end, and how much each holds while all are on their way. */
const allAtOnce: Measure<Call> = {
  name: 'crowd',
  metrics: [
    { title: 'wall, 10,000 at once', unit: 'ms', reach: 150, digits: 0 },
    { title: 'heap, each call on its way', unit: 'B', reach: 2000, digits: 0 }
  ],
  flags: ['--expose-gc'],
  take: async (call) => {
    const crowd = async (whenAllRun?: () => void): Promise<void> => {
      const calls = Array.from({ length: together }, call)
      if (running !== together) throw new Error(`${String(running)} of ${String(together)} run`)
      whenAllRun?.()
      for (const answer of await Promise.all(calls)) {
        if (answer === undefined || answer === failure) throw new Error('not the answer')
      }
    }
    for (let i = 0; i < 5; i++) await crowd()
    const walls: Array<number> = []
    for (let i = 0; i < 5; i++) {
      const start = performance.now()
      await crowd()
      walls.push(performance.now() - start)
    }
    const before = heapInUse()
    let bytes = 0
    await crowd(() => {
      bytes = (heapInUse() - before) / together
    })
    return { values: [walls.sort((a, b) => a - b)[2] as number, bytes] }
  }
}

export const crowd = scenario<Call>({
  name: 'crowd',
  title: '10,000 calls at once through the pipeline, 50 ms each',
  contenders: {
    ours: ours(slow, together),
    cockatiel: cockatiel(slow, together),
    raw: () => slow
  },
  measures: [allAtOnce]
})
