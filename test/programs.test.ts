import { main, programs } from '../examples/main'

// in real time, against a real service on loopback, with a clock that runs faster

describe('the programs of examples/', () => {
  it.each(programs)('$name: $about', async ({ play }) => {
    const { kept, broken } = await play(100, () => {})
    expect(broken).toEqual([])
    expect(kept.length).toBeGreaterThan(2)
  })

  it('says what it does not know', async () => {
    const lines: Array<string> = []
    expect(await main(['uplaods'], (line) => lines.push(line))).toBe(false)
    expect(lines).toEqual([expect.stringMatching(/^usage: /)])
  })
})
