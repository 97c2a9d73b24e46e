/**
 * Errors in a few words, for people.
 *
 * @since 0.1.0
 */
import { show, showValue } from './Problem'
import { type Defect, isDefect } from './Rejection'
import { tagOf } from './Tag'

/**
 * An error in a few words: its tag, its message, itself; of a defect where it arose, and why. Never throws.
 *
 * @internal
 */
export const showError = (error: unknown): string => {
  try {
    return isDefect(error) ? showDefect(error) : showCause(error)
  } catch {
    // it has no text, or throws when it is asked for it
    return '<unreadable>'
  }
}

const showDefect = ({ kind, at, cause, problems }: Defect): string => {
  const [first, ...others] = problems
  const more = others.length === 0 ? '' : `, and ${String(others.length)} more`
  const why = first === undefined ? (cause === undefined ? '' : `: ${showCause(cause)}`) : `: ${show(first)}${more}`
  return `Defect ${kind} at ${at}${why}`
}

const showCause = (error: unknown): string => {
  if (typeof error === 'string') return error
  if (error instanceof Error) return error.message === '' ? error.name : error.message
  const tag = tagOf(error)
  return typeof tag === 'string' ? tag : showValue(error)
}

/**
 * A text in one line: its line breaks as one would write them in a program.
 *
 * @internal
 */
export const inOneLine = (text: string): string =>
  text.replace(/[\n\r\u2028\u2029]/g, (lineBreak) => lineBreaks[lineBreak] as string)

const lineBreaks: Readonly<Record<string, string>> = {
  '\n': '\\n',
  '\r': '\\r',
  '\u2028': '\\u2028',
  '\u2029': '\\u2029'
}
