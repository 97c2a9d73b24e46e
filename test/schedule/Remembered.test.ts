import fc from 'fast-check'
import { pipe } from 'fp-ts/function'
import { Schedule } from 'resilience-ts'
import { remembers } from '../../src/schedule/Remembered'
import { schedule as schedules, steps, type World, world } from '../laws/arbitrary'

/** What a schedule remembers after each of its steps in a world; all that it remembers has been through JSON. */
const states = (
  schedule: Schedule.Schedule<number>,
  { durations, inputs }: World,
  from = Schedule.initial(schedule)
): ReadonlyArray<unknown> => {
  const all: Array<unknown> = [from]
  let state = from
  for (let i = 0, began = 0; i < steps; i++) {
    const elapsed = began + durations[i]!
    const tick = { now: elapsed, elapsed, began, attempt: i + 1, random: () => (i % 7) / 7, due: 0 }
    const answer = Schedule.step(schedule, state, tick, inputs[i]!)
    if (answer._tag === 'Stop') break
    expect(answer.delay).toBeGreaterThanOrEqual(0)
    expect(answer.delay).toBeLessThan(Infinity)
    state = JSON.parse(JSON.stringify(answer.state)) as Schedule.State
    all.push(state)
    began = elapsed + answer.delay
  }
  return all
}

/** What somebody else may remember: other schedules, and whatever JSON can carry. */
const foreign = fc.oneof(
  fc.tuple(schedules, world, fc.nat()).map(([schedule, world, n]) => {
    const all = states(schedule, world)
    return all[n % all.length]
  }),
  fc.jsonValue(),
  fc.constantFrom(NaN, -1, 0.5, [1, 1e300], { taken: 1, of: 'no' }, { taken: 1, of: [0, 1] }, 'stopped', { even: 0 })
)

describe('what a schedule remembers', () => {
  it('is known again, of any schedule after any step', () => {
    fc.assert(
      fc.property(schedules, world, (schedule, world) => {
        for (const state of states(schedule, world)) expect(remembers(schedule, state)).toBe(true)
      })
    )
  })

  it('what somebody else remembers is not, unless it can go on from there for good', () => {
    let known = 0
    let unknown = 0
    fc.assert(
      fc.property(schedules, world, foreign, (schedule, world, state) => {
        if (!remembers(schedule, state)) unknown++
        else if (states(schedule, world, state).length > 0) known++
      }),
      { numRuns: 1000 }
    )
    expect(Math.min(known, unknown)).toBeGreaterThan(10)
  })

  const even = (n: number): 'even' | 'odd' => (n % 2 === 0 ? 'even' : 'odd')
  it.each<[string, Schedule.Schedule<never>, ReadonlyArray<unknown>]>([
    ['constant', Schedule.constant(1), [1, '0', null, {}]],
    ['exponential', Schedule.exponential(1), ['no', '0', -1, 1.5, NaN, Infinity, null]],
    ['fibonacci', Schedule.fibonacci(1), [0, [0], [0, -1], [0, '1'], [0, 1, 1]]],
    ['decorrelated', Schedule.decorrelated(1, 5), [-1, null, NaN]],
    ['decorrelatedV2', Schedule.decorrelatedV2(1), [0, [0, 1], [1, 3], [-1, 0], [1, -1]]],
    ['iterate', Schedule.iterate(1, (ms) => ms), [-2, '1', NaN]],
    ['take', pipe(Schedule.exponential(1), Schedule.take(3)), ['0', -1, null, { taken: 1, of: 'no' }, { of: 0 }]],
    ['take of a pair', pipe(Schedule.fibonacci(1), Schedule.take(3)), [0, { taken: 1, of: 0 }]],
    ['both', pipe(Schedule.forever, Schedule.both(Schedule.forever)), [0, {}, { left: 0, right: 'stopped' }]],
    ['either', pipe(Schedule.forever, Schedule.either(Schedule.forever)), [0, { left: 0, right: 'on' }]],
    [
      'andThen',
      pipe(Schedule.forever, Schedule.andThen(Schedule.exponential(1))),
      [
        { first: 'stopped', second: 'stopped', origin: 0 },
        { first: 0, second: 0, origin: 0 },
        { first: 0, second: 'stopped', origin: NaN }
      ]
    ],
    [
      'route',
      Schedule.route(even, { even: Schedule.forever, odd: Schedule.forever }),
      [0, { prime: { origin: 0, of: 0 } }, { even: { origin: 0, of: 1 } }, { odd: 0 }, { toString: 0 }]
    ],
    ['resetAfter', pipe(Schedule.forever, Schedule.resetAfter(1)), [0, { origin: 0, of: 1 }, { of: 0 }]]
  ])('of %s it is no other', (_name, schedule, others) => {
    expect(remembers(schedule, Schedule.initial(schedule))).toBe(true)
    for (const other of others) expect([other, remembers(schedule, other)]).toEqual([other, false])
  })

  it('of a kind that is not the library’s it is what can be stepped', () => {
    const form = {
      ...Schedule.forever.form,
      name: 'mine',
      step: (_schedule: unknown, { ms }: { readonly ms: number }): Schedule.Step => ({
        _tag: 'Continue',
        delay: ms,
        state: { ms: ms + 1 }
      })
    }
    const mine = { ...Schedule.forever, form } as Schedule.Schedule<unknown>
    expect([{ ms: 5 }, { ms: 'no' }, { ms: NaN }, {}, null].map((u) => remembers(mine, u))).toEqual([
      true,
      false,
      false,
      false,
      false
    ])
    expect(remembers(pipe(mine, Schedule.cap(3)), { ms: 5 })).toBe(true)
  })

  it('no function of the user’s is asked', () => {
    const never = (): never => {
      throw new Error('asked')
    }
    const all = [Schedule.computed(never), Schedule.iterate(1, never), Schedule.route(never, { a: Schedule.forever })]
    for (const each of all) expect(remembers(each, Schedule.initial(each))).toBe(true)
  })
})
