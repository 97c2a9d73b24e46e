/**
 * *When* to recur: an immutable description that, fed ticks and inputs, says "again after d ms" or "stop, because…".
 *
 * @since 0.1.0
 */
export { initial, isSchedule, show, step, validate } from '../schedule/Model'
export type { Continue, Form, Schedule, State, Step, Stop, Tick } from '../schedule/Model'
export type { Fault, StopReason } from '../StopReason'
export * from '../schedule/Delays'
export * from '../schedule/Jitter'
export * from '../schedule/Bounds'
export * from '../schedule/Algebra'
export * from '../schedule/Inputs'
export * from '../schedule/Preview'
export * from '../schedule/Instances'
export * from '../schedule/Recurrences'
