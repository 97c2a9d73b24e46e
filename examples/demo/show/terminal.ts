/**
 * Where to print, and in which colours.
 */
import type { Paint } from './words'

export interface Terminal {
  readonly print: (line: string) => void
  /** For what was asked wrongly. */
  readonly complain: (line: string) => void
  readonly paint: Paint
}
