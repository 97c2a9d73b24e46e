import * as E from 'fp-ts/Either'
import * as TE from 'fp-ts/TaskEither'
import { pipe } from 'fp-ts/function'
import { Policy, Rule, Runner, Schedule, Strategy, Trip } from 'resilience-ts'
import { fails, script, succeeds, virtual } from 'resilience-ts/testing'
import { raise } from '../support'

const isBusy = (e: unknown) => e === 'busy'
const policy = pipe(
  Policy.id<string, number>(),
  Policy.timeout(1000, { grace: 5 }),
  Policy.retry(pipe(Schedule.constant(100), Schedule.take(3)), { while: isBusy }),
  Policy.retry(Schedule.stop),
  Policy.bulkhead(3, { queue: 2 }),
  Policy.deadline(9000)
)

describe('Policy.override', () => {
  it('sets one setting anew, and leaves all else', () => {
    expect(Policy.show(pipe(policy, Policy.override('timeout', { ms: 50 })))).toBe(
      Policy.show(policy).replace('timeout(1s', 'timeout(50ms')
    )
    expect(Policy.show(pipe(policy, Policy.override('bulkhead', { permits: 7 })))).toBe(
      Policy.show(policy).replace('bulkhead(3', 'bulkhead(7')
    )
    expect(Policy.show(policy)).toContain('timeout(1s')
  })

  it('knows the settings of a circuit breaker', () => {
    const guarded = pipe(policy, Policy.circuitBreaker({ trip: Trip.consecutiveFailures(5), openFor: 1000 }))
    const other = pipe(guarded, Policy.override('circuitBreaker', { openFor: 500, trip: Trip.failuresWithin(3, 1000) }))
    expect(Policy.show(other)).toContain('circuitBreaker(failuresWithin(3, 1s), openFor: 500ms)')
    expect(Policy.validate(pipe(guarded, Policy.override('circuitBreaker', { openFor: 0 })))).toMatchObject([
      { path: 'circuitBreaker.openFor', value: 0 }
    ])
  })

  it('takes the layer by its name, the second one too', () => {
    const other = pipe(policy, Policy.override('retry#2', { schedule: Schedule.constant(7) }))
    expect(Policy.show(other)).toBe(Policy.show(policy).replace('retry(stop)', 'retry(constant(7ms))'))
  })

  it('takes a setting out that is given as undefined', () => {
    expect(Policy.show(pipe(policy, Policy.override('retry', { while: undefined })))).toBe(
      Policy.show(policy).replace(', while: isBusy', '')
    )
  })

  it('is heeded when it runs', async () => {
    const time = virtual()
    const operation = script<string, number>(time, fails('gone'))
    const eager = pipe(policy, Policy.override('retry', { while: () => true, schedule: Schedule.delays([5, 5]) }))
    await time.run(Runner.make(eager)(time.runtime)().run(operation.task))
    expect(operation.calls.map(({ at }) => at)).toEqual([0, 5, 10])
  })

  it('reads what it is given once', () => {
    const settings = { ms: 50 }
    const other = pipe(policy, Policy.override('timeout', settings))
    settings.ms = 1
    expect(Policy.show(other)).toContain('timeout(50ms')
  })

  it('lists what cannot be, all at once', async () => {
    const wrong = pipe(
      policy,
      Policy.override('timeout', { ms: -1 }),
      Policy.override('retry', { wihle: isBusy, schedule: Schedule.constant(NaN) } as never),
      Policy.override('retry#3', { schedule: Schedule.stop })
    )
    const problems = [
      {
        path: 'override.layer',
        value: 'retry#3',
        allowed: 'one of timeout, retry, retry#2, bulkhead, deadline'
      },
      { path: 'retry.schedule.constant.delay', value: NaN, allowed: 'finite milliseconds, >= 0' },
      {
        path: 'retry.wihle',
        value: isBusy,
        allowed: expect.stringMatching(/^a setting of retry: .*while.*schedule/) as string
      },
      { path: 'timeout.ms', value: -1, allowed: 'milliseconds, > 0, or Infinity' }
    ]
    expect(Policy.validate(wrong)).toEqual(problems)
    const time = virtual()
    const operation = script<string, number>(time, fails('x'))
    expect(await time.run(Runner.make(wrong)(time.runtime)().run(operation.task))).toMatchObject(
      E.left({ _tag: 'Defect', kind: 'Invalid' })
    )
    expect(operation.calls).toEqual([])
  })

  it('says so where there is no layer at all, and survives a getter that throws', () => {
    expect(Policy.validate(pipe(Policy.id<string, number>(), Policy.override('timeout', { ms: 1 })))).toEqual([
      { path: 'override.layer', value: 'timeout', allowed: 'nothing: the policy has no layers' }
    ])
    const broken = {
      get ms(): number {
        return raise('no')
      }
    }
    expect(Policy.validate(pipe(policy, Policy.override('timeout', broken)))).toMatchObject([{ path: 'timeout.ms' }])
  })

  it('of a layer that was overridden in vain before keeps that on record', () => {
    const twice = pipe(
      policy,
      Policy.override('timeout', { a: 1 } as never),
      Policy.override('timeout', { b: 2 } as never)
    )
    expect(Policy.validate(twice).map(({ path }) => path)).toEqual(['timeout.a', 'timeout.b'])
  })
})

