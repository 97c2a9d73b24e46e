/**
 * A breaker that blocks for sixty seconds after three failures.
 *
 * A service goes down. After three failures within a minute it is left alone for a minute; then one request is let through to
 * see whether it has come back.
 */
import { pipe } from 'fp-ts/function'
import * as E from 'fp-ts/Either'
import * as T from 'fp-ts/Task'
import { Duration, Policy, type Rejection, Runner, Schedule, Trip } from 'resilience-ts'
import { get, type HttpError, isTransient } from './http'
import type { Program, World } from './program'

const aMinute = 60_000

export const guarded = pipe(
  Policy.id<HttpError, unknown>(),
  Policy.circuitBreaker({
    trip: Trip.failuresWithin(3, aMinute), // successes in between clear nothing
    openFor: aMinute,
    isFailure: isTransient // a 404 proves that the service works
  })
)

type Answer = E.Either<HttpError | Rejection.CircuitOpen | Rejection.Defect, unknown>

/** A call each five seconds, for a minute and a half. */
const call = async ({ service, runtime, say }: World): Promise<ReadonlyArray<Answer>> => {
  const runner = Runner.make(guarded)(runtime)()
  const answers: Array<Answer> = []
  // to call again and again, whatever the answer: a poll of no policy but a schedule
  const calls = pipe(
    Policy.id<never, Answer>(),
    Policy.poll(pipe(Schedule.constant(5000), Schedule.take(18)), { until: () => false }),
    Policy.fallbackTag('PollExhausted', () => E.right<never, unknown>('over'))
  )
  await Runner.make(calls)(runtime)().run(
    pipe(
      T.of(undefined),
      T.chain(() => runner.runWith(get(`${service}/status`))),
      T.map((answer) => {
        answers.push(answer)
        say(shown(answer))
        return E.right(answer)
      })
    )
  )()
  return answers
}

const shown = (answer: Answer): string => {
  if (E.isRight(answer)) return 'answered'
  const { left } = answer
  return left._tag === 'CircuitOpen'
    ? `refused, for ${Duration.show(Math.round(left.retryAfter / 1000) * 1000)} more`
    : left._tag
}

export const breaker: Program<ReadonlyArray<Answer>> = {
  name: 'breaker',
  about: 'a service that is down is left alone for sixty seconds after three failures',
  answer: ({ before }) => (before < 3 ? { status: 503, body: 'down' } : { status: 200, body: 'up' }),
  run: call,
  promises: (answers, requests) => {
    const tags = answers.map((answer) => (E.isRight(answer) ? 'answered' : answer.left._tag))
    const open = answers.flatMap((answer) =>
      E.isLeft(answer) && answer.left._tag === 'CircuitOpen' ? [answer.left.retryAfter] : []
    )
    const [, , third, fourth] = requests
    return {
      'three failures are answered as they are': tags.slice(0, 3).every((tag) => tag === 'Status'),
      'then nothing is called for sixty seconds':
        tags[3] === 'CircuitOpen' && (fourth?.at ?? 0) - (third?.at ?? 0) >= 59_900,
      'and the answer says for how long': open.every(
        (ms, i) => ms > 0 && ms <= aMinute && ms < (open[i - 1] ?? Infinity)
      ),
      'one request finds that it is back, and all others pass':
        tags.at(-1) === 'answered' && requests.length === 3 + tags.filter((tag) => tag === 'answered').length
    }
  }
}
