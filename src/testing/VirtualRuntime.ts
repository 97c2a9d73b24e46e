/**
 * A runtime whose clock jumps: a day of retrying takes milliseconds, and the same seed gives the same log to the letter.
 *
 * Nothing happens on its own. `run` starts a task and lets whatever is due next happen, one thing after the other, until the
 * task has ended; between any two, all promises get to run. What is to happen at the same instant happens in the order in
 * which it was arranged, or, with `order: 'seeded'`, in an order drawn from the seed: the interleaving scheduler.
 *
 * @since 0.1.0
 */
import type { Task } from 'fp-ts/Task'
import type { Millis } from '../Duration'
import type { Event } from '../Event'
import type { Steerable } from '../Protocol'
import { show } from '../Problem'
import { seeded } from '../Random'
import * as Rule from '../Rule'
import type { Runtime } from '../Runtime'
import { live } from '../runtime/Live'
import { counted } from './CountedSignal'
import { EventQueue, type Pending } from './EventQueue'

/**
 * How a virtual runtime is made.
 *
 * - `seed`: of its random draws, and of the order; 0 unless given. `random` gives the draws themselves; the seed is also what tells
 *   it from another, as a process that shares a store;
 * - `order`: of what is due at the same instant: `'arranged'` (the default), or `'seeded'`: drawn from the seed, and sometimes
 *   without a pause for promises in between;
 * - `window`: with a seeded order, how many ms apart two things may be and still happen in either order, as on a busy event
 *   loop; 0 unless given;
 * - `startAt`: the wall clock at the start, in ms since 1970; 0 unless given;
 * - `log`: whether events are logged; `true` unless given. Without it nobody listens, and no event is made.
 *
 * @category model
 * @since 0.1.0
 */
export interface VirtualOptions {
  readonly seed?: number | undefined
  readonly random?: (() => number) | undefined
  readonly order?: 'arranged' | 'seeded' | undefined
  readonly window?: Millis | undefined
  readonly startAt?: Millis | undefined
  readonly log?: boolean | undefined
}

/**
 * What is left behind, which is nothing when all is well.
 *
 * - `timers`: timers that are armed;
 * - `turns`: turns of the event loop that are asked for, and things a test arranged that have not happened;
 * - `listeners`: listeners on the signals of this runtime;
 * - `operations`: scripted operations that have been called and have not settled;
 * - `promises`: tasks that were started and have not ended;
 * - `permits`: what the bulkheads of the runners hold that are named: permits are the state of a runner, of which a runtime knows
 *   nothing.
 *
 * @category model
 * @since 0.1.0
 */
export interface Leaks {
  readonly timers: number
  readonly turns: number
  readonly listeners: number
  readonly operations: number
  readonly promises: number
  readonly permits: number
}

/**
 * A signal whose listeners are counted.
 *
 * @category model
 * @since 0.1.0
 */
export interface VirtualSignal {
  readonly signal: AbortSignal
  readonly abort: (reason?: unknown) => void
  readonly listeners: () => number
}

/**
 * A runtime in virtual time, and the hand that moves it.
 *
 * @category model
 * @since 0.1.0
 */
export interface VirtualRuntime {
  /** What a runner is made on. */
  readonly runtime: Runtime
  /** Milliseconds of virtual time since the start. */
  readonly now: () => Millis
  /** Every event so far, in order. */
  readonly log: ReadonlyArray<Event>
  /**
   * Starts a task and lets time pass until it has ended. It rejects, saying so, when nothing is left to happen and the task
   * has not ended: it would hang for ever.
   */
  readonly run: <A>(task: Task<A>) => Promise<A>
  /** Starts a task without letting time pass; its promise is given back. */
  readonly start: <A>(task: Task<A>) => Promise<A>
  /**
   * Lets `ms` milliseconds pass, and everything happen that is due in them; none below 0: time never goes back. It rejects where
   * that is no finite number.
   */
  readonly advance: (ms: Millis) => Promise<void>
  /** Lets everything happen that is still to happen, and says what is left behind, permits of these runners included. */
  readonly settle: (...runners: ReadonlyArray<Steerable>) => Promise<Leaks>
  /** What is left behind right now, permits of these runners included. */
  readonly leaks: (...runners: ReadonlyArray<Steerable>) => Leaks
  /** Arranges that `f` is called, `ms` milliseconds from now; never, where that is no finite number. */
  readonly after: (ms: Millis, f: () => void) => void
  /** A new signal, counted among the leaks. */
  readonly signal: () => VirtualSignal
  /** Moves the wall clock by `ms`, which may be negative; the monotonic clock does not notice. */
  readonly jumpWallClock: (ms: Millis) => void
  /** @internal Counts a scripted operation in or out. */
  readonly operation: (change: 1 | -1) => void
}

/**
 * Makes a virtual runtime.
 *
 * @param options see `VirtualOptions`
 *
 * @example
 * import { Policy, Runner, Schedule } from 'resilience-ts'
 * import { virtual } from 'resilience-ts/testing'
 * import { pipe } from 'fp-ts/function'
 * import * as TE from 'fp-ts/TaskEither'
 * import * as E from 'fp-ts/Either'
 * import assert from 'assert'
 *
 * const day = 24 * 60 * 60 * 1000
 * const policy = pipe(Policy.id<string, number>(), Policy.retry(pipe(Schedule.constant(60_000), Schedule.within(day))))
 * const time = virtual({ seed: 42 })
 * const answer = await time.run(Runner.make(policy)(time.runtime)().run(TE.left('busy')))
 * assert.deepStrictEqual(answer, E.left('busy'))
 * assert.strictEqual(time.now(), day - 60_000)
 *
 * @category constructors
 * @since 0.1.0
 */
