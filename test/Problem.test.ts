import { Problem } from 'resilience-ts'

const withName = Object.defineProperty(() => 1, 'name', { value: 5 })

const cyclic: Record<string, unknown> = {}
cyclic['self'] = cyclic

const throwing = Object.defineProperty(() => 1, 'name', {
  get: () => {
    throw new Error('no name')
  }
})

describe('show', () => {
  it('is one line: where, what, and what may be', () => {
    const problem = { path: 'timeout.ms', value: NaN, allowed: 'milliseconds, > 0, or Infinity' }
    expect(Problem.show(problem)).toBe('timeout.ms is NaN; allowed: milliseconds, > 0, or Infinity')
    expect(Problem.show({ path: 'a.b', value: '3', allowed: 'a number' })).toBe('a.b is "3"; allowed: a number')
  })

  it('of what has no path: of the value itself', () => {
    expect(Problem.show({ path: '', value: null, allowed: 'User' })).toBe('the value is null; allowed: User')
  })
})

describe('showValue', () => {
  it.each<[unknown, string]>([
    ['3', '"3"'],
    ['', '""'],
    ['a "b"\n', '"a \\"b\\"\\n"'],
    [3, '3'],
    [-0.5, '-0.5'],
    [NaN, 'NaN'],
    [Infinity, 'Infinity'],
    [3n, '3n'],
    [true, 'true'],
    [null, 'null'],
    [undefined, 'undefined'],
    [Symbol('s'), 'Symbol(s)'],
    [function isTransient() {}, 'isTransient'],
    [Map, 'Map'],
    [
      (
        () => () =>
          1
      )(),
      '<function>'
    ],
    [{ a: 1, b: 'x' }, '{"a":1,"b":"x"}'],
    [[1, null], '[1,null]'],
    [[1, NaN, -Infinity, 3n, Map], '[1,"NaN","-Infinity","3n","Map"]'],
    [{ cause: new TypeError('oh'), or: undefined }, '{"cause":"TypeError: oh"}'],
    [new RangeError('oh'), '"RangeError: oh"'],
    [{}, '{}']
  ])('%p is shown as %s', (value, text) => {
    expect(Problem.showValue(value)).toBe(text)
  })

  it('cuts what is long', () => {
    const text = Problem.showValue(Array<number>(100).fill(1))
    expect(text).toHaveLength(80)
    expect(text).toMatch(/^\[1,1,.*\.\.\.$/)
    const exact = Problem.showValue(['x'.repeat(76)])
    expect(exact).toHaveLength(80)
    expect(exact).toMatch(/x"\]$/)
  })

  it.each<[string, unknown, string]>([
    ['a cycle', cyclic, '<object>'],
    [
      'a getter that throws',
      Object.defineProperty({}, 'a', { enumerable: true, get: () => cyclic['self'] ?? 0 }),
      '<object>'
    ],
    [
      'a toJSON that throws',
      {
        toJSON: () => {
          throw new Error('no')
        }
      },
      '<object>'
    ],
    ['a toJSON that gives nothing', { toJSON: () => undefined }, '<object>'],
    ['a name that throws', throwing, '<object>'],
    ['a name that is none', withName, '<function>'],
    ['no prototype', Object.create(null), '{}']
  ])('never throws: %s', (_name, value, text) => {
    expect(Problem.showValue(value)).toBe(text)
  })
})
