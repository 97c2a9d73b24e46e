import { type Event, Policy, Runner, Schedule, Trip } from 'resilience-ts'
import {
  fails,
  hangs,
  heeding,
  interleavings,
  type Line,
  script,
  succeeds,
  throws,
  type VirtualRuntime
} from 'resilience-ts/testing'
import * as O from 'fp-ts/Option'
import { pipe } from 'fp-ts/function'
import { from, hold, orders, same } from './orders'
import { idle, nothingLeft } from './play'

const id = Policy.id<unknown, unknown>()
type P = Policy.Policy<unknown, unknown, unknown, unknown>

/** One of the calls that come at once. */
interface Caller {
  readonly at: number
  readonly line: Line<unknown, unknown>
  readonly abortAt?: number
}

interface Crowd {
  readonly policy: P
  readonly callers: ReadonlyArray<Caller>
  readonly window?: number
  /** How many orders are tried, unless it is said; 2,000 unless given. */
  readonly seeds?: number
  /** What happens meanwhile. */
  readonly meanwhile?: (time: VirtualRuntime, control: Policy.CircuitBreakerControl) => void
  /** How many probes there may be at a time. */
  readonly probes: number
  /** How many operations never settle. */
  readonly hanging?: number
  /** Retried calls ask more than once. */
  readonly retried?: boolean
}

/** An attempt of a caller, and the generation of the circuit in which it was let in. */
interface Passage {
  readonly run: number
  readonly letIn: number
}

/** Plays a crowd in one order, and checks all that has to hold in every order; gives what happened, in order. */
const playCrowd = async (time: VirtualRuntime, crowd: Crowd): Promise<string> => {
  const runner = Runner.make(crowd.policy)(time.runtime)()
  const found = Policy.circuitBreakerControl(runner)
  if (O.isNone(found)) throw new Error('there is no breaker')
  const control = found.value
  crowd.meanwhile?.(time, control)
  let most = 0
  /** The generation that is now, and the changes so far, as they are watched. */
  let generation = 1
  const changes: Array<Policy.CircuitChange> = []
  control.watch((change) => {
    hold(change.generation > generation, 'generations grow')
    hold(changes.length === 0 || changes[changes.length - 1]!.to === change.from, 'each change begins where one ended')
    generation = change.generation
    changes.push(change)
  })()
  const passages: Array<Passage> = []
  const answers: Array<Array<string>> = crowd.callers.map(() => [])
  crowd.callers.forEach(({ at, line, abortAt }, index) => {
    const caller = time.signal()
    if (abortAt !== undefined) {
      time.after(abortAt, () => {
        caller.abort('gone')
      })
    }
    const scripted = script(time, line)
    time.after(at, () => {
      const task = runner.runWith(
        (attempt) => () => {
          const { state, probes } = control.status()
          most = Math.max(most, probes.running)
          hold(state !== 'open' && state !== 'isolated', 'nobody is let in while it is open')
          passages.push({ run: index, letIn: generation })
          return scripted.operation(attempt)()
        },
        { signal: caller.signal, attributes: { index } }
      )
      void time.start(task).then((answer) => {
        const { _tag } = answer
        answers[index]!.push(_tag === 'Right' ? 'Right' : String((answer.left as { readonly _tag?: string })._tag))
      })
    })
  })
  const leaks = await time.settle()
  const hanging = crowd.hanging ?? 0
  hold(leaks.operations <= hanging, 'no more hang than are meant to')
  hold(
    same({ ...leaks, operations: 0, promises: 0, listeners: 0 }, nothingLeft) &&
      leaks.promises <= leaks.operations &&
      leaks.listeners <= leaks.promises,
    `nothing left behind: ${JSON.stringify(leaks)}`
  )
  hold(most <= crowd.probes, 'no more probes at a time than there may be')
  hold(answers.filter((each) => each.length !== 1).length <= leaks.promises, 'one answer each')
  const { probes } = control.status()
  hold(probes.running <= leaks.operations, `as many probes given back as taken: ${JSON.stringify(control.status())}`)
  if (leaks.operations === 0) hold(same(runner.status(), idle), 'nothing in flight')
  // whoever moved the state by how it ended was let in during the generation that ended with that
  const callerOf = new Map(
    time.log.flatMap((event) => (event._tag === 'RunStarted' ? [[event.run, event.attributes]] : []))
  )
  for (const event of time.log) {
    if (event._tag !== 'CircuitChanged') continue
    if (!['ProbesSucceeded', 'ProbesFailed', 'ConsecutiveFailures', 'FailureRate'].includes(event.reason._tag)) continue
    const index = callerOf.get(event.run)?.['index']
    hold(
      passages.some(({ run, letIn }) => run === index && letIn === event.generation - 1),
      `no result of an earlier generation moves a later one: ${JSON.stringify(event)}`
    )
  }
  const count = (tag: Event.Event['_tag']): number => time.log.filter(({ _tag }) => _tag === tag).length
  hold(
    count('AttemptStarted') === count('AttemptEnded') + (leaks.promises > 0 ? leaks.promises : 0),
    'each attempt ends once'
  )
  if (crowd.retried !== true) hold(passages.length + count('CallRefused') <= crowd.callers.length, 'asked once each')
  return time.log.map((event) => `${String(event.run)} ${event._tag}`).join()
}

