import { AsyncLocalStorage } from 'async_hooks'
import { Policy, Runner, Runtime, Schedule, Trip } from 'resilience-ts'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'

// in real time, a few milliseconds each, as the platform’s own timers are what could lose the context; what is not to fire
// is so far away that a slow machine does not come to it

const id = Policy.id<unknown, unknown>()
const storage = new AsyncLocalStorage<string>()
type Answer = E.Either<unknown, unknown>
type See = (where: string) => void

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
const soon = (answer: Answer): Promise<Answer> => Promise.resolve(answer)

interface Story {
  readonly policy: (see: See) => Policy.Policy<unknown, unknown, unknown, unknown>
  readonly operation: (see: See) => () => Promise<Answer>
  /** Where each caller is seen, in any order. */
  readonly seen: ReadonlyArray<string>
}

const failing =
  (times: number, ms = 0) =>
  (see: See) => {
    let calls = 0
    return (): Promise<Answer> => {
      see('operation')
      const answer = ++calls > times ? E.right(calls) : E.left('busy')
      return ms === 0 ? soon(answer) : wait(ms).then(() => answer)
    }
  }

const take = (n: number) => (schedule: Schedule.Schedule<unknown>) => pipe(schedule, Schedule.take(n))
const three = ['operation', 'operation', 'operation']

const stories: Readonly<Record<string, Story>> = {
  'the operation': { policy: () => id, operation: failing(0), seen: ['operation'] },
  'the operation, under a timeout': {
    policy: () => pipe(id, Policy.timeout(5000), Policy.deadline(6000)),
    operation: failing(0, 2),
    seen: ['operation']
  },
  'its next attempts, after a timer': {
    policy: () => pipe(id, Policy.retry(pipe(Schedule.constant(3), take(2)))),
    operation: failing(2),
    seen: three
  },
  'its next attempts, under timeouts': {
    policy: () =>
      pipe(id, Policy.timeout(5000), Policy.retry(pipe(Schedule.constant(3), take(2))), Policy.timeout(9000)),
    operation: failing(2, 1),
    seen: three
  },
  'its next attempts, without a delay': {
    policy: () => pipe(id, Policy.retry(pipe(Schedule.forever, take(2)))),
    operation: failing(2),
    seen: three
  },
  'its next attempt, after a timeout fired': {
    policy: () => pipe(id, Policy.timeout(3), Policy.retry(pipe(Schedule.forever, take(1)))),
    operation: (see) => {
      let calls = 0
      return () => {
        see('operation')
        return ++calls === 1 ? wait(1000).then(() => E.right('late')) : soon(E.right(1))
      }
    },
    seen: ['operation', 'operation']
  },
  'its next attempt, after a timeout fired and a timer': {
    policy: () => pipe(id, Policy.timeout(3), Policy.retry(pipe(Schedule.constant(2), take(1)))),
    operation: (see) => {
      let calls = 0
      return () => {
        see('operation')
        return ++calls === 1 ? new Promise<never>(() => {}) : soon(E.right(1))
      }
    },
    seen: ['operation', 'operation']
  },
  'its next attempts, after turns of the event loop': {
    policy: () => pipe(id, Policy.retry(pipe(Schedule.forever, take(600)))),
    operation: failing(600),
    seen: Array.from({ length: 601 }, () => 'operation')
  },
  'the callbacks of a retry': {
    policy: (see) =>
      pipe(
        id,
        Policy.retry(
          pipe(
            Schedule.constant(2),
            take(1),
            Schedule.modify((delay) => {
              see('modify')
              return delay
            })
          ),
          {
            while: () => {
              see('while')
              return true
            },
            decide: () => () => {
              see('decide')
              return wait(1).then(() => Policy.again)
            },
            beforeRetry: () => () => {
              see('beforeRetry')
              return wait(1)
            }
          }
        )
      ),
    operation: failing(1, 1),
    seen: ['operation', 'while', 'modify', 'decide', 'beforeRetry', 'operation']
  },
  'functions, predicates and validators': {
    policy: (see) =>
      pipe(
        id,
        Policy.map((a) => {
          see('map')
          return a
        }),
        Policy.ensure(() => {
          see('ensure')
          return true
        }),
        Policy.ensureWith((a) => () => {
          see('ensureWith')
          return soon(E.right(a))
        }),
        Policy.timeout(5000)
      ),
    operation: failing(0, 2),
    seen: ['operation', 'map', 'ensure', 'ensureWith']
  },
  'the operation of a fallback, after a timeout fired': {
    policy: (see) =>
      pipe(
        id,
        Policy.timeout(3),
        Policy.mapLeft((e) => {
          see('mapLeft')
          return e
        }),
        Policy.fallbackWith(() => () => {
          see('fallbackWith')
          return soon(E.right(1))
        })
      ),
    operation: (see) => () => {
      see('operation')
      return new Promise<never>(() => {})
    },
    seen: ['operation', 'mapLeft', 'fallbackWith']
  },
  'the operation of a fallback, after a deadline was reached': {
    policy: (see) =>
      pipe(
        id,
        Policy.deadline(3),
        Policy.fallbackWith(() => () => {
          see('fallbackWith')
          return soon(E.right(1))
        })
      ),
    operation: (see) => () => {
      see('operation')
      return new Promise<never>(() => {})
    },
    seen: ['operation', 'fallbackWith']
  },
  'the operation of retryOrElse, after a timer': {
    policy: (see) =>
      pipe(
        id,
        Policy.retryOrElse(pipe(Schedule.constant(2), take(1)), () => () => {
          see('orElse')
          return soon(E.right(1))
        })
      ),
    operation: failing(9),
    seen: ['operation', 'operation', 'orElse']
  },
  'the operation and the callbacks of a breaker': {
    policy: (see) =>
      pipe(
        id,
        Policy.circuitBreaker({
          // the first to fail is not the last: nobody is refused
          trip: Trip.failuresWithin(1000, 1000),
          openFor: 1000,
          ignore: () => {
            see('ignore')
            return false
          },
          isFailure: () => {
            see('isFailure')
            return true
          }
        }),
        Policy.fallbackWith(() => () => {
          see('fallbackWith')
          return soon(E.right(1))
        })
      ),
    operation: failing(9, 2),
    seen: ['operation', 'ignore', 'isFailure', 'fallbackWith']
  },
  'after the grace of a timeout': {
    policy: (see) =>
      pipe(
        id,
        Policy.timeout(2, { grace: 3 }),
        Policy.fallbackWith(() => () => {
          see('fallbackWith')
          return soon(E.right(1))
        })
      ),
    operation: (see) => () => {
      see('operation')
      return new Promise<never>(() => {})
    },
    seen: ['operation', 'fallbackWith']
  }
}

