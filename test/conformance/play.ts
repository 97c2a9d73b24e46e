/** Plays the calls of a vector through a policy, in virtual time, with the chance that the vector says. */
import { type Event, type Policy, type Rejection, type Report, Runner, Runtime } from 'resilience-ts'
import { fails, type Line, script, succeeds, virtual, type VirtualRuntime } from 'resilience-ts/testing'
import { pipe } from 'fp-ts/function'
import type { Either } from 'fp-ts/Either'
import { type Outcome, outcomeOf, type Raised } from './exceptions'
import { type Fields, type Json, list, ms, numbers, seconds } from './json'

/** What was seen of one run; times in seconds. */
export interface Played<E, A> {
  readonly result: Either<E | Rejection.Defect, A>
  readonly calls: number
  readonly sleeps: ReadonlyArray<number>
  /** Until the answer. */
  readonly elapsed: number
  readonly report: Report.Report<E | Rejection.Defect, A>
  readonly time: VirtualRuntime
}

/** Scripted draws: one after the other, the last of them again and again. */
export const scripted = (random: Json | undefined): (() => number) => {
  const draws = numbers(random)
  let drawn = 0
  return () => draws[Math.min(drawn++, draws.length - 1)] ?? 0.5
}

/** A call that comes to this outcome. */
export const lineOf = (outcome: Outcome, after = 0): Line<Raised, unknown> =>
  'error' in outcome ? fails(outcome.error, after) : succeeds(outcome.ok, after)

export type Lines<E = Raised> = readonly [Line<E, unknown>, ...ReadonlyArray<Line<E, unknown>>]

/** The calls of a vector: each as it is written, the last again and again. */
export const linesOf = ({ calls, callDurationSec }: Fields): Lines =>
  list(calls ?? [{ ok: null }]).map((call) =>
    lineOf(outcomeOf(call), callDurationSec === undefined ? 0 : ms(callDurationSec))
  ) as unknown as Lines

export interface PlayOptions {
  readonly random?: Json | undefined
  /** Sees every event, with its time. */
  readonly observe?: (event: Event.Event) => void
  /** The time that it is played in, where the policy or the lines need to know it. */
  readonly time?: VirtualRuntime
}

export const play = async <E, E2, A2>(
  policy: Policy.Policy<E, unknown, E2, A2>,
  lines: Lines<E>,
  { random, observe = () => {}, time = virtual({ random: scripted(random) }) }: PlayOptions = {}
): Promise<Played<E2, A2>> => {
  const runner = Runner.make(policy)(pipe(time.runtime, Runtime.withObserver(observe)))()
  const operation = script<E, unknown>(time, ...lines)
  const startedAt = time.now()
  const report = await time.run(runner.runReport(operation.operation, { keep: 100_000 }))
  return {
    result: report.result,
    calls: operation.calls.length,
    sleeps: delaysIn(report),
    elapsed: seconds(time.now() - startedAt),
    report,
    time
  }
}

/** The delays that were decided on. */
export const delaysIn = ({ decisions }: Report.Report<unknown, unknown>): ReadonlyArray<number> =>
  decisions.flatMap((decision) =>
    decision._tag === 'RetryScheduled' || decision._tag === 'PollScheduled' ? [seconds(decision.delay)] : []
  )

/** One after the other. */
export const inTurn = async <A, B>(all: ReadonlyArray<A>, f: (a: A) => Promise<B>): Promise<ReadonlyArray<B>> => {
  const found: Array<B> = []
  for (const one of all) found.push(await f(one))
  return found
}
