import { pipe } from 'fp-ts/function'
import { type Call, cpuEachTurn, cpuRatio } from '../measure'
import { type Answer, succeeds } from '../operations'
import { scenario } from '../Scenario'

const timedOut: Answer = { _tag: 'Left', left: 'timed out' }

// the race leaves a timer behind with each call: not too many of them
const most = 20_000

export const timeout = scenario<Call>({
  name: 'timeout',
  title: 'timeout 1 s, resolves at once',
  contenders: {
    ours: async () => {
      const { Policy, Runner, Runtime } = await import('resilience-ts')
      const { run } = Runner.make(pipe(Policy.id<string, number>(), Policy.timeout(1000)))(Runtime.live)()
      return run(succeeds)
    },
    cockatiel: async () => {
      const { timeout, TimeoutStrategy } = await import('cockatiel')
      const policy = timeout(1000, TimeoutStrategy.Aggressive)
      return () => policy.execute(succeeds)
    },
    'fp-ts race, never clears': async () => {
      const T = await import('fp-ts/Task')
      const { concat } = T.getRaceMonoid<Answer>()
      const late = T.delay(1000)(T.of(timedOut))
      return concat(succeeds, late)
    },
    /** A timer of its own, cleared. No abort, no exceptions. */
    floor: () => () =>
      new Promise((resolve) => {
        const timer = setTimeout(resolve, 1000, timedOut)
        void succeeds().then((answer) => {
          clearTimeout(timer)
          resolve(answer)
        })
      }),
    /** One timer for all calls that overlap, armed anew when it fires. */
    'floor, shared timer': () => sharedTimer
  },
  measures: [cpuRatio(7, most), cpuEachTurn(most)]
})

interface Waiting {
  before: Waiting
  after: Waiting
  due: number
  resolve: ((answer: Answer) => void) | undefined
}

const ends = {} as Waiting
ends.before = ends.after = ends
let timer: NodeJS.Timeout | undefined

const arm = (ms: number): void => {
  timer = setTimeout(() => {
    timer = undefined
    const now = performance.now()
    for (let first = ends.after; first !== ends && first.due - now < 1; first = ends.after) {
      remove(first)
      first.resolve?.(timedOut)
    }
    if (ends.after !== ends) arm(ends.after.due - now)
  }, ms)
  timer.unref()
}

const remove = (waiting: Waiting): void => {
  waiting.before.after = waiting.after
  waiting.after.before = waiting.before
}

const sharedTimer: Call = () =>
  new Promise((resolve) => {
    const waiting: Waiting = { before: ends.before, after: ends, due: performance.now() + 1000, resolve }
    ends.before.after = waiting
    ends.before = waiting
    if (timer === undefined) arm(1000)
    void succeeds().then((answer) => {
      remove(waiting)
      resolve(answer)
    })
  })
