/**
 * The scenarios, in the order in which they are played.
 */
import { bugs } from './bugs'
import { bursts } from './bursts'
import { callers } from './callers'
import { fallbacks } from './fallbacks'
import { jobs } from './jobs'
import { outages } from './outages'
import { retries } from './retries'
import type { Scenario } from './scenario'
import { times } from './times'

export const scenarios: ReadonlyArray<Scenario> = [
  ...retries,
  ...fallbacks,
  ...times,
  ...jobs,
  ...bursts,
  ...outages,
  ...callers,
  ...bugs
]
