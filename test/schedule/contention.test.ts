import { pipe } from 'fp-ts/function'
import { Random, Schedule } from '../../src'

/**
 * The simulation of M. Brooker, "Exponential Backoff And Jitter": clients contend for one row under optimistic locking. Each reads
 * the version, writes if it is still the same, and backs off if it is not; what a network takes varies a little.
 */
interface Outcome {
  /** How many writes were tried. */
  readonly calls: number
  /** When the last client was done, in ms. */
  readonly time: number
}

const contend = (schedule: Schedule.Schedule<unknown>, clients: number, seed: number): Outcome => {
  const random = Random.seeded(seed)
  // about normal, mean 10 ms, deviation 2 ms
  const network = (): number => 10 + 2 * (Array.from({ length: 12 }, random).reduce((sum, u) => sum + u, 0) - 6)
  const events: Array<{ at: number; readonly happen: (at: number) => void }> = []
  const later = (at: number, happen: (at: number) => void): void => void events.push({ at, happen })
  let version = 0
  let calls = 0
  let time = 0
  const client = (): void => {
    let state = Schedule.initial(schedule)
    let attempt = 0
    const read = (at: number): void => {
      const seen = version
      later(at + network(), (arrived) => {
        calls++
        attempt++
        if (seen === version) {
          version++
          time = arrived
          return
        }
        const tick = { now: arrived, elapsed: arrived, began: 0, attempt, random: Random.numbered(random), due: 0 }
        const step = Schedule.step(schedule, state, tick, undefined)
        if (step._tag === 'Stop') return
        state = step.state
        later(arrived + step.delay + network(), read)
      })
    }
    later(network(), read)
  }
  for (let i = 0; i < clients; i++) client()
  while (events.length > 0) {
    events.sort((a, b) => b.at - a.at)
    const next = events.pop()
    next?.happen(next.at)
  }
  return { calls, time }
}

/** The mean of some runs. */
const mean = (schedule: Schedule.Schedule<unknown>, clients = 100): Outcome => {
  const runs = Array.from({ length: 12 }, (_, seed) => contend(schedule, clients, seed + 1))
  const over = (of: (run: Outcome) => number): number => runs.reduce((sum, run) => sum + of(run), 0) / runs.length
  return { calls: over((run) => run.calls), time: over((run) => run.time) }
}

describe('the jitters compared, as published', () => {
  const backoff = pipe(Schedule.exponential(5), Schedule.cap(2000))
  const none = mean(backoff)
  const equal = mean(pipe(backoff, Schedule.equalJitter))
  const full = mean(pipe(backoff, Schedule.jittered))
  const decorrelated = mean(Schedule.decorrelated(5, 2000))

  test('every client gets its turn in the end', () => {
    expect(contend(pipe(backoff, Schedule.jittered), 100, 7).calls).toBeGreaterThanOrEqual(100)
  })

  test('without jitter there is by far the most work, and it takes by far the longest', () => {
    for (const jitter of [equal, full, decorrelated]) {
      expect(jitter.calls).toBeLessThan(0.6 * none.calls)
      expect(jitter.time).toBeLessThan(0.1 * none.time)
    }
  })

  test('equal jitter makes slightly more calls than full jitter, and takes longer', () => {
    expect(full.calls).toBeLessThan(equal.calls)
    expect(full.time).toBeLessThan(0.9 * equal.time)
  })

  test('full jitter makes fewer calls than decorrelated jitter, and takes slightly longer', () => {
    expect(full.calls).toBeLessThan(decorrelated.calls)
    expect(decorrelated.time).toBeLessThan(full.time)
  })
})
