/** Ways to use it. */
import { Flag, Policy, Runner, Schedule } from 'resilience-ts'
import { script, virtual } from 'resilience-ts/testing'
import { pipe } from 'fp-ts/function'
import type * as TE from 'fp-ts/TaskEither'
import { isRaised, type Outcome, outcomeOf, type Raised, raised } from '../exceptions'
import { list, ms, seconds } from '../json'
import { play, type Played, scripted } from '../play'
import type { Adapter } from '../question'
import { always, calls } from './calls'
import { settingsOf, tenacity } from './policy'
import { type Ending, outcome } from './seen'
import { afterAttempt } from './stops'

/** A synchronous function, whose sleeps are not. */
export const synchronous: Adapter = async ({ params, input }) => {
  const sleeps: Array<number> = []
  const time = virtual({ random: scripted(input['random']) })
  const outcomes = list(input['calls']).map(outcomeOf)
  let calls = 0
  const f = () => {
    const one = outcomes[Math.min(calls++, outcomes.length - 1)] as Outcome
    return 'error' in one ? ({ _tag: 'Left', left: one.error } as const) : ({ _tag: 'Right', right: one.ok } as const)
  }
  const policy = tenacity(settingsOf(params, input))
  const answer = await time.run(Runner.make(policy)(time.runtime)().runIO(f))
  for (const event of time.log) if (event._tag === 'RetryScheduled') sleeps.push(seconds(event.delay))
  return { ours: { result: answer._tag === 'Right' ? answer.right : undefined, calls, sleeps } }
}

/** One policy, used again while it runs, from its own hook; both share nothing. */
export const reentrant: Adapter = async () => {
  const said: Array<string> = []
  const time = virtual()
  const runner = Runner.make(
    tenacity({
      stop: afterAttempt(2),
      reraise: true,
      hooks: {
        beforeSleep: () => void runner.run(working('Fix'))()
      }
    })
  )(time.runtime)()
  const working =
    (name: string): TE.TaskEither<Raised, unknown> =>
    async () => {
      said.push(`${name} is working`)
      return { _tag: 'Right', right: name }
    }
  const broken: TE.TaskEither<Raised, unknown> = async () => {
    said.push('Error is not working')
    return { _tag: 'Left', left: raised('RuntimeError', 'Error is not working') }
  }
  const answer = await time.run(runner.run(broken))
  if (answer._tag === 'Left' && isRaised(answer.left)) said.push(`raised ${answer.left.message}`)
  return { ours: said }
}

/** The sleep between two attempts, which ends when an event is set, if it is. */
export const interruptible: Adapter = async ({ input }) => {
  const time = virtual()
  const event = Flag.make()
  if (input['setAtSec'] !== undefined) time.after(ms(input['setAtSec']), event.set)
  const policy = pipe(
    tenacity({ wait: Schedule.constant(ms(input['sleepSec'])), stop: afterAttempt(2) }),
    Policy.override('retryOrElse', { wakeOn: event })
  )
  const { elapsed } = await play(policy, always, { time })
  return { ours: [elapsed] }
}

/** A block of code in place of a function. */
export const block: Adapter = async ({ params, input }) => {
  const time = virtual({ random: scripted(input['random']) })
  const saw: Array<unknown> = []
  const { retry, ...settings } = settingsOf(params, input)
  const value = (given: unknown): boolean => {
    saw.push(given)
    return retry.value(given)
  }
  const attempts = Runner.attempts(Runner.make(tenacity({ ...settings, retry: { ...retry, value } }))(time.runtime)())()
  // a block without a result gives none
  const operation = script(time, ...calls(input))
  await time.run(async () => {
    for await (const attempt of attempts) await attempt.run(operation.task)
  })
  const result = await attempts.result()
  const answer =
    result._tag === 'Left' && result.left._tag === 'Aborted' ? undefined : (result as Played<Ending, unknown>['result'])
  return {
    ours: {
      calls: operation.calls.length,
      predicateSaw: saw,
      ...(answer === undefined ? {} : { outcome: outcome(answer) })
    }
  }
}
