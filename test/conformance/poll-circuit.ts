/** poll's circuit breaker, in our terms: so many failures within a window open it, for as long as the window is. */
import { Policy, type Rejection, Runner, Trip } from 'resilience-ts'
import { fails, script, succeeds, virtual } from 'resilience-ts/testing'
import { not } from 'fp-ts/Predicate'
import { pipe } from 'fp-ts/function'
import type { Either } from 'fp-ts/Either'
import type { TaskEither } from 'fp-ts/TaskEither'
import { isA, isRaised, type Raised, raised } from './exceptions'
import { changed, ofRun } from './difference'
import { type Fields, type Json, list, ms, seconds, text } from './json'
import { about, type Adapter, anything, type Difference, type Question, table } from './question'

/** The exception that is meant, where none is named. */
export const usual = 'ValueError'

/** Successes clear nothing, and what is none of these exceptions says nothing either way. */
const circuitBreaker = ({ ex = usual, threshold, reset_timeout }: Fields) =>
  pipe(
    Policy.id<Raised, unknown>(),
    Policy.circuitBreaker({
      trip: Trip.failuresWithin(Number(threshold), ms(reset_timeout)),
      openFor: ms(reset_timeout),
      ignore: not(isA(...list(ex).map(text)))
    })
  )

type Answer = Either<Raised | Rejection.CircuitOpen | Rejection.Defect, unknown>

const resultOf = (answer: Answer): Json => {
  if (answer._tag === 'Right') return 'ok'
  const error = answer.left
  if (isRaised(error)) return error.type
  return error._tag === 'CircuitOpen' ? ['CircuitBroken', seconds(error.retryAfter)] : error.kind
}

const errorOf = (action: string, { ex = usual }: Fields): Raised =>
  raised(action === 'fail' ? text(list(ex)[0]) : action === 'other' ? 'KeyError' : action)

/** A circuit, and calls of whatever is behind it. */
const behind = (params: Fields) => {
  const time = virtual()
  const runner = Runner.make(circuitBreaker(params))(time.runtime)()
  let calls = 0
  const call = (action: string): TaskEither<Raised, unknown> => {
    const { task } = script<Raised, unknown>(time, action === 'ok' ? succeeds('ok') : fails(errorOf(action, params)))
    return () => {
      calls++
      return task()
    }
  }
  return { time, runner, call, calls: () => calls }
}

/** Calls at their times, one after the other. */
const atTimes: Adapter = async ({ params, input }) => {
  const { time, runner, call, calls } = behind(params)
  const results: Array<Json> = []
  for (const step of list(input['steps(t,action)'])) {
    const [at, action] = step as readonly [number, string]
    await time.advance(Math.max(0, ms(at) - time.now()))
    results.push(resultOf(await time.run(runner.run(call(action)))))
  }
  return { ours: { results, calls: calls() } }
}

/**
 * Calls that overlap, in words: `call A starts; B,C fail -> open; A succeeds; D`. A result that comes late moves nothing.
 */
const overlapping: Adapter = async ({ params, input }) => {
  const { time, runner, call } = behind(params)
  const inFlight = new Map<string, () => void>()
  const seen: Record<string, Json> = {}
  let stateOf: string = 'whileInFlight'
  for (const clause of text(input['steps']).split(';')) {
    const [, names = '', verb = ''] = /^\s*(?:call )?([A-Z](?:,[A-Z])*)\s*(\w*)/.exec(clause) ?? []
    for (const name of names.split(',')) {
      if (verb === 'starts') {
        const answer = new Promise<Either<Raised, unknown>>((resolve) => {
          inFlight.set(name, () => {
            resolve({ _tag: 'Right', right: name })
          })
        })
        void time.start(runner.run(() => answer))
      } else if (inFlight.has(name)) {
        seen[stateOf] = stateIn(runner)
        inFlight.get(name)?.()
        await time.advance(0)
        stateOf = 'afterLateSuccess'
      } else {
        const answer = resultOf(await time.run(runner.run(call(verb.startsWith('fail') ? 'fail' : 'ok'))))
        if (verb === '') seen[stateOf] = answer === 'ok' ? 'ok' : 'open'
      }
    }
  }
  return { ours: seen, differs: late }
}

const late: Difference = {
  because: 'a late result moves nothing',
  instead: ofRun(changed({ afterLateSuccess: () => 'open' }))
}

const areInWords = ({ input }: Question): boolean => typeof input['steps'] === 'string'

const stateIn = (runner: Parameters<typeof Policy.circuitBreakerControl>[0]): Json => {
  const control = Policy.circuitBreakerControl(runner)
  return control._tag === 'Some' ? control.value.status().state : 'none'
}

/** What an open circuit says. */
const refusal: Adapter = async ({ params, input }) => {
  const { time, runner, call } = behind(params)
  for (let i = 0; i < Number(params['threshold']); i++) await time.run(runner.run(call('fail')))
  await time.advance(ms(input['t'] ?? 0))
  const answer = await time.run(runner.run(call('ok')))
  return { ours: answer._tag === 'Left' ? answer.left : 'ok', differs: value }
}

/** Theirs is a sentence; ours is a value, with the milliseconds that it speaks of. */
const value: Difference = {
  because: 'an open circuit is a value',
  instead: (theirs) => {
    const [, remaining] = /^The circuit for \w+ was broken\. Try again in ([\d.]+)$/.exec(text(theirs)) ?? []
    return { _tag: 'CircuitOpen', reason: 'open', retryAfter: ms(Number(remaining)) }
  }
}

export const circuit: Adapter = table([about(/message/), refusal], [areInWords, overlapping], [anything, atTimes])
