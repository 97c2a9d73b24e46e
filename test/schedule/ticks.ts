import { Random, Schedule } from 'resilience-ts'

/** A tick of the first attempt, at time 0, with every draw in the middle, but for what is said. */
export const tick = (said: Partial<Schedule.Tick> = {}): Schedule.Tick => ({
  now: 0,
  elapsed: 0,
  began: 0,
  attempt: 1,
  random: () => 0.5,
  due: 0,
  ...said
})

/** The first delays of a schedule; `inputs` and the rest as for `preview`. */
export const delays = (
  n: number,
  schedule: Schedule.Schedule<never>,
  options: Schedule.PreviewOptions & { readonly inputs?: ReadonlyArray<unknown> } = {}
): ReadonlyArray<number> => Schedule.preview(n, options)(schedule as Schedule.Schedule<unknown>).delays

/** Why a schedule ended within its first 100 steps. */
export const reason = (
  schedule: Schedule.Schedule<never>,
  options: Schedule.PreviewOptions & { readonly inputs?: ReadonlyArray<unknown> } = {}
): Schedule.Preview['stopped'] => Schedule.preview(100, options)(schedule as Schedule.Schedule<unknown>).stopped

/** Steps `n` times at time 0, keeping nothing but the last answer; each step is shown to `see`. No chance: u = 0.999. */
export const stepping = (
  n: number,
  schedule: Schedule.Schedule<unknown>,
  see: (answer: Schedule.Continue, i: number) => void,
  random?: () => number
): void => {
  let state = Schedule.initial(schedule)
  for (let i = 0; i < n; i++) {
    const draws = random === undefined ? nearlyOne : Random.numbered(random)
    const answer = Schedule.step(schedule, state, tick({ attempt: i + 1, random: draws }), undefined)
    if (answer._tag === 'Stop') throw new Error(`stopped at step ${i}: ${answer.reason._tag}`)
    see(answer, i)
    state = answer.state
  }
}

const nearlyOne = () => 0.999

/** The means of the first `n` delays over many runs. */
export const means = (schedule: Schedule.Schedule<unknown>, n: number, runs: number): ReadonlyArray<number> => {
  const random = Random.seeded(7)
  const sums = Array<number>(n).fill(0)
  for (let run = 0; run < runs; run++) stepping(n, schedule, ({ delay }, i) => (sums[i]! += delay), random)
  return sums.map((sum) => sum / runs)
}
