/**
 * Polls any URL until its JSON is a job that is done.
 */
import { pipe } from 'fp-ts/function'
import * as T from 'fp-ts/Task'
import { Policy, Runner, Runtime } from 'resilience-ts'
import type { Command } from './arguments'
import { fetchJson } from './client/http'
import { inTime } from './client/jobs'
import { answer as answerOf } from './scenarios/seen'
import { table } from './show/summary'
import type { Terminal } from './show/terminal'
import { timeline } from './show/timeline'
import { showExit } from './show/words'

/** Whether the job was done in time. */
export const pollUntilDone =
  ({ url, every, timeout }: Extract<Command, { readonly _tag: 'Poll' }>, { print, paint }: Terminal): T.Task<boolean> =>
  async () => {
    const policy = inTime(every, timeout)
    print(`\n${url}\n\n${Policy.show(policy).replace(/^/gm, '    ')}\n`)
    const runner = Runner.make(policy)(pipe(Runtime.live, Runtime.withObserver(timeline(print, paint))))()
    const report = await runner.runReport(fetchJson(url))()
    const kept = report.result._tag === 'Right'
    const answer = `   answer    ${showExit(report.result).replaceAll('\n', `\n${' '.repeat(13)}`)}`
    print((kept ? paint.good : paint.bad)(answer))
    print(`\n${table([{ name: 'a job at a URL', result: answerOf(report), reports: [report], kept }])}`)
    return kept
  }
