/**
 * The `fallback` family: what to answer when all else has failed.
 *
 * | | a value | a function | an operation |
 * |---|---|---|---|
 * | every error | `fallbackTo` | `fallback`, `fallbackW` | `fallbackWith` |
 * | some errors, by refinement | | `fallbackIf` | `fallbackIfWith` |
 * | some errors, by `_tag` | | `fallbackTag` | `fallbackTagWith` |
 *
 * What is sure to be handled leaves the error type, exactly. A `Defect` and a caller's abort are never handled: they are no failures.
 *
 * @since 0.1.0
 */
import type { Refinement } from 'fp-ts/Refinement'
import type { TaskEither } from 'fp-ts/TaskEither'
import { ask } from '../Callback'
import type { Exit } from '../Exit'
import { around, type Ends, type Policy } from '../Policy'
import { showValue } from '../Problem'
import { type Attempt, type Context, type Layer, openLane, type Services, type Up } from '../Protocol'
import * as Rule from '../Rule'
import type { Strategy } from '../Strategy'
import { SuccessionFrame } from '../Succession'
import { tagOf } from '../Tag'

/**
 * Answers every error with what `f` makes of it, of the type that the policy has already.
 *
 * Takes the whole error type out. If `f` throws, that is a `Defect`. For a fallback kept in a constant, or of another type,
 * there is `fallbackW`.
 *
 * @param f makes the answer of the error
 *
 * @example
 * import { Policy, Runner, Runtime } from 'resilience-ts'
 * import { pipe } from 'fp-ts/function'
 * import * as TE from 'fp-ts/TaskEither'
 * import * as E from 'fp-ts/Either'
 * import assert from 'assert'
 *
 * const policy = pipe(Policy.id<string, number>(), Policy.fallback((error) => error.length))
 * assert.deepStrictEqual(await Runner.make(policy)(Runtime.live)().run(TE.left('gone'))(), E.right(4))
 *
 * @category recovering
 * @since 0.1.0
 */
export const fallback =
  <E2, A2>(f: (error: E2) => NoInfer<A2>) =>
  <E, A>(policy: Policy<E, A, E2, A2>): Policy<E, A, never, A2> =>
    around<never, A2, Settings>(strategyOf('fallback'), { f })(policy)

/**
 * Answers every error with what `f` makes of it, which may widen the type of the result.
 *
 * Takes the whole error type out. If `f` throws, that is a `Defect`.
 *
 * @param f makes the answer of the error
 *
 * @example
 * import { Policy } from 'resilience-ts'
 * import { pipe } from 'fp-ts/function'
 * import assert from 'assert'
 *
 * const orNull = Policy.fallbackW(() => null)
 * const policy: Policy.Policy<string, number, never, number | null> = pipe(Policy.id<string, number>(), orNull)
 * assert.strictEqual(Policy.show(policy), 'fallback(<function>)\n└─ operation')
 *
 * @category recovering
 * @since 0.1.0
 */
export const fallbackW =
  <E2, B>(f: (error: E2) => B) =>
  <E, A, A2>(policy: Policy<E, A, E2, A2>): Policy<E, A, never, A2 | B> =>
    around<never, A2 | B, Settings>(strategyOf('fallback'), { f })(policy)

/**
 * Answers every error with one value, be it a function or not.
 *
 * Takes the whole error type out.
 *
 * @param value the answer
 *
 * @example
 * import { Policy, Runner, Runtime } from 'resilience-ts'
 * import { pipe } from 'fp-ts/function'
 * import * as TE from 'fp-ts/TaskEither'
 * import * as E from 'fp-ts/Either'
 * import assert from 'assert'
 *
 * const policy = pipe(Policy.id<string, number>(), Policy.fallbackTo(0))
 * assert.deepStrictEqual(await Runner.make(policy)(Runtime.live)().run(TE.left('gone'))(), E.right(0))
 *
 * @category recovering
 * @since 0.1.0
 */
export const fallbackTo =
  <B>(value: B) =>
  <E, A, E2, A2>(policy: Policy<E, A, E2, A2>): Policy<E, A, never, A2 | B> =>
    around<never, A2 | B, ToSettings>(toStrategy, { value })(policy)

