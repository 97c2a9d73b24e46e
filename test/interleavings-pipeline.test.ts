import { type Event, Policy, Runner, type Runtime, Schedule, Trip } from 'resilience-ts'
import {
  fails,
  heeding,
  interleavings,
  type Line,
  script,
  succeeds,
  throws,
  type VirtualRuntime
} from 'resilience-ts/testing'
import * as E from 'fp-ts/Either'
import * as O from 'fp-ts/Option'
import { pipe } from 'fp-ts/function'
import { from, hold, orders, same } from './orders'
import { idle, nothingLeft } from './play'

const seeds = orders(10_000)

const some = <A>(option: O.Option<A>): A => {
  if (O.isNone(option)) throw new Error('there is none')
  return option.value
}

const permits = 2
const probes = 1

/** fallback ∘ breaker ∘ retry ∘ timeout ∘ bulkhead */
const pipeline = pipe(
  Policy.id<unknown, unknown>(),
  Policy.bulkhead(permits, { queue: 2 }),
  Policy.timeout(100),
  Policy.retry(pipe(Schedule.constant(50), Schedule.take(1)), { retryRefused: true }),
  Policy.circuitBreaker({
    trip: Trip.anyOf(Trip.consecutiveFailures(2), Trip.failuresWithin(3, 1000)),
    openFor: 150,
    probes,
    lease: 200,
    ramp: { over: 200, from: 0.5 }
  }),
  Policy.fallbackIf(
    (error): error is { readonly _tag: 'CircuitOpen' } =>
      (error as { readonly _tag?: unknown } | null)?._tag === 'CircuitOpen',
    () => 'instead'
  )
)

interface Caller {
  readonly at: number
  readonly lines: readonly [Line<unknown, unknown>, ...ReadonlyArray<Line<unknown, unknown>>]
  readonly abortAt?: number
}

// attempts, timeouts, delays, openings, leases and aborts fall into the same instants, or nearly
const callers: ReadonlyArray<Caller> = [
  { at: 0, lines: [fails('down', 50), fails('down', 50)] },
  { at: 0, lines: [succeeds('late', 250), succeeds('late', 250)] },
  { at: 0, lines: [heeding(succeeds('late', 300)), fails('down', 50)], abortAt: 200 },
  { at: 50, lines: [heeding(fails('down', 100)), succeeds(1, 50)] },
  { at: 150, lines: [fails('down', 50), heeding(succeeds('late', 150))], abortAt: 250 },
  { at: 250, lines: [fails('down', 10)] },
  { at: 300, lines: [succeeds(2, 100)] },
  { at: 350, lines: [heeding(succeeds('late', 200)), succeeds(3, 50)] },
  { at: 350, lines: [succeeds(4)], abortAt: 350 },
  { at: 500, lines: [throws('oh')] },
  { at: 500, lines: [fails('down', 50), succeeds(5, 50)] },
  { at: 550, lines: [succeeds(6, 50)], abortAt: 600 },
  { at: 700, lines: [succeeds(7)] }
]

interface Played {
  readonly outcome: string
  readonly reasons: ReadonlyArray<string>
}

