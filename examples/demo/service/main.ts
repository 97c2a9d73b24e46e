/**
 * A service that misbehaves on purpose: on loopback, and for the demo in a process of its own.
 *
 * What it does is scripted: the nth call of a URL gets the nth answer of its path's script. The query makes URLs of one path
 * differ, so that each scenario has a script of its own.
 */
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Answer, json, text } from './answers'
import { scripts } from './scripts'

const unknown: Answer = text(500, 'no such script')

/** A URL that was called, and what has been seen there. */
interface Place {
  readonly answer: (call: number) => Answer
  readonly open: Set<ServerResponse>
  calls: number
  atOnce: number
}

const place = (path: string): Place => ({
  answer: scripts[path]?.() ?? (() => unknown),
  open: new Set(),
  calls: 0,
  atOnce: 0
})

const enter = (place: Place, response: ServerResponse): Answer => {
  // an answer that is on its way to the client is no work any more
  for (const other of place.open) if (other.writableEnded) place.open.delete(other)
  place.open.add(response)
  response.once('close', () => place.open.delete(response))
  place.atOnce = Math.max(place.atOnce, place.open.size)
  return place.answer(place.calls++)
}

/** How to reach a service, and how to end it. */
export interface Service {
  readonly port: number
  readonly close: () => void
}

/**
 * Starts a service on a port that is free. It keeps a record of each URL: `/traffic?of=<path and query>` says
 * `{ "calls": n, "atOnce": m }`.
 */
export const startService = (): Promise<Service> => {
  const places = new Map<string, Place>()

  const server = createServer((request, response) => {
    const { url = '/' } = request
    const { pathname, searchParams } = new URL(url, 'http://service')
    if (pathname === '/traffic') {
      const { calls, atOnce } = places.get(searchParams.get('of') ?? '') ?? place('')
      json({ calls, atOnce })(response)
      return
    }
    const here = places.get(url) ?? place(pathname)
    places.set(url, here)
    enter(here, response)(response)
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