/**
 * Answers every error with another operation: a cache, a second region. It gets the error, and an attempt of its own with
 * signal and deadline.
 *
 * Takes the whole error type out, and adds what that operation fails with.
 *
 * @param f makes the operation
 *
 * @example
 * import { Policy, Runner, Runtime } from 'resilience-ts'
 * import { pipe } from 'fp-ts/function'
 * import * as TE from 'fp-ts/TaskEither'
 * import * as E from 'fp-ts/Either'
 * import assert from 'assert'
 *
 * const fromCache = (key: string) => (key === 'a' ? TE.right(1) : TE.left('not cached' as const))
 * const policy = pipe(Policy.id<{ readonly key: string }, number>(), Policy.fallbackWith((e) => fromCache(e.key)))
 * assert.deepStrictEqual(await Runner.make(policy)(Runtime.live)().run(TE.left({ key: 'a' }))(), E.right(1))
 *
 * @category recovering
 * @since 0.1.0
 */
export const fallbackWith =
  <E2, G, B>(f: (error: E2, attempt: Attempt) => TaskEither<G, B>) =>
  <E, A, A2>(policy: Policy<E, A, E2, A2>): Policy<E, A, G, A2 | B> =>
    around<G, A2 | B, Settings>(withStrategyOf('fallbackWith'), { f })(policy)

/**
 * Answers the errors that a refinement picks; the others pass.
 *
 * Takes exactly the picked errors out. If the refinement or `f` throws, that is a `Defect`.
 *
 * @param refinement picks the errors
 * @param f makes the answer of a picked error
 *
 * @example
 * import { Policy, Rejection } from 'resilience-ts'
 * import { pipe } from 'fp-ts/function'
 * import assert from 'assert'
 *
 * type AppError = { readonly _tag: 'NotFound' } | { readonly _tag: 'Broken' }
 * const policy = pipe(
 *   Policy.id<AppError, string>(),
 *   Policy.timeout(1000),
 *   Policy.fallbackIf((e: AppError | Rejection.TimedOut) => e._tag === 'TimedOut', () => 'too late')
 * )
 * const exact: Policy.Policy<AppError, string, AppError, string> = policy
 * assert.strictEqual(Policy.names(exact).length, 2)
 *
 * @category recovering
 * @since 0.1.0
 */
export const fallbackIf =
  <I, E3 extends I, B>(refinement: Refinement<I, E3>, f: (error: NoInfer<E3>) => B) =>
  <E, A, E2, A2>(policy: Ends<I, unknown> & Policy<E, A, E2, A2>): Policy<E, A, Exclude<E2, E3>, A2 | B> =>
    around<Exclude<E2, E3>, A2 | B, Settings>(strategyOf('fallbackIf'), { picks: refinement, f })<E, A>(policy)

/**
 * Answers the errors that a refinement picks with another operation; the others pass.
 *
 * Takes exactly the picked errors out, and adds what that operation fails with.
 *
 * @param refinement picks the errors
 * @param f makes the operation for a picked error
 *
 * @example
 * import { Policy } from 'resilience-ts'
 * import { pipe } from 'fp-ts/function'
 * import * as TE from 'fp-ts/TaskEither'
 * import assert from 'assert'
 *
 * const policy = pipe(
 *   Policy.id<'gone' | 'busy', string>(),
 *   Policy.fallbackIfWith((e: 'gone' | 'busy') => e === 'gone', () => TE.right('from the archive'))
 * )
 * const exact: Policy.Policy<'gone' | 'busy', string, 'busy', string> = policy
 * assert.deepStrictEqual(Policy.names(exact), ['fallbackIfWith'])
 *
 * @category recovering
 * @since 0.1.0
 */
export const fallbackIfWith =
  <I, E3 extends I, G, B>(
    refinement: Refinement<I, E3>,
    f: (error: NoInfer<E3>, attempt: Attempt) => TaskEither<G, B>
  ) =>
  <E, A, E2, A2>(policy: Ends<I, unknown> & Policy<E, A, E2, A2>): Policy<E, A, Exclude<E2, E3> | G, A2 | B> =>
    around<Exclude<E2, E3> | G, A2 | B, Settings>(withStrategyOf('fallbackIfWith'), { picks: refinement, f })<E, A>(
      policy
    )

/**
 * The members of a union of tagged errors that this tag can pick: those that have it, and those that may have it, as their
 * `_tag` is wider, by then known to have it. Of an unknown error no more is known than that.
 */