const playPipeline = async (time: VirtualRuntime, observed: boolean): Promise<Played> => {
  const { clock, random, keepAlive } = time.runtime
  const runtime: Runtime.Runtime = observed ? time.runtime : { clock, random, keepAlive }
  const runner = Runner.make(pipeline)(runtime)()
  const breaker = some(Policy.circuitBreakerControl(runner))
  const bulkhead = some(Policy.bulkheadControl(runner))
  const changes: Array<Policy.CircuitChange> = []
  let generation = 1
  breaker.watch((change) => {
    hold(change.generation === generation + 1, 'one generation after the other')
    generation = change.generation
    changes.push(change)
  })()
  let running = 0
  /** In which generation each asked to be let in, which is done at once. */
  const letIn = new Map<number, number>()
  const answers: Array<Array<string>> = callers.map(() => [])
  callers.forEach(({ at, lines, abortAt }, index) => {
    const caller = time.signal()
    if (abortAt !== undefined && observed) {
      time.after(abortAt, () => {
        caller.abort('gone')
      })
    }
    const scripted = script(time, ...lines)
    const called = <T>(call: () => Promise<T>): Promise<T> => {
      hold(++running <= permits, 'no more at once than there are permits')
      hold(breaker.status().probes.running <= probes, 'no more probes than there may be')
      let promise: Promise<T>
      try {
        promise = call()
      } catch (cause) {
        running--
        throw cause
      }
      return promise.finally(() => {
        running--
      })
    }
    time.after(at, () => {
      const task = observed
        ? runner.runWith((attempt) => () => called(scripted.operation(attempt)), {
            signal: caller.signal,
            attributes: { index }
          })
        : runner.run(() => called(scripted.task))
      void time.start(task).then((answer) => {
        const said = E.isRight(answer) ? answer.right : answer.left
        const tag = (said as { readonly _tag?: unknown } | null)?._tag
        answers[index]!.push(String(tag ?? said))
      })
      letIn.set(index, generation)
    })
  })
  const leaks = await time.settle(runner)
  hold(same(leaks, nothingLeft), `nothing left behind: ${JSON.stringify(leaks)}`)
  hold(running === 0, 'all have settled')
  hold(
    answers.every((each) => each.length === 1),
    `one answer each: ${JSON.stringify(answers)}`
  )
  const held = bulkhead.status()
  hold(
    held.active === 0 && held.hanging === 0 && held.abandoned === 0 && held.queued === 0,
    `as many permits given back as taken: ${JSON.stringify(held)}`
  )
  hold(breaker.status().probes.running === 0, 'as many probes given back as taken')
  hold(same(runner.status(), idle), 'nothing in flight')
  if (observed) {
    const count = (tag: Event.Event['_tag']): number => time.log.filter(({ _tag }) => _tag === tag).length
    hold(count('AttemptStarted') === count('AttemptEnded'), 'each attempt ends once')
    hold(count('RunStarted') === callers.length && count('RunEnded') === callers.length, 'each run ends once')
    const callerOf = new Map(
      time.log.flatMap((event) =>
        event._tag === 'RunStarted' ? [[event.run, event.attributes['index']] as const] : []
      )
    )
    for (const event of time.log) {
      if (event._tag !== 'CircuitChanged') continue
      if (!['ProbesSucceeded', 'ProbesFailed', 'ConsecutiveFailures', 'FailuresWithin'].includes(event.reason._tag))
        continue
      hold(
        letIn.get(callerOf.get(event.run) as number) === event.generation - 1,
        `no result of an earlier generation moves a later one: ${JSON.stringify(event)}`
      )
    }
  }
  return { outcome: answers.join(), reasons: changes.map(({ reason }) => reason._tag) }
}

describe('fallback ∘ breaker ∘ retry ∘ timeout ∘ bulkhead in every order', () => {
  for (const [name, observed] of [
    ['with listeners and signals', true],
    ['by its lanes, with nobody listening', false]
  ] as const) {
    it(
      `${String(seeds)} orders, ${name}: one answer each, permits and probes in = out, nothing left behind`,
      async () => {
        const outcomes = new Set<string>()
        const reasons = new Set<string>()
        const found = await interleavings({ seeds, from, window: 50 }, async (time) => {
          const played = await playPipeline(time, observed)
          outcomes.add(played.outcome)
          for (const reason of played.reasons) reasons.add(reason)
        })
        expect(found).toEqual([])
        if (seeds < 1000) return
        // the orders do differ, and the circuit went through all of its states
        expect(outcomes.size).toBeGreaterThan(100)
        expect([...reasons]).toEqual(
          expect.arrayContaining(['ConsecutiveFailures', 'OpenTimeOver', 'ProbesSucceeded', 'ProbesFailed'])
        )
      },
      120_000 + seeds * 20
    )
  }
})
