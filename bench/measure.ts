/** How calls are measured: CPU time over raw, bytes allocated. */
import { PerformanceObserver } from 'node:perf_hooks'
import type { Measure, Options, Sample } from './Scenario'
import { type Answer, succeeds } from './operations'

/** One call of a contender, its task built already unless the scenario says otherwise. */
export type Call = () => Promise<unknown>

export const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve))

/** Resolves when no microtask is left, before the event loop goes on: no timer has fired since. */
export const drained = async (): Promise<void> => {
  await Promise.resolve()
  await new Promise<void>((resolve) => {
    process.nextTick(resolve)
  })
}

/** CPU time of this process so far, all its threads, in µs. */
export const cpuTime = (): number => {
  const { user, system } = process.cpuUsage()
  return user + system
}

/** Bytes in use, garbage collected; needs --expose-gc. */
export const heapInUse = (): number => {
  if (global.gc === undefined) throw new Error('needs --expose-gc')
  global.gc()
  global.gc()
  return process.memoryUsage().heapUsed
}

export const median = (values: ReadonlyArray<number>): number => {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

// The loops are written out twice (and twice more with a turn), so that the engine learns of each only what it runs.

const rawLoop = async (n: number): Promise<void> => {
  for (let i = 0; i < n; i++) await succeeds()
}

const callLoop = async (call: Call, n: number): Promise<void> => {
  for (let i = 0; i < n; i++) await call()
}

const rawTurns = async (n: number): Promise<void> => {
  for (let i = 0; i < n; i++) {
    await succeeds()
    await turn()
  }
}

const callTurns = async (call: Call, n: number): Promise<void> => {
  for (let i = 0; i < n; i++) {
    await call()
    await turn()
  }
}

/** A loop: `Array.from` looks for a property of its own for each, which takes as long as `raw`. */
const allAtOnce = (call: Call, n: number): Promise<unknown> => {
  const calls: Array<Promise<unknown>> = []
  for (let i = 0; i < n; i++) calls.push(call())
  return Promise.all(calls)
}

const isSuccess = (answer: unknown): boolean => answer === 42 || (answer as Answer | undefined)?._tag === 'Right'

/** A contender that does not do its work is not measured. */
const checked = async (call: Call, isAnswer: (answer: unknown) => boolean = isSuccess): Promise<void> => {
  const answer = await call()
  if (!isAnswer(answer)) throw new Error(`not the answer: ${JSON.stringify(answer)}`)
}

interface Block {
  readonly cpu: number
  readonly wall: number
}

/** CPU and wall time per call of one block, in µs. */
const block = async (loop: (n: number) => Promise<void>, n: number): Promise<Block> => {
  const wall = performance.now()
  const cpu = cpuTime()
  await loop(n)
  return { cpu: (cpuTime() - cpu) / n, wall: ((performance.now() - wall) * 1000) / n }
}

interface Settings {
  /** How long a block is to take, in ms of wall time. */
  readonly length: number
  /** The most calls in a block. */
  readonly most: number
}

interface Blocks {
  readonly raw: Block
  readonly call: Block
}

/**
 * Blocks of raw and of the contender by turns, the median of each. Both are warmed up before the blocks are sized: what is sized
 * cold makes blocks so short that what they measure is the engine's compiling.
 */
const blocks = async (
  raw: (n: number) => Promise<void>,
  loop: (n: number) => Promise<void>,
  { length, most }: Settings,
  { quick }: Options
): Promise<Blocks> => {
  const sizeOf = async (loop: (n: number) => Promise<void>): Promise<number> => {
    let n = 20
    for (let spent = 0; spent < length * 5;) {
      const { wall } = await block(loop, n)
      await turn()
      spent += (wall * n) / 1000
      n = Math.max(20, Math.min(most, n * 2, Math.round((length * 1000) / wall)))
    }
    return n
  }
  const n = await sizeOf(loop)
  const rawN = await sizeOf(raw)
  const calls: Array<Block> = []
  const raws: Array<Block> = []
  const warmUp = 3
  for (let i = 0; i < warmUp + (quick ? 5 : 11); i++) {
    const one = await block(raw, rawN)
    await turn()
    const other = await block(loop, n)
    await turn()
    if (i < warmUp) continue
    raws.push(one)
    calls.push(other)
  }
  const of = (all: ReadonlyArray<Block>): Block => ({
    cpu: median(all.map(({ cpu }) => cpu)),
    wall: median(all.map(({ wall }) => wall))
  })
  return { raw: of(raws), call: of(calls) }
}

/** Many at once, so that contenders that wait for timers get as warm as the others. */
const warm = async (call: Call, calls: number): Promise<void> => {
  for (let done = 0; done < calls; done += 500) {
    await allAtOnce(call, 500)
    await turn()
  }
}

/** CPU per call over raw, one call after the other in one turn of the event loop. */
export const cpuRatio = (reach: number, most = Infinity, isAnswer = isSuccess): Measure<Call> => ({
  name: 'cpu',
  metrics: [{ title: 'CPU', unit: '× raw', reach, digits: 1 }],
  flags: [],
  raw: 'ns',
  take: async (call, options) => {
    await checked(call, isAnswer)
    await warm(call, 5_000)
    const blocksOf = await blocks(rawLoop, (n) => callLoop(call, n), { length: 40, most }, options)
    return { values: [blocksOf.call.cpu / blocksOf.raw.cpu], raw: blocksOf.raw.cpu * 1000 }
  }
})

/** CPU per call over raw, so many calls at once, again and again. */
export const cpuRatioTogether = (reach: number, calls: number): Measure<Call> => ({
  name: 'cpu',
  metrics: [{ title: `CPU, ${String(calls)} at once`, unit: '× raw', reach, digits: 1 }],
  flags: [],
  raw: 'ns',
  take: async (call, options) => {
    await checked(call)
    const crowd = async (n: number): Promise<void> => {
      for (let done = 0; done < n; done += calls) await allAtOnce(call, calls)
    }
    await crowd(calls * 40)
    const rounds = options.quick ? 5 : 11
    const n = calls * 100
    const raws: Array<number> = []
    const own: Array<number> = []
    for (let i = 0; i < 3 + rounds; i++) {
      const raw = await block(rawLoop, n * 5)
      await turn()
      const together = await block(crowd, n)
      await turn()
      if (i < 3) continue
      raws.push(raw.cpu)
      own.push(together.cpu)
    }
    return { values: [median(own) / median(raws)], raw: median(raws) * 1000 }
  }
})

/**
 * CPU per call in µs and over raw, one call after the other, and the wall time, which tells what was waited for. Who waits for
 * timers also pays for waking the process up: 1,000 calls at once share that.
 */
export const cpuMicros = (reach: number): Measure<Call> => ({
  name: 'cpu',
  metrics: [
    { title: 'CPU', unit: 'µs', reach, digits: 2 },
    { title: 'CPU', unit: '× raw', digits: 1 },
    { title: 'CPU, 1,000 calls at once', unit: 'µs', reach, digits: 2 },
    { title: 'wall', unit: 'µs', digits: 1 }
  ],
  flags: [],
  raw: 'ns',
  take: async (call, options) => {
    await checked(call)
    await warm(call, 20_000)
    const length = options.quick ? 60 : 150
    const { raw, call: own } = await blocks(rawLoop, (n) => callLoop(call, n), { length, most: Infinity }, options)
    const together: Array<number> = []
    for (let i = 0; i < (options.quick ? 10 : 30); i++) {
      together.push((await block(() => allAtOnce(call, 1_000).then(turn), 1_000)).cpu)
    }
    return { values: [own.cpu, own.cpu / raw.cpu, median(together), own.wall], raw: raw.cpu * 1000 }
  }
})

/** What a call adds to the CPU time of raw when each has a turn of the event loop to itself. */
export const cpuEachTurn = (most = Infinity): Measure<Call> => ({
  name: 'turns',
  metrics: [{ title: 'CPU beyond raw, one call a turn', unit: 'µs', digits: 2 }],
  flags: [],
  take: async (call, options) => {
    await checked(call)
    await warm(call, 5_000)
    const { raw, call: own } = await blocks(rawTurns, (n) => callTurns(call, n), { length: 60, most }, options)
    return { values: [own.cpu - raw.cpu] }
  }
})

/** Bytes allocated per call, raw included: a batch that fits into the young generation, so that nothing is collected. */
export const bytesPerCall = (reach: number): Measure<Call> => ({
  name: 'bytes',
  metrics: [{ title: 'allocated', unit: 'B', reach, digits: 0 }],
  flags: ['--expose-gc', '--min-semi-space-size=256', '--max-semi-space-size=256'],
  raw: 'B',
  take: async (call): Promise<Sample> => {
    await checked(call)
    await callLoop(call, 100_000)
    await rawLoop(100_000)
    return { values: [await allocated((n) => callLoop(call, n))], raw: await allocated(rawLoop) }
  }
})

const allocated = async (loop: (n: number) => Promise<void>): Promise<number> => {
  let collections = 0
  const observer = new PerformanceObserver((list) => {
    collections += list.getEntries().length
  })
  for (let n = 50_000; n >= 1_000; n >>= 1) {
    heapInUse()
    await turn()
    observer.observe({ entryTypes: ['gc'] })
    await turn()
    collections = 0
    const before = process.memoryUsage().heapUsed
    await loop(n)
    const after = process.memoryUsage().heapUsed
    // collections are told of a little later
    await new Promise((resolve) => setTimeout(resolve, 20))
    observer.disconnect()
    if (collections === 0) return (after - before) / n
  }
  throw new Error('there was a garbage collection in each batch')
}
