import { AsyncLocalStorage } from 'async_hooks'
import * as E from 'fp-ts/Either'
import * as O from 'fp-ts/Option'
import * as TE from 'fp-ts/TaskEither'
import { pipe } from 'fp-ts/function'
import { Policy, type Rejection, Report, Runner, Runtime, Schedule, Strategy } from 'resilience-ts'
import {
  fails,
  hangs,
  heeding,
  interleavings,
  script,
  succeeds,
  throws,
  virtual,
  type VirtualRuntime
} from 'resilience-ts/testing'
import { defect, nothingLeft, only, raise, tags } from '../support'

const id = Policy.id<string, number>()
const idle: Policy.BulkheadStatus = { permits: 1, active: 0, hanging: 0, abandoned: 0, queued: 0 }
const full = (
  reason: Rejection.BulkheadFull['reason'],
  rest: Partial<Rejection.BulkheadFull> = {}
): E.Either<unknown, never> =>
  E.left({ _tag: 'BulkheadFull', reason, permits: 1, active: 1, hanging: 0, queued: 0, ...rest })

const controlOf = (runner: Strategy.Steerable, name?: string): Policy.BulkheadControl => {
  const control = Policy.bulkheadControl(runner, name)
  if (O.isNone(control)) throw new Error('there is no such bulkhead')
  return control.value
}

interface Asked {
  readonly name: string
  readonly at: number
  readonly takes?: number
  readonly options?: Runner.RunOptions
}

interface Told {
  readonly began: Array<string>
  readonly ended: Array<string>
}

/** Calls come at their times, each an operation that takes its time; tells who began and ended when. */
const calls = <E2, A2>(
  time: VirtualRuntime,
  runner: Runner.Runner<string, number, E2, A2>,
  asked: ReadonlyArray<Asked>
) => {
  const told: Told = { began: [], ended: [] }
  for (const { name, at, takes = 100, options } of asked) {
    time.after(at, () => {
      const { operation } = script<string, number>(time, succeeds(1, takes))
      const task = runner.runWith((attempt) => {
        told.began.push(`${name} ${String(time.now())}`)
        return operation(attempt)
      }, options)
      void time.start(task).then((answer) => {
        const how = answer._tag === 'Right' ? 'Right' : (answer.left as { readonly _tag: string })._tag
        told.ended.push(`${name} ${String(time.now())} ${how}`)
      })
    })
  }
  return told
}

const bulkheads = (permits: number, options?: Policy.BulkheadOptions) => {
  const time = virtual()
  const runner = Runner.make(pipe(id, Policy.bulkhead(permits, options)))(time.runtime)()
  return { time, runner, control: controlOf(runner) }
}

