import { Random } from 'resilience-ts'
import { claimed, free, type Holders, holds, resized } from '../../src/strategy/Bulkhead/Holders'
import { firstSeed, patience, steps } from './steps'

const lease = 100

/** A permit that somebody has, each on a slip of its own. */
interface Slip {
  readonly holder: string
  readonly until: number
}

/** Who shares permits, written for obviousness: a pile of slips, gone through one by one. */
class Model {
  private slips: ReadonlyArray<Slip> = []
  constructor(public permits: number) {}

  /** Each claim throws the holder's slips away, and hands out as many new ones as it may have. */
  claim(holder: string, held: number, wanted: number, now: number): number {
    const others = this.slips.filter((slip) => slip.holder !== holder && slip.until > now)
    let granted = 0
    // what it uses is its own; what it would like beside that there has to be
    while (granted < wanted && (granted < held || others.length + granted < this.permits)) granted++
    const mine = Array.from({ length: granted }, () => ({ holder, until: now + lease }))
    this.slips = [...others, ...mine]
    return granted
  }
}

it(
  'equals a naive model, step by step',
  () => {
    const random = Random.seeded(firstSeed)
    const upTo = (n: number): number => Math.floor(random() * (n + 1))
    const names = ['a', 'b', 'c']
    let now = 0
    let state: Holders = free(3)
    let model = new Model(3)
    const held = new Map<string, number>()
    let tight = 0
    for (let step = 0; step < steps; step++) {
      if (step % 500 === 0) {
        const permits = upTo(5)
        state = free(permits)
        model = new Model(permits)
        held.clear()
      }
      now += upTo(3) === 0 ? upTo(120) : upTo(5)
      if (upTo(20) === 0) {
        const permits = upTo(5)
        state = resized(state, permits).state
        model.permits = permits
      }
      const holder = names[upTo(2)] as string
      const wanted = upTo(4)
      const uses = Math.min(held.get(holder) ?? 0, wanted)
      const change = claimed(state, holder, uses, wanted, now, lease)
      const granted = model.claim(holder, uses, wanted, now)
      if (change.result.held !== granted || change.result.permits !== model.permits) {
        throw new Error(
          `seed ${String(firstSeed)}, step ${String(step)}: ${JSON.stringify(change)}, not ${String(granted)}`
        )
      }
      if (granted < wanted) tight++
      held.set(holder, granted)
      // what is kept survives the way through a database
      const kept: unknown = JSON.parse(JSON.stringify(change.state))
      if (!holds(kept)) throw new Error(`step ${String(step)}: not kept`)
      state = kept
    }
    expect(tight).toBeGreaterThan(steps / 100)
  },
  patience
)

it('a clock that was set back does not make a lease longer than it is', () => {
  const { state } = claimed(free(1), 'a', 0, 1, 1_000_000, lease)
  const seen = claimed(state, 'b', 0, 1, 0, lease)
  expect(seen.result.held).toBe(0)
  expect(claimed(seen.state, 'b', 0, 1, lease, lease).result.held).toBe(1)
})

it.each([undefined, null, 3, {}, { permits: 1 }, { permits: -1, holders: {} }, { permits: 1, holders: { a: 1 } }])(
  'is not %p',
  (u) => {
    expect(holds(u)).toBe(false)
  }
)
