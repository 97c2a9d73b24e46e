/**
 * One measurement in this process: `main.js <scenario> <measure> <contender> [--quick]` prints a `Sample` as JSON.
 * Without arguments: prints what there is.
 */
import { backoff } from './scenarios/backoff'
import { breakerConsecutive, breakerOpen, breakerWindow } from './scenarios/breaker'
import { bulkheadFree, bulkheadQueued } from './scenarios/bulkhead'
import { imports } from './scenarios/import'
import { crowd, pipeline } from './scenarios/pipeline'
import { keyed } from './scenarios/keys'
import { poll } from './scenarios/poll'
import { retryFirst, retryThird } from './scenarios/retry'
import { signal } from './scenarios/signal'
import { space } from './scenarios/space'
import { timeout } from './scenarios/timeout'
import type { Scenario } from './Scenario'

const scenarios: ReadonlyArray<Scenario> = [
  retryFirst,
  retryThird,
  poll,
  timeout,
  bulkheadFree,
  bulkheadQueued,
  breakerConsecutive,
  breakerWindow,
  breakerOpen,
  pipeline,
  crowd,
  backoff,
  signal,
  imports,
  space,
  keyed
]

const main = async (): Promise<unknown> => {
  const [name, measure, contender] = process.argv.slice(2)
  if (name === undefined || measure === undefined || contender === undefined) return scenarios
  const scenario = scenarios.find((scenario) => scenario.name === name)
  if (scenario === undefined) throw new Error(`there is no scenario ${name}`)
  return scenario.take(measure, contender, { quick: process.argv.includes('--quick') })
}

main().then(
  (result) => {
    // timers that a contender has left behind are nobody's concern
    process.stdout.write(JSON.stringify(result), () => process.exit(0))
  },
  (error: unknown) => {
    console.error(error)
    process.exit(1)
  }
)
