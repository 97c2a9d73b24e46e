import * as TE from 'fp-ts/TaskEither'
import { pipe } from 'fp-ts/function'
import { type Event, Log, Policy, Runner, Runtime, Schedule, Trip } from 'resilience-ts'
import { fails, heeding, rejects, script, succeeds, virtual } from 'resilience-ts/testing'
import { raise } from './support'

const id = Policy.id<string, number>()
const three = pipe(Schedule.constant(100), Schedule.take(3))

/** Plays a policy, and gives the lines. */
const lines = async (
  policy: Policy.Policy<string, number, unknown, unknown>,
  settings: Log.LogSettings,
  ...script_: readonly [
    Parameters<typeof script<string, number>>[1],
    ...Array<Parameters<typeof script<string, number>>[1]>
  ]
): Promise<ReadonlyArray<string>> => {
  const time = virtual()
  const written: Array<string> = []
  const log = Log.to((level, line) => written.push(`${level} ${line}`), settings)
  const runner = Runner.make(policy)(pipe(time.runtime, Runtime.withObserver(log)))()
  await time.run(runner.runWith(script(time, ...script_).operation, { attributes: { user: 7 } }))
  await time.settle()
  return written
}

describe('Log.to', () => {
  it('says what happens in a run', async () => {
    const policy = pipe(id, Policy.timeout(50), Policy.retry(three))
    expect(await lines(policy, { policy }, fails('busy', 20), succeeds(1, 80), succeeds(2, 30))).toEqual([
      'info run 1: begins {"user":7}',
      'debug run 1: attempt 1',
      'debug run 1: attempt 1 failed after 20ms: busy',
      'warn run 1: retry: again in 100ms, 3 tries remain (busy)',
      'debug run 1: attempt 2',
      'warn run 1: timeout: over after 50ms',
      'debug run 1: attempt 2 was aborted by timeout after 50ms',
      'warn run 1: retry: again in 100ms, 2 tries remain (TimedOut)',
      'debug run 1: attempt 2, late: succeeded after 80ms',
      'debug run 1: attempt 3',
      'debug run 1: attempt 3 succeeded after 30ms',
      'info run 1: succeeded after 300ms'
    ])
  })

  it('counts the tries that remain down to the end', async () => {
    const policy = pipe(id, Policy.retry(pipe(Schedule.constant(1), Schedule.take(2))))
    const only = { start: false, attempt: false, outcome: false } as const
    expect(await lines(policy, { policy, ...only, name: 'users' }, fails('busy'))).toEqual([
      'warn users 1: retry: again in 1ms, 2 tries remain (busy)',
      'warn users 1: retry: again in 1ms, 1 try remains (busy)',
      'warn users 1: retry: no more after attempt 3: Attempts (busy)',
      'error users 1: failed after 2ms: busy'
    ])
    // without the policy nobody knows, nor where nothing bounds them
    const plain = await lines(policy, only, fails('busy'), succeeds(1))
    expect(plain[0]).toBe('warn run 1: retry: again in 1ms (busy)')
    const unbounded = pipe(id, Policy.retry(Schedule.constant(1)))
    const endless = await lines(unbounded, { policy: unbounded, ...only }, fails('busy'), succeeds(1))
    expect(endless[0]).toBe('warn run 1: retry: again in 1ms (busy)')
  })

  it('counts each layer for itself', async () => {
    const policy = pipe(id, Policy.retry(Schedule.delays([1])), Policy.retry(Schedule.delays([5, 5])))
    const written = await lines(
      policy,
      { policy, start: false, attempt: false, outcome: false, stop: false },
      fails('a')
    )
    expect(written.filter((line) => line.includes('again')).map((line) => line.replace('warn run 1: ', ''))).toEqual([
      'retry: again in 1ms, 1 try remains (a)',
      'retry#2: again in 5ms, 2 tries remain (a)',
      'retry: again in 1ms, 1 try remains (a)',
      'retry#2: again in 5ms, 1 try remains (a)',
      'retry: again in 1ms, 1 try remains (a)'
    ])
  })

  it.each<
    [Log.Kind, Policy.Policy<string, number, unknown, unknown>, Parameters<typeof script<string, number>>[1], string]
  >([
    [
      'poll',
      pipe(id, Policy.poll(three, { until: (n) => n > 1 })),
      succeeds(1),
      'info run 1: poll: again in 100ms (1)'
    ],
    [
      'stop',
      pipe(id, Policy.poll(Schedule.stop, { until: () => false })),
      succeeds(1),
      'warn run 1: poll: no more after attempt 1: Never (1)'
    ],
    [
      'stop',
      pipe(id, Policy.poll(three, { until: () => false })),
      fails('x'),
      'warn run 1: poll: no more after attempt 1: Predicate (x)'
    ],
    ['timeout', pipe(id, Policy.deadline(10)), heeding(succeeds(1, 50)), 'warn run 1: deadline: reached'],
    [
      'refusal',
      pipe(
        id,
        Policy.ensure((n: number) => n > 1)
      ),
      succeeds(1),
      'warn run 1: ensure: refused (EnsureFailed)'
    ],
    ['recovery', pipe(id, Policy.fallbackTo(0)), fails('x'), 'info run 1: fallbackTo: takes over (x)'],
    ['failure', id, rejects('oh'), 'error run 1: broke after 0ms: Defect Rejected at operation: oh'],
    ['failure', id, fails('x', 1234), 'error run 1: failed after 1.234s: x']
  ])('%s', async (kind, policy, line, expected) => {
    expect(await lines(policy, {}, line)).toContain(expected)
    expect(await lines(policy, { [kind]: false }, line)).not.toContain(expected)
    const [level] = expected.split(' ')
    expect(await lines(policy, { [kind]: 'debug' }, line)).toContain(expected.replace(level!, 'debug'))
  })

  it('says how long a call waited for its turn', async () => {
    const time = virtual()
    const written: Array<string> = []
    const log = Log.to((level, line) => written.push(`${level} ${line}`), {
      attempt: false,
      outcome: false,
      start: false
    })
    const policy = pipe(id, Policy.bulkhead(1, { queue: 1 }))
    const runner = Runner.make(policy)(pipe(time.runtime, Runtime.withObserver(log)))()
    const calls = [1, 2, 3].map((n) => time.start(runner.run(script(time, succeeds(n, 100)).task)))
    await time.settle()
    await Promise.all(calls)
    expect(written.slice(0, 3)).toEqual([
      'debug run 2: bulkhead: waits, 1 in all',
      'warn run 3: bulkhead: refused (BulkheadFull)',
      'error run 3: failed after 0ms: BulkheadFull'
    ])
    expect(written).toContain('debug run 2: bulkhead: its turn, after 100ms')
  })

  it('says how circuits change', async () => {
    const time = virtual()
    const written: Array<string> = []
    const log = Log.to((level, line) => written.push(`${level} ${line}`))
    const policy = pipe(id, Policy.circuitBreaker({ trip: Trip.consecutiveFailures(1), openFor: 100 }))
    const runner = Runner.make(policy)(pipe(time.runtime, Runtime.withObserver(log)))()
    await time.run(runner.run(script(time, fails('x')).task))
    expect(written).toContain('warn run 1: circuitBreaker: closed, now open (ConsecutiveFailures)')
    log({ _tag: 'StoreFailed', layer: 'circuitBreaker', name: 'users', cause: 'no route', run: 1, at: 0 })
    expect(written.at(-1)).toBe('info run 1: circuitBreaker: no answer from the store for users (no route)')
    log({
      _tag: 'CircuitChanged',
      layer: 'circuitBreaker',
      key: 'eu',
      from: 'open',
      to: 'half-open',
      reason: { _tag: 'OpenTimeOver' },
      generation: 2,
      run: 1,
      at: 0
    })
    expect(written.at(-1)).toBe('warn run 1: circuitBreaker of eu: open, now half-open (OpenTimeOver)')
  })

  it('has a line for whatever else there is', () => {
    const written: Array<string> = []
    const log = Log.to((level, line) => written.push(`${level} ${line}`))
    log({ _tag: 'Custom', layer: 'own', name: 'slow', data: { took: 7 }, run: 3, at: 0 })
    log({ _tag: 'Unheard', layer: 'own', n: 1, run: 3, at: 0 } as unknown as Event.Event)
    expect(written).toEqual(['info run 3: own: slow {"took":7}', 'info run 3: Unheard {"layer":"own","n":1}'])
  })

  it('takes an impossible setting for one that is not given', () => {
    const event: Event.Event = { _tag: 'RunStarted', run: 1, at: 0, attributes: {} }
    const broken = {
      get name(): string {
        return raise('unreadable')
      }
    }
    const policies = [null, 5, {}, { layers: 5 }, { layers: [null] }, { layers: [{ strategy: {} }] }]
    for (const settings of [
      null,
      5,
      'x',
      broken,
      { name: Symbol('x') },
      { start: 'loud' },
      { start: null },
      ...policies.map((policy) => ({ policy }))
    ]) {
      const written: Array<string> = []
      Log.to((level, line) => written.push(`${level} ${line}`), settings as never)(event)
      expect(written).toEqual(['info run 1: begins'])
    }
  })

  it('reads its settings once', () => {
    const written: Array<string> = []
    const settings = { name: 'users', start: 'debug' as Log.Level }
    const log = Log.to((level, line) => written.push(`${level} ${line}`), settings)
    Object.assign(settings, { name: 'jobs', start: false })
    log({ _tag: 'RunStarted', run: 1, at: 0, attributes: {} })
    expect(written).toEqual(['debug users 1: begins'])
  })

  describe('writes to', () => {
    const ended = (right: boolean): Event.Event => ({
      _tag: 'RunEnded',
      run: 1,
      at: 0,
      elapsed: 5,
      outcome: right ? { _tag: 'Right', right: 1 } : { _tag: 'Left', left: 'x' }
    })

    it('console', () => {
      const [info, error] = [jest.spyOn(console, 'info'), jest.spyOn(console, 'error')].map((spy) =>
        spy.mockImplementation(() => undefined)
      )
      const log = Log.to(console)
      log(ended(true))
      log(ended(false))
      expect(info).toHaveBeenCalledWith('run 1: succeeded after 5ms')
      expect(error).toHaveBeenCalledWith('run 1: failed after 5ms: x')
      jest.restoreAllMocks()
    })

    it('a logger that needs its this, or has not every level', () => {
      class Own {
        readonly lines: Array<string> = []
        info(line: string): void {
          this.lines.push(line)
        }
      }
      const own = new Own()
      Log.to(own)(ended(false))
      expect(own.lines).toEqual(['run 1: failed after 5ms: x'])
      const log = jest.fn()
      Log.to({ log })(ended(false))
      expect(log).toHaveBeenCalledTimes(1)
      expect(() => Log.to({})(ended(false))).not.toThrow()
    })

    it('one that throws, or rejects, and nothing comes of it', async () => {
      const time = virtual()
      for (const logger of [() => raise('no'), () => Promise.reject('no'), null as never]) {
        const runtime = pipe(time.runtime, Runtime.withObserver(Log.to(logger)))
        expect(await time.run(Runner.make(id)(runtime)().run(TE.right(1)))).toEqual({ _tag: 'Right', right: 1 })
      }
      expect(() => Log.to(() => raise('no'))(ended(true))).not.toThrow()
    })
  })
})

it('each event is one line, whatever its texts hold', async () => {
  const lines: Array<string> = []
  const time = virtual()
  const log = Log.to((_level, line) => lines.push(line), { name: 'us\ners' })
  const runtime = pipe(time.runtime, Runtime.withObserver(log))
  const forged = new Error('a\r\nusers 9: succeeded after 1ms')
  await time.run(Runner.make(Policy.id<Error, number>())(runtime)().run(TE.left(forged)))
  expect(lines.filter((line) => /[\n\r]/.test(line))).toEqual([])
  expect(lines[lines.length - 1]).toBe('us\\ners 1: failed after 0ms: a\\r\\nusers 9: succeeded after 1ms')
})
