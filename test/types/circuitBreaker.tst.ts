import type { IO } from 'fp-ts/IO'
import type { IOEither } from 'fp-ts/IOEither'
import type { Option } from 'fp-ts/Option'
import * as O from 'fp-ts/Option'
import type { TaskEither } from 'fp-ts/TaskEither'
import { flow, pipe } from 'fp-ts/function'
import { Policy, type Problem, type Rejection, type Runner, Schedule, Trip } from 'resilience-ts'
import { describe, expect, test } from 'tstyche'
import {
  anything,
  type AppError,
  every,
  type HttpError,
  id,
  type Job,
  narrow,
  onApp,
  onHttp,
  onId,
  timed,
  wide
} from './fixtures'

type CircuitOpen = Rejection.CircuitOpen
type Broken = Policy.Policy<HttpError, Job, HttpError | CircuitOpen, Job>
type TimedBroken = Policy.Policy<HttpError, Job, HttpError | Rejection.TimedOut | CircuitOpen, Job>

const trip = Trip.consecutiveFailures(5)
const openFor = 30_000

declare const runner: Runner.Runner<HttpError, Job, HttpError | CircuitOpen, Job>
declare const control: Policy.CircuitBreakerControl
declare const asks: (error: HttpError) => Option<number>
declare const isPending: (job: Job) => boolean
declare const isAnythingBad: (value: unknown) => boolean

describe('circuitBreaker', () => {
  test('adds CircuitOpen', () => {
    expect(pipe(id(), Policy.circuitBreaker({ trip, openFor }))).type.toBe<Broken>()
    expect(pipe(timed, Policy.circuitBreaker({ trip, openFor }))).type.toBe<TimedBroken>()
  })

  test('adds nothing where it is there already', () => {
    expect(
      pipe(id(), Policy.circuitBreaker({ trip, openFor }), Policy.circuitBreaker({ trip, openFor }))
    ).type.toBe<Broken>()
    expect(pipe(Policy.id<AppError | CircuitOpen, Job>(), Policy.circuitBreaker({ trip, openFor }))).type.toBe<
      Policy.Policy<AppError | CircuitOpen, Job>
    >()
  })

  test('a wide annotation holds', () => {
    const policy: Policy.Policy<AppError | CircuitOpen, Job> = pipe(
      Policy.id<AppError | CircuitOpen, Job>(),
      Policy.circuitBreaker({ trip, openFor })
    )
    expect(policy).type.toBe<Policy.Policy<AppError | CircuitOpen, Job>>()
  })

  test('a fallback takes it out again', () => {
    expect(
      pipe(
        id(),
        Policy.circuitBreaker({ trip, openFor }),
        Policy.fallbackTag('CircuitOpen', ({ retryAfter }) => retryAfter)
      )
    ).type.toBe<Policy.Policy<HttpError, Job, HttpError, Job | number>>()
  })

  test('inline callbacks see the exact union', () => {
    expect(
      pipe(
        timed,
        Policy.circuitBreaker({
          trip,
          openFor,
          isFailure: (e) => {
            expect(e).type.toBe<HttpError | Rejection.TimedOut>()
            return true
          },
          ignore: (e) => {
            expect(e).type.toBe<HttpError | Rejection.TimedOut>()
            return false
          },
          retryAfter: (e) => {
            expect(e).type.toBe<HttpError | Rejection.TimedOut>()
            return O.none
          },
          isFailedValue: (a) => {
            expect(a).type.toBe<Job>()
            return false
          }
        })
      )
    ).type.toBe<TimedBroken>()
  })

  test('beside a schedule, too', () => {
    expect(
      pipe(
        timed,
        Policy.circuitBreaker({
          trip,
          openFor: pipe(Schedule.exponential(1000), Schedule.jittered),
          isFailure: (e) => {
            expect(e).type.toBe<HttpError | Rejection.TimedOut>()
            return e._tag === 'HttpError'
          }
        })
      )
    ).type.toBe<TimedBroken>()
  })

  test('named ones, as wide as may be, widen nothing', () => {
    expect(pipe(id(), Policy.circuitBreaker({ trip, openFor, isFailure: wide }))).type.toBe<Broken>()
    expect(pipe(id(), Policy.circuitBreaker({ trip, openFor, ignore: anything }))).type.toBe<Broken>()
    expect(
      pipe(id(), Policy.circuitBreaker({ trip, openFor, isFailure: narrow, retryAfter: asks }))
    ).type.toBe<Broken>()
    expect(pipe(timed, Policy.circuitBreaker({ trip, openFor, isFailedValue: isAnythingBad }))).type.toBe<TimedBroken>()
    expect(pipe(timed, Policy.circuitBreaker({ trip, openFor, isFailedValue: isPending }))).type.toBe<TimedBroken>()
  })

  test('one that is too narrow is an error', () => {
    expect(pipe).type.not.toBeCallableWith(timed, Policy.circuitBreaker({ trip, openFor, isFailure: narrow }))
    expect(pipe).type.not.toBeCallableWith(timed, Policy.circuitBreaker({ trip, openFor, retryAfter: asks }))
    expect(pipe).type.not.toBeCallableWith(
      Policy.id<HttpError, string>(),
      Policy.circuitBreaker({ trip, openFor, isFailedValue: isPending })
    )
  })

  test('a schedule of openings is fed the errors', () => {
    expect(pipe(id(), Policy.circuitBreaker({ trip, openFor: every }))).type.toBe<Broken>()
    expect(pipe(id(), Policy.circuitBreaker({ trip, openFor: onHttp }))).type.toBe<Broken>()
    expect(pipe(id(), Policy.circuitBreaker({ trip, openFor: onApp }))).type.toBe<Broken>()
    expect(pipe).type.not.toBeCallableWith(id(), Policy.circuitBreaker({ trip, openFor: onId }))
    expect(pipe).type.not.toBeCallableWith(timed, Policy.circuitBreaker({ trip, openFor: onHttp }))
  })

  test('stays generic in flow', () => {
    const both = flow(Policy.circuitBreaker({ trip, openFor }), Policy.retry(every, { retryRefused: true }))
    expect(both(id())).type.toBe<Broken>()
    const withWide = flow(Policy.circuitBreaker({ trip, openFor, ignore: anything }), Policy.timeout(5))
    expect(withWide(id())).type.toBe<Policy.Policy<HttpError, Job, HttpError | CircuitOpen | Rejection.TimedOut, Job>>()
  })

  test('its settings are what they say', () => {
    pipe(
      id(),
      Policy.circuitBreaker({
        trip: Trip.anyOf(
          Trip.countWindow(100, { failureRate: 0.5 }),
          Trip.timeWindow(1000, { slowRate: 0.5, slowAfter: 9 })
        ),
        openFor,
        maxOpenFor: Infinity,
        probes: 3,
        probeRate: 0.5,
        lease: 1000,
        halfOpenFor: 5000,
        ramp: { over: 1000, from: 0.1 },
        watchOnly: true,
        perKey: { most: 10, idle: 1000 },
        name: 'users'
      })
    )
    expect(Policy.circuitBreaker).type.not.toBeCallableWith({ trip })
    expect(Policy.circuitBreaker).type.not.toBeCallableWith({ openFor })
    expect(Policy.circuitBreaker).type.not.toBeCallableWith({ trip: 5, openFor })
    expect(Policy.circuitBreaker).type.not.toBeCallableWith({ trip, openFor: '30s' })
    expect(Policy.circuitBreaker).type.not.toBeCallableWith({ trip, openFor, ramp: 1000 })
    expect(Policy.circuitBreaker).type.not.toBeCallableWith({ trip, openFor, probe: 1 })
  })

  test('CircuitOpen is a rejection, and says when to come again', () => {
    expect<CircuitOpen>().type.toBeAssignableTo<Rejection.Rejection>()
    expect<CircuitOpen['reason']>().type.toBe<'open' | 'half-open' | 'ramp' | 'isolated'>()
    expect<keyof CircuitOpen>().type.toBe<'_tag' | 'reason' | 'retryAfter'>()
  })
})

