import { Random } from 'resilience-ts'

const firsts = (seed: number, n = 3): ReadonlyArray<number> => {
  const random = Random.seeded(seed)
  return Array.from({ length: n }, random)
}

describe('seeded', () => {
  it('is mulberry32', () => {
    expect(firsts(0)).toEqual([0.26642920868471265, 0.0003297457005828619, 0.2232720274478197])
  })

  it('gives the same for the same seed, and something else for another', () => {
    expect(firsts(42, 20)).toEqual(firsts(42, 20))
    expect(firsts(42)).not.toEqual(firsts(43))
  })

  it('takes any number for a seed: its lowest 32 bits count', () => {
    expect(firsts(2 ** 32 + 5)).toEqual(firsts(5))
    expect(firsts(5.9)).toEqual(firsts(5))
    expect(firsts(-1)).toEqual(firsts(2 ** 32 - 1))
    expect(firsts(NaN)).toEqual(firsts(0))
  })

  it('is uniform in [0, 1)', () => {
    const n = 100_000
    const draws = firsts(1, n)
    expect(draws.every((u) => u >= 0 && u < 1)).toBe(true)
    const tenths = Array<number>(10).fill(0)
    for (const u of draws) tenths[Math.floor(u * 10)]!++
    expect(Math.max(...tenths.map((count) => Math.abs(count - n / 10)))).toBeLessThan(n / 200)
    // a draw says nothing of the next
    const products = draws.slice(1).map((u, i) => u * draws[i]!)
    expect(products.reduce((sum, product) => sum + product, 0) / products.length).toBeCloseTo(0.25, 2)
  })

  it('two sources do not disturb each other', () => {
    const [a, b] = [Random.seeded(9), Random.seeded(9)]
    const mixed = [a(), b(), a(), b()]
    expect(mixed).toEqual([...firsts(9, 2).flatMap((u) => [u, u])])
  })
})

describe('numbered', () => {
  const counting = () => {
    let n = 0
    return () => n++
  }

  it('draw n is the n-th of the source', () => {
    const draw = Random.numbered(counting())
    expect([draw(2), draw(0), draw(1), draw(5)]).toEqual([2, 0, 1, 5])
  })

  it('asked again gives the same', () => {
    const draw = Random.numbered(Random.seeded(1))
    expect(draw(1)).toBe(draw(1))
    expect(draw(0)).not.toBe(draw(1))
  })

  it('draws no more than is asked for', () => {
    let drawn = 0
    const draw = Random.numbered(() => drawn++)
    expect(drawn).toBe(0)
    draw(0)
    draw(0)
    expect(drawn).toBe(1)
    draw(3)
    expect(drawn).toBe(4)
  })
})
