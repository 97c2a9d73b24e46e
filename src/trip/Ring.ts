/**
 * The last so many of some numbers, as plain data.
 *
 * @since 0.1.0
 */
import { isCount, isRecord } from './Model'

/** How many numbers are in one piece. */
const length = 64

/**
 * A ring of numbers in pieces. The piece that is being written stands apart, so that to add a number copies none of the others,
 * however many there are.
 *
 * @internal
 */
export interface Ring {
  /** Where the next number goes. */
  readonly position: number
  /** The piece of that position. */
  readonly piece: ReadonlyArray<number>
  /** All pieces; empty in the place of that one. */
  readonly pieces: Pieces
  readonly [key: string]: number | ReadonlyArray<number> | Pieces
}

type Pieces = ReadonlyArray<ReadonlyArray<number>>

/** @internal */
export const empty: Ring = { position: 0, piece: [], pieces: [] }

/**
 * The ring with one number more; of `size` numbers, the oldest has made room.
 *
 * @internal
 */
export const add = (size: number, { position, piece, pieces }: Ring, value: number): Ring => {
  const written = piece.slice()
  written[position % length] = value
  const next = position + 1 === size ? 0 : position + 1
  if (next % length !== 0) return { position: next, piece: written, pieces }
  // the next number goes into another piece
  const kept = pieces.slice()
  kept[pieceOf(position)] = written
  const entered = kept[pieceOf(next)] ?? []
  kept[pieceOf(next)] = []
  return { position: next, piece: entered, pieces: kept }
}

/**
 * The oldest number of a ring that is full; `undefined` as long as it is not.
 *
 * @internal
 */
export const oldest = ({ position, piece }: Ring): number | undefined => piece[position % length]

/**
 * The number that was added last, if there is any.
 *
 * @internal
 */
export const latest = (size: number, { position, piece, pieces }: Ring): number | undefined => {
  const last = (position === 0 ? size : position) - 1
  return (pieceOf(last) === pieceOf(position) ? piece : pieces[pieceOf(last)])?.[last % length]
}

/**
 * The ring with each number changed.
 *
 * @internal
 */
export const map = ({ position, piece, pieces }: Ring, f: (value: number) => number): Ring => ({
  position,
  piece: piece.map(f),
  pieces: pieces.map((each) => each.map(f))
})

/**
 * Whether a value is a ring of no more than so many finite numbers.
 *
 * @internal
 */
export const isRing = (size: number, u: unknown): u is Ring => {
  if (!isRecord(u)) return false
  const { position, piece, pieces } = u
  if (!isCount(position, size - 1) || !isPiece(piece) || !isPieces(pieces)) return false
  const at = pieceOf(position)
  // what is written now is not yet among them
  if (at > pieces.length || (pieces[at] ?? []).length > 0) return false
  const lengths = pieces.map((each) => each.length)
  lengths[at] = piece.length
  const held = lengths.reduce((sum, each) => sum + each, 0)
  return (
    // as long as it is not full, it is filled from the first place on
    (held === size || held === position) && lengths.every((each, index) => each === inPiece(held - index * length))
  )
}

const pieceOf = (position: number): number => Math.floor(position / length)
const inPiece = (left: number): number => Math.min(length, Math.max(0, left))
const isPiece = (u: unknown): u is ReadonlyArray<number> => Array.isArray(u) && u.every(Number.isFinite)
const isPieces = (u: unknown): u is Pieces => Array.isArray(u) && u.every(isPiece)
