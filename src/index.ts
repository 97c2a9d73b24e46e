/**
 * The face of the library: one namespace for each noun.
 *
 * @since 0.1.0
 */
export * as Cause from './Cause'
export * as Duration from './Duration'
export type * as Event from './Event'
export * as Flag from './Flag'
export * as Log from './Log'
export * as Policy from './face/Policy'
export * as Problem from './Problem'
export * as Random from './Random'
export * as Rejection from './face/Rejection'
export * as Report from './Report'
export * as Rule from './Rule'
export * as Runner from './face/Runner'
export * as Runtime from './face/Runtime'
export * as Schedule from './face/Schedule'
export * as Store from './Store'
export * as Strategy from './face/Strategy'
export * as Trip from './face/Trip'
