import { pipe } from 'fp-ts/function'
import { type Call, cpuTime, drained, heapInUse } from '../measure'
import { type Answer, failure, isLeft, type Operation, success } from '../operations'
import { type Measure, scenario } from '../Scenario'

let attempts = 0
let answer = failure

/** Fails until all calls wait, then succeeds: shared by all calls, so that it takes no room of its own. */
const operation: Operation = () => {
  attempts++
  return Promise.resolve(answer)
}

/** How much each call takes that waits for its second attempt, and the CPU time of all from start to end. */
const waiting: Measure<Call> = {
  name: 'waiting',
  metrics: [
    { title: 'heap, each call that waits', unit: 'B', reach: 450, digits: 0 },
    { title: 'CPU of 100,000 calls', unit: 's', reach: 0.9, digits: 2 }
  ],
  flags: ['--expose-gc'],
  take: async (call, { quick }) => {
    const calls = quick ? 20_000 : 100_000
    const promises = new Array<Promise<unknown> | undefined>(calls).fill(undefined)
    const before = heapInUse()
    const start = cpuTime()
    for (let i = 0; i < calls; i++) promises[i] = call()
    await drained()
    const allWait = cpuTime()
    if (attempts !== calls) throw new Error(`${attempts} attempts of ${calls} calls: not all of them wait`)
    const bytes = (heapInUse() - before) / calls
    const goOn = cpuTime()
    answer = success
    for (const promise of promises) {
      if (isLeft(await promise)) throw new Error('not retried')
    }
    const cpu = cpuTime() - goOn + allWait - start
    return { values: [bytes, (cpu / 1e6) * (100_000 / calls)] }
  }
}

const pause = 1000

/** Who waits for the one timer of the floor. */
let sleepers: Array<() => void> = []

export const backoff = scenario<Call>({
  name: 'backoff',
  title: '100,000 retries, each waiting in a 1 s backoff',
  contenders: {
    ours: async () => {
      const { Policy, Runner, Runtime, Schedule } = await import('resilience-ts')
      const policy = pipe(Policy.id<string, number>(), Policy.retry(pipe(Schedule.constant(pause), Schedule.take(1))))
      const { run } = Runner.make(policy)(Runtime.live)()
      return run(operation)
    },
    cockatiel: async () => {
      const { ConstantBackoff, handleWhenResult, retry } = await import('cockatiel')
      const policy = retry(handleWhenResult(isLeft), { maxAttempts: 1, backoff: new ConstantBackoff(pause) })
      return () => policy.execute(operation)
    },
    'retry-ts': async () => {
      const { constantDelay, limitRetries, Monoid } = await import('retry-ts')
      const { retrying } = await import('retry-ts/Task')
      const policy = Monoid.concat(constantDelay(pause), limitRetries(1))
      return retrying(policy, () => operation, isLeft)
    },
    /** A loop that sleeps, each call on a timer of its own. */
    'floor, own timers': () => async () => {
      for (let retries = 1; ; retries--) {
        const answer: Answer = await operation()
        if (answer._tag === 'Right' || retries === 0) return answer
        await new Promise((resolve) => setTimeout(resolve, pause))
      }
    },
    /** Callbacks, and one timer for all: right only here, where all begin to wait at once. */
    'floor, shared timer': () => () =>
      new Promise((resolve) => {
        const again = (): void => void operation().then(resolve)
        void operation().then((answer) => {
          if (answer._tag === 'Right') {
            resolve(answer)
            return
          }
          if (sleepers.length === 0) {
            setTimeout(() => {
              const woken = sleepers
              sleepers = []
              for (const wake of woken) wake()
            }, pause)
          }
          sleepers.push(again)
        })
      })
  },
  measures: [waiting]
})
