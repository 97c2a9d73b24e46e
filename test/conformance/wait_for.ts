/** wait_for, in our terms: what it is asked, and how that is played. */
import { Duration, Policy, Schedule } from 'resilience-ts'
import { pipe } from 'fp-ts/function'
import * as O from 'fp-ts/Option'
import * as T from 'fp-ts/Task'
import { changed, ofRun, overWithTheLastCall } from './difference'
import { isRaised, outcomeOf, type Raised } from './exceptions'
import { isFields, isList, type Json, list, seconds, text } from './json'
import { inTurn, linesOf, play, type Played } from './play'
import { about, type Adapter, anything, asks, type Difference, type Question, table } from './question'
import { ofEachScript } from './scripts'
import { logger, type Switches } from './wait_for/log'
import { type Ending, policyOf, type Settings, settingsOf } from './wait_for/policy'
import { refreshed } from './wait_for/timer'

// -------------------------------------------------------------------------------------
// what was seen, in its words
// -------------------------------------------------------------------------------------

const causeOf = (error: O.Option<unknown>): string | null =>
  O.isSome(error) && isRaised(error.value) ? error.value.type : null

const outcome = ({ result, report }: Played<Ending, unknown>): object => {
  if (result._tag === 'Right') return { ok: { out: result.right, duration: seconds(report.totals.elapsed) } }
  const error = result.left
  switch (error._tag) {
    case 'Defect':
      return { err: error.kind }
    case 'Raised':
      return { err: error.type, cause: null }
    case 'PollExhausted':
      return { err: 'TimedOutError', cause: causeOf(error.error), value: O.toNullable(error.value) }
  }
}

const seen = (played: Played<Ending, unknown>): object => {
  const how = outcome(played) as { readonly ok?: object }
  return {
    calls: played.calls,
    sleeps: played.sleeps,
    elapsed: played.elapsed,
    outcome: how,
    type: 'WaitForResult',
    ...how,
    ...how.ok,
    // of a call that was made at once: its result, and nothing else to be called
    duration: seconds(played.report.totals.elapsed)
  }
}

// -------------------------------------------------------------------------------------
// vectors
// -------------------------------------------------------------------------------------

/** `fail_func` comes after the sleep: before each call but the first. */
const loop: Adapter = async (question) => {
  const { params, input } = question
  const order: Array<string> = []
  const hook = Policy.before(({ number }) =>
    T.fromIO(() => {
      if (number > 1) order.push('fail_func')
    })
  )
  const played = await play(policyOf(params, hook), linesOf(input), {
    observe: (event) => {
      if (event._tag === 'AttemptStarted') order.push('call')
      if (event._tag === 'PollScheduled') order.push(`sleep(${seconds(event.delay)})`)
    }
  })
  const failFuncCalls = order.filter((what) => what === 'fail_func').length
  return { ours: { ...seen(played), order, failFuncCalls }, asList: order, differs: differenceOf(question) }
}

const logLines: Adapter = async ({ params, input }) => {
  const lines: Array<string> = []
  const switches: Switches = {
    message: text(params['message'] ?? 'call'),
    quiet: params['quiet'] === true,
    veryQuiet: params['very_quiet'] === true,
    onLoop: params['log_on_loop'] === true,
    silent: params['silent_failure'] === true
  }
  await play(policyOf(params), linesOf(input), { observe: logger(switches, (line) => lines.push(line)) })
  return { ours: lines }
}

/** What is no predicate is impossible, and nothing is called. */
const byTruth: Adapter = async ({ params, input }) => ({
  ours: await inTurn(list(input['handle_exception']), async (given) => {
    const waitOut = given as unknown as () => boolean
    const policy = pipe(
      Policy.id<Raised, unknown>(),
      Policy.poll(Schedule.upTo(settingsOf(params).limit)(Schedule.constant(1000)), { until: () => true, waitOut })
    )
    const { result, calls } = await play(policy, linesOf(input))
    return calls === 0 && result._tag === 'Left' && result.left._tag === 'Defect' ? result.left.kind : 'run'
  }),
  differs: {
    because: 'a predicate, not a truth value',
    instead: (theirs) => list(theirs).map(() => 'Invalid')
  }
})

const timeouts: Adapter = async ({ input }) => ({
  ours: list(input['strings']).map((string) => {
    const parsed = Duration.parse(text(string))
    return parsed._tag === 'Right' ? seconds(parsed.right) : 'ValueError'
  })
})

// -------------------------------------------------------------------------------------
// where a loop of ours differs
// -------------------------------------------------------------------------------------

const differenceOf = ({ params, input }: Question): Difference => {
  const settings = settingsOf(params)
  if (settings.limit < 0) return impossible
  const results = list(input['calls'] ?? [{ ok: null }])
    .map(outcomeOf)
    .some((one) => 'ok' in one)
  if (params['silent_failure'] === true && !results) return noResult
  return noLastSleep(settings, Number(input['callDurationSec'] ?? 0))
}

const impossible: Difference = {
  because: 'a negative timeout is impossible',
  instead: ofRun(changed({ outcome: () => ({ err: 'Invalid' }) }))
}

/**
 * There was no result, and none is made up. Of how often it was called nothing is said: theirs was given less time than the
 * question tells of.
 */
const noResult: Difference = {
  because: 'no result is made up',
  instead: () => ({ outcome: { ok: { out: null } } })
}

/** Theirs sleeps once more, calls `fail_func`, and only then finds that the time is up. */
const noLastSleep = ({ delay, doubles }: Settings, took: number): Difference => ({
  because: 'no sleep after the last call',
  instead: (theirs) => {
    if (isList(theirs)) return theirs.slice(0, theirs.lastIndexOf('call') + 1)
    if (!isFields(theirs) || theirs['calls'] === undefined) return theirs
    const calls = Number(theirs['calls'])
    const over = overWithTheLastCall(calls, (n) => seconds(doubles ? delay * 2 ** (n - 1) : delay), took)
    const result = (ok: Json): unknown => (isFields(ok) ? changed(over)(ok) : ok)
    return changed({
      ...over,
      ok: result,
      outcome: (how) => (isFields(how) ? changed({ ok: result })(how) : how),
      failFuncCalls: () => Math.max(0, calls - 1)
    })(theirs)
  }
})

export const conform: Adapter = table(
  [asks('strings'), timeouts],
  [asks('handle_exception'), byTruth],
  [about(/refresh/i), refreshed],
  [about(/^logs/), logLines],
  [anything, ofEachScript(loop)]
)
