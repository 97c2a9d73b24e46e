import fc from 'fast-check'
import { pipe } from 'fp-ts/function'
import { Schedule } from 'resilience-ts'

/** Schedules of the laws feed on whole numbers. */
export type Input = number

type S = Schedule.Schedule<Input>
type Modifier = (schedule: S) => S

/** What happens outside a schedule: how long each attempt takes, what it fails with, and what chance says. */
export interface World {
  readonly durations: ReadonlyArray<number>
  readonly inputs: ReadonlyArray<Input>
  readonly chance: number
}

/** How many steps two schedules are compared over. */
export const steps = 15

export const world: fc.Arbitrary<World> = fc.record({
  durations: fc.array(fc.oneof(fc.integer({ min: 0, max: 50 }), fc.integer({ min: 0, max: 2000 })), {
    minLength: steps,
    maxLength: steps
  }),
  inputs: fc.array(fc.integer({ min: 0, max: 9 }), { minLength: steps, maxLength: steps }),
  chance: fc.integer()
})

/** The draw of a tick: a function of their numbers alone, and now and then exactly 0. */
const drawOf = (chance: number, attempt: number, draw: number): number => {
  let hash = chance ^ Math.imul(attempt, 0x9e3779b1) ^ Math.imul(draw + 1, 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 16), 0x7feb352d)
  hash = Math.imul(hash ^ (hash >>> 15), 0x846ca68b)
  const u = ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32
  return u < 0.05 ? 0 : u
}

/** Anything that can be stepped: a schedule, or a naive reading of what one should do. */
export interface Stepper<State> {
  readonly initial: State
  readonly step: (
    state: State,
    tick: Schedule.Tick,
    input: Input
  ) => { readonly _tag: 'Stop' } | { readonly _tag: 'Continue'; readonly delay: number; readonly state: State }
}

/** All that can be seen of a stepper in a world, up to the reason of the stop: its delays, and whether it stopped. */
export interface Seen {
  readonly delays: ReadonlyArray<number>
  readonly stopped: boolean
}

export const drive = <State>({ initial, step }: Stepper<State>, { durations, inputs, chance }: World): Seen => {
  const delays: Array<number> = []
  let state = initial
  let began = 0
  for (let i = 0; i < steps; i++) {
    // whole milliseconds, far from where sums of them would be rounded
    const elapsed = began + durations[i]!
    const attempt = i + 1
    const random = (draw: number) => drawOf(chance, attempt, draw)
    const answer = step(state, { now: elapsed, elapsed, began, attempt, random, due: 0 }, inputs[i]!)
    if (answer._tag === 'Stop') return { delays, stopped: true }
    delays.push(answer.delay)
    state = answer.state
    began = elapsed + Math.min(Math.ceil(answer.delay), 1e6)
  }
  return { delays, stopped: false }
}

export const stepperOf = (schedule: S): Stepper<Schedule.State> => ({
  initial: Schedule.initial(schedule),
  step: (state, tick, input) => {
    const answer = Schedule.step(schedule, state, tick, input)
    if (answer._tag === 'Stop' && answer.reason._tag === 'Fault')
      throw new Error(`fault at ${answer.reason.at}: ${String(answer.reason.cause)}`)
    return answer
  }
})

export const observe = (schedule: S, world: World): Seen => drive(stepperOf(schedule), world)

/** Two steppers are the same when no world tells them apart. */
export const sameSteps = <A, B>(left: Stepper<A>, right: Stepper<B>, world: World): void => {
  const [a, b] = [drive(left, world), drive(right, world)]
  const equal =
    a.stopped === b.stopped &&
    a.delays.length === b.delays.length &&
    a.delays.every((delay, i) => delay === b.delays[i])
  // `toEqual` says well what differs, and is slow to find that nothing does
  if (!equal) expect(a).toEqual(b)
}

export const same = (left: S, right: S, world: World): void => sameSteps(stepperOf(left), stepperOf(right), world)

const ms = fc.oneof(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 0, max: 3000 }))
export const limit = fc.oneof(fc.integer({ min: 0, max: 500 }), fc.integer({ min: 0, max: 20_000 }))
const interval = fc.integer({ min: 1, max: 2000 })
export const count = fc.oneof(
  { weight: 9, arbitrary: fc.integer({ min: 0, max: 8 }) },
  { weight: 1, arbitrary: fc.constant(Infinity) }
)
export const share = fc.integer({ min: 0, max: 8 }).map((n) => n / 8)

const even = (n: Input): boolean => n % 2 === 0
const isSmall = (n: Input): boolean => n < 8
const isNine = (n: Input): boolean => n === 9
const plusOne = (n: Input): Input => (n + 1) % 10
const evenOrOdd = (n: Input) => (even(n) ? 'even' : 'odd')
const atLeastInput = (delay: number, n: Input): number => Math.max(delay, n * 10)
const drawnAnew = (delay: number, _input: Input, tick: Schedule.Tick): number => delay * tick.random(0)
const half = (previous: number): number => previous / 2
const walk = (previous: number, tick: Schedule.Tick): number => previous + 100 * tick.random(0) - 50

