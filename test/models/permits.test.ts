import * as Permits from '../../src/strategy/Bulkhead/Permits'
import { Heap, Line, type Queue, Ranked } from '../../src/strategy/Bulkhead/Queue'
import { Random } from 'resilience-ts'

describe('the arithmetic of permits', () => {
  const some = { ...Permits.initial(2), active: 1 }
  /** What a step makes of some counts. */
  const after = (counts: Permits.Permits, ...steps: ReadonlyArray<(state: Permits.Permits) => void>) => {
    const state = { ...counts }
    for (const step of steps) step(state)
    return state
  }

  it('is plain data that JSON can carry', () => {
    expect(JSON.parse(JSON.stringify(after(some, Permits.waiting)))).toEqual({ ...some, queued: 1 })
  })

  it('counts each step', () => {
    const busy = { ...some, hanging: 1, queued: 1 }
    expect(after(busy, Permits.taken)).toEqual({ ...busy, active: 2 })
    expect(after(busy, Permits.waiting)).toEqual({ ...busy, queued: 2 })
    expect(after(busy, Permits.left)).toEqual({ ...busy, queued: 0 })
    expect(after(busy, Permits.handed)).toEqual({ ...busy, active: 2, queued: 0 })
    expect(after(busy, Permits.freed)).toEqual({ ...busy, active: 0 })
    expect(after(busy, Permits.hung)).toEqual({ ...busy, hanging: 2 })
    expect(after(busy, (state) => Permits.resized(state, 7))).toEqual({ ...busy, permits: 7 })
    expect(after(busy, Permits.abandonedAll)).toEqual({
      permits: 2,
      active: 0,
      hanging: 0,
      abandoned: 1,
      queued: 1,
      generation: 1
    })
  })

  it('lets nobody overtake who waits already, though a permit be free', () => {
    expect(Permits.arrive(some, 1)).toBe('Run')
    expect(Permits.arrive({ ...some, queued: 1 }, 2)).toBe('Wait')
    expect(Permits.arrive({ ...some, queued: 1 }, 1)).toBe('Refuse')
  })

  it('a permit that was given up comes back once', () => {
    const abandonedOne = (state: Permits.Permits) => Permits.abandonedOne(state, 0)
    const settled = (state: Permits.Permits) => Permits.settled(state, 0)
    const abandoned = after(some, Permits.hung, Permits.abandonedAll)
    expect(after(abandoned, abandonedOne)).toEqual(abandoned)
    expect(after(abandoned, settled)).toEqual({ ...Permits.initial(2), generation: 1 })
    const one = after(some, Permits.hung, abandonedOne, (state) => Permits.settled(state, Permits.givenUp))
    expect(one).toEqual(Permits.initial(2))
  })
})

describe('the queue: a naive model', () => {
  const next: Readonly<Record<string, (waiting: ReadonlyArray<Ranked>) => Ranked | undefined>> = {
    fifo: (waiting) => waiting[0],
    lifo: (waiting) => waiting[waiting.length - 1],
    // sorting is stable: those of equal priority stay in their order
    priority: (waiting) => [...waiting].sort((a, b) => b.priority - a.priority)[0]
  }
  class Numbered extends Ranked {
    admit(): void {}
    dismiss(): void {}
  }
  const made: Readonly<Record<string, () => Queue<Ranked>>> = {
    fifo: () => new Line(false),
    lifo: () => new Line(true),
    priority: () => new Heap()
  }

  it.each(['fifo', 'lifo', 'priority'])('%s: says the same for 10,000 random steps', (order) => {
    const random = Random.seeded(7)
    const queue = made[order]!()
    let waiting: ReadonlyArray<Ranked> = []
    for (let step = 0; step < 10_000; step++) {
      const dice = random()
      if (dice < 0.5) {
        const place = new Numbered(Math.floor(random() * 5))
        queue.add(place)
        waiting = [...waiting, place]
      } else if (dice < 0.8 || waiting.length === 0) {
        const expected = next[order]!(waiting)
        expect(queue.take()).toBe(expected)
        waiting = waiting.filter((place) => place !== expected)
      } else {
        const leaving = waiting[Math.floor(random() * waiting.length)]!
        queue.remove(leaving)
        waiting = waiting.filter((place) => place !== leaving)
        expect([leaving.before, leaving.after]).toEqual([undefined, undefined])
      }
    }
  })
})
