import { pipe } from 'fp-ts/function'
import { type Call, cpuRatio } from '../measure'
import { type Answer, failure, isLeft, type Operation, succeeds } from '../operations'
import { scenario } from '../Scenario'

const openFor = 3_600_000
/** Looked up once, as it is a getter of the platform's. */
const clock = performance

const ours = (window: boolean, operation: Operation) => async (): Promise<Call> => {
  const { Policy, Runner, Runtime, Trip } = await import('resilience-ts')
  const trip = window ? Trip.timeWindow(10_000, { failureRate: 0.5 }) : Trip.consecutiveFailures(5)
  const policy = pipe(Policy.id<string, number>(), Policy.circuitBreaker({ trip, openFor }))
  const { run } = Runner.make(policy)(Runtime.live)()
  // opens it, where the operation fails
  for (let i = 0; i < 10; i++) await run(operation)()
  return run(succeeds)
}

const cockatiel = (window: boolean, operation: Operation) => async (): Promise<Call> => {
  const { circuitBreaker, ConsecutiveBreaker, handleWhenResult, SamplingBreaker } = await import('cockatiel')
  const breaker = window
    ? new SamplingBreaker({ threshold: 0.5, duration: 10_000, minimumRps: 0 })
    : new ConsecutiveBreaker(5)
  const policy = circuitBreaker(handleWhenResult(isLeft), { halfOpenAfter: openFor, breaker })
  for (let i = 0; i < 10; i++) await policy.execute(operation).catch(() => undefined)
  // an open breaker of theirs rejects
  return () => policy.execute(succeeds).catch(() => failure)
}

const fails: Operation = () => Promise.resolve(failure)

/** A count of failures in a row, and the time until which it is open. No probes, no exceptions. */
const consecutive = (operation: Operation) => async (): Promise<Call> => {
  let inARow = 0
  let openUntil = 0
  const note = (answer: Answer): Answer => {
    if (answer._tag === 'Right') inARow = 0
    else if (++inARow === 5) openUntil = clock.now() + openFor
    return answer
  }
  const run = (operation: Operation) => (): Promise<Answer> => {
    const retryAfter = openUntil > 0 ? openUntil - clock.now() : 0
    return retryAfter > 0
      ? Promise.resolve({ _tag: 'Left', left: { _tag: 'CircuitOpen', retryAfter } } as never)
      : operation().then(note)
  }
  for (let i = 0; i < 10; i++) await run(operation)()
  return run(succeeds)
}

/** Ten buckets, of which nobody asks anything but when a call fails. */
const window = (): Call => {
  const buckets = Array.from({ length: 10 }, () => ({ of: 0, calls: 0, failed: 0 }))
  const note = (answer: Answer): Answer => {
    const of = Math.floor(clock.now() / 1000)
    const bucket = buckets[of % 10] as (typeof buckets)[number]
    if (bucket.of !== of) {
      bucket.of = of
      bucket.calls = bucket.failed = 0
    }
    bucket.calls++
    if (answer._tag === 'Left') bucket.failed++
    return answer
  }
  return () => succeeds().then(note)
}

export const breakerConsecutive = scenario<Call>({
  name: 'breaker-consecutive',
  title: 'breaker closed, failures in a row',
  contenders: { ours: ours(false, succeeds), cockatiel: cockatiel(false, succeeds), floor: consecutive(succeeds) },
  measures: [cpuRatio(2.7)]
})

export const breakerWindow = scenario<Call>({
  name: 'breaker-window',
  title: 'breaker closed, a time window',
  contenders: { ours: ours(true, succeeds), cockatiel: cockatiel(true, succeeds), floor: window },
  measures: [cpuRatio(4.2)]
})

export const breakerOpen = scenario<Call>({
  name: 'breaker-open',
  title: 'breaker open, the call is refused',
  contenders: { ours: ours(false, fails), cockatiel: cockatiel(false, fails), floor: consecutive(fails) },
  measures: [cpuRatio(2.7, Infinity, isLeft)]
})
