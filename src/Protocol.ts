/**
 * How the layers of a running policy talk to each other: four signals, plain calls, no promise between them.
 *
 * ```
 *            open(context, up)          a layer makes the frame of one call
 *  outer  ───────────────────────▶ inner
 *            start()                    the frame begins
 *            abort(cause)               the frame is to end, now
 *         ◀───────────────────────
 *            done(exit, settled)        the answer, exactly once
 *            settled()                  whatever still ran beneath has really ended, exactly once, unless done said so
 * ```
 *
 * Every strategy is made of these, the library's and the user's alike. The rules:
 *
 * - `open` has no effects; `start` is called once, after it, and nothing is called on a frame that was not started;
 * - a frame answers `done` exactly once, perhaps before `start` returns. Its second argument says whether all that it
 *   started has ended; if not, `settled` follows, once it has;
 * - a frame that is aborted before it has answered answers at once, within `abort`; to abort one that has answered does
 *   nothing;
 * - a `Defect` or an `Aborted` from beneath is passed on as it is, at once, unless `abort` came from this very frame;
 * - nothing throws.
 *
 * @since 0.1.0
 */
import type { Left } from 'fp-ts/Either'
import type { Millis } from './Duration'
import type { Option } from 'fp-ts/Option'
import type { Attributes, Occurrence } from './Event'
import type { Exit } from './Exit'
import type { Limit } from './Limit'
import type { Problem } from './Problem'
import type { Aborted } from './Rejection'
import type { Runtime } from './Runtime'
import type { Store } from './Store'

/**
 * One call's passage through one layer, seen from above.
 *
 * @category model
 * @since 0.1.0
 */
export interface Frame {
  readonly start: () => void
  readonly abort: (cause: Aborted) => void
}

/**
 * Whom a frame answers.
 *
 * @category model
 * @since 0.1.0
 */
export interface Up {
  readonly done: (exit: Exit, settled: boolean) => void
  readonly settled: () => void
}

/**
 * A compiled piece of a policy: it makes a frame for each call.
 *
 * @category model
 * @since 0.1.0
 */
export interface Layer {
  readonly open: (context: Context, up: Up, failure?: Left<unknown>) => Frame
  /** The way past it without a frame, where it has one. */
  readonly lane?: Lane | undefined
  /**
   * Beside a lane that mends: whether `open` heeds a failure. The frame takes it, once it is started, for that of a first
   * attempt, which has been made and has settled. It is given where nothing is outside; else the frame is told as any other.
   */
  readonly reopens?: boolean
  /**
   * What shows and steers this layer's state, where it has any: a runner hands it out under the layer's name. What it looks
   * like is the strategy's own business; so is to tell it from any other, which a class of its own does.
   */
  readonly control?: object
}

/**
 * A way past a layer without a frame, for a call that it lets in at once, and whose first attempt ends without anything more
 * to do than to note it. A run that nobody observes goes by the lanes of its outermost layers, as far as these have any; what
 * they held is then given back, or handed to their frames, which are started only if they are needed:
 *
 * - a failure is the business of the innermost layer that `mends`, if there is one: its frame and those outside of it are
 *   started, and it meets the failure as if its frame had made the attempt. The others see it leave;
 * - where what runs has answered and not settled (it hangs), all frames are started, as they have to wait for it.
 *
 * @category model
 * @since 0.1.0
 */
export interface Lane {
  /**
   * Lets a call in: a ticket, any number; or what answers it at once, without anything inside being started (a refusal);
   * or `undefined` where it takes a frame to say.
   */
  readonly enter: () => number | Exit | undefined
  /** What was let in has ended with this exit, and has settled; nothing more is done for it. */
  readonly leave: (ticket: number, exit: Exit) => void
  /** Whether a failure is for this layer's frame to deal with; where it is not, a failure leaves as any exit does. */
  readonly mends?: boolean
}

