/**
 * `map`, `mapLeft`, `bimap`: pure functions over what a policy answers, and with them the fp-ts instances of `Policy`.
 *
 * @since 0.1.0
 */
import type { Bifunctor4 } from 'fp-ts/Bifunctor'
import type { Functor4 } from 'fp-ts/Functor'
import { ask } from '../Callback'
import type { Exit } from '../Exit'
import { around, type Policy } from '../Policy'
import { showValue } from '../Problem'
import { type Context, type Frame, type Layer, openLane, type Up } from '../Protocol'
import type { Aborted } from '../Rejection'
import * as Rule from '../Rule'
import type { Strategy } from '../Strategy'

/**
 * Changes the result. A function that throws is a `Defect`.
 *
 * @param f makes the new result of the old
 *
 * @example
 * import { Policy, Runner, Runtime } from 'resilience-ts'
 * import { pipe } from 'fp-ts/function'
 * import * as TE from 'fp-ts/TaskEither'
 * import * as E from 'fp-ts/Either'
 * import assert from 'assert'
 *
 * const policy = pipe(Policy.id<string, number>(), Policy.map((n) => `n = ${n}`))
 * assert.deepStrictEqual(await Runner.make(policy)(Runtime.live)().run(TE.right(42))(), E.right('n = 42'))
 *
 * @category mapping
 * @since 0.1.0
 */
export const map =
  <A2, B>(f: (value: A2) => B) =>
  <E, A, E2>(policy: Policy<E, A, E2, A2>): Policy<E, A, E2, B> =>
    around<E2, B, Settings>(strategyOf('map'), { right: f })(policy)

/**
 * Changes the error, rejections included: the place to fold the union into the caller's own error. A function that throws is a
 * `Defect`; a `Defect` itself and a caller's abort are not touched.
 *
 * @param f makes the new error of the old
 *
 * @example
 * import { Policy } from 'resilience-ts'
 * import { pipe } from 'fp-ts/function'
 * import assert from 'assert'
 *
 * const policy = pipe(
 *   Policy.id<string, number>(),
 *   Policy.timeout(100),
 *   Policy.mapLeft((e) => (typeof e === 'string' ? e : 'too slow'))
 * )
 * const exact: Policy.Policy<string, number> = policy
 * assert.deepStrictEqual(Policy.names(exact), ['timeout', 'mapLeft'])
 *
 * @category mapping
 * @since 0.1.0
 */
export const mapLeft =
  <E2, G>(f: (error: E2) => G) =>
  <E, A, A2>(policy: Policy<E, A, E2, A2>): Policy<E, A, G, A2> =>
    around<G, A2, Settings>(strategyOf('mapLeft'), { left: f })(policy)

/**
 * Changes error and result.
 *
 * @param f makes the new error of the old
 * @param g makes the new result of the old
 *
 * @example
 * import { Policy, Runner, Runtime } from 'resilience-ts'
 * import { pipe } from 'fp-ts/function'
 * import * as TE from 'fp-ts/TaskEither'
 * import * as E from 'fp-ts/Either'
 * import assert from 'assert'
 *
 * const policy = pipe(Policy.id<string, number>(), Policy.bimap((e) => e.length, (n) => n * 2))
 * assert.deepStrictEqual(await Runner.make(policy)(Runtime.live)().run(TE.left('four'))(), E.left(4))
 *
 * @category mapping
 * @since 0.1.0
 */
export const bimap =
  <E2, G, A2, B>(f: (error: E2) => G, g: (value: A2) => B) =>
  <E, A>(policy: Policy<E, A, E2, A2>): Policy<E, A, G, B> =>
    around<G, B, Settings>(strategyOf('bimap'), { left: f, right: g })(policy)

interface Settings {
  readonly left?: (error: never) => unknown
  readonly right?: (value: never) => unknown
}

const optionalCallback = /*#__PURE__*/ Rule.optional(Rule.callback)

const strategyOf = (name: string): Strategy<Settings> => ({
  name,
  fixed: ['left', 'right'],
  rules: {
    left: name === 'map' ? optionalCallback : Rule.callback,
    right: name === 'mapLeft' ? optionalCallback : Rule.callback
  },
  show: ({ left, right }) => [left, right].filter((f) => f !== undefined).map(showValue),
  compile: (settings, services, inner) => ({
    open: (context, up) => new MapFrame(services.layer, settings, inner, context, up),
    lane: settings.right === undefined ? openLane : undefined
  })
})

class MapFrame implements Frame, Up {
  private readonly inner: Frame

  constructor(
    private readonly layer: string,
    private readonly settings: Settings,
    inner: Layer,
    context: Context,
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
    this.up.done(this.mapped(exit), settled)
  }

  settled(): void {
    this.up.settled()
  }

  private mapped(exit: Exit): Exit {
    const { left, right } = this.settings
    if (exit._tag === 'Left' && left !== undefined) {
      const answer = ask(this.layer, left, exit.left as never)
      return answer._tag === 'Defect' ? answer : { _tag: 'Left', left: answer.value }
    }
    if (exit._tag === 'Right' && right !== undefined) {
      const answer = ask(this.layer, right, exit.right as never)
      return answer._tag === 'Defect' ? answer : { _tag: 'Right', right: answer.value }
    }
    return exit
  }
}

/**
 * The name of `Policy` among fp-ts's type constructors.
 *
 * @example
 * import { Policy } from 'resilience-ts'
 * import assert from 'assert'
 *
 * assert.strictEqual(Policy.Functor.URI, Policy.URI)
 *
 * @category type lambdas
 * @since 0.1.0
 */
export const URI = 'resilience-ts/Policy'

/**
 * The type of that name.
 *
 * @category type lambdas
 * @since 0.1.0
 */
export type URI = typeof URI

declare module 'fp-ts/HKT' {
  interface URItoKind4<S, R, E, A> {
    readonly 'resilience-ts/Policy': Policy<S, R, E, A>
  }
}

/**
 * Policies map over their result.
 *
 * @example
 * import { Policy } from 'resilience-ts'
 * import assert from 'assert'
 *
 * const policy = Policy.Functor.map(Policy.id<string, number>(), (n) => n > 0)
 * assert.strictEqual(Policy.show(policy), 'map(<function>)\n└─ operation')
 *
 * @category instances
 * @since 0.1.0
 */
export const Functor: Functor4<URI> = {
  URI,
  map: (policy, f) => map(f)(policy)
}

/**
 * Policies map over error and result.
 *
 * @example
 * import { Policy } from 'resilience-ts'
 * import assert from 'assert'
 *
 * const policy = Policy.Bifunctor.mapLeft(Policy.id<string, number>(), (e) => e.length)
 * assert.strictEqual(Policy.show(policy), 'mapLeft(<function>)\n└─ operation')
 *
 * @category instances
 * @since 0.1.0
 */
export const Bifunctor: Bifunctor4<URI> = {
  URI,
  bimap: (policy, f, g) => bimap(f, g)(policy),
  mapLeft: (policy, f) => mapLeft(f)(policy)
}
