import { type Event, Policy, Runner, Schedule } from 'resilience-ts'
import { fails, heeding, interleavings, script, succeeds, type VirtualRuntime } from 'resilience-ts/testing'
import type { Either } from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import { from, hold, orders, same } from './orders'
import { idle, type Lines, nothingLeft } from './play'

const id = Policy.id<unknown, unknown>()
type P = typeof id

interface Race {
  readonly policy: P
  readonly lines: Lines
  readonly abortAt?: number
  readonly deadline?: number
  /** How many calls of the operation, and of the fallback's, there may be. */
  readonly calls: number
  readonly window?: number
}

interface Played {
  readonly outcome: string
  readonly log: ReadonlyArray<Event.Event>
}

const describeAnswer = (answer: Either<unknown, unknown>): string => {
  if (answer._tag === 'Right') return `Right ${String(answer.right)}`
  const { left } = answer
  return typeof left === 'object' && left !== null && '_tag' in left ? String(left._tag) : `Left ${String(left)}`
}

/** Plays a race in one order, and checks all that has to hold in every order. */
const playRace = async (time: VirtualRuntime, race: Race): Promise<Played> => {
  const runner = Runner.make(race.policy)(time.runtime)()
  const operation = script(time, ...race.lines)
  const caller = time.signal()
  let callsThen = -1
  if (race.abortAt !== undefined) {
    time.after(race.abortAt, () => {
      caller.abort('gone')
      callsThen = operation.calls.length
    })
  }
  let answers = 0
  const answer = await time.run(async () => {
    const either = await runner.runWith(operation.operation, { signal: caller.signal, deadline: race.deadline })()
    answers++
    return either
  })
  const calls = operation.calls.length
  const answeredAt = time.log.length
  const leaks = await time.settle()
  hold(answers === 1, 'one answer')
  hold(same(leaks, nothingLeft), 'nothing left behind')
  hold(same(runner.status(), idle), 'nothing in flight')
  hold(calls <= race.calls, 'no more attempts than allowed')
  hold(operation.calls.length === calls, 'no call after the answer')
  hold(callsThen < 0 || calls <= callsThen, 'no call after the abort')
  const tags = time.log.map(({ _tag }) => _tag)
  const count = (tag: string): number => tags.filter((each) => each === tag).length
  hold(count('RunEnded') === 1, 'one end')
  hold(
    tags.slice(tags.indexOf('RunEnded') + 1).every((tag) => tag === 'LateResult'),
    'nothing after the end but late results'
  )
  hold(
    tags.slice(answeredAt).every((tag) => tag === 'LateResult'),
    'nothing after the answer but late results'
  )
  // an operation of a fallback's or a validation is an attempt of its own
  hold(count('AttemptStarted') >= calls && count('AttemptStarted') === count('AttemptEnded'), 'each attempt ends once')
  hold(
    time.log.every(({ at }, index) => index === 0 || at >= time.log[index - 1]!.at),
    'never back in time'
  )
  return { outcome: `${describeAnswer(answer)} after ${String(calls)}`, log: time.log }
}

const retry = (times: number): ((policy: P) => P) =>
  Policy.retry<unknown, unknown>(pipe(Schedule.constant(20), Schedule.take(times)))

// all begin at 0: the attempt's timeout, its settlement, the caller's abort and the deadline fall into the same instants
const lines: Lines = [fails('busy', 100), heeding(succeeds('second', 100)), succeeds('third', 100)]

const races: Readonly<Record<string, readonly [number, Race, ReadonlyArray<string>]>> = {
  'retry ∘ timeout, the caller going at the end of the first attempt': [
    10_000,
    { policy: pipe(id, Policy.timeout(100), retry(2)), lines, abortAt: 100, calls: 3 },
    ['Aborted after 1']
  ],
  'retry ∘ timeout, the caller going as the second attempt ends': [
    10_000,
    { policy: pipe(id, Policy.timeout(100), retry(2)), lines, abortAt: 220, calls: 3 },
    ['Aborted after 2', 'Right second after 2']
  ],
  'retry ∘ timeout, in a window of 25 ms': [
    10_000,
    { policy: pipe(id, Policy.timeout(100), retry(2)), lines, abortAt: 225, deadline: 350, calls: 3, window: 25 },
    ['Aborted after 2', 'Aborted after 3', 'Right second after 2']
  ],
  'timeout ∘ retry, the caller and the deadline racing': [
    10_000,
    { policy: pipe(id, retry(2), Policy.timeout(220)), lines, abortAt: 220, deadline: 221, calls: 3, window: 2 },
    ['Aborted after 2', 'Left busy after 2', 'Right second after 2', 'TimedOut after 2']
  ],
  'timeout ∘ retry, during a backoff': [
    10_000,
    {
      policy: pipe(id, retry(2), Policy.timeout(120)),
      lines: [fails('busy', 100), succeeds('second', 0)],
      abortAt: 120,
      calls: 2
    },
    ['Aborted after 1', 'Aborted after 2', 'Right second after 2', 'TimedOut after 1', 'TimedOut after 2']
  ],
  'deadline ∘ retry ∘ timeout': [
    2_000,
    {
      policy: pipe(id, Policy.timeout(100), retry(2), Policy.deadline(221)),
      lines: [fails('busy', 100), heeding(succeeds('second', 100)), succeeds('third', 100)],
      abortAt: 220,
      calls: 2,
      window: 2
    },
    ['Aborted after 2', 'Left busy after 2', 'Right second after 2', 'TimedOut after 2']
  ],
  'fallbackWith ∘ timeout': [
    2_000,
    {
      policy: pipe(
        id,
        Policy.timeout(100),
        Policy.fallbackWith(
          (error) => () => Promise.resolve({ _tag: 'Right', right: `instead of ${describeError(error)}` })
        )
      ),
      lines: [succeeds('first', 100)],
      abortAt: 100,
      calls: 1
    },
    ['Aborted after 1', 'Right first after 1', 'Right instead of TimedOut after 1']
  ],
  'timeout with a grace': [
    2_000,
    {
      policy: pipe(id, Policy.timeout(100, { grace: 50 }), retry(1)),
      lines: [succeeds('first', 150), succeeds('second', 100)],
      abortAt: 170,
      calls: 2
    },
    ['Aborted after 1', 'Aborted after 2']
  ],
  'retry ∘ timeout ∘ ensureWith': [
    2_000,
    {
      policy: pipe(
        id,
        Policy.ensureWith((a) => () => Promise.resolve({ _tag: 'Right', right: a })),
        Policy.timeout(100),
        retry(1)
      ),
      lines: [succeeds('first', 100), succeeds('second', 80)],
      abortAt: 200,
      deadline: 201,
      window: 2,
      calls: 2
    },
    ['Aborted after 2', 'Right first after 1', 'Right second after 2', 'TimedOut after 2']
  ]
}

