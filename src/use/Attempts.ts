/**
 * The attempts of a run as an `AsyncIterable`: for a block of code in `for await`, in place of an operation.
 *
 * ```
 * for await (const attempt of attempts)      the policy says whether and when there is another attempt
 *   await attempt.run(…)                     the block says how each of them ended
 * await attempts.result()                    what the policy made of it
 * ```
 *
 * @since 0.1.0
 */
import type { Either } from 'fp-ts/Either'
import type { IO } from 'fp-ts/IO'
import type { Option } from 'fp-ts/Option'
import type { Task } from 'fp-ts/Task'
import type { TaskEither } from 'fp-ts/TaskEither'
import { isEither } from '../Callback'
import type { Millis } from '../Duration'
import { type Abortable, abortedBy, listen, unlisten } from '../interpreter/SignalHub'
import type { Attempt } from '../Protocol'
import { type Aborted, type DeadlineExceeded, type Defect, defect } from '../Rejection'
import { type Answers, type NoOptions, optionRules, readOptions, type Runner, type RunOptions } from '../Runner'
import * as Rule from '../Rule'

/**
 * One attempt, in the hands of a block: what an operation is told of its attempt, and the two ways to say how it ended. The first
 * word counts; what comes after it changes nothing.
 *
 * @category model
 * @since 0.1.0
 */
export interface BlockAttempt<in E, in A> extends Attempt {
  /**
   * Runs an operation as this attempt, and gives its answer. It never rejects: what the operation throws is a `Defect`, and where
   * the attempt is ended by its timeout, its deadline or its caller, that `Aborted` is the answer, at once.
   */
  readonly run: <E1 extends E, A1 extends A>(
    operation: TaskEither<E1, A1>
  ) => Promise<Either<Aborted | Defect | E1, A1>>
  /** Says how this attempt ended. */
  readonly settle: (answer: Either<E, A>) => void
}

/**
 * The attempts of one run, one after the other, and its result.
 *
 * @category model
 * @since 0.1.0
 */
export interface Attempts<in E, in A, out E2, out A2> {
  readonly [Symbol.asyncIterator]: () => AsyncIterator<BlockAttempt<E, A>, undefined, undefined>
  /**
   * The answer of the run, once it is over: after the loop, that is. It never rejects. A loop that was left early is answered with
   * `Aborted`, unless its last attempt had succeeded and the policy is content with that; one that was never begun with a `Defect`.
   */
  readonly result: Task<Either<E2, A2>>
}

/**
 * Makes a run whose operation is a block of code: `for await` goes on as long as the policy has another attempt, with its waits in
 * between, and ends when the policy has an answer; `result` is that answer.
 *
 * The block says of each attempt how it ended, by `run` or `settle`. One that goes on without is a bug, and the answer a `Defect`.
 * To leave the loop (`break`, `return`, a throw) calls the run off: nothing is left of it, and `Aborted` is the answer; but if the
 * attempt had succeeded, the policy still says what that comes to, and only where it wants another attempt is it called off, once
 * that is to begin. `Aborted` is therefore among the errors. An attempt that is ended from outside has its signal aborted; `run`
 * then returns at once. A block that does not heed that misses what comes meanwhile: attempts that end before they are taken are
 * passed over. Each call of the `IO` is a run of its own; nothing begins before the loop does.
 *
 * @param runner what tries again, times, limits
 * @param options as for `runWith`
 *
 * @example
 * import { Policy, Runner, Schedule } from 'resilience-ts'
 * import { fails, script, succeeds, virtual } from 'resilience-ts/testing'
 * import { pipe } from 'fp-ts/function'
 * import * as E from 'fp-ts/Either'
 * import assert from 'assert'
 *
 * const time = virtual()
 * const policy = pipe(Policy.id<string, number>(), Policy.retry(pipe(Schedule.constant(100), Schedule.take(3))))
 * const flaky = script(time, fails('busy', 10), fails('busy', 10), succeeds(42, 10))
 *
 * const attempts = Runner.attempts(Runner.make(policy)(time.runtime)())()
 * const seen: Array<readonly [number, string]> = []
 * await time.run(async () => {
 *   for await (const attempt of attempts) {
 *     const answer = await attempt.run(flaky.task)
 *     seen.push([attempt.number, answer._tag])
 *   }
 * })
 * assert.deepStrictEqual(seen, [[1, 'Left'], [2, 'Left'], [3, 'Right']])
 * assert.deepStrictEqual(await attempts.result(), E.right(42))
 * assert.strictEqual(time.now(), 230)
 *
 * @category using
 * @since 0.1.0
 */
