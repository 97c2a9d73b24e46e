// what a bundle pays for a retry, a timeout and the runner: `npm run size`
import { pipe } from 'fp-ts/function'
import * as Policy from 'resilience-ts/Policy'
import * as Runner from 'resilience-ts/Runner'
import * as Runtime from 'resilience-ts/Runtime'
import * as Schedule from 'resilience-ts/Schedule'

export const runner = Runner.make(
  pipe(Policy.id<string, number>(), Policy.timeout(1000), Policy.retry(pipe(Schedule.constant(1), Schedule.take(2))))
)(Runtime.live)
