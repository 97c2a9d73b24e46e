import fc from 'fast-check'
import { getEventListeners } from 'node:events'
import { virtual } from 'resilience-ts/testing'
import { runs } from '../laws/runs'
import { nothingLeft } from '../support'

describe('a counted signal', () => {
  const make = () => {
    const time = virtual()
    return { time, ...time.signal() }
  }

  it('tells the same function apart by its type and its phase', () => {
    const { signal, listeners, abort } = make()
    const f = jest.fn()
    for (const [type, options] of [['abort', true], ['abort', false], ['abort', { capture: true }], ['other']] as const)
      signal.addEventListener(type, f, options)
    expect(listeners()).toBe(3)
    signal.removeEventListener('abort', f, true)
    expect(listeners()).toBe(2)
    signal.removeEventListener('other', f)
    expect(listeners()).toBe(1)
    abort()
    expect([f.mock.calls.length, listeners()]).toEqual([1, 1])
    signal.removeEventListener('abort', f)
    expect(listeners()).toBe(0)
  })

  it('one that is to be called once counts until it is, and may be added again by itself', () => {
    const { time, signal, listeners, abort } = make()
    const f = jest.fn().mockImplementationOnce(() => {
      expect(listeners()).toBe(1)
      signal.addEventListener('abort', f)
      expect(listeners()).toBe(2)
    })
    const g = jest.fn()
    signal.addEventListener('abort', f, { once: true })
    signal.addEventListener('abort', g, { once: true })
    signal.removeEventListener('abort', g)
    signal.addEventListener('abort', g, { once: true })
    expect(listeners()).toBe(2)
    abort()
    expect(g).toHaveBeenCalledTimes(1)
    expect(listeners()).toBe(1)
    signal.removeEventListener('abort', f)
    expect(time.leaks()).toEqual(nothingLeft)
  })

  it('one that was added with a signal counts until that is aborted, and is no listener there', () => {
    const { time, signal, listeners, abort } = make()
    const until = time.signal()
    const [f, g] = [jest.fn(), jest.fn()]
    signal.addEventListener('abort', f, { signal: until.signal })
    signal.addEventListener('abort', g, { signal: until.signal })
    expect([listeners(), until.listeners()]).toEqual([2, 0])
    signal.removeEventListener('abort', g)
    expect(listeners()).toBe(1)
    until.abort()
    expect(time.leaks()).toEqual(nothingLeft)
    signal.addEventListener('abort', f, { signal: until.signal })
    expect(listeners()).toBe(0)
    abort()
    expect(f).not.toHaveBeenCalled()
  })

  it('what the platform does not take does not count', () => {
    const { signal, listeners } = make()
    const add = signal.addEventListener.bind(signal) as (...args: ReadonlyArray<unknown>) => void
    expect(() => {
      add('abort', 5)
    }).toThrow()
    expect(() => {
      add('abort', () => undefined, { signal: {} })
    }).toThrow()
    expect(listeners()).toBe(0)
  })

  it('counts and calls as a plain one does, whatever is done with it', () => {
    const step = fc.record({
      does: fc.constantFrom('add', 'add', 'add', 'remove', 'happen'),
      which: fc.nat(2),
      options: fc.option(fc.record({ capture: fc.boolean(), once: fc.boolean() }, { requiredKeys: [] }), {
        nil: undefined
      })
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const counting = make()
        const plain = new AbortController().signal
        const play = (signal: AbortSignal, kept: () => number): ReadonlyArray<string> => {
          const seen: Array<string> = []
          let again = 3
          const all = [
            () => seen.push('function'),
            { handleEvent: () => seen.push('object') },
            () => {
              seen.push('again')
              // an engine may call at once what is added while it calls
              if (again-- > 0) signal.addEventListener('abort', all[2] as () => void, { once: true })
            }
          ] as ReadonlyArray<() => void>
          for (const { does, which, options } of steps) {
            const f = all[which] as () => void
            if (does === 'add') signal.addEventListener('abort', f, options)
            else if (does === 'remove') signal.removeEventListener('abort', f, options)
            else signal.dispatchEvent(new Event('abort'))
            seen.push(String(kept()))
          }
          return seen
        }
        const expected = play(plain, () => getEventListeners(plain, 'abort').length)
        expect(play(counting.signal, counting.listeners)).toEqual(expected)
      }),
      runs
    )
  })
})
