/**
 * *When* a circuit breaker opens: an immutable description that, fed the outcomes of calls, answers "enough", and why.
 *
 * @since 0.1.0
 */
export { initial, isTrip, make, reason, show, step, validate } from '../trip/Model'
export type { Form, Outcome, Reads, State, Trip } from '../trip/Model'
export type { CircuitReason, CircuitState, TripReason } from '../CircuitReason'
export type { Rates } from '../trip/Rates'
export * from '../trip/Failures'
export * from '../trip/CountWindow'
export * from '../trip/TimeWindow'
export * from '../trip/Combine'