describe('circuitBreakerControl', () => {
  test('takes any runner, and a name', () => {
    expect(Policy.circuitBreakerControl(runner)).type.toBe<Option<Policy.CircuitBreakerControl>>()
    expect(Policy.circuitBreakerControl(runner, 'circuitBreaker#2')).type.toBe<Option<Policy.CircuitBreakerControl>>()
    expect(Policy.circuitBreakerControl).type.not.toBeCallableWith({})
  })

  test('shows and steers', () => {
    expect(control.status).type.toBe<IO<Policy.CircuitStatus>>()
    expect(control.isolate).type.toBe<IO<IO<void>>>()
    expect(control.forceOpen(5)).type.toBe<IOEither<Problem.Problem, void>>()
    expect(control.snapshot).type.toBe<IO<Policy.CircuitSnapshot>>()
    expect(control.restore(control.snapshot())).type.toBe<IOEither<Problem.Problem, void>>()
    expect(control.until(({ state }) => state === 'closed', 1000)).type.toBe<
      TaskEither<Rejection.TimedOut | Rejection.Defect, Policy.CircuitStatus>
    >()
    expect(control.of('key')).type.toBe<Policy.CircuitControl>()
    expect(control.watch(({ from, to, reason }) => [from, to, reason])).type.toBe<IO<IO<void>>>()
  })
})

describe('Trip', () => {
  test('a rate is a rate', () => {
    expect(Trip.countWindow).type.not.toBeCallableWith(10, 0.5)
    expect(Trip.timeWindow).type.not.toBeCallableWith('10s', { failureRate: 0.5 })
    expect(Trip.anyOf(Trip.never, Trip.allOf())).type.toBe<Trip.Trip>()
  })
})
