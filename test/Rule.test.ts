import { Rule } from 'resilience-ts'

const odd = [NaN, '3', null, undefined, {}, [], true, 3n, -Infinity]

describe('rules', () => {
  it.each<[string, Rule.Rule, string, ReadonlyArray<unknown>, ReadonlyArray<unknown>]>([
    ['delay', Rule.delay, 'finite milliseconds, >= 0', [0, 0.5, 2 ** 31], [...odd, -1, Infinity]],
    ['interval', Rule.interval, 'finite milliseconds, > 0', [0.5, 1], [...odd, -1, 0, Infinity]],
    ['limit', Rule.limit, 'milliseconds, > 0, or Infinity', [0.5, 1, Infinity], [...odd, -1, 0]],
    ['patience', Rule.patience, 'milliseconds, >= 0, or Infinity', [0, 1, Infinity], [...odd, -1]],
    ['count', Rule.count, 'a whole number, >= 0, or Infinity', [0, 1, Infinity], [...odd, -1, 0.5]],
    ['factor', Rule.factor, 'a finite number, > 0', [0.5, 2], [...odd, -1, 0, Infinity]],
    ['finite', Rule.finite, 'a finite number', [-1, 0, 0.5], [...odd, Infinity]],
    ['share', Rule.share, 'a number from 0 to 1', [0, 0.5, 1], [...odd, -0.1, 1.1, Infinity]],
    ['flag', Rule.flag, 'true or false', [true, false], [NaN, 'true', null, undefined, 0, 1]],
    ['callback', Rule.callback, 'a function', [() => 1, Map], [...odd, 1]],
    ['anything', Rule.anything, 'anything that can be read', odd, []],
    ['optional', Rule.optional(Rule.delay), 'finite milliseconds, >= 0, or nothing', [0, undefined], [null, NaN, -1]],
    [
      'listOf',
      Rule.listOf(Rule.delay),
      'a list of at least one: finite milliseconds, >= 0',
      [[0], [1, 2]],
      [...odd, [NaN], [1, -1], [1, undefined], '12', { length: 1, 0: 1 }]
    ]
  ])('%s', (_name, rule, allowed, good, bad) => {
    expect(rule.allowed).toBe(allowed)
    expect(good.filter((value) => !rule.holds(value))).toEqual([])
    expect(bad.filter((value) => rule.holds(value))).toEqual([])
  })

  it('make is a rule of one’s own', () => {
    const even = Rule.make('an even number', (u) => typeof u === 'number' && u % 2 === 0)
    expect(even.allowed).toBe('an even number')
    expect([even.holds(2), even.holds(3)]).toEqual([true, false])
  })
})

describe('read', () => {
  interface Settings {
    readonly ms: number
    readonly times: number
  }
  const rules: Rule.Rules<Settings> = { ms: Rule.delay, times: Rule.optional(Rule.count) }

  it('copies each setting that there is a rule for', () => {
    const original = { ms: 5, times: 2, other: 'x' }
    const copy = Rule.read<Settings>(rules, original)
    expect(copy).toEqual({ ms: 5, times: 2 })
    original.ms = 99
    expect(copy.ms).toBe(5)
  })

  it('leaves out what is not there', () => {
    expect(Object.keys(Rule.read(rules, { ms: 5, times: undefined as never }))).toEqual(['ms'])
  })

  it('reads each setting once', () => {
    let reads = 0
    const copy = Rule.read(rules, {
      get ms() {
        reads++
        return reads
      },
      times: 1
    })
    expect([copy.ms, copy.ms, reads]).toEqual([1, 1, 1])
  })

  it('puts up with a getter that throws, and no rule lets it pass', () => {
    const cause = new Error('hidden')
    const copy = Rule.read<{ ms: number }>(
      { ms: Rule.anything },
      {
        get ms(): number {
          throw cause
        }
      }
    )
    expect(copy).toEqual({ ms: { _tag: 'Unreadable', cause } })
    expect(Rule.check({ ms: Rule.anything }, copy)).toEqual([
      { path: 'ms', value: { _tag: 'Unreadable', cause }, allowed: 'anything that can be read' }
    ])
  })

  it.each([null, undefined, 5, 'x', true, () => 1])(
    'does not pass where %p stands for all settings: one mistake, one problem',
    (settings) => {
      const optional = { ms: Rule.optional(Rule.delay), times: Rule.optional(Rule.count) }
      const copy = Rule.read<object>(optional, settings as never)
      expect(Rule.check<object>(optional, copy)).toMatchObject([
        { path: 'ms', value: { _tag: 'Unreadable', cause: settings } }
      ])
    }
  )
})

describe('check', () => {
  it('lists every setting that breaks its rule, all at once', () => {
    expect(
      Rule.check({ ms: Rule.delay, times: Rule.count, f: Rule.callback }, { ms: NaN, times: 1.5, f: Math.abs })
    ).toEqual([
      { path: 'ms', value: NaN, allowed: 'finite milliseconds, >= 0' },
      { path: 'times', value: 1.5, allowed: 'a whole number, >= 0, or Infinity' }
    ])
  })

  it('finds what is missing', () => {
    expect(Rule.check<{ ms: number }>({ ms: Rule.delay }, {} as never)).toEqual([
      { path: 'ms', value: undefined, allowed: 'finite milliseconds, >= 0' }
    ])
  })

  it('has nothing to say of what is right', () => {
    expect(
      Rule.check<{ ms: number; times?: number }>({ ms: Rule.delay, times: Rule.optional(Rule.count) }, { ms: 0 })
    ).toEqual([])
  })
})
