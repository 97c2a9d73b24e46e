/**
 * What the layers of a runner hold when all is over.
 */
import { pipe } from 'fp-ts/function'
import * as O from 'fp-ts/Option'
import { Policy, type Runner } from 'resilience-ts'

export interface State {
  /** The state of the bulkhead, if there is one. */
  readonly bulkhead: O.Option<Policy.BulkheadStatus>
  /** The state of the circuit breaker, if there is one. */
  readonly circuit: O.Option<Policy.CircuitStatus>
}

export const stateOf = (runner: Pick<Runner.Runner<never, never, unknown, unknown>, 'controls'>): State => ({
  bulkhead: pipe(
    Policy.bulkheadControl(runner),
    O.map(({ status }) => status())
  ),
  circuit: pipe(
    Policy.circuitBreakerControl(runner),
    O.map(({ status }) => status())
  )
})

/** A line for each layer. */
export const showState = ({ bulkhead, circuit }: State): Readonly<Record<string, string>> => ({
  ...(O.isSome(bulkhead) ? { bulkhead: showBulkhead(bulkhead.value) } : {}),
  ...(O.isSome(circuit) ? { circuit: showCircuit(circuit.value) } : {})
})

const showBulkhead = ({ permits, ...others }: Policy.BulkheadStatus): string =>
  [`${permits} permits`, ...Object.entries(others).map(([what, n]) => `${n} ${what}`)].join(', ')

const showCircuit = ({ state, share }: Policy.CircuitStatus): string =>
  `${state}, letting in ${Math.round(share * 100)}% of the calls`