describe('bulkhead', () => {
  it('lets as many in as there are permits, and refuses the next', async () => {
    const { time, runner, control } = bulkheads(2)
    const told = calls(time, runner, [
      { name: 'a', at: 0 },
      { name: 'b', at: 10 },
      { name: 'c', at: 20 },
      { name: 'd', at: 101 }
    ])
    await time.advance(50)
    expect(control.status()).toEqual({ ...idle, permits: 2, active: 2 })
    expect(await time.settle()).toEqual(nothingLeft)
    expect(told.began).toEqual(['a 0', 'b 10', 'd 101'])
    expect(told.ended).toEqual(['c 20 BulkheadFull', 'a 100 Right', 'b 110 Right', 'd 201 Right'])
    expect(control.status()).toEqual({ ...idle, permits: 2 })
  })

  it('says what it found when it refuses', async () => {
    const time = virtual()
    const runner = Runner.make(pipe(id, Policy.timeout(50), Policy.bulkhead(2, { queue: 1 })))(time.runtime)()
    const hanging = time.start(runner.run(script<string, number>(time, hangs).task))
    await time.advance(50)
    await hanging
    for (const takes of [10, 10]) void time.start(runner.run(script<string, number>(time, succeeds(1, takes)).task))
    const answer = await time.start(runner.run(script<string, number>(time, succeeds(1)).task))
    expect(answer).toEqual(full('queue', { permits: 2, active: 2, hanging: 1, queued: 1 }))
    expect(await time.settle()).toEqual({ ...nothingLeft, operations: 1 })
  })

  it.each([
    ['a success', succeeds(1, 10)],
    ['a failure', fails('x', 10)],
    ['a throw', throws('oh')]
  ] as const)('gives the permit back after %s', async (_name, line) => {
    const { time, runner, control } = bulkheads(1)
    const scripted = script<string, number>(time, line)
    for (let i = 0; i < 3; i++) expect(await time.run(runner.run(scripted.task))).not.toEqual(full('queue'))
    expect(scripted.calls).toHaveLength(3)
    expect(control.status()).toEqual(idle)
  })

  it('gives the very Either of the operation back', async () => {
    const { time, runner } = bulkheads(1)
    const either = E.right(1)
    expect(await time.run(runner.run(() => Promise.resolve(either)))).toBe(either)
  })

  describe('the queue', () => {
    const order = async (options: Policy.BulkheadOptions, asked: ReadonlyArray<Asked>): Promise<Told> => {
      const { time, runner, control } = bulkheads(1, options)
      const told = calls(time, runner, asked)
      expect(await time.settle()).toEqual(nothingLeft)
      expect(control.status()).toEqual(idle)
      return told
    }
    const abcd = ['a', 'b', 'c', 'd'].map((name, index) => ({ name, at: index * 10 }))

    it('first in first out, unless said otherwise', async () => {
      for (const options of [{ queue: 9 }, { queue: Infinity, order: 'fifo' }] as const)
        expect((await order(options, abcd)).began).toEqual(['a 0', 'b 100', 'c 200', 'd 300'])
    })

    it('last in first out', async () => {
      expect((await order({ queue: 9, order: 'lifo' }, abcd)).began).toEqual(['a 0', 'd 100', 'c 200', 'b 300'])
    })

    it('by priority, the highest first, ties first in first out', async () => {
      const seen: Array<Policy.BulkheadCall> = []
      const urgent = (call: Policy.BulkheadCall): number => {
        seen.push(call)
        return call.key === 'urgent' ? 2 : Number(call.attributes['weight'] ?? 0)
      }
      const { began } = await order({ queue: 9, order: urgent }, [
        { name: 'a', at: 0 },
        { name: 'b', at: 10 },
        { name: 'c', at: 20, options: { attributes: { weight: 1 } } },
        { name: 'd', at: 30, options: { key: 'urgent' } },
        { name: 'e', at: 40 },
        { name: 'f', at: 50, options: { attributes: { weight: 1 } } },
        { name: 'g', at: 60, options: { attributes: { weight: -Infinity } } }
      ])
      expect(began.map((each) => each[0])).toEqual(['a', 'd', 'c', 'f', 'b', 'e', 'g'])
      // who finds a permit is not asked
      expect(seen).toHaveLength(6)
      expect(seen[2]).toEqual({ key: 'urgent', attributes: {} })
    })

    it('is bounded, and refuses who comes, whatever its order', async () => {
      for (const by of ['fifo', 'lifo', () => 1] as const) {
        const { ended } = await order({ queue: 2, order: by }, abcd)
        expect(ended[0]).toBe('d 30 BulkheadFull')
      }
    })

    it('nobody overtakes: a permit is handed straight to the next who waits', async () => {
      const { began } = await order({ queue: 9 }, [
        { name: 'a', at: 0, takes: 100 },
        { name: 'b', at: 10 },
        // comes in the very instant in which a gives its permit back
        { name: 'c', at: 100 }
      ])
      expect(began).toEqual(['a 0', 'b 100', 'c 200'])
    })

    it('a retry that goes on at once queues behind those who wait', async () => {
      const time = virtual()
      const policy = pipe(id, Policy.bulkhead(1, { queue: 9 }), Policy.retry(pipe(Schedule.forever, Schedule.take(1))))
      const runner = Runner.make(policy)(time.runtime)()
      const first = script<string, number>(time, fails('x', 10), succeeds(1, 10))
      const second = script<string, number>(time, succeeds(2, 10))
      const answers = [time.start(runner.run(first.task)), time.start(runner.run(second.task))]
      expect(await time.settle()).toEqual(nothingLeft)
      expect(await Promise.all(answers)).toEqual([E.right(1), E.right(2)])
      expect(first.calls.map(({ at }) => at)).toEqual([0, 20])
      expect(second.calls.map(({ at }) => at)).toEqual([10])
    })

    it('a priority that throws, or is no number, is a defect, and takes no place', async () => {
      for (const [by, kind] of [
        [() => raise('oh'), 'Thrown'],
        [() => NaN, 'Malformed'],
        [() => 'high' as never, 'Malformed']
      ] as const) {
        const { time, runner, control } = bulkheads(1, { queue: 9, order: by })
        void time.start(runner.run(script<string, number>(time, succeeds(1, 100)).task))
        const answer = await time.start(runner.run(script<string, number>(time, succeeds(2)).task))
        const call = { key: undefined, attributes: {} }
        const cause = kind === 'Thrown' ? 'oh' : by()
        expect(answer).toEqual(E.left(defect(kind, 'bulkhead.order', cause, call)))
        expect(control.status()).toEqual({ ...idle, active: 1 })
        expect(await time.settle()).toEqual(nothingLeft)
      }
    })

    it('a priority that calls the call off leaves nothing', async () => {
      const time = virtual()
      const caller = time.signal()
      const by = (): number => {
        caller.abort('enough')
        return 1
      }
      const runner = Runner.make(pipe(id, Policy.bulkhead(1, { queue: 9, order: by })))(time.runtime)()
      void time.start(runner.run(script<string, number>(time, succeeds(1, 100)).task))
      const operation = script<string, number>(time, succeeds(2))
      const answer = await time.start(runner.runWith(operation.operation, { signal: caller.signal }))
      expect(answer).toEqual(E.left({ _tag: 'Aborted', by: 'caller', reason: 'enough' }))
      expect(await time.settle()).toEqual(nothingLeft)
      expect(operation.calls).toEqual([])
      expect(controlOf(runner).status()).toEqual(idle)
    })

    it('a priority that changes the bulkhead is heeded', async () => {
      for (const [room, resized, outcome] of [
        [9, 2, 'Right'],
        [1, 1, 'BulkheadFull']
      ] as const) {
        const time = virtual()
        let asked = 0
        const by = (): number => {
          if (asked++ > 0) return 0
          if (resized === 2) controlOf(runner).resize(2)()
          else void time.start(runner.run(script<string, number>(time, succeeds(3, 10)).task))
          return 1
        }
        const runner: Runner.Runner<string, number, unknown, number> = Runner.make(
          pipe(id, Policy.bulkhead(1, { queue: room, order: by }))
        )(time.runtime)()
        void time.start(runner.run(script<string, number>(time, succeeds(1, 100)).task))
        const answer = await time.run(runner.run(script<string, number>(time, succeeds(2)).task))
        expect(JSON.stringify(answer)).toContain(outcome)
        expect(await time.settle()).toEqual(nothingLeft)
        expect(controlOf(runner).status()).toEqual({ ...idle, permits: resized })
      }
    })
  })

  describe('the limit of the wait', () => {
    it('ends it', async () => {
      const { time, runner, control } = bulkheads(1, { queue: 9, wait: 50 })
      const told = calls(time, runner, [
        { name: 'a', at: 0 },
        { name: 'b', at: 10 },
        { name: 'c', at: 60 }
      ])
      await time.advance(59)
      expect(control.status()).toEqual({ ...idle, active: 1, queued: 1 })
      expect(await time.settle()).toEqual(nothingLeft)
      expect(told.ended).toEqual(['b 60 BulkheadFull', 'a 100 Right', 'c 200 Right'])
    })

    it('says so', async () => {
      const { time, runner } = bulkheads(1, { queue: 9, wait: 50 })
      void time.start(runner.run(script<string, number>(time, succeeds(1, 100)).task))
      expect(await time.run(runner.run(script<string, number>(time, succeeds(1)).task))).toEqual(full('wait'))
      expect(time.now()).toBe(50)
    })

    it('no timer is left of one who was let in, or who left', async () => {
      const { time, runner } = bulkheads(1, { queue: 9, wait: 1000 })
      const caller = time.signal()
      calls(time, runner, [
        { name: 'a', at: 0 },
        { name: 'b', at: 10 },
        { name: 'c', at: 20, options: { signal: caller.signal } }
      ])
      time.after(30, () => {
        caller.abort()
      })
      expect(await time.settle()).toEqual(nothingLeft)
      expect(time.now()).toBe(200)
    })
  })

  describe('a deadline', () => {
    it('ends the wait when it comes, as the deadline’s', async () => {
      const { time, runner, control } = bulkheads(1, { queue: 9 })
      const told = calls(time, runner, [
        { name: 'a', at: 0 },
        { name: 'b', at: 10, options: { deadline: 50 } }
      ])
      expect(await time.settle()).toEqual(nothingLeft)
      expect(told).toEqual({ began: ['a 0'], ended: ['b 60 DeadlineExceeded', 'a 100 Right'] })
      expect(control.status()).toEqual(idle)
    })

    it('is what the answer is, in whatever order the two notice', async () => {
      const found = await interleavings({ seeds: 100, window: 2 }, async (time) => {
        const policy = pipe(id, Policy.bulkhead(1, { queue: 9 }), late(10), Policy.deadline(50))
        const runner = Runner.make(policy)(time.runtime)()
        const tasks = [500, 1].map((ms) => time.start(runner.run(script<string, number>(time, succeeds(1, ms)).task)))
        const exceeded = E.left({ _tag: 'DeadlineExceeded', deadline: 50 })
        await time.settle()
        expect(await Promise.all(tasks)).toEqual([exceeded, exceeded])
      })
      expect(found).toEqual([])
    })

    it('with a reserve, ends it as soon as nothing could end in time', async () => {
      const time = virtual()
      const policy = pipe(id, Policy.bulkhead(1, { queue: 9 }), Policy.deadline(80, { reserve: 30 }))
      const runner = Runner.make(policy)(time.runtime)()
      void time.start(runner.run(script<string, number>(time, succeeds(1, 70)).task))
      const operation = script<string, number>(time, succeeds(2))
      expect(await time.run(runner.run(operation.task))).toEqual(full('deadline'))
      expect(time.now()).toBe(50)
      expect(operation.calls).toEqual([])
      expect(await time.settle()).toEqual(nothingLeft)
    })

    it('a limit of the wait that is nearer counts', async () => {
      const time = virtual()
      const policy = pipe(id, Policy.bulkhead(1, { queue: 9, wait: 40 }), Policy.deadline(80, { reserve: 30 }))
      const runner = Runner.make(policy)(time.runtime)()
      void time.start(runner.run(script<string, number>(time, succeeds(1, 70)).task))
      expect(await time.run(runner.run(script<string, number>(time, succeeds(2)).task))).toEqual(full('wait'))
      expect(time.now()).toBe(40)
      await time.settle()
    })

    it('that is over when there is something to wait for is not waited for', async () => {
      const time = virtual()
      let ms = 0
      const pause = Policy.before(() => () => new Promise<void>((resolve) => time.after(ms, resolve)))
      const policy = pipe(id, Policy.bulkhead(1, { queue: 9 }), pause, Policy.deadline(80, { reserve: 30 }))
      const runner = Runner.make(policy)(time.runtime)()
      void time.start(runner.run(script<string, number>(time, succeeds(1, 500)).task))
      await time.advance(1)
      ms = 60
      const answer = time.start(runner.run(script<string, number>(time, succeeds(2)).task))
      await time.advance(60)
      expect(await answer).toEqual(full('deadline'))
    })

    it('that is over when a permit comes is not begun, and the permit is handed on', async () => {
      const time = virtual()
      const limited = pipe(id, Policy.bulkhead(1, { queue: 9 }), Policy.deadline(100, { reserve: 50 }))
      const runner = Runner.make(limited)(time.runtime)()
      const control = controlOf(runner)
      void time.start(runner.run(script<string, number>(time, succeeds(1, 49.5)).task))
      // a platform timer counts whole milliseconds: this one waits until 50, and is roused before, with too little left
      const late = script<string, number>(time, succeeds(2))
      const answer = time.start(runner.runWith(late.operation, { deadline: 99.25 }))
      const next = script<string, number>(time, succeeds(3))
      void time.start(runner.run(next.task))
      expect(await time.settle()).toEqual(nothingLeft)
      expect(await answer).toEqual(full('deadline'))
      expect([late.calls.length, next.calls.map(({ at }) => at)]).toEqual([0, [49.5]])
      expect(control.status()).toEqual(idle)
    })
  })

  describe('an abort', () => {
    it('of one who waits: it leaves at once, and its place is free', async () => {
      const { time, runner, control } = bulkheads(1, { queue: 1 })
      const caller = time.signal()
      const told = calls(time, runner, [
        { name: 'a', at: 0 },
        { name: 'b', at: 10, options: { signal: caller.signal } },
        { name: 'c', at: 30 }
      ])
      time.after(20, () => {
        caller.abort()
        expect(control.status()).toEqual({ ...idle, active: 1 })
      })
      expect(await time.settle()).toEqual(nothingLeft)
      expect(told.began).toEqual(['a 0', 'c 100'])
      expect(told.ended[0]).toBe('b 20 Aborted')
    })

    it('of one who has been handed a permit, and is not awake yet: the next has it', async () => {
      const { time, runner, control } = bulkheads(1, { queue: 9 })
      const caller = time.signal()
      const told = calls(time, runner, [
        { name: 'a', at: 0, takes: 1000 },
        { name: 'b', at: 10, options: { signal: caller.signal } },
        { name: 'c', at: 20 }
      ])
      time.after(50, () => {
        control.resize(2)()
        expect(control.status()).toEqual({ ...idle, permits: 2, active: 2, queued: 1 })
        caller.abort()
        expect(control.status()).toEqual({ ...idle, permits: 2, active: 2, queued: 0 })
      })
      await time.advance(60)
      expect(told).toEqual({ began: ['a 0', 'c 50'], ended: ['b 50 Aborted'] })
      expect(await time.settle()).toEqual(nothingLeft)
      expect(control.status()).toEqual({ ...idle, permits: 2 })
    })

    it('of one who runs: answered at once, and the permit is held until it settles', async () => {
      const { time, runner, control } = bulkheads(1)
      const caller = time.signal()
      const told = calls(time, runner, [{ name: 'a', at: 0, options: { signal: caller.signal } }])
      time.after(40, () => {
        caller.abort()
      })
      await time.advance(50)
      expect(told.ended).toEqual(['a 40 Aborted'])
      expect(control.status()).toEqual({ ...idle, active: 1, hanging: 1 })
      expect(await time.settle()).toEqual(nothingLeft)
      expect(control.status()).toEqual(idle)
    })

    it('before the call: nothing is taken', async () => {
      const { time, runner, control } = bulkheads(1)
      const caller = time.signal()
      caller.abort()
      await time.run(runner.runWith(script<string, number>(time, succeeds(1)).operation, { signal: caller.signal }))
      expect(control.status()).toEqual(idle)
    })

    it.each(['CallQueued', 'CallAdmitted', 'CallRefused'] as const)(
      'by a listener to %s leaves nothing',
      async (tag) => {
        const time = virtual()
        const caller = time.signal()
        const runtime = pipe(
          time.runtime,
          Runtime.withObserver((event) => {
            if (event._tag === tag) caller.abort(tag)
          })
        )
        const runner = Runner.make(pipe(id, Policy.bulkhead(1, { queue: tag === 'CallRefused' ? 0 : 1 })))(runtime)()
        const told = calls(time, runner, [
          { name: 'a', at: 0 },
          { name: 'b', at: 10, options: { signal: caller.signal } },
          { name: 'c', at: 150 }
        ])
        expect(await time.settle()).toEqual(nothingLeft)
        expect(told.began).toEqual(['a 0', 'c 150'])
        expect(told.ended.filter((each) => each.startsWith('b'))).toEqual([
          `b ${tag === 'CallAdmitted' ? '100' : '10'} Aborted`
        ])
        expect(controlOf(runner).status()).toEqual(idle)
      }
    )

    it('by a listener to CallRefused is the one answer there is', async () => {
      const time = virtual()
      const caller = time.signal()
      const runtime = pipe(
        time.runtime,
        Runtime.withObserver((event) => {
          if (event._tag === 'CallRefused') caller.abort('enough')
        })
      )
      const answers: Array<string> = []
      const policy = pipe(id, Policy.bulkhead(1), noting(answers))
      const runner = Runner.make(policy)(runtime)()
      controlOf(runner).resize(0)()
      const { operation } = script<string, number>(time, succeeds(1))
      await time.run(runner.runWith(operation, { signal: caller.signal }))
      expect(answers).toEqual(['Aborted'])
    })

    it('a runner that is closed lets those who wait go', async () => {
      const { time, runner, control } = bulkheads(1, { queue: 9, wait: 500 })
      const told = calls(time, runner, [
        { name: 'a', at: 0 },
        { name: 'b', at: 10 },
        { name: 'c', at: 20 }
      ])
      time.after(50, () => void runner.close())
      expect(await time.settle()).toEqual(nothingLeft)
      expect(told.began).toEqual(['a 0'])
      expect(told.ended.sort()).toEqual(['a 50 Defect', 'b 50 Defect', 'c 50 Defect'])
      expect(control.status()).toEqual(idle)
    })

    it('a runner that is drained waits for those who wait', async () => {
      const { time, runner } = bulkheads(1, { queue: 9 })
      const told = calls(time, runner, [
        { name: 'a', at: 0 },
        { name: 'b', at: 10 }
      ])
      await time.advance(20)
      await time.run(runner.drain)
      expect(told.ended).toEqual(['a 100 Right', 'b 200 Right'])
    })
  })

  describe('what hangs', () => {
    const limited = (options: Policy.BulkheadOptions = {}) => {
      const time = virtual()
      const runner = Runner.make(pipe(id, Policy.timeout(100), Policy.bulkhead(1, options)))(time.runtime)()
      return { time, runner, control: controlOf(runner) }
    }

    it('holds its permit until it settles, and is counted', async () => {
      const { time, runner, control } = limited({ queue: 1 })
      const told = calls(time, runner, [
        { name: 'a', at: 0, takes: 300 },
        { name: 'b', at: 50, takes: 10 }
      ])
      await time.advance(200)
      expect(told.ended).toEqual(['a 100 TimedOut'])
      expect(control.status()).toEqual({ ...idle, active: 1, hanging: 1, queued: 1 })
      expect(await time.settle()).toEqual(nothingLeft)
      expect(told.began).toEqual(['a 0', 'b 300'])
      expect(control.status()).toEqual(idle)
    })

    it('may be abandoned, when asked; what settles later moves nothing', async () => {
      const { time, runner, control } = limited({ queue: 1 })
      const told = calls(time, runner, [
        { name: 'a', at: 0, takes: 300 },
        { name: 'b', at: 50, takes: 50 },
        { name: 'c', at: 290, takes: 50 }
      ])
      await time.advance(200)
      expect(control.abandon()).toBe(1)
      expect(control.abandon()).toBe(0)
      expect(control.status()).toEqual({ ...idle, active: 1, abandoned: 1 })
      await time.advance(99)
      expect(control.status()).toEqual({ ...idle, active: 1, abandoned: 1 })
      await time.advance(1)
      expect(control.status()).toEqual({ ...idle, active: 1 })
      expect(runner.status().hanging).toBe(0)
      expect(await time.settle()).toEqual(nothingLeft)
      expect(told.began).toEqual(['a 0', 'b 200', 'c 290'])
      expect(control.status()).toEqual(idle)
    })

    it('may be abandoned after a time, when asked', async () => {
      const { time, runner, control } = limited({ queue: 1, abandonAfter: 60 })
      const told = calls(time, runner, [
        { name: 'a', at: 0, takes: 300 },
        { name: 'b', at: 50, takes: 120 }
      ])
      await time.advance(159)
      expect(control.status()).toEqual({ ...idle, active: 1, hanging: 1, queued: 1 })
      await time.advance(2)
      expect(control.status()).toEqual({ ...idle, active: 1, abandoned: 1 })
      // b hangs from 260 to 280, for less than it may
      await time.advance(110)
      expect(control.status()).toEqual({ ...idle, active: 1, hanging: 1, abandoned: 1 })
      expect(await time.settle()).toEqual(nothingLeft)
      expect(told.began).toEqual(['a 0', 'b 160'])
      expect(control.status()).toEqual(idle)
    })

    it('that settles in time leaves no timer of that', async () => {
      const { time, runner, control } = limited({ abandonAfter: 1000 })
      calls(time, runner, [{ name: 'a', at: 0, takes: 300 }])
      expect(await time.settle()).toEqual(nothingLeft)
      expect(time.now()).toBe(300)
      expect(control.status()).toEqual(idle)
    })

    it('by all at once before its own time is over, is abandoned once', async () => {
      const { time, runner, control } = limited({ abandonAfter: 60 })
      calls(time, runner, [{ name: 'a', at: 0, takes: 300 }])
      await time.advance(120)
      expect(control.abandon()).toBe(1)
      await time.advance(100)
      expect(control.status()).toEqual({ ...idle, abandoned: 1 })
      await time.settle()
      expect(control.status()).toEqual(idle)
    })
  })

  describe('the control', () => {
    it('gives more permits: those who wait are let in at once, in their order', async () => {
      const { time, runner, control } = bulkheads(1, { queue: 9 })
      const told = calls(time, runner, [
        { name: 'a', at: 0 },
        { name: 'b', at: 10 },
        { name: 'c', at: 20 },
        { name: 'd', at: 30 }
      ])
      time.after(50, () => {
        expect(control.resize(3)()).toEqual(E.right(undefined))
      })
      expect(await time.settle()).toEqual(nothingLeft)
      expect(told.began).toEqual(['a 0', 'b 50', 'c 50', 'd 100'])
    })

    it('gives fewer: nobody is cut off, and nobody let in until there is room', async () => {
      const { time, runner, control } = bulkheads(3, { queue: 9 })
      const told = calls(time, runner, [
        { name: 'a', at: 0 },
        { name: 'b', at: 10 },
        { name: 'c', at: 20 },
        { name: 'd', at: 30 }
      ])
      time.after(50, () => {
        control.resize(1)()
        expect(control.status()).toEqual({ ...idle, active: 3, queued: 1 })
      })
      expect(await time.settle()).toEqual(nothingLeft)
      expect(told.began).toEqual(['a 0', 'b 10', 'c 20', 'd 120'])
    })

    it('gives none: nothing runs, the queue waits; then it goes on', async () => {
      const { time, runner, control } = bulkheads(1, { queue: 9 })
      control.resize(0)()
      const told = calls(time, runner, [
        { name: 'a', at: 0 },
        { name: 'b', at: 10 }
      ])
      await time.advance(500)
      expect(control.status()).toEqual({ ...idle, permits: 0, queued: 2 })
      control.resize(Infinity)()
      expect(await time.settle()).toEqual(nothingLeft)
      expect(told.began).toEqual(['a 500', 'b 500'])
    })

    it.each([-1, 1.5, NaN, '3' as never])('answers %p with a problem, and changes nothing', (permits) => {
      const { control } = bulkheads(1)
      expect(control.resize(permits)()).toEqual(
        E.left({ path: 'bulkhead.permits', value: permits, allowed: 'a whole number, >= 0, or Infinity' })
      )
      expect(control.status()).toEqual(idle)
    })

    it('is found by the name of the layer', () => {
      const policy = pipe(id, Policy.bulkhead(2), Policy.timeout(Infinity), Policy.bulkhead(5))
      const runner = Runner.make(policy)(virtual().runtime)()
      expect([...runner.controls.keys()]).toEqual(['bulkhead', 'bulkhead#2'])
      expect(controlOf(runner).status().permits).toBe(2)
      expect(controlOf(runner, 'bulkhead#2').status().permits).toBe(5)
      for (const name of ['timeout', 'bulkhead#3', 'toString']) {
        expect(Policy.bulkheadControl(runner, name)).toEqual(O.none)
      }
      // and under another face of the same runner
      const other = pipe(
        runner,
        Runner.mapDefect((d) => d.kind)
      )
      expect(other.controls).toBe(runner.controls)
    })

    it('of another strategy is not taken for a bulkhead’s', () => {
      const control = { status: () => idle }
      const strategy: Strategy.Strategy<object> = {
        name: 'mine',
        rules: {},
        show: () => [],
        compile: (_settings, _services, inner) => ({ open: (context, up) => inner.open(context, up), control })
      }
      const policy = pipe(id, Policy.around<string, number, object>(strategy, {}))
      const runner = Runner.make(policy)(virtual().runtime)()
      expect(runner.controls.get('mine')).toBe(control)
      expect(Policy.bulkheadControl(runner, 'mine')).toEqual(O.none)
    })

    it('there is none of a policy that cannot run', () => {
      const runner = Runner.make(pipe(id, Policy.bulkhead(0)))(virtual().runtime)()
      expect(runner.controls.size).toBe(0)
    })

    it('two runners of one policy share nothing; nor do two layers', async () => {
      const shared = Policy.bulkhead(1)
      const time = virtual()
      const runners = [1, 2].map(() => Runner.make(pipe(id, shared, shared))(time.runtime)())
      for (const runner of runners) void time.start(runner.run(script<string, number>(time, succeeds(1, 100)).task))
      for (const runner of runners) {
        expect(controlOf(runner).status().active).toBe(1)
        expect(controlOf(runner, 'bulkhead#2').status().active).toBe(1)
      }
      expect(await time.settle()).toEqual(nothingLeft)
    })
  })

  describe('the async context', () => {
    const storage = new AsyncLocalStorage<string>()
    const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

    it.each([
      { queue: 99 },
      { queue: 99, wait: 5000 },
      { queue: 99, order: 'lifo' },
      { queue: 99, order: () => 1 }
    ] as const)('queued work runs in that of who queued it: %p', async (options) => {
      const seen: Array<readonly [string, string | undefined]> = []
      const runner = Runner.make(pipe(Policy.id<string, number>(), Policy.bulkhead(1, options)))(Runtime.live)()
      const names = Array.from({ length: 20 }, (_, index) => `caller ${String(index)}`)
      await Promise.all(
        names.map((name) =>
          storage.run(
            name,
            runner.run(async () => {
              seen.push([name, storage.getStore()])
              await storage.run('inside', () => wait(1))
              return E.right(1)
            })
          )
        )
      )
      expect(seen).toHaveLength(20)
      for (const [name, context] of seen) expect(context).toBe(name)
    })

    it('so does what follows a refusal after a wait, and a resize from elsewhere', async () => {
      const seen: Array<string | undefined> = []
      const policy = pipe(
        Policy.id<string, number>(),
        Policy.bulkhead(1, { queue: 9, wait: 10 }),
        Policy.fallback(() => {
          seen.push(storage.getStore())
          return 0
        })
      )
      const runner = Runner.make(policy)(Runtime.live)()
      controlOf(runner).resize(0)()
      await storage.run('mine', runner.run(TE.right(1)))
      const second = storage.run(
        'second',
        runner.runIO(() => {
          seen.push(storage.getStore())
          return E.right(1)
        })
      )
      storage.run('steering', controlOf(runner).resize(1))
      await second
      expect(seen).toEqual(['mine', 'second'])
    })
  })

  describe('what it says', () => {
    it('who waits, who is let in, who is refused', async () => {
      const { time, runner } = bulkheads(1, { queue: 1 })
      calls(time, runner, [
        { name: 'a', at: 0 },
        { name: 'b', at: 10 },
        { name: 'c', at: 20 }
      ])
      await time.settle()
      expect(only(time.log, 'CallQueued')).toEqual([
        { _tag: 'CallQueued', layer: 'bulkhead', queued: 1, run: 2, at: 10 }
      ])
      expect(only(time.log, 'CallAdmitted')).toEqual([
        { _tag: 'CallAdmitted', layer: 'bulkhead', waited: 90, run: 2, at: 100 }
      ])
      expect(only(time.log, 'CallRefused')).toEqual([
        {
          _tag: 'CallRefused',
          layer: 'bulkhead',
          error: { _tag: 'BulkheadFull', reason: 'queue', permits: 1, active: 1, hanging: 0, queued: 1 },
          run: 3,
          at: 20
        }
      ])
      expect(tags(time.log.filter(({ run }) => run === 1))).toEqual([
        'RunStarted',
        'AttemptStarted',
        'AttemptEnded',
        'RunEnded'
      ])
    })

    it('in a report, as decisions', async () => {
      const { time, runner } = bulkheads(1, { queue: 1 })
      void time.start(runner.run(script<string, number>(time, succeeds(1, 100)).task))
      const queued = time.start(runner.runReport(script<string, number>(time, succeeds(1)).operation))
      const refused = await time.start(runner.runReport(script<string, number>(time, succeeds(1)).operation))
      expect(refused.decisions).toMatchObject([{ _tag: 'CallRefused', layer: 'bulkhead', attempt: 0, at: 0 }])
      expect(Report.show(refused)).toContain('bulkhead: turned away (BulkheadFull)')
      await time.settle()
      const report = await queued
      expect(report.decisions).toEqual([
        { _tag: 'CallQueued', layer: 'bulkhead', attempt: 0, at: 0, queued: 1 },
        { _tag: 'CallAdmitted', layer: 'bulkhead', attempt: 0, at: 100, waited: 100 }
      ])
      expect(Report.show(report)).toContain('bulkhead: queued (1 waiting)\nbulkhead: admitted after 100ms')
    })

    it('with nobody listening the clock is not read', async () => {
      const time = virtual({ log: false })
      let reads = 0
      const clock = { ...time.runtime.clock, now: () => (reads++, time.now()) }
      const runner = Runner.make(pipe(id, Policy.bulkhead(1, { queue: 9 })))({ ...time.runtime, clock })()
      const told = calls(time, runner, [
        { name: 'a', at: 0 },
        { name: 'b', at: 10 }
      ])
      expect(await time.settle()).toEqual(nothingLeft)
      expect(told.began).toEqual(['a 0', 'b 100'])
      expect(reads).toBe(0)
    })
  })

  describe('settings', () => {
    it.each([0, -1, 1.5, NaN, '3' as never])('permits: %p is impossible', (permits) => {
      expect(Policy.validate(pipe(id, Policy.bulkhead(permits)))).toEqual([
        { path: 'bulkhead.permits', value: permits, allowed: 'a whole number, >= 1, or Infinity' }
      ])
    })

    it('lists all that is impossible, and calls nothing', async () => {
      const options = { queue: -1, order: 'random', wait: 0, abandonAfter: NaN } as never
      const policy = pipe(id, Policy.bulkhead(1, options))
      expect(Policy.validate(policy).map(({ path }) => path)).toEqual([
        'bulkhead.queue',
        'bulkhead.order',
        'bulkhead.wait',
        'bulkhead.abandonAfter'
      ])
      const time = virtual()
      const operation = script<string, number>(time, succeeds(1))
      const answer = await time.run(Runner.make(policy)(time.runtime)().run(operation.task))
      expect(answer).toMatchObject({ left: { _tag: 'Defect', kind: 'Invalid' } })
      expect(operation.calls).toEqual([])
    })

    it('a getter that throws is a problem', () => {
      const options = Object.defineProperty({}, 'queue', { get: () => raise('oh'), enumerable: true })
      expect(Policy.validate(pipe(id, Policy.bulkhead(1, options))).map(({ path }) => path)).toEqual(['bulkhead.queue'])
    })

    it('are shown', () => {
      const shown = (permits: number, options?: Policy.BulkheadOptions): string =>
        Policy.show(pipe(id, Policy.bulkhead(permits, options))).split('\n')[0]!
      expect(shown(10)).toBe('bulkhead(10)')
      expect(shown(Infinity)).toBe('bulkhead(unlimited)')
      const all = { queue: Infinity, order: 'lifo', wait: 1000, abandonAfter: 60_000 } as const
      expect(shown(3, all)).toBe('bulkhead(3, queue: unlimited, order: lifo, wait: 1s, abandonAfter: 1m)')
      expect(
        shown(3, {
          queue: 5,
          order: function urgency() {
            return 1
          }
        })
      ).toBe('bulkhead(3, queue: 5, order: urgency)')
    })

    it('advises where nobody can wait', () => {
      const advised = (options: Policy.BulkheadOptions): ReadonlyArray<string> =>
        Policy.advise(pipe(id, Policy.bulkhead(1, options))).map(({ path }) => path)
      expect(advised({ wait: 100, order: 'lifo' })).toEqual(['bulkhead.wait', 'bulkhead.order'])
      expect(advised({ queue: 1, wait: 100, order: 'lifo' })).toEqual([])
      expect(advised({})).toEqual([])
    })
  })

  it('a strategy inside that throws keeps no permit', async () => {
    const time = virtual()
    const broken: Strategy.Strategy<object> = {
      name: 'broken',
      rules: {},
      show: () => [],
      compile: () => ({ open: () => ({ start: () => raise('oh'), abort: () => undefined }) })
    }
    const policy = pipe(id, Policy.around<string, number, object>(broken, {}), Policy.bulkhead(1))
    const runner = Runner.make(policy)(time.runtime)()
    for (let i = 0; i < 3; i++) {
      const answer = await time.run(runner.run(script<string, number>(time, succeeds(1)).task))
      expect(answer).toEqual(E.left(defect('Thrown', 'strategy', 'oh')))
    }
    expect(controlOf(runner).status()).toEqual(idle)
  })

  it('ten thousand at once are all answered, in order', async () => {
    const { time, runner } = bulkheads(10, { queue: Infinity })
    let running = 0
    let most = 0
    const began: Array<number> = []
    const task = (index: number) =>
      runner.run(async () => {
        began.push(index)
        most = Math.max(most, ++running)
        await Promise.resolve()
        running--
        return E.right(index)
      })
    const answers = await Promise.all(Array.from({ length: 10_000 }, (_, index) => task(index)()))
    expect(answers.every(E.isRight)).toBe(true)
    expect(most).toBe(10)
    expect(began).toEqual(Array.from({ length: 10_000 }, (_, index) => index))
    expect(time.leaks()).toEqual(nothingLeft)
  })

  describe('defects of others', () => {
    it('defect 12: a timed-out call holds its permit while it still runs', async () => {
      for (const line of [succeeds(1, 300), heeding(succeeds(1, 300))]) {
        const time = virtual()
        const runner = Runner.make(pipe(id, Policy.timeout(100), Policy.bulkhead(1)))(time.runtime)()
        await time.run(runner.runWith(script<string, number>(time, line).operation))
        const heeds = line._tag === 'Settles' && line.heedsSignal
        await time.advance(50)
        const next = await time.run(runner.run(script<string, number>(time, succeeds(2)).task))
        expect(next).toEqual(heeds ? E.right(2) : full('queue', { hanging: 1 }))
      }
    })

    it('defect 15: queued work does not run in another caller’s context', async () => {
      const storage = new AsyncLocalStorage<number>()
      const runner = Runner.make(pipe(Policy.id<never, number | undefined>(), Policy.bulkhead(2, { queue: 99 })))(
        Runtime.live
      )()
      const answers = await Promise.all(
        Array.from({ length: 50 }, (_, index) =>
          storage.run(
            index,
            runner.run(() => Promise.resolve().then(() => E.right(storage.getStore())))
          )
        )
      )
      expect(answers).toEqual(Array.from({ length: 50 }, (_, index) => E.right(index)))
    })

    it('defect 16: an aborted waiter keeps neither place nor permit; an accepted one is not rejected later', async () => {
      const { time, runner, control } = bulkheads(1, { queue: 3, wait: 100 })
      const caller = time.signal()
      const signal = { signal: caller.signal }
      const told = calls(time, runner, [
        { name: 'a', at: 0, takes: 90 },
        { name: 'b', at: 10, options: signal },
        { name: 'c', at: 10, options: signal },
        // let in at 90, it runs past the limit of its wait
        { name: 'd', at: 10, takes: 500 },
        { name: 'e', at: 30, takes: 5 },
        { name: 'f', at: 30, takes: 5 }
      ])
      time.after(20, () => {
        caller.abort()
        expect(control.status()).toEqual({ ...idle, active: 1, queued: 1 })
      })
      expect(await time.settle()).toEqual(nothingLeft)
      expect(told.began).toEqual(['a 0', 'd 90'])
      expect(told.ended).toEqual([
        'b 20 Aborted',
        'c 20 Aborted',
        'a 90 Right',
        'e 130 BulkheadFull',
        'f 130 BulkheadFull',
        'd 590 Right'
      ])
      expect(control.status()).toEqual(idle)
    })
  })
})

