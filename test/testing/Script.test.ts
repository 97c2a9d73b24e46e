import { Policy, Runner, Schedule } from 'resilience-ts'
import {
  fails,
  gives,
  hangs,
  heeding,
  type Line,
  rejects,
  script,
  succeeds,
  throws,
  virtual
} from 'resilience-ts/testing'
import * as E from 'fp-ts/Either'
import * as O from 'fp-ts/Option'
import { pipe } from 'fp-ts/function'
import { nothingLeft } from '../play'

const id = Policy.id<unknown, unknown>()

/** What the first call of an operation does, bare: its value and when it came. */
const bare = async (line: Line<unknown, unknown>): Promise<readonly [string, unknown, number]> => {
  const time = virtual()
  const operation = script(time, line)
  try {
    const value: unknown = await time.run(operation.task)
    return ['gives', value, time.now()]
  } catch (cause) {
    return ['throws', cause, time.now()]
  }
}

describe('script', () => {
  it('succeeds, at once or later', async () => {
    expect(await bare(succeeds(1))).toEqual(['gives', E.right(1), 0])
    expect(await bare(succeeds(undefined, 25))).toEqual(['gives', E.right(undefined), 25])
  })

  it('fails, at once or later', async () => {
    expect(await bare(fails('busy'))).toEqual(['gives', E.left('busy'), 0])
    expect(await bare(fails(null, 25))).toEqual(['gives', E.left(null), 25])
  })

  it('rejects, at once or later', async () => {
    expect(await bare(rejects(undefined))).toEqual(['throws', undefined, 0])
    expect(await bare(rejects('oh', 25))).toEqual(['throws', 'oh', 25])
  })

  it('throws, synchronously', () => {
    const time = virtual()
    const { task } = script(time, throws('oh'))
    expect(() => task()).toThrow('oh')
    expect(() => time.start(task)).toThrow('oh')
    expect(time.leaks()).toEqual(nothingLeft)
  })

  it('gives anything at all', () => {
    const thenable = { then: () => {} }
    for (const value of [undefined, 42, thenable]) expect(script(virtual(), gives(value)).task()).toBe(value)
  })

  it('hangs', async () => {
    const time = virtual()
    await expect(time.run(script(time, hangs).task)).rejects.toThrow('stuck at 0 ms')
    expect(time.leaks().operations).toBe(1)
  })

  it('does as the lines say, one after the other; the last repeats', async () => {
    const time = virtual()
    const operation = script<unknown, unknown>(time, fails('a', 1), succeeds('b', 2), fails('c', 3))
    const answers: Array<unknown> = []
    for (let i = 0; i < 5; i++) answers.push(await time.run(operation.task))
    expect(answers).toEqual([E.left('a'), E.right('b'), E.left('c'), E.left('c'), E.left('c')])
    expect(operation.calls.map(({ at }) => at)).toEqual([0, 1, 3, 6, 9])
  })

  it('two scripts keep their own count, and so does a call that is still on its way', async () => {
    const time = virtual()
    const operation = script(time, succeeds('first', 50), succeeds('second', 10))
    const other = script(time, succeeds('other', 5))
    const answers = await time.run(() => Promise.all([operation.task(), operation.task(), other.task()]))
    expect(answers).toEqual([E.right('first'), E.right('second'), E.right('other')])
    expect(await time.settle()).toEqual(nothingLeft)
  })

  it('remembers what each call was told, if it was run with its attempt', async () => {
    const time = virtual()
    const operation = script<unknown, unknown>(time, fails('busy', 5), succeeds(1, 5))
    const runner = Runner.make(pipe(id, Policy.retry(Schedule.constant(10)), Policy.deadline(100)))(time.runtime)()
    await time.run(runner.runWith(operation.operation))
    expect(operation.calls.map(({ attempt }) => attempt?.number)).toEqual([1, 2])
    expect(operation.calls.map(({ attempt }) => attempt?.previous)).toEqual([
      { _tag: 'None' },
      { _tag: 'Some', value: 'busy' }
    ])
    const plain = script(time, succeeds(1))
    await time.run(runner.run(plain.task))
    expect(plain.calls).toEqual([{ at: 20, attempt: undefined }])
  })

  describe('heeding', () => {
    it('settles at once when its attempt is aborted', async () => {
      for (const line of [succeeds(1, 500), fails('busy', 500)]) {
        const time = virtual()
        const runner = Runner.make(pipe(id, Policy.timeout(100)))(time.runtime)()
        await time.run(runner.runWith(script<unknown, unknown>(time, heeding<unknown, unknown>(line)).operation))
        await time.advance(0)
        expect([time.now(), time.leaks().operations]).toEqual([100, 0])
      }
    })

    it('settles at once when its attempt has been aborted before, and arranges nothing', async () => {
      const time = virtual()
      const { operation } = script(time, heeding(succeeds(1, 500)))
      const attempt = { signal: AbortSignal.abort(), number: 1, previous: O.none, deadline: Infinity }
      expect(await time.run(operation(attempt))).toEqual(E.right(1))
      expect([time.now(), time.leaks()]).toEqual([0, nothingLeft])
    })

    it('settles as it would, when it is not aborted', async () => {
      const time = virtual()
      const runner = Runner.make(pipe(id, Policy.timeout(100)))(time.runtime)()
      const operation = script(time, heeding(succeeds(1, 50)))
      expect(await time.run(runner.runWith(operation.operation))).toEqual(E.right(1))
      expect(time.now()).toBe(50)
      // a plain task is told of no signal
      expect(await time.run(runner.run(operation.task))).toEqual(E.right(1))
    })

    it('changes no line that cannot heed', () => {
      for (const line of [hangs, throws(1), rejects(1), gives(1)]) expect(heeding(line)).toBe(line)
    })
  })
})
