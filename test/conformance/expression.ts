/** The little language of the vectors: arithmetic and conditions as Python writes them, `(fails-1)%3*0.1` or `x==1`. */
import type { Json } from './json'

export type Value = unknown
export type Names = Readonly<Record<string, Value>>

const literals: Names = { true: true, false: false, none: null, null: null, set: [] }

const pattern = /\s*(\d+(?:\.\d+)?|[A-Za-z_]\w*|'[^']*'|"[^"]*"|\*\*|==|!=|<=|>=|[-+*/%<>()[\],&|])/y

const tokens = (source: string): ReadonlyArray<string> => {
  const found: Array<string> = []
  const text = source.trim()
  pattern.lastIndex = 0
  while (pattern.lastIndex < text.length) {
    const match = pattern.exec(text)
    if (match === null) throw new Error(`not an expression: ${source}`)
    found.push(match[1] as string)
  }
  return found
}

/** Python's `==`: `False` is 0 and `True` is 1. */
export const same = (a: Value, b: Value): boolean => {
  const plain = (u: Value): Value => (typeof u === 'boolean' ? Number(u) : u)
  return plain(a) === plain(b) || (typeof a === 'object' && JSON.stringify(a) === JSON.stringify(b))
}

const functions: Readonly<Record<string, (...values: ReadonlyArray<Value>) => Value>> = {
  min: (...values) => Math.min(...values.map(Number)),
  max: (...values) => Math.max(...values.map(Number)),
  abs: (value) => Math.abs(Number(value)),
  int: (value) => Math.trunc(Number(value)),
  float: Number,
  len: (value) => (Array.isArray(value) ? value.length : String(value).length)
}

/** Python's truth. */
export const truthy = (u: Value): boolean => (Array.isArray(u) ? u.length > 0 : Boolean(u))

/** A value as Python writes it. */
export const written = (u: unknown): string => {
  if (u === null || u === undefined) return 'None'
  if (typeof u === 'boolean') return u ? 'True' : 'False'
  return typeof u === 'string' ? u : JSON.stringify(u)
}

const numeric = (f: (a: number, b: number) => Value) => (a: Value, b: Value) => f(Number(a), Number(b))

/** Operators, the ones that bind least first. */
const levels: ReadonlyArray<Readonly<Record<string, (a: Value, b: Value) => Value>>> = [
  { or: (a, b) => truthy(a) || truthy(b), '|': (a, b) => truthy(a) || truthy(b) },
  { and: (a, b) => truthy(a) && truthy(b), '&': (a, b) => truthy(a) && truthy(b) },
  {
    '==': same,
    '!=': (a, b) => !same(a, b),
    is: (a, b) => a === b,
    'is not': (a, b) => a !== b,
    in: (a, b) => (b as ReadonlyArray<Value>).some((one) => same(a, one)),
    contains: (a, b) => String(a).includes(String(b)),
    '<=': numeric((a, b) => a <= b),
    '>=': numeric((a, b) => a >= b),
    '<': numeric((a, b) => a < b),
    '>': numeric((a, b) => a > b)
  },
  { '+': numeric((a, b) => a + b), '-': numeric((a, b) => a - b) },
  {
    '*': numeric((a, b) => a * b),
    '/': numeric((a, b) => a / b),
    '%': numeric((a, b) => a - b * Math.floor(a / b))
  },
  { '**': numeric((a, b) => a ** b) }
]

/** A function of the names to the value; a name that nobody knows is a word. */
export const expression = (source: string): ((names: Names) => Value) => {
  const left = [...tokens(source)]
  const take = (...wanted: ReadonlyArray<string>): boolean => {
    if (!wanted.every((word, i) => left[i] === word)) return false
    left.splice(0, wanted.length)
    return true
  }
  type Node = (names: Names) => Value

  const binary = (level: number): Node => {
    const operators = levels[level]
    if (operators === undefined) return unary()
    const next = (): Node => (level === 1 ? negation() : binary(level + 1))
    let node = next()
    for (;;) {
      const name = Object.keys(operators)
        .sort((a, b) => b.length - a.length)
        .find((word) => take(...word.split(' ')))
      if (name === undefined) return node
      const operator = operators[name] as (a: Value, b: Value) => Value
      const [a, b] = [node, next()]
      node = (names) => operator(a(names), b(names))
    }
  }
  const negation = (): Node => {
    if (!take('not')) return binary(2)
    const node = negation()
    return (names) => !truthy(node(names))
  }
  const unary = (): Node => {
    if (!take('-')) return atom()
    const node = unary()
    return (names) => -Number(node(names))
  }
  const atom = (): Node => {
    if (take('(') || take('[')) {
      const items = [binary(0)]
      while (take(',')) items.push(binary(0))
      if (take(')')) return items[0] as Node
      take(']')
      return (names) => items.map((item) => item(names))
    }
    const word = left.shift() ?? ''
    if (/^\d/.test(word)) return () => Number(word)
    if (/^['"]/.test(word)) return () => word.slice(1, -1)
    const f = functions[word]
    if (f !== undefined && take('(')) {
      const values = take(')') ? [] : [binary(0)]
      while (take(',')) values.push(binary(0))
      take(')')
      return (names) => f(...values.map((value) => value(names)))
    }
    return (names) => {
      if (Object.hasOwn(names, word)) return names[word]
      const literal = word.toLowerCase()
      return Object.hasOwn(literals, literal) ? literals[literal] : word
    }
  }
  const node = binary(0)
  if (left.length > 0) throw new Error(`not an expression: ${source}, at ${left.join(' ')}`)
  return node
}

/** Whatever a vector says where a number or an expression may stand. */
export const formula = (json: Json | undefined): ((names: Names) => Value) =>
  typeof json === 'string' ? expression(json) : () => json
