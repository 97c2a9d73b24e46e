import { readFileSync } from 'fs'
import { join } from 'path'

// the examples of doc comments, README.md and docs: scripts/examples.mjs makes modules of them before jest starts

interface Example {
  readonly name: string
  readonly file: string
  readonly run: boolean
}

const folder = join(__dirname, '..', 'build', 'examples-src')

const examples = (JSON.parse(readFileSync(join(folder, 'index.json'), 'utf8')) as ReadonlyArray<Example>).filter(
  (example) => example.run
)

describe('examples', () => {
  it('are there', () => {
    expect(examples.length).toBeGreaterThan(0)
  })

  for (const { name, file } of examples) {
    it(name, async () => {
      const example = (await import(join(folder, file))) as { readonly default: () => Promise<void> }
      await example.default()
    })
  }
})
