/**
 * How a piece of a run ended.
 *
 * @since 0.1.0
 */
import type { Either } from 'fp-ts/Either'
import type { Aborted, Defect } from './Rejection'

/**
 * How an operation, a layer or a whole run ended: with the very `Either` that the operation gave, with a `Defect`, or called
 * off. The four are told apart by `_tag`: `Left`, `Right`, `Defect`, `Aborted`.
 *
 * @category model
 * @since 0.1.0
 */
export type Exit = Either<unknown, unknown> | Defect | Aborted
