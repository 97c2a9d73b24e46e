/**
 * `ensure`: a result counts as a success only if it holds: by a predicate, a refinement, a codec, or an effectful validator.
 *
 * ```
 * ensure(User)
 *   operation   |---right {"name": 1}---|
 *   answer                              left DecodeFailed  ->  a retry outside sees a failure like any other
 * ```
 *
 * @since 0.1.0
 */
import type { Predicate } from 'fp-ts/Predicate'
import type { Refinement } from 'fp-ts/Refinement'
import type { TaskEither } from 'fp-ts/TaskEither'
import { ask } from '../Callback'
import { decodeFailed, type Decoder, decoding, isDecoder, showHolds } from '../Decoder'
import type { Exit } from '../Exit'
import { around, type Ends, type Policy } from '../Policy'
import { showValue } from '../Problem'
import type { Attempt, Context, Frame, Layer, Services, Up } from '../Protocol'
import type { Aborted, DecodeFailed, EnsureFailed } from '../Rejection'
import * as Rule from '../Rule'
import type { Strategy } from '../Strategy'
import { SuccessionFrame } from '../Succession'

export type { Decoder } from '../Decoder'

/**
 * Lets a result pass only if it holds.
 *
 * - With an io-ts codec or decoder, the result becomes what that decodes it to; adds `DecodeFailed`, with readable paths.
 * - With a predicate or refinement, adds `EnsureFailed`, which carries the result; a refinement narrows the result.
 *
 * A predicate or decoder that throws is a `Defect`.
 *
 * @param holds a codec, decoder, refinement or predicate of the result
 *
 * @example
 * import { Policy, Runner, Runtime } from 'resilience-ts'
 * import { pipe } from 'fp-ts/function'
 * import * as TE from 'fp-ts/TaskEither'
 * import * as E from 'fp-ts/Either'
 * import * as t from 'io-ts'
 * import assert from 'assert'
 *
 * const User = t.type({ id: t.number, name: t.string })
 * const runner = Runner.make(pipe(Policy.id<never, unknown>(), Policy.ensure(User)))(Runtime.live)()
 * assert.deepStrictEqual(
 *   await runner.run(TE.right({ id: 1, name: null }))(),
 *   E.left({
 *     _tag: 'DecodeFailed',
 *     value: { id: 1, name: null },
 *     problems: [{ path: 'name', value: null, allowed: 'string' }]
 *   })
 * )
 *
 * @category results
 * @since 0.1.0
 */
export const ensure: {
  <I, B>(
    decoder: Decoder<I, B>
  ): <E, A, E2, A2 extends I>(policy: Policy<E, A, E2, A2>) => Policy<E, A, E2 | DecodeFailed, B>
  <J, B extends J>(
    refinement: Refinement<J, B>
  ): <E, A, E2, A2>(policy: Ends<unknown, J> & Policy<E, A, E2, A2>) => Policy<E, A, E2 | EnsureFailed<A2>, B>
  <J>(
    predicate: Predicate<J>
  ): <E, A, E2, A2>(policy: Ends<unknown, J> & Policy<E, A, E2, A2>) => Policy<E, A, E2 | EnsureFailed<A2>, A2>
} = (holds: Settings['holds']) =>
  // what the three do to the types is said above; what they do is one and the same
  around<never, never, Settings>(ensureStrategy, { holds })

/**
 * Lets a result pass only if an effectful validator says so, whose answer is then the result; for checks that must ask
 * somebody.
 *
 * Adds what the validator fails with. A validator that throws or rejects is a `Defect`. A timeout around it counts its time too.
 *
 * @param validate gives the result, perhaps changed, or an error; it is told of an attempt of its own, with signal and deadline
 *
 * @example
 * import { Policy, Runner, Runtime } from 'resilience-ts'
 * import { pipe } from 'fp-ts/function'
 * import * as TE from 'fp-ts/TaskEither'
 * import * as E from 'fp-ts/Either'
 * import assert from 'assert'
 *
 * const isKnown = (id: number) => (id < 100 ? TE.right({ id }) : TE.left('unknown' as const))
 * const runner = Runner.make(pipe(Policy.id<never, number>(), Policy.ensureWith(isKnown)))(Runtime.live)()
 * assert.deepStrictEqual(await runner.run(TE.right(7))(), E.right({ id: 7 }))
 * assert.deepStrictEqual(await runner.run(TE.right(700))(), E.left('unknown'))
 *
 * @category results
 * @since 0.1.0
 */
