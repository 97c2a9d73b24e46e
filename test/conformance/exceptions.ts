/** Python's exceptions as data: what an operation of ours fails with where one of theirs raises. */
import { type Fields, isFields, type Json, list, text } from './json'

export interface Raised {
  readonly _tag: 'Raised'
  readonly type: string
  readonly message: string
  readonly cause: Raised | null
}

const parents: Readonly<Record<string, string>> = {
  Exception: 'BaseException',
  KeyboardInterrupt: 'BaseException',
  SystemExit: 'BaseException',
  GeneratorExit: 'BaseException',
  CancelledError: 'BaseException',
  BrokenPipeError: 'ConnectionError',
  ConnectionAbortedError: 'ConnectionError',
  ConnectionRefusedError: 'ConnectionError',
  ConnectionResetError: 'ConnectionError',
  ConnectionError: 'OSError',
  FileNotFoundError: 'OSError',
  PermissionError: 'OSError',
  TimeoutError: 'OSError',
  IOError: 'OSError',
  KeyError: 'LookupError',
  IndexError: 'LookupError',
  UnicodeError: 'ValueError',
  NotImplementedError: 'RuntimeError',
  RecursionError: 'RuntimeError',
  UnboundLocalError: 'NameError',
  ZeroDivisionError: 'ArithmeticError',
  OverflowError: 'ArithmeticError'
}

const descends = (type: string, from: string): boolean =>
  type === from || (type !== 'BaseException' && descends(parents[type] ?? 'Exception', from))

/** Whether it is of one of these types, or of one derived from them. */
export const isA =
  (...types: ReadonlyArray<string>) =>
  (error: Raised): boolean =>
    types.some((type) => descends(error.type, type))

export const raised = (type: string, message = '', cause: Raised | null = null): Raised => ({
  _tag: 'Raised',
  type,
  message,
  cause
})

export const isRaised = (u: unknown): u is Raised =>
  typeof u === 'object' && u !== null && '_tag' in u && u._tag === 'Raised'

/** An error as a vector writes it: `{ err, msg, cause }`, or its type alone. */
export const errorOf = (json: Json): Raised => {
  if (!isFields(json)) return raised(text(json))
  const { err, msg, cause } = json
  return raised(text(err ?? null), msg === undefined ? '' : text(msg), cause == null ? null : errorOf(cause))
}

/** A chain of types, each the cause of the one before. */
export const chained = (json: Json): Raised =>
  list(json).reduceRight<Raised | null>((cause, type) => raised(text(type), '', cause), null) as Raised

/** A chain whose last cause is the first again. */
export const circle = (json: Json): Raised => {
  const first = { ...chained(json) }
  let last: { cause: Raised | null } = first
  while (last.cause !== null) last = last.cause = { ...last.cause }
  last.cause = first
  return first
}

/** An outcome as a vector writes it: `{ ok }`, `{ err }`, or `{ chain }`. */
export type Outcome = { readonly ok: Json } | { readonly error: Raised }

export const outcomeOf = (json: Json): Outcome => {
  const fields = json as Fields
  if (fields['chain'] !== undefined) return { error: chained(fields['chain']) }
  return fields['err'] === undefined ? { ok: fields['ok'] ?? null } : { error: errorOf(fields) }
}
