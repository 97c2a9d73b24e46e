/** wait_for's timer: it calls back once, after so many seconds. */
import { Policy, Runner, Schedule } from 'resilience-ts'
import { fails, script, succeeds, virtual } from 'resilience-ts/testing'
import { pipe } from 'fp-ts/function'
import { list, ms } from '../json'
import { inTurn } from '../play'
import type { Adapter } from '../question'

/** Whether it has called back, at these times. */
export const refreshed: Adapter = async ({ params, input }) => {
  const [after] = Object.values(params)
  const timer = pipe(Policy.id<'not yet', null>(), Policy.retry(Schedule.delays([ms(after)])))
  const [times] = Object.values(input)
  return {
    ours: await inTurn(list(times), async (at) => {
      const time = virtual()
      let isTime = false
      const callback = script<'not yet', null>(time, fails('not yet'), succeeds(null))
      const { runWith } = Runner.make(timer)(time.runtime)()
      void time.start(
        runWith((attempt) => {
          isTime = attempt.number > 1
          return callback.task
        })
      )
      await time.advance(ms(at))
      return isTime
    })
  }
}
