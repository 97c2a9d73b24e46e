import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { buildSync } from 'esbuild'
import { main, playable, programs } from '../examples/main'
import { found } from '../examples/until-found'

// in real time, against a real service on loopback, with a clock that runs faster

// a minute of waiting is over in less than a second; where requests have a timeout, they get more of the real time
const speeds: Readonly<Record<string, number>> = { uploads: 5, breaker: 50, 'until-valid': 50 }

describe('the programs of examples/', () => {
  it.each(programs)('$name: $about', async ({ name, play }) => {
    const lines: Array<string> = []
    const { kept, broken } = await play(speeds[name] ?? 100, (line) => lines.push(line))
    expect(broken).toEqual([])
    expect(kept.length).toBeGreaterThan(2)
    expect(lines.length).toBeGreaterThan(2)
  })

  it('says which promise was broken', async () => {
    const lines: Array<string> = []
    const print = (line: string) => void lines.push(line)
    // a service that has nothing
    const broken = { ...found, answer: () => ({ status: 404, body: 'nothing' }) }
    expect(await main(['--speed', '200'], print, [playable(broken)])).toBe(false)
    expect(lines).toContain('   BROKEN  the report was waited for')
    expect(lines).toContain('   kept    what never comes ends after a minute, with the 404')
  })

  it('says what it does not know', async () => {
    const lines: Array<string> = []
    expect(await main(['uplaods'], (line) => lines.push(line))).toBe(false)
    expect(await main(['--speed', 'fast'], (line) => lines.push(line))).toBe(false)
    expect(lines).toEqual(Array(2).fill(expect.stringMatching(/^usage: /)))
  })
})

describe('as a process', () => {
  const root = join(__dirname, '..')
  const outfile = join(root, 'build', 'test', 'example.js')
  const run = (...args: ReadonlyArray<string>): Promise<number | null> =>
    new Promise((resolve) => {
      spawn(process.execPath, [outfile, ...args], { stdio: 'ignore' }).on('close', resolve)
    })

  beforeAll(() => {
    buildSync({
      entryPoints: [join(root, 'examples', 'main.ts')],
      outfile,
      bundle: true,
      alias: { 'resilience-ts': join(root, 'src', 'index.ts') },
      platform: 'node',
      format: 'cjs',
      target: 'node20',
      tsconfigRaw: {}
    })
  })

  it('ends by itself, with 0 or 1', async () => {
    expect(await run('breaker', '--speed', '50')).toBe(0)
    expect(await run('nonsense')).toBe(1)
  })
})
