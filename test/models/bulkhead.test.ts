import * as E from 'fp-ts/Either'
import * as O from 'fp-ts/Option'
import { pipe } from 'fp-ts/function'
import { Policy, Random, Runner } from 'resilience-ts'
import { virtual } from 'resilience-ts/testing'
import { nothingLeft } from '../support'
import { firstSeed, patience, steps } from './steps'

// a failure names its seed and step

/** After so many steps it begins anew, with another bulkhead. */
const chapter = 250

type Order = 'fifo' | 'lifo' | 'priority'

interface Shape {
  readonly permits: number
  readonly room: number
  readonly order: Order
}

/** A call as the model sees it; where it stands says all there is. */
interface Call {
  readonly name: number
  readonly priority: number
  stands: 'queued' | 'running' | 'hanging' | 'abandoned' | 'gone'
}

/** A bulkhead written for obviousness: one list of all calls in the order of their coming, looked through again each time. */
class Model {
  private readonly calls: Array<Call> = []
  constructor(
    private permits: number,
    private readonly shape: Shape
  ) {}

  /** The names of those who are let in by what happened, in order. */
  arrive(name: number, priority: number): ReadonlyArray<number> | 'refused' {
    const call: Call = { name, priority, stands: 'queued' }
    if (this.standing('queued').length >= this.shape.room && this.held() >= this.permits) return 'refused'
    this.calls.push(call)
    return this.letIn()
  }

  settle(name: number): ReadonlyArray<number> {
    this.call(name).stands = 'gone'
    return this.letIn()
  }

  abort(name: number): ReadonlyArray<number> {
    const call = this.call(name)
    if (call.stands === 'queued') call.stands = 'gone'
    else if (call.stands === 'running') call.stands = 'hanging'
    return []
  }

  resize(permits: number): ReadonlyArray<number> {
    this.permits = permits
    return this.letIn()
  }

  abandon(): ReadonlyArray<number> {
    for (const call of this.standing('hanging')) call.stands = 'abandoned'
    return this.letIn()
  }

  status(): Policy.BulkheadStatus {
    const count = (stands: Call['stands']): number => this.standing(stands).length
    return {
      permits: this.permits,
      active: this.held(),
      hanging: count('hanging'),
      abandoned: count('abandoned'),
      queued: count('queued')
    }
  }

  private standing(stands: Call['stands']): ReadonlyArray<Call> {
    return this.calls.filter((call) => call.stands === stands)
  }

  private held(): number {
    return this.standing('running').length + this.standing('hanging').length
  }

  private call(name: number): Call {
    return this.calls.find((call) => call.name === name)!
  }

  private letIn(): ReadonlyArray<number> {
    const names: Array<number> = []
    while (this.held() < this.permits && this.standing('queued').length > 0) {
      const next = this.next()
      next.stands = 'running'
      names.push(next.name)
    }
    return names
  }

  private next(): Call {
    const queued = this.standing('queued')
    if (this.shape.order === 'fifo') return queued[0]!
    if (this.shape.order === 'lifo') return queued[queued.length - 1]!
    const highest = Math.max(...queued.map(({ priority }) => priority))
    return queued.find(({ priority }) => priority === highest)!
  }
}

/** What can still be done with a call of the real bulkhead. */
interface Live {
  readonly name: number
  readonly abort: () => void
  settle: (() => void) | undefined
  aborted: boolean
}

