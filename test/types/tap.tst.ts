import * as T from 'fp-ts/Task'
import * as TE from 'fp-ts/TaskEither'
import { flow, pipe } from 'fp-ts/function'
import { Policy, type Rejection, Strategy } from 'resilience-ts'
import { describe, expect, test } from 'tstyche'
import { type AppError, every, type HttpError, id, type Job, timed } from './fixtures'

const nothing = T.of(undefined)
declare const text: string

describe('tap, tapError and before', () => {
  test('change neither errors nor results', () => {
    expect(
      pipe(
        timed,
        Policy.before(() => nothing)
      )
    ).type.toBe<typeof timed>()
    expect(
      pipe(
        timed,
        Policy.tap(() => nothing)
      )
    ).type.toBe<typeof timed>()
    expect(
      pipe(
        timed,
        Policy.tapError(() => nothing)
      )
    ).type.toBe<typeof timed>()
  })

  test('inline see what the policy ends in', () => {
    pipe(
      timed,
      Policy.before((attempt) => {
        expect(attempt).type.toBe<Strategy.Attempt>()
        return nothing
      }),
      Policy.tap((job, attempt) => {
        expect(job).type.toBe<Job>()
        expect(attempt).type.toBe<Strategy.Attempt>()
        return nothing
      }),
      Policy.tapError((e) => {
        expect(e).type.toBe<HttpError | Rejection.TimedOut>()
        return nothing
      }),
      Policy.retry(every)
    )
  })

  test('by name and wide do not widen the policy, and too narrow do not fit', () => {
    expect(
      pipe(
        timed,
        Policy.tapError((_: AppError) => nothing)
      )
    ).type.toBe<typeof timed>()
    expect(
      pipe(
        timed,
        Policy.tap((_: unknown) => nothing)
      )
    ).type.toBe<typeof timed>()
    expect(pipe).type.not.toBeCallableWith(
      timed,
      Policy.tapError((_: HttpError) => nothing)
    )
    expect(pipe).type.not.toBeCallableWith(
      id(),
      Policy.tap((_: string) => nothing)
    )
  })

  test('take tasks that give nothing: what may fail is no hook', () => {
    expect(Policy.tap).type.not.toBeCallableWith(() => TE.left('x'))
    expect(Policy.tap).type.not.toBeCallableWith(() => undefined)
  })

  test('stay generic in a flow', () => {
    const hooked = flow(
      Policy.before(() => nothing),
      Policy.timeout(1)
    )
    expect(pipe(id(), hooked)).type.toBe<Policy.Policy<HttpError, Job, HttpError | Rejection.TimedOut, Job>>()
  })
})

describe('disabled', () => {
  test('keeps the types', () => {
    expect(Policy.disabled(timed)).type.toBe<typeof timed>()
    expect(
      pipe(
        timed,
        Policy.fallbackTag('TimedOut', () => 1),
        Policy.disabled
      )
    ).type.toBe<Policy.Policy<HttpError, Job, HttpError, Job | number>>()
  })
})

describe('override', () => {
  test('keeps the types', () => {
    expect(pipe(timed, Policy.override('timeout', { ms: 1 }))).type.toBe<typeof timed>()
    expect(pipe(timed, Policy.override('retry#2', { schedule: every }))).type.toBe<typeof timed>()
  })

  test('takes the settings of the layer of that name', () => {
    expect(Policy.override).type.toBeCallableWith('timeout', { ms: 1 })
    expect(Policy.override).type.toBeCallableWith('retry', { while: undefined, retryRefused: true })
    expect(Policy.override).type.not.toBeCallableWith('timeout', { ms: '1' })
    expect(Policy.override).type.not.toBeCallableWith('timeout', { sm: 1 })
    expect(Policy.override).type.not.toBeCallableWith('retry#2', { ms: 1 })
    expect(Policy.override).type.not.toBeCallableWith('poll', { until: () => true })
  })

  test('callbacks are told of something unknown, as nothing is known of what stands inside', () => {
    Policy.override('retry', {
      while: (e) => {
        expect(e).type.toBe<unknown>()
        return true
      }
    })
    expect(Policy.override).type.not.toBeCallableWith('retry', { while: (e: HttpError) => e.status > 1 })
  })

  test('what the types rest on cannot be given to a layer that goes by a name of the library’s', () => {
    expect(Policy.override).type.not.toBeCallableWith('map', { right: () => 'no number' })
    expect(Policy.override).type.not.toBeCallableWith('mapLeft#2', { left: () => 1 })
    expect(Policy.override).type.not.toBeCallableWith('bimap', { left: () => 1 })
    expect(Policy.override).type.not.toBeCallableWith('ensure', { holds: () => true })
    expect(Policy.override).type.not.toBeCallableWith('ensureWith', { validate: () => TE.right(1) })
    expect(Policy.override).type.not.toBeCallableWith('poll', { invalid: 'fail' })
    expect(Policy.override).type.not.toBeCallableWith('pollWith#2', { until: () => TE.right(1) })
    expect(Policy.override).type.not.toBeCallableWith('retryOrElse', { orElse: () => TE.right(1) })
    expect(Policy.override).type.not.toBeCallableWith('fallback', { f: () => 1 })
    expect(Policy.override).type.not.toBeCallableWith('fallbackTo', { value: 1 })
    expect(Policy.override).type.not.toBeCallableWith('fallbackWith', { f: () => TE.right(1) })
    expect(Policy.override).type.not.toBeCallableWith('fallbackIf', { picks: () => true })
    expect(Policy.override).type.not.toBeCallableWith('fallbackIfWith', { picks: () => true })
    expect(Policy.override).type.not.toBeCallableWith('fallbackTag', { tag: 'TimedOut' })
    expect(Policy.override).type.not.toBeCallableWith('fallbackTagWith#3', { tag: 'TimedOut' })
  })

  test('of a layer by a name that is not known here takes anything', () => {
    expect(Policy.override).type.toBeCallableWith(text, { ms: 1, until: () => true })
  })

  test('of a strategy of the user takes anything', () => {
    expect(Policy.override).type.toBeCallableWith('own', { whatever: 1 })
  })
})
