import { pipe } from 'fp-ts/function'
import { heapInUse } from '../measure'
import { failure, isLeft, type Operation, success } from '../operations'
import { type Measure, scenario } from '../Scenario'

interface Subject {
  /** Retries without a delay, without end. */
  readonly retry: (operation: Operation) => Promise<unknown>
  /** The steps of the long run: contenders that take a timer for each make fewer. */
  readonly steps: number
  /** The steps of each of many runs at once. */
  readonly stepsEach: number
}

/** What one run has grown by from its 100th step to its last. */
const long: Measure<Subject> = {
  name: 'long',
  metrics: [{ title: 'heap growth of one run, each step', unit: 'B', reach: 1, digits: 1 }],
  flags: ['--expose-gc'],
  take: async ({ retry, steps }, { quick }) => {
    const last = quick ? Math.max(1_000, steps / 10) : steps
    let step = 0
    let early = 0
    let late = 0
    await retry(() => {
      step++
      if (step === 100) early = heapInUse()
      if (step === last) late = heapInUse()
      return Promise.resolve(step < last ? failure : success)
    })
    if (step !== last) throw new Error(`${step} steps instead of ${last}`)
    return { values: [(late - early) / last] }
  }
}

const runs = 10_000

/** What many runs at once take, and by how much each has grown from its 10th step to its last but one. */
const many: Measure<Subject> = {
  name: 'many',
  metrics: [
    { title: 'heap of 10,000 runs at once, each run', unit: 'B', digits: 0 },
    { title: 'heap growth of 10,000 runs at once, each step', unit: 'B', reach: 1, digits: 2 }
  ],
  flags: ['--expose-gc'],
  take: async ({ retry, stepsEach }) => {
    const promises = new Array<Promise<unknown> | undefined>(runs).fill(undefined)
    const before = heapInUse()
    let steps = 0
    let early = 0
    let late = 0
    let answer = failure
    const last = stepsEach * runs
    const operation: Operation = () => {
      steps++
      if (steps === 10 * runs) early = heapInUse()
      if (steps === last) {
        late = heapInUse()
        answer = success
      }
      return Promise.resolve(answer)
    }
    for (let i = 0; i < runs; i++) promises[i] = retry(operation)
    for (const promise of promises) await promise
    return { values: [(late - before) / runs, (late - early) / (last - 10 * runs)] }
  }
}

export const space = scenario<Subject>({
  name: 'space',
  title: 'retry of 1,000,000 steps (peers: 2,000); of 100 steps in 10,000 runs at once',
  contenders: {
    ours: async () => {
      const { Policy, Runner, Runtime, Schedule } = await import('resilience-ts')
      const { run } = Runner.make(pipe(Policy.id<string, number>(), Policy.retry(Schedule.forever)))(Runtime.live)()
      return { steps: 1_000_000, stepsEach: 100, retry: (operation) => run(operation)() }
    },
    cockatiel: async () => {
      const { ConstantBackoff, handleWhenResult, retry } = await import('cockatiel')
      const policy = retry(handleWhenResult(isLeft), { maxAttempts: Infinity, backoff: new ConstantBackoff(0) })
      return { steps: 2_000, stepsEach: 100, retry: (operation) => policy.execute(operation) }
    },
    'retry-ts': async () => {
      const { constantDelay } = await import('retry-ts')
      const { retrying } = await import('retry-ts/Task')
      const policy = constantDelay(0)
      return { steps: 2_000, stepsEach: 100, retry: (operation) => retrying(policy, () => operation, isLeft)() }
    }
  },
  measures: [long, many]
})
