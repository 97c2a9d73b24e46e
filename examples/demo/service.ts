/**
 * A service that misbehaves on purpose: on loopback, and for the demo in a process of its own.
 *
 * What it does is scripted: the nth call of a URL gets the nth answer of its path's script, and the last answer stays. The
 * query makes URLs of one path differ, so that each caller can have a script of its own.
 */
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

type Answer = (response: ServerResponse) => void

const text =
  (status: number, body: string, headers: Readonly<Record<string, string>> = {}): Answer =>
  (response) => {
    response.writeHead(status, headers).end(body)
  }

const json = (body: unknown): Answer => text(200, JSON.stringify(body), { 'content-type': 'application/json' })

const later =
  (ms: number, answer: Answer): Answer =>
  (response) => {
    const timer = setTimeout(answer, ms, response)
    response.once('close', () => {
      clearTimeout(timer)
    })
  }

/** Begins an answer that never ends. */
const half: Answer = (response) => {
  response.writeHead(200, { 'content-type': 'application/json' }).write('{"id": 42, "na')
}

/** No answer at all, but a TCP reset. */
const reset: Answer = (response) => {
  response.socket?.resetAndDestroy()
}

const ada = json({ id: 42, name: 'Ada' })
const unavailable = text(503, 'later, perhaps')
const slow = later(5000, ada)

const scripts: Readonly<Record<string, readonly [Answer, ...ReadonlyArray<Answer>]>> = {
  '/users/42': [unavailable, unavailable, ada],
  '/slow': [slow, slow, ada],
  '/hanging': [slow],
  '/late': [later(800, ada)],
  '/stalling': [half, ada],
  '/reset': [reset, ada],
  '/odd': [text(200, '<h1>It works!</h1>'), json({ id: '42', name: null }), ada],
  '/busy': [text(429, 'slow down', { 'retry-after': '1' }), ada],
  '/fading': [unavailable, slow],
  '/down': [unavailable],
  '/missing': [text(404, 'no such user')]
}

const unknown: Answer = text(500, 'no such script')

/** How to reach a service, and how to end it. */
export interface Service {
  readonly port: number
  readonly close: () => void
}

/**
 * Starts a service on a port that is free. It counts the calls of each URL: `/calls?of=<path and query>` says
 * `{ "calls": n }`.
 */
export const startService = (): Promise<Service> => {
  const calls = new Map<string, number>()

  const server = createServer((request, response) => {
    const { url = '/' } = request
    const { pathname, searchParams } = new URL(url, 'http://service')
    if (pathname === '/calls') {
      json({ calls: calls.get(searchParams.get('of') ?? '') ?? 0 })(response)
      return
    }
    const before = calls.get(url) ?? 0
    calls.set(url, before + 1)
    const script = scripts[pathname] ?? [unknown]
    const answer = script[Math.min(before, script.length - 1)] ?? unknown
    answer(response)
  })

  const close = (): void => {
    server.close()
    server.closeAllConnections()
  }

  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      resolve({ port: (server.address() as AddressInfo).port, close })
    })
  })
}

// forked: tells the parent where it listens, and ends with it
if (require.main === module) {
  process.once('disconnect', () => process.exit())
  void startService().then(({ port }) => process.send?.({ port }))
}
