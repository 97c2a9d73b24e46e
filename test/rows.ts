import assert from 'assert'
import { Policy, Rejection, Runner, type Runtime, Schedule } from 'resilience-ts'
import { type Line, script, virtual, type VirtualRuntime } from 'resilience-ts/testing'

// runs the code of a table's rows; the prelude of the table says what it is run with

type Made<E, A> = Policy.Policy<E, A, unknown, unknown>

interface Given<E, A, O> {
  /** What the operation does, call by call. The last one has to end whatever there is in the table. */
  readonly lines: readonly [Line<E, A>, ...ReadonlyArray<Line<E, A>>]
  /** The policy that some settings make, by themselves. */
  readonly settings?: (options: O) => (policy: Policy.Policy<E, A>) => Made<E, A>
  /** The clock of what the prelude has made itself. */
  readonly time?: VirtualRuntime
}

const isRunner = (u: unknown): u is Runner.Runner<unknown, unknown, unknown, unknown> =>
  typeof u === 'object' && u !== null && 'runReport' in u

const isRuntime = (u: unknown): u is Runtime.Runtime => typeof u === 'object' && u !== null && 'clock' in u

/** No answer of a row is a bug, neither by itself nor in a report. */
const isSound = (answer: unknown): void => {
  const { result = answer } = (answer ?? {}) as { readonly result?: unknown }
  const { left } = (result ?? {}) as { readonly left?: unknown }
  assert.ok(!Rejection.isDefect(left), `a defect: ${JSON.stringify(left)}`)
}

/** The same policy, with what is left of its functions to be asked; from that of a layer on. */
const watched = <E, A>(policy: Made<E, A>, from: number) => {
  const unasked = new Set<string>()
  const layers = policy.layers.map((node, i) => {
    if (i < from) return node
    const settings = Object.entries(node.settings as object).map(([name, value]: [string, unknown]) => {
      if (typeof value !== 'function') return [name, value]
      const path = `${String(i)} ${node.strategy.name}.${name}`
      unasked.add(path)
      const asking = (...args: ReadonlyArray<unknown>): unknown => {
        unasked.delete(path)
        return (value as (...args: ReadonlyArray<unknown>) => unknown)(...args)
      }
      return [name, asking]
    })
    return { ...node, settings: Object.fromEntries(settings) as typeof node.settings }
  })
  return { policy: { ...policy, layers }, unasked }
}

/** @param inside what a schedule or a policy of a row is put around */
export const rowsOf =
  <E, A, E2, A2>(inside: Policy.Policy<E, A, E2, A2>) =>
  <O = never>({ lines, settings, time = virtual() }: Given<E, A, O>) => {
    const errors = lines.flatMap((line) =>
      line._tag === 'Settles' && line.answer._tag === 'Left' ? [line.answer.left] : []
    )

    /** Calls a runner until its operation has done all that it does. */
    const calling = async (time: VirtualRuntime, runner: Runner.Runner<E, A, unknown, unknown>) => {
      const operation = script(time, ...lines)
      const answers: Array<unknown> = []
      for (const _ of lines) answers.push((await time.run(runner.runReport(operation.operation))).result)
      return { answers, calls: operation.calls.length }
    }

    const runs = async (made: Made<E, A>): Promise<void> => {
      assert.deepStrictEqual(Policy.validate(made), [])
      // what the row itself has brought, if that stands around something
      const isAround = inside.layers.every((node, i) => made.layers[i] === node)
      const { policy, unasked } = watched(made, isAround ? inside.layers.length : 0)
      const time = virtual({ random: () => 0.5 })
      const { answers, calls } = await calling(time, Runner.make(policy)(time.runtime)())
      answers.forEach(isSound)
      assert.ok(calls > 0, 'nothing was called')
      assert.deepStrictEqual([...unasked], [], 'a function of the row was never asked')
      assert.deepStrictEqual(await time.settle(), {
        timers: 0,
        turns: 0,
        listeners: 0,
        operations: 0,
        promises: 0,
        permits: 0
      })
    }

    const isRefused = async (policy: Made<E, A>): Promise<void> => {
      assert.notDeepStrictEqual(Policy.validate(policy), [])
      const time = virtual()
      const { answers, calls } = await calling(time, Runner.make(policy)(time.runtime)())
      assert.ok(answers.every((answer) => Rejection.isDefect((answer as { readonly left?: unknown }).left)))
      assert.strictEqual(calls, 0)
    }

    const preview = (schedule: Schedule.Schedule<E2>): void => {
      const inputs = errors as ReadonlyArray<unknown> as readonly [E2]
      const { delays, stopped } = Schedule.preview(6, { random: () => 0.5, inputs })(schedule)
      assert.notStrictEqual(stopped._tag, 'Invalid')
      assert.ok(delays.every((delay) => delay >= 0))
    }

    /** What is done with a schedule, a policy and some settings, where `end` is what becomes of each of them. */
    const handing = (end: (policy: Made<E, A>) => Promise<void>, look: (schedule: Schedule.Schedule<E2>) => void) => ({
      schedule: (
        it: Schedule.Schedule<E2> | ((schedule: Schedule.Schedule<unknown>) => Schedule.Schedule<E2>)
      ): Promise<void> => {
        const schedule = typeof it === 'function' ? it(Schedule.exponential(1000)) : it
        look(schedule)
        return end(Policy.retry(schedule)(inside))
      },
      policy: (it: Made<E, A> | ((policy: Policy.Policy<E, A, E2, A2>) => Made<E, A>)): Promise<void> =>
        end(typeof it === 'function' ? it(inside) : it),
      settings: (options: O): Promise<void> => {
        assert.ok(settings !== undefined, 'the prelude does not say what settings these are')
        return end(settings(options)(Policy.id<E, A>()))
      }
    })

    const possible = handing(runs, preview)

    return {
      ...possible,
      impossible: handing(isRefused, (schedule) => {
        assert.notDeepStrictEqual(Schedule.validate(schedule), [])
      }),

      /** An operation, called by what the table's policy makes of it. */
      operation: async (it: () => Promise<unknown>): Promise<void> => {
        const runner = Runner.make(inside)(time.runtime)()
        isSound(await time.run(runner.run(it as () => Promise<never>)))
      },

      /** Statements, such as a loop. */
      block: (it: () => Promise<void>): Promise<void> => time.run(it),

      /** Anything else, run as what it turns out to be; a runner, or one on a runtime, runs the operation. */
      value: async (it: () => unknown): Promise<void> => {
        const found = await time.run(async () => it())
        assert.notStrictEqual(found, undefined)
        const made = isRuntime(found) ? Runner.make(inside)(found)() : found
        if (Schedule.isSchedule(made)) await possible.schedule(made as Schedule.Schedule<unknown>)
        else if (isRunner(made)) (await calling(time, made)).answers.forEach(isSound)
        else isSound(typeof made === 'function' ? await time.run(made as () => Promise<unknown>) : made)
      }
    }
  }
