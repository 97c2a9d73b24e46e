/** In which order everything is asked and told. */
import { Schedule } from 'resilience-ts'
import { pipe } from 'fp-ts/function'
import { seconds } from '../json'
import { play } from '../play'
import type { Adapter, Question } from '../question'
import { calls } from './calls'
import { settingsOf, tenacity } from './policy'

/**
 * Whether there is a `retry_error_callback`: where one is set, and where it is exhaustion whose callbacks are asked about, as it
 * is the callback of exhaustion. Elsewhere what exhausts it is raised.
 */
const isToldOfExhaustion = ({ feature, params }: Question): boolean =>
  (params['retry_error_callback'] ?? params['callback']) !== undefined || /exhaust/.test(feature)

export const order: Adapter = async (question) => {
  const { params, input } = question
  const said: Array<string> = []
  let attempt = 0
  const say = (what: string): void => void said.push(what.replace('#', `#${attempt}`))
  const { wait, stop, retry, callback } = settingsOf(params, input)
  const policy = tenacity({
    wait: pipe(
      wait,
      Schedule.modify((delay) => {
        say('wait#')
        return delay
      })
    ),
    // said of every wait, before it is asked whether it stops there
    stop: (schedule) =>
      stop(
        pipe(
          schedule,
          Schedule.stopWhen((_tick, upcoming) => {
            say(`stop#(upcoming=${seconds(upcoming)})`)
            return false
          })
        )
      ),
    retry: {
      error: (error) => {
        say('retry#')
        return retry.error(error)
      },
      value: (value) => {
        say('retry#')
        return retry.value(value)
      }
    },
    ...(isToldOfExhaustion(question)
      ? {
          callback: (attempts) => {
            say('retry_error_callback#')
            return callback?.(attempts)
          }
        }
      : {}),
    hooks: {
      before: (number) => {
        attempt = number
        say('before#')
      },
      after: () => say('after#'),
      beforeSleep: ({ delay, idle }) => say(`before_sleep#(next=${seconds(delay)},idle=${seconds(idle + delay)})`)
    }
  })
  await play(policy, calls(input), {
    random: input['random'],
    observe: (event) => {
      if (event._tag === 'AttemptStarted') said.push(`call#${event.attempt}`)
      if (event._tag === 'RetryScheduled' && event.delay > 0) said.push(`sleep(${seconds(event.delay)})`)
    }
  })
  return { ours: said }
}
