import { AsyncLocalStorage } from 'node:async_hooks'
import { Flag, Policy, Random, Runner, Schedule, Trip } from 'resilience-ts'
import { fails, interleavings, type Line, script, succeeds, type VirtualRuntime } from 'resilience-ts/testing'
import * as E from 'fp-ts/Either'
import * as O from 'fp-ts/Option'
import { pipe } from 'fp-ts/function'
import { from, hold, orders, same } from './orders'
import { type AnyPolicy, idle, nothingLeft } from './play'

// nobody listens: calls go by the lanes, wait in queues without frames, and are followed while they back off

const seeds = orders(1_000)
const id = Policy.id<unknown, unknown>()
type P = typeof id

const twice = pipe(Schedule.constant(20), Schedule.take(2))
const retry: (policy: P) => P = Policy.retry<unknown, unknown>(twice)
const bulkhead = (permits: number, order: 'fifo' | 'lifo' = 'fifo') =>
  Policy.bulkhead(permits, { queue: 99, order }) as (policy: P) => P
const breaker = Policy.circuitBreaker({ trip: Trip.consecutiveFailures(99), openFor: 1000 }) as (policy: P) => P
const timeout = Policy.timeout(1000) as (policy: P) => P

const policies: Readonly<Record<string, (flag: Flag.Flag) => P>> = {
  retry: () => pipe(id, retry),
  'a retry that a flag wakes': (wakeOn) => pipe(id, Policy.retry<unknown, unknown>(twice, { wakeOn })),
  'retry ∘ timeout': () => pipe(id, timeout, retry),
  'fallback ∘ breaker ∘ retry ∘ bulkhead': () =>
    pipe(id, bulkhead(1), retry, breaker, Policy.fallbackTag('Never', () => 0) as (policy: P) => P),
  'bulkhead ∘ retry': () => pipe(id, retry, bulkhead(2)),
  'bulkhead, last in first out, ∘ retry ∘ bulkhead': () => pipe(id, bulkhead(2), retry, bulkhead(3, 'lifo'))
}

// one for all: each that there is, is asked whenever a promise is made
const context = new AsyncLocalStorage<string>()

const callers = 6
const takes = 10

/** Two runners on one clock, and so on the same carriers: one is closed while it is at work, the other drained. */
const playBoth = async (
  time: VirtualRuntime,
  seed: number,
  window: number,
  policyOf: (flag: Flag.Flag) => P
): Promise<string> => {
  const random = Random.seeded(seed)
  const draw = (n: number): number => takes * Math.floor(random() * n)
  const flag = Flag.make()
  const outcome: Array<string> = []

  const start = (name: string, policy: AnyPolicy) => {
    const runner = Runner.make(policy as P)(time.runtime)()
    const state = { refuses: false, closed: false, calledLate: 0, inForeignContext: 0, endedAt: 0 }
    const answers: Array<Array<E.Either<unknown, unknown>>> = Array.from({ length: callers }, () => [])
    for (let i = 0; i < callers; i++) {
      const me = name + String(i)
      const last: Line<unknown, unknown> = succeeds(me, takes)
      const { task } = i % 2 === 0 ? script(time, fails('busy', takes), last) : script(time, last)
      const operation = () => {
        if (state.closed) state.calledLate++
        if (context.getStore() !== me) state.inForeignContext++
        return task()
      }
      time.after(draw(3), () => {
        // who comes after that has nothing to race with
        if (state.refuses) {
          answers[i]!.push(E.right(me))
          return
        }
        void context
          .run(me, () => time.start(runner.run(operation)))
          .then((answer) => {
            answers[i]!.push(answer)
            state.endedAt = time.now()
          })
      })
    }
    return { runner, state, answers, name }
  }

  const closing = start('a', policyOf(flag))
  const staying = start('b', policyOf(flag))
  let closedAt = 0
  time.after(draw(8), () => {
    closedAt = time.now()
    closing.state.refuses = closing.state.closed = true
    void closing.runner.close()
  })
  time.after(draw(8), flag.pulse)
  let drained = false
  time.after(2 * takes + draw(3), () => {
    staying.state.refuses = true
    void staying.runner.drain().then(() => {
      drained = true
      hold(same(staying.runner.status(), { ...idle, accepting: false }), 'drained when nothing is in flight')
    })
  })

  const leaks = await time.settle(staying.runner)
  hold(same(leaks, nothingLeft), `nothing left behind: ${JSON.stringify(leaks)}`)
  for (const { runner, state, answers, name } of [closing, staying]) {
    hold(
      answers.every((each) => each.length === 1),
      `one answer each: ${JSON.stringify(answers)}`
    )
    hold(state.calledLate === 0, 'nothing is called once it is closed')
    hold(state.inForeignContext === 0, 'each in its own context')
    hold(same(runner.status(), { ...idle, accepting: false }), 'nothing in flight')
    for (const layer of ['bulkhead', 'bulkhead#2']) {
      const control = Policy.bulkheadControl(runner, layer)
      if (O.isNone(control)) continue
      const { active, hanging, queued } = control.value.status()
      hold(active === 0 && hanging === 0 && queued === 0, 'as many permits given back as taken')
    }
    answers.flat().forEach((answer, i) => {
      outcome.push(answer._tag)
      if (answer._tag === 'Right') hold(answer.right === name + String(i), 'each has its own answer')
      else hold(state.closed, 'only who is closed fails')
    })
  }
  hold(drained, 'drained')
  // who has no frame is answered when its operation settles; in a window, time may pass before anything can be said
  if (window === 0) hold(closing.state.endedAt <= closedAt + takes, 'answered soon')
  return outcome.join()
}

describe('interleavings by the lanes: one answer each, whoever is closed, drained or woken meanwhile', () => {
  for (const [name, policyOf] of Object.entries(policies)) {
    for (const window of [0, 15]) {
      it(`${String(seeds)} orders of ${name}${window > 0 ? ', in a window' : ''}`, async () => {
        const outcomes = new Set<string>()
        const found = await interleavings({ seeds, from, window, log: false }, async (time, seed) => {
          outcomes.add(await playBoth(time, seed, window, policyOf))
        })
        expect(found).toEqual([])
        // the scheduler really reaches different ends
        expect(outcomes.size).toBeGreaterThan(5)
      }, 600_000)
    }
  }
})
