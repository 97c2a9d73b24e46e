/**
 * The flat tagged union of what a policy can answer instead of the operation.
 *
 * @since 0.1.0
 */
export * from '../Rejection'
export type { PollEnd, PollStop, RecurrenceStop, RetryStop } from '../StopReason'
