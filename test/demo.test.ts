import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { buildSync } from 'esbuild'
import * as E from 'fp-ts/Either'
import { parse } from '../examples/demo/arguments'
import { cli } from '../examples/demo/cli'
import { trafficOf } from '../examples/demo/client/traffic'
import { scenarios } from '../examples/demo/scenarios'
import type { Calls } from '../examples/demo/scenarios/scenario'
import { type Service, startService } from '../examples/demo/service/main'
import { crowd, series, timeline } from '../examples/demo/show/timeline'
import { plain } from '../examples/demo/show/words'

// in real time, against a real service: that of `npm run demo`, but in this process

let service: Service
const address = () => `http://127.0.0.1:${service.port}`
/** Where nobody listens any more. */
let nowhere: string

beforeAll(async () => {
  service = await startService()
  const gone = await startService()
  nowhere = `http://127.0.0.1:${gone.port}`
  gone.close()
  await trafficOf(address(), address())()
})
afterAll(() => {
  service.close()
})

describe('the demo', () => {
  const { signal } = new AbortController()

  it.each(scenarios)('$name', async ({ play }) => {
    const lines: Array<string> = []
    const print = (line: string) => void lines.push(line)
    const observer = (calls: Calls) => ({ one: timeline, together: crowd, 'in turn': series })[calls](print, plain)

    const { kept, broken } = await play({ service: address(), signal, observer })()

    expect(broken).toEqual([])
    expect(kept.length).toBeGreaterThan(0)
    expect(lines.length).toBeGreaterThan(0)
    // a burst is told in few lines
    expect(lines.length).toBeLessThan(60)
  })

  it('says what was broken', async () => {
    const observer = () => () => {}
    const outcomes = await Promise.all(
      scenarios
        .filter(({ name }) => name.startsWith('a job'))
        .map(({ play }) => play({ service: nowhere, signal, observer })())
    )
    expect(outcomes.map(({ broken }) => broken.length > 0)).toEqual(outcomes.map(() => true))
    expect(outcomes[0]?.broken).toEqual(['before it: Network ECONNREFUSED'])
  })
})

// -------------------------------------------------------------------------------------
// the command line
// -------------------------------------------------------------------------------------

const demo = async (...args: ReadonlyArray<string>) => {
  const lines: Array<string> = []
  const complaints: Array<string> = []
  const code = await cli(args, {
    print: (line) => lines.push(line),
    complain: (line) => complaints.push(line),
    paint: plain
  })()
  return { code, output: lines.join('\n'), complaint: complaints.join('\n') }
}

describe('--url', () => {
  it('polls until the job is done', async () => {
    const url = `${address()}/reports/1?for=a URL`
    const { code, output, complaint } = await demo('--url', url, '--every', '10')
    expect([code, complaint]).toEqual([0, ''])
    expect(output).toContain('poll(constant(10ms), until: Done')
    expect(output.match(/not yet: status is "pending"; allowed: "done"/g)).toHaveLength(3)
    expect(output).toContain('answer    {"id":"r-1","status":"done","result":"/files/r-1.pdf"}')
  })

  it('waits out failures', async () => {
    const { code, output } = await demo('--url', `${address()}/jobs/shaky?for=a URL`, '--every', '10')
    expect(code).toBe(0)
    expect(output).toContain('not yet: Status 503')
    expect(output).toContain('not yet: Network ECONNRESET')
  })

  it('gives up in time, with what came last', async () => {
    const { code, output } = await demo('--url', `${address()}/jobs/endless`, '--every', '50', '--timeout', '400')
    expect(code).toBe(1)
    expect(output).toMatch(/answer {4}PollExhausted Deadline: \d+ attempts; the last value: .*pending/)
  })

  it('gives up in time when each call fails, or none is answered', async () => {
    const missing = await demo('--url', `${address()}/missing`, '--every', '50', '--timeout', '400')
    expect([missing.code, missing.output]).toEqual([1, expect.stringContaining('not yet: NotFound')])
    const nobody = await demo('--url', nowhere, '--every', '50', '--timeout', '400')
    expect([nobody.code, nobody.output]).toEqual([1, expect.stringContaining('not yet: Network ECONNREFUSED')])
    const hanging = await demo('--url', `${address()}/hanging`, '--timeout', '200')
    expect([hanging.code, hanging.output]).toEqual([1, expect.stringContaining('answer    DeadlineExceeded')])
  })

  it.each([
    [['--url', 'nonsense'], '--url is "nonsense"; allowed: an absolute URL'],
    [['--url', ''], '--url is ""; allowed: an absolute URL'],
    [['--url', 'ftp://example.com'], 'allowed: one that begins with http:// or https://'],
    [['--url', 'http://ada:secret@example.com'], 'allowed: one without a user and a password'],
    [['--url'], "Option '--url <value>' argument missing"],
    [['--url', 'http://localhost', '--every', '0'], '--every is "0"; allowed: milliseconds, more than 0'],
    [['--url', 'http://localhost', '--every', ''], '--every is ""'],
    [['--url', 'http://localhost', '--every=-5'], '--every is "-5"'],
    [['--url', 'http://localhost', '--timeout', 'soon'], '--timeout is "soon"'],
    [['--url', 'http://localhost', '--timeout', 'Infinity'], '--timeout is "Infinity"'],
    [['--url', 'x', '--every', 'x', '--timeout', 'x'], '--timeout is "x"'],
    [['--every', '5'], '--every and --timeout are for a --url'],
    [['--frob'], "Unknown option '--frob'"],
    [['http://localhost'], "Unexpected argument 'http://localhost'"]
  ])('says what cannot be: %j', async (args, problem) => {
    const { code, output, complaint } = await demo(...args)
    expect([code, output]).toEqual([2, ''])
    expect(complaint).toContain(`demo: `)
    expect(complaint).toContain(problem)
    expect(complaint).toContain('npm run demo -- --url')
  })

  it('says all of it at once', () => {
    expect(parse(['--url', 'x', '--every', 'x', '--timeout', 'x'])).toEqual(
      E.left([
        expect.stringContaining('--url'),
        expect.stringContaining('--every'),
        expect.stringContaining('--timeout')
      ])
    )
  })

  it('helps', async () => {
    const { code, output, complaint } = await demo('--help')
    expect([code, complaint]).toEqual([0, ''])
    expect(output).toContain('{ "id": string, "status": "done", "result": string }')
  })
})

describe('as a process', () => {
  const root = join(__dirname, '..')
  const main = join(root, 'build', 'test', 'demo.js')
  const run = (...args: ReadonlyArray<string>) =>
    new Promise<unknown>((resolve) => {
      const child = spawn(process.execPath, [main, ...args], { stdio: 'ignore' })
      child.once('close', resolve)
    })

  beforeAll(() => {
    buildSync({
      entryPoints: [join(root, 'examples', 'demo', 'main.ts')],
      outfile: main,
      bundle: true,
      alias: { 'resilience-ts': join(root, 'src', 'index.ts') },
      platform: 'node',
      format: 'cjs',
      target: 'node20',
      tsconfigRaw: {}
    })
  })

  it('ends by itself, with 0, 1 or 2', async () => {
    expect(await run('--url', `${address()}/reports/1?for=a process`, '--every', '10')).toBe(0)
    expect(await run('--url', `${address()}/jobs/endless`, '--every', '50', '--timeout', '300')).toBe(1)
    expect(await run('--url', 'nonsense')).toBe(2)
  })
})
