import * as Permits from '../../src/strategy/Bulkhead/Permits'
import { Heap, Line, Place, type Queue } from '../../src/strategy/Bulkhead/Queue'
import { Random } from 'resilience-ts'

describe('the arithmetic of permits', () => {
  const state: Permits.Permits = { ...Permits.initial(2), active: 1 }

  it('is plain data that JSON can carry', () => {
    expect(JSON.parse(JSON.stringify(Permits.waiting(state)))).toEqual({ ...state, queued: 1 })
  })

  it('changes no state that it is given', () => {
    const frozen = Object.freeze({ ...state, hanging: 1, queued: 1 })
    for (const next of [Permits.taken, Permits.waiting, Permits.left, Permits.handed, Permits.freed, Permits.hung])
      expect(next(frozen)).not.toBe(frozen)
    expect(Permits.abandonedAll(frozen)).toEqual({
      permits: 2,
      active: 0,
      hanging: 0,
      abandoned: 1,
      queued: 1,
      generation: 1
    })
    expect(frozen).toEqual({ ...state, hanging: 1, queued: 1 })
  })

  it('lets nobody overtake who waits already, though a permit be free', () => {
    expect(Permits.arrive(state, 1)).toBe('Run')
    expect(Permits.arrive({ ...state, queued: 1 }, 2)).toBe('Wait')
    expect(Permits.arrive({ ...state, queued: 1 }, 1)).toBe('Refuse')
  })

  it('a permit that was given up comes back once', () => {
    const hung = Permits.hung(state)
    const abandoned = Permits.abandonedAll(hung)
    expect(Permits.abandonedOne(abandoned, hung.generation)).toBe(abandoned)
    expect(Permits.settled(abandoned, hung.generation)).toEqual({ ...Permits.initial(2), generation: 1 })
    expect(Permits.settled(Permits.abandonedOne(hung, hung.generation), Permits.givenUp)).toEqual(Permits.initial(2))
  })
})

describe('the queue: a naive model', () => {
  const next: Readonly<Record<string, (waiting: ReadonlyArray<Place<number>>) => Place<number> | undefined>> = {
    fifo: (waiting) => waiting[0],
    lifo: (waiting) => waiting[waiting.length - 1],
    // sorting is stable: those of equal priority stay in their order
    priority: (waiting) => [...waiting].sort((a, b) => b.priority - a.priority)[0]
  }
  const made: Readonly<Record<string, () => Queue<number>>> = {
    fifo: () => new Line(false),
    lifo: () => new Line(true),
    priority: () => new Heap()
  }

  it.each(['fifo', 'lifo', 'priority'])('%s: says the same for 10,000 random steps', (order) => {
    const random = Random.seeded(7)
    const queue = made[order]!()
    let waiting: ReadonlyArray<Place<number>> = []
    for (let step = 0; step < 10_000; step++) {
      const dice = random()
      if (dice < 0.5) {
        const place = new Place(step, Math.floor(random() * 5))
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
