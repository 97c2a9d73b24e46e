import * as E from 'fp-ts/Either'
import * as O from 'fp-ts/Option'
import * as TE from 'fp-ts/TaskEither'
import { pipe } from 'fp-ts/function'
import { Policy, Rejection, Runner, Schedule } from 'resilience-ts'
import { fails, script, succeeds, virtual } from 'resilience-ts/testing'
import { nothingLeft, only } from './support'

type Asking = 'gone' | Rejection.TryAgain
const id = Policy.id<Asking, number>()
const { tryAgain, tryAgainAfter } = Rejection

const play = async <E2, A2>(
  policy: Policy.Policy<Asking, number, E2, A2>,
  ...lines: Array<ReturnType<typeof fails<Asking>>>
) => {
  const time = virtual()
  const operation = script<Asking, number>(time, lines[0]!, ...lines.slice(1), succeeds(1))
  const answer = await time.run(Runner.make(policy)(time.runtime)().run(operation.task))
  expect(await time.settle()).toEqual(nothingLeft)
  return { answer, calls: operation.calls.map(({ at }) => at), log: time.log }
}

describe('TryAgain', () => {
  it('is plain data', () => {
    expect(tryAgain).toEqual({ _tag: 'TryAgain', after: 0 })
    expect(tryAgainAfter(500)).toEqual({ _tag: 'TryAgain', after: 500 })
    expect(Rejection.isTryAgain(tryAgain)).toBe(true)
    expect(Rejection.isTryAgain('x')).toBe(false)
    expect(Rejection.isRefusal(tryAgain) || Rejection.isFinal(tryAgain)).toBe(false)
  })

  describe('in a retry', () => {
    it.each([
      ['while', { while: () => false }],
      ['until', { until: () => true }]
    ])('is retried whatever %s says, which is not asked', async (_name, options) => {
      const schedule = pipe(Schedule.constant(100), Schedule.take(3))
      const { answer, calls } = await play(pipe(id, Policy.retry(schedule, options)), fails(tryAgain), fails(tryAgain))
      expect([answer, calls]).toEqual([E.right(1), [0, 100, 200]])
      const other = await play(pipe(id, Policy.retry(schedule, options)), fails(tryAgain), fails('gone'))
      expect([other.answer, other.calls]).toEqual([E.left('gone'), [0, 100]])
    })

    it('obeys the stop of the schedule, and is then the error given back', async () => {
      const again = tryAgainAfter(7)
      const { answer, calls, log } = await play(
        pipe(id, Policy.retry(pipe(Schedule.forever, Schedule.take(1)), { while: () => false })),
        fails(again),
        fails(again),
        fails(again)
      )
      expect(E.isLeft(answer) && answer.left).toBe(again)
      expect(calls).toEqual([0, 7])
      expect(only(log, 'RetryStopped').map(({ reason }) => reason)).toEqual([{ _tag: 'Attempts', limit: 1 }])
    })

    it('obeys within, with the delay that it asks for', async () => {
      const schedule = pipe(Schedule.constant(10), Schedule.within(500))
      const { answer, calls } = await play(
        pipe(id, Policy.retry(schedule)),
        fails(tryAgainAfter(400)),
        fails(tryAgainAfter(100))
      )
      expect([answer, calls]).toEqual([E.left(tryAgainAfter(100)), [0, 400]])
    })

    it('obeys a deadline, decide, and stopOn', async () => {
      const deadline = pipe(id, Policy.retry(Schedule.forever), Policy.deadline(100))
      expect((await play(deadline, fails(tryAgainAfter(200)))).answer).toEqual(E.left(tryAgainAfter(200)))
      const decide = pipe(id, Policy.retry(Schedule.forever, { decide: () => async () => Policy.giveUp }))
      expect((await play(decide, fails(tryAgain))).answer).toEqual(E.left(tryAgain))
    })

    it.each<[number, number]>([
      [50, 100],
      [500, 500],
      [0, 100],
      [-5, 100],
      [NaN, 100],
      [Infinity, 100],
      ['5000' as never, 100]
    ])('asks for %p ms: the longer of that and the delay, %p', async (after, delay) => {
      const { calls } = await play(pipe(id, Policy.retry(Schedule.constant(100))), fails(tryAgainAfter(after)))
      expect(calls).toEqual([0, delay])
    })

    it('is what the operation of a retryOrElse is told', async () => {
      const policy = pipe(
        id,
        Policy.retryOrElse(Schedule.stop, ({ error }) => TE.left(error))
      )
      expect((await play(policy, fails(tryAgain))).answer).toEqual(E.left(tryAgain))
    })

    it('mapped to another error it is one like any other', async () => {
      const policy = pipe(
        id,
        Policy.mapLeft((e) => (e === 'gone' ? e : 'busy')),
        Policy.retry(Schedule.forever, { while: () => false })
      )
      expect((await play(policy, fails(tryAgain))).answer).toEqual(E.left('busy'))
    })
  })

  describe('in a poll', () => {
    const until = (n: number) => n > 0

    it('is waited out, though no error is', async () => {
      const policy = pipe(id, Policy.poll(Schedule.constant(100), { until, waitOut: () => false }))
      const { answer, calls, log } = await play(policy, fails(tryAgain), fails(tryAgainAfter(300)))
      expect([answer, calls]).toEqual([E.right(1), [0, 100, 400]])
      expect(only(log, 'PollScheduled')[0]!.outcome).toEqual(E.left(tryAgain))
    })

    it('is in PollExhausted where there is no further attempt', async () => {
      const policy = pipe(id, Policy.poll(pipe(Schedule.constant(100), Schedule.take(1)), { until }))
      const exact: Policy.Policy<Asking, number, 'gone' | Rejection.PollExhausted<number>, number> = policy
      expect((await play(exact, fails(tryAgain), fails(tryAgain))).answer).toEqual(
        E.left({
          _tag: 'PollExhausted',
          value: O.none,
          error: O.some(tryAgain),
          attempts: 2,
          elapsed: 100,
          reason: { _tag: 'Attempts', limit: 1 }
        })
      )
    })

    it('other errors are the answer as they were', async () => {
      const policy = pipe(id, Policy.pollWith(Schedule.constant(100), { until: (n) => TE.right(n) }))
      expect((await play(policy, fails(tryAgain), fails('gone'))).answer).toEqual(E.left('gone'))
    })
  })
})
