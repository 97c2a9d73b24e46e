/**
 * The settings of a retry: what may stand in them, and how they are shown.
 *
 * @since 0.1.0
 */
import type { Task } from 'fp-ts/Task'
import * as Rule from '../../Rule'
import * as Recurrence from '../../recurrence/Settings'
import type { Verdict } from '../../recurrence/Verdict'
import type { Schedule } from '../../schedule/Model'
import type { RetryInfo } from './RetryInfo'

/**
 * What is retried, and what happens before the next attempt.
 *
 * - `while`: retry only the errors that satisfy this; `until`: all but those that satisfy this. Both may be given;
 * - `decide`: an effectful decision, asked when the schedule would go on;
 * - `beforeRetry`: awaited before the delay is slept; it cannot change the outcome unless it throws, which is a `Defect`;
 * - `retryRefused`: also retry what a policy inside refused (`CircuitOpen`, `BulkheadFull`, `RateLimited`); its `retryAfter` is
 *   honoured where it is longer than the delay. `false` unless given;
 * - `wakeOn`, `stopOn`: flags that wake the wait, or end it; see `Flags`.
 *
 * @category model
 * @since 0.1.0
 */
export interface RetryOptions<in I> extends Recurrence.Flags {
  readonly while?: ((error: I) => boolean) | undefined
  readonly until?: ((error: I) => boolean) | undefined
  readonly decide?: ((info: RetryInfo<I>) => Task<Verdict>) | undefined
  readonly beforeRetry?: ((info: RetryInfo<I>) => Task<void>) | undefined
  readonly retryRefused?: boolean | undefined
}

/** @internal */
export type Settings = RetryOptions<never> & { readonly schedule: Schedule<never> }
/** @internal */
export const settingsOf = (schedule: Schedule<never>, options: RetryOptions<never>): Settings => ({
  ...Rule.read<object>(rules, options),
  schedule
})

const optionalCallback = /*#__PURE__*/ Rule.optional(Rule.callback)
/**
 * Schedules are checked by `problems`, which says more than a rule could.
 *
 * @internal
 */
export const rules: Rule.Rules<Settings> = {
  while: optionalCallback,
  until: optionalCallback,
  decide: optionalCallback,
  beforeRetry: optionalCallback,
  retryRefused: /*#__PURE__*/ Rule.optional(Rule.flag),
  ...Recurrence.flagRules,
  schedule: Rule.anything
}
