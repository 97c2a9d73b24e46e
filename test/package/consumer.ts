import * as E from 'fp-ts/lib/Either.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { pipe } from 'fp-ts/lib/function.js'
import { Policy, Runner, Runtime, Schedule } from 'resilience-ts'
import { CircuitSnapshot } from 'resilience-ts/codec'
import * as testing from 'resilience-ts/testing'

const policy = pipe(
  Policy.id<string, number>(),
  Policy.timeout(1000),
  Policy.retry(pipe(Schedule.constant(1), Schedule.take(2)))
)
const runner = Runner.make(policy)(Runtime.live)()

let calls = 0
const operation: TaskEither<string, number> = () => {
  calls += 1
  return Promise.resolve(calls < 3 ? E.left('busy') : E.right(calls))
}

const restored: E.Either<unknown, Policy.CircuitSnapshot> = CircuitSnapshot.decode({})

const shown: TaskEither<string, number> = pipe(
  runner.run(operation),
  TE.mapLeft((error) => (typeof error === 'string' ? error : error._tag))
)

void shown().then((result) => {
  if (!E.isRight(result) || result.right !== 3 || E.isRight(restored) || Object.keys(testing).length === 0) {
    throw new Error('not 3')
  }
  console.log('ok types')
})
