// The cells of a table's row, and the code in them.

/** What stands between the bars of a row, each with its column. A bar within a cell is written `\|`. */
export const cellsOf = ({ text, column }) => {
  const bars = [...text.matchAll(/(?<!\\)\|/g)].map(({ index }) => index)
  return bars.slice(1).map((bar, i) => ({ text: text.slice(bars[i] + 1, bar), column: column + bars[i] + 1 }))
}

/** Takes the backslashes out, and keeps to the column where the bars are an operator. */
const unescaped = (code) =>
  code
    .replaceAll(/(?<= )(?:\\\|)+(?= )/g, (bars) => '|'.repeat(bars.length / 2).padStart(bars.length))
    .replaceAll('\\|', '|')

const codeSpan = /(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)/g

/** The code spans of a cell; of one that is the text of a link, `name` is true. */
export const spansOf = ({ text, column }) => {
  // what is in code may look like a link
  const plain = text.replaceAll(codeSpan, (code) => '`'.repeat(code.length))
  const links = [...plain.matchAll(/\[([^\]]*)\]\([^)]*\)/g)].map(({ index, 1: words }) => [
    index,
    index + words.length + 1
  ])
  return [...text.matchAll(codeSpan)].map(({ index, 1: mark, 2: code }) => ({
    text: unescaped(code),
    column: column + index + mark.length,
    name: links.some(([from, to]) => from < index && index < to)
  }))
}

/** The headings of the same page that a cell has links to. */
export const anchorsOf = ({ text }) => [...text.matchAll(/\]\(#([^)]+)\)/g)].map(({ 1: anchor }) => anchor)
