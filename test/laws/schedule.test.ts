import fc from 'fast-check'
import { identity, pipe } from 'fp-ts/function'
import { Schedule } from 'resilience-ts'
import {
  around,
  count,
  type Input,
  limit,
  multiplicative,
  observe,
  plain,
  same,
  sameSteps,
  schedule,
  steady,
  type Stepper,
  stepperOf,
  world
} from './arbitrary'
import { law } from './runs'

type S = Schedule.Schedule<Input>

const both = (a: S, b: S): S => pipe(a, Schedule.both(b))
const either = (a: S, b: S): S => pipe(a, Schedule.either(b))
const andThen = (a: S, b: S): S => pipe(a, Schedule.andThen(b))
const { forever, stop } = Schedule

describe('any schedule', () => {
  law('gives delays that are finite and never below 0', [schedule, world], (a, w) => {
    expect(observe(a, w).delays.filter((delay) => !(delay >= 0 && delay < Infinity))).toEqual([])
  })

  law('of the laws is valid', [schedule], (a) => {
    expect(Schedule.validate(a)).toEqual([])
  })

  law('draws as its equal does: what a schedule does is a function of ticks and inputs', [schedule, world], (a, w) => {
    same(a, { ...a }, w)
  })
})

describe('both and either, a bounded distributive lattice', () => {
  law('both is associative', [schedule, schedule, schedule, world], (a, b, c, w) => {
    same(both(both(a, b), c), both(a, both(b, c)), w)
  })

  law('both is commutative', [schedule, schedule, world], (a, b, w) => {
    same(both(a, b), both(b, a), w)
  })

  law('both is idempotent', [schedule, world], (a, w) => {
    same(both(a, a), a, w)
  })

  law('both is idempotent, jitter included', [schedule, multiplicative, world], (a, jitter, w) => {
    same(both(jitter(a), jitter(a)), jitter(a), w)
  })

  law('either is associative', [schedule, schedule, schedule, world], (a, b, c, w) => {
    same(either(either(a, b), c), either(a, either(b, c)), w)
  })

  law('either is commutative', [schedule, schedule, world], (a, b, w) => {
    same(either(a, b), either(b, a), w)
  })

  law('either is idempotent', [schedule, world], (a, w) => {
    same(either(a, a), a, w)
  })

  law('either is idempotent, jitter included', [schedule, multiplicative, world], (a, jitter, w) => {
    same(either(jitter(a), jitter(a)), jitter(a), w)
  })

  law('absorption: a both (a either b) = a', [schedule, schedule, world], (a, b, w) => {
    same(both(a, either(a, b)), a, w)
  })

  law('absorption: a either (a both b) = a', [schedule, schedule, world], (a, b, w) => {
    same(either(a, both(a, b)), a, w)
  })

  law('both distributes over either', [schedule, schedule, schedule, world], (a, b, c, w) => {
    same(both(a, either(b, c)), either(both(a, b), both(a, c)), w)
  })

  law('either distributes over both', [schedule, schedule, schedule, world], (a, b, c, w) => {
    same(either(a, both(b, c)), both(either(a, b), either(a, c)), w)
  })

  law('forever is the identity of both', [schedule, world], (a, w) => {
    same(both(forever, a), a, w)
    same(both(a, forever), a, w)
  })

  law('forever is the zero of either', [schedule, world], (a, w) => {
    same(either(forever, a), forever, w)
    same(either(a, forever), forever, w)
  })

  law('stop is the identity of either', [schedule, world], (a, w) => {
    same(either(stop, a), a, w)
    same(either(a, stop), a, w)
  })

  law('stop is the zero of both', [schedule, world], (a, w) => {
    same(both(stop, a), stop, w)
    same(both(a, stop), stop, w)
  })
})

