/** tenacity's predicates: which outcomes are to be had again. */
import { Cause } from 'resilience-ts'
import { isA, isRaised, type Raised } from '../exceptions'
import { formula, truthy } from '../expression'
import { type Fields, isFields, type Json, list, text } from '../json'

/** Which outcomes are to be had again. */
export interface Retry {
  readonly error: (error: Raised) => boolean
  readonly value: (value: unknown) => boolean
}

const no = (): boolean => false
const yes = (): boolean => true
const not =
  <A>(holds: (a: A) => boolean) =>
  (a: A) =>
    !holds(a)

const ofErrors = (error: Retry['error']): Retry => ({ error, value: no })
const ofValues = (value: Retry['value']): Retry => ({ error: no, value })
const any = (all: ReadonlyArray<Retry>): Retry => ({
  error: (e) => all.some(({ error }) => error(e)),
  value: (a) => all.some(({ value }) => value(a))
})
const all = (all: ReadonlyArray<Retry>): Retry => ({
  error: (e) => all.every(({ error }) => error(e)),
  value: (a) => all.every(({ value }) => value(a))
})

const types = (json: Json | undefined): ReadonlyArray<string> =>
  list(json ?? 'Exception').map((type) => text(type).replace(/ \(default\)$/, ''))

/** Of whatever caused it, however deep; the error itself is none of its causes. */
const isCausedBy = (...types: ReadonlyArray<string>): Retry['error'] => {
  const isCause = Cause.exists((u) => isRaised(u) && isA(...types)(u))
  return ({ cause }) => isCause(cause)
}

const byMessage = ({ message, match }: Fields): Retry['error'] => {
  if (match === undefined) return (e) => e.message === message
  const begins = new RegExp(`^(?:${text(match)})`)
  return (e) => begins.test(e.message)
}

const conditionOnValue = (source: Json | undefined): Retry['value'] => {
  const holds = formula(source)
  return (value) => truthy(holds({ x: value, v: value, value, result: value, r: value }))
}
/** On a right side, `x` is the letter. */
const conditionOnError = (source: Json | undefined): Retry['error'] => {
  const holds = formula(source)
  return (e) => truthy(holds({ msg: e.message, message: e.message, type: e.type }))
}

const predicates: Readonly<Record<string, (params: Fields) => Retry>> = {
  exception_type: (params) => ofErrors(isA(...types(params['types']))),
  not_exception_type: (params) => ofErrors(not(isA(...types(params['types'])))),
  /** Successes are had again, too. */
  unless_exception_type: (params) => ({ error: not(isA(...types(params['types']))), value: yes }),
  exception: ({ pred }) => ofErrors(conditionOnError(pred)),
  exception_cause_type: (params) => ofErrors(isCausedBy(...types(params['types']))),
  exception_message: (params) => ofErrors(byMessage(params)),
  not_exception_message: (params) => ({ error: not(byMessage(params)), value: yes }),
  result: ({ pred }) => ofValues(conditionOnValue(pred)),
  not_result: ({ pred }) => ofValues(not(conditionOnValue(pred))),
  any: (params) => any(list(params['any']).map(retryOf)),
  all: (params) => all(list(params['all']).map(retryOf)),
  always: () => ({ error: yes, value: yes }),
  never: () => ({ error: no, value: no })
}

/** A predicate as a vector writes it: `never`, a type, or a condition; joined by `|` or `&`. */
export const retryOf = (json: Json | undefined): Retry => {
  if (json == null) return ofErrors(isA('Exception'))
  if (isFields(json)) {
    const [[name, params]] = Object.entries(json) as [[string, Json]]
    return predicateOf(name, isFields(params) ? params : { [name]: params, types: params, pred: params })
  }
  const source = text(json).trim()
  for (const [sign, join] of [
    ['|', any],
    ['&', all]
  ] as const)
    if (source.includes(sign)) return join(source.split(sign).map(retryOf))
  if (source === 'always' || source === 'never') return predicateOf(source, {})
  if (/^(msg|message)\b/.test(source)) return ofErrors(conditionOnError(source))
  if (/^[A-Z]\w*( \(default\))?$/.test(source)) return ofErrors(isA(...types(source)))
  return ofValues(conditionOnValue(source))
}

export const predicateOf = (name: string, params: Fields): Retry => {
  const make = predicates[name.replace(/^retry_(if_)?/, '')]
  if (make === undefined) throw new Error(`no such predicate: ${name}`)
  return make(params)
}
