import { pipe } from 'fp-ts/function'
import { type Call, cpuRatio, cpuRatioTogether } from '../measure'
import { type Answer, succeeds } from '../operations'
import { scenario } from '../Scenario'

const permits = 10

const ours = (queue: number) => async (): Promise<Call> => {
  const { Policy, Runner, Runtime } = await import('resilience-ts')
  const { run } = Runner.make(pipe(Policy.id<string, number>(), Policy.bulkhead(permits, { queue })))(Runtime.live)()
  return run(succeeds)
}

const cockatiel = (queue: number) => async (): Promise<Call> => {
  const { bulkhead } = await import('cockatiel')
  const policy = bulkhead(permits, queue)
  return () => policy.execute(succeeds)
}

/** A count, and a list of those who wait. No abort, no limits, no exceptions; who is queued runs in another's context. */
const floor = (): Call => {
  let free = permits
  const queue: Array<() => void> = []
  let next = 0
  const release = (answer: Answer): Answer => {
    const waiting = queue[next]
    if (waiting === undefined) {
      free++
      // to cut an array, even one that is empty, takes longer than all else in here
      if (next > 0) queue.length = next = 0
    } else {
      next++
      waiting()
    }
    return answer
  }
  return () => {
    if (free > 0) {
      free--
      return succeeds().then(release)
    }
    return new Promise<Answer>((resolve) => {
      queue.push(() => {
        resolve(succeeds().then(release))
      })
    })
  }
}

/** The same, but who is queued runs in the context of who called: what follows a promise does. One promise more for each. */
const floorInContext = (): Call => {
  let free = permits
  const queue: Array<(nothing: undefined) => void> = []
  let next = 0
  const release = (answer: Answer): Answer => {
    const letIn = queue[next]
    if (letIn === undefined) {
      free++
      if (next > 0) queue.length = next = 0
    } else {
      next++
      letIn(undefined)
    }
    return answer
  }
  const enter = (): Promise<Answer> => succeeds().then(release)
  const push = (resolve: (nothing: undefined) => void): void => {
    queue.push(resolve)
  }
  return () => {
    if (free === 0) return new Promise<undefined>(push).then(enter)
    free--
    return enter()
  }
}

export const bulkheadFree = scenario<Call>({
  name: 'bulkhead-free',
  title: 'bulkhead, a permit is free',
  contenders: { ours: ours(500), cockatiel: cockatiel(500), floor },
  measures: [cpuRatio(2.6)]
})

export const bulkheadQueued = scenario<Call>({
  name: 'bulkhead-queued',
  title: 'bulkhead of 10, 500 more queued',
  contenders: { ours: ours(500), cockatiel: cockatiel(500), floor, 'floor, in context': floorInContext },
  measures: [cpuRatioTogether(6.5, permits + 500)]
})
