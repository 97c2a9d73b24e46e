/**
 * `before`, `tap`, `tapError`: effects that are awaited on a call's way in and out, and change nothing.
 *
 * ```
 * pipe(id, before(b), tap(t), tapError(e), retry(constant(100)))
 *   |-b-|-attempt 1, fails-|-e-|
 *                               . 100 .
 *                                      |-b-|-attempt 2, succeeds-|-t-|  the answer
 * ```
 *
 * Where one stands says when it comes: inside a retry for each attempt, outside of it once for all of them.
 *
 * @since 0.1.0
 */
import type { Task } from 'fp-ts/Task'
import { promiseOf } from '../Callback'
import type { Exit } from '../Exit'
import { around, type Ends, type Policy } from '../Policy'
import { showValue } from '../Problem'
import type { Attempt, Context, Layer, Services, Up } from '../Protocol'
import * as Rule from '../Rule'
import type { Strategy } from '../Strategy'
import { SuccessionFrame } from '../Succession'

/**
 * Awaits an effect before what is inside begins: inside a retry before each attempt, outside of it before the first.
 *
 * It changes neither errors nor results, unless it throws or rejects, which is a `Defect`. An abort, a timeout or a deadline
 * outside ends it like any attempt, and then nothing inside begins.
 *
 * @param f is told the attempt that is to come: its signal, number, the failure before, the milliseconds that are left
 *
 * @example
 * import { Policy, Runner, Schedule } from 'resilience-ts'
 * import { fails, script, succeeds, virtual } from 'resilience-ts/testing'
 * import { pipe } from 'fp-ts/function'
 * import assert from 'assert'
 *
 * const seen: Array<number> = []
 * const policy = pipe(
 *   Policy.id<string, number>(),
 *   Policy.before(({ number }) => async () => void seen.push(number)),
 *   Policy.retry(Schedule.constant(100))
 * )
 * const time = virtual()
 * await time.run(Runner.make(policy)(time.runtime)().run(script(time, fails('busy'), succeeds(1)).task))
 * assert.deepStrictEqual(seen, [1, 2])
 *
 * @category tapping
 * @since 0.1.0
 */
export const before =
  (f: (attempt: Attempt) => Task<void>) =>
  <E, A, E2, A2>(policy: Policy<E, A, E2, A2>): Policy<E, A, E2, A2> =>
    around<E2, A2, Settings>(beforeStrategy, { f })<E, A>(policy)

/**
 * Awaits an effect after a success, which is then the answer as it was: a hook for what has succeeded. Inside a retry it comes
 * after the attempt that succeeds, outside of a validator after what that lets pass.
 *
 * It changes neither errors nor results, unless it throws or rejects, which is a `Defect` that keeps the result (`during`). To
 * refuse a result, take `ensureWith`. An abort, a timeout or a deadline outside ends it, and the result is lost.
 *
 * @param f is told the result, and an attempt of its own, with signal and deadline
 *
 * @example
 * import { Policy, Runner, Runtime } from 'resilience-ts'
 * import { pipe } from 'fp-ts/function'
 * import * as E from 'fp-ts/Either'
 * import * as TE from 'fp-ts/TaskEither'
 * import assert from 'assert'
 *
 * const cache = new Map<string, number>()
 * const policy = pipe(
 *   Policy.id<string, number>(),
 *   Policy.tap((n) => async () => void cache.set('n', n))
 * )
 * assert.deepStrictEqual(await Runner.make(policy)(Runtime.live)().run(TE.right(42))(), E.right(42))
 * assert.strictEqual(cache.get('n'), 42)
 *
 * @category tapping
 * @since 0.1.0
 */
export const tap =
  <X>(f: (value: X, attempt: Attempt) => Task<void>) =>
  <E, A, E2, A2>(policy: Ends<unknown, X> & Policy<E, A, E2, A2>): Policy<E, A, E2, A2> =>
    around<E2, A2, Settings>(tapStrategy, { f })<E, A>(policy)

