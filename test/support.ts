/** What the tests of runs share: names for what they expect, and nothing that decides anything. */
import type { Event, Rejection } from 'resilience-ts'
import type { Leaks } from 'resilience-ts/testing'

/** What a run leaves behind when all is well. */
export const nothingLeft: Leaks = { timers: 0, turns: 0, listeners: 0, operations: 0, promises: 0, permits: 0 }

/** A defect with every field. */
export const defect = (
  kind: Rejection.Defect['kind'],
  at: string,
  cause: unknown,
  during?: unknown
): Rejection.Defect => ({ _tag: 'Defect', kind, at, cause, problems: [], during })

/** Throws; for callbacks that must not. */
export const raise = (cause: unknown): never => {
  throw cause
}

/** The tags of a log, in order. */
export const tags = (log: ReadonlyArray<Event.Event>): ReadonlyArray<string> => log.map(({ _tag }) => _tag)

/** The events of one kind. */
export const only = <T extends Event.Event['_tag']>(
  log: ReadonlyArray<Event.Event>,
  tag: T
): ReadonlyArray<Extract<Event.Event, { readonly _tag: T }>> =>
  log.filter((event): event is Extract<Event.Event, { readonly _tag: T }> => event._tag === tag)

/** An error as a policy further in would give it when it refuses a call. */
export interface Refused {
  readonly _tag: 'CircuitOpen' | 'BulkheadFull' | 'RateLimited'
  readonly retryAfter?: unknown
}
