import { pipe } from 'fp-ts/function'
import { type Call, cpuTime, median, turn } from '../measure'
import type { Answer } from '../operations'
import { type Measure, type Sample, scenario } from '../Scenario'

/** The values of one call that are not what is waited for; then comes the one that is. */
const steps = 100
const ready = 42

type Poll = (operation: () => Promise<Answer>) => Call

/** Gives `steps` values, resolved at once, the last of which holds. */
const counting = (): (() => Promise<Answer>) => {
  let left = steps
  return () => Promise.resolve<Answer>({ _tag: 'Right', right: --left > 0 ? left : ready })
}

const isReady = (n: number): boolean => n === ready

const ours = async (): Promise<Poll> => {
  const { Policy, Runner, Runtime, Schedule } = await import('resilience-ts')
  const policy = pipe(Policy.id<string, number>(), Policy.poll(Schedule.forever, { until: isReady }))
  const { run } = Runner.make(policy)(Runtime.live)()
  return run
}

const cockatiel = async (): Promise<Poll> => {
  const { ConstantBackoff, handleWhenResult, retry } = await import('cockatiel')
  const policy = retry(
    handleWhenResult((answer) => (answer as { readonly right: number }).right !== ready),
    { maxAttempts: steps, backoff: new ConstantBackoff(0) }
  )
  return (operation) => () => policy.execute(operation)
}

const retryTs = async (): Promise<Poll> => {
  const { limitRetries } = await import('retry-ts')
  const { retrying } = await import('retry-ts/Task')
  const policy = limitRetries(steps)
  return (operation) =>
    retrying(
      policy,
      () => operation,
      (answer) => answer._tag === 'Right' && answer.right !== ready
    )
}

/** The least that polls at all: a loop. */
const floor: Poll = (operation) => async () => {
  for (;;) {
    const answer = await operation()
    if (answer._tag === 'Left' || answer.right === ready) return answer
  }
}

const once = (make: Poll) => (): Promise<unknown> => make(counting())()

/** Wall time of a call in ms, and CPU time of a step in ns: one call after the other, the median of blocks. */
const polls: Measure<Call> = {
  name: 'poll',
  metrics: [
    { title: 'wall of a call', unit: 'ms', reach: 0.35, digits: 3 },
    { title: 'CPU of a step', unit: 'ns', reach: 500, digits: 0 }
  ],
  flags: [],
  take: async (call, { quick }): Promise<Sample> => {
    const answer = (await call()) as Answer
    if (answer._tag !== 'Right' || answer.right !== ready) throw new Error(`not the answer: ${JSON.stringify(answer)}`)
    const started = performance.now()
    await call()
    // those that wait for a timer at each step get fewer calls
    const n = performance.now() - started > 20 ? 3 : 200
    for (let i = 0; i < 5 * n; i++) await call()
    const walls: Array<number> = []
    const cpus: Array<number> = []
    for (let block = 0; block < (quick || n === 3 ? 5 : 15); block++) {
      await turn()
      const wall = performance.now()
      const cpu = cpuTime()
      for (let i = 0; i < n; i++) await call()
      cpus.push(((cpuTime() - cpu) * 1000) / (n * steps))
      walls.push((performance.now() - wall) / n)
    }
    return { values: [median(walls), median(cpus)] }
  }
}

export const poll = scenario<Call>({
  name: 'poll',
  title: `poll, 0 ms, ${steps} steps`,
  contenders: {
    ours: async () => once(await ours()),
    cockatiel: async () => once(await cockatiel()),
    'retry-ts': async () => once(await retryTs()),
    floor: () => once(floor)
  },
  measures: [polls]
})
