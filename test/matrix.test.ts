import { readFileSync } from 'fs'
import { join } from 'path'
import { Policy, Runner, Schedule, Strategy, Trip } from 'resilience-ts'
import { fails, hangs, heeding, rejects, script, succeeds, throws, virtual } from 'resilience-ts/testing'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as O from 'fp-ts/Option'
import * as TE from 'fp-ts/TaskEither'
import { type AnyPolicy, idle, type Lines, nothingLeft, play, tags } from './play'

// docs/matrix.md says who sees what, and names the test of each cell: M-<row>-<column>

const named = new Set<string>()
const cell = (id: string, says: string, test: () => Promise<void>): void => {
  named.add(id)
  it(`${id} matrix: ${says}`, test)
}

const id = Policy.id<unknown, unknown>()
type P = typeof id
const three = pipe(Schedule.constant(10), Schedule.take(2))
const timedOut = { _tag: 'TimedOut', timeout: 100 }
const exceeded = { _tag: 'DeadlineExceeded', deadline: 100 }
const byCaller = E.left({ _tag: 'Aborted', by: 'caller', reason: 'gone' })
const rateLimited = { _tag: 'RateLimited', retryAfter: 500 }
const fallback = Policy.fallback<unknown, unknown>((error) => ({ recovered: error }))
const recovered = (error: unknown): unknown => E.right({ recovered: error })
/** A fallback of the user's that must not be used. */
const forbidden = (policy: typeof id): AnyPolicy =>
  pipe(
    policy,
    Policy.fallbackWith(() => TE.right('forbidden')),
    Policy.fallback(() => 'forbidden')
  )

const bulkhead = Policy.bulkhead(2, { queue: 9 }) as (policy: P) => P

interface Holding {
  /** When permits were given back, to the ms. */
  readonly freed: ReadonlyArray<number>
  /** When all has settled that ever will. */
  readonly status: Policy.BulkheadStatus
  readonly control: Policy.BulkheadControl
}

/** Runs a call through a policy with a bulkhead, and watches its permits. */
const holding = async (policy: AnyPolicy, lines: Lines, options: Runner.RunOptions = {}): Promise<Holding> => {
  const time = virtual()
  const runner = Runner.make(policy)(time.runtime)()
  const found = Policy.bulkheadControl(runner)
  if (O.isNone(found)) throw new Error('there is no bulkhead')
  const control = found.value
  void time.start(runner.runWith(script(time, ...lines).operation as never, options))
  const freed: Array<number> = []
  let { active } = control.status()
  while (time.now() < 600) {
    await time.advance(1)
    const now = control.status().active
    if (now < active) freed.push(time.now())
    active = now
  }
  return { freed, status: control.status(), control }
}
const free = { active: 0, hanging: 0, abandoned: 0, queued: 0 }

const breaker = Policy.circuitBreaker({ trip: Trip.consecutiveFailures(1), openFor: 1000 }) as (policy: P) => P

const breakerOf = (runner: Strategy.Steerable, name?: string): Policy.CircuitBreakerControl => {
  const found = Policy.circuitBreakerControl(runner, name)
  if (O.isNone(found)) throw new Error('there is no breaker')
  return found.value
}

interface Evidence {
  /** What a probe said by how it ended; `held` is one that has not given back its place. */
  readonly said: 'success' | 'failure' | 'nothing' | 'held'
  readonly answer: unknown
}

/** Runs a call as the one probe of a half-open breaker: what becomes of that is what the call said. */
const evidence = async (
  policy: AnyPolicy,
  lines: Lines,
  { abortAt, layer, ...options }: Runner.RunOptions & { readonly abortAt?: number; readonly layer?: string } = {}
): Promise<Evidence> => {
  const time = virtual()
  const runner = Runner.make(policy)(time.runtime)()
  const control = breakerOf(runner, layer)
  control.forceOpen(1)()
  await time.advance(1)
  const caller = time.signal()
  if (abortAt !== undefined) {
    time.after(abortAt, () => {
      caller.abort('gone')
    })
  }
  const signal = abortAt === undefined ? {} : { signal: caller.signal }
  const operation = script(time, ...lines).operation as never
  const answer = time.start(runner.runWith(operation, { ...options, ...signal }))
  await time.advance(600)
  const { state, probes } = control.status()
  const said = {
    closed: 'success',
    open: 'failure',
    isolated: 'held',
    disabled: 'held',
    'half-open': undefined
  } as const
  return { said: said[state] ?? (probes.running === 0 ? 'nothing' : 'held'), answer: await answer }
}

/** Runs a call through a policy in which an inner layer really refuses it, as it is prepared. */
const refusing = async (
  policy: P,
  prepare: (runner: Runner.Runner<unknown, unknown, unknown, unknown>, time: ReturnType<typeof virtual>) => void
) => {
  const time = virtual()
  const runner = Runner.make(policy)(time.runtime)()
  prepare(runner, time)
  const operation = script(time, succeeds('let in', 5))
  const answer = await time.run(runner.run(operation.task))
  const calls = operation.calls.map(({ at }) => at)
  return { answer, calls, log: time.log }
}

