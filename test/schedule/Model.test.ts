import fc from 'fast-check'
import { pipe } from 'fp-ts/function'
import { Random, Schedule } from 'resilience-ts'
import { drive, observe, plain, sameSteps, schedule, stepperOf, world } from '../laws/arbitrary'
import { law } from '../laws/runs'
import { raise } from '../support'
import { stepping, tick } from './ticks'

type S = Schedule.Schedule<never>

const ten = Schedule.constant(10)
const named = (delay: number): number => delay
const isBad = (n: number): boolean => n > 1
const classOf = (n: number): 'a' | 'b' => (n === 1 ? 'a' : 'b')

/** The whole path to frozen: a step that wrote to anything that it was handed would throw. */
const freeze = <A>(value: A): A => {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value)
    Object.values(value).forEach(freeze)
  }
  return value
}

const through = <A>(value: A): A => JSON.parse(JSON.stringify(value)) as A

describe('state', () => {
  law('is plain data: what JSON gives back steps equally', [schedule, world], (a, w) => {
    const { initial, step } = stepperOf(a)
    sameSteps({ initial: through(initial), step: (state, t, input) => step(through(state), t, input) }, stepperOf(a), w)
  })

  law('is never written to, nor is the tick or the schedule', [schedule, world], (a, w) => {
    freeze(a.settings)
    freeze(a.inner)
    const { initial, step } = stepperOf(a)
    const frozen = {
      initial: freeze(initial),
      step: (state: Schedule.State, t: Schedule.Tick, input: number) => step(freeze(state), freeze(t), input)
    }
    expect(drive(frozen, w)).toEqual(observe(a, w))
  })

  law('and tick and input decide alone: stepping twice gives the same twice', [schedule, world], (a, w) => {
    const { initial, step } = stepperOf(a)
    const twice = {
      initial,
      step: (state: Schedule.State, t: Schedule.Tick, input: number) => {
        const first = step(state, t, input)
        expect(step(state, t, input)).toEqual(first)
        return first
      }
    }
    drive(twice, w)
  })

  law('begins at the same place each time', [plain], (a) => {
    expect(Schedule.initial(a)).toEqual(Schedule.initial(a))
  })

  it.each<[string, Schedule.Schedule<unknown>]>([
    ['linear', Schedule.linear(1, Number.MAX_VALUE)],
    ['exponential', Schedule.exponential(1, 10)],
    ['fibonacci', Schedule.fibonacci(1)],
    ['decorrelated', Schedule.decorrelated(1, Infinity)],
    ['decorrelatedV2', Schedule.decorrelatedV2(1)],
    ['iterate', Schedule.iterate(1, (d) => Math.min(d * 9, Number.MAX_VALUE))]
  ])('stays plain data where the numbers end: %s', (_name, endless) => {
    let last: Schedule.State = 0
    stepping(3000, endless, ({ state }) => (last = state))
    expect(through(last)).toEqual(last)
  })

  it('defect 11: is of constant size, however many steps', () => {
    const each = pipe(
      Schedule.exponential(1),
      Schedule.jittered,
      Schedule.either(Schedule.fibonacci(1)),
      Schedule.both(pipe(Schedule.stop, Schedule.andThen(Schedule.decorrelatedV2(1)))),
      Schedule.plus(Schedule.decorrelated(1, 1000)),
      Schedule.plus(Schedule.iterate(1, (d) => d + 1)),
      Schedule.plus(Schedule.route(() => 'a' as const, { a: Schedule.linear(1, 1) })),
      Schedule.resetAfter(1000),
      Schedule.take(1_000_000)
    )
    let longest = 0
    stepping(100_000, each, ({ state }, i) => {
      if (i % 1000 === 999) longest = Math.max(longest, JSON.stringify(state).length)
    })
    expect(longest).toBeGreaterThan(0)
    expect(longest).toBeLessThan(600)
  })
})

