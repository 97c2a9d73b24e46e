/** The calls that a question speaks of. */
import { Rejection } from 'resilience-ts'
import { fails } from 'resilience-ts/testing'
import { isA, raised } from '../exceptions'
import { type Fields, ms } from '../json'
import { type Lines, linesOf } from '../play'
import type { Operation } from './policy'

export const always: Lines = [fails(raised('Exception'))]

/** As they are written; `TryAgain` is asked for in our own terms. */
export const calls = (input: Fields): Lines<Operation> =>
  linesOf(input).map((line) =>
    line._tag === 'Settles' && line.answer._tag === 'Left' && isA('TryAgain')(line.answer.left)
      ? fails(Rejection.tryAgain, line.after)
      : line
  ) as unknown as Lines<Operation>

/** As many attempts, the last of which ends this many seconds after the first began. */
export const endingAt = (attempt: number, elapsed: number): Lines => {
  const error = raised('Exception')
  return [...Array.from({ length: attempt - 1 }, () => fails(error)), fails(error, ms(elapsed))] as unknown as Lines
}
