/**
 * Promises that are resolved later, without a closure for each: `new Promise(handOut)` hands out the function that resolves it,
 * which is `handed` until the next one is made.
 *
 * @since 0.1.0
 */

/** @internal */
export let handed: (value: never) => void

/** @internal */
export const handOut = (resolve: (value: never) => void): void => {
  handed = resolve
}
