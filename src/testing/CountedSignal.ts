/**
 * A signal whose listeners are counted, as the platform keeps them.
 *
 * | a listener | counts |
 * |---|---|
 * | is one by its type, its function and its phase | once, however often it is added |
 * | is removed, by the same three | no longer |
 * | was added with `once` | until it is called |
 * | was added with a `signal` | until that is aborted |
 *
 * @since 0.1.0
 */

/**
 * Counts the listeners that are added to a signal and have not gone, in place.
 *
 * @internal
 */
export const counted = (signal: AbortSignal, count: (change: 1 | -1) => void): AbortSignal => {
  const add = signal.addEventListener.bind(signal) as Edit
  const remove = signal.removeEventListener.bind(signal) as Edit
  /** By its function, then by its type and phase: what was added for it, and how it is forgotten. */
  const kept = new WeakMap<object, Map<string, Kept>>()

  const removeEventListener: Edit = (type, f, options) => {
    const settings = settingsOf(options)
    const known = isListener(f) ? kept.get(f)?.get(placeOf(type, settings)) : undefined
    known?.forget()
    remove(type, known?.added ?? f, settings)
  }

  const addEventListener: Edit = (type, f, options) => {
    const { once, signal: until, ...rest } = settingsOf(options)
    const place = placeOf(type, rest)
    const places = (isListener(f) ? kept.get(f) : undefined) ?? new Map<string, Kept>()
    if (places.has(place)) return
    // what the platform ignores or does not take is its to deal with
    if (!isListener(f) || (until !== undefined && !isAlive(until))) {
      add(type, f, options)
      return
    }
    const end = (): void => {
      removeEventListener(type, f, rest)
    }
    const forget = (): void => {
      places.delete(place)
      if (until !== undefined) bare.removeEventListener.call(until, 'abort', end)
      count(-1)
    }
    // when it is called it has gone, and can be added again
    const lastly = function (this: unknown, event: unknown): unknown {
      forget()
      return typeof f === 'function' ? f.call(this, event) : f.handleEvent(event)
    }
    const added = once === true ? lastly : f
    add(type, added, { ...rest, once })
    // uncounted: nobody has listened there
    if (until !== undefined) bare.addEventListener.call(until, 'abort', end)
    kept.set(f, places.set(place, { added, forget }))
    count(1)
  }

  return Object.assign(signal, { addEventListener, removeEventListener })
}

interface Kept {
  readonly added: Listener
  readonly forget: () => void
}

type Listener = ((this: unknown, event: unknown) => unknown) | { readonly handleEvent: (event: unknown) => unknown }

interface Settings {
  readonly capture?: boolean | undefined
  readonly once?: boolean | undefined
  readonly signal?: AbortSignal | undefined
}

type Edit = (type: string, f: unknown, options?: Settings | boolean | null) => void

const bare = EventTarget.prototype

const isListener = (f: unknown): f is Listener => typeof f === 'function' || (typeof f === 'object' && f !== null)

const isAlive = (signal: unknown): boolean => signal instanceof AbortSignal && !signal.aborted

/** A mere boolean is the phase; not every engine knows that where one is removed. */
const settingsOf = (options: Parameters<Edit>[2]): Settings =>
  typeof options === 'boolean' ? { capture: options } : (options ?? {})

const placeOf = (type: string, { capture = false }: Settings): string => `${String(capture)} ${type}`