export const virtual = (options: VirtualOptions = {}): VirtualRuntime => {
  const { seed = 0, order = 'arranged', window = 0, startAt = 0 } = options
  // two sources, so that the order of things does not change what is drawn
  const random = options.random ?? seeded(seed)
  const dice = seeded(seed ^ 0x5bd1e995)
  const queue = new EventQueue()
  const log: Array<Event> = []
  let now: Millis = 0
  let wallShift = startAt
  let listeners = 0
  let operations = 0
  let promises = 0

  const runtime: Runtime = {
    clock: {
      now: () => now,
      wallClock: () => now + wallShift,
      timer: (ms, fire) => {
        const event = queue.add(now + ms, fire, true)
        return {
          cancel: () => {
            event.cancelled = true
          }
        }
      },
      turn: (f) => {
        queue.add(now, f, false)
      }
    },
    random,
    process: `virtual ${String(seed)}`,
    keepAlive: true,
    ...(options.log === false ? {} : { observe: (event: Event) => void log.push(event) })
  }

  /** Everything that may happen next, taken out of the queue. */
  const candidates = (until: Millis): ReadonlyArray<Pending> => {
    const first = queue.first()
    if (first === undefined || first.at > until || first.at === Infinity) return []
    if (order === 'arranged') return [queue.take() as Pending]
    const found: Array<Pending> = []
    for (let next = queue.first(); next !== undefined; next = queue.first()) {
      if (next.at > Math.min(first.at + window, until)) break
      found.push(queue.take() as Pending)
    }
    return found
  }

  /** Lets one thing happen; says whether there was one. */
  const happen = (until: Millis): boolean => {
    const due = candidates(until)
    const chosen = due[order === 'arranged' ? 0 : Math.floor(dice() * due.length)]
    if (chosen === undefined) return false
    for (const event of due) if (event !== chosen) queue.insert(event)
    now = Math.max(now, chosen.at)
    chosen.fire()
    return true
  }

  /** Lets things happen until there is nothing due or `ended` says so. */
  const pass = async (until: Millis, ended: () => boolean): Promise<void> => {
    for (;;) {
      await promisesRun()
      if (ended()) return
      if (!happen(until)) return
      // two things of one instant may happen before any promise gets to run; before time passes, all of them do
      while (order === 'seeded' && dice() < 0.5 && happen(Math.min(until, now + window)));
    }
  }

  const start = <A>(task: Task<A>): Promise<A> => {
    promises++
    const ended = (): void => {
      promises--
    }
    let promise: ReturnType<typeof task>
    try {
      promise = task()
    } catch (cause) {
      ended()
      // not ours: what the test's own task threw, given back to the test
      throw cause
    }
    promise.then(ended, ended)
    return promise
  }

  const leaks = (...runners: ReadonlyArray<Steerable>): Leaks => {
    const pending = queue.live()
    const timers = pending.filter((event) => event.timer).length
    const permits = runners.flatMap(({ controls }) => [...controls.values()].map(permitsOf)).reduce((a, b) => a + b, 0)
    return { timers, turns: pending.length - timers, listeners, operations, promises, permits }
  }

  return {
    runtime,
    now: () => now,
    log,
    start,
    run: async (task) => {
      const state = { ended: false }
      const end = (): void => {
        state.ended = true
      }
      const promise = start(task)
      promise.then(end, end)
      await pass(Infinity, () => state.ended)
      return state.ended ? promise : Promise.reject(new Error(`stuck at ${String(now)} ms: ${JSON.stringify(leaks())}`))
    },
    advance: async (ms) => {
      const [problem] = Rule.check({ ms: Rule.finite }, { ms })
      if (problem !== undefined) return Promise.reject(new Error(show(problem)))
      const until = now + ms
      await pass(until, () => false)
      // others may have let more time pass meanwhile, which never goes back
      now = Math.max(now, until)
    },
    settle: async (...runners) => {
      await pass(Infinity, () => false)
      return leaks(...runners)
    },
    leaks,
    after: (ms, f) => {
      queue.add(now + ms, f, false)
    },
    signal: () => {
      const controller = new AbortController()
      let own = 0
      const count = (change: 1 | -1): void => {
        own += change
        listeners += change
      }
      return {
        signal: counted(controller.signal, count),
        abort: (reason) => {
          controller.abort(reason)
        },
        listeners: () => own
      }
    },
    jumpWallClock: (ms) => {
      wallShift += ms
    },
    operation: (change) => {
      operations += change
    }
  }
}

/** All promises that can run have run once the event loop has had a turn. */
const promisesRun = (): Promise<void> =>
  new Promise((resolve) => {
    live.clock.turn(resolve)
  })

/** How many permits a control tells of; what steers anything else tells of none. */
const permitsOf = (control: object): number => {
  const { status } = control as { readonly status?: () => { readonly permits?: number; readonly active?: number } }
  const { permits, active = 0 } = status?.() ?? {}
  return permits === undefined ? 0 : active
}
