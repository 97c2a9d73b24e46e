import { type Event, Policy, Runner, Schedule } from 'resilience-ts'
import { fails, heeding, interleavings, script, succeeds, type VirtualRuntime } from 'resilience-ts/testing'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import { from, hold, orders, same } from './orders'
import { idle, type Lines, nothingLeft } from './play'
import { witness } from './witness'

const seeds = orders(2000)

const id = Policy.id<unknown, unknown>()
type P = typeof id

interface Race {
  readonly policy: (time: VirtualRuntime) => P
  readonly lines: Lines
  readonly abortAt: number
  readonly deadline?: number
  /** How many calls there may be. */
  readonly calls: number
  readonly window?: number
}

const describeAnswer = (answer: E.Either<unknown, unknown>): string => {
  if (answer._tag === 'Right') return `Right ${String(answer.right)}`
  const left = answer.left as { readonly _tag: string; readonly reason?: { readonly _tag: string } }
  return left._tag === 'PollExhausted' ? `${left._tag} (${String(left.reason?._tag)})` : left._tag
}

/** Plays a race in one order, and checks all that has to hold in every order. */
const playRace = async (time: VirtualRuntime, race: Race): Promise<string> => {
  const watched = witness()
  const runner = Runner.make(watched.around(race.policy(time)))(time.runtime)()
  const operation = script(time, ...race.lines)
  const caller = time.signal()
  let callsThen = -1
  time.after(race.abortAt, () => {
    caller.abort('gone')
    callsThen = operation.calls.length
  })
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
  hold(same(watched.breaches, []), `the protocol: ${watched.breaches.join('; ')}`)
  hold(same(leaks, nothingLeft), 'nothing left behind')
  hold(same(runner.status(), idle), 'nothing in flight')
  hold(calls <= race.calls, 'no more attempts than allowed')
  hold(operation.calls.length === calls, 'no call after the answer')
  hold(callsThen < 0 || calls <= callsThen, 'no call after the abort')
  const count = (tag: Event.Event['_tag']): number => time.log.filter(({ _tag }) => _tag === tag).length
  hold(count('RunEnded') === 1, 'one end')
  hold(count('AttemptStarted') === calls && count('AttemptEnded') === calls, 'each attempt ends once')
  hold(count('PollScheduled') <= calls && count('PollStopped') <= 1, 'one decision for each attempt at most')
  hold(
    time.log.slice(answeredAt).every(({ _tag }) => _tag === 'LateResult'),
    'nothing after the answer but late results'
  )
  // a bad value is never a success, and what is told is what was seen last
  if (answer._tag === 'Right') hold(answer.right === 'ready', 'only what holds is a success')
  return `${describeAnswer(answer)} after ${String(calls)}`
}

const until = (a: unknown): boolean => a === 'ready'
const waitOut = (): boolean => true
const every = (times: number) => pipe(Schedule.constant(20), Schedule.take(times))
const polling =
  (times: number) =>
  (policy: P): P =>
    pipe(policy, Policy.poll<unknown, unknown, unknown, unknown>(every(times), { until, waitOut }))

// all begin at 0: the attempt's timeout, its settlement, the caller's abort and the deadline fall into the same instants
const lines: Lines = [succeeds('pending', 100), heeding(succeeds('ready', 100)), succeeds('pending', 100)]

const races: Readonly<Record<string, readonly [Race, ReadonlyArray<string>]>> = {
  'poll ∘ timeout, the caller going as the second attempt ends': [
    { policy: () => pipe(id, Policy.timeout(100), polling(2)), lines, abortAt: 220, calls: 3 },
    ['Aborted after 2', 'Right ready after 2']
  ],
  'poll, the caller and the deadline racing': [
    { policy: () => pipe(id, polling(2)), lines, abortAt: 220, deadline: 221, calls: 2, window: 2 },
    ['Aborted after 2', 'PollExhausted (Deadline) after 2', 'Right ready after 2']
  ],
  'timeout ∘ poll, during a sleep': [
    { policy: () => pipe(id, polling(2), Policy.timeout(120)), lines, abortAt: 120, calls: 2 },
    ['Aborted after 1', 'Aborted after 2', 'TimedOut after 1', 'TimedOut after 2']
  ],
  'deadline ∘ poll ∘ timeout, errors waited out': [
    {
      policy: () => pipe(id, Policy.timeout(100), polling(3), Policy.deadline(221)),
      lines: [fails('busy', 100), heeding(succeeds('ready', 100))],
      abortAt: 220,
      calls: 2,
      window: 2
    },
    ['Aborted after 2', 'PollExhausted (Deadline) after 2', 'Right ready after 2']
  ],
  'pollWith, the validator racing': [
    {
      policy: (time) =>
        pipe(
          id,
          Policy.pollWith<unknown, unknown, string, unknown, unknown, unknown>(every(2), {
            until: (a) => () =>
              new Promise<E.Either<string, unknown>>((resolve) => {
                time.after(20, () => {
                  resolve(a === 'ready' ? E.right(a) : E.left('not yet'))
                })
              })
          }),
          Policy.deadline(241)
        ),
      lines: [succeeds('pending', 80), succeeds('ready', 100)],
      abortAt: 240,
      calls: 2,
      window: 2
    },
    ['Aborted after 2', 'PollExhausted (Deadline) after 2', 'Right ready after 2']
  ],
  'poll with hooks that take their time': [
    {
      policy: (time) => {
        const later = () => () =>
          new Promise<void>((resolve) => {
            time.after(10, resolve)
          })
        return pipe(
          id,
          Policy.poll<unknown, unknown, unknown, unknown>(every(2), {
            until,
            beforePoll: later,
            decide: () => async () => {
              await later()()
              return Policy.again
            }
          }),
          Policy.timeout(140)
        )
      },
      lines: [succeeds('pending', 100), succeeds('ready', 0)],
      abortAt: 140,
      calls: 2,
      window: 10
    },
    ['Aborted after 1', 'Aborted after 2', 'Right ready after 2', 'TimedOut after 1', 'TimedOut after 2']
  ]
}

describe('interleavings of a poll: in every order there is exactly one answer, and nothing is left behind', () => {
  for (const [name, [race, expected]] of Object.entries(races)) {
    it(`${String(seeds)} orders of ${name}`, async () => {
      const outcomes = new Set<string>()
      const found = await interleavings({ seeds, from, window: race.window ?? 0 }, async (time) => {
        outcomes.add(await playRace(time, race))
      })
      expect(found).toEqual([])
      // the scheduler really reaches different ends
      expect([...outcomes].sort()).toEqual(expected)
    }, 600_000)
  }
})
