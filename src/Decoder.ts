/**
 * Whatever decodes, and asking it: its exceptions and whatever else it answers become values.
 *
 * @since 0.1.0
 */
import type { Either } from 'fp-ts/Either'
import { type Answer, ask, isEither } from './Callback'
import { readProblems } from './DecodeProblems'
import { showValue } from './Problem'
import { type DecodeFailed, defect } from './Rejection'

/**
 * Whatever decodes: an io-ts codec (`io-ts`) or decoder (`io-ts/Decoder`), or anything of that shape.
 *
 * @category model
 * @since 0.1.0
 */
export interface Decoder<in I, out A> {
  readonly decode: (input: I) => Either<unknown, A>
}

/** @internal */
export const isDecoder = (u: unknown): u is Decoder<never, unknown> =>
  typeof u === 'object' && u !== null && 'decode' in u && typeof u.decode === 'function'

/**
 * Shows what a result is held against: a codec by its name, anything else as it is.
 *
 * @internal
 */
export const showHolds = (holds: unknown): string =>
  isDecoder(holds) && 'name' in holds && typeof holds.name === 'string' ? holds.name : showValue(holds)

/**
 * A decoder as a function that makes no trouble. What it gives is the decoder's own `Either`, its errors unread.
 *
 * @internal
 */
export const decoding = (
  at: string,
  decoder: Decoder<never, unknown>
): ((value: unknown) => Answer<Either<unknown, unknown>>) => {
  const decode = (value: unknown): unknown => decoder.decode(value as never)
  return (value) => {
    const answer = ask(at, decode, value)
    if (answer._tag === 'Defect') return answer
    return isEither(answer.value)
      ? { _tag: 'Value', value: answer.value }
      : defect('Malformed', at, answer.value, value)
  }
}

/**
 * What a decoder's errors come to.
 *
 * @internal
 */
export const decodeFailed = (value: unknown, errors: unknown): DecodeFailed => ({
  _tag: 'DecodeFailed',
  value,
  problems: readProblems(errors)
})
