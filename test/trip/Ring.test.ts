import fc from 'fast-check'
import * as Ring from '../../src/trip/Ring'
import { sizeOf } from './reading'

const copied = (ring: Ring.Ring): Ring.Ring => JSON.parse(JSON.stringify(ring)) as Ring.Ring
const filled = (size: number, values: ReadonlyArray<number>): Ring.Ring =>
  values.reduce((ring, value) => Ring.add(size, ring, value), Ring.empty)
const upTo = (n: number): ReadonlyArray<number> => Array.from({ length: n }, (_, i) => i)

const sizes = fc.oneof(fc.integer({ min: 1, max: 5 }), fc.constantFrom(63, 64, 65, 127, 128, 129, 200))

describe('a ring of numbers', () => {
  it('has the last so many, as a list would', () => {
    fc.assert(
      fc.property(sizes, fc.integer({ min: 0, max: 300 }), fc.integer({ min: 0, max: 150 }), (size, first, more) => {
        let [ring, list]: [Ring.Ring, ReadonlyArray<number>] = [filled(size, upTo(first)), upTo(first).slice(-size)]
        const before = [ring, copied(ring)]
        for (const value of upTo(more)) {
          ring = copied(Ring.add(size, ring, 1000 + value))
          list = [...list, 1000 + value].slice(-size)
          expect([Ring.latest(size, ring), Ring.oldest(ring)]).toEqual([
            list[list.length - 1],
            list.length === size ? list[0] : undefined
          ])
          expect(Ring.isRing(size, ring)).toBe(true)
          expect(sizeOf(ring)).toBe(1 + list.length)
        }
        const doubled = Ring.map(ring, (value) => value * 2)
        expect(Ring.isRing(size, doubled)).toBe(true)
        if (list.length === size) expect(Ring.oldest(doubled)).toBe((list[0] as number) * 2)
        // what was there before is as it was
        expect(before[0]).toEqual(before[1])
      })
    )
  })

  it('is copied but for a small piece, however many there are', () => {
    const size = 100_000
    let ring = filled(size, upTo(size))
    let copies = 0
    for (const value of upTo(6400)) {
      const next = Ring.add(size, ring, value)
      if (next.pieces !== ring.pieces) copies++
      expect(next.piece.length).toBeLessThanOrEqual(64)
      ring = next
    }
    expect(copies).toBe(100)
  })

  it.each([
    [10, null],
    [10, []],
    [10, {}],
    [10, { position: 10, piece: [], pieces: [] }],
    [10, { position: 1, piece: [], pieces: [] }],
    [10, { position: 1, piece: [1, 2], pieces: [] }],
    [10, { position: 1, piece: [NaN], pieces: [] }],
    [10, { position: 1, piece: ['1'], pieces: [] }],
    [10, { position: 1, piece: [1], pieces: [[1]] }],
    [10, { position: 1, piece: [1], pieces: [[], []] }, true],
    [10, { position: 0, piece: upTo(11), pieces: [[]] }],
    [100, { position: 70, piece: upTo(6), pieces: [] }],
    [100, { position: 70, piece: upTo(6), pieces: [upTo(63), []] }],
    [100, { position: 70, piece: upTo(70), pieces: [[], []] }],
    [100, { position: 64, piece: [], pieces: [] }],
    [100, { position: 64, piece: [], pieces: [upTo(64), []] }, true],
    [100, { position: 70, piece: upTo(36), pieces: [upTo(64), []] }, true]
  ])('of %d it is not %j', (size, u, isOne = false) => {
    expect(Ring.isRing(size, u)).toBe(isOne)
  })
})
