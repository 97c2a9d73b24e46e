/**
 * `poll`: asks again until what comes holds, when a schedule says so.
 *
 * ```
 * poll(constant(100) |> upTo(1000), until: isReady)
 *   attempt 1   |-pending-|
 *                          . 100 .
 *   attempt 2                     |-pending-|
 *                                            . 100 .
 *   attempt 3                                       |-ready-|  the answer
 * ```
 *
 * What is asked about a value, in this order: `failWhen`; `until`. About an error: is it one that waiting can mend at all;
 * `waitOut`. Then, where there is to be another attempt: the schedule; the deadline; the effectful `decide`; then `beforePoll`
 * is awaited, and the delay slept. After the last attempt nothing is slept.
 *
 * @since 0.1.0
 */
import type { Predicate } from 'fp-ts/Predicate'
import type { Refinement } from 'fp-ts/Refinement'
import type { TaskEither } from 'fp-ts/TaskEither'
import { type Decoder, isDecoder } from '../Decoder'
import { around, type Ends, type Policy } from '../Policy'
import type { Problem } from '../Problem'
import type { Attempt } from '../Protocol'
import { problems } from '../recurrence/Settings'
import type { DecodeFailed, PollExhausted } from '../Rejection'
import * as Rule from '../Rule'
import { stop } from '../schedule/Delays'
import type { Schedule } from '../schedule/Model'
import type { Node, Strategy } from '../Strategy'
import { Poll, PollFrame } from './Poll/PollFrame'
import {
  type InvalidFails,
  type InvalidWaits,
  type PollOptions,
  rules,
  type Settings,
  settingsOf,
  showSettings,
  type WithSettings
} from './Poll/Settings'

export type { InvalidFails, InvalidWaits, PollInfo, PollOptions } from './Poll/Settings'

/** The errors of the operation that can be the answer of a poll: one that asks to be tried again is waited out. */
type Answered<E> = Exclude<E, { readonly _tag: 'TryAgain' }>

/**
 * Asks again until a value holds, as long as the schedule says so: by a codec, a refinement or a predicate (`until`).
 *
 * Adds `PollExhausted`, with the last value: a value that never came to hold is never taken for a success. With a codec the
 * result becomes what that decodes it to; what it cannot decode is waited for, or, with `invalid: 'fail'`, a `DecodeFailed` at
 * once. Errors of the operation are the answer as they are, unless `waitOut` says that they are to be waited out; a `TryAgain`
 * always is, so it leaves the error type;
 * `DeadlineExceeded` and `Aborted` never are, and refusals (`CircuitOpen`…) only with `waitOutRefused`. A callback that throws
 * is a `Defect` that keeps what was at hand (`during`). A delay of 0 takes no timer; the event loop gets a turn every 256
 * attempts.
 *
 * @param schedule is fed the values; an error that is waited out steps it without one
 * @param options see `PollOptions`
 *
 * @example
 * import { Policy, Runner, Runtime, Schedule } from 'resilience-ts'
 * import { pipe } from 'fp-ts/function'
 * import * as E from 'fp-ts/Either'
 * import assert from 'assert'
 *
 * type Job = { readonly state: 'pending' } | { readonly state: 'ready'; readonly url: string }
 * let calls = 0
 * const getJob = async (): Promise<E.Either<string, Job>> =>
 *   E.right(++calls < 3 ? { state: 'pending' } : { state: 'ready', url: '/42' })
 *
 * const policy = pipe(
 *   Policy.id<string, Job>(),
 *   Policy.poll(pipe(Schedule.constant(1), Schedule.take(9)), { until: (job) => job.state === 'ready' })
 * )
 * const answer = await Runner.make(policy)(Runtime.live)().run(getJob)()
 * assert.deepStrictEqual(answer, E.right({ state: 'ready', url: '/42' }))
 *
 * @category polling
 * @since 0.1.0
 */
export const poll: {
  <S, X, B, I, J>(
    schedule: Schedule<S>,
    options: InvalidWaits & PollOptions<I, J> & { readonly until: Decoder<X, B> }
  ): <E, A, E2, A2 extends S & X>(
    policy: Ends<I, J> & Policy<E, A, E2, A2>
  ) => Policy<E, A, Answered<E2> | PollExhausted<A2>, B>
  <S, X, B, I, J>(
    schedule: Schedule<S>,
    options: InvalidFails & PollOptions<I, J> & { readonly until: Decoder<X, B> }
  ): <E, A, E2, A2 extends S & X>(
    policy: Ends<I, J> & Policy<E, A, E2, A2>
  ) => Policy<E, A, Answered<E2> | DecodeFailed | PollExhausted<A2>, B>
  <S, X, B extends X, I, J>(
    schedule: Schedule<S>,
    options: PollOptions<I, J> & { readonly until: Refinement<X, B> }
  ): <E, A, E2, A2 extends S>(
    policy: Ends<unknown, X> & Ends<I, J> & Policy<E, A, E2, A2>
  ) => Policy<E, A, Answered<E2> | PollExhausted<A2>, B>
  <S, X, I, J>(
    schedule: Schedule<S>,
    options: PollOptions<I, J> & { readonly until: Predicate<X> }
  ): <E, A, E2, A2 extends S>(
    policy: Ends<unknown, X> & Ends<I, J> & Policy<E, A, E2, A2>
  ) => Policy<E, A, Answered<E2> | PollExhausted<A2>, A2>
} = (schedule: Schedule<never>, options: Omit<Settings, 'schedule'>) =>
  // what they do to the types is said above; what they do is one and the same
  around<never, never, Settings>(pollStrategy, settingsOf(schedule, options))