type Tagged<E, T extends string> = unknown extends E
  ? { readonly _tag: T }
  : E extends { readonly _tag: T }
    ? E
    : '_tag' extends keyof E
      ? [E['_tag'] & T] extends [never]
        ? never
        : E & { readonly _tag: T }
      : never

/**
 * Whether it is one text, known to the compiler: no `string` or pattern, which no record must have as keys, and no union, whose
 * members have no text in common. It has no second parameter for the whole union: where a caller's declarations write this out,
 * the two would become one.
 */
type IsLiteral<T extends string> =
  Partial<Record<T, unknown>> extends Record<T, unknown>
    ? false
    : (T extends unknown ? (tag: T) => void : never) extends (tag: infer Common) => void
      ? [T] extends [Common]
        ? true
        : false
      : false

/** The errors that this tag leaves: of a tag that may be one or another, all, as each of them may be the one that passes. */
type Untagged<E, T extends string> = [IsLiteral<T>] extends [true] ? Exclude<E, { readonly _tag: T }> : E

/**
 * Answers the errors with a given `_tag`; the others pass.
 *
 * Takes exactly those errors out; by a tag that is not one literal (a union, any `string`) it takes none out, as each of them
 * may be the one that passes. An error whose `_tag` is wider stays as well, and `f` gets it with this tag. If `f` throws, that
 * is a `Defect`.
 *
 * @param tag the `_tag`
 * @param f makes the answer of such an error
 *
 * @example
 * import { Policy } from 'resilience-ts'
 * import { pipe } from 'fp-ts/function'
 * import assert from 'assert'
 *
 * const policy = pipe(
 *   Policy.id<'busy', string>(),
 *   Policy.timeout(1000),
 *   Policy.fallbackTag('TimedOut', (e) => `nothing within ${e.timeout}ms`)
 * )
 * const exact: Policy.Policy<'busy', string, 'busy', string> = policy
 * assert.deepStrictEqual(Policy.names(exact), ['timeout', 'fallbackTag'])
 *
 * @category recovering
 * @since 0.1.0
 */
export const fallbackTag =
  <T extends string, I, B>(tag: T, f: (error: NoInfer<Tagged<I, T>>) => B) =>
  <E, A, E2, A2>(policy: Ends<I, unknown> & Policy<E, A, E2, A2>): Policy<E, A, Untagged<E2, T>, A2 | B> =>
    around<Untagged<E2, T>, A2 | B, Settings>(strategyOf('fallbackTag'), { tag, f })<E, A>(policy)

/**
 * Answers the errors with a given `_tag` with another operation; the others pass.
 *
 * Takes exactly those errors out, and adds what that operation fails with. Of a tag that is not one literal, and of an error
 * whose `_tag` is wider, it is as with `fallbackTag`.
 *
 * @param tag the `_tag`
 * @param f makes the operation for such an error
 *
 * @example
 * import { Policy } from 'resilience-ts'
 * import { pipe } from 'fp-ts/function'
 * import * as TE from 'fp-ts/TaskEither'
 * import assert from 'assert'
 *
 * const policy = pipe(
 *   Policy.id<'busy', string>(),
 *   Policy.timeout(1000),
 *   Policy.fallbackTagWith('TimedOut', () => TE.left('no cache' as const))
 * )
 * const exact: Policy.Policy<'busy', string, 'busy' | 'no cache', string> = policy
 * assert.deepStrictEqual(Policy.names(exact), ['timeout', 'fallbackTagWith'])
 *
 * @category recovering
 * @since 0.1.0
 */
export const fallbackTagWith =
  <T extends string, I, G, B>(tag: T, f: (error: NoInfer<Tagged<I, T>>, attempt: Attempt) => TaskEither<G, B>) =>
  <E, A, E2, A2>(policy: Ends<I, unknown> & Policy<E, A, E2, A2>): Policy<E, A, Untagged<E2, T> | G, A2 | B> =>
    around<Untagged<E2, T> | G, A2 | B, Settings>(withStrategyOf('fallbackTagWith'), { tag, f })<E, A>(policy)

interface Picks {
  readonly picks?: (error: never) => boolean
  readonly tag?: string
}
interface Settings extends Picks {
  readonly f: (error: never, attempt: Attempt) => unknown
}
interface ToSettings {
  readonly value: unknown
}

