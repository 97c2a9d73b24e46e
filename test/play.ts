/** Plays a script through a policy in virtual time, and tells everything that was seen. */
import { type Event, type Policy, Runner } from 'resilience-ts'
import { type Leaks, type Line, script, virtual, type VirtualOptions } from 'resilience-ts/testing'

/** A policy of whatever types. */
export type AnyPolicy = Policy.Policy<never, never, unknown, unknown>

export type Lines = readonly [Line<unknown, unknown>, ...ReadonlyArray<Line<unknown, unknown>>]

export interface PlayOptions extends VirtualOptions {
  /** When the caller aborts; below 0: before the call. */
  readonly abortAt?: number
  readonly deadline?: number
}

export interface Played {
  readonly answer: unknown
  /** When the operation was called. */
  readonly calls: ReadonlyArray<number>
  readonly log: ReadonlyArray<Event.Event>
  /** When the answer came. */
  readonly answeredAt: number
  /** How many operations were still going on then. */
  readonly hanging: number
  /** What was left when nothing was to happen any more. */
  readonly leaks: Leaks
  readonly status: Runner.Status
}

/** What is left behind when all is well. */
export const nothingLeft: Leaks = { timers: 0, turns: 0, listeners: 0, operations: 0, promises: 0, permits: 0 }

/** The status of a runner that has nothing to do. */
export const idle: Runner.Status = { inFlight: 0, hanging: 0, accepting: true }

export const play = async (policy: AnyPolicy, lines: Lines, options: PlayOptions = {}): Promise<Played> => {
  const time = virtual(options)
  const runner = Runner.make(policy)(time.runtime)()
  const operation = script(time, ...lines)
  const { abortAt, deadline } = options
  const caller = time.signal()
  const abort = (): void => {
    caller.abort('gone')
  }
  if (abortAt !== undefined && abortAt < 0) abort()
  else if (abortAt !== undefined) time.after(abortAt, abort)
  const answer: unknown = await time.run(
    runner.runWith(operation.operation as never, {
      ...(abortAt === undefined ? {} : { signal: caller.signal }),
      ...(deadline === undefined ? {} : { deadline })
    })
  )
  const answeredAt = time.now()
  const { hanging } = runner.status()
  const leaks = await time.settle(runner)
  return {
    answer,
    calls: operation.calls.map(({ at }) => at),
    log: time.log,
    answeredAt,
    hanging,
    leaks,
    status: runner.status()
  }
}

/** The tags of events, in order. */
export const tags = (log: ReadonlyArray<Event.Event>): ReadonlyArray<string> => log.map(({ _tag }) => _tag)
