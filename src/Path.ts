/**
 * Where a problem stands, from the outside in.
 *
 * @since 0.1.0
 */
import type { Problem } from './Problem'

/**
 * Problems of a part, seen from what holds it: the paths begin with that of the part, if it has one, and one that has none is at
 * the part.
 *
 * @internal
 */
export const within = (path: string, problems: ReadonlyArray<Problem>): ReadonlyArray<Problem> =>
  problems.map((problem) => ({ ...problem, path: [path, problem.path].filter(isName).join('.') }))

const isName = (path: string): boolean => path !== ''
