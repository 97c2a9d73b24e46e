/**
 * How a program is played: against a service of its own on loopback, with a clock that may run faster, and with promises that
 * are held against what the service has seen. `npm run example` plays all of them, or the one that is named.
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { pipe } from 'fp-ts/function'
import { Runtime } from 'resilience-ts'

/** Where a program runs. */
export interface World {
  /** The address of its service. */
  readonly service: string
  readonly runtime: Runtime.Runtime
  readonly say: (line: string) => void
}

/** A request as the service sees it. */
export interface Request {
  readonly method: string
  readonly path: string
  readonly body: string
  /** Milliseconds since the service began, as the program's clock counts them. */
  readonly at: number
  /** How often this was asked before. */
  readonly before: number
  /** How many others of its method were being answered when it came. */
  readonly beside: number
}

export interface Answer {
  readonly status: number
  readonly body: unknown
  /** After so many ms. */
  readonly after?: number
}

export interface Program<A> {
  readonly name: string
  readonly about: string
  readonly answer: (request: Request) => Answer
  readonly run: (world: World) => Promise<A>
  /** What was promised, each with whether it was kept. */
  readonly promises: (result: A, requests: ReadonlyArray<Request>) => Readonly<Record<string, boolean>>
}

export interface Played {
  readonly name: string
  readonly kept: ReadonlyArray<string>
  readonly broken: ReadonlyArray<string>
}

/** A clock on which so many milliseconds pass in one. */
export const faster =
  (speed: number) =>
  (runtime: Runtime.Runtime): Runtime.Runtime => ({
    ...runtime,
    clock: {
      ...runtime.clock,
      now: () => runtime.clock.now() * speed,
      timer: (ms, fire, keepAlive) => runtime.clock.timer(Math.ceil(ms / speed), fire, keepAlive)
    }
  })

/**
 * Plays a program.
 *
 * @param speed how many milliseconds of the program's pass in one; 1 is real time
 */
export const play = async <A>(program: Program<A>, speed: number, say: (line: string) => void): Promise<Played> => {
  const { clock } = pipe(Runtime.live, faster(speed))
  const requests: Array<Request> = []
  const begun = clock.now()
  const open = new Map<string, number>()

  const server = createServer((incoming, response) => {
    const { method = '', url: path = '' } = incoming
    const chunks: Array<Buffer> = []
    const beside = open.get(method) ?? 0
    open.set(method, beside + 1)
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
    incoming.on('end', () => {
      const before = requests.filter((other) => other.path === path && other.method === method).length
      const body = Buffer.concat(chunks).toString()
      const request = { method, path, body, at: clock.now() - begun, before, beside }
      requests.push(request)
      const answer = program.answer(request)
      setTimeout(
        () => {
          open.set(method, (open.get(method) ?? 1) - 1)
          response.writeHead(answer.status, { 'content-type': 'application/json' }).end(JSON.stringify(answer.body))
        },
        (answer.after ?? 0) / speed
      )
    })
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo

  try {
    const runtime = pipe(Runtime.live, faster(speed))
    const result = await program.run({ service: `http://127.0.0.1:${port}`, runtime, say })
    const promises = Object.entries(program.promises(result, requests))
    return {
      name: program.name,
      kept: promises.filter(([, kept]) => kept).map(([promise]) => promise),
      broken: promises.filter(([, kept]) => !kept).map(([promise]) => promise)
    }
  } finally {
    server.closeAllConnections()
    server.close()
  }
}
