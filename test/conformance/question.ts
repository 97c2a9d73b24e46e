/** What a vector asks, and what an adapter has to say to it. What the vector expects is nowhere in here. */
import type { Fields, Json } from './json'

export type System = 'tenacity' | 'wait_for' | 'aioretry' | 'kaioretry' | 'poll' | 'article'

/** What a system was told: `feature` says in words what it is about. */
export interface Question {
  readonly system: System
  readonly feature: string
  readonly params: Fields
  readonly input: Fields
}

/** Values without an end, where a question does not say how many are wanted: the first `n`. */
export type Series = (n: number) => ReadonlyArray<unknown>

/** Where ours differs on purpose. */
export interface Difference {
  /** The row of the page that says so. */
  readonly because: string
  /** What is documented, given what they answer; what the difference is not about stays as it is. */
  readonly instead: (theirs: Json) => unknown
}

/** What ours did, in the words of the system. They may ask for it in one of several shapes. */
export interface Answer {
  /** Whatever was seen: of fields, those count that are spoken of. */
  readonly ours: unknown
  /** The same as a list alone. */
  readonly asList?: ReadonlyArray<unknown> | Series
  /** The same in a word. */
  readonly asWord?: string
  readonly differs?: Difference
}

export type Adapter = (question: Question) => Promise<Answer>

// -------------------------------------------------------------------------------------
// an adapter as a table: what a question is about, and how it is played
// -------------------------------------------------------------------------------------

export type Row = readonly [isAsked: (question: Question) => boolean, answer: Adapter]

/** The first row that fits. */
export const table =
  (...rows: ReadonlyArray<Row>): Adapter =>
  (question) => {
    const row = rows.find(([isAsked]) => isAsked(question))
    if (row === undefined) throw new Error(`nobody plays this: ${question.feature}`)
    return row[1](question)
  }

export const about =
  (words: RegExp): Row[0] =>
  ({ feature }) =>
    words.test(feature)

/** Has an input of this name. */
export const asks =
  (name: string): Row[0] =>
  ({ input }) =>
    input[name] !== undefined

export const anything: Row[0] = () => true
