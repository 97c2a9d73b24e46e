/**
 * The vectors: what five systems and an article were asked, and what they did. An adapter is given the question alone: only the
 * tests read this file.
 */
import { readFileSync } from 'fs'
import { join } from 'path'
import type { Json } from './json'
import type { Question } from './question'

/**
 * One case.
 *
 * `parity` says what is asked of us: the same numbers (`match`), a sound behaviour that we document (`document`), or that we do
 * not have the bug (`avoid`).
 */
export interface Vector {
  readonly id: string
  readonly question: Question
  readonly expected: Json
  readonly parity: 'match' | 'document' | 'avoid'
}

/** As it is in the file. */
type Recorded = Question & Omit<Vector, 'question'>

const recorded = JSON.parse(
  readFileSync(join(__dirname, 'seed-vectors.json'), 'utf8')
) as unknown as ReadonlyArray<Recorded>

export const vectors: ReadonlyArray<Vector> = recorded.map(
  ({ id, system, feature, params, input, expected, parity }) => ({
    id,
    question: { system, feature, params, input },
    expected,
    parity
  })
)
