/**
 * Everything impure that the interpreter needs: clock, sleep, chance, and who listens.
 *
 * @since 0.1.0
 */
export * from '../Runtime'
export * from '../runtime/Live'
