import { readFileSync } from 'fs'
import { join } from 'path'

// the examples of doc comments, README.md and docs, and the tables of docs that name a construct of ours for one of another's:
// scripts/examples.mjs makes modules of them before jest starts

interface Example {
  readonly name: string
  readonly file: string
  readonly run: boolean
  /** Of a table, the name of each row. */
  readonly rows?: ReadonlyArray<string>
}

const folder = join(__dirname, '..', 'build', 'examples-src')

const examples = (JSON.parse(readFileSync(join(folder, 'index.json'), 'utf8')) as ReadonlyArray<Example>).filter(
  (example) => example.run
)

/** Runs an example, or a row of a table. */
const play = async (file: string, row?: number): Promise<void> => {
  const example = (await import(join(folder, file))) as { readonly default: (row?: number) => Promise<void> }
  await example.default(row)
}

describe('examples', () => {
  it('are there', () => {
    expect(examples.length).toBeGreaterThan(0)
    expect(examples.some(({ rows }) => rows !== undefined)).toBe(true)
  })

  for (const { name, file, rows } of examples) {
    if (rows === undefined) it(name, () => play(file))
    else
      rows.forEach((row, i) => {
        it(row, () => play(file, i))
      })
  }
})