describe('guarantee 9: the caller’s async context is kept', () => {
  const callers = ['first', 'second', 'third']
  for (const [name, { policy, operation, seen }] of Object.entries(stories)) {
    it(`${name}: for callers that interleave`, async () => {
      const log = new Map<string, Array<readonly [string, string | undefined]>>(callers.map((caller) => [caller, []]))
      let caller = ''
      // one runner, one policy: whose context it is cannot come from how they were made
      const runner = Runner.make(
        policy((where) => log.get(storage.getStore() ?? caller)?.push([where, storage.getStore()]))
      )(Runtime.live)()
      const answers: Array<Promise<unknown>> = []
      for (caller of callers) {
        const own = caller
        const task = runner.run(operation((where) => log.get(own)?.push([where, storage.getStore()])))
        answers.push(storage.run(own, task))
        // the callers come one after the other, while those before them are on their way
        await storage.run('nobody', () => wait(1))
      }
      await Promise.all(answers)
      for (const own of callers) {
        const entries = log.get(own) ?? []
        expect(entries.map(([, context]) => context)).toEqual(seen.map(() => own))
        expect(entries.map(([where]) => where).sort()).toEqual([...seen].sort())
      }
    })

    it(`${name}: where there is no context, there is none`, async () => {
      const contexts: Array<string | undefined> = []
      const see = (): void => {
        contexts.push(storage.getStore())
      }
      const runner = Runner.make(policy(see))(Runtime.live)()
      const one = storage.run('other', () => runner.run(operation(() => {}))())
      const two = runner.run(
        operation(() => {
          see()
        })
      )()
      await Promise.all([one, two])
      expect(contexts.filter((context) => context === undefined).length).toBe(seen.length)
    })
  }

  it('for calls with a signal, a deadline and a report too', async () => {
    const contexts: Array<string | undefined> = []
    const runner = Runner.make(pipe(id, Policy.retry(pipe(Schedule.constant(2), Schedule.take(1)))))(Runtime.live)()
    const operation = () => (): Promise<Answer> => {
      contexts.push(storage.getStore())
      return soon(E.left('busy'))
    }
    const { signal } = new AbortController()
    await storage.run('mine', () =>
      Promise.all([
        runner.runWith(operation, { signal, deadline: 1000 })(),
        runner.runReport(operation, { signal })(),
        runner.runReader(() => operation())('environment')()
      ])
    )
    expect(contexts).toEqual(Array.from({ length: 6 }, () => 'mine'))
  })

  it('the caller goes on in its own context', async () => {
    const runner = Runner.make(pipe(id, Policy.timeout(5000), Policy.retry(pipe(Schedule.constant(2), take(1)))))(
      Runtime.live
    )()
    const after = await Promise.all(
      callers.map((caller) =>
        storage.run(caller, async () => {
          await runner.run(failing(1, 1)(() => {}))()
          return storage.getStore()
        })
      )
    )
    expect(after).toEqual(callers)
  })
})