describe('andThen, a monoid', () => {
  law('andThen is associative', [schedule, schedule, schedule, world], (a, b, c, w) => {
    same(andThen(andThen(a, b), c), andThen(a, andThen(b, c)), w)
  })

  law('stop is the identity of andThen, left', [schedule, world], (a, w) => {
    same(andThen(stop, a), a, w)
  })

  law('stop is the identity of andThen, right', [schedule, world], (a, w) => {
    same(andThen(a, stop), a, w)
  })

  law(
    'a andThen (b both c) = (a andThen b) both (a andThen c)',
    [schedule, schedule, schedule, world],
    (a, b, c, w) => {
      same(andThen(a, both(b, c)), both(andThen(a, b), andThen(a, c)), w)
    }
  )

  law(
    'a andThen (b either c) = (a andThen b) either (a andThen c)',
    [schedule, schedule, schedule, world],
    (a, b, c, w) => {
      same(andThen(a, either(b, c)), either(andThen(a, b), andThen(a, c)), w)
    }
  )

  it('NOT a law: (a both b) andThen c = (a andThen c) both (b andThen c)', () => {
    const [once, twice] = [1, 2].map((n) => pipe(Schedule.constant(10), Schedule.take(n))) as [S, S]
    const left = pipe(both(once, twice), Schedule.andThen(forever))
    const right = both(andThen(once, forever), andThen(twice, forever))
    const w = { durations: Array<number>(15).fill(0), inputs: Array<number>(15).fill(0), chance: 0 }
    expect(observe(left, w).delays.slice(0, 4)).toEqual([10, 0, 0, 0])
    expect(observe(right, w).delays.slice(0, 4)).toEqual([10, 10, 0, 0])
  })
})

describe('take', () => {
  law('take n andThen take m = take (n + m)', [steady, count, count, world], (a, n, m, w) => {
    same(andThen(Schedule.take(n)(a), Schedule.take(m)(a)), Schedule.take(n + m)(a), w)
  })

  law('take n both take m = take (min n m)', [schedule, count, count, world], (a, n, m, w) => {
    same(both(Schedule.take(n)(a), Schedule.take(m)(a)), Schedule.take(Math.min(n, m))(a), w)
  })

  law('take n allows n recurrences at the most, and no fewer than there are', [schedule, count, world], (a, n, w) => {
    const all = observe(a, w)
    const taken = observe(Schedule.take(n)(a), w)
    expect(taken.delays).toEqual(all.delays.slice(0, Math.min(n, all.delays.length)))
    expect(taken.stopped).toBe(all.stopped || n < all.delays.length)
  })
})

describe('cap', () => {
  law('cap is a homomorphism over both', [schedule, schedule, limit, world], (a, b, ms, w) => {
    const cap = Schedule.cap(ms)
    same(cap(both(a, b)), both(cap(a), cap(b)), w)
  })

  law('cap is a homomorphism over andThen', [schedule, schedule, limit, world], (a, b, ms, w) => {
    const cap = Schedule.cap(ms)
    same(cap(andThen(a, b)), andThen(cap(a), cap(b)), w)
  })

  law('cap never revives stop', [limit, world], (ms, w) => {
    same(Schedule.cap(ms)(stop), stop, w)
  })

  law(
    'cap of what has stopped stays stopped, and bounds each delay',
    [schedule, count, limit, world],
    (a, n, ms, w) => {
      const seen = observe(pipe(a, Schedule.take(n), Schedule.cap(ms)), w)
      expect(seen.delays.length).toBeLessThanOrEqual(n)
      expect(seen.delays.filter((delay) => !(delay <= ms))).toEqual([])
    }
  )
})

describe('multiplicative jitter', () => {
  law('jittered distributes over both', [schedule, schedule, world], (a, b, w) => {
    same(Schedule.jittered(both(a, b)), both(Schedule.jittered(a), Schedule.jittered(b)), w)
  })

  law('jitteredFrom distributes over both', [schedule, schedule, fc.nat(500), world], (a, b, min, w) => {
    const jitter = Schedule.jitteredFrom(min)
    same(jitter(both(a, b)), both(jitter(a), jitter(b)), w)
  })

  law('equalJitter distributes over both', [schedule, schedule, world], (a, b, w) => {
    same(Schedule.equalJitter(both(a, b)), both(Schedule.equalJitter(a), Schedule.equalJitter(b)), w)
  })

  law(
    'proportionalJitter distributes over both',
    [schedule, schedule, fc.double({ min: 0, max: 1, noNaN: true }), world],
    (a, b, f, w) => {
      const jitter = Schedule.proportionalJitter(f)
      same(jitter(both(a, b)), both(jitter(a), jitter(b)), w)
    }
  )

  law(
    'jitters one inside the other distribute over both, however many a side has of its own',
    [schedule, schedule, multiplicative, multiplicative, world],
    (a, b, inner, outer, w) => {
      same(outer(inner(both(a, outer(b)))), both(outer(inner(a)), outer(inner(outer(b)))), w)
    }
  )
})