function describeError(error: unknown): string {
  return describeAnswer({ _tag: 'Left', left: error })
}

describe('interleavings: in every order there is exactly one answer, and nothing is left behind', () => {
  for (const [name, [seeds, race, expected]] of Object.entries(races)) {
    const n = orders(seeds)
    it(`${String(n)} orders of ${name}`, async () => {
      const outcomes = new Set<string>()
      const found = await interleavings({ seeds: n, from, window: race.window ?? 0 }, async (time) => {
        outcomes.add((await playRace(time, race)).outcome)
      })
      expect(found).toEqual([])
      // the scheduler really reaches different ends
      expect([...outcomes].sort()).toEqual(expected)
    }, 600_000)
  }

  it('the same seed plays the same order, to the letter', async () => {
    for (const [, race] of Object.values(races)) {
      const play = async (): Promise<ReadonlyArray<Played>> => {
        const played: Array<Played> = []
        await interleavings({ seeds: 50, from, window: race.window ?? 0 }, async (time) => {
          played.push(await playRace(time, race))
        })
        return played
      }
      expect(JSON.stringify(await play())).toBe(JSON.stringify(await play()))
    }
  })

  it('another seed plays another', async () => {
    const logs = new Set<string>()
    const [, race] = races['timeout ∘ retry, during a backoff']!
    await interleavings({ seeds: 100 }, async (time) => {
      logs.add(JSON.stringify((await playRace(time, race)).log))
    })
    expect(logs.size).toBeGreaterThan(4)
  })

  it('what does not hold is found, and its seed plays it again', async () => {
    const scenario = async (time: VirtualRuntime): Promise<void> => {
      const order: Array<number> = []
      for (const n of [1, 2, 3]) time.after(10, () => order.push(n))
      await time.advance(10)
      expect(order).toEqual([1, 2, 3])
    }
    const found = await interleavings({ seeds: 1000 }, scenario)
    expect(found).toHaveLength(10)
    for (const { seed } of found) expect(await interleavings({ seeds: 1, from: seed }, scenario)).toHaveLength(1)
  })

  it('all orders of three things are reached, evenly', async () => {
    const count = new Map<string, number>()
    await interleavings({ seeds: 6000 }, async (time) => {
      const order: Array<number> = []
      for (const n of [1, 2, 3]) time.after(10, () => order.push(n))
      await time.advance(10)
      count.set(order.join(''), (count.get(order.join('')) ?? 0) + 1)
    })
    expect([...count.keys()].sort()).toEqual(['123', '132', '213', '231', '312', '321'])
    for (const each of count.values()) expect(Math.abs(each - 1000)).toBeLessThan(200)
  })

  it('ten concurrent runs of one runner, with one signal', async () => {
    const found = await interleavings({ seeds: orders(300), from }, async (time) => {
      const runner = Runner.make(pipe(id, Policy.timeout(100), retry(2)))(time.runtime)()
      const caller = time.signal()
      time.after(220, () => {
        caller.abort('gone')
      })
      const scripts = Array.from({ length: 10 }, () => script(time, ...lines))
      const answers = await time.run(() =>
        Promise.all(scripts.map((each) => runner.runWith(each.operation, { signal: caller.signal })()))
      )
      expect(answers).toHaveLength(10)
      expect(await time.settle()).toEqual(nothingLeft)
      expect(runner.status()).toEqual(idle)
      expect(caller.listeners()).toBe(0)
      for (const each of scripts) expect(each.calls.length).toBeLessThanOrEqual(3)
    })
    expect(found).toEqual([])
  }, 600_000)
})