/** Layers that refuse a call for the first 500 ms, and with what. */
const refusers = {
  CircuitOpen: {
    layer: breaker,
    refusal: { _tag: 'CircuitOpen', reason: 'open', retryAfter: 500 },
    // a breaker says when it will be worth another try
    calls: [500],
    prepare: (runner: Strategy.Steerable) => {
      breakerOf(runner).forceOpen(500)()
    }
  },
  BulkheadFull: {
    layer: Policy.bulkhead(1) as (policy: P) => P,
    refusal: { _tag: 'BulkheadFull', reason: 'queue', permits: 1, active: 1, hanging: 0, queued: 0 },
    // a bulkhead does not know, and so it goes by the schedule
    calls: [600],
    prepare: (runner: Runner.Runner<unknown, unknown, unknown, unknown>, time: ReturnType<typeof virtual>) => {
      void time.start(runner.run(script(time, succeeds('first', 500)).task))
    }
  }
}

/** Wakes somebody, once. */
class Bell extends Strategy.Sleeper {
  constructor(
    readonly context: Strategy.Context,
    private readonly ring: () => void
  ) {
    super()
  }
  override wake(): void {
    this.ring()
  }
}

/** What a hedge will do: after 50 ms another attempt has won, and what is inside is called off as the loser. */
const hedge = Policy.around<unknown, unknown, object>(
  {
    name: 'hedge',
    rules: {},
    show: () => [],
    compile: (_settings, { waiting }, inner) => ({
      open: (context, up) => {
        const won = E.right('won')
        let over = false
        const loser = inner.open(context, {
          done: (exit, settled) => {
            waiting.cancel(bell)
            up.done(over ? won : exit, settled)
          },
          settled: () => {
            up.settled()
          }
        })
        const bell = new Bell(context, () => {
          over = true
          loser.abort({ _tag: 'Aborted', by: 'hedge', reason: undefined })
        })
        return {
          start: () => {
            waiting.sleep(50, bell)
            loser.start()
          },
          abort: (cause) => {
            loser.abort(cause)
          }
        }
      }
    })
  },
  {}
) as (policy: typeof id) => typeof id

const clean = { leaks: nothingLeft, status: idle }

