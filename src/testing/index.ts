/**
 * `resilience-ts/testing`: policies proved in virtual time.
 *
 * @since 0.1.0
 */
export * from './Interleavings'
export * from './Script'
export { virtual } from './VirtualRuntime'
export type { Leaks, VirtualOptions, VirtualRuntime, VirtualSignal } from './VirtualRuntime'
