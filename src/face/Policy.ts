/**
 * *What* to do around an operation: an immutable description that takes operations `TaskEither<E, A>` to `TaskEither<E2, A2>`.
 *
 * @since 0.1.0
 */
export * from '../Policy'
export * from '../recurrence/Verdict'
export * from '../strategy/Bulkhead'
export { deadline } from '../strategy/Deadline'
export type { DeadlineOptions } from '../strategy/Deadline'
export * from '../strategy/Ensure'
export * from '../strategy/Fallback'
export * from '../strategy/Map'
export * from '../strategy/Poll'
export * from '../strategy/Retry'
export * from '../strategy/Timeout'
