import { type Event, Policy, Runner, Runtime, Schedule } from 'resilience-ts'
import { fails, hangs, heeding, script, succeeds, virtual } from 'resilience-ts/testing'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as T from 'fp-ts/Task'
import * as TE from 'fp-ts/TaskEither'
import { type AnyPolicy, idle, nothingLeft, play, tags } from '../play'
import { type Witness, witness } from '../witness'

const id = Policy.id<unknown, unknown>()
const forever = Schedule.constant(1000)
const byCaller = E.left({ _tag: 'Aborted', by: 'caller', reason: 'gone' })

describe('guarantee 5: abort is not failure, and its cause decides', () => {
  describe('Aborted comes only from the caller', () => {
    it('a timeout answers TimedOut, a deadline DeadlineExceeded; never Aborted', async () => {
      expect((await play(pipe(id, Policy.timeout(10)), [succeeds(1, 20)])).answer).toEqual(
        E.left({ _tag: 'TimedOut', timeout: 10 })
      )
      expect((await play(pipe(id, Policy.deadline(10)), [succeeds(1, 20)])).answer).toEqual(
        E.left({ _tag: 'DeadlineExceeded', deadline: 10 })
      )
      expect((await play(id, [succeeds(1, 20)], { deadline: 10 })).answer).toEqual(
        E.left({ _tag: 'DeadlineExceeded', deadline: 10 })
      )
    })

    it('close answers each call with a Defect, at once', async () => {
      const policies = [
        id,
        pipe(id, Policy.retry(forever)),
        pipe(id, Policy.timeout(100)),
        pipe(id, Policy.deadline(9))
      ]
      for (const policy of policies) {
        const time = virtual()
        const runner = Runner.make(policy)(time.runtime)()
        const operation = script(time, hangs)
        const answers = [runner.run(operation.task), runner.runWith(operation.operation)].map((task) =>
          time.start(task)
        )
        await time.advance(5)
        await runner.close()
        const all = Promise.all(answers)
        expect(await time.run(() => all)).toMatchObject([
          { left: { _tag: 'Defect', kind: 'Closed', at: 'runner' } },
          { left: { _tag: 'Defect', kind: 'Closed', at: 'runner' } }
        ])
        expect(time.now()).toBe(5)
        expect(runner.status()).toEqual({ inFlight: 0, hanging: 2, accepting: false })
      }
    })

    it('with the reason of the caller’s signal', async () => {
      for (const reason of ['gone', null, 0, { why: 'tired' }]) {
        const time = virtual()
        const caller = time.signal()
        const answer = time.start(
          Runner.make(id)(time.runtime)().runWith(script(time, hangs).operation, { signal: caller.signal })
        )
        caller.abort(reason)
        expect(await answer).toEqual(E.left({ _tag: 'Aborted', by: 'caller', reason }))
      }
    })

    it('what does not heed the abort of another cause is not reported as the caller’s', async () => {
      // the caller aborts after the timeout has fired
      const played = await play(pipe(id, Policy.timeout(10)), [hangs], { abortAt: 20 })
      expect(played.answer).toEqual(E.left({ _tag: 'TimedOut', timeout: 10 }))
    })
  })

  describe('it ends sleeps, hooks and attempts at once', () => {
    const hang = new Promise<never>(() => {})
    const places: ReadonlyArray<readonly [string, AnyPolicy, Parameters<typeof play>[1], calls: number]> = [
      ['an attempt', id, [succeeds(1, 1000)], 1],
      ['an attempt that hangs', pipe(id, Policy.timeout(1000)), [hangs], 1],
      ['an attempt that heeds its signal', pipe(id, Policy.retry(forever)), [heeding(fails('busy', 1000))], 1],
      ['the sleep before the next attempt', pipe(id, Policy.retry(forever)), [fails('busy', 10)], 1],
      ['the second attempt', pipe(id, Policy.retry(Schedule.constant(10))), [fails('busy', 10), succeeds(1, 500)], 2],
      [
        'a decision that is waited for',
        pipe(id, Policy.retry(forever, { decide: () => () => hang })),
        [fails('busy', 10)],
        1
      ],
      [
        'a hook before a retry',
        pipe(id, Policy.retry(forever, { beforeRetry: () => () => hang })),
        [fails('busy', 10)],
        1
      ],
      [
        'the operation of retryOrElse',
        pipe(
          id,
          Policy.retryOrElse(Schedule.stop, () => () => hang)
        ),
        [fails('busy', 10)],
        1
      ],
      [
        'the operation of a fallback',
        pipe(
          id,
          Policy.fallbackWith(() => () => hang)
        ),
        [fails('busy', 10)],
        1
      ],
      [
        'a validation',
        pipe(
          id,
          Policy.ensureWith(() => () => hang)
        ),
        [succeeds(1, 10)],
        1
      ],
      ['the grace of a timeout', pipe(id, Policy.timeout(20, { grace: 1000 })), [succeeds(1, 500)], 1],
      [
        'everything at once',
        pipe(id, Policy.timeout(5000), Policy.retry(forever), Policy.timeout(9000), Policy.deadline(9999)),
        [fails('busy', 10)],
        1
      ]
    ]
    for (const [name, policy, lines, calls] of places) {
      it(name, async () => {
        const played = await play(policy, lines, { abortAt: 100 })
        expect(played).toMatchObject({ answer: byCaller, answeredAt: 100 })
        // the operation is not called again, ever
        expect(played.calls).toHaveLength(calls)
        expect(played.leaks).toMatchObject({ timers: 0, turns: 0, listeners: 0, promises: 0 })
        expect(tags(played.log).filter((tag) => tag === 'RunEnded')).toHaveLength(1)
      })

      it(`${name}, where nothing outside takes it for a failure`, async () => {
        const used: Array<string> = []
        const use = (name: string) => (): never => {
          used.push(name)
          return undefined as never
        }
        const around = pipe(
          policy as typeof id,
          Policy.mapLeft(use('mapLeft')),
          Policy.retry(Schedule.constant(1), { while: use('while') }),
          Policy.retryOrElse(Schedule.stop, use('orElse')),
          Policy.fallbackWith(use('fallbackWith')),
          Policy.fallback(use('fallback'))
        )
        const played = await play(around, lines, { abortAt: 100 })
        expect(used).toEqual([])
        expect(played).toMatchObject({ answer: byCaller, answeredAt: 100 })
      })
    }

    it('a signal that is aborted already: the operation is not called', async () => {
      for (const policy of [id, pipe(id, Policy.timeout(10), Policy.retry(forever), Policy.fallbackTo(1))]) {
        const played = await play(policy, [succeeds(1)], { abortAt: -1 })
        expect(played).toMatchObject({ answer: byCaller, calls: [], answeredAt: 0, leaks: nothingLeft, status: idle })
        expect(tags(played.log)).toEqual(['RunStarted', 'RunEnded'])
      }
    })

    it('between attempts that take no time at all, at the next turn of the event loop', async () => {
      const time = virtual({ log: false })
      const caller = time.signal()
      const runner = Runner.make(pipe(id, Policy.retry(Schedule.forever)))(time.runtime)()
      let calls = 0
      const operation = () => (): never => {
        if (++calls === 1000) caller.abort('gone')
        return E.left('busy') as never
      }
      expect(await time.run(runner.runWith(operation, { signal: caller.signal }))).toEqual(byCaller)
      expect(calls).toBe(1000)
      expect(await time.settle()).toEqual(nothingLeft)
    })
  })

  describe('a timeout aborts its attempt’s own signal and answers at once', () => {
    it('its own only', async () => {
      const time = virtual()
      const policy = pipe(id, Policy.timeout(100), Policy.retry(pipe(Schedule.constant(10), Schedule.take(1))))
      const operation = script(time, hangs)
      const other = script(time, succeeds(1, 150))
      const patient = Runner.make(id)(time.runtime)()
      const signals: Array<AbortSignal> = []
      const answer = time.start(
        Runner.make(policy)(time.runtime)().runWith((attempt) => {
          signals.push(attempt.signal)
          return operation.operation(attempt)
        })
      )
      const patientAnswer = time.start(
        patient.runWith((attempt) => {
          signals.push(attempt.signal)
          return other.operation(attempt)
        })
      )
      await time.advance(105)
      expect(signals.map(({ aborted }) => aborted)).toEqual([true, false])
      expect(signals[0]?.reason).toEqual({ _tag: 'Aborted', by: 'timeout', reason: { _tag: 'TimedOut', timeout: 100 } })
      await time.advance(1000)
      expect(await answer).toEqual(E.left({ _tag: 'TimedOut', timeout: 100 }))
      expect(await patientAnswer).toEqual(E.right(1))
      expect(signals.map(({ aborted }) => aborted)).toEqual([true, false, true])
    })

    it('a signal is never aborted once the operation has settled', async () => {
      const time = virtual()
      const policy = pipe(id, Policy.timeout(100), Policy.retry(Schedule.constant(10)), Policy.deadline(200))
      const runner = Runner.make(policy)(time.runtime)()
      const caller = time.signal()
      const signals: Array<AbortSignal> = []
      const operation = script<unknown, unknown>(time, fails('busy', 5), succeeds(1, 5))
      const answer = await time.run(
        runner.runWith(
          (attempt) => {
            signals.push(attempt.signal)
            return operation.operation(attempt)
          },
          { signal: caller.signal }
        )
      )
      caller.abort('late')
      await time.advance(1000)
      expect(answer).toEqual(E.right(1))
      expect(signals.map(({ aborted }) => aborted)).toEqual([false, false])
    })

    it('the signal tells who ended the attempt', async () => {
      const causes: Array<unknown> = []
      for (const [policy, abortAt] of [
        [pipe(id, Policy.timeout(10)), 100],
        [pipe(id, Policy.deadline(10)), 100],
        [id, 10]
      ] as ReadonlyArray<readonly [typeof id, number]>) {
        const time = virtual()
        const caller = time.signal()
        time.after(abortAt, () => {
          caller.abort('gone')
        })
        await time.run(
          Runner.make(policy)(time.runtime)().runWith(
            (attempt) => {
              attempt.signal.addEventListener('abort', () => causes.push((attempt.signal.reason as { by: string }).by))
              return script(time, hangs).operation(attempt)
            },
            { signal: caller.signal }
          )
        )
      }
      expect(causes).toEqual(['timeout', 'deadline', 'caller'])
    })
  })

  describe('one listener, however many calls share a signal', () => {
    it('10,000 calls that share one signal have one listener, which goes with the last', async () => {
      const time = virtual({ log: false })
      const policy = pipe(id, Policy.timeout(100_000), Policy.retry(forever))
      const runner = Runner.make(policy)(time.runtime)()
      const caller = time.signal()
      const { signal } = caller
      const answers = Array.from({ length: 10_000 }, (_, i) =>
        time.start(runner.runWith(script(time, succeeds(i, i < 9_999 ? 10 : 20)).operation, { signal }))
      )
      expect(caller.listeners()).toBe(1)
      await time.advance(15)
      expect(caller.listeners()).toBe(1)
      expect(runner.status().inFlight).toBe(1)
      await time.advance(10)
      expect(caller.listeners()).toBe(0)
      expect((await Promise.all(answers)).every(E.isRight)).toBe(true)
      expect(await time.settle()).toEqual(nothingLeft)
    })

    it('10,000 calls that share one signal are all answered when it is aborted', async () => {
      const time = virtual({ log: false })
      const runner = Runner.make(pipe(id, Policy.timeout(100_000)))(time.runtime)()
      const caller = time.signal()
      const { signal } = caller
      const answers = Array.from({ length: 10_000 }, () =>
        time.start(runner.runWith(script(time, succeeds(1, 50)).operation, { signal }))
      )
      caller.abort('gone')
      expect(caller.listeners()).toBe(0)
      expect(runner.status()).toEqual({ inFlight: 0, hanging: 10_000, accepting: true })
      for (const answer of await Promise.all(answers)) expect(answer).toEqual(byCaller)
      expect(await time.settle()).toEqual(nothingLeft)
      expect(runner.status()).toEqual(idle)
    })

    it('calls of several runners share it too, and a call that comes later has it anew', async () => {
      const time = virtual()
      const caller = time.signal()
      const { signal } = caller
      const runners = [1, 2, 3].map(() => Runner.make(id)(time.runtime)())
      for (let round = 0; round < 3; round++) {
        const answers = runners.map((each) =>
          time.start(each.runWith(script(time, succeeds(1, 5)).operation, { signal }))
        )
        expect(caller.listeners()).toBe(1)
        await time.advance(10)
        await Promise.all(answers)
        expect(caller.listeners()).toBe(0)
      }
    })

    it('a call that is answered at once leaves no listener', async () => {
      const time = virtual()
      const { signal, listeners } = time.signal()
      const runner = Runner.make(id)(time.runtime)()
      await time.run(runner.runWith(() => () => E.right(1) as never, { signal }))
      expect(listeners()).toBe(0)
    })
  })

  describe('an abort from within: whoever calls it, the run has one answer, and nothing goes on', () => {
    type Abort = () => void
    const timedRetry = (abort: Abort, when: 'while' | 'until' | 'schedule'): AnyPolicy => {
      const then = <A>(a: A): A => {
        abort()
        return a
      }
      const schedule =
        when === 'schedule'
          ? pipe(
              forever,
              Schedule.modify((delay) => then(delay))
            )
          : forever
      return pipe(
        id,
        Policy.retry(schedule, {
          while: () => (when === 'while' ? then(true) : true),
          until: () => (when === 'until' ? then(false) : false)
        })
      )
    }
    const callbacks: ReadonlyArray<readonly [string, (abort: Abort) => AnyPolicy]> = [
      ['while', (abort) => timedRetry(abort, 'while')],
      ['until', (abort) => timedRetry(abort, 'until')],
      ['a function of the schedule', (abort) => timedRetry(abort, 'schedule')],
      [
        'decide',
        (abort) =>
          pipe(
            id,
            Policy.retry(forever, {
              decide: () => {
                abort()
                return T.of(Policy.again)
              }
            })
          )
      ],
      [
        'beforeRetry',
        (abort) =>
          pipe(
            id,
            Policy.retry(forever, {
              beforeRetry: () => {
                abort()
                return T.of(undefined)
              }
            })
          )
      ],
      [
        'the function of an inner mapLeft',
        (abort) =>
          pipe(
            id,
            Policy.mapLeft((e) => {
              abort()
              return e
            }),
            Policy.retry(forever)
          )
      ],
      [
        'the function of an inner map, before a validation',
        (abort) =>
          pipe(
            id,
            Policy.fallbackTo(1),
            Policy.map((a) => {
              abort()
              return a
            }),
            Policy.ensureWith(() => TE.right('validated'))
          )
      ],
      [
        'the predicate of an inner ensure',
        (abort) =>
          pipe(
            id,
            Policy.mapLeft((e) => e),
            Policy.fallbackTo(1),
            Policy.ensure(() => {
              abort()
              return false
            }),
            Policy.retry(forever)
          )
      ]
    ]
    for (const [name, make] of callbacks) {
      it(`by ${name}`, async () => {
        const time = virtual()
        const caller = time.signal()
        const used: Array<unknown> = []
        const policy = pipe(
          make(() => {
            caller.abort('gone')
          }) as typeof id,
          Policy.fallbackWith((e) => {
            used.push(e)
            return TE.right('fallback')
          })
        )
        const runner = Runner.make(policy)(time.runtime)()
        const operation = script(time, fails('busy', 10))
        const answer = await time.run(runner.runWith(operation.operation, { signal: caller.signal }))
        expect(answer).toEqual(byCaller)
        expect(await time.settle()).toEqual(nothingLeft)
        expect(operation.calls).toHaveLength(1)
        expect(used).toEqual([])
        expect(runner.status()).toEqual(idle)
        expect(tags(time.log).filter((tag) => tag === 'RunEnded')).toHaveLength(1)
        expect(tags(time.log)).not.toContain('RetryScheduled')
      })
    }

    it('by the operation itself', async () => {
      for (const line of [fails('busy', 10), succeeds(1, 10), hangs]) {
        const time = virtual()
        const caller = time.signal()
        const runner = Runner.make(pipe(id, Policy.timeout(100), Policy.retry(forever)))(time.runtime)()
        const operation = script<unknown, unknown>(time, line)
        const answer = await time.run(
          runner.runWith(
            (attempt) => () => {
              caller.abort('gone')
              return operation.operation(attempt)()
            },
            { signal: caller.signal }
          )
        )
        expect(answer).toEqual(byCaller)
        expect(operation.calls).toHaveLength(1)
        expect(await time.settle()).toMatchObject({ timers: 0, listeners: 0, promises: 0 })
      }
    })

    it('by a listener of the attempt’s signal, when a timeout aborts it', async () => {
      const time = virtual()
      const caller = time.signal()
      const { around, breaches } = witness()
      const policy = pipe(
        id,
        Policy.timeout(100),
        around,
        Policy.retry(Schedule.constant(10)),
        around,
        Policy.fallbackTo('fallback')
      )
      const runner = Runner.make(policy)(time.runtime)()
      const operation = script(time, succeeds('late', 150))
      const answer = await time.run(
        runner.runWith(
          (attempt) => {
            attempt.signal.addEventListener('abort', () => {
              caller.abort('gone')
            })
            return operation.operation(attempt)
          },
          { signal: caller.signal }
        )
      )
      expect(answer).toEqual(byCaller)
      expect(await time.settle()).toEqual(nothingLeft)
      expect(operation.calls).toHaveLength(1)
      expect(breaches).toEqual([])
      expect(runner.status()).toEqual(idle)
    })

    it('by a strategy of the user, as a timeout aborts it', async () => {
      const time = virtual()
      const caller = time.signal()
      const { around, breaches } = witness()
      const eager = Policy.around<unknown, unknown, object>(
        {
          name: 'eager',
          rules: {},
          show: () => [],
          compile: () => ({
            open: (_context, up) => ({
              start: () => {},
              abort: (cause) => {
                caller.abort('gone')
                up.done(cause, true)
              }
            })
          })
        },
        {}
      ) as (policy: typeof id) => typeof id
      const policy = pipe(id, eager, Policy.timeout(100), around, Policy.fallbackTo('fallback'))
      const runner = Runner.make(policy)(time.runtime)()
      const answer = await time.run(runner.runWith(script(time, hangs).operation, { signal: caller.signal }))
      expect(answer).toEqual(byCaller)
      expect(breaches).toEqual([])
      expect(await time.settle()).toEqual(nothingLeft)
      expect(runner.status()).toEqual(idle)
    })

    const watched = (around: Witness['around']) =>
      pipe(
        id,
        Policy.ensure((u) => u !== 'bad'),
        around,
        Policy.timeout(100),
        around,
        Policy.retry(pipe(Schedule.constant(10), Schedule.take(3)), { while: (e) => e !== 'fatal' }),
        around,
        Policy.fallbackWith(() => TE.left('nor this')),
        around,
        Policy.deadline(1000),
        around
      )
    const lines = [fails('busy', 5), succeeds('bad', 5), succeeds('late', 106), fails('fatal', 5)] as const
    const announced: ReadonlyArray<Event.Event['_tag']> = [
      'RunStarted',
      'AttemptStarted',
      'AttemptEnded',
      'ResultRefused',
      'TimeoutFired',
      'RetryScheduled',
      'RetryStopped',
      'FallbackUsed',
      'LateResult'
    ]
    for (const how of ['aborts the signal', 'closes the runner'] as const) {
      for (const tag of announced) {
        for (const nth of [1, 2, 3]) {
          it(`by an observer that ${how} at ${tag} number ${String(nth)}`, async () => {
            const time = virtual()
            const caller = time.signal()
            let left = nth
            let reached = false
            let callsThen = 0
            const runtime = pipe(
              time.runtime,
              Runtime.withObserver((event) => {
                if (event._tag !== tag || --left !== 0) return
                reached = true
                callsThen = operation.calls.length
                if (how === 'aborts the signal') caller.abort('gone')
                else void runner.close()
              })
            )
            const { around, breaches } = witness()
            const runner = Runner.make(watched(around))(runtime)()
            const operation = script<unknown, unknown>(time, ...lines)
            const answer = await time.run(runner.runWith(operation.operation, { signal: caller.signal }))
            expect(await time.settle()).toEqual(nothingLeft)
            expect(runner.status()).toMatchObject({ inFlight: 0, hanging: 0 })
            expect(breaches).toEqual([])
            expect(tags(time.log).filter((each) => each === 'RunEnded')).toHaveLength(1)
            if (!(reached as boolean)) {
              expect(answer).toEqual(E.left('nor this'))
              expect(operation.calls).toHaveLength(4)
              return
            }
            // not called again after the abort
            expect(operation.calls).toHaveLength(callsThen)
            if (how === 'aborts the signal') expect(answer).toEqual(byCaller)
            else expect(answer).toMatchObject({ left: { _tag: 'Defect', kind: 'Closed' } })
          })
        }
      }
    }

    it('close, from within an observer, ends all runs and returns', async () => {
      const time = virtual()
      const runtime = pipe(
        time.runtime,
        Runtime.withObserver((event) => {
          if (event._tag === 'AttemptEnded') void runner.close()
        })
      )
      const runner = Runner.make(pipe(id, Policy.retry(forever)))(runtime)()
      const scripts = [script(time, fails('a', 10)), script(time, fails('b', 20)), script(time, hangs)]
      const answers = await time.run(() => Promise.all(scripts.map((each) => runner.run(each.task)())))
      for (const answer of answers) expect(answer).toMatchObject({ left: { _tag: 'Defect', kind: 'Closed' } })
      expect(time.now()).toBe(10)
    })
  })
})