const breaker = (options: Partial<Policy.CircuitBreakerOptions> = {}) =>
  Policy.circuitBreaker({ trip: Trip.consecutiveFailures(2), openFor: 100, ...options }) as (policy: P) => P
const timeout = (ms: number) => Policy.timeout(ms) as (policy: P) => P
const retry = (times: number): ((policy: P) => P) =>
  Policy.retry<unknown, unknown>(pipe(Schedule.constant(100), Schedule.take(times)), { retryRefused: true })

// all takes multiples of 100 ms, so that settlements, timeouts, leases, openings and aborts fall into the same instants
const eight: ReadonlyArray<Caller> = [
  { at: 0, line: fails('down', 100) },
  { at: 0, line: heeding(fails('down', 100)) },
  { at: 0, line: succeeds('late', 300) },
  { at: 100, line: succeeds(1, 200) },
  { at: 200, line: succeeds(2, 100), abortAt: 300 },
  { at: 200, line: heeding(fails('down', 200)), abortAt: 300 },
  { at: 300, line: fails('down', 100) },
  { at: 400, line: succeeds(3) }
]

const crowds: Readonly<Record<string, Crowd>> = {
  'an opening, a probe and the late result of before': {
    policy: pipe(id, breaker()),
    callers: eight,
    probes: 1,
    seeds: 10_000
  },
  'the same in a window': { policy: pipe(id, breaker()), callers: eight, probes: 1, window: 100 },
  'two probes of three': {
    policy: pipe(id, breaker({ probes: 3, probeRate: 0.5 })),
    callers: eight,
    probes: 3,
    window: 50
  },
  'a lease that is over as its probe ends': {
    policy: pipe(id, breaker({ lease: 100 })),
    callers: eight,
    probes: 1,
    window: 50
  },
  'a half-open that is over as its probe ends': {
    policy: pipe(id, breaker({ halfOpenFor: 100 })),
    callers: eight,
    probes: 1,
    window: 50
  },
  'probes that hang': {
    policy: pipe(id, breaker({ lease: 100 })),
    callers: [...eight, { at: 200, line: hangs }, { at: 300, line: hangs }],
    probes: 1,
    window: 50,
    hanging: 2
  },
  'a ramp': {
    policy: pipe(id, breaker({ ramp: { over: 300, from: 0.5 } })),
    callers: [
      ...eight,
      { at: 500, line: succeeds(4) },
      { at: 500, line: fails('down', 100) },
      { at: 600, line: succeeds(5) }
    ],
    probes: 1,
    window: 50
  },
  'a time window': {
    policy: pipe(id, breaker({ trip: Trip.timeWindow(200, { failureRate: 0.5, minimumCalls: 2 }) })),
    callers: eight,
    probes: 1,
    window: 50
  },
  'a bug and a refusal among them': {
    policy: pipe(id, breaker()),
    callers: [...eight, { at: 200, line: throws('oh') }, { at: 200, line: fails({ _tag: 'BulkheadFull' }, 100) }],
    probes: 1,
    window: 50
  },
  'timeout ∘ breaker': { policy: pipe(id, breaker(), timeout(200)), callers: eight, probes: 1, window: 50 },
  'breaker ∘ timeout': { policy: pipe(id, timeout(100), breaker()), callers: eight, probes: 1, window: 50 },
  'retry ∘ breaker': { policy: pipe(id, breaker(), retry(2)), callers: eight, probes: 1, window: 50, retried: true },
  'breaker ∘ retry': { policy: pipe(id, retry(1), breaker()), callers: eight, probes: 1, window: 50, retried: true },
  'a hand that steers': {
    policy: pipe(id, breaker()),
    callers: eight,
    probes: 1,
    window: 50,
    meanwhile: (time, control) => {
      time.after(200, () => {
        const letGo = control.isolate()
        time.after(100, letGo)
      })
      time.after(300, () => {
        control.reset()
      })
      time.after(400, () => {
        control.forceOpen(100)()
      })
    }
  },
  'a snapshot restored': {
    policy: pipe(id, breaker()),
    callers: eight,
    probes: 1,
    window: 50,
    meanwhile: (time, control) => {
      let saved = control.snapshot()
      time.after(200, () => {
        saved = control.snapshot()
      })
      time.after(300, () => {
        control.restore(saved)()
      })
    }
  },
  'somebody waits for it to close': {
    policy: pipe(id, breaker()),
    callers: eight,
    probes: 1,
    window: 50,
    meanwhile: (time, control) => {
      time.after(100, () => {
        void time.start(control.until(({ state }) => state === 'half-open', 200))
        void time.start(control.until(({ state, generation }) => state === 'closed' && generation > 1, 300))
      })
    }
  }
}

describe('circuitBreaker in every order', () => {
  for (const [name, crowd] of Object.entries(crowds)) {
    const seeds = orders(crowd.seeds ?? 2_000)
    it(
      name,
      async () => {
        const seen = new Set<string>()
        const found = await interleavings({ seeds, from, window: crowd.window ?? 0 }, async (time) => {
          seen.add(await playCrowd(time, crowd))
        })
        expect(found).toEqual([])
        // the orders do differ
        if (seeds > 1) expect(seen.size).toBeGreaterThan(1)
      },
      120_000 + seeds * 10
    )
  }
})
