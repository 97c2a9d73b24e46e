import fc from 'fast-check'
import { EventQueue, type Pending } from '../../src/testing/EventQueue'
import { runs } from '../laws/runs'

type Command =
  | { readonly _tag: 'add'; readonly at: number; readonly timer: boolean }
  | { readonly _tag: 'take' }
  | { readonly _tag: 'first' }
  | { readonly _tag: 'putBack' }
  | { readonly _tag: 'cancel'; readonly which: number }

const command: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ _tag: fc.constant('add' as const), at: fc.integer({ min: 0, max: 9 }), timer: fc.boolean() })
  },
  { weight: 3, arbitrary: fc.record({ _tag: fc.constant('take' as const) }) },
  { weight: 1, arbitrary: fc.record({ _tag: fc.constant('first' as const) }) },
  { weight: 1, arbitrary: fc.record({ _tag: fc.constant('putBack' as const) }) },
  { weight: 2, arbitrary: fc.record({ _tag: fc.constant('cancel' as const), which: fc.nat() }) }
)

const nothing = (): void => {}
const sorted = (events: ReadonlyArray<Pending>): ReadonlyArray<Pending> =>
  [...events].sort((a, b) => a.at - b.at || a.order - b.order)

describe('EventQueue', () => {
  it('gives what a sorted list would give', () => {
    fc.assert(
      fc.property(fc.array(command, { maxLength: 100 }), (commands) => {
        const queue = new EventQueue()
        let model: ReadonlyArray<Pending> = []
        const out: Array<Pending> = []
        const live = (): ReadonlyArray<Pending> => sorted(model.filter(({ cancelled }) => !cancelled))
        for (const step of commands) {
          switch (step._tag) {
            case 'add':
              model = [...model, queue.add(step.at, nothing, step.timer)]
              break
            case 'take': {
              const [expected] = live()
              const taken = queue.take()
              expect(taken).toBe(expected)
              model = model.filter((event) => event !== taken)
              if (taken !== undefined) out.push(taken)
              break
            }
            case 'first':
              expect(queue.first()).toBe(live()[0])
              break
            case 'putBack': {
              const event = out.pop()
              if (event === undefined) break
              queue.insert(event)
              model = [...model, event]
              break
            }
            case 'cancel': {
              const event = model[step.which % Math.max(1, model.length)]
              if (event !== undefined) event.cancelled = true
              break
            }
          }
          expect(new Set(queue.live())).toEqual(new Set(live()))
        }
        for (const event of live()) expect(queue.take()).toBe(event)
        expect(queue.take()).toBeUndefined()
        expect(queue.first()).toBeUndefined()
        expect(queue.live()).toEqual([])
      }),
      runs
    )
  })

  it('gives those of one instant in the order of their making', () => {
    const queue = new EventQueue()
    const made = Array.from({ length: 100 }, () => queue.add(5, nothing, false))
    expect(made.map(() => queue.take())).toEqual(made)
  })
})