/** Lets what is inside begin `ms` later, whatever a deadline says. */
const late =
  (ms: number) =>
  <E2, A2>(policy: Policy.Policy<string, number, E2, A2>): Policy.Policy<string, number, E2, A2> =>
    pipe(
      policy,
      Policy.around<E2, A2, object>(
        {
          name: 'late',
          rules: {},
          show: () => [],
          compile: (_settings, { waiting }, inner) => ({
            open: (context, up) => {
              const frame = inner.open(context, up)
              return {
                start: () => {
                  waiting.sleep(ms, new Bell(context, frame))
                },
                abort: (cause) => {
                  frame.abort(cause)
                }
              }
            }
          })
        },
        {}
      )
    )

/** Notes each answer that comes from inside. */
const noting =
  (answers: Array<string>) =>
  <E2, A2>(policy: Policy.Policy<string, number, E2, A2>): Policy.Policy<string, number, E2, A2> =>
    pipe(
      policy,
      Policy.around<E2, A2, object>(
        {
          name: 'noting',
          rules: {},
          show: () => [],
          compile: (_settings, _services, inner) => ({
            open: (context, up) =>
              inner.open(context, {
                done: (exit, settled) => {
                  answers.push(exit._tag)
                  up.done(exit, settled)
                },
                settled: () => {
                  up.settled()
                }
              })
          })
        },
        {}
      )
    )

class Bell extends Strategy.Sleeper {
  constructor(
    readonly context: Strategy.Context,
    private readonly frame: Strategy.Frame
  ) {
    super()
  }
  override wake(): void {
    this.frame.start()
  }
}
