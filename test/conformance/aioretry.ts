/** aioretry, in our terms: an effectful decision after each failure (`decide`), then a hook, then the sleep. */
import { Policy, Schedule } from 'resilience-ts'
import { pipe } from 'fp-ts/function'
import * as T from 'fp-ts/Task'
import { isA, isRaised, outcomeOf, type Raised, raised } from './exceptions'
import { expression, truthy } from './expression'
import { lineOf, type Lines, linesOf, play, type Played } from './play'
import { type Adapter, type Fields, list, ms, numbers, seconds, text, type Vector } from './vector'

/** What a policy is told; in seconds. */
interface Info {
  readonly fails: number
  readonly exception: Raised
  readonly since: number
}

/** What it says: whether to abandon, and after how many seconds to try again. */
type RetryPolicy = (info: Info) => readonly [abandon: boolean, delay: number]

interface Settings {
  readonly policy: RetryPolicy
  readonly beforeRetry?: (info: Info) => void
}

const aioretry = ({ policy, beforeRetry }: Settings) => {
  const infoOf = ({ error, attempt, firstFailure }: Policy.RetryInfo<Raised>): Info => ({
    fails: attempt,
    exception: error,
    since: seconds(firstFailure)
  })
  return pipe(
    Policy.id<Raised, unknown>(),
    Policy.retry(Schedule.forever, {
      while: isA('Exception'),
      decide: (info) => {
        const [abandon, delay] = policy(infoOf(info))
        return T.of(abandon ? Policy.giveUp : Policy.againAfter(ms(delay)))
      },
      ...(beforeRetry === undefined ? {} : { beforeRetry: (info) => T.fromIO(() => beforeRetry(infoOf(info))) })
    })
  )
}

// -------------------------------------------------------------------------------------
// a policy as a vector writes it
// -------------------------------------------------------------------------------------

const raise = (error: Raised): never => {
  throw error
}

/**
 * `throws Type`; `Type->abandon else delay`; `abandon=…, delay=…`; `abandon, delay`; or a delay alone.
 */
const policyOf = (source: string): RetryPolicy => {
  const thrown = /^throws (\w+)$/.exec(source)?.[1]
  if (thrown !== undefined) return () => raise(raised(thrown))
  const [, type, otherwise] = /^(\w+)\s*->\s*abandon else (.*)$/.exec(source) ?? []
  if (type !== undefined && otherwise !== undefined) {
    const other = policyOf(otherwise)
    return (info) => (isA(type)(info.exception) ? [true, 0] : other(info))
  }
  const parts = source.replace(/^async /, '').split(/,(?![^(]*\))/)
  const named = parts.map((part, i) => {
    const [, name, rest] = /^\s*(abandon|delay)\s*=(?!=)(.*)$/.exec(part) ?? []
    // a part alone is the delay, unless it is true or false
    const isDelay = i > 0 || (parts.length === 1 && !/^\s*(true|false)\s*$/i.test(part))
    return [name ?? (isDelay ? 'delay' : 'abandon'), expression(rest ?? part)] as const
  })
  const { abandon, delay } = Object.fromEntries(named)
  return ({ fails, since, exception }) => {
    const names = { fails, since, exception: exception.type }
    return [truthy(abandon?.(names)), Number(delay?.(names) ?? 0)]
  }
}

// -------------------------------------------------------------------------------------
// what was seen
// -------------------------------------------------------------------------------------

const outcome = (result: Played<Raised, unknown>['result']): object => {
  if (result._tag === 'Right') return { ok: result.right }
  const error = result.left
  if (isRaised(error)) return { err: error.type }
  return { defect: error.kind, cause: typeOf(error.cause), during: typeOf(error.during) }
}
const typeOf = (u: unknown): unknown => (isRaised(u) ? u.type : u)

/** A delay of 0 or less is no sleep. */
const seen = ({ calls, sleeps, elapsed, result }: Played<Raised, unknown>): object => ({
  calls,
  sleeps: sleeps.filter((sleep) => sleep > 0),
  elapsed,
  outcome: outcome(result)
})

// -------------------------------------------------------------------------------------
// vectors
// -------------------------------------------------------------------------------------

const failing: Lines = [lineOf({ error: raised('RuntimeError') })]

/** The delays after so many failures. */
const delays = async (policy: RetryPolicy, { input }: Vector): Promise<ReadonlyArray<unknown>> => {
  const wanted = numbers(input['fails'])
  const most = Math.max(...wanted)
  const { sleeps } = await play(aioretry({ policy: (info) => (info.fails > most ? [true, 0] : policy(info)) }), failing)
  return wanted.map((fails) => sleeps[fails - 1])
}

/** In which order everything is asked. */
const order = async (policy: RetryPolicy, { input }: Vector): Promise<ReadonlyArray<string>> => {
  const said: Array<string> = []
  const settings: Settings = {
    policy: (info) => {
      said.push(`policy#${info.fails}`)
      return policy(info)
    },
    beforeRetry: ({ fails }) => void said.push(`before_retry#${fails}`)
  }
  await play(aioretry(settings), linesOf(input), {
    observe: (event) => {
      if (event._tag === 'AttemptStarted') said.push(`call#${event.attempt}`)
      if (event._tag === 'RetryScheduled' && event.delay > 0) said.push(`sleep(${seconds(event.delay)})`)
    }
  })
  return said
}

const run = async (policy: RetryPolicy, { params, input }: Vector): Promise<object> => {
  const thrown = /^throws (\w+)$/.exec(text(params['before_retry'] ?? ''))?.[1]
  const infos: Array<Info> = []
  const after: Array<readonly [string, number]> = []
  const settings: Settings = {
    policy: (info) => {
      infos.push(info)
      return policy(info)
    },
    beforeRetry: ({ exception, fails }) => {
      after.push([exception.type, fails])
      if (thrown !== undefined) raise(raised(thrown))
    }
  }
  return {
    ...seen(await play(aioretry(settings), linesOf(input))),
    // what the policy was told, each time anew
    fails: infos.map(({ fails }) => fails),
    msgs: infos.map(({ exception }) => exception.message),
    since: infos.map(({ since }) => since),
    distinctObjects: new Set(infos).size,
    after
  }
}

export const conform: Adapter = async (vector) => {
  const { params, input, expected, parity } = vector
  const policy = policyOf(text(params['policy'] ?? '(fails-1)*0'))
  if (input['fails'] !== undefined) return { ours: await delays(policy, vector) }
  if (input['scripts'] !== undefined) {
    const ours: Array<object> = []
    for (const calls of list(input['scripts'])) ours.push(await run(policy, { ...vector, input: { ...input, calls } }))
    return { ours }
  }
  if (/order/.test(vector.feature)) return { ours: await order(policy, vector) }
  if (parity === 'match') return { ours: await run(policy, vector) }
  // a policy that throws is a bug: a defect that keeps what was thrown, and what it was thrown at
  const { calls, outcome } = expected as { readonly calls: number; readonly outcome: Fields }
  const [failure] = list(input['calls']).map(outcomeOf)
  const during = failure !== undefined && 'error' in failure ? failure.error.type : undefined
  return {
    ours: await run(policy, vector),
    instead: { calls, outcome: { defect: 'Thrown', cause: outcome['err'], during } },
    because: 'a policy that throws is a defect'
  }
}
