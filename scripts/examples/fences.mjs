// What is taken for an example: every `@example` of a doc comment (with or without a fence), and every ```ts fence.
//
// A fence opened with ```ts no-run is type-checked only; one opened with ```ts ignore is left out.

/** The fences among some lines; a line is `{ text, line, column }`, both counted from 1. */
export const fences = (lines) => {
  const found = []
  let open
  for (const at of lines) {
    if (open === undefined) {
      const match = /^(\s*)(`{3,}|~{3,})\s*([^`]*)$/.exec(at.text)
      if (match) open = { indent: match[1].length, mark: match[2], info: match[3].trim(), line: at.line, lines: [] }
    } else if (at.text.trim().startsWith(open.mark) && at.text.trim().replaceAll(open.mark[0], '') === '') {
      found.push(open)
      open = undefined
    } else {
      const cut = Math.min(open.indent, at.text.length - at.text.trimStart().length)
      open.lines.push({ text: at.text.slice(cut), line: at.line, column: at.column + cut })
    }
  }
  if (open !== undefined) found.push(open)
  return found
}

/** An example, if the fence holds TypeScript that is not to be ignored. */
const ofFence = (path, fence) => {
  const [language, ...words] = fence.info.split(/[\s,]+/)
  return (language === 'ts' || language === 'typescript') && !words.includes('ignore')
    ? [{ path, line: fence.line, run: !words.includes('no-run'), lines: fence.lines }]
    : []
}

/** The lines of a page. */
export const linesOf = (text) => text.split(/\r?\n/).map((text, i) => ({ text, line: i + 1, column: 1 }))

/** The examples of a page. */
export const ofMarkdown = (path, text) => fences(linesOf(text)).flatMap((fence) => ofFence(path, fence))

/** The examples of a module's doc comments. */
export const ofSource = (path, text) => {
  const examples = []
  for (const match of text.matchAll(/^[ \t]*\/\*\*[\s\S]*?\*\//gm)) {
    const first = text.slice(0, match.index).split('\n').length
    const lines = match[0].split(/\r?\n/).map((raw, i) => {
      const body = raw.replace(/\s*\*\/$/, '')
      const prefix = /^\s*(?:\/\*\*|\*)? ?/.exec(body)?.[0] ?? ''
      return { text: body.slice(prefix.length), line: first + i, column: prefix.length + 1 }
    })
    let block
    let fenced = false
    const close = () => {
      if (block !== undefined) examples.push(...ofBlock(path, block))
      block = undefined
    }
    for (const at of lines) {
      const tag = fenced ? null : /^@(\w+)/.exec(at.text)
      if (tag) {
        close()
        if (tag[1] === 'example') {
          const rest = at.text.slice('@example'.length)
          block = { line: at.line, title: { ...at, text: rest, column: at.column + '@example'.length }, lines: [] }
        }
      } else {
        if (/^\s*(`{3,}|~{3,})/.test(at.text)) fenced = !fenced
        block?.lines.push(at)
      }
    }
    close()
  }
  return examples
}

/** The text after one `@example`: its fences if it has any, else all of it (what stands beside the tag is a title). */
const ofBlock = (path, block) => {
  const inFences = fences(block.lines)
  if (inFences.length > 0) return inFences.flatMap((fence) => ofFence(path, fence))
  const empty = block.lines.every((at) => at.text.trim() === '')
  return [{ path, line: block.line, run: true, lines: empty ? [block.title] : block.lines }]
}
