import * as E from 'fp-ts/Either'
import * as TE from 'fp-ts/TaskEither'
import { pipe } from 'fp-ts/function'
import { type Rejection, Policy, Runner, Schedule } from 'resilience-ts'
import { fails, heeding, script, succeeds, virtual } from 'resilience-ts/testing'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { nothingLeft } from '../support'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

const id = Policy.id<string, number>()

const errorsOf = async (
  keepErrors: number | undefined,
  times: number,
  ...lines: Array<ReturnType<typeof fails<string>>>
) => {
  const time = virtual()
  const seen: Array<Rejection.Exhausted<string>> = []
  const policy = pipe(
    id,
    Policy.retryOrElse(
      pipe(Schedule.constant(10), Schedule.take(times)),
      (exhausted: Rejection.Exhausted<string>) => {
        seen.push(exhausted)
        return TE.left('end')
      },
      keepErrors === undefined ? {} : { keepErrors }
    )
  )
  const operation = script<string, number>(time, lines[0]!, ...lines.slice(1))
  await time.run(Runner.make(policy)(time.runtime)().run(operation.task))
  expect(await time.settle()).toEqual(nothingLeft)
  return seen[0]
}
const abcd = ['a', 'b', 'c', 'd'].map((error) => fails(error))

describe('keepErrors', () => {
  it.each<[number | undefined, ReadonlyArray<string>]>([
    [undefined, []],
    [0, []],
    [1, ['d']],
    [2, ['c', 'd']],
    [4, ['a', 'b', 'c', 'd']],
    [9, ['a', 'b', 'c', 'd']]
  ])('%p: the last ones, oldest first', async (keep, errors) => {
    expect(await errorsOf(keep, 3, ...abcd)).toMatchObject({ error: 'd', attempts: 4, errors })
  })

  it('starts anew with each run', async () => {
    const time = virtual()
    const policy = pipe(
      id,
      Policy.retryOrElse(Schedule.delays([1]), ({ errors }) => TE.left(errors), { keepErrors: 3 })
    )
    const { run } = Runner.make(policy)(time.runtime)()
    const one = (a: string, b: string) => time.run(run(script<string, number>(time, fails(a), fails(b)).task))
    expect(await one('a', 'b')).toEqual(E.left(['a', 'b']))
    expect(await one('c', 'd')).toEqual(E.left(['c', 'd']))
  })

  it('holds no more than that, however many attempts', async () => {
    const exhausted = await errorsOf(3, 10_000, fails('x'))
    expect(exhausted).toMatchObject({ attempts: 10_001, errors: ['x', 'x', 'x'] })
  })

  it.each([0, 3])('%d: lets go of those before', async (keepErrors) => {
    const time = virtual({ log: false })
    const made: Array<WeakRef<object>> = []
    let alive = -1
    const policy = pipe(
      Policy.id<object, number>(),
      Policy.retryOrElse(pipe(Schedule.constant(10), Schedule.take(200)), ({ errors }) => TE.left(errors.length), {
        keepErrors
      })
    )
    // between two attempts
    time.after(1505, () => {
      collectGarbage()
      alive = made.filter((ref) => ref.deref() !== undefined).length
    })
    const answer = await time.run(
      Runner.make(policy)(time.runtime)().run(async () => {
        const error = { attempt: made.length }
        made.push(new WeakRef(error))
        return E.left(error)
      })
    )
    expect(answer).toEqual(E.left(keepErrors))
    // the last one is always known
    expect(alive).toBe(Math.max(keepErrors, 1))
  })

  it('a deadline inside that cuts an attempt short is no news', async () => {
    const time = virtual()
    const policy = pipe(
      id,
      Policy.deadline(50),
      Policy.retryOrElse(Schedule.constant(10), ({ errors, reason }) => TE.left({ errors, reason: reason._tag }), {
        keepErrors: 5
      })
    )
    const operation = script<string, number>(time, fails('a', 10), heeding(succeeds(1, 100)))
    expect(await time.run(Runner.make(policy)(time.runtime)().runWith(operation.operation))).toEqual(
      E.left({ errors: ['a'], reason: 'Deadline' })
    )
  })

  it('is shown, and found by validate where it is no count, or has no end', () => {
    const policy = (keepErrors: number) =>
      pipe(
        id,
        Policy.retryOrElse(Schedule.stop, () => TE.left('x'), { keepErrors })
      )
    expect(Policy.show(policy(3))).toBe('retryOrElse(stop, keepErrors: 3, orElse: <function>)\n└─ operation')
    for (const value of [-1, 1.5, NaN, Infinity, '3' as never]) {
      expect(Policy.validate(policy(value))).toEqual([
        { path: 'retryOrElse.keepErrors', value, allowed: 'a whole number, >= 0, or nothing' }
      ])
    }
  })
})
