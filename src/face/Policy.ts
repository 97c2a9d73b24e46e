/**
 * *What* to do around an operation: an immutable description that takes operations `TaskEither<E, A>` to `TaskEither<E2, A2>`.
 *
 * @since 0.1.0
 */
export * from '../Policy'
export * from '../policy/Disabled'
export * from '../policy/Override'
export * from '../recurrence/Verdict'
export * from '../strategy/Bulkhead'
export * from '../strategy/CircuitBreaker'
export { deadline } from '../strategy/Deadline'
export type { DeadlineOptions } from '../strategy/Deadline'
export * from '../strategy/Ensure'
export * from '../strategy/Fallback'
export * from '../strategy/Map'
export * from '../strategy/Poll'
export * from '../strategy/Retry'
export * from '../strategy/Tap'
export * from '../strategy/Timeout'
