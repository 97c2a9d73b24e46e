// what a bundle pays for a retry, a timeout and the runner: `npm run size`
import { pipe } from 'fp-ts/function'
import { Policy, Runner, Runtime, Schedule } from 'resilience-ts'

export const runner = Runner.make(
  pipe(Policy.id<string, number>(), Policy.timeout(1000), Policy.retry(pipe(Schedule.constant(1), Schedule.take(2))))
)(Runtime.live)
