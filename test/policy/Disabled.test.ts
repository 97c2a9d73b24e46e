import * as E from 'fp-ts/Either'
import * as O from 'fp-ts/Option'
import * as T from 'fp-ts/Task'
import * as TE from 'fp-ts/TaskEither'
import { pipe } from 'fp-ts/function'
import * as t from 'io-ts'
import { Flag, Policy, Runner, Rule, Schedule, type Strategy } from 'resilience-ts'
import { fails, script, succeeds, virtual } from 'resilience-ts/testing'
import { nothingLeft, raise } from '../support'

const id = Policy.id<string, number>()
const forever = Schedule.constant(100)

const run = async <E2, A2>(
  policy: Policy.Policy<string, number, E2, A2>,
  ...lines: Array<ReturnType<typeof fails<string>>>
) => {
  const time = virtual()
  const operation = script<string, number>(time, lines[0] ?? succeeds(42, 1000), ...lines.slice(1))
  const answer = await time.run(Runner.make(Policy.disabled(policy))(time.runtime)().run(operation.task))
  expect(await time.settle()).toEqual(nothingLeft)
  return { answer, calls: operation.calls.length }
}

describe('Policy.disabled', () => {
  it('calls the operation once, with no hook, limit or retry', async () => {
    const hook = jest.fn(() => T.of(undefined))
    const policy = pipe(
      id,
      Policy.before(hook),
      Policy.tap(hook),
      Policy.tapError(hook),
      Policy.timeout(100),
      Policy.retry(forever, { beforeRetry: hook, decide: () => raise('asked') }),
      Policy.bulkhead(0),
      Policy.deadline(10)
    )
    expect(Policy.names(Policy.disabled(policy))).toEqual([])
    expect(await run(policy)).toEqual({ answer: E.right(42), calls: 1 })
    expect(await run(policy, fails('x'))).toEqual({ answer: E.left('x'), calls: 1 })
    expect(hook).not.toHaveBeenCalled()
  })

  it('keeps what the types are made of', async () => {
    const policy = pipe(
      id,
      Policy.retry(forever),
      Policy.map((n) => `n = ${n}`),
      Policy.timeout(1),
      Policy.ensure(t.string),
      Policy.fallbackTag('DecodeFailed', () => 'never'),
      Policy.mapLeft((e) => (typeof e === 'string' ? e.length : 0))
    )
    const exact: Policy.Policy<string, number, number, string> = Policy.disabled(policy)
    expect(Policy.names(exact)).toEqual(['map', 'ensure', 'fallbackTag', 'mapLeft'])
    expect(await run(policy)).toEqual({ answer: E.right('n = 42'), calls: 1 })
    expect(await run(policy, fails('four'))).toEqual({ answer: E.left(4), calls: 1 })
  })

  it('retryOrElse makes one attempt, and then its operation answers, as the types say', async () => {
    const policy = pipe(
      id,
      Policy.retryOrElse(forever, ({ attempts, reason }) => TE.left([attempts, reason._tag] as const), {
        while: () => raise('asked'),
        keepErrors: 3,
        stopOn: Flag.make()
      })
    )
    expect(await run(policy, fails('x'))).toEqual({ answer: E.left([1, 'Never']), calls: 1 })
  })

  it('poll asks once', async () => {
    const policy = pipe(
      id,
      Policy.poll(forever, { until: (n) => n > 42, waitOut: () => true, beforePoll: () => raise('asked') })
    )
    expect(await run(policy)).toMatchObject({
      answer: E.left({ _tag: 'PollExhausted', value: O.some(42), attempts: 1, reason: { _tag: 'Never' } }),
      calls: 1
    })
    expect(await run(policy, fails('x'))).toEqual({ answer: E.left('x'), calls: 1 })
    const strict = pipe(
      Policy.id<string, number>(),
      Policy.pollWith(forever, { until: (n) => TE.left(`no ${n}`), invalid: 'fail' })
    )
    expect(await run(strict)).toEqual({ answer: E.left('no 42'), calls: 1 })
  })

  it('leaves a strategy of the user as it is, unless it says what is left of it', async () => {
    const own = (disabled: Pick<Strategy.Strategy<{ readonly n: number }>, 'disabled'>) =>
      Policy.around<string, number, { readonly n: number }>(
        {
          name: 'own',
          rules: { n: Rule.count },
          show: ({ n }) => [String(n)],
          compile: (_s, _v, inner) => inner,
          ...disabled
        },
        { n: 1 }
      )(id)
    expect(Policy.show(Policy.disabled(own({})))).toBe('own(1)\n└─ operation')
    expect(Policy.show(Policy.disabled(own({ disabled: ({ n }) => ({ n: n + 1 }) })))).toBe('own(2)\n└─ operation')
    expect(Policy.show(Policy.disabled(own({ disabled: () => undefined })))).toBe('operation')
  })

  it('switched off twice is switched off, and the policy itself is as it was', () => {
    const policy = pipe(id, Policy.timeout(100), Policy.map(String))
    const off = Policy.disabled(policy)
    expect(Policy.show(Policy.disabled(off))).toBe(Policy.show(off))
    expect(Policy.names(policy)).toEqual(['timeout', 'map'])
  })

  it('keeps a strategy of the user whose `disabled` throws, and validate says so', () => {
    const own: Strategy.Strategy<{ readonly n: number }> = {
      name: 'own',
      rules: { n: Rule.count },
      show: ({ n }) => [String(n)],
      compile: (_settings, _services, inner) => inner,
      disabled: () => raise('no')
    }
    const policy = Policy.disabled(Policy.around<string, number, { readonly n: number }>(own, { n: 1 })(id))
    expect(Policy.show(policy)).toBe('own(1)\n└─ operation')
    expect(Policy.validate(policy)).toEqual([
      { path: 'own.disabled', value: 'no', allowed: 'what is left of the settings, or nothing' }
    ])
  })
})
