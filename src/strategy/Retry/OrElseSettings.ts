/**
 * The settings that `retryOrElse` has beside those of a retry.
 *
 * @since 0.1.0
 */
import { showValue } from '../../Problem'
import type { Attempt } from '../../Protocol'
import type { Exhausted } from '../../Rejection'
import { showSettings } from '../../recurrence/Settings'
import * as Rule from '../../Rule'
import { type RetryOptions, rules as retryRules, type Settings, settingsOf } from './Settings'

/**
 * What is retried, and what the end is told.
 *
 * - `keepErrors`: how many errors, the latest, `Exhausted` holds as its `errors`; whole, ≥ 0; 0 unless given.
 *
 * @category model
 * @since 0.1.0
 */
export interface RetryOrElseOptions<in I> extends RetryOptions<I> {
  readonly keepErrors?: number | undefined
}

/** @internal */
export type OrElseSettings = Settings & {
  readonly orElse: (exhausted: Exhausted<never>, attempt: Attempt) => unknown
  readonly keepErrors?: number | undefined
}

/** There is no limit that would keep everything: a retry of a million attempts holds no more than one of ten. */
const keepErrors = /*#__PURE__*/ Rule.optional(
  /*#__PURE__*/ Rule.make('a whole number, >= 0', (u) => Rule.count.holds(u) && u !== Infinity)
)

/** @internal */
export const rules = (): Rule.Rules<OrElseSettings> => ({ ...retryRules, orElse: Rule.callback, keepErrors })

/** @internal */
export const orElseSettingsOf = (
  schedule: OrElseSettings['schedule'],
  orElse: OrElseSettings['orElse'],
  options: RetryOrElseOptions<never>
): OrElseSettings => ({
  ...settingsOf(schedule, options),
  ...Rule.read<Pick<OrElseSettings, 'keepErrors'>>({ keepErrors }, options),
  orElse
})

/** @internal */
export const showOrElse = ({ keepErrors, orElse, ...settings }: OrElseSettings): ReadonlyArray<string> => [
  ...showSettings(settings),
  ...(keepErrors === undefined ? [] : [`keepErrors: ${showValue(keepErrors)}`]),
  `orElse: ${showValue(orElse)}`
]
