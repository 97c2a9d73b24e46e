/** aioretry, in our terms: an effectful decision after each failure (`decide`), then a hook, then the sleep. */
import { Policy, Schedule } from 'resilience-ts'
import { pipe } from 'fp-ts/function'
import * as T from 'fp-ts/Task'
import { isA, isRaised, outcomeOf, type Raised, raised } from './exceptions'
import { expression, truthy } from './expression'
import { changed, ofRun } from './difference'
import { isFields, type Json, list, ms, numbers, seconds, text } from './json'
import { lineOf, type Lines, linesOf, play, type Played } from './play'
import { type Adapter, type Answer, anything, asks, type Difference, type Question, table } from './question'
import { ofEachScript } from './scripts'

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

const thrownBy = (json: Json | undefined): string | undefined => /^throws (\w+)$/.exec(text(json ?? ''))?.[1]

/**
 * `throws Type`; `Type->abandon else delay`; `abandon=…, delay=…`; `abandon, delay`; or a delay alone.
 */
const policyOf = (source: string): RetryPolicy => {
  const thrown = thrownBy(source)
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

const policyIn = ({ params }: Question): RetryPolicy => policyOf(text(params['policy'] ?? 'false, 0'))

/** The delays after so many failures. */
const delays: Adapter = async (question) => {
  const policy = policyIn(question)
  const wanted = numbers(question.input['fails'])
  const most = Math.max(...wanted)
  const { sleeps } = await play(aioretry({ policy: (info) => (info.fails > most ? [true, 0] : policy(info)) }), failing)
  return { ours: wanted.map((fails) => sleeps[fails - 1]) }
}

const hookThat = (json: Json | undefined): ((info: Info) => void) => {
  const thrown = thrownBy(json)
  return thrown === undefined ? () => {} : () => raise(raised(thrown))
}

/** What was seen, what the policy was told, and in which order everything was asked. */
const run: Adapter = async (question) => {
  const { params, input } = question
  const [policy, hook] = [policyIn(question), hookThat(params['before_retry'])]
  const order: Array<string> = []
  const infos: Array<Info> = []
  const after: Array<readonly [string, number]> = []
  const settings: Settings = {
    policy: (info) => {
      order.push(`policy#${info.fails}`)
      infos.push(info)
      return policy(info)
    },
    beforeRetry: (info) => {
      order.push(`before_retry#${info.fails}`)
      after.push([info.exception.type, info.fails])
      hook(info)
    }
  }
  const played = await play(aioretry(settings), linesOf(input), {
    observe: (event) => {
      if (event._tag === 'AttemptStarted') order.push(`call#${event.attempt}`)
      if (event._tag === 'RetryScheduled' && event.delay > 0) order.push(`sleep(${seconds(event.delay)})`)
    }
  })
  return {
    ours: {
      ...seen(played),
      fails: infos.map(({ fails }) => fails),
      msgs: infos.map(({ exception }) => exception.message),
      since: infos.map(({ since }) => since),
      // each time anew
      distinctObjects: new Set(infos).size,
      after
    },
    asList: order,
    ...differenceOf(question)
  }
}

// -------------------------------------------------------------------------------------
// where ours differs
// -------------------------------------------------------------------------------------

/** What is thrown is a bug: a defect that keeps it, and the error that it was thrown at. A hook is a task, which rejects. */
const throwing = (thrown: string, defect: 'Thrown' | 'Rejected', { input }: Question): Difference => ({
  because: 'a policy that throws is a defect',
  instead: ofRun((theirs) => {
    const calls = Number(theirs['calls'] ?? 1)
    const failure = list(input['calls']).slice(0, calls).map(outcomeOf).at(-1)
    const during = failure !== undefined && 'error' in failure ? failure.error.type : undefined
    return changed({
      outcome: (how) => (isFields(how) && how['err'] === thrown ? { defect, cause: thrown, during } : how)
    })(theirs)
  })
})

const differenceOf = (question: Question): Pick<Answer, 'differs'> => {
  const { policy, before_retry } = question.params
  const [byPolicy, byHook] = [thrownBy(policy), thrownBy(before_retry)]
  if (byPolicy !== undefined) return { differs: throwing(byPolicy, 'Thrown', question) }
  return byHook === undefined ? {} : { differs: throwing(byHook, 'Rejected', question) }
}

export const conform: Adapter = table([asks('fails'), delays], [anything, ofEachScript(run)])
