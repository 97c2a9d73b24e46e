/**
 * How tagged unions are told apart, also where a value is not one of ours.
 *
 * @since 0.1.0
 */

/**
 * The `_tag` of any value; `undefined` where there is none, or where the value throws when it is looked at.
 *
 * @internal
 */
export const tagOf = (u: unknown): unknown => {
  try {
    if (typeof u === 'object' && u !== null) return (u as { readonly _tag?: unknown })._tag
  } catch {
    // it cannot be told
  }
  return undefined
}