/** What `within` says, read naively: the whole stops when the delay that would be slept reaches the limit. */
const withinOf = <State>({ initial, step }: Stepper<State>, ms: number): Stepper<State> => ({
  initial,
  step: (state, tick, input) => {
    const answer = step(state, tick, input)
    return answer._tag === 'Continue' && tick.elapsed + answer.delay >= ms ? { _tag: 'Stop' } : answer
  }
})

/** `a within ms either b`, read naively: `a` is given up as soon as the delay that would be slept reaches the limit. */
const eitherWithin = (a: S, b: S, ms: number): Stepper<readonly [Schedule.State | null, Schedule.State | null]> => ({
  initial: [Schedule.initial(a), Schedule.initial(b)],
  step: ([ofA, ofB], tick, input) => {
    const x = ofA === null ? null : Schedule.step(a, ofA, tick, input)
    const y = ofB === null ? null : Schedule.step(b, ofB, tick, input)
    const right = y?._tag === 'Continue' ? y : null
    const candidate = x?._tag === 'Continue' ? x : null
    const shorter = Math.min(candidate?.delay ?? Infinity, right?.delay ?? Infinity)
    const left = candidate !== null && tick.elapsed + shorter >= ms ? null : candidate
    if (left === null && right === null) return { _tag: 'Stop' }
    const delay = Math.min(left?.delay ?? Infinity, right?.delay ?? Infinity)
    return { _tag: 'Continue', delay, state: [left?.state ?? null, right?.state ?? null] }
  }
})

/** `a within x andThen b within y`, read naively: each is held against its own delay, from when it took over. */
const phasesWithin = (
  a: S,
  b: S,
  x: number,
  y: number
): Stepper<readonly [Schedule.State | null, Schedule.State, number]> => ({
  initial: [Schedule.initial(a), Schedule.initial(b), 0],
  step: ([ofA, ofB, since], tick, input) => {
    const first = ofA === null ? null : withinOf(stepperOf(a), x).step(ofA, tick, input)
    if (first?._tag === 'Continue') return { ...first, state: [first.state, ofB, since] }
    const origin = ofA === null ? since : tick.began
    const own = { ...tick, elapsed: tick.elapsed - origin, began: tick.began - origin }
    const second = withinOf(stepperOf(b), y).step(ofB, own, input)
    return second._tag === 'Continue' ? { ...second, state: [null, second.state, origin] } : second
  }
})

