/**
 * A flag that can be set and cleared, and that wakes who sleeps on it: "the network is back, try again now", "we are shutting
 * down, try no more". It is what `wakeOn` and `stopOn` of a retry or poll take.
 *
 * @since 0.1.0
 */
import type { IO } from 'fp-ts/IO'
import type { Millis } from './Duration'
import { type Context, Sleeper, type Waiting } from './Protocol'

/**
 * Something that is set or not.
 *
 * @category model
 * @since 0.1.0
 */
export interface Flag {
  readonly isSet: IO<boolean>
  /**
   * The same waiting, but that sleeps end as soon as this flag is set or pulsed, and that none is slept while it is set; for
   * strategies of your own. Nothing is kept of who is awake.
   */
  readonly over: (waiting: Waiting) => Waiting
}

/**
 * A flag in one's own hand. Its functions need no `this`.
 *
 * @category model
 * @since 0.1.0
 */
export interface OwnFlag extends Flag {
  /** Sets the flag, and wakes everyone who sleeps on it. It stays set until it is cleared. */
  readonly set: IO<void>
  /** Clears the flag. */
  readonly clear: IO<void>
  /** Wakes everyone who sleeps on it right now, and leaves the flag as it is. */
  readonly pulse: IO<void>
}

/**
 * Makes a flag that is not set. An `IO`, as a flag is state: whoever is to share one is handed the same.
 *
 * @example
 * import { Flag, Policy, Runner, Schedule } from 'resilience-ts'
 * import { fails, script, succeeds, virtual } from 'resilience-ts/testing'
 * import { pipe } from 'fp-ts/function'
 * import * as E from 'fp-ts/Either'
 * import assert from 'assert'
 *
 * const online = Flag.make()
 * const policy = pipe(Policy.id<string, number>(), Policy.retry(Schedule.constant(60_000), { wakeOn: online }))
 *
 * const time = virtual()
 * time.after(500, online.pulse)
 * const answer = await time.run(Runner.make(policy)(time.runtime)().run(script(time, fails('offline'), succeeds(1)).task))
 * assert.deepStrictEqual(answer, E.right(1))
 * assert.strictEqual(time.now(), 500)
 *
 * @category constructors
 * @since 0.1.0
 */
export const make: IO<OwnFlag> = () => {
  const sleepers = new Sleepers()
  let isSet = false
  return {
    isSet: () => isSet,
    set: () => {
      isSet = true
      sleepers.rouse()
    },
    clear: () => {
      isSet = false
    },
    pulse: () => {
      sleepers.rouse()
    },
    over: (waiting) => new FlaggedWaiting(waiting, () => isSet, sleepers),
    ...shown
  }
}

const known = /*#__PURE__*/ new WeakMap<AbortSignal, Flag>()

/**
 * The flag that is set once a signal is aborted, and stays so. However many sleep on it, there is one listener on the signal, and
 * none while nobody does. What is no signal is found by `validate`, where the flag is a setting.
 *
 * @param signal a platform's signal
 *
 * @example
 * import { Flag } from 'resilience-ts'
 * import assert from 'assert'
 *
 * const controller = new AbortController()
 * const shuttingDown = Flag.fromSignal(controller.signal)
 * assert.strictEqual(shuttingDown.isSet(), false)
 * controller.abort()
 * assert.strictEqual(shuttingDown.isSet(), true)
 *
 * @category constructors
 * @since 0.1.0
 */
export const fromSignal = (signal: AbortSignal): Flag => {
  // given back, so that it is found; nothing at all would pass for a setting that is left out
  if (!isSignal(signal)) return ((signal as unknown) ?? null) as Flag
  let flag = known.get(signal)
  if (flag === undefined) known.set(signal, (flag = flagOf(signal)))
  return flag
}

const isSignal = (u: unknown): boolean => {
  try {
    return typeof (u as Partial<AbortSignal> | null | undefined)?.addEventListener === 'function'
  } catch {
    // it throws when it is looked at
    return false
  }
}

const flagOf = (signal: AbortSignal): Flag => {
  const onAbort = (): void => {
    sleepers.rouse()
  }
  const sleepers = new Sleepers(
    () => {
      signal.addEventListener('abort', onAbort)
    },
    () => {
      signal.removeEventListener('abort', onAbort)
    }
  )
  const isSet = (): boolean => signal.aborted
  return { isSet, over: (waiting) => new FlaggedWaiting(waiting, isSet, sleepers), ...shown }
}

/** How a flag is shown among the settings of a policy. */
const shown: object = { toJSON: () => 'Flag' }

/** Those who sleep until a flag is set. */
class Sleepers {
  private readonly all = new Set<FlaggedSleeper>()

  constructor(
    /** Called when there is one, and when there is none any more. */
    private readonly onFirst: () => void = ignore,
    private readonly onNone: () => void = ignore
  ) {}

  add(sleeper: FlaggedSleeper): void {
    if (this.all.size === 0) this.onFirst()
    this.all.add(sleeper)
  }

  remove(sleeper: FlaggedSleeper): void {
    if (this.all.delete(sleeper) && this.all.size === 0) this.onNone()
  }

  /** Whoever falls asleep again meanwhile waits for the next time. */
  rouse(): void {
    for (const sleeper of [...this.all]) sleeper.rouse()
  }
}

const ignore = (): void => undefined

/** Sleeps in place of another, whom it wakes. */
class FlaggedSleeper extends Sleeper {
  readonly context: Context

  constructor(
    readonly sleeper: Sleeper,
    private readonly waiting: FlaggedWaiting
  ) {
    super()
    this.context = sleeper.context
  }

  wake(): void {
    this.waiting.remove(this)
    this.sleeper.wake()
  }

  rouse(): void {
    this.waiting.rouse(this.sleeper)
  }
}

class FlaggedWaiting implements Waiting {
  private readonly asleep = new Map<Sleeper, FlaggedSleeper>()

  constructor(
    private readonly waiting: Waiting,
    private readonly isSet: IO<boolean>,
    private readonly sleepers: Sleepers
  ) {}

  sleep(ms: Millis, sleeper: Sleeper): void {
    // the event loop gets its turn: a flag may stay set for long
    if (this.isSet()) {
      this.waiting.turn(sleeper)
      return
    }
    const flagged = new FlaggedSleeper(sleeper, this)
    this.asleep.set(sleeper, flagged)
    this.sleepers.add(flagged)
    this.waiting.sleep(ms, flagged)
  }

  turn(sleeper: Sleeper): void {
    this.waiting.turn(sleeper)
  }

  park(sleeper: Sleeper): void {
    this.waiting.park(sleeper)
  }

  rouse(sleeper: Sleeper): void {
    this.waiting.rouse(this.asleep.get(sleeper) ?? sleeper)
  }

  cancel(sleeper: Sleeper): void {
    const flagged = this.asleep.get(sleeper)
    if (flagged !== undefined) this.remove(flagged)
    this.waiting.cancel(flagged ?? sleeper)
  }

  remove(flagged: FlaggedSleeper): void {
    this.asleep.delete(flagged.sleeper)
    this.sleepers.remove(flagged)
  }
}
