/** `poll` against a model that is written to be obvious: one loop, no clock but a sum, nothing shared with the library. */
import * as E from 'fp-ts/Either'
import * as O from 'fp-ts/Option'
import { pipe } from 'fp-ts/function'
import fc from 'fast-check'
import { Policy, Runner, Schedule } from 'resilience-ts'
import { fails, script, succeeds, virtual, type Line } from 'resilience-ts/testing'
import { nothingLeft } from '../support'
import { firstSeed, patience, steps as allSteps } from './steps'

interface Step {
  /** A value from 0 to 9, or an error. */
  readonly gives: number | string
  readonly takes: number
}

interface Case {
  readonly steps: readonly [Step, ...ReadonlyArray<Step>]
  readonly delay: number
  readonly times: number
  readonly bound: 'none' | 'within' | 'upTo' | 'stopAfter' | 'deadline'
  readonly limit: number
  readonly form: 'predicate' | 'decoder' | 'decoder that fails' | 'validator' | 'validator that fails'
}

interface Seen {
  readonly answer: unknown
  readonly calls: ReadonlyArray<number>
}

const holds = (n: number): boolean => n >= 8
const isBroken = (n: number): boolean => n === 0
const isWaitedOut = (e: string): boolean => e === 'busy'
const word = (n: number): string => `number ${n}`
const objection = (n: number): string => `${n} is too small`

const model = ({ steps, delay, times, bound, limit, form }: Case): Seen => {
  const calls: Array<number> = []
  let now = 0
  let value: O.Option<number> = O.none
  for (let attempt = 1; ; attempt++) {
    const { gives, takes } = steps[Math.min(attempt, steps.length) - 1]!
    let error: O.Option<unknown> = O.none
    const ended = (reason: object): Seen => ({
      answer: E.left({ _tag: 'PollExhausted', value, error, attempts: attempt, elapsed: now, reason }),
      calls
    })
    calls.push(now)
    if (bound === 'deadline' && now + takes >= limit) {
      // cut off: nothing that this attempt would have given is known
      now = limit
      const before = steps[Math.min(attempt - 1, steps.length) - 1]
      if (attempt === 1 || before === undefined) {
        return { answer: E.left({ _tag: 'DeadlineExceeded', deadline: limit }), calls }
      }
      error = against(before.gives, form)
      return ended({ _tag: 'Deadline' })
    }
    now += takes
    if (typeof gives === 'number') {
      value = O.some(gives)
      if (isBroken(gives)) return ended({ _tag: 'FailWhen' })
      if (holds(gives)) return { answer: E.right(form === 'predicate' ? gives : word(gives)), calls }
      error = against(gives, form)
      if (form.endsWith('fails')) return { answer: E.left((error as O.Some<unknown>).value), calls }
    } else {
      if (!isWaitedOut(gives)) return { answer: E.left(gives), calls }
      error = O.some(gives)
    }
    if (attempt > times) return ended({ _tag: 'Attempts', limit: times })
    if (bound === 'within' && now + delay >= limit) return ended({ _tag: 'Within', limit })
    if (bound === 'upTo' && now + delay > limit) return ended({ _tag: 'Within', limit })
    if (bound === 'stopAfter' && now >= limit) return ended({ _tag: 'Elapsed', limit })
    if (bound === 'deadline' && now + delay >= limit) return ended({ _tag: 'Deadline' })
    now += delay
  }
}

const against = (gives: number | string, form: Case['form']): O.Option<unknown> => {
  if (typeof gives === 'string') return O.some(gives)
  if (form === 'predicate') return O.none
  const said = objection(gives)
  return O.some(
    form.startsWith('validator')
      ? said
      : { _tag: 'DecodeFailed', value: gives, problems: [{ path: '', value: gives, allowed: said }] }
  )
}

const id = Policy.id<string, number>()
const judged = (n: number): E.Either<string, string> => (holds(n) ? E.right(word(n)) : E.left(objection(n)))
const common = { failWhen: isBroken, waitOut: isWaitedOut }

