/** tenacity's waits as schedules. */
import { Schedule } from 'resilience-ts'
import { pipe } from 'fp-ts/function'
import type { Raised } from '../exceptions'
import { expression, formula } from '../expression'
import { type Fields, isFields, isList, type Json, list, ms, seconds } from '../json'
import { outcomeIn, type Rejected } from './rejected'

export type Wait = Schedule.Schedule<Rejected | Raised>

const given = (json: Json | undefined, otherwise: number): number => (json == null ? otherwise : ms(json))

/** `max(max(0, min), min(w, max))`: after a smaller `cap`, the floor wins. */
const clamped =
  ({ min, max }: Fields) =>
  (schedule: Schedule.Schedule<unknown>): Schedule.Schedule<unknown> =>
    pipe(schedule, Schedule.cap(Math.max(0, given(max, Infinity))), Schedule.floor(Math.max(0, given(min, 0))))

const exponential = (params: Fields): Schedule.Schedule<unknown> =>
  Schedule.exponential(given(params['multiplier'] ?? params['initial'], 1000), Number(params['exp_base'] ?? 2))

const waits: Readonly<Record<string, (params: Fields) => Wait>> = {
  none: () => Schedule.forever,
  fixed: ({ wait }) => Schedule.constant(given(wait, 0)),
  random: ({ min, max }) => Schedule.uniform(given(min, 0), given(max, 1000)),
  incrementing: ({ start, increment, max }) =>
    pipe(Schedule.linear(given(start, 0), given(increment, 100_000)), Schedule.cap(Math.max(0, given(max, Infinity)))),
  exponential: (params) => pipe(exponential(params), clamped(params)),
  random_exponential: (params) =>
    pipe(exponential(params), clamped(params), Schedule.jitteredFrom(Math.max(0, given(params['min'], 0)))),
  exponential_jitter: (params) =>
    pipe(exponential(params), Schedule.additiveJitter(0, given(params['jitter'], 1000)), clamped(params)),
  combine: (params) =>
    list(params['sum'] ?? params['combine'] ?? Object.values(params).find(isList))
      .map(waitOf)
      .reduce((a, b) => pipe(a, Schedule.plus(b))),
  /** Each for one wait, the last one from there on. */
  chain: (params) => {
    const all = list(params['chain'] ?? Object.values(params)[0]).map(waitOf)
    const last = all.at(-1) ?? Schedule.delays([])
    return all.slice(0, -1).reduceRight((rest, one) => pipe(one, Schedule.take(1), Schedule.andThen(rest)), last)
  },
  /** Computed from the exception; a result has none to compute it from. */
  exception: ({ fn, wait }) => {
    const wanted = formula(fn ?? wait)
    return pipe(
      Schedule.forever,
      Schedule.modify((_delay, failure: Rejected | Raised) => {
        const outcome = outcomeIn(failure)
        return 'error' in outcome
          ? 1000 * Number(wanted({ msg: outcome.error.message, e: outcome.error.type })) || 0
          : 0
      })
    )
  },
  /** Any function of the state. */
  callable: ({ fn }) => {
    const wanted = formula(fn)
    return Schedule.computed(
      ({ attempt, elapsed }) => 1000 * Number(wanted({ attempt, n: attempt, elapsed: seconds(elapsed) }))
    )
  }
}

const waitNames: Readonly<Record<string, string>> = {
  full_jitter: 'random_exponential',
  sum: 'combine',
  fn: 'callable',
  delays: 'chain'
}

/** A wait as a vector writes it: seconds, a formula, or `{ kind: params }`. */
export const waitOf = (json: Json | undefined): Wait => {
  if (json == null) return Schedule.forever
  if (isList(json)) return call('random', { min: json[0] ?? 0, max: json[1] ?? 1 })
  if (isFields(json) && json['timedeltaSec'] === undefined) {
    const [[kind, params]] = Object.entries(json) as [[string, Json]]
    return call(kind, isFields(params) ? params : { ...inOrder(kind, list(params)), [kind]: params })
  }
  if (typeof json !== 'string') return Schedule.constant(ms(json))
  // in Python's words: `wait_fixed(3) + wait_random(0, 2)`
  const calls = [...json.matchAll(/wait_(\w+)(?:\(([^)]*)\))?/g)].map(([, name = '', args = '']) =>
    call(name, argumentsOf(name, args))
  )
  return calls.length === 0 ? call('callable', { fn: json }) : calls.reduce((a, b) => pipe(a, Schedule.plus(b)))
}

const positions: Readonly<Record<string, ReadonlyArray<string>>> = {
  fixed: ['wait'],
  random: ['min', 'max'],
  incrementing: ['start', 'increment', 'max'],
  exponential: ['multiplier', 'max', 'exp_base', 'min'],
  random_exponential: ['multiplier', 'max', 'exp_base', 'min'],
  exponential_jitter: ['initial', 'max', 'exp_base', 'jitter']
}

/** Arguments by position. */
const inOrder = (name: string, values: ReadonlyArray<Json>): Fields =>
  Object.fromEntries((positions[name] ?? []).slice(0, values.length).map((key, i) => [key, values[i] as Json]))

/** Arguments by position or by name. */
const argumentsOf = (name: string, args: string): Fields =>
  Object.fromEntries(
    args
      .split(',')
      .filter((arg) => arg.trim() !== '')
      .map((arg, i): [string, Json] => {
        const [, key, value = arg] = /^\s*(\w+)\s*=(.*)$/.exec(arg) ?? []
        return [key ?? positions[name]?.[i] ?? String(i), expression(value)({}) as Json]
      })
  )

export const call = (name: string, params: Fields): Wait => {
  const kind = name.replace(/^wait_/, '')
  const make = waits[waitNames[kind] ?? kind]
  if (make === undefined) throw new Error(`no such wait: ${name}`)
  return make(params)
}