/**
 * Asks again like `poll`, until an effectful validator gives a result, which is then the answer; for conditions that must ask
 * somebody.
 *
 * A validator is what `ensureWith` takes. A value that it fails is waited for, its failure kept in `PollExhausted`; with
 * `invalid: 'fail'` that failure is the answer at once. A validator that throws or rejects is a `Defect`.
 *
 * @param schedule is fed the values
 * @param options see `PollOptions`; `until` gives the result, perhaps changed, or an error; it is told of an attempt of its own,
 * with signal and deadline
 *
 * @example
 * import { Policy, Runner, Runtime, Schedule } from 'resilience-ts'
 * import { pipe } from 'fp-ts/function'
 * import * as TE from 'fp-ts/TaskEither'
 * import * as E from 'fp-ts/Either'
 * import assert from 'assert'
 *
 * let replicas = 0
 * const isReplicated = (id: number) => (++replicas < 3 ? TE.left('not everywhere') : TE.right({ id, replicas }))
 * const policy = pipe(
 *   Policy.id<never, number>(),
 *   Policy.pollWith(pipe(Schedule.constant(1), Schedule.take(9)), { until: isReplicated })
 * )
 * assert.deepStrictEqual(await Runner.make(policy)(Runtime.live)().run(TE.right(7))(), E.right({ id: 7, replicas: 3 }))
 *
 * @category polling
 * @since 0.1.0
 */
export const pollWith: {
  <S, X, G, B, I, J>(
    schedule: Schedule<S>,
    options: InvalidWaits & PollOptions<I, J> & { readonly until: (value: X, attempt: Attempt) => TaskEither<G, B> }
  ): <E, A, E2, A2 extends S>(
    policy: Ends<unknown, X> & Ends<I, J> & Policy<E, A, E2, A2>
  ) => Policy<E, A, Answered<E2> | PollExhausted<A2>, B>
  <S, X, G, B, I, J>(
    schedule: Schedule<S>,
    options: InvalidFails & PollOptions<I, J> & { readonly until: (value: X, attempt: Attempt) => TaskEither<G, B> }
  ): <E, A, E2, A2 extends S>(
    policy: Ends<unknown, X> & Ends<I, J> & Policy<E, A, E2, A2>
  ) => Policy<E, A, Answered<E2> | G | PollExhausted<A2>, B>
} = (schedule: Schedule<never>, options: Omit<WithSettings, 'schedule'>) =>
  around<never, never, WithSettings>(pollWithStrategy, settingsOf(schedule, options))

const isPoll = ({ strategy }: Node): boolean => strategy.name === 'poll' || strategy.name === 'pollWith'

const advise = (
  { invalid, waitOut, waitOutRefused }: Settings | WithSettings,
  inside: ReadonlyArray<Node>
): ReadonlyArray<Problem> => [
  ...(inside.some(isPoll)
    ? [{ path: 'schedule', value: 'a poll inside a poll', allowed: 'one of them: their attempts multiply' }]
    : []),
  ...(invalid === 'fail' && waitOut === undefined && waitOutRefused !== true
    ? [{ path: 'invalid', value: invalid, allowed: "'wait', or errors to wait out: there is never a second attempt" }]
    : [])
]

/** Asks once: what does not hold then is the end of it. */
const once = ({ until, failWhen, invalid }: Settings | WithSettings): object =>
  Object.fromEntries(
    Object.entries({ schedule: stop, until, failWhen, invalid }).filter(([, value]) => value !== undefined)
  )

const pollStrategy: Strategy<Settings> = {
  name: 'poll',
  fixed: ['until', 'invalid'],
  disabled: once,
  rules: {
    ...rules,
    until: /*#__PURE__*/ Rule.make('a codec or decoder, or a predicate', (u) => typeof u === 'function' || isDecoder(u))
  },
  problems: (settings) => [
    ...(typeof settings.until === 'function' && !isDecoder(settings.until) && settings.invalid !== undefined
      ? [{ path: 'invalid', value: settings.invalid, allowed: 'nothing, where `until` is a predicate: see `failWhen`' }]
      : []),
    ...problems(settings)
  ],
  show: showSettings,
  advise,
  compile: (settings, services, inner) => {
    const shared = new Poll(settings, services, inner, settings.until, undefined)
    return { open: (context, up) => new PollFrame(shared, context, up) }
  }
}

const pollWithStrategy: Strategy<WithSettings> = {
  name: 'pollWith',
  fixed: ['until', 'invalid'],
  disabled: once,
  rules: { ...rules, until: Rule.callback },
  problems,
  show: showSettings,
  advise,
  compile: (settings, services, inner) => {
    const shared = new Poll(settings, services, inner, undefined, settings.until)
    return { open: (context, up) => new PollFrame(shared, context, up) }
  }
}