const optionalCallback = /*#__PURE__*/ Rule.optional(Rule.callback)
const aTag = /*#__PURE__*/ Rule.make('a _tag', (u) => typeof u === 'string')
const optionalTag = /*#__PURE__*/ Rule.optional(aTag)
/** Those that pick must be told by what: without that they would take everything. */
const rulesOf = (name: string): Rule.Rules<Settings> => ({
  picks: name.startsWith('fallbackIf') ? Rule.callback : optionalCallback,
  tag: name.startsWith('fallbackTag') ? aTag : optionalTag,
  f: Rule.callback
})

const showSettings = ({ picks, tag, f }: Settings): ReadonlyArray<string> => [
  ...(tag === undefined ? [] : [showValue(tag)]),
  ...(picks === undefined ? [] : [showValue(picks)]),
  showValue(f)
]

const strategyOf = (name: string): Strategy<Settings> => ({
  name,
  fixed: ['picks', 'tag', 'f'],
  rules: rulesOf(name),
  show: showSettings,
  compile: (settings, services, inner) => {
    const recover = (error: unknown): Exit => {
      const answer = ask(services.layer, settings.f as (error: unknown) => unknown, error)
      return answer._tag === 'Defect' ? answer : { _tag: 'Right', right: answer.value }
    }
    return {
      open: (context, up) => new FallbackFrame(services, settings, recover, undefined, inner, context, up),
      lane: openLane
    }
  }
})

const toStrategy: Strategy<ToSettings> = {
  name: 'fallbackTo',
  fixed: ['value'],
  rules: { value: Rule.anything },
  show: ({ value }) => [showValue(value)],
  compile: ({ value }, services, inner) => {
    const exit: Exit = Object.freeze({ _tag: 'Right', right: value })
    return {
      open: (context, up) => new FallbackFrame(services, {}, () => exit, undefined, inner, context, up),
      lane: openLane
    }
  }
}

const withStrategyOf = (name: string): Strategy<Settings> => ({
  name,
  fixed: ['picks', 'tag', 'f'],
  rules: rulesOf(name),
  show: showSettings,
  compile: (settings, services, inner) => {
    const operation = (error: unknown): Layer =>
      services.operation((attempt) => settings.f(error as never, attempt), services.layer, error)
    return {
      open: (context, up) => new FallbackFrame(services, settings, undefined, operation, inner, context, up),
      lane: openLane
    }
  }
})

class FallbackFrame extends SuccessionFrame {
  constructor(
    private readonly services: Services,
    private readonly picks: Picks,
    private readonly recover: ((error: unknown) => Exit) | undefined,
    private readonly operation: ((error: unknown) => Layer) | undefined,
    inner: Layer,
    context: Context,
    up: Up
  ) {
    super(inner, context, up)
  }

  protected ended(exit: Exit): void {
    if (exit._tag !== 'Left' || this.succeeded) {
      this.answer(exit)
      return
    }
    if (this.calledOff()) return
    const picked = this.picked(exit.left)
    if (picked !== true) this.answer(picked === false ? exit : picked)
    else this.takeOver(exit.left)
  }

  /** Whether this error is to be handled, or what the refinement made instead of an answer. */
  private picked(error: unknown): Exit | boolean {
    const { picks, tag } = this.picks
    if (tag !== undefined) return tagOf(error) === tag
    if (picks === undefined) return true
    const answer = ask(this.services.layer, picks as (error: unknown) => unknown, error)
    return answer._tag === 'Defect' ? answer : Boolean(answer.value)
  }

  /**
   * Answers with the abort, if this was called off while a failure was on its way up. After a deadline a real error may
   * still be recovered from, but only by what takes no time.
   */
  private calledOff(takesTime = false): boolean {
    const { cause } = this
    if (cause === undefined || (cause.by === 'deadline' && !takesTime)) return false
    this.answer(cause)
    return true
  }

  private takeOver(error: unknown): void {
    const { call } = this.context
    const takesTime = this.recover === undefined
    if (this.calledOff(takesTime)) return
    if (call.observed) {
      call.emit({ _tag: 'FallbackUsed', layer: this.services.layer, error })
      if (this.calledOff(takesTime)) return
    }
    if (this.recover !== undefined) {
      this.answer(this.recover(error))
      return
    }
    this.succeedBy((this.operation as (error: unknown) => Layer)(error))
  }
}