describe('initial and step', () => {
  it('begin afresh with each run: one description serves many', () => {
    const shared = pipe(Schedule.exponential(100), Schedule.take(3))
    const [a, b] = [Schedule.initial(shared), Schedule.initial(shared)]
    const one = Schedule.step(shared, a, tick(), undefined)
    const other = Schedule.step(shared, b, tick(), undefined)
    expect(one).toEqual(other)
    expect(one).toMatchObject({ _tag: 'Continue', delay: 100 })
  })

  it('answer a stop with its reason', () => {
    expect(Schedule.step(Schedule.stop, Schedule.initial(Schedule.stop), tick(), undefined)).toEqual({
      _tag: 'Stop',
      reason: { _tag: 'Never' }
    })
  })

  it('draw only what is asked for', () => {
    let draws = 0
    const random = () => {
      draws++
      return 0.5
    }
    const jittered = pipe(ten, Schedule.jittered)
    Schedule.step(jittered, 0, tick({ random: Random.numbered(random) }), undefined)
    expect(draws).toBe(1)
    Schedule.step(
      pipe(ten, Schedule.take(3)),
      { taken: 0, of: 0 },
      tick({ random: Random.numbered(random) }),
      undefined
    )
    expect(draws).toBe(1)
  })
})

describe('isSchedule', () => {
  it('knows schedules from other things', () => {
    expect([Schedule.forever, pipe(ten, Schedule.take(1)), Schedule.stop].map(Schedule.isSchedule)).toEqual([
      true,
      true,
      true
    ])
    expect([undefined, null, 100, 'x', {}, { _tag: 'Schedule' }, () => ten].map(Schedule.isSchedule)).toEqual(
      Array(7).fill(false)
    )
  })

  it('does not take for one what has come back from JSON, or what only looks like one', () => {
    const copy: unknown = JSON.parse(JSON.stringify(pipe(Schedule.constant(5), Schedule.take(2))))
    for (const u of [copy, { _tag: 'Schedule', form: null }, { _tag: 'Schedule', form: {} }]) {
      expect(Schedule.isSchedule(u)).toBe(false)
      expect(Schedule.validate(u as never)).toEqual([{ path: '', value: u, allowed: 'a Schedule' }])
      expect(Schedule.show(u as never)).toBe('<not a schedule>')
      expect(Schedule.recurrences(u as never)).toBe(Infinity)
    }
  })
})

const texts = {
  delay: 'finite milliseconds, >= 0',
  interval: 'finite milliseconds, > 0',
  patience: 'milliseconds, >= 0, or Infinity',
  count: 'a whole number, >= 0, or Infinity',
  factor: 'a finite number, > 0',
  finite: 'a finite number',
  share: 'a number from 0 to 1',
  callback: 'a function'
}
const never = [NaN, '3', null, undefined, {}, true, -Infinity]
const kinds: Record<
  keyof typeof texts,
  { readonly good: ReadonlyArray<unknown>; readonly bad: ReadonlyArray<unknown> }
> = {
  delay: { good: [0, 0.5, 1, 2 ** 31, Number.MAX_VALUE], bad: [...never, -1, -0.001, Infinity] },
  interval: { good: [Number.MIN_VALUE, 0.5, 1000], bad: [...never, -1, 0, Infinity] },
  patience: { good: [0, 0.5, 1000, Infinity], bad: [...never, -1] },
  count: { good: [0, 1, 1000, Infinity], bad: [...never, -1, 1.5] },
  factor: { good: [0.001, 1, 10], bad: [...never, -1, 0, Infinity] },
  finite: { good: [-10, 0, 0.5, 1e300], bad: [...never, Infinity] },
  share: { good: [0, 0.2, 1], bad: [...never, -0.1, 1.001, 2, Infinity] },
  callback: { good: [named], bad: [...never, 0, 5] }
}

