import { pipe } from 'fp-ts/function'
import { bytesPerCall, type Call, cpuMicros, cpuRatio } from '../measure'
import { type Answer, flaky, isLeft, type Operation, succeeds } from '../operations'
import { scenario } from '../Scenario'

/** A contender: what makes a task that retries of an operation. */
type Wrap = (operation: Operation) => Call

const ours = async (): Promise<Wrap> => {
  const { Policy, Runner, Runtime, Schedule } = await import('resilience-ts')
  const policy = pipe(Policy.id<string, number>(), Policy.retry(pipe(Schedule.forever, Schedule.take(3))))
  const { run } = Runner.make(policy)(Runtime.live)()
  return run
}

/** Given Lefts, which it is told to retry: cheaper for it than rejections. */
const cockatiel = async (): Promise<Wrap> => {
  const { ConstantBackoff, handleWhenResult, retry } = await import('cockatiel')
  const policy = retry(handleWhenResult(isLeft), { maxAttempts: 3, backoff: new ConstantBackoff(0) })
  return (operation) => () => policy.execute(operation)
}

const retryTs = async (): Promise<Wrap> => {
  const { limitRetries } = await import('retry-ts')
  const { retrying } = await import('retry-ts/Task')
  const policy = limitRetries(3)
  return (operation) => retrying(policy, () => operation, isLeft)
}

/** As it is usually used. */
const cockatielRejecting: () => Promise<Call> = async () => {
  const { ConstantBackoff, handleAll, retry } = await import('cockatiel')
  const policy = retry(handleAll, { maxAttempts: 3, backoff: new ConstantBackoff(0) })
  const error = new Error('busy')
  return () => {
    let left = 2
    return policy.execute(() => (left-- > 0 ? Promise.reject(error) : Promise.resolve(42)))
  }
}

/** The least that retries at all: a loop. No exceptions, no delays, no events, no abort. */
const floor: Wrap = (operation) => async () => {
  for (let retries = 3; ; retries--) {
    const answer: Answer = await operation()
    if (answer._tag === 'Right' || retries === 0) return answer
  }
}

/** One task, called again and again. */
const once = (wrap: () => Promise<Wrap>) => async (): Promise<Call> => (await wrap())(succeeds)

/** A new task for each call. */
const anew = (wrap: () => Promise<Wrap>, operation: () => Operation) => async (): Promise<Call> => {
  const make = await wrap()
  return () => make(operation())()
}

const first = () => succeeds
/** Has state, so that each call needs its own, and a task of it. */
const third = () => flaky(2)

export const retryFirst = scenario<Call>({
  name: 'retry-first',
  title: 'retry, first try succeeds',
  contenders: {
    ours: once(ours),
    cockatiel: once(cockatiel),
    'retry-ts': once(retryTs),
    floor: () => floor(succeeds),
    'ours, a task for each call': anew(ours, first),
    'retry-ts, a task for each call': anew(retryTs, first)
  },
  measures: [cpuRatio(3), bytesPerCall(750)]
})

export const retryThird = scenario<Call>({
  name: 'retry-third',
  title: 'retry, two failures then success, no delay',
  contenders: {
    ours: anew(ours, third),
    cockatiel: anew(cockatiel, third),
    'cockatiel, rejections': cockatielRejecting,
    'retry-ts': anew(retryTs, third),
    floor: () => () => floor(third())()
  },
  measures: [cpuMicros(1.3)]
})