describe('who sees what', () => {
  describe('success', () => {
    cell('M-1-retry', 'success × retry: ends', async () => {
      const asked: Array<unknown> = []
      const policy = pipe(id, Policy.retry(three, { while: (e) => asked.push(e) > 0 }))
      expect(await play(policy, [succeeds(1, 5)])).toMatchObject({ answer: E.right(1), calls: [0], ...clean })
      expect(asked).toEqual([])
    })
    cell('M-1-breaker', 'success × breaker: success (or slow)', async () => {
      expect(await evidence(breaker(id), [succeeds(1, 5)])).toEqual({ said: 'success', answer: E.right(1) })
      const slow = Policy.circuitBreaker({
        trip: Trip.countWindow(1, { slowRate: 1, slowAfter: 100 }),
        openFor: 1000
      }) as typeof breaker
      expect(await evidence(slow(id), [succeeds(1, 99)])).toEqual({ said: 'success', answer: E.right(1) })
      expect(await evidence(slow(id), [succeeds(1, 100)])).toEqual({ said: 'failure', answer: E.right(1) })
      const value = Policy.circuitBreaker({
        trip: Trip.consecutiveFailures(1),
        openFor: 1000,
        isFailedValue: (a: unknown) => a === 'bad'
      }) as typeof breaker
      expect((await evidence(value(id), [succeeds('bad', 5)])).said).toBe('failure')
      expect((await evidence(value(id), [succeeds('good', 5)])).said).toBe('success')
    })
    cell('M-1-fallback', 'success × fallback: passes', async () => {
      expect(await play(forbidden(id), [succeeds(1, 5)])).toMatchObject({ answer: E.right(1), calls: [0], ...clean })
    })
    cell('M-1-permit', 'success × bulkhead and limiter: frees', async () => {
      expect(await holding(bulkhead(id), [succeeds(1, 5)])).toMatchObject({ freed: [5], status: free })
    })
  })

  describe('failure E', () => {
    cell('M-2-retry', 'failure E × retry: by predicate', async () => {
      const error = { _tag: 'Busy' }
      const no = pipe(id, Policy.retry(three, { while: () => false }))
      expect(await play(no, [fails(error, 5)])).toMatchObject({ answer: E.left(error), calls: [0], ...clean })
      const yes = pipe(id, Policy.retry(three, { while: (e) => e === error }))
      expect(await play(yes, [fails(error, 5)])).toMatchObject({ answer: E.left(error), calls: [0, 15, 30], ...clean })
      const until = pipe(id, Policy.retry(three, { until: (e) => e === error }))
      expect(await play(until, [fails(error, 5)])).toMatchObject({ answer: E.left(error), calls: [0] })
    })
    cell('M-2-breaker', 'failure E × breaker: failure by predicate', async () => {
      expect(await evidence(breaker(id), [fails('busy', 5)])).toEqual({ said: 'failure', answer: E.left('busy') })
      const some = Policy.circuitBreaker({
        trip: Trip.consecutiveFailures(1),
        openFor: 1000,
        isFailure: (e: unknown) => e !== 'not found',
        ignore: (e: unknown) => e === 'bad request'
      }) as typeof breaker
      expect((await evidence(some(id), [fails('busy', 5)])).said).toBe('failure')
      expect((await evidence(some(id), [fails('not found', 5)])).said).toBe('success')
      expect((await evidence(some(id), [fails('bad request', 5)])).said).toBe('nothing')
    })
    cell('M-2-fallback', 'failure E × fallback: recovers', async () => {
      expect(await play(fallback(id), [fails('busy', 5)])).toMatchObject({ answer: recovered('busy'), ...clean })
    })
    cell('M-2-permit', 'failure E × bulkhead and limiter: frees', async () => {
      const policy = pipe(id, bulkhead, Policy.retry(three))
      expect(await holding(policy, [fails('busy', 5)])).toMatchObject({ freed: [5, 20, 35], status: free })
    })
  })

  describe('TimedOut of an attempt', () => {
    const attempt = pipe(id, Policy.timeout(100))
    cell('M-3-retry', 'TimedOut of an attempt × retry: by predicate (yes)', async () => {
      const yes = await play(pipe(attempt, Policy.retry(three)), [succeeds(1, 150), succeeds(2, 50)])
      expect(yes).toMatchObject({ answer: E.right(2), calls: [0, 110], ...clean })
      const no = pipe(attempt, Policy.retry(three, { until: (e) => (e as { _tag: string })._tag === 'TimedOut' }))
      expect(await play(no, [succeeds(1, 150)])).toMatchObject({ answer: E.left(timedOut), calls: [0] })
    })
    cell('M-3-breaker', 'TimedOut of an attempt × breaker: failure', async () => {
      expect(await evidence(breaker(attempt), [succeeds(1, 150)])).toEqual({
        said: 'failure',
        answer: E.left(timedOut)
      })
      // whatever the predicate says of errors
      const picky = Policy.circuitBreaker({
        trip: Trip.consecutiveFailures(1),
        openFor: 1000,
        isFailure: () => false
      }) as typeof breaker
      expect((await evidence(picky(attempt), [succeeds(1, 150)])).said).toBe('failure')
      expect((await evidence(breaker(pipe(attempt, Policy.retry(three))), [hangs])).said).toBe('failure')
    })
    cell('M-3-fallback', 'TimedOut of an attempt × fallback: recovers', async () => {
      const played = await play(fallback(attempt), [succeeds(1, 150)])
      expect(played).toMatchObject({ answer: recovered(timedOut), answeredAt: 100, ...clean })
    })
    cell('M-3-permit', 'TimedOut of an attempt × bulkhead and limiter: frees on settlement', async () => {
      expect(await holding(bulkhead(attempt), [succeeds(1, 150)])).toMatchObject({ freed: [150], status: free })
      const { freed, status, control } = await holding(bulkhead(attempt), [hangs])
      expect([freed, status]).toMatchObject([[], { active: 1, hanging: 1 }])
      // unless it is abandoned, when asked
      expect(control.abandon()).toBe(1)
      expect(control.status()).toMatchObject({ active: 0, hanging: 0, abandoned: 1 })
    })
  })

  describe('CircuitOpen, BulkheadFull, RateLimited from inside', () => {
    for (const [name, { layer, refusal, calls, prepare }] of Object.entries(refusers)) {
      cell('M-4-retry', `${name} from inside × retry: no, unless asked (then its retryAfter is honoured)`, async () => {
        for (const options of [{}, { while: () => true }]) {
          const no = await refusing(pipe(id, layer, Policy.retry(three, options)), prepare)
          expect(no).toMatchObject({ answer: E.left(refusal), calls: [] })
          expect(no.log).toContainEqual(expect.objectContaining({ _tag: 'RetryStopped', reason: { _tag: 'Refused' } }))
        }
        const later = pipe(Schedule.constant(200), Schedule.take(5))
        const asked = await refusing(pipe(id, layer, Policy.retry(later, { retryRefused: true })), prepare)
        expect(asked).toMatchObject({ answer: E.right('let in'), calls })
      })
      cell('M-4-fallback', `${name} from inside × fallback: recovers`, async () => {
        expect(await refusing(fallback(layer(id)), prepare)).toMatchObject({ answer: recovered(refusal), calls: [] })
      })
      cell('M-4-breaker', `${name} from inside × breaker: no evidence`, async () => {
        const time = virtual()
        const runner = Runner.make(pipe(id, layer, breaker))(time.runtime)()
        prepare(runner, time)
        const control = breakerOf(runner, name === 'CircuitOpen' ? 'circuitBreaker#2' : undefined)
        control.forceOpen(1)()
        await time.advance(1)
        const answer = await time.run(runner.run(script(time, succeeds('let in', 5)).task))
        expect(answer).toMatchObject({ left: { _tag: name } })
        expect(control.status()).toMatchObject({ state: 'half-open', probes: { running: 0, succeeded: 0, failed: 0 } })
      })
    }
    cell(
      'M-4-retry',
      'RateLimited from inside × retry: no, unless asked (then its retryAfter is honoured)',
      async () => {
        const no = await play(pipe(id, Policy.retry(three)), [fails(rateLimited, 5)])
        expect(no).toMatchObject({ answer: E.left(rateLimited), calls: [0], answeredAt: 5, ...clean })
        // not even where the predicate would have it
        const predicate = await play(pipe(id, Policy.retry(three, { while: () => true })), [fails(rateLimited, 5)])
        expect(predicate.calls).toEqual([0])
        const asked = pipe(id, Policy.retry(three, { retryRefused: true }))
        expect(await play(asked, [fails(rateLimited, 5)])).toMatchObject({ calls: [0, 505, 1010], ...clean })
        expect((await play(asked, [fails({ ...rateLimited, retryAfter: 3 }, 5)])).calls).toEqual([0, 15, 30])
      }
    )
    cell('M-4-fallback', 'RateLimited from inside × fallback: recovers', async () => {
      const played = await play(fallback(id), [fails(rateLimited, 5)])
      expect(played).toMatchObject({ answer: recovered(rateLimited), ...clean })
    })
    cell('M-4-breaker', 'RateLimited from inside × breaker: no evidence', async () => {
      expect(await evidence(breaker(id), [fails(rateLimited, 5)])).toEqual({
        said: 'nothing',
        answer: E.left(rateLimited)
      })
    })
  })

  describe('DeadlineExceeded', () => {
    const deadline = Policy.deadline(100)
    cell('M-5-retry', 'DeadlineExceeded × retry: never; nothing starts that cannot end in time', async () => {
      // the deadline stands inside the retry
      const inside = await play(pipe(id, deadline, Policy.retry(three, { while: () => true })), [succeeds(1, 150)])
      expect(inside).toMatchObject({ answer: E.left(exceeded), calls: [0], answeredAt: 100, ...clean })
      // the deadline stands outside: the attempt is cut off, and there is no real error
      const outside = await play(pipe(id, Policy.retry(three), deadline), [succeeds(1, 150)])
      expect(outside).toMatchObject({ answer: E.left(exceeded), calls: [0], answeredAt: 100, ...clean })
      // with a real last error, that error is given back: nothing is slept that cannot end in time
      const slept = await play(pipe(id, Policy.retry(Schedule.constant(40)), deadline), [fails('busy', 30)])
      expect(slept).toMatchObject({ answer: E.left('busy'), calls: [0, 70], answeredAt: 100, ...clean })
      const unslept = await play(pipe(id, Policy.retry(Schedule.constant(80)), deadline), [fails('busy', 30)])
      expect(unslept).toMatchObject({ answer: E.left('busy'), calls: [0], answeredAt: 30, ...clean })
      // nor is anything started with less left than it needs
      const reserved = pipe(id, Policy.retry(Schedule.constant(40)), Policy.deadline(100, { reserve: 50 }))
      expect(await play(reserved, [fails('busy', 30)])).toMatchObject({ answer: E.left('busy'), calls: [0] })
      // and when it cuts off a later attempt
      const cut = await play(pipe(id, Policy.retry(three), deadline), [fails('busy', 30), succeeds(1, 500)])
      expect(cut).toMatchObject({ answer: E.left('busy'), calls: [0, 40], answeredAt: 100, hanging: 1, ...clean })
    })
    cell('M-5-breaker', 'DeadlineExceeded × breaker: no evidence', async () => {
      const inside = await evidence(pipe(id, deadline, breaker), [succeeds(1, 150)])
      expect(inside).toEqual({ said: 'nothing', answer: E.left(exceeded) })
      const outside = await evidence(pipe(id, breaker, deadline), [succeeds(1, 150)])
      expect(outside).toEqual({ said: 'nothing', answer: E.left(exceeded) })
      const own = await evidence(breaker(id), [succeeds(1, 150)], { deadline: 100 })
      expect(own).toEqual({ said: 'nothing', answer: E.left(exceeded) })
      // a real error that a deadline inside gives back is one
      const slept = pipe(id, Policy.retry(Schedule.constant(80)), deadline, breaker)
      expect(await evidence(slept, [fails('busy', 30)])).toEqual({ said: 'failure', answer: E.left('busy') })
    })
    cell('M-5-fallback', 'DeadlineExceeded × fallback: recovers', async () => {
      const played = await play(fallback(deadline(id)), [succeeds(1, 150)])
      expect(played).toMatchObject({ answer: recovered(exceeded), answeredAt: 100, ...clean })
      // a deadline of the caller's own, too, stands outside of everything: there is nothing to recover it
      const own = await play(forbidden(id), [succeeds(1, 150)], { deadline: 100 })
      expect(own).toMatchObject({ answer: E.left(exceeded), answeredAt: 100, ...clean })
      // inside a deadline, an operation that takes time is not begun when the time is over
      const inside = pipe(
        id,
        Policy.retry(three),
        Policy.fallbackWith(() => TE.right('forbidden')),
        deadline
      )
      const late = await play(inside, [fails('busy', 30), succeeds(1, 500)])
      expect(late).toMatchObject({ answer: E.left(exceeded), answeredAt: 100, ...clean })
    })
    cell('M-5-permit', 'DeadlineExceeded × bulkhead and limiter: frees', async () => {
      expect(await holding(pipe(id, bulkhead, deadline), [succeeds(1, 150)])).toMatchObject({
        freed: [150],
        status: free
      })
      for (const left of [-1, 0]) {
        const none = await holding(pipe(id, deadline, bulkhead), [succeeds(1, 150)], { deadline: left })
        expect(none).toMatchObject({ freed: [], status: free })
      }
    })
  })

  describe('aborted by the caller', () => {
    cell('M-6-retry', 'aborted by the caller × retry: ends Aborted', async () => {
      const policy = pipe(id, Policy.retry(three, { while: () => true }))
      const attempt = await play(policy, [succeeds(1, 50)], { abortAt: 20 })
      expect(attempt).toMatchObject({ answer: byCaller, calls: [0], answeredAt: 20, ...clean })
      const backoff = await play(policy, [fails('busy', 15)], { abortAt: 20 })
      expect(backoff).toMatchObject({ answer: byCaller, calls: [0], answeredAt: 20, ...clean })
    })
    cell('M-6-breaker', 'aborted by the caller × breaker: no evidence, lease freed', async () => {
      for (const lines of [[succeeds(1, 50)], [heeding(fails('aborted', 50))], [hangs]] as const) {
        expect(await evidence(breaker(id), lines, { abortAt: 20 })).toEqual({ said: 'nothing', answer: byCaller })
      }
    })
    cell('M-6-fallback', 'aborted by the caller × fallback: never', async () => {
      for (const lines of [[succeeds(1, 50)], [heeding(fails('aborted', 50))]] as const) {
        const played = await play(forbidden(id), lines, { abortAt: 20 })
        expect(played).toMatchObject({ answer: byCaller, answeredAt: 20, ...clean })
        expect(tags(played.log)).not.toContain('FallbackUsed')
      }
    })
    cell('M-6-permit', 'aborted by the caller × bulkhead: leaves the queue at once', async () => {
      const time = virtual()
      const runner = Runner.make(pipe(id, Policy.bulkhead(1, { queue: 1 })))(time.runtime)()
      const status = (): unknown =>
        pipe(
          Policy.bulkheadControl(runner),
          O.map((control) => control.status())
        )
      const caller = time.signal()
      void time.start(runner.run(script(time, succeeds(1, 100)).task))
      const waiter = script(time, succeeds(2))
      const answer = time.start(runner.runWith(waiter.operation, { signal: caller.signal }))
      expect(status()).toMatchObject({ value: { active: 1, queued: 1 } })
      caller.abort('gone')
      expect(status()).toMatchObject({ value: { active: 1, queued: 0 } })
      expect(await answer).toEqual(byCaller)
      const next = script(time, succeeds(3))
      void time.start(runner.run(next.task))
      expect(await time.settle()).toEqual(nothingLeft)
      expect([waiter.calls.length, next.calls.map(({ at }) => at)]).toEqual([0, [100]])
      expect(status()).toMatchObject({ value: free })
    })
  })

  describe('aborted by a timeout outside', () => {
    const total = Policy.timeout(100)
    cell('M-7-retry', 'aborted by a timeout outside × retry: ends', async () => {
      const policy = pipe(id, Policy.retry(three, { while: () => true }), total)
      for (const lines of [[succeeds(1, 150)], [heeding(fails('aborted', 150))], [fails('busy', 5), hangs]] as const) {
        const played = await play(policy, lines)
        expect(played).toMatchObject({ answer: E.left(timedOut), answeredAt: 100 })
        expect(played.calls).toHaveLength(lines.length)
        expect(tags(played.log)).not.toContain('RetryStopped')
      }
    })
    cell('M-7-breaker', 'aborted by a timeout outside × breaker: failure (it hung)', async () => {
      for (const lines of [[succeeds(1, 150)], [heeding(fails('aborted', 150))], [hangs]] as const) {
        expect(await evidence(pipe(id, breaker, total), lines)).toEqual({ said: 'failure', answer: E.left(timedOut) })
      }
      const tried = pipe(id, Policy.retry(three), breaker, total)
      expect((await evidence(tried, [fails('busy', 5), hangs])).said).toBe('failure')
    })
    cell('M-7-fallback', 'aborted by a timeout outside × fallback: not reached', async () => {
      const played = await play(pipe(forbidden(id) as typeof id, total), [heeding(succeeds(1, 150))])
      expect(played).toMatchObject({ answer: E.left(timedOut), answeredAt: 100, ...clean })
      expect(tags(played.log)).not.toContain('FallbackUsed')
    })
    cell('M-7-permit', 'aborted by a timeout outside × bulkhead and limiter: frees on settlement', async () => {
      expect(await holding(pipe(id, bulkhead, total), [succeeds(1, 150)])).toMatchObject({ freed: [150], status: free })
    })
  })

  describe('aborted as a hedge’s loser', () => {
    cell('M-8-retry', 'aborted as a hedge’s loser × retry: ends', async () => {
      const played = await play(pipe(id, Policy.retry(three, { while: () => true }), hedge), [
        heeding(fails('aborted', 150))
      ])
      expect(played).toMatchObject({ answer: E.right('won'), calls: [0] })
      expect(tags(played.log)).not.toContain('RetryScheduled')
    })
    cell('M-8-breaker', 'aborted as a hedge’s loser × breaker: no evidence', async () => {
      for (const lines of [[succeeds(1, 150)], [heeding(fails('aborted', 150))], [hangs]] as const) {
        expect(await evidence(pipe(id, breaker, hedge), lines)).toEqual({ said: 'nothing', answer: E.right('won') })
      }
    })
    cell('M-8-permit', 'aborted as a hedge’s loser × bulkhead and limiter: frees on settlement', async () => {
      expect(await holding(pipe(id, bulkhead, hedge), [succeeds(1, 150)])).toMatchObject({ freed: [150], status: free })
    })
  })

  describe('Defect', () => {
    cell('M-9-retry', 'Defect × retry: ends', async () => {
      const played = await play(pipe(id, Policy.retry(three, { while: () => true })), [throws('oh')])
      expect(played).toMatchObject({ answer: { left: { _tag: 'Defect', cause: 'oh' } }, calls: [0], ...clean })
      expect(tags(played.log)).not.toContain('RetryStopped')
    })
    cell('M-9-breaker', 'Defect × breaker: no evidence, lease freed', async () => {
      for (const line of [throws('oh'), rejects('oh', 5)]) {
        expect(await evidence(breaker(id), [line])).toMatchObject({
          said: 'nothing',
          answer: { left: { cause: 'oh' } }
        })
      }
    })
    cell('M-9-fallback', 'Defect × fallback: never', async () => {
      const played = await play(forbidden(id), [throws('oh')])
      expect(played).toMatchObject({ answer: { left: { _tag: 'Defect', cause: 'oh' } }, ...clean })
      expect(tags(played.log)).not.toContain('FallbackUsed')
    })
    cell('M-9-permit', 'Defect × bulkhead and limiter: frees', async () => {
      // at once, before anybody can see it
      expect(await holding(bulkhead(id), [throws('oh')])).toMatchObject({ freed: [], status: free })
      expect(await holding(bulkhead(id), [rejects('oh', 5)])).toMatchObject({ freed: [5], status: free })
    })
  })

  describe('late result after any of these', () => {
    const late = (log: ReadonlyArray<{ readonly _tag: string }>): ReadonlyArray<unknown> =>
      log.filter(({ _tag }) => _tag === 'LateResult')
    cell('M-10-retry', 'late result × retry: ignored, seen as an event', async () => {
      const lines = [succeeds('late', 150), succeeds('in time', 90)] as const
      const played = await play(pipe(id, Policy.timeout(100), Policy.retry(three)), lines)
      expect(played).toMatchObject({ answer: E.right('in time'), calls: [0, 110], answeredAt: 200, ...clean })
      expect(late(played.log)).toMatchObject([{ attempt: 1, at: 150, duration: 150, outcome: E.right('late') }])
      for (const [policy, options] of [
        [pipe(id, Policy.retry(three), Policy.deadline(100)), {}],
        [pipe(id, Policy.retry(three), Policy.timeout(100)), {}],
        [pipe(id, Policy.retry(three)), { abortAt: 100 }]
      ] as const) {
        const ended = await play(policy, [succeeds('late', 150)], options)
        expect(ended).toMatchObject({ answer: { _tag: 'Left' }, calls: [0], answeredAt: 100, ...clean })
        expect(late(ended.log)).toMatchObject([{ attempt: 1, at: 150 }])
      }
    })
    cell('M-10-breaker', 'late result × breaker: ignored', async () => {
      // the failure of each is evidence once, when it is answered; what comes at 150 moves nothing
      for (const line of [succeeds('late', 150), fails('late', 150), rejects('late', 150)]) {
        expect((await evidence(pipe(id, Policy.timeout(100), breaker), [line])).said).toBe('failure')
        expect((await evidence(pipe(id, breaker, Policy.timeout(100)), [line])).said).toBe('failure')
        expect((await evidence(breaker(id), [line], { abortAt: 100 })).said).toBe('nothing')
        expect((await evidence(pipe(id, breaker, Policy.deadline(100)), [line])).said).toBe('nothing')
      }
      // nor does what comes after its lease
      const short = Policy.circuitBreaker({
        trip: Trip.consecutiveFailures(1),
        openFor: 1000,
        lease: 100
      }) as typeof breaker
      expect(await evidence(short(id), [succeeds('late', 150)])).toEqual({ said: 'failure', answer: E.right('late') })
    })
    cell('M-10-permit', 'late result × bulkhead and limiter: frees now', async () => {
      const policy = pipe(id, bulkhead, Policy.timeout(100), Policy.retry(three))
      const { freed } = await holding(policy, [succeeds('late', 150), succeeds(1, 90)])
      expect(freed).toEqual([150, 200])
    })
  })

  describe('total timeout that fires during a backoff', () => {
    cell('M-11-retry', 'total timeout during a backoff × retry: ends', async () => {
      const played = await play(pipe(id, Policy.retry(Schedule.constant(500)), Policy.timeout(100)), [fails('busy', 5)])
      expect(played).toMatchObject({ answer: E.left(timedOut), calls: [0], answeredAt: 100, hanging: 0, ...clean })
    })
    cell('M-11-breaker', 'total timeout during a backoff × breaker: no evidence (nothing was running)', async () => {
      const policy = pipe(id, Policy.retry(Schedule.constant(500)), breaker, Policy.timeout(100))
      expect(await evidence(policy, [fails('busy', 5)])).toEqual({ said: 'nothing', answer: E.left(timedOut) })
      // nor is it one while a call waits for a permit: of these two only the one that ran has failed
      const time = virtual()
      const queue = Policy.bulkhead(1, { queue: 1 }) as (policy: P) => P
      const two = Policy.circuitBreaker({ trip: Trip.consecutiveFailures(2), openFor: 1000 }) as typeof breaker
      const runner = Runner.make(pipe(id, queue, two, Policy.timeout(100)))(time.runtime)()
      const both = [300, 5].map((ms) => time.start(runner.run(script(time, succeeds(1, ms)).task)))
      await time.advance(100)
      expect(await Promise.all(both)).toEqual([E.left(timedOut), E.left(timedOut)])
      expect(breakerOf(runner).status().state).toBe('closed')
      await time.advance(400)
      await time.run(runner.run(script(time, fails('busy', 5)).task))
      expect(breakerOf(runner).status().state).toBe('open')
    })
  })

  describe('poll, of the same outcomes', () => {
    const isOne = (n: unknown): boolean => n === 1
    const poll = Policy.poll(three, { until: isOne }) as (policy: P) => P
    /** Waits out whatever it may. */
    const patient = Policy.poll(three, { until: isOne, waitOut: () => true }) as (policy: P) => P
    const total = Policy.timeout(100)

    cell('M-1-poll', 'success × poll: ends if the value holds', async () => {
      expect(await play(poll(id), [succeeds(1, 5)])).toMatchObject({ answer: E.right(1), calls: [0], ...clean })
      const later = await play(poll(id), [succeeds(0, 5), succeeds(1, 5)])
      expect(later).toMatchObject({ answer: E.right(1), calls: [0, 15], ...clean })
    })
    cell('M-2-poll', 'failure E × poll: the answer, unless waited out by predicate', async () => {
      expect(await play(poll(id), [fails('busy', 5)])).toMatchObject({ answer: E.left('busy'), calls: [0], ...clean })
      const waited = await play(patient(id), [fails('busy', 5), succeeds(1, 5)])
      expect(waited).toMatchObject({ answer: E.right(1), calls: [0, 15], ...clean })
    })
    cell('M-3-poll', 'TimedOut of an attempt × poll: as any failure', async () => {
      const lines = [succeeds(1, 150), succeeds(1, 5)] as const
      const ended = await play(poll(pipe(id, Policy.timeout(100))), lines)
      expect(ended).toMatchObject({ answer: E.left(timedOut), calls: [0], answeredAt: 100, ...clean })
      const waited = await play(patient(pipe(id, Policy.timeout(100))), lines)
      expect(waited).toMatchObject({ answer: E.right(1), calls: [0, 110], ...clean })
    })
    cell('M-4-poll', 'a refusal from inside × poll: no, unless asked (then its retryAfter is honoured)', async () => {
      const no = await play(patient(id), [fails(rateLimited, 5)])
      expect(no).toMatchObject({ answer: E.left(rateLimited), calls: [0], ...clean })
      const asked = Policy.poll(three, { until: isOne, waitOutRefused: true }) as (policy: P) => P
      expect((await play(asked(id), [fails(rateLimited, 5), succeeds(1)])).calls).toEqual([0, 505])
      // a real one
      const refused = Policy.circuitBreaker({ trip: Trip.consecutiveFailures(1), openFor: 300 }) as (policy: P) => P
      const policy = asked(refused(id))
      const time = virtual()
      const runner = Runner.make(policy)(time.runtime)()
      breakerOf(runner).forceOpen(300)()
      const operation = script(time, succeeds(1))
      expect(await time.run(runner.run(operation.task))).toEqual(E.right(1))
      expect(operation.calls.map(({ at }) => at)).toEqual([300])
    })
    cell('M-5-poll', 'DeadlineExceeded × poll: never; nothing starts that cannot end in time', async () => {
      const inside = await play(patient(pipe(id, Policy.deadline(100))), [succeeds(1, 150)])
      expect(inside).toMatchObject({ answer: E.left(exceeded), calls: [0], answeredAt: 100, ...clean })
      const outside = pipe(
        patient(id),
        Policy.deadline(20),
        Policy.mapLeft((e) => e)
      )
      const played = await play(outside, [succeeds(0, 5)])
      expect(played).toMatchObject({
        answer: { left: { _tag: 'PollExhausted', value: O.some(0), reason: { _tag: 'Deadline' } } },
        calls: [0, 15],
        ...clean
      })
    })
    cell('M-6-poll', 'aborted by the caller × poll: ends Aborted', async () => {
      for (const lines of [[succeeds(1, 50)], [succeeds(0, 15)]] as const) {
        const played = await play(patient(id), lines, { abortAt: 20 })
        expect(played).toMatchObject({ answer: byCaller, calls: [0], answeredAt: 20, ...clean })
      }
    })
    cell('M-7-poll', 'aborted by a timeout outside × poll: ends', async () => {
      const played = await play(pipe(patient(id), total), [heeding(fails('aborted', 150))])
      expect(played).toMatchObject({ answer: E.left(timedOut), calls: [0], answeredAt: 100, ...clean })
      expect(tags(played.log)).not.toContain('PollStopped')
    })
    cell('M-8-poll', 'aborted as a hedge’s loser × poll: ends', async () => {
      const played = await play(pipe(patient(id), hedge), [heeding(fails('aborted', 150))])
      expect(played).toMatchObject({ answer: E.right('won'), calls: [0] })
      expect(tags(played.log)).not.toContain('PollScheduled')
    })
    cell('M-9-poll', 'Defect × poll: ends', async () => {
      const played = await play(patient(id), [throws('oh')])
      expect(played).toMatchObject({ answer: { left: { _tag: 'Defect', cause: 'oh' } }, calls: [0], ...clean })
      expect(tags(played.log)).not.toContain('PollStopped')
    })
    cell('M-10-poll', 'late result × poll: ignored, seen as an event', async () => {
      const played = await play(patient(pipe(id, Policy.timeout(100))), [
        succeeds(1, 150),
        succeeds(0, 90),
        succeeds(1)
      ])
      expect(played).toMatchObject({ answer: E.right(1), calls: [0, 110, 210], ...clean })
      expect(played.log.filter(({ _tag }) => _tag === 'LateResult')).toMatchObject([{ attempt: 1, at: 150 }])
    })
    cell('M-11-poll', 'total timeout during a backoff × poll: ends', async () => {
      const slow = Policy.poll(Schedule.constant(500), { until: isOne }) as (policy: P) => P
      const played = await play(pipe(slow(id), total), [succeeds(0, 5)])
      expect(played).toMatchObject({ answer: E.left(timedOut), calls: [0], answeredAt: 100, hanging: 0, ...clean })
    })
  })
})

describe('docs/matrix.md', () => {
  const text = readFileSync(join(__dirname, '..', 'docs', 'matrix.md'), 'utf8')
  const documented = new Set(text.match(/M-\d+-[a-z]+/g))

  it('names only tests that exist', () => {
    expect([...documented].filter((each) => !named.has(each))).toEqual([])
  })

  it('names every test that exists', () => {
    expect([...named].filter((each) => !documented.has(each))).toEqual([])
  })

  it('says of every other cell that it is empty, or what it comes with', () => {
    const rows = text.split('\n').filter((line) => /^\| \d+ /.test(line))
    expect(rows).toHaveLength(11)
    for (const row of rows) {
      const [, , ...cells] = row.split('|').slice(1, -1)
      expect(cells).toHaveLength(6)
      for (const each of cells) expect(each).toMatch(/M-\d+-[a-z]+|comes with|^ – +$/)
    }
  })
})
