/**
 * One kind of policy, and the protocol its layers speak; the library's strategies are made with it, and so are the user's own.
 *
 * @since 0.1.0
 */
export * from '../Strategy'
export * from '../Protocol'
export type { Exit } from '../Exit'
