import fc from 'fast-check'
import { Policy, Runner, type Runtime } from 'resilience-ts'
import { script, virtual } from 'resilience-ts/testing'
import * as O from 'fp-ts/Option'
import { pipe } from 'fp-ts/function'
import { runs } from './runs'
import { type P, policyWith, world, type World } from './script'

/** All that callers see who call one runner again and again, and the states that its breakers end in. */
const seen = async (policy: P, { lines, seed }: World, observed: boolean): Promise<unknown> => {
  const time = virtual({ ...(seed === undefined ? {} : { seed }) })
  const { clock, random, keepAlive } = time.runtime
  const runtime: Runtime.Runtime = observed ? time.runtime : { clock, random, keepAlive }
  const runner = Runner.make(policy)(runtime)()
  const answers: Array<unknown> = []
  for (const line of [...lines, ...lines, ...lines]) {
    const operation = script(time, line)
    const started = time.start(runner.run(operation.task))
    await time.advance(100)
    const [answer] = await Promise.all([started, time.settle()])
    answers.push(answer, operation.calls.length, runner.status(), time.now())
  }
  const states = Policy.names(policy).map((name) =>
    pipe(
      Policy.circuitBreakerControl(runner, name),
      O.map((control) => control.status())
    )
  )
  return { answers, states }
}

describe('lanes and frames', () => {
  it('nobody can tell whether a call went by lanes or by frames: the same answers, calls, times and states', async () => {
    const breakers = new Set<string>()
    await fc.assert(
      fc.asyncProperty(policyWith(4), world, async (make, world) => {
        const policy = (): P => make((p) => p)
        const observed = await seen(policy(), world, true)
        expect(await seen(policy(), world, false)).toEqual(observed)
        const { states } = observed as { readonly states: ReadonlyArray<O.Option<Policy.CircuitStatus>> }
        for (const state of states)
          if (O.isSome(state)) breakers.add(`${state.value.state} ${String(state.value.generation > 2)}`)
      }),
      runs
    )
    if (runs.numRuns >= 1000) expect(breakers.size).toBeGreaterThanOrEqual(4)
  }, 300_000)
})
