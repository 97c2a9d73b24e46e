/**
 * io-ts codecs for the library's own data that leaves the process. The only part that needs `io-ts` when it runs.
 *
 * @since 0.1.0
 */
export { CircuitSnapshot } from './CircuitSnapshot'
