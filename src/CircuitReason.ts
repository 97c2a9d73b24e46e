/**
 * Why a circuit breaker changed its state.
 *
 * @since 0.1.0
 */
import type { Millis } from './Duration'

/**
 * Why what a trip remembers is enough to open.
 *
 * | tag | what happened |
 * |---|---|
 * | `ConsecutiveFailures` | so many failures in a row |
 * | `FailureRate` | a share of `rate` of the last `calls` calls failed |
 * | `SlowRate` | a share of `rate` of the last `calls` calls was slow |
 * | `FailuresWithin` | so many failures within `window` ms |
 * | `All` | every one of several |
 * | `Custom` | what a trip of the user's says |
 *
 * @category model
 * @since 0.1.0
 */
export type TripReason =
  | { readonly _tag: 'ConsecutiveFailures'; readonly failures: number }
  | { readonly _tag: 'FailureRate'; readonly rate: number; readonly calls: number }
  | { readonly _tag: 'SlowRate'; readonly rate: number; readonly calls: number }
  | { readonly _tag: 'FailuresWithin'; readonly failures: number; readonly window: Millis }
  | { readonly _tag: 'All'; readonly reasons: ReadonlyArray<TripReason> }
  | { readonly _tag: 'Custom'; readonly name: string; readonly data: unknown }

/**
 * Why a circuit breaker changed its state: by itself, by the clock, or by hand.
 *
 * | tag | what happened |
 * |---|---|
 * | those of `TripReason` | it opened, as its trip says |
 * | `OpenTimeOver` | it was open for long enough; the call that found so is the first probe |
 * | `ProbesSucceeded` | enough probes succeeded: it closed |
 * | `ProbesFailed` | too many probes failed: it opened again |
 * | `LeaseExpired` | a probe took longer than its lease, and that was one failure too many |
 * | `HalfOpenTooLong` | it was half-open for as long as it may, undecided |
 * | `Isolated`, `Released` | somebody took hold of it by hand; the last who held it let go |
 * | `Forced`, `Disabled`, `Reset`, `Restored` | by hand |
 *
 * @category model
 * @since 0.1.0
 */
export type CircuitReason =
  | TripReason
  | {
      readonly _tag:
        | 'OpenTimeOver'
        | 'ProbesSucceeded'
        | 'ProbesFailed'
        | 'LeaseExpired'
        | 'HalfOpenTooLong'
        | 'Isolated'
        | 'Released'
        | 'Forced'
        | 'Disabled'
        | 'Reset'
        | 'Restored'
    }

/**
 * The states of a circuit breaker, by name.
 *
 * @category model
 * @since 0.1.0
 */
export type CircuitState = 'closed' | 'open' | 'half-open' | 'isolated' | 'disabled'