/** Each setting there is, with what it may be. */
const settings: ReadonlyArray<readonly [path: string, kind: keyof typeof texts, make: (value: never) => S]> = [
  ['constant.delay', 'delay', Schedule.constant],
  ['linear.start', 'delay', (n: never) => Schedule.linear(n, 1)],
  ['linear.increment', 'finite', (n: never) => Schedule.linear(1, n)],
  ['exponential.base', 'delay', (n: never) => Schedule.exponential(n)],
  ['exponential.factor', 'factor', (n: never) => Schedule.exponential(1, n)],
  ['fibonacci.base', 'delay', Schedule.fibonacci],
  ['uniform.min', 'delay', (n: never) => Schedule.uniform(n, 1)],
  ['uniform.max', 'delay', (n: never) => Schedule.uniform(1, n)],
  ['iterate.first', 'delay', (n: never) => Schedule.iterate(n, named)],
  ['iterate.f', 'callback', (f: never) => Schedule.iterate(1, f)],
  ['computed.f', 'callback', (f: never) => Schedule.computed(f)],
  ['jitteredFrom.min', 'delay', (n: never) => Schedule.jitteredFrom(n)(Schedule.forever)],
  ['stopWhen.f', 'callback', (f: never) => Schedule.stopWhen(f)(Schedule.forever)],
  ['cadence.interval', 'interval', Schedule.cadence],
  ['proportionalJitter.f', 'share', (n: never) => Schedule.proportionalJitter(n)(ten)],
  ['additiveJitter.min', 'delay', (n: never) => Schedule.additiveJitter(n, 1)(ten)],
  ['additiveJitter.max', 'delay', (n: never) => Schedule.additiveJitter(1, n)(ten)],
  ['decorrelated.base', 'delay', (n: never) => Schedule.decorrelated(n, 1)],
  ['decorrelated.cap', 'patience', (n: never) => Schedule.decorrelated(1, n)],
  ['decorrelatedV2.base', 'delay', Schedule.decorrelatedV2],
  ['cap.ms', 'patience', (n: never) => Schedule.cap(n)(ten)],
  ['floor.ms', 'delay', (n: never) => Schedule.floor(n)(ten)],
  ['take.n', 'count', (n: never) => Schedule.take(n)(ten)],
  ['within.ms', 'patience', (n: never) => Schedule.within(n)(ten)],
  ['stopAfter.ms', 'patience', (n: never) => Schedule.stopAfter(n)(ten)],
  ['resetAfter.ms', 'interval', (n: never) => Schedule.resetAfter(n)(ten)],
  ['modify.f', 'callback', (f: never) => Schedule.modify(f)(ten)],
  ['while.predicate', 'callback', (f: never) => Schedule.while(f)(ten)],
  ['until.predicate', 'callback', (f: never) => Schedule.until(f)(ten)],
  ['contramap.f', 'callback', (f: never) => Schedule.contramap(f)(ten)],
  ['route.classify', 'callback', (f: never) => Schedule.route(f, { a: ten })]
]

describe('validate', () => {
  it.each(settings)('defect 22: %s is %s, and nothing else', (path, kind, make) => {
    // factor has a default, which undefined asks for
    const bad = kinds[kind].bad.filter((value) => !(path === 'exponential.factor' && value === undefined))
    for (const value of bad)
      expect(Schedule.validate(make(value as never))).toEqual([{ path, value, allowed: texts[kind] }])
    for (const value of kinds[kind].good) expect(Schedule.validate(make(value as never))).toEqual([])
  })

  it.each([
    [[]],
    [[NaN]],
    [[1, -1]],
    [[1, Infinity]],
    [['3']],
    [Object.assign(Array<number>(3), [1])],
    ['12'],
    [5],
    [null],
    [undefined],
    [{}]
  ])('defect 22: delays(%j) is refused', (list) => {
    const allowed = `a list of at least one: ${texts.delay}`
    expect(Schedule.validate(Schedule.delays(list as ReadonlyArray<number>))).toMatchObject([
      { path: 'delays.list', allowed }
    ])
  })

  it('lists all that is wrong at once, from the outside in', () => {
    const wrong = pipe(
      Schedule.exponential(-1, 0),
      Schedule.proportionalJitter(2),
      Schedule.both(Schedule.uniform(NaN, Infinity)),
      Schedule.take(1.5)
    )
    expect(Schedule.validate(wrong)).toEqual([
      { path: 'take.n', value: 1.5, allowed: texts.count },
      { path: 'take.both.0.proportionalJitter.f', value: 2, allowed: texts.share },
      { path: 'take.both.0.proportionalJitter.exponential.base', value: -1, allowed: texts.delay },
      { path: 'take.both.0.proportionalJitter.exponential.factor', value: 0, allowed: texts.factor },
      { path: 'take.both.1.uniform.min', value: NaN, allowed: texts.delay },
      { path: 'take.both.1.uniform.max', value: Infinity, allowed: texts.delay }
    ])
  })

  it.each([undefined, null, 100, '3', {}, () => ten])('finds what is no schedule: %p', (value) => {
    const part = value as Schedule.Schedule<unknown>
    const problem = (path: string) => ({ path, value, allowed: 'a Schedule' })
    expect(Schedule.validate(part)).toEqual([problem('')])
    expect(Schedule.validate(pipe(part, Schedule.take(1)))).toEqual([problem('take')])
    expect(Schedule.validate(pipe(part, Schedule.jittered))).toEqual([problem('jittered')])
    expect(Schedule.validate(pipe(part, Schedule.within(1)))).toEqual([problem('within')])
    for (const name of ['both', 'either', 'plus', 'andThen'] as const) {
      expect(Schedule.validate(pipe(part, Schedule[name](ten)))).toEqual([problem(`${name}.0`)])
      expect(Schedule.validate(pipe(ten, Schedule[name](part)))).toEqual([problem(`${name}.1`)])
      expect(Schedule.validate(pipe(part, Schedule[name](part)))).toHaveLength(2)
    }
    expect(Schedule.validate(Schedule.route(classOf, { a: ten, b: part }))).toEqual([problem('route.b')])
  })

  it('finds routes that there are not', () => {
    const problem = [{ path: 'route.classes', value: [], allowed: 'a list of at least one: the name of a class' }]
    expect(Schedule.validate(Schedule.route(classOf as never, {}))).toEqual(problem)
    expect(Schedule.validate(Schedule.route(classOf as never, null as never))).toEqual(problem)
    expect(Schedule.validate(Schedule.route(classOf as never, undefined as never))).toEqual(problem)
    const hidden = {
      get a(): never {
        throw new Error('hidden')
      }
    }
    expect(Schedule.validate(Schedule.route(classOf as never, hidden))).toEqual(problem)
  })

  it('has nothing to say of what has no settings', () => {
    for (const fine of [Schedule.forever, Schedule.stop, pipe(ten, Schedule.jittered, Schedule.equalJitter)])
      expect(Schedule.validate(fine)).toEqual([])
  })
})

