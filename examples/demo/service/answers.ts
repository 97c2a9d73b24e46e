/**
 * What the service can answer, well or badly.
 */
import type { ServerResponse } from 'node:http'

export type Answer = (response: ServerResponse) => void

export const text =
  (status: number, body: string, headers: Readonly<Record<string, string>> = {}): Answer =>
  (response) => {
    response.writeHead(status, headers).end(body)
  }

export const json = (body: unknown, status = 200): Answer =>
  text(status, JSON.stringify(body), { 'content-type': 'application/json' })

export const unavailable = text(503, 'later, perhaps')

export const later =
  (ms: number, answer: Answer): Answer =>
  (response) => {
    const timer = setTimeout(answer, ms, response)
    response.once('close', () => {
      clearTimeout(timer)
    })
  }

/** Begins an answer that never ends. */
export const half: Answer = (response) => {
  response.writeHead(200, { 'content-type': 'application/json' }).write('{"id": 42, "na')
}

/** No answer at all, but a TCP reset. */
export const reset: Answer = (response) => {
  response.socket?.resetAndDestroy()
}

/** What was ordered is to be asked for one level below. */
export const accepted: Answer = (response) => {
  const [path = '', query = ''] = response.req.url?.split('?') ?? []
  response.writeHead(202, { location: `${path}/1?${query}` }).end()
}