describe('within and stopAfter', () => {
  law(
    'within on both parts of andThen: each is held against its own delay',
    [plain, plain, limit, limit, world],
    (a, b, x, y, w) => {
      sameSteps(stepperOf(andThen(Schedule.within(x)(a), Schedule.within(y)(b))), phasesWithin(a, b, x, y), w)
    }
  )

  law('within bounds elapsed + the delay', [plain, limit, world], (a, ms, w) => {
    sameSteps(stepperOf(Schedule.within(ms)(a)), withinOf(stepperOf(a), ms), w)
  })

  law(
    'within bounds elapsed + the final delay, wherever it stands',
    [plain, around, limit, world],
    (a, wrap, ms, w) => {
      sameSteps(stepperOf(wrap(Schedule.within(ms)(a))), withinOf(stepperOf(wrap(a)), ms), w)
    }
  )

  law('within on a side of either gives up that side alone', [plain, plain, limit, world], (a, b, ms, w) => {
    sameSteps(stepperOf(either(Schedule.within(ms)(a), b)), eitherWithin(a, b, ms), w)
    sameSteps(stepperOf(either(b, Schedule.within(ms)(a))), eitherWithin(a, b, ms), w)
  })

  law('within a of within b = within (min a b)', [schedule, limit, limit, world], (a, x, y, w) => {
    same(Schedule.within(x)(Schedule.within(y)(a)), Schedule.within(Math.min(x, y))(a), w)
  })

  law('upTo a of upTo b = upTo (min a b)', [schedule, limit, limit, world], (a, x, y, w) => {
    same(Schedule.upTo(x)(Schedule.upTo(y)(a)), Schedule.upTo(Math.min(x, y))(a), w)
  })

  law('within never goes on where upTo stops', [plain, limit, world], (a, ms, w) => {
    const within = observe(Schedule.within(ms)(a), w)
    const upTo = observe(Schedule.upTo(ms)(a), w)
    expect(upTo.delays.slice(0, within.delays.length)).toEqual(within.delays)
  })

  law('upTo Infinity changes nothing', [schedule, world], (a, w) => {
    same(Schedule.upTo(Infinity)(a), a, w)
  })

  law('within Infinity changes nothing', [schedule, world], (a, w) => {
    same(Schedule.within(Infinity)(a), a, w)
  })

  law('stopAfter looks at the elapsed time, and at nothing else', [plain, limit, world], (a, ms, w) => {
    const { initial, step } = stepperOf(a)
    const reference: Stepper<Schedule.State> = {
      initial,
      step: (state, tick, input) => (tick.elapsed >= ms ? { _tag: 'Stop' } : step(state, tick, input))
    }
    sameSteps(stepperOf(Schedule.stopAfter(ms)(a)), reference, w)
  })

  law('stopAfter stands anywhere', [plain, around, limit, world], (a, wrap, ms, w) => {
    same(wrap(Schedule.stopAfter(ms)(a)), Schedule.stopAfter(ms)(wrap(a)), w)
  })
})

describe('instances', () => {
  const lattice = Schedule.getLattice<Input>()

  law('the lattice: meet is both, join is either', [schedule, schedule, world], (a, b, w) => {
    same(lattice.meet(a, b), both(a, b), w)
    same(lattice.join(a, b), either(a, b), w)
  })

  law('the lattice: one and zero', [schedule, world], (a, w) => {
    same(lattice.meet(a, lattice.one), a, w)
    same(lattice.join(a, lattice.zero), a, w)
    same(lattice.meet(a, lattice.zero), lattice.zero, w)
    same(lattice.join(a, lattice.one), lattice.one, w)
  })

  law('the lattice: absorption', [schedule, schedule, world], (a, b, w) => {
    same(lattice.meet(a, lattice.join(a, b)), a, w)
    same(lattice.join(a, lattice.meet(a, b)), a, w)
  })

  for (const [name, monoid, combine] of [
    ['getMonoidBoth', Schedule.getMonoidBoth<Input>(), both],
    ['getMonoidEither', Schedule.getMonoidEither<Input>(), either],
    ['getMonoidAndThen', Schedule.getMonoidAndThen<Input>(), andThen]
  ] as const) {
    law(`${name} is a monoid`, [schedule, schedule, schedule, world], (a, b, c, w) => {
      same(monoid.concat(a, b), combine(a, b), w)
      same(monoid.concat(monoid.concat(a, b), c), monoid.concat(a, monoid.concat(b, c)), w)
      same(monoid.concat(monoid.empty, a), a, w)
      same(monoid.concat(a, monoid.empty), a, w)
    })
  }

  const { contramap } = Schedule.Contravariant
  const double = (n: Input): Input => n * 2
  const minusThree = (n: Input): Input => n - 3

  law('Contravariant keeps the identity', [schedule, world], (a, w) => {
    same(contramap(a, identity), a, w)
  })

  law('Contravariant keeps composition', [schedule, world], (a, w) => {
    same(
      contramap(contramap(a, double), minusThree),
      contramap(a, (n: Input) => double(minusThree(n))),
      w
    )
  })

  law('Contravariant feeds what the function makes of the input', [schedule, world], (a, w) => {
    const inputs = w.inputs.map(double)
    expect(observe(contramap(a, double), w)).toEqual(observe(a, { ...w, inputs }))
  })
})
