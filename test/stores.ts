/** A store as a database would be one: slow, failing, compared and set, with nothing but text in it. */
import { Store } from 'resilience-ts'
import type { VirtualRuntime } from 'resilience-ts/testing'

export interface Database {
  /** What is kept, as text. */
  readonly rows: Map<string, string>
  /** How it behaves from now on. */
  readonly mode: { current: 'answers' | 'rejects' | 'throws' | 'hangs' | 'does it, but does not say so' }
  /** How many rounds of reading, changing and writing were made. */
  readonly rounds: () => number
  /** A client of it, as each process has one. */
  readonly connect: (options?: { readonly delay?: number; readonly patience?: number }) => Store.Store
}

/** A store whose nth change, from 0, is made after so many ms, whatever was asked before or after it, and is told of or not. */
export const odd = (
  time: VirtualRuntime,
  delay: (nth: number) => number = () => 10,
  tells: () => boolean = () => true,
  patience = 1000
): Store.Store => {
  const rows = new Map<string, unknown>()
  let asked = 0
  return Store.make({
    patience,
    update: (name, change) => {
      const ms = delay(asked++)
      return new Promise<void>((resolve) => {
        time.after(ms, () => {
          const next = change(rows.get(name))
          if (next === null) rows.delete(name)
          else rows.set(name, next)
          if (tells()) resolve()
        })
      })
    }
  })()
}

export const database = (time: VirtualRuntime): Database => {
  const rows = new Map<string, string>()
  const mode: Database['mode'] = { current: 'answers' }
  let rounds = 0
  const waits = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      time.after(ms, resolve)
    })
  const connect: Database['connect'] = ({ delay = 5, patience = 100 } = {}) =>
    Store.make({
      patience,
      clock: 'wall',
      update: (name, change) => {
        if (mode.current === 'throws') throw new Error('no connection')
        const compareAndSet = async (): Promise<void> => {
          for (;;) {
            if (mode.current === 'hangs') return new Promise(() => undefined)
            if (mode.current === 'rejects') return Promise.reject(new Error('connection lost'))
            const { current } = mode
            rounds++
            // a round trip to read, and another to write, if nobody else has written meanwhile
            await waits(delay)
            const text = rows.get(name)
            const next = JSON.stringify(change(text === undefined ? undefined : JSON.parse(text)))
            await waits(delay)
            if (rows.get(name) !== text) continue
            if (next === 'null') rows.delete(name)
            else rows.set(name, next)
            if (current !== 'does it, but does not say so') return
            return new Promise(() => undefined)
          }
        }
        return compareAndSet()
      }
    })()
  return { rows, mode, rounds: () => rounds, connect }
}
