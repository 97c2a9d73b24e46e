/** What tenacity's predicate would not have, as an error of ours. */
import type { Rejection } from 'resilience-ts'
import { type Outcome, type Raised, raised } from '../exceptions'

/** What an attempt comes to that is to be made again: what its predicate would not have, or what asks for it by itself. */
export type Rejected = { readonly _tag: 'Rejected'; readonly outcome: Outcome } | Rejection.TryAgain

export const rejected = (outcome: Outcome): Rejected => ({ _tag: 'Rejected', outcome })

export const outcomeIn = (error: Rejected | Raised): Outcome => {
  if (error._tag === 'Rejected') return error.outcome
  return { error: error._tag === 'Raised' ? error : raised('TryAgain') }
}
