import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import { Policy, Runner, Schedule, Trip } from 'resilience-ts'
import { fails, script, virtual } from 'resilience-ts/testing'
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
