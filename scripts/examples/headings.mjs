// The headings of a page, and what a link calls them.
import { fences, linesOf } from './fences.mjs'

/** The lines of a page with those of its fences emptied. */
export const unfenced = (lines) => {
  const inside = new Set(
    fences(lines).flatMap((fence) => [
      fence.line,
      ...fence.lines.map(({ line }) => line),
      fence.line + fence.lines.length + 1
    ])
  )
  return lines.map((at) => (inside.has(at.line) ? { ...at, text: '' } : at))
}

/** What a link to a heading says of it. */
const anchorOf = (heading) =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}_ -]/gu, '')
    .replaceAll(' ', '-')

/** The sections of some lines; one ends where the next heading of its level, or of one above, begins. */
export const sectionsOf = (lines) => {
  const heads = lines.flatMap(({ text, line }) => {
    const match = /^(#+) +(.*)$/.exec(text)
    return match ? [{ anchor: anchorOf(match[2].trim()), level: match[1].length, from: line }] : []
  })
  return heads.map((head, i) => ({
    ...head,
    to: heads.slice(i + 1).find(({ level }) => level <= head.level)?.from ?? Infinity
  }))
}

/** Everything in a page that a link may lead to. */
export const anchorsOf = (text) => sectionsOf(unfenced(linesOf(text))).map(({ anchor }) => anchor)