/**
 * Awaits an effect after a failure, which is then the answer as it was. Inside a retry it comes after every failed attempt, the
 * last one included; outside of it once, with the last error.
 *
 * It changes neither errors nor results, unless it throws or rejects, which is a `Defect` that keeps the error (`during`). To
 * answer an error, take a fallback. A `Defect` or an abort is no failure, and not told. Where a deadline outside ends it, the
 * error is the answer all the same.
 *
 * @param f is told the error, and an attempt of its own, with signal, deadline and the number of the attempt that failed
 *
 * @example
 * import { Policy, Runner, Schedule } from 'resilience-ts'
 * import { fails, script, virtual } from 'resilience-ts/testing'
 * import { pipe } from 'fp-ts/function'
 * import assert from 'assert'
 *
 * const seen: Array<string> = []
 * const policy = pipe(
 *   Policy.id<string, number>(),
 *   Policy.tapError((error, { number }) => async () => void seen.push(`${number}: ${error}`)),
 *   Policy.retry(pipe(Schedule.constant(100), Schedule.take(1)))
 * )
 * const time = virtual()
 * await time.run(Runner.make(policy)(time.runtime)().run(script(time, fails('busy'), fails('gone')).task))
 * assert.deepStrictEqual(seen, ['1: busy', '2: gone'])
 *
 * @category tapping
 * @since 0.1.0
 */
export const tapError =
  <I>(f: (error: I, attempt: Attempt) => Task<void>) =>
  <E, A, E2, A2>(policy: Ends<I, unknown> & Policy<E, A, E2, A2>): Policy<E, A, E2, A2> =>
    around<E2, A2, Settings>(tapErrorStrategy, { f })<E, A>(policy)

interface Settings {
  readonly f: (input: never, attempt: Attempt) => Task<void>
}

const ended: Exit = { _tag: 'Right', right: undefined }
const toEnded = (): Exit => ended

/** The operation that a hook is: whatever its task gives is a success. */
const hook = (services: Services, call: (attempt: Attempt) => unknown, during?: unknown): Layer =>
  services.operation(
    (attempt) => {
      const task = call(attempt)
      if (typeof task !== 'function') return task
      return () => {
        const given: unknown = (task as () => unknown)()
        return promiseOf(given)?.then(toEnded) ?? given
      }
    },
    services.layer,
    during
  )

const strategyOf = (name: string, compile: Strategy<Settings>['compile']): Strategy<Settings> => ({
  name,
  disabled: () => undefined,
  rules: { f: Rule.callback },
  show: ({ f }) => [showValue(f)],
  compile
})

const beforeStrategy = /*#__PURE__*/ strategyOf('before', ({ f }, services, inner) => {
  const layer = hook(services, (attempt) => f(attempt as never, attempt))
  return { open: (context, up) => new BeforeFrame(layer, inner, context, up) }
})

const tapping =
  (tag: 'Left' | 'Right'): Strategy<Settings>['compile'] =>
  ({ f }, services, inner) => {
    const tell = (told: unknown): Layer => hook(services, (attempt) => f(told as never, attempt), told)
    return { open: (context, up) => new TapFrame(tag, tell, inner, context, up) }
  }

const tapStrategy = /*#__PURE__*/ strategyOf('tap', /*#__PURE__*/ tapping('Right'))
const tapErrorStrategy = /*#__PURE__*/ strategyOf('tapError', /*#__PURE__*/ tapping('Left'))

class BeforeFrame extends SuccessionFrame {
  constructor(
    hooked: Layer,
    private readonly inner: Layer,
    context: Context,
    up: Up
  ) {
    super(hooked, context, up)
  }

  protected ended(exit: Exit): void {
    if (this.succeeded || exit._tag !== 'Right') this.answer(exit)
    else this.succeedBy(this.inner)
  }
}

class TapFrame extends SuccessionFrame {
  /** The answer, while it is told. */
  private told: Exit | undefined = undefined

  constructor(
    private readonly tag: 'Left' | 'Right',
    private readonly tell: (told: unknown) => Layer,
    inner: Layer,
    context: Context,
    up: Up
  ) {
    super(inner, context, up)
  }

  protected ended(exit: Exit): void {
    const { told } = this
    if (told === undefined) {
      if (exit._tag !== this.tag || this.cause !== undefined) {
        this.answer(exit)
        return
      }
      this.told = exit
      this.succeedBy(this.tell(exit._tag === 'Left' ? exit.left : (exit as { readonly right: unknown }).right))
      return
    }
    // cut off by a deadline, a real error is what there is to say
    const stands = exit._tag === 'Right' || (exit._tag === 'Aborted' && exit.by === 'deadline' && told._tag === 'Left')
    this.answer(stands ? told : exit)
  }
}