const tell = async (seed: number, length: number): Promise<number> => {
  const random = Random.seeded(seed)
  const upTo = (n: number): number => Math.floor(random() * n)
  const oneOf = <T>(values: ReadonlyArray<T>): T | undefined => values[upTo(values.length)]
  const shape: Shape = {
    permits: 1 + upTo(4),
    room: oneOf([0, 1, 3, 8, Infinity])!,
    order: oneOf(['fifo', 'lifo', 'priority'] as const)!
  }
  const time = virtual({ log: false })
  const order = shape.order === 'priority' ? (call: Policy.BulkheadCall) => Number(call.key) : shape.order
  const policy = pipe(Policy.id<string, number>(), Policy.bulkhead(shape.permits, { queue: shape.room, order }))
  const runner = Runner.make(policy)(time.runtime)()
  const control = pipe(
    Policy.bulkheadControl(runner),
    O.getOrElse((): Policy.BulkheadControl => {
      throw new Error('no control')
    })
  )
  const model = new Model(shape.permits, shape)
  let live: ReadonlyArray<Live> = []
  let began: Array<number> = []
  const answers = new Map<number, string>()
  let names = 0
  let seen = 0

  const arrive = (): ReadonlyArray<number> => {
    const name = names++
    const priority = upTo(4)
    const controller = new AbortController()
    const call: Live = {
      name,
      abort: () => {
        controller.abort()
      },
      settle: undefined,
      aborted: false
    }
    const task = runner.runWith(
      () => () => {
        began.push(name)
        return new Promise((resolve) => {
          call.settle = () => {
            resolve(E.right(name))
          }
        })
      },
      { signal: controller.signal, key: String(priority) }
    )
    void task().then((answer) => {
      if (answers.has(name)) throw new Error(`two answers of ${String(name)}`)
      answers.set(name, answer._tag === 'Right' ? 'Right' : (answer.left as { readonly _tag: string })._tag)
    })
    const expected = model.arrive(name, priority)
    if (expected !== 'refused') live = [...live, call]
    else refused.push(name)
    return expected === 'refused' ? [] : expected
  }
  const refused: Array<number> = []
  const aborted: Array<number> = []
  const succeeded: Array<number> = []

  const settle = (): ReadonlyArray<number> => {
    const call = oneOf(live.filter((each) => each.settle !== undefined))
    if (call === undefined) return []
    call.settle?.()
    live = live.filter((each) => each !== call)
    if (!call.aborted) succeeded.push(call.name)
    return model.settle(call.name)
  }
  const abort = (): ReadonlyArray<number> => {
    const call = oneOf(live.filter((each) => !each.aborted))
    if (call === undefined) return []
    call.abort()
    call.aborted = true
    aborted.push(call.name)
    if (call.settle === undefined) live = live.filter((each) => each !== call)
    return model.abort(call.name)
  }
  const resize = (permits: number): ReadonlyArray<number> => {
    control.resize(permits)()
    return model.resize(permits)
  }
  const abandon = (): ReadonlyArray<number> => {
    const { hanging } = model.status()
    if (control.abandon() !== hanging) throw new Error('not as many as hang')
    return model.abandon()
  }

  const act = (): ReadonlyArray<number> => {
    const dice = random()
    if (dice < 0.45) return arrive()
    if (dice < 0.75) return settle()
    if (dice < 0.92) return abort()
    if (dice < 0.98) return resize(oneOf([0, 1, 2, 3, 5, Infinity])!)
    return abandon()
  }
  const check = async (expected: ReadonlyArray<number>, what: string): Promise<void> => {
    await time.advance(0)
    const status = JSON.stringify(control.status())
    const wanted = JSON.stringify(model.status())
    if (status !== wanted) throw new Error(`${what}: ${status}, and the model has ${wanted}`)
    if (String(began) !== String(expected))
      throw new Error(`${what}: ${String(began)} began, and in the model ${String(expected)}`)
    began = []
    seen++
  }

  for (let step = 0; step < length; step++) await check(act(), `seed ${String(seed)}, step ${String(step)}`)
  // all come to an end
  await check(resize(Infinity), `seed ${String(seed)}, at the end`)
  while (live.length > 0) await check(settle(), `seed ${String(seed)}, at the end`)
  const wanted = new Map<number, string>([
    ...succeeded.map((name) => [name, 'Right'] as const),
    ...aborted.map((name) => [name, 'Aborted'] as const),
    ...refused.map((name) => [name, 'BulkheadFull'] as const)
  ])
  expect(answers.size).toBe(names)
  expect(new Map([...answers].sort(([a], [b]) => a - b))).toEqual(new Map([...wanted].sort(([a], [b]) => a - b)))
  expect(control.status()).toMatchObject({ active: 0, hanging: 0, abandoned: 0, queued: 0 })
  expect(runner.status()).toMatchObject({ inFlight: 0, hanging: 0 })
  expect(await time.settle()).toEqual(nothingLeft)
  return seen
}

describe('bulkhead: a naive model', () => {
  it(
    `says the same for ${String(steps)} random steps`,
    async () => {
      let taken = 0
      for (let seed = firstSeed; taken < steps; seed++) taken += await tell(seed, Math.min(chapter, steps - taken))
      expect(taken).toBeGreaterThanOrEqual(steps)
    },
    patience
  )
})
