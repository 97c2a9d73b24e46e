import Module, { createRequire } from 'node:module'
import { cpuTime } from '../measure'
import { type Measure, scenario } from '../Scenario'

type Load = (request: string, ...rest: ReadonlyArray<unknown>) => unknown

const require = createRequire(__filename)

/** CPU time of a first `require`, with what it loads of fp-ts and io-ts told apart. */
const first: Measure<string> = {
  name: 'import',
  metrics: [
    { title: 'CPU, without fp-ts and io-ts', unit: 'ms', reach: 8, digits: 1 },
    { title: 'CPU, with them', unit: 'ms', digits: 1 }
  ],
  flags: [],
  take: async (name) => {
    const hooked = Module as unknown as { _load: Load }
    const { _load: load } = hooked
    let depth = 0
    let theirs = 0
    hooked._load = function (this: unknown, request, ...rest) {
      if (!/^(fp|io)-ts(\/|$)/.test(request)) return load.call(this, request, ...rest)
      const start = cpuTime()
      depth++
      try {
        return load.call(this, request, ...rest)
      } finally {
        depth--
        if (depth === 0) theirs += cpuTime() - start
      }
    }
    const start = cpuTime()
    require(name)
    const all = cpuTime() - start
    hooked._load = load
    return { values: [(all - theirs) / 1000, all / 1000] }
  }
}

export const imports = scenario<string>({
  name: 'import',
  title: 'import in a fresh process',
  contenders: {
    ours: () => 'resilience-ts',
    cockatiel: () => 'cockatiel',
    'retry-ts': () => 'retry-ts/Task',
    'fp-ts/lib/TaskEither': () => 'fp-ts/lib/TaskEither'
  },
  measures: [first]
})
