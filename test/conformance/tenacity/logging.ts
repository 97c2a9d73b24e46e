/** What tenacity's log lines say of a run. */
import { numbers, text } from '../json'
import { play } from '../play'
import type { Adapter } from '../question'
import { always, calls } from './calls'
import { formatter, logger } from './log'
import { settingsOf, tenacity } from './policy'
import { afterAttempt } from './stops'

export const logLines: Adapter = async ({ params, input }) => {
  const lines: Array<string> = []
  const { name = 'f', sec_format } = params
  const shown = formatter(sec_format === undefined ? undefined : text(sec_format))
  const observe = logger(text(name), shown, (line) => lines.push(line))
  await play(tenacity(settingsOf(params, input)), calls(input), { observe })
  return { ours: lines }
}

/** Read off the log of so many attempts. */
export const ordinals: Adapter = async ({ input }) => {
  const said: Array<string> = []
  const wanted = numbers(input['n'])
  await play(tenacity({ stop: afterAttempt(Math.max(...wanted)) }), always, {
    observe: logger('f', String, (line) => {
      const [, nth] = /this is the (\w+) time/.exec(line) ?? []
      if (nth !== undefined) said.push(nth)
    })
  })
  return { ours: wanted.map((n) => said[n - 1]) }
}
