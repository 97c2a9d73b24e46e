/**
 * What a codec did not like, as readable paths: both of io-ts's error types, the list of `io-ts` and the tree of
 * `io-ts/Decoder`, are read by their shape, so that neither module is needed here.
 *
 * @since 0.1.0
 */
import { type Problem, showValue } from './Problem'

/**
 * Reads a decoder's errors into problems: the path in the value (`items[2].name`), what is there, what was expected. Of errors of
 * another shape, the texts are what was expected: of a list each, by their `path` if they have one.
 *
 * @internal
 */
export const readProblems = (value: unknown, errors: unknown): ReadonlyArray<Problem> => {
  try {
    return read(value, errors)
  } catch {
    // a shape that only looks like theirs, or that throws when it is looked at
    return [unknownIn('', value)]
  }
}

const unknownIn = (path: string, value: unknown): Problem => ({ path, value, allowed: 'something else' })

const read = (value: unknown, errors: unknown): ReadonlyArray<Problem> => {
  const problems = Array.isArray(errors)
    ? errors.map((error) => fromValidation(error) ?? fromOther(value, error))
    : fromTree(value, errors)
  const seen = new Set<string>()
  return problems.filter(({ path, allowed }) => {
    const key = `${path}:${allowed}`
    return seen.has(key) ? false : seen.add(key)
  })
}

interface ContextEntry {
  readonly key: string
  readonly type: CodecType
  readonly actual?: unknown
}

interface CodecType {
  readonly name?: string
  readonly _tag?: string
  readonly type?: CodecType
}

/** Around a codec these validate as it does, and put no entry of their own into the context. */
const wrappers = new Set<unknown>(['ReadonlyType', 'ExactType', 'RefinementType', 'RecursiveType'])

/** The members of a union or intersection are numbered, but they are no places in the value. */
const numbersItsMembers = (type: CodecType | undefined): boolean =>
  type?._tag === 'UnionType' ||
  type?._tag === 'IntersectionType' ||
  (wrappers.has(type?._tag) && numbersItsMembers(type?.type))

/** One `ValidationError` of `io-ts`: the last entry of its context is what failed. */
const fromValidation = (error: unknown): Problem | undefined => {
  const { context, value, message } = Object(error) as {
    readonly context?: ReadonlyArray<ContextEntry>
    readonly value?: unknown
    readonly message?: string
  }
  if (!Array.isArray(context)) return undefined
  const entries = context as ReadonlyArray<ContextEntry>
  const path = entries.reduce(
    (prefix, { key }, index) =>
      index === 0 || numbersItsMembers(entries[index - 1]?.type) ? prefix : join(prefix, key),
    ''
  )
  return { path, value, allowed: message ?? entries[entries.length - 1]?.type.name ?? 'something else' }
}

/** An error of any other shape: what it says, at its own path if it names one. */
const fromOther = (value: unknown, error: unknown): Problem => {
  const { path } = Object(error) as { readonly path?: unknown }
  const keys = Array.isArray(path) ? path.map(String) : []
  return { path: keys.reduce(join, ''), value: keys.reduce(partOf, value), allowed: wordsOf(error) }
}

const wordsOf = (error: unknown): string => {
  if (error === undefined || error === null) return 'something else'
  const { message, _tag } = Object(error) as { readonly message?: unknown; readonly _tag?: unknown }
  return [error, message, _tag].find((word) => typeof word === 'string') ?? showValue(error)
}

const partOf = (value: unknown, key: string): unknown =>
  value === null || value === undefined ? undefined : (value as Readonly<Record<string, unknown>>)[key]

interface Tree {
  readonly _tag: string
  readonly value?: unknown
  readonly left?: unknown
  readonly right?: unknown
  readonly actual?: unknown
  readonly error?: unknown
  readonly errors?: unknown
  readonly key?: string
  readonly index?: number
}

/** A part of a tree that is still to be read, and where it stands in the value. */
interface Part {
  readonly errors: unknown
  readonly path: string
}

/**
 * The `DecodeError` of `io-ts/Decoder`: a free semigroup of leaves, keys, indices, members, lazies and wraps. It may be as deep as
 * there are errors: so it has a stack of its own.
 */
const fromTree = (whole: unknown, root: unknown): ReadonlyArray<Problem> => {
  const problems: Array<Problem> = []
  /** Whatever the part that is read is a part of: among them it has no end. */
  const around = new Set<unknown>()
  const stack: Array<Part | { readonly over: unknown }> = [{ errors: root, path: '' }]
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    if ('over' in next) {
      around.delete(next.over)
      continue
    }
    const { errors, path } = next
    const found = around.has(errors) ? unknownIn(path, errors) : look(whole, errors, path)
    if ('allowed' in found) {
      problems.push(found)
    } else {
      around.add(errors)
      stack.push({ over: errors }, ...found)
    }
  }
  return problems
}

/** What one node says, or its parts, the last one first. */
const look = (whole: unknown, errors: unknown, path: string): Problem | ReadonlyArray<Part> => {
  if (typeof errors !== 'object' || errors === null || !('_tag' in errors)) {
    return other(whole, errors, path)
  }
  const tree = errors as Tree
  switch (tree._tag) {
    case 'Of':
      return [{ errors: tree.value, path }]
    case 'Concat':
      return [
        { errors: tree.right, path },
        { errors: tree.left, path }
      ]
    case 'Leaf':
      return { path, value: tree.actual, allowed: String(tree.error) }
    case 'Key':
      return [{ errors: tree.errors, path: join(path, String(tree.key)) }]
    case 'Index':
      return [{ errors: tree.errors, path: join(path, String(tree.index)) }]
    case 'Member':
    case 'Lazy':
    case 'Wrap':
      return [{ errors: tree.errors, path }]
    default:
      return other(whole, errors, path)
  }
}

/** What is no node of a tree: at its root the errors of a decoder of another kind, within it nothing that has a value of its own. */
const other = (whole: unknown, errors: unknown, path: string): Problem =>
  path === '' ? fromOther(whole, errors) : { path, value: errors, allowed: wordsOf(errors) }

const join = (prefix: string, key: string): string => {
  if (/^\d+$/.test(key)) return `${prefix}[${key}]`
  return prefix === '' ? key : `${prefix}.${key}`
}