describe('show', () => {
  it.each<[string, S]>([
    ['forever', Schedule.forever],
    ['stop', Schedule.stop],
    ['constant(250ms)', Schedule.constant(250)],
    ['linear(1s, +2s)', Schedule.linear(1000, 2000)],
    ['linear(1s, -200ms)', Schedule.linear(1000, -200)],
    ['exponential(100ms, factor 2)', Schedule.exponential(100)],
    ['exponential(100ms, factor 1.5)', Schedule.exponential(100, 1.5)],
    ['fibonacci(10ms)', Schedule.fibonacci(10)],
    ['delays(10ms, 1.5s)', Schedule.delays([10, 1500])],
    ['uniform(100ms, 1m 30s)', Schedule.uniform(100, 90_000)],
    ['iterate(1ms, named)', Schedule.iterate(1, named)],
    ['computed(named)', Schedule.computed(named as never)],
    ['forever |> jitteredFrom(5ms)', Schedule.jitteredFrom(5)(Schedule.forever)],
    ['forever |> stopWhen(named)', Schedule.stopWhen(named as never)(Schedule.forever)],
    ['cadence(1s)', Schedule.cadence(1000)],
    ['constant(10ms) |> jittered', pipe(ten, Schedule.jittered)],
    ['constant(10ms) |> equalJitter', pipe(ten, Schedule.equalJitter)],
    ['constant(10ms) |> proportionalJitter(0.2)', pipe(ten, Schedule.proportionalJitter(0.2))],
    ['constant(10ms) |> additiveJitter(0ms, 1s)', pipe(ten, Schedule.additiveJitter(0, 1000))],
    ['decorrelated(100ms, cap 10s)', Schedule.decorrelated(100, 10_000)],
    ['decorrelated(100ms, cap forever)', Schedule.decorrelated(100, Infinity)],
    ['decorrelatedV2(1s)', Schedule.decorrelatedV2(1000)],
    ['constant(10ms) |> cap(5ms)', pipe(ten, Schedule.cap(5))],
    ['constant(10ms) |> floor(5ms)', pipe(ten, Schedule.floor(5))],
    ['constant(10ms) |> take(4)', pipe(ten, Schedule.take(4))],
    ['constant(10ms) |> take(Infinity)', pipe(ten, Schedule.take(Infinity))],
    ['constant(10ms) |> within(1m)', pipe(ten, Schedule.within(60_000))],
    ['constant(10ms) |> stopAfter(forever)', pipe(ten, Schedule.stopAfter(Infinity))],
    ['constant(10ms) |> both(stop)', pipe(ten, Schedule.both(Schedule.stop))],
    ['constant(10ms) |> either(stop)', pipe(ten, Schedule.either(Schedule.stop))],
    ['constant(10ms) |> plus(stop)', pipe(ten, Schedule.plus(Schedule.stop))],
    ['constant(10ms) |> andThen(stop)', pipe(ten, Schedule.andThen(Schedule.stop))],
    ['route(classOf, { a: constant(10ms); b: stop })', Schedule.route(classOf, { a: ten, b: Schedule.stop })],
    ['constant(10ms) |> resetAfter(1h)', pipe(ten, Schedule.resetAfter(3_600_000))],
    ['constant(10ms) |> modify(named)', pipe(ten, Schedule.modify(named))],
    ['constant(10ms) |> while(isBad)', pipe(ten, Schedule.while(isBad))],
    [
      'constant(10ms) |> until(<function>)',
      pipe(
        ten,
        Schedule.until(() => true)
      )
    ],
    ['constant(10ms) |> contramap(named)', pipe(ten, Schedule.contramap(named))],
    [
      'exponential(100ms, factor 2) |> both(constant(10ms) |> jittered |> take(2)) |> take(4)',
      pipe(Schedule.exponential(100), Schedule.both(pipe(ten, Schedule.jittered, Schedule.take(2))), Schedule.take(4))
    ]
  ])('%s', (text, shown) => {
    expect(Schedule.show(shown)).toBe(text)
  })

  it.each<[string, S]>([
    ['constant(NaN)', Schedule.constant(NaN)],
    ['constant("3")', Schedule.constant('3' as never)],
    ['constant(undefined)', Schedule.constant(undefined as never)],
    ['constant(-1ms)', Schedule.constant(-1)],
    ['delays(null)', Schedule.delays(null as never)],
    ['delays()', Schedule.delays([])],
    ['constant(10ms) |> modify(5)', pipe(ten, Schedule.modify(5 as never))],
    ['<not a schedule> |> take(1)', pipe(undefined as never, Schedule.take(1))],
    ['constant(10ms) |> both(<not a schedule>)', pipe(ten, Schedule.both(100 as never))],
    ['<not a schedule>', null as never]
  ])('shows what is wrong as well: %s', (text, shown) => {
    expect(Schedule.show(shown)).toBe(text)
  })

  it.each(settings)('never throws, and nor does validate, whatever %s is', (path, _kind, make) => {
    const { proxy, revoke } = Proxy.revocable([], {})
    revoke()
    const oh = () => raise('oh')
    const throwing = { valueOf: oh, toString: oh, toJSON: oh, [Symbol.toPrimitive]: oh, [Symbol.iterator]: oh }
    for (const value of [Object.create(null), Symbol('x'), 1n, throwing, proxy]) {
      const wrong = make(value as never)
      expect(Schedule.show(wrong)).not.toBe('')
      expect(Schedule.validate(wrong)).toMatchObject([{ path }])
    }
  })

  it('tells any two settings apart', () => {
    fc.assert(
      fc.property(fc.tuple(fc.nat(), fc.nat()), ([a, b]) => {
        const shown = (n: number) => Schedule.show(pipe(ten, Schedule.take(n)))
        expect(shown(a) === shown(b)).toBe(a === b)
      })
    )
  })

  it('names the classes of a route, in whatever order they stand', () => {
    const schedule = Schedule.route((input: 'b' | '1') => input, {
      b: Schedule.constant(NaN),
      1: pipe(Schedule.constant(-1), Schedule.take(-2))
    })
    expect(Schedule.validate(schedule).map(({ path }) => path)).toEqual([
      'route.1.take.n',
      'route.1.take.constant.delay',
      'route.b.constant.delay'
    ])
    const one = Schedule.route((_: unknown) => 'all' as const, { all: Schedule.constant(NaN) })
    expect(Schedule.validate(one).map(({ path }) => path)).toEqual(['route.all.constant.delay'])
  })
})
