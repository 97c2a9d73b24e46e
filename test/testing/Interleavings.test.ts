import { interleavings } from 'resilience-ts/testing'

describe('interleavings', () => {
  it('plays each seed once, from the first', async () => {
    const seeds: Array<number> = []
    expect(
      await interleavings({ seeds: 5, from: 3 }, async (_time, seed) => {
        seeds.push(seed)
      })
    ).toEqual([])
    expect(seeds).toEqual([3, 4, 5, 6, 7])
  })

  it('gives back the seeds in which it rejected, with what it said', async () => {
    const found = await interleavings({ seeds: 10 }, (_time, seed) =>
      seed % 4 === 3 ? Promise.reject(`not ${String(seed)}`) : Promise.resolve()
    )
    expect(found).toEqual([
      { seed: 3, problem: 'not 3' },
      { seed: 7, problem: 'not 7' }
    ])
  })

  it('stops at the tenth', async () => {
    let played = 0
    const found = await interleavings({ seeds: 1000 }, () => {
      played++
      return Promise.reject('never')
    })
    expect([found.length, played]).toEqual([10, 10])
  })

  it('a scenario that throws counts as one that rejects', async () => {
    const found = await interleavings({ seeds: 2 }, () => {
      throw new Error('oh')
    })
    expect(found.map(({ seed }) => seed)).toEqual([0, 1])
  })

  it('plays in a window', async () => {
    const orders = new Set<string>()
    const scenario = { seeds: 50, window: 3 }
    await interleavings(scenario, async (time) => {
      const order: Array<string> = []
      time.after(10, () => order.push('a'))
      time.after(13, () => order.push('b'))
      time.after(17, () => order.push('c'))
      await time.advance(20)
      orders.add(order.join(''))
    })
    expect([...orders].sort()).toEqual(['abc', 'bac'])
  })

  it.each([
    [{ seeds: NaN }, 'seeds is NaN'],
    [{ seeds: -1 }, 'seeds is -1'],
    [{}, 'seeds is undefined'],
    [{ seeds: 1, from: Infinity }, 'from is Infinity'],
    [{ seeds: 1, window: -1 }, 'window is -1']
  ])('rejects what would play nothing, or not as it is meant: %j', async (options, why) => {
    const scenario = jest.fn(() => Promise.resolve())
    await expect(interleavings(options as never, scenario)).rejects.toThrow(why)
    expect(scenario).not.toHaveBeenCalled()
  })
})