describe('Policy.override of what the types rest on', () => {
  const id = Policy.id<{ readonly _tag: 'Busy' }, number>()
  const isBusy = (e: unknown): e is { readonly _tag: 'Busy' } => e !== undefined
  const zero = () => 0
  const toZero = () => TE.right(0)
  type Any = Policy.Policy<{ readonly _tag: 'Busy' }, number, unknown, unknown>
  const fixed: ReadonlyArray<readonly [layer: string, settings: ReadonlyArray<string>, policy: Any]> = [
    ['map', ['left', 'right'], pipe(id, Policy.map(zero))],
    ['mapLeft', ['left', 'right'], pipe(id, Policy.mapLeft(zero))],
    ['bimap', ['left', 'right'], pipe(id, Policy.bimap(zero, zero))],
    ['ensure', ['holds'], pipe(id, Policy.ensure(Number.isFinite))],
    ['ensureWith', ['validate'], pipe(id, Policy.ensureWith(toZero))],
    ['poll', ['until', 'invalid'], pipe(id, Policy.poll(Schedule.stop, { until: Number.isFinite }))],
    ['pollWith', ['until', 'invalid'], pipe(id, Policy.pollWith(Schedule.stop, { until: toZero }))],
    ['retryOrElse', ['orElse'], pipe(id, Policy.retryOrElse(Schedule.stop, toZero))],
    ['fallback', ['f', 'picks', 'tag'], pipe(id, Policy.fallback(zero))],
    ['fallbackTo', ['value'], pipe(id, Policy.fallbackTo(0))],
    ['fallbackWith', ['f', 'picks', 'tag'], pipe(id, Policy.fallbackWith(toZero))],
    ['fallbackIf', ['f', 'picks', 'tag'], pipe(id, Policy.fallbackIf(isBusy, zero))],
    ['fallbackIfWith', ['f', 'picks', 'tag'], pipe(id, Policy.fallbackIfWith(isBusy, toZero))],
    ['fallbackTag', ['f', 'picks', 'tag'], pipe(id, Policy.fallbackTag('Busy', zero))],
    ['fallbackTagWith', ['f', 'picks', 'tag'], pipe(id, Policy.fallbackTagWith('Busy', toZero))]
  ]

  it.each(fixed)('%s is found by validate, and leaves the setting as it was', (layer, settings, policy) => {
    expect(Policy.validate(policy)).toEqual([])
    for (const name of settings)
      for (const value of ['fail', undefined]) {
        const other = pipe(policy, Policy.override<string>(layer, { [name]: value }))
        expect(Policy.validate(other)).toEqual([
          { path: `${layer}.${name}`, value, allowed: 'nothing new: the types of the policy rest on it' }
        ])
        expect(Policy.show(other)).toBe(Policy.show(policy))
      }
  })

  it('answers a call with a Defect, and never calls the operation', async () => {
    const time = virtual()
    const operation = script<{ readonly _tag: 'Busy' }, number>(time, succeeds(1))
    const other = pipe(id, Policy.map(String), Policy.override<string>('map', { right: () => 7 }))
    const answer = await time.run(Runner.make(other)(time.runtime)().run(operation.task))
    expect(answer).toMatchObject(E.left({ _tag: 'Defect', kind: 'Invalid', problems: [{ path: 'map.right' }] }))
    expect(operation.calls).toEqual([])
  })

  it('leaves the other settings of such a layer free, and says which they are', () => {
    const polling = pipe(id, Policy.poll(Schedule.stop, { until: Number.isFinite }))
    const patient = pipe(polling, Policy.override('poll', { schedule: Schedule.constant(5), waitOutRefused: true }))
    expect(Policy.validate(patient)).toEqual([])
    expect(Policy.show(patient)).toContain('poll(constant(5ms), until: isFinite, waitOutRefused: true)')
    const wrong = pipe(polling, Policy.override('poll', { utnil: zero } as never))
    expect(Policy.validate(wrong)).toMatchObject([
      {
        path: 'poll.utnil',
        allowed: expect.stringMatching(/^a setting of poll: (?!.*until)(?!.*invalid).*schedule/) as string
      }
    ])
    const none = pipe(id, Policy.map(zero), Policy.override<string>('map', { wrong: zero }))
    expect(Policy.validate(none)).toEqual([
      { path: 'map.wrong', value: zero, allowed: 'nothing: map has no setting to override' }
    ])
  })

  it('goes for a strategy of your own that says so', () => {
    interface Settings {
      readonly to: unknown
      readonly after: number
    }
    const own: Strategy.Strategy<Settings> = {
      name: 'own',
      rules: { to: Rule.anything, after: Rule.delay },
      fixed: ['to'],
      show: ({ to, after }) => [String(to), String(after)],
      compile: (_settings, _services, inner) => inner
    }
    const policy = pipe(id, Policy.around<never, string, Settings>(own, { to: 'x', after: 1 }))
    const other = pipe(policy, Policy.override('own', { to: 5, after: 2 }))
    expect(Policy.show(other)).toBe('own(x, 2)\n└─ operation')
    expect(Policy.validate(other)).toEqual([
      { path: 'own.to', value: 5, allowed: 'nothing new: the types of the policy rest on it' }
    ])
  })

  it.each([null, undefined, 5, 'x', true, () => 1])('finds %p in place of the settings', (settings) => {
    const policy = pipe(Policy.id<string, number>(), Policy.timeout(5), Policy.override('timeout', settings as never))
    expect(Policy.validate(policy)).toEqual([{ path: 'timeout', value: settings, allowed: 'a record of settings' }])
    expect(Policy.show(policy)).toBe('timeout(5ms)\n└─ operation')
  })

  it('finds settings that throw when they are looked at', () => {
    const hostile = new Proxy({}, { ownKeys: () => raise('no') })
    const policy = pipe(Policy.id<string, number>(), Policy.timeout(5), Policy.override('timeout', hostile))
    expect(Policy.validate(policy)).toMatchObject([{ path: 'timeout', allowed: 'a record of settings' }])
  })
})
