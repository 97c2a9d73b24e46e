/**
 * The settings of a poll: what may stand in them, and how they are shown.
 *
 * @since 0.1.0
 */
import type { Either } from 'fp-ts/Either'
import type { Task } from 'fp-ts/Task'
import { type Decoder, showHolds } from '../../Decoder'
import type { Millis } from '../../Duration'
import type { Attempt } from '../../Protocol'
import * as Recurrence from '../../recurrence/Settings'
import type { Verdict } from '../../recurrence/Verdict'
import * as Rule from '../../Rule'
import type { Schedule } from '../../schedule/Model'

/**
 * What ends a poll, what it waits out, and what happens before the next attempt.
 *
 * - `failWhen`: a value that satisfies this ends it at once, before `until` is asked; `PollExhausted` then says so;
 * - `waitOut`: wait out the errors that satisfy this; all others are the answer as they are. None unless given;
 * - `waitOutRefused`: also wait out what a policy inside refused (`CircuitOpen`, `BulkheadFull`, `RateLimited`), of those the
 *   ones that satisfy `waitOut`, if that is given; their `retryAfter` is honoured where it is longer than the delay. `false`
 *   unless given;
 * - `decide`: an effectful decision, asked when the schedule would go on;
 * - `beforePoll`: awaited before the delay is slept; it cannot change the outcome unless it throws, which is a `Defect`;
 * - `wakeOn`, `stopOn`: flags that wake the wait, or end it; see `Flags`.
 *
 * @category model
 * @since 0.1.0
 */
export interface PollOptions<in I, in J> extends Recurrence.Flags {
  readonly failWhen?: ((value: J) => boolean) | undefined
  readonly waitOut?: ((error: I) => boolean) | undefined
  readonly waitOutRefused?: boolean | undefined
  readonly decide?: ((info: PollInfo<I, J>) => Task<Verdict>) | undefined
  readonly beforePoll?: ((info: PollInfo<I, J>) => Task<void>) | undefined
}

/**
 * What a value means that a codec or validator would not have: it is waited for, as unless given.
 *
 * @category model
 * @since 0.1.0
 */
export interface InvalidWaits {
  readonly invalid?: 'wait' | undefined
}

/**
 * What a value means that a codec or validator would not have: a failure, at once, or, by a variable, either.
 *
 * @category model
 * @since 0.1.0
 */
export interface InvalidFails {
  readonly invalid: 'wait' | 'fail'
}

/**
 * An attempt that did not end the poll, as `decide` and `beforePoll` see it.
 *
 * @category model
 * @since 0.1.0
 */
export interface PollInfo<out E, out A> {
  /** The value that does not hold yet, or the error that is waited out. */
  readonly outcome: Either<E, A>
  /** The number of that attempt, from 1. */
  readonly attempt: number
  /** Milliseconds since the first attempt began. */
  readonly elapsed: Millis
  /** Milliseconds slept between attempts so far. */
  readonly idle: Millis
  /** The delay that is to come, in ms: the schedule's, or longer, if a refusal asked for it; after `decide`, what that chose. */
  readonly delay: Millis
}

/** @internal */
export type Until = Decoder<never, unknown> | ((value: never) => boolean)
/** @internal */
export type Validate = (value: never, attempt: Attempt) => unknown

interface Common extends PollOptions<never, never> {
  readonly schedule: Schedule<never>
  readonly invalid?: 'wait' | 'fail' | undefined
}
/** @internal */
export type Settings = Common & { readonly until: Until }
/** @internal */
export type WithSettings = Common & { readonly until: Validate }

/** @internal */
export const settingsOf = <S extends Settings | WithSettings>(
  schedule: Schedule<never>,
  options: Omit<S, 'schedule'>
): S => ({ ...Rule.read<object>(optionRules, options), schedule }) as S

const optionalCallback = /*#__PURE__*/ Rule.optional(Rule.callback)

const optionRules: Rule.Rules<Omit<Settings, 'schedule'>> = {
  // each strategy has a rule of its own for it
  until: Rule.anything,
  failWhen: optionalCallback,
  invalid: /*#__PURE__*/ Rule.optional(
    /*#__PURE__*/ Rule.make("'wait' or 'fail'", (u) => u === 'wait' || u === 'fail')
  ),
  waitOut: optionalCallback,
  waitOutRefused: /*#__PURE__*/ Rule.optional(Rule.flag),
  decide: optionalCallback,
  beforePoll: optionalCallback,
  ...Recurrence.flagRules
}

/**
 * Schedules are checked by `problems`, which says more than a rule could.
 *
 * @internal
 */
export const rules: Rule.Rules<Settings> = { ...optionRules, schedule: Rule.anything }

/** @internal */
export const showSettings = ({ until, ...settings }: Settings | WithSettings): ReadonlyArray<string> => {
  const [schedule, ...others] = Recurrence.showSettings(settings)
  return [String(schedule), `until: ${showHolds(until)}`, ...others]
}
