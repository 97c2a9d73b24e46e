import { type Event, Policy, Runner, Schedule } from 'resilience-ts'
import { fails, heeding, interleavings, type Line, script, succeeds, type VirtualRuntime } from 'resilience-ts/testing'
import * as O from 'fp-ts/Option'
import { pipe } from 'fp-ts/function'
import { from, hold, orders, same } from './orders'
import { idle, nothingLeft } from './play'

const seeds = orders(2_000)

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
  /** What happens meanwhile. */
  readonly meanwhile?: (time: VirtualRuntime, control: Policy.BulkheadControl) => void
  /** The most operations that may run at once. */
  readonly most: number
}

/** Plays a crowd in one order, and checks all that has to hold in every order; gives what happened, in order. */
const playCrowd = async (time: VirtualRuntime, crowd: Crowd): Promise<string> => {
  const runner = Runner.make(crowd.policy)(time.runtime)()
  const found = Policy.bulkheadControl(runner)
  if (O.isNone(found)) throw new Error('there is no bulkhead')
  const control = found.value
  crowd.meanwhile?.(time, control)
  let running = 0
  let tooMany = false
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
          if (++running > crowd.most) tooMany = true
          return scripted
            .operation(attempt)()
            .then((answer) => {
              running--
              return answer
            })
        },
        { signal: caller.signal }
      )
      void time.start(task).then((answer) => {
        const { _tag } = answer
        answers[index]!.push(_tag === 'Right' ? 'Right' : String((answer.left as { readonly _tag?: string })._tag))
      })
    })
  })
  const leaks = await time.settle(runner)
  hold(same(leaks, nothingLeft), `nothing left behind: ${JSON.stringify(leaks)}`)
  hold(!tooMany, 'never more at once than there are permits')
  hold(running === 0, 'all have settled')
  hold(
    answers.every((each) => each.length === 1),
    'one answer each'
  )
  const status = control.status()
  hold(
    status.active === 0 && status.hanging === 0 && status.abandoned === 0 && status.queued === 0,
    `as many permits given back as taken: ${JSON.stringify(status)}`
  )
  hold(same(runner.status(), idle), 'nothing in flight')
  const count = (tag: Event.Event['_tag']): number => time.log.filter(({ _tag }) => _tag === tag).length
  hold(count('CallAdmitted') <= count('CallQueued'), 'nobody is let in twice')
  hold(count('AttemptStarted') === count('AttemptEnded'), 'each attempt ends once')
  return time.log.map(({ run, _tag }) => `${String(run)} ${_tag}`).join()
}

const bulkhead = (permits: number, options: Policy.BulkheadOptions = { queue: 9 }) =>
  Policy.bulkhead(permits, options) as (policy: P) => P
const timeout = (ms: number) => Policy.timeout(ms) as (policy: P) => P
const retry = (times: number): ((policy: P) => P) =>
  Policy.retry<unknown, unknown>(pipe(Schedule.constant(100), Schedule.take(times)), { retryRefused: true })

// all takes multiples of 100 ms, so that settlements, timeouts, limits and aborts fall into the same instants
const five: ReadonlyArray<Caller> = [
  { at: 0, line: succeeds(1, 100) },
  { at: 0, line: heeding(succeeds(2, 200)), abortAt: 100 },
  { at: 0, line: fails('busy', 100), abortAt: 200 },
  { at: 100, line: succeeds(4, 300), abortAt: 200 },
  { at: 100, line: heeding(fails('busy', 100)) }
]

const crowds: Readonly<Record<string, Crowd>> = {
  'aborts racing the hand-over': { policy: pipe(id, bulkhead(1)), callers: five, most: 1 },
  'the same in a window': { policy: pipe(id, bulkhead(2)), callers: five, most: 2, window: 100 },
  'last in first out': { policy: pipe(id, bulkhead(1, { queue: 9, order: 'lifo' })), callers: five, most: 1 },
  'by priority': { policy: pipe(id, bulkhead(1, { queue: 9, order: () => 1 })), callers: five, most: 1 },
  'the limit of the wait racing the hand-over and aborts': {
    policy: pipe(id, bulkhead(1, { queue: 9, wait: 100 })),
    callers: five,
    most: 1,
    window: 50
  },
  'a queue that is too short': { policy: pipe(id, bulkhead(1, { queue: 1, wait: 200 })), callers: five, most: 1 },
  'timeout ∘ bulkhead': { policy: pipe(id, bulkhead(1), timeout(200)), callers: five, most: 1, window: 50 },
  'bulkhead ∘ timeout': { policy: pipe(id, timeout(100), bulkhead(1)), callers: five, most: 1, window: 50 },
  'retry ∘ bulkhead': { policy: pipe(id, bulkhead(1, { queue: 2 }), retry(2)), callers: five, most: 1, window: 50 },
  'bulkhead ∘ retry': { policy: pipe(id, retry(1), bulkhead(2)), callers: five, most: 2, window: 50 },
  'a deadline with a reserve': {
    policy: pipe(id, bulkhead(1), Policy.deadline(300, { reserve: 100 }) as (policy: P) => P),
    callers: five,
    most: 1,
    window: 50
  },
  'a resize to none and back': {
    policy: pipe(id, bulkhead(2)),
    callers: five,
    most: 2,
    window: 50,
    meanwhile: (time, control) => {
      time.after(100, () => {
        control.resize(0)()
      })
      time.after(200, () => {
        control.resize(2)()
      })
    }
  },
  'permits given up after a time, and all at once': {
    policy: pipe(id, timeout(100), bulkhead(1, { queue: 9, abandonAfter: 100 })),
    callers: five,
    // those that were given up run on
    most: 5,
    window: 50,
    meanwhile: (time, control) => {
      time.after(200, () => {
        control.abandon()
      })
    }
  }
}

describe('bulkhead in every order', () => {
  for (const [name, crowd] of Object.entries(crowds)) {
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