export const attempts =
  <E, A, E2, A2, O extends RunOptions = NoOptions>(
    runner: Runner<E, A, E2, A2>,
    options?: O
  ): IO<Attempts<E, A, Aborted | Deadline<O> | Defect | E2, A2>> =>
  () => {
    const loop = new Loop(runner as Runner<unknown, unknown, unknown, unknown>, options)
    const iterator = {
      next: () => loop.next(),
      return: () => loop.leave()
    }
    return {
      [Symbol.asyncIterator]: () => iterator,
      result: () => loop.result() as Promise<Either<never, never>>
    }
  }

type Deadline<O> = Extract<Answers<O>, DeadlineExceeded>

type Answer = Either<unknown, unknown>
type Next = IteratorResult<BlockAttempt<unknown, unknown>, undefined>

const over: Next = { done: true, value: undefined }
const left = (error: unknown): Answer => ({ _tag: 'Left', left: error })
const why = 'the loop was left'

/** One run, whose attempts are handed to a block. */
class Loop {
  private begun = false
  private ended = false
  private wasLeft = false
  /** An attempt that the block has not taken yet, and the one that it has. */
  private offered: Turn | undefined = undefined
  private taken: Turn | undefined = undefined
  private waiting: ((next: Next) => void) | undefined = undefined
  private answer: Promise<Answer> | undefined = undefined
  private readonly controller = new AbortController()

  constructor(
    private readonly runner: Runner<unknown, unknown, unknown, unknown>,
    private readonly options: RunOptions | undefined
  ) {}

  next(): Promise<Next> {
    if (!this.begun) this.begin()
    const { taken } = this
    // a bug of the block's: nothing is known of how this attempt ended
    if (taken?.running === false) taken.end(left(defect('Malformed', 'attempts', undefined)))
    this.taken = undefined
    return new Promise((resolve) => {
      // of two that wait, which takes two calls without a `for await`, the first has waited in vain
      this.waiting?.(over)
      this.waiting = resolve
      this.hand()
    })
  }

  leave(): Promise<Next> {
    this.wasLeft = true
    if (!this.begun) {
      this.begun = this.ended = true
      this.answer = Promise.resolve(left({ _tag: 'Aborted', by: 'caller', reason: why } satisfies Aborted))
    }
    // what has succeeded is the policy's to deal with, unless it has asked for another attempt already
    if (this.taken?.succeeded !== true || this.offered !== undefined) this.callOff()
    return Promise.resolve(over)
  }

  result(): Promise<Answer> {
    return this.answer ?? Promise.resolve(left(defect('Malformed', 'attempts.result', undefined)))
  }

  private begin(): void {
    this.begun = true
    const { runner, controller } = this
    const options = readOptions(this.options)
    const { signal } = options
    const caller: Abortable = {
      abort: ({ reason }) => {
        controller.abort(reason)
      }
    }
    // what is impossible about the options is for the runner to say, and so is what comes of a signal that cannot be listened to
    const heard = Rule.check(optionRules, options).length === 0 && hears(caller, signal)
    const answer = runner.runWith(
      (attempt) => () => this.offer(attempt),
      heard ? { ...options, signal: controller.signal } : options
    )()
    this.answer = answer.then((answer) => {
      if (heard) leaves(caller, signal)
      this.ended = true
      this.hand()
      return answer
    })
  }

