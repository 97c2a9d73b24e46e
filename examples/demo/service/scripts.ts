/**
 * What the service does at each of its paths: a script for each, which every URL of that path plays from its beginning.
 */
import type { ServerResponse } from 'node:http'
import { accepted, type Answer, half, json, later, reset, text, unavailable } from './answers'

/** Begun at the first call of a URL; then gives the answer to each call, counted from 0. */
export type Script = () => (call: number) => Answer

/** One after the other, by count and not by time; the last one stays. */
const inTurn =
  (first: Answer, ...others: ReadonlyArray<Answer>): Script =>
  () =>
  (call) =>
    others[Math.min(call, others.length) - 1] ?? first

/** Whoever comes first is kept waiting until n are there. */
const together =
  (n: number, answer: Answer): Script =>
  () => {
    const waiting: Array<ServerResponse> = []
    return (call) => {
      if (call >= n) return answer
      return (response) => {
        if (waiting.push(response) === n) waiting.forEach(answer)
      }
    }
  }

const ada = json({ id: 42, name: 'Ada' })
const slow = later(5000, ada)
const wait = text(429, 'slow down', { 'retry-after': '1' })

const pending = json({ id: 'r-1', status: 'pending' }, 202)
const done = json({ id: 'r-1', status: 'done', result: '/files/r-1.pdf' })

export const scripts: Readonly<Record<string, Script>> = {
  '/users/42': inTurn(unavailable, unavailable, ada),
  '/slow': inTurn(slow, slow, ada),
  '/hanging': inTurn(slow),
  '/late': inTurn(later(800, ada)),
  '/stalling': inTurn(half, ada),
  '/reset': inTurn(reset, ada),
  '/odd': inTurn(text(200, '<h1>It works!</h1>'), json({ id: '42', name: null }), ada),
  '/busy': inTurn(wait, ada),
  '/fading': inTurn(unavailable, slow),
  '/down': inTurn(unavailable),
  '/missing': inTurn(text(404, 'no such user')),

  // a job is ordered, and asked about one level below
  '/reports': inTurn(accepted),
  '/reports/1': inTurn(pending, pending, pending, done),
  '/jobs/endless': inTurn(pending),
  '/jobs/garbled': inTurn(pending, json({ id: 'r-1', status: 'done', result: null }), done),
  '/jobs/failing': inTurn(pending, json({ id: 'r-1', status: 'failed', reason: 'disk full' })),
  '/jobs/shaky': inTurn(pending, unavailable, reset, done),

  // four are worked on before the first is answered
  '/crowded': together(4, later(60, ada)),

  // goes down for four calls, each failing in its own way, and comes back
  '/dependency': inTurn(ada, ada, unavailable, reset, unavailable, unavailable, ada)
}
