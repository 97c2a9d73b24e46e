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

/**
 * Whether a value decodes; it may be a function too, a class with a static `decode`, say.
 *
 * @internal
 */
export const isDecoder = (u: unknown): u is Decoder<never, unknown> =>
  typeof (u as Partial<Decoder<never, unknown>> | null | undefined)?.decode === 'function'

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
  const decode = (value: unknown): Answer<Either<unknown, unknown>> => {
    const decoded: unknown = decoder.decode(value as never)
    return isEither(decoded) ? { _tag: 'Value', value: decoded } : defect('Malformed', at, decoded, value)
  }
  return (value) => {
    const answer = ask(at, decode, value)
    return answer._tag === 'Defect' ? answer : answer.value
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
  problems: readProblems(value, errors)
})