const policyOf = ({ delay, times, bound, limit, form }: Case): Policy.Policy<string, number, unknown, unknown> => {
  const every = pipe(Schedule.constant(delay), Schedule.take(times))
  const schedule = bound === 'none' || bound === 'deadline' ? every : Schedule[bound](limit)(every)
  const invalid = form.endsWith('fails') ? 'fail' : 'wait'
  const polling =
    form === 'predicate'
      ? pipe(id, Policy.poll(schedule, { ...common, until: holds }))
      : form.startsWith('decoder')
        ? pipe(id, Policy.poll(schedule, { ...common, invalid, until: { decode: judged } }))
        : pipe(id, Policy.pollWith(schedule, { ...common, invalid, until: (n: number) => async () => judged(n) }))
  return bound === 'deadline' ? pipe(polling as typeof id, Policy.deadline(limit)) : polling
}

const lineOf = ({ gives, takes }: Step): Line<string, number> =>
  typeof gives === 'number' ? succeeds(gives, takes) : fails(gives, takes)

const real = async (each: Case): Promise<Seen> => {
  const time = virtual({ log: false })
  const [first, ...rest] = each.steps
  const scripted = script(time, lineOf(first), ...rest.map(lineOf))
  const runner = Runner.make(policyOf(each))(time.runtime)()
  const answer = await time.run(runner.run(scripted.task))
  expect(await time.settle()).toEqual(nothingLeft)
  return { answer, calls: scripted.calls.map(({ at }) => at) }
}

const step: fc.Arbitrary<Step> = fc.record({
  gives: fc.oneof(
    { weight: 6, arbitrary: fc.integer({ min: 1, max: 7 }) },
    { weight: 1, arbitrary: fc.integer({ min: 0, max: 9 }) },
    { weight: 4, arbitrary: fc.constant('busy') },
    { weight: 1, arbitrary: fc.constantFrom('gone', 'broken') }
  ),
  takes: fc.integer({ min: 0, max: 30 })
})

const cases: fc.Arbitrary<Case> = fc.record({
  steps: fc
    .array(step, { minLength: 1, maxLength: 12 })
    .map((steps) => steps as unknown as readonly [Step, ...ReadonlyArray<Step>]),
  delay: fc.integer({ min: 0, max: 50 }),
  times: fc.integer({ min: 0, max: 12 }),
  bound: fc.constantFrom<Array<Case['bound']>>('none', 'within', 'upTo', 'stopAfter', 'deadline'),
  limit: fc.integer({ min: 1, max: 400 }),
  form: fc.constantFrom<Array<Case['form']>>(
    'predicate',
    'decoder',
    'decoder that fails',
    'validator',
    'validator that fails'
  )
})

describe('poll, as a model has it', () => {
  it(
    'the same answer, and the same calls, for any script',
    async () => {
      const reached = new Map<string, number>()
      let attempts = 0
      await fc.assert(
        fc.asyncProperty(cases, async (each) => {
          const expected = model(each)
          expect(await real(each)).toEqual(expected)
          attempts += expected.calls.length
          const { answer } = expected as { readonly answer: E.Either<unknown, unknown> }
          const left =
            answer._tag === 'Left' ? (answer.left as { readonly reason?: { readonly _tag: string } }) : undefined
          const kind = answer._tag === 'Right' ? 'Right' : (left?.reason?._tag ?? 'Left')
          reached.set(kind, (reached.get(kind) ?? 0) + 1)
        }),
        // a script takes two attempts and more, on average
        { numRuns: Math.ceil(allSteps / 2), seed: firstSeed }
      )
      expect(attempts).toBeGreaterThan(allSteps)
      // the scripts really reach every end
      expect([...reached.keys()].sort()).toEqual([
        'Attempts',
        'Deadline',
        'Elapsed',
        'FailWhen',
        'Left',
        'Right',
        'Within'
      ])
    },
    patience
  )
})