/**
 * The lane of a layer that has nothing to do unless an attempt fails: a retry that keeps no time, a fallback.
 *
 * @example
 * import { Policy, Runner, Runtime, Strategy } from 'resilience-ts'
 * import { pipe } from 'fp-ts/function'
 * import * as TE from 'fp-ts/TaskEither'
 * import * as E from 'fp-ts/Either'
 * import assert from 'assert'
 *
 * // counts the calls that fail, and opens no frame for one that does not
 * let failed = 0
 * const countFailed: Strategy.Strategy<object> = {
 *   name: 'countFailed',
 *   rules: {},
 *   show: () => [],
 *   compile: (_settings, _services, inner) => ({
 *     lane: Strategy.openLane,
 *     open: (context, up) =>
 *       inner.open(context, {
 *         done: (exit, settled) => {
 *           if (exit._tag === 'Left') failed++
 *           up.done(exit, settled)
 *         },
 *         settled: () => up.settled()
 *       })
 *   })
 * }
 * const policy = pipe(Policy.id<string, number>(), Policy.around<string, number, object>(countFailed, {}))
 * const { run } = Runner.make(policy)(Runtime.live)()
 * assert.deepStrictEqual(await run(TE.right(1))(), E.right(1))
 * assert.deepStrictEqual(await run(TE.left('busy'))(), E.left('busy'))
 * assert.strictEqual(failed, 1)
 *
 * @category lanes
 * @since 0.1.0
 */
export const openLane: Lane = { enter: () => 0, leave: () => undefined, mends: true }

/**
 * Whoever hands out the controls of layers, by their names: a runner does.
 *
 * @category model
 * @since 0.1.0
 */
export interface Steerable {
  readonly controls: ReadonlyMap<string, object>
}

/**
 * What a layer knows of the attempt it is asked to make. To be read while that runs: later, the same object may tell of the next.
 *
 * @category model
 * @since 0.1.0
 */
export interface Context {
  readonly call: Call
  /** The number of the attempt, from 1, as the nearest retry around it counts that has failed already. */
  readonly number: number
  /** The failure of the attempt before, as that retry saw it. */
  readonly previous: Option<unknown>
  /** When this must have ended, on the monotonic clock; `Infinity` where there is no deadline. */
  readonly deadline: Millis
  /** How much time an attempt needs: with no more than that before the deadline, none is started. */
  readonly reserve: Millis
  /** @internal Who set the deadline; none where there is none. */
  readonly limit?: Limit | undefined
}

/**
 * What all layers of one run share.
 *
 * @category model
 * @since 0.1.0
 */
export interface Call {
  /** The number of this run within its runner. */
  readonly id: number
  readonly key: string | undefined
  readonly attributes: Attributes
  /** Whether anybody listens; make no event where nobody does. */
  readonly observed: boolean
  readonly emit: (occurrence: Occurrence) => void
  /** The number of the next call of the operation in this run, from 1; only asked for when somebody listens. */
  readonly nextAttempt: () => number
  /**
   * The ticket that this call holds from a lane, once: who gets it has been let in already, and does not enter anew. A layer
   * that has a lane asks for it whenever it starts a frame.
   */
  readonly redeem: (lane: Lane) => number | undefined
  /** Ends the run with a defect; for what should never happen, such as a strategy that throws. */
  readonly crash: (cause: unknown) => void
  /** @internal An attempt is to begin without a wait; says whether the event loop is to have a turn before it. */
  readonly hurries?: () => boolean
  /** @internal Somebody sleeps, and nothing goes on before it is awake. */
  readonly sleeps?: (sleeper: Sleeper) => void
}

/**
 * What an operation is told of its attempt.
 *
 * @category model
 * @since 0.1.0
 */
export interface Attempt {
  /**
   * Aborted when this attempt is to end: its timeout or deadline is over, its caller has gone. Its `reason` is an `Aborted`.
   * It is made when it is first read, and never aborted once the operation has settled.
   */
  readonly signal: AbortSignal
  /** The number of the attempt, from 1, as the nearest retry around it counts that has failed already. */
  readonly number: number
  /** The failure of the attempt before, as that retry saw it. */
  readonly previous: Option<unknown>
  /** The milliseconds that are left until the deadline, now; `Infinity` where there is none. */
  readonly deadline: Millis
}

/**
 * An operation that knows its attempt: what `runWith` takes. It is a `ReaderTaskEither` of the attempt.
 *
 * @category model
 * @since 0.1.0
 */
export type AttemptOperation = (attempt: Attempt) => unknown

/**
 * What the interpreter hands to a strategy that is being compiled.
 *
 * @category model
 * @since 0.1.0
 */