export const ensureWith =
  <J, G, B>(validate: (value: J, attempt: Attempt) => TaskEither<G, B>) =>
  <E, A, E2, A2>(policy: Ends<unknown, J> & Policy<E, A, E2, A2>): Policy<E, A, E2 | G, B> =>
    around<E2 | G, B, WithSettings>(ensureWithStrategy, { validate })<E, A>(policy)

interface Settings {
  readonly holds: Decoder<never, unknown> | ((value: never) => boolean)
}
interface WithSettings {
  readonly validate: (value: never, attempt: Attempt) => unknown
}

const ensureStrategy: Strategy<Settings> = {
  name: 'ensure',
  fixed: ['holds'],
  rules: {
    holds: /*#__PURE__*/ Rule.make('a codec or decoder, or a predicate', (u) => typeof u === 'function' || isDecoder(u))
  },
  show: ({ holds }) => [showHolds(holds)],
  compile: ({ holds }, services, inner) => {
    const { layer } = services
    const check = isDecoder(holds) ? byDecoder(layer, holds) : byPredicate(layer, holds)
    return { open: (context, up) => new EnsureFrame(layer, check, inner, context, up) }
  }
}

type Check = (exit: Exit & { readonly _tag: 'Right' }) => Exit

const byPredicate =
  (at: string, predicate: (value: never) => boolean): Check =>
  (exit) => {
    const answer = ask(at, predicate, exit.right as never)
    if (answer._tag === 'Defect') return answer
    if (answer.value) return exit
    return { _tag: 'Left', left: { _tag: 'EnsureFailed', value: exit.right } }
  }

const byDecoder = (at: string, decoder: Decoder<never, unknown>): Check => {
  const decode = decoding(at, decoder)
  return (exit) => {
    const answer = decode(exit.right)
    if (answer._tag === 'Defect') return answer
    const decoded = answer.value
    return decoded._tag === 'Right' ? decoded : { _tag: 'Left', left: decodeFailed(exit.right, decoded.left) }
  }
}

class EnsureFrame implements Frame, Up {
  private readonly inner: Frame

  constructor(
    private readonly layer: string,
    private readonly check: Check,
    inner: Layer,
    private readonly context: Context,
    private readonly up: Up
  ) {
    this.inner = inner.open(context, this)
  }

  start(): void {
    this.inner.start()
  }

  abort(cause: Aborted): void {
    this.inner.abort(cause)
  }

  done(exit: Exit, settled: boolean): void {
    if (exit._tag !== 'Right') {
      this.up.done(exit, settled)
      return
    }
    const checked = this.check(exit)
    const { call } = this.context
    if (call.observed && checked._tag === 'Left') {
      call.emit({ _tag: 'ResultRefused', layer: this.layer, error: checked.left })
    }
    this.up.done(checked, settled)
  }

  settled(): void {
    this.up.settled()
  }
}

const ensureWithStrategy: Strategy<WithSettings> = {
  name: 'ensureWith',
  fixed: ['validate'],
  rules: { validate: Rule.callback },
  show: ({ validate }) => [showValue(validate)],
  compile: ({ validate }, services, inner) => ({
    open: (context, up) => new EnsureWithFrame(services, validate, inner, context, up)
  })
}

/** Two operations, one after the other: the attempt, then the validation of its result. */
class EnsureWithFrame extends SuccessionFrame {
  constructor(
    private readonly services: Services,
    private readonly validate: (value: never, attempt: Attempt) => unknown,
    inner: Layer,
    context: Context,
    up: Up
  ) {
    super(inner, context, up)
  }

  protected ended(exit: Exit): void {
    const { services, validate, cause } = this
    const { call } = this.context
    if (this.succeeded || exit._tag !== 'Right') {
      if (this.succeeded && call.observed && exit._tag === 'Left') {
        call.emit({ _tag: 'ResultRefused', layer: services.layer, error: exit.left })
      }
      this.answer(exit)
    } else if (cause !== undefined) {
      // called off while this result was on its way up
      this.answer(cause)
    } else {
      const { right } = exit
      this.succeedBy(services.operation((attempt) => validate(right as never, attempt), services.layer, right))
    }
  }
}