/** Schedules whose answer is the same at each step, chance aside: they remember nothing and know no clock. */
export const steady: fc.Arbitrary<S> = fc.oneof(
  fc.constant(Schedule.forever),
  ms.map(Schedule.constant),
  fc.tuple(ms, ms).map(([min, max]) => Schedule.uniform(min, max)),
  ms.map((delay) => pipe(Schedule.constant(delay), Schedule.jittered)),
  fc
    .tuple(ms, ms)
    .map(([a, b]) => pipe(Schedule.constant(a), Schedule.equalJitter, Schedule.plus(Schedule.uniform(b, a))))
)

const leaf: fc.Arbitrary<S> = fc.oneof(
  steady,
  fc.tuple(ms, fc.integer({ min: -200, max: 200 })).map(([start, increment]) => Schedule.linear(start, increment)),
  fc.tuple(ms, fc.constantFrom(0.5, 1, 1.5, 2, 10)).map(([base, factor]) => Schedule.exponential(base, factor)),
  ms.map(Schedule.fibonacci),
  fc.array(ms, { minLength: 1, maxLength: 8 }).map(Schedule.delays),
  fc.tuple(ms, limit).map(([base, cap]) => Schedule.decorrelated(base, cap)),
  ms.map(Schedule.decorrelatedV2),
  fc.tuple(ms, fc.constantFrom(half, walk)).map(([first, f]) => Schedule.iterate(first, f)),
  interval.map(Schedule.cadence),
  fc
    .tuple(ms, fc.constantFrom(0.5, 1, 2), ms, limit)
    .map(([first, factor, most, to]) => Schedule.growing({ first, factor, plus: [-most, most], between: [0, to] })),
  fc.constant(Schedule.computed(({ attempt, random }) => attempt * 10 + 50 * random(0))),
  fc.constant(Schedule.stop)
)

/** Multiplicative jitters. */
export const multiplicative: fc.Arbitrary<Modifier> = fc.oneof(
  fc.constant<Modifier>(Schedule.jittered),
  fc.constant<Modifier>(Schedule.equalJitter),
  share.map((f): Modifier => Schedule.proportionalJitter(f))
)

/** What bends a delay, or adds a reason to stop, and leaves the clock alone. */
const modifier: fc.Arbitrary<Modifier> = fc.oneof(
  multiplicative,
  fc.tuple(ms, ms).map(([min, max]): Modifier => Schedule.additiveJitter(min, max)),
  ms.map((n): Modifier => Schedule.jitteredFrom(n)),
  count.map((n): Modifier => Schedule.stopWhen(({ attempt }) => attempt > n)),
  ms.map((n): Modifier => Schedule.cap(n)),
  ms.map((n): Modifier => Schedule.floor(n)),
  count.map((n): Modifier => Schedule.take(n)),
  limit.map((n): Modifier => Schedule.stopAfter(n)),
  fc.constantFrom<Modifier>(
    Schedule.while(isSmall),
    Schedule.until(isNine),
    Schedule.modify(atLeastInput),
    Schedule.modify(drawnAnew),
    Schedule.contramap(plusOne)
  )
)

const shown = (schedule: S): S => Object.assign({ ...schedule }, { [fc.toStringMethod]: () => Schedule.show(schedule) })

const grown = (more: fc.Arbitrary<Modifier>): fc.Arbitrary<S> =>
  fc
    .letrec<{ schedule: S; one: S; two: S }>((tie) => ({
      schedule: fc.oneof({ maxDepth: 3, withCrossShrink: true }, leaf, tie('one'), tie('two')),
      one: fc
        .tuple(tie('schedule'), fc.oneof({ weight: 3, arbitrary: modifier }, { weight: 2, arbitrary: more }))
        .map(([inner, f]) => f(inner)),
      two: fc
        .tuple(tie('schedule'), tie('schedule'), fc.constantFrom('both', 'either', 'plus', 'andThen', 'route'))
        .map(([a, b, name]) =>
          name === 'route' ? Schedule.route(evenOrOdd, { even: a, odd: b }) : Schedule[name](b)(a)
        )
    }))
    .schedule.map(shown)

const resetAfter: fc.Arbitrary<Modifier> = interval.map((n) => Schedule.resetAfter(n))

/** Any schedule at all, without functions that fail. */
export const schedule: fc.Arbitrary<S> = grown(
  fc.oneof(
    resetAfter,
    limit.map((n): Modifier => Schedule.within(n)),
    limit.map((n): Modifier => Schedule.upTo(n))
  )
)

/** Any schedule without `within`: each of its delays is known before it is slept. */
export const plain: fc.Arbitrary<S> = grown(resetAfter)

/** Steps from a schedule to one that stops whenever the first does, each with words for it; none of them is `within`. */
export const around: fc.Arbitrary<Modifier> = fc
  .array(
    fc.oneof(
      modifier,
      plain.map((that): Modifier => Schedule.both(that)),
      plain.map((that): Modifier => Schedule.plus(that))
    ),
    { maxLength: 4 }
  )
  .map((all) => {
    const wrap: Modifier = (inner) => all.reduce((outer, f) => f(outer), inner)
    return Object.assign(wrap, { [fc.toStringMethod]: () => Schedule.show(wrap(Schedule.forever)) })
  })