export interface Services {
  /** The name of this layer in events and defects; unique within its policy. */
  readonly layer: string
  /** The monotonic clock, in ms. */
  readonly now: () => Millis
  /** The wall clock, in ms since 1970; only for what comes from outside or must outlive the process. */
  readonly wallClock: () => Millis
  /** Uniform draws in [0, 1). */
  readonly random: () => number
  readonly waiting: Waiting
  /** @internal What all of it comes from. */
  readonly runtime: Runtime
  /** Where states are that are shared by name; none where the runtime has no store. */
  readonly store: Store | undefined
  /** Says that the policy cannot run in this runtime, after all: only heeded while it is compiled. */
  readonly impossible: (problem: Problem) => void
  /** @internal What has been found impossible in any layer of the policy: where anything has, it does not run. */
  readonly problems: ReadonlyArray<Problem>
  /**
   * A layer that runs an operation of the strategy's own, with everything that an operation has: its attempt's signal, its
   * exceptions as defects, its late results ignored.
   *
   * @param at the path that a defect names
   * @param during the failure or value that it deals with, which a defect keeps
   */
  readonly operation: (operation: AttemptOperation, at: string, during?: unknown) => Layer
}

/**
 * Waiting for time to pass.
 *
 * @category model
 * @since 0.1.0
 */
export interface Waiting {
  /** Wakes the sleeper after `ms` milliseconds; any finite number ≥ 0, however long. */
  readonly sleep: (ms: Millis, sleeper: Sleeper) => void
  /** Wakes the sleeper after the event loop has had a turn. */
  readonly turn: (sleeper: Sleeper) => void
  /** Lets the sleeper sleep until it is roused or cancelled. */
  readonly park: (sleeper: Sleeper) => void
  /**
   * Wakes a sleeper before its time, in the async context in which it fell asleep, once promises get to run: whoever rouses it,
   * another call that has settled, say, does so in a context of its own. Does nothing when it is awake.
   */
  readonly rouse: (sleeper: Sleeper) => void
  /** Lets a sleeper sleep on, unwoken, and keeps nothing of it. Does nothing when it is awake. */
  readonly cancel: (sleeper: Sleeper) => void
}

/**
 * Something that can be woken, once per wait, in the async context in which it fell asleep. It can be in one wait at a time.
 * Its fields say where it waits, so that waiting makes no object of its own.
 *
 * @example
 * import { Policy, Rule, Runner, Strategy } from 'resilience-ts'
 * import type { Rejection } from 'resilience-ts'
 * import { script, succeeds, virtual } from 'resilience-ts/testing'
 * import { pipe } from 'fp-ts/function'
 * import assert from 'assert'
 *
 * // a strategy that waits before the first attempt
 * class LateFrame extends Strategy.Sleeper implements Strategy.Frame {
 *   private readonly inner: Strategy.Frame
 *   private waiting = true
 *   constructor(
 *     private readonly services: Strategy.Services,
 *     private readonly ms: number,
 *     layer: Strategy.Layer,
 *     readonly context: Strategy.Context,
 *     private readonly up: Strategy.Up
 *   ) {
 *     super()
 *     this.inner = layer.open(context, up)
 *   }
 *   start() {
 *     this.services.waiting.sleep(this.ms, this)
 *   }
 *   wake() {
 *     this.waiting = false
 *     this.inner.start()
 *   }
 *   abort(cause: Rejection.Aborted) {
 *     if (!this.waiting) return this.inner.abort(cause)
 *     this.services.waiting.cancel(this)
 *     this.up.done(cause, true)
 *   }
 * }
 * interface Settings { readonly ms: number }
 * const late: Strategy.Strategy<Settings> = {
 *   name: 'late',
 *   rules: { ms: Rule.delay },
 *   show: ({ ms }) => [String(ms)],
 *   compile: ({ ms }, services, inner) => ({ open: (context, up) => new LateFrame(services, ms, inner, context, up) })
 * }
 * const time = virtual()
 * const policy = pipe(Policy.id<never, number>(), Policy.around<never, number, Settings>(late, { ms: 500 }))
 * await time.run(Runner.make(policy)(time.runtime)().run(script(time, succeeds(1)).task))
 * assert.strictEqual(time.now(), 500)
 *
 * @category model
 * @since 0.1.0
 */
export abstract class Sleeper {
  /** @internal What carries its async context while it sleeps, and its seat there. */
  public carrier: object | undefined = undefined
  /** @internal */
  public seat = 0

  /** The attempt it belongs to. */
  public abstract readonly context: Context

  public abstract wake(): void
}
