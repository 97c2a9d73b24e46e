import { errorOf } from '../exceptions'
import { expression, same } from '../expression'
import type { Fields } from '../json'

describe('the language', () => {
  it.each<[string, Fields, unknown]>([
    ['(fails-1)%3*0.1', { fails: 3 }, 0.2],
    ['-7 % 3', {}, 2],
    ['2 ** 3 ** 1 + 1', {}, 9],
    ['1 < 2 and not 2 < 1 or False', {}, true],
    ['x is not None', { x: 0 }, true],
    ['msg contains "a b"', { msg: 'xa by' }, true],
    ['x in [1, 2]', { x: 2 }, true],
    ['len("abc") == max(1, 3)', {}, true]
  ])('%s', (source, names, value) => {
    expect(Number(expression(source)(names))).toBeCloseTo(Number(value))
  })

  it('has the equality of Python, and its chains of causes', () => {
    expect([same(0, false), same(1, true), same(0, null), same([1], [1])]).toEqual([true, true, false, true])
    expect(errorOf({ err: 'A', cause: { err: 'B', msg: 'b' } }).cause?.message).toBe('b')
    expect(() => expression('1 +* 2')).toThrow()
  })
})
