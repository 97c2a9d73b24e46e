import { Policy, Runner, Schedule, Trip } from 'resilience-ts'
import { fails, hangs, type Line, rejects, script, succeeds, virtual } from 'resilience-ts/testing'
import * as E from 'fp-ts/Either'
import * as O from 'fp-ts/Option'
import { pipe } from 'fp-ts/function'
import { idle, nothingLeft, play } from '../play'

// of attempts, and of circuit breakers; test/models and test/interleavings-* find as much in random worlds and orders

const id = Policy.id<unknown, unknown>()
const timedOut = { _tag: 'TimedOut', timeout: 100 }

describe('guarantee 4: results belong to their generation', () => {
  const policy = pipe(id, Policy.timeout(100), Policy.retry(pipe(Schedule.constant(10), Schedule.take(2))))

  it('the late success of one attempt does not answer for the next', async () => {
    const played = await play(policy, [succeeds('late', 150), succeeds('in time', 90)])
    expect(played.answer).toEqual(E.right('in time'))
    expect(played).toMatchObject({ calls: [0, 110], answeredAt: 200, leaks: nothingLeft, status: idle })
  })

  it('the late failure of one attempt does not end the next', async () => {
    const played = await play(policy, [fails('late', 150), succeeds('in time', 90)])
    expect(played).toMatchObject({ answer: E.right('in time'), calls: [0, 110], answeredAt: 200 })
  })

  it('the late bug of one attempt does not end the next', async () => {
    const played = await play(policy, [rejects('late', 150), succeeds('in time', 90)])
    expect(played).toMatchObject({ answer: E.right('in time'), calls: [0, 110], answeredAt: 200, leaks: nothingLeft })
  })

  it('a late result during the wait before the next attempt neither shortens nor ends it', async () => {
    const played = await play(policy, [succeeds('late', 105), succeeds('in time', 90)])
    expect(played).toMatchObject({ answer: E.right('in time'), calls: [0, 110], answeredAt: 200 })
  })

  it('late results after the answer move nothing', async () => {
    const played = await play(policy, [succeeds('late', 1000)])
    expect(played).toMatchObject({ answer: E.left(timedOut), calls: [0, 110, 220], answeredAt: 320, hanging: 1 })
    expect(played).toMatchObject({ leaks: nothingLeft, status: idle })
    expect(played.log.filter(({ _tag }) => _tag === 'RunEnded')).toHaveLength(1)
    expect(played.log.filter(({ _tag }) => _tag === 'LateResult')).toHaveLength(3)
  })
})

describe('guarantee 4: of circuit breakers', () => {
  const make = (options: Partial<Policy.CircuitBreakerOptions> = {}) => {
    const time = virtual()
    const settings = { trip: Trip.consecutiveFailures(1), openFor: 100, lease: 1000, ...options }
    const runner = Runner.make(pipe(id, Policy.circuitBreaker(settings)))(time.runtime)()
    const found = Policy.circuitBreakerControl(runner)
    if (O.isNone(found)) throw new Error('there is no breaker')
    const start = (line: Line<unknown, unknown>, signal?: AbortSignal): Promise<unknown> =>
      time.start(runner.runWith(script<unknown, unknown>(time, line).operation, { signal }))
    return { time, control: found.value, start }
  }
  /** Ends, one for each change of state while a call is on its way. */
  const changes: Readonly<Record<string, (control: Policy.CircuitBreakerControl) => void>> = {
    'it was reset': (control) => {
      control.reset()
    },
    'it was isolated and let go': (control) => {
      control.isolate()()
    },
    'it was restored': (control) => {
      control.restore(control.snapshot())()
    },
    'it was disabled and reset': (control) => {
      control.disable()
      control.reset()
    }
  }

  for (const [name, change] of Object.entries(changes)) {
    it.each([
      ['failure', fails('down', 50)],
      ['success', succeeds(1, 50)],
      ['bug', rejects('oh', 50)]
    ] as ReadonlyArray<readonly [string, Line<unknown, unknown>]>)(
      `a call that was let in before ${name}: its %s moves nothing`,
      async (_end, line) => {
        const { time, control, start } = make()
        void start(line)
        change(control)
        const before = control.status()
        await time.advance(50)
        expect(control.status()).toEqual(before)
      }
    )
  }

  it('a call that was let in before it opened moves neither open, half-open nor closed', async () => {
    const { time, control, start } = make()
    for (const at of [50, 120, 170]) void start(at === 120 ? succeeds(1, at) : fails('down', at))
    void start(fails('down'))
    await time.advance(60)
    expect(control.status()).toMatchObject({ state: 'open', generation: 2, openings: 1 })
    await time.advance(40)
    void start(succeeds(1, 50))
    await time.advance(25)
    expect(control.status()).toMatchObject({ state: 'half-open', generation: 3, probes: { running: 1 } })
    await time.advance(50)
    expect(control.status()).toMatchObject({ state: 'closed', generation: 4 })
  })

  it('a probe of one half-open moves nothing in the next', async () => {
    const { time, control, start } = make({ lease: 50 })
    control.forceOpen(10)()
    await time.advance(10)
    void start(succeeds(1, 200))
    await time.advance(50)
    // its lease is over; open from 60 to 160
    await time.advance(100)
    void start(hangs)
    expect(control.status()).toMatchObject({ state: 'half-open', probes: { running: 1, succeeded: 0, failed: 0 } })
    const before = control.status()
    await time.advance(50)
    expect(control.status().generation).toBe(before.generation + 1)
    expect(control.status().state).toBe('open')
  })

  it('a probe aborted by its caller frees its place, and its late result moves nothing', async () => {
    const { time, control, start } = make()
    control.forceOpen(10)()
    await time.advance(10)
    const caller = time.signal()
    void start(fails('down', 50), caller.signal)
    caller.abort('gone')
    void start(hangs)
    expect(control.status()).toMatchObject({ state: 'half-open', probes: { running: 1, succeeded: 0, failed: 0 } })
    await time.advance(60)
    expect(control.status()).toMatchObject({ state: 'half-open', probes: { running: 1, succeeded: 0, failed: 0 } })
  })

  it('the ramp is a sub-state of closed: what was let in at its beginning still counts at its end', async () => {
    const { time, control, start } = make({ ramp: { over: 40, from: 0.5 } })
    control.forceOpen(10)()
    await time.advance(10)
    void start(succeeds(1))
    await time.advance(0)
    const { generation } = control.status()
    void start(fails('down', 50))
    await time.advance(45)
    void start(succeeds(1))
    await time.advance(0)
    expect(control.status()).toMatchObject({ state: 'closed', share: 1, generation })
    await time.advance(5)
    expect(control.status()).toMatchObject({ state: 'open', generation: generation + 1 })
  })

  it('a restored breaker begins a new generation, and leases in a snapshot are void', async () => {
    const { time, control, start } = make({ lease: 50 })
    control.forceOpen(10)()
    await time.advance(10)
    void start(fails('down', 20))
    const snapshot = control.snapshot()
    const { generation } = control.status()
    control.restore(snapshot)()
    expect(control.status()).toMatchObject({ state: 'half-open', generation: generation + 1, probes: { running: 0 } })
    await time.advance(500)
    expect(control.status()).toMatchObject({ state: 'half-open', generation: generation + 1 })
  })
})
