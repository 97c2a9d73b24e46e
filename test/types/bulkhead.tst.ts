import type { IO } from 'fp-ts/IO'
import type { IOEither } from 'fp-ts/IOEither'
import type { Option } from 'fp-ts/Option'
import { flow, pipe } from 'fp-ts/function'
import { Policy, type Problem, type Rejection, type Runner, type Strategy } from 'resilience-ts'
import { describe, expect, test } from 'tstyche'
import { type AppError, every, type HttpError, id, type Job, timed } from './fixtures'

type BulkheadFull = Rejection.BulkheadFull
type Limited = Policy.Policy<HttpError, Job, HttpError | BulkheadFull, Job>

declare const runner: Runner.Runner<HttpError, Job, HttpError | BulkheadFull, Job>
declare const control: Policy.BulkheadControl

describe('bulkhead', () => {
  test('adds BulkheadFull', () => {
    expect(pipe(id(), Policy.bulkhead(10))).type.toBe<Limited>()
    expect(pipe(timed, Policy.bulkhead(10, { queue: 5, order: 'lifo', wait: 100, abandonAfter: 1 }))).type.toBe<
      Policy.Policy<HttpError, Job, HttpError | Rejection.TimedOut | BulkheadFull, Job>
    >()
  })

  test('adds nothing where it is there already', () => {
    expect(pipe(id(), Policy.bulkhead(10), Policy.bulkhead(1))).type.toBe<Limited>()
    expect(pipe(Policy.id<AppError | BulkheadFull, Job>(), Policy.bulkhead(10))).type.toBe<
      Policy.Policy<AppError | BulkheadFull, Job>
    >()
  })

  test('a fallback takes it out again', () => {
    expect(
      pipe(
        id(),
        Policy.bulkhead(10),
        Policy.fallbackTag('BulkheadFull', ({ queued }) => queued)
      )
    ).type.toBe<Policy.Policy<HttpError, Job, HttpError, Job | number>>()
  })

  test('stays generic in flow', () => {
    const both = flow(Policy.bulkhead(10), Policy.retry(every, { retryRefused: true }))
    expect(both(id())).type.toBe<Limited>()
  })

  test('its order is a word, or a function of the call', () => {
    pipe(
      id(),
      Policy.bulkhead(1, { order: ({ key, attributes }) => (key === undefined ? 0 : Number(attributes['n'])) })
    )
    expect(Policy.bulkhead).type.not.toBeCallableWith(1, { order: 'random' })
    expect(Policy.bulkhead).type.not.toBeCallableWith(1, { order: () => 'high' })
    expect(Policy.bulkhead).type.not.toBeCallableWith(1, { queue: '5' })
    expect(Policy.bulkhead).type.not.toBeCallableWith()
  })

  test('BulkheadFull is a rejection, and has no retryAfter', () => {
    expect<BulkheadFull>().type.toBeAssignableTo<Rejection.Rejection>()
    expect<keyof BulkheadFull>().type.toBe<'_tag' | 'reason' | 'permits' | 'active' | 'hanging' | 'queued'>()
  })
})

describe('bulkheadControl', () => {
  test('takes any runner, and a name', () => {
    expect(Policy.bulkheadControl(runner)).type.toBe<Option<Policy.BulkheadControl>>()
    expect(Policy.bulkheadControl(runner, 'bulkhead#2')).type.toBe<Option<Policy.BulkheadControl>>()
    expect(Policy.bulkheadControl).type.not.toBeCallableWith({})
    expect<typeof runner>().type.toBeAssignableTo<Strategy.Steerable>()
  })

  test('shows and steers', () => {
    expect(control.status).type.toBe<IO<Policy.BulkheadStatus>>()
    expect(control.resize(3)).type.toBe<IOEither<Problem.Problem, void>>()
    expect(control.abandon).type.toBe<IO<number>>()
  })
})