  private offer(attempt: Attempt): Promise<Answer> {
    const turn = new Turn(attempt)
    this.offered = turn
    if (this.wasLeft) this.callOff()
    else this.hand()
    return turn.answer
  }

  private callOff(): void {
    this.controller.abort(why)
    // who would have said how they end has gone; what runs goes on, and says it itself
    this.taken?.abandon()
    this.offered?.abandon()
  }

  /** Hands on what there is to whoever waits for it. */
  private hand(): void {
    const { offered, waiting } = this
    if (waiting === undefined || (offered === undefined && !this.ended)) return
    this.offered = this.waiting = undefined
    if (offered === undefined || this.ended) {
      offered?.abandon()
      waiting(over)
    } else {
      this.taken = offered
      waiting({ done: false, value: offered })
    }
  }
}

/** Listens to the signal of its caller, if there is one; says whether that can be done. */
const hears = (loop: Abortable, signal: AbortSignal | undefined): boolean => {
  try {
    if (signal?.aborted === true) loop.abort(abortedBy(signal))
    else if (signal !== undefined) listen(signal, loop)
    return true
  } catch {
    return false
  }
}

/** Listens to it no longer. */
const leaves = (loop: Abortable, signal: AbortSignal | undefined): void => {
  try {
    if (signal !== undefined) unlisten(signal, loop)
  } catch {
    // then it goes on being listened to, by nobody
  }
}

const gone = /*#__PURE__*/ left(/*#__PURE__*/ defect('Closed', 'attempts', undefined))

/** One attempt. */
class Turn implements BlockAttempt<unknown, unknown> {
  readonly answer: Promise<Answer>
  readonly number: number
  readonly previous: Option<unknown>
  succeeded = false
  running = false
  private ended = false
  private resolve!: (answer: Answer | Promise<Answer>) => void

  constructor(private readonly attempt: Attempt) {
    this.number = attempt.number
    this.previous = attempt.previous
    this.answer = new Promise((resolve) => {
      this.resolve = resolve
    })
    attempt.signal.addEventListener('abort', () => {
      // nobody will say how it ended who has not begun
      if (!this.running) this.abandon()
    })
  }

  get signal(): AbortSignal {
    return this.attempt.signal
  }

  get deadline(): Millis {
    return this.attempt.deadline
  }

  readonly settle = (answer: Answer): void => {
    this.end(isEither(answer) ? answer : left(defect('Malformed', 'attempts', answer)))
  }

  readonly run = (operation: TaskEither<unknown, unknown>): Promise<Either<never, never>> => {
    const { signal } = this.attempt
    if (this.running || this.ended || signal.aborted) {
      const aborted: unknown = signal.reason
      return Promise.resolve(left(aborted ?? defect('Closed', 'attempts', undefined)) as Either<never, never>)
    }
    this.running = true
    const answered = this.call(operation)
    return new Promise((resolve) => {
      const cut = (): void => {
        resolve(left(signal.reason) as Either<never, never>)
      }
      signal.addEventListener('abort', cut)
      void answered.then((answer) => {
        signal.removeEventListener('abort', cut)
        this.end(answer)
        resolve(answer as Either<never, never>)
      })
    })
  }

  end(answer: Answer): void {
    if (this.ended) return
    this.ended = true
    // one that comes too late is no success of the attempt's
    this.succeeded = answer._tag === 'Right' && !this.attempt.signal.aborted
    this.resolve(answer)
  }

  /** Nobody is there any more to say how it ended; what runs says so itself. */
  abandon(): void {
    if (!this.running) this.end(gone)
  }

  private async call(operation: TaskEither<unknown, unknown>): Promise<Answer> {
    let kind: Defect['kind'] = 'Thrown'
    try {
      const promise = operation()
      kind = 'Rejected'
      const answer: unknown = await promise
      return isEither(answer) ? answer : left(defect('Malformed', 'operation', answer))
    } catch (cause) {
      return left(defect(kind, 'operation', cause))
    }
  }
}
