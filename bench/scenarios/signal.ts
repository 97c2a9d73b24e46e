import { pipe } from 'fp-ts/function'
import { cpuTime, heapInUse, turn } from '../measure'
import { succeeds } from '../operations'
import { type Measure, scenario } from '../Scenario'

interface Subject {
  readonly call: (signal: AbortSignal) => Promise<unknown>
  /** How many calls: peers that take too long make fewer. */
  readonly calls: number
}

const inFlight = 10_000

/** Makes calls, 10,000 of them in flight at all times; the nth of those always has the same signal. */
const many = async ({ call }: Subject, calls: number, signalOf: (nth: number) => AbortSignal): Promise<void> => {
  const one = async (signal: AbortSignal): Promise<void> => {
    for (let i = 0; i < calls / inFlight; i++) await call(signal)
  }
  await Promise.all(Array.from({ length: inFlight }, (_, nth) => one(signalOf(nth))))
  await turn()
}

/** The most listeners that a signal had at once. */
const mostListeners = async (subject: Subject): Promise<number> => {
  const { signal } = new AbortController()
  const listeners = new Set<unknown>()
  let most = 0
  const add = signal.addEventListener.bind(signal) as (...args: ReadonlyArray<unknown>) => void
  const remove = signal.removeEventListener.bind(signal) as (...args: ReadonlyArray<unknown>) => void
  const counted = {
    addEventListener: (...args: ReadonlyArray<unknown>) => {
      listeners.add(args[1])
      most = Math.max(most, listeners.size)
      add(...args)
    },
    removeEventListener: (...args: ReadonlyArray<unknown>) => {
      listeners.delete(args[1])
      remove(...args)
    }
  }
  Object.assign(signal, counted)
  await many(subject, inFlight, () => signal)
  return most
}

const shared: Measure<Subject> = {
  name: 'shared',
  metrics: [
    { title: 'listeners on the signal', unit: '', reach: 1, digits: 0 },
    { title: 'warnings', unit: '', reach: 0, digits: 0 },
    { title: 'heap growth, each call', unit: 'B', reach: 1, digits: 1 },
    { title: 'CPU', unit: '× own signals', reach: 1.1, digits: 2 }
  ],
  flags: ['--expose-gc'],
  take: async (subject, { quick }) => {
    let warnings = 0
    process.on('warning', () => warnings++)
    const listeners = await mostListeners(subject)
    const rounds = quick ? 2 : 5
    const calls = Math.max(inFlight, subject.calls / (quick ? 10 : 1) / rounds)
    const { signal } = new AbortController()
    const own = Array.from({ length: inFlight }, () => new AbortController().signal)
    const withOwn = (): Promise<void> => many(subject, calls, (nth) => own[nth]!)
    const withShared = (): Promise<void> => many(subject, calls, () => signal)
    await withOwn()
    await withShared()
    const before = heapInUse()
    let ownTime = 0
    let sharedTime = 0
    for (let i = 0; i < rounds; i++) {
      const start = cpuTime()
      await withOwn()
      const half = cpuTime()
      await withShared()
      ownTime += half - start
      sharedTime += cpuTime() - half
    }
    const growth = (heapInUse() - before) / (rounds * calls)
    return { values: [listeners, warnings, growth, sharedTime / ownTime] }
  }
}

export const signal = scenario<Subject>({
  name: 'signal',
  title: '1,000,000 calls (cockatiel: 100,000) of a timeout with one signal, 10,000 in flight',
  contenders: {
    ours: async () => {
      const { Policy, Runner, Runtime } = await import('resilience-ts')
      const { runWith } = Runner.make(pipe(Policy.id<string, number>(), Policy.timeout(1000)))(Runtime.live)()
      const operation = () => succeeds
      return { calls: 1_000_000, call: (signal) => runWith(operation, { signal })() }
    },
    cockatiel: async () => {
      const { timeout, TimeoutStrategy } = await import('cockatiel')
      const policy = timeout(1000, TimeoutStrategy.Aggressive)
      return { calls: 100_000, call: (signal) => policy.execute(succeeds, signal) }
    }
  },
  measures: [shared]
})
