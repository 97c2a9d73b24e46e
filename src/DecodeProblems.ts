/**
 * What a codec did not like, as readable paths: both of io-ts's error types, the list of `io-ts` and the tree of
 * `io-ts/Decoder`, are read by their shape, so that neither module is needed here.
 *
 * @since 0.1.0
 */
import type { Problem } from './Problem'

/**
 * Reads a decoder's errors into problems: the path in the value (`items[2].name`), what is there, what was expected. Errors of
 * an unknown shape become one problem with an empty path.
 *
 * @internal
 */
export const readProblems = (errors: unknown): ReadonlyArray<Problem> => {
  try {
    return read(errors)
  } catch {
    // a shape that only looks like theirs, or that throws when it is looked at
    return [{ path: '', value: errors, allowed: 'something else' }]
  }
}

const read = (errors: unknown): ReadonlyArray<Problem> => {
  const problems = Array.isArray(errors) ? errors.flatMap(fromValidation) : fromTree(errors, '')
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
const fromValidation = (error: unknown): ReadonlyArray<Problem> => {
  const { context, value, message } = error as {
    readonly context?: ReadonlyArray<ContextEntry>
    readonly value?: unknown
    readonly message?: string
  }
  if (!Array.isArray(context)) return [{ path: '', value: error, allowed: String(message ?? error) }]
  const entries = context as ReadonlyArray<ContextEntry>
  const path = entries.reduce(
    (prefix, { key }, index) =>
      index === 0 || numbersItsMembers(entries[index - 1]?.type) ? prefix : join(prefix, key),
    ''
  )
  return [{ path, value, allowed: message ?? entries[entries.length - 1]?.type.name ?? 'something else' }]
}

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

/** The `DecodeError` of `io-ts/Decoder`: a free semigroup of leaves, keys, indices, members, lazies and wraps. */
const fromTree = (errors: unknown, prefix: string): ReadonlyArray<Problem> => {
  if (typeof errors !== 'object' || errors === null || !('_tag' in errors)) {
    return [{ path: prefix, value: errors, allowed: String(errors) }]
  }
  const tree = errors as Tree
  switch (tree._tag) {
    case 'Of':
      return fromTree(tree.value, prefix)
    case 'Concat':
      return [...fromTree(tree.left, prefix), ...fromTree(tree.right, prefix)]
    case 'Leaf':
      return [{ path: prefix, value: tree.actual, allowed: String(tree.error) }]
    case 'Key':
      return fromTree(tree.errors, join(prefix, String(tree.key)))
    case 'Index':
      return fromTree(tree.errors, join(prefix, String(tree.index)))
    case 'Member':
    case 'Lazy':
    case 'Wrap':
      return fromTree(tree.errors, prefix)
    default:
      return [{ path: prefix, value: errors, allowed: tree._tag }]
  }
}

const join = (prefix: string, key: string): string => {
  if (/^\d+$/.test(key)) return `${prefix}[${key}]`
  return prefix === '' ? key : `${prefix}.${key}`
}
