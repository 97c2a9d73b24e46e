import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import { Policy, Runner, Runtime, Schedule } from 'resilience-ts'

const policy = pipe(
  Policy.id<string, number>(),
  Policy.timeout(1000),
  Policy.retry(pipe(Schedule.constant(1), Schedule.take(2)))
)
const runner = Runner.make(policy)(Runtime.live)()

let calls = 0
const operation = () => {
  calls += 1
  return Promise.resolve<E.Either<string, number>>(calls < 3 ? E.left('busy') : E.right(calls))
}

void runner
  .run(operation)()
  .then((result) => {
    if (!E.isRight(result) || result.right !== 3) throw new Error('not 3')
    console.log('ok browser')
  })
